"""Commands that state what a kind of case asks for once, and draft what goes out."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from osint.cli.command import Command, Commands
from osint.cli.opening import case_to_read, opened_case
from osint.cli.options import CASE, CSV, SECOND_PERSON, WRITER, order_of, with_params
from osint.cli.printing import print_result, print_table
from osint.records import KINDS, Record

commands = Commands()

_NUMBER = click.argument("number", type=int)
_ATTRIBUTE = re.compile(r"^        (\w+): (.*(?:\n {12}.*)*)", re.MULTILINE)  # of a docstring
_HELP = {
    "warrant": "Record the warrant for a wanted person.",
    "consent": "Record a victim's signed consent, or that it was withdrawn.",
    "tip": "Record a tip, or what became of it.",
    "own-page": "Record a page of the agency itself.",
    "removal": "Record a comment that was removed from an own page.",
    "rights": "Record whose work an exhibit is.",
    "preservation": "Record a request that a provider keep data.",
    "notice": "Record a notice to the public, as a draft.",
    "records-request": "Record a request for open records, or what became of it.",
    "investigation": "Record what decides whether an investigation is inactive.",
    "closure": "Record that a court closed or expunged exhibits.",
}


@commands.group()
def record() -> None:
    """State what a kind of case asks for once."""


@record.command("list")
@with_params(CASE, CSV)
def list_records(case: Path, csv: Path | None) -> None:
    """List the records that stand, and until when."""
    with case_to_read(case) as opened:
        print_table(opened.records(), ("entry", "kind", "key", "state", "due", "by", "countersigned"), csv)


@record.command("countersign")
@with_params(
    CASE,
    _NUMBER,
    click.option("--authority", required=True, help="What allows it: the section of the policy."),
    click.option("--reason", required=True, help="Why, in words."),
    SECOND_PERSON,
    WRITER,
)
def countersign(case: Path, number: int, investigator: str, **order: Any) -> None:
    """Have a second person sign the record of entry NUMBER.

    An own page is registered by that, and a notice released.
    """
    with opened_case(case, investigator) as opened:
        entry = opened.countersign(number, order_of(investigator, order))
    print_result(f"Countersigned as entry {entry}.", {"entry": entry})


@record.command("draft")
@with_params(CASE, _NUMBER, WRITER)
def draft(case: Path, number: int, investigator: str) -> None:
    """Write the letter or notice of entry NUMBER, as a page.

    A preservation request or a notice; DRAFT stands on every page until two persons released a notice.
    """
    with opened_case(case, investigator) as opened:
        path = opened.draft(number)
    print_result(str(path), {"file": path})


@commands.command()
@with_params(
    CASE,
    click.option("--reason", required=True, help="How it is known."),
    click.option("--exhibit", default="", help="The exhibit that shows it, E0003, if one does."),
    click.option("--identifier", default="", help="The authority, where the case has several about missing persons."),
    WRITER,
)
def located(case: Path, investigator: str, **said: str) -> None:
    """Record that the missing person of CASE was located.

    Nothing more is collected under that authority.
    """
    with opened_case(case, investigator) as opened:
        told = opened.located(**said)
    print_result(told, {"todo": told})


def _command(kind: str, made: type[Record]) -> Command:
    """Return the command that states one kind of record: an option for each of its fields."""

    def run(case: Path, investigator: str, **said: Any) -> None:
        given = {name: value for name, value in said.items() if value not in (None, ())}
        if "fields" in given:
            given["fields"] = dict(given["fields"])
        with opened_case(case, investigator) as opened:
            number = opened.record(made(**given))
        print_result(f"Recorded as entry {number}.", {"record": number})

    return Command(kind, callback=run, help=_HELP[kind], params=[*_params(made)])


def _params(made: type[Record]) -> list[click.Parameter]:
    case = click.Argument(["case"], metavar="CASE", type=click.Path(path_type=Path))
    who = WRITER(lambda: None).__click_params__[0]  # type: ignore[attr-defined]  # the option, as click keeps it
    names = {each.name: str(each.type) for each in fields(made)}
    if "exhibit" in names:  # the one exhibit that it is about
        del names["exhibits"]
    return [case, *(_option(name, kind, made) for name, kind in names.items()), who]


def _option(name: str, kind: str, made: type[Record]) -> click.Option:
    flag = "--" + name.replace("_", "-")
    words = made.closed.get(name, ())
    said = made.needed.get(name) or (f"one of {', '.join(words)}" if words else _attributes(made).get(name, ""))
    if kind.startswith("tuple"):
        singular = flag.removesuffix("s")
        return click.Option(
            [singular, name], multiple=True, help=f"{said or 'An exhibit that shows it, E0003.'} (repeatable)"
        )
    if kind.startswith("Mapping"):
        return click.Option(["--field", name], multiple=True, type=(str, str), help=f"NAME TEXT: {said} (repeatable)")
    if kind.startswith("bool"):
        return click.Option([f"{flag}/--no-{flag[2:]}", name], default=None, help=said)
    return click.Option([flag, name], default=None, help=said)


def _attributes(made: type[Record]) -> dict[str, str]:
    """Return what the docstring says of each field: the one place where the fields are explained."""
    told = (made.__doc__ or "").partition("Attributes:")[2]
    return {name: " ".join(said.split()) for name, said in _ATTRIBUTE.findall(told)}


record.commands.update({kind: _command(kind, made) for kind, made in KINDS.items()})
