"""Commands that destroy by order of two persons, and the legal hold that forbids it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read, opened_case
from osint.cli.options import CASE, SECOND_PERSON, WRITER, many, order_of, with_params
from osint.cli.printing import print_result

commands = Commands()

ORDER = with_params(
    click.option("--authority", required=True, help="What orders or allows it: court order, statute, policy section."),
    click.option("--reason", required=True, help="Why, in words. It must not repeat what is erased."),
    SECOND_PERSON,
    WRITER,
)
_CONTAINING = click.option("--containing", help="A text: every private value that holds it goes; '-' reads stdin.")
_ENTRIES = many("--entry", "entries", text="Number of an entry all of whose private values go.")
_KEEP = many("--keep", "keep", text="A file of your own in the case folder that stays though it holds the text.")


@commands.command()
@with_params(CASE, _ENTRIES, _CONTAINING, _KEEP, ORDER)
def redact(
    case: Path, entries: tuple[str, ...], containing: str | None, keep: tuple[str, ...], investigator: str, **order: Any
) -> None:
    """Destroy private values of the ledger of CASE; two sign."""
    with opened_case(case, investigator) as opened:
        erased = opened.erasing.redact(
            order_of(investigator, order), values=_values(entries), containing=_typed(containing), keep=keep
        )
    print_result(str(erased), erased)


@commands.command()
@with_params(
    CASE,
    many("--exhibit", "exhibits", text="An exhibit whose bytes are destroyed, E0003."),
    _ENTRIES,
    _CONTAINING,
    _KEEP,
    click.option("--by-schedule", is_flag=True, help="Only what is due by its retention class; see osint retention."),
    ORDER,
)
def purge(case: Path, exhibits: tuple[str, ...], investigator: str, **said: Any) -> None:
    """Destroy exhibits of CASE and what was made of them; two sign."""
    values, containing, keep = _values(said.pop("entries")), _typed(said.pop("containing")), said.pop("keep")
    due = said.pop("by_schedule")
    with opened_case(case, investigator) as opened:
        order = order_of(investigator, said)
        erased = opened.erasing.purge(exhibits, order, values=values, containing=containing, keep=keep, by_schedule=due)
    print_result(str(erased), erased)


@commands.command()
@with_params(CASE, click.argument("text"))
def find(case: Path, text: str) -> None:
    """Search every byte of CASE for TEXT, whatever way it is spelt.

    CASE may be any folder, such as a package or a backup. With - as TEXT it is read from stdin, so that it does not
    stay in the history of the shell. Nothing is written, and what is printed does not say it.
    """
    from osint.erasing.traces import find as find_traces

    traces = find_traces(case, [_typed(text) or ""])
    print_result(str(traces), traces)


@commands.group()
def hold() -> None:
    """A legal hold: until it is lifted nothing is erased."""


@hold.command("place")
@with_params(
    CASE,
    click.option("--reason", required=True, help="Why, in words."),
    click.option("--authority", default="", help="What orders it."),
    many("--exhibit", "exhibits", text="An exhibit it covers; without any, the whole case."),
    click.option("--subject", help="All about this person, also what comes in later."),
    click.option("--platform", help="All that this collector read, also later."),
    click.option("--pattern", "exhibit", help="All numbers of this pattern, as 'E00*', also later."),
    WRITER,
)
def place(
    case: Path, reason: str, authority: str, exhibits: tuple[str, ...], investigator: str, **described: str | None
) -> None:
    """Place a legal hold on CASE."""
    matching = {name: value for name, value in described.items() if value is not None}
    with opened_case(case, investigator) as opened:
        number = opened.hold(reason, authority=authority, exhibits=exhibits, matching=matching)
    print_result(f"Hold placed as entry {number}.", {"hold": number})


@hold.command("list")
@with_params(CASE)
def list_holds(case: Path) -> None:
    """List the legal holds in force on CASE."""
    with case_to_read(case) as opened:
        found = opened.holds()
    print_result("\n".join(map(str, found)) or "No legal hold is in force.", found)


@hold.command("lift")
@with_params(CASE, click.argument("number", type=int), ORDER)
def lift(case: Path, number: int, investigator: str, **order: Any) -> None:
    """Lift the hold that entry NUMBER placed; two sign."""
    with opened_case(case, investigator) as opened:
        opened.lift_hold(number, order_of(investigator, order))
    print_result(f"Hold of entry {number} lifted.", {"hold": number})


def _typed(text: str | None) -> str | None:
    return sys.stdin.readline().strip() if text == "-" else text


def _values(entries: tuple[str, ...]) -> dict[int, None] | None:
    try:
        return {int(entry): None for entry in entries} or None
    except ValueError as error:
        raise click.UsageError(f"--entry is the number of a ledger entry: {error}") from error
