"""Commands that record what an analyst says, and take it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read, opened_case
from osint.cli.options import CASE, CSV, WRITER, many, with_params
from osint.cli.printing import print_result, print_table

commands = Commands()

_REASON = click.option("--reason", required=True, help="Why, in words.")
_EXHIBITS = many("--exhibit", "exhibits", text="An exhibit it rests on, E0003.")
_STATUS = click.option("--status", help="missing, victim, witness, suspect or unknown.")
_MINOR = click.option("--minor/--adult", default=None, help="Whether it is a minor's.")


@commands.group()
def statement() -> None:
    """What an analyst says beside what posts say."""


@statement.command("tie")
@with_params(CASE, *map(click.argument, ("source", "relation", "target")), _REASON, _EXHIBITS, WRITER)
def tie(case: Path, investigator: str, **told: Any) -> None:
    """State that node SOURCE is tied to node TARGET."""
    from osint.graph.statements import Tie

    _state(case, investigator, Tie(**told))


@statement.command("same-person")
@with_params(
    CASE,
    click.argument("one"),
    click.argument("other"),
    click.option("--judgement", required=True, help="positive, negative or unsure."),
    _REASON,
    _EXHIBITS,
    WRITER,
)
def same_person(case: Path, investigator: str, **told: Any) -> None:
    """State whether two accounts are one person's."""
    from osint.graph.statements import SamePerson

    _state(case, investigator, SamePerson(**told))


@statement.command("describe")
@with_params(CASE, click.argument("node"), _STATUS, _MINOR, _REASON, _EXHIBITS, WRITER)
def describe(case: Path, investigator: str, **told: Any) -> None:
    """State what NODE is in this case."""
    from osint.graph.statements import Described

    _state(case, investigator, Described(**told))


@statement.command("withdraw")
@with_params(CASE, click.argument("number", type=int), _REASON, WRITER)
def withdraw(case: Path, number: int, reason: str, investigator: str) -> None:
    """Take back the statement that entry NUMBER made."""
    with opened_case(case, investigator) as opened:
        opened.withdraw(number, reason=reason)
    print_result(f"Statement of entry {number} withdrawn.", {"statement": number})


@statement.command("list")
@with_params(CASE, CSV)
def list_statements(case: Path, csv: Path | None) -> None:
    """List the statements in force."""
    with case_to_read(case) as opened:
        print_table(opened.statements(), ("entry", "by", "says", "nodes", "what", "reason", "exhibits"), csv)


def _state(case: Path, investigator: str, said: Any) -> None:
    with opened_case(case, investigator) as opened:
        number = opened.state(said)
    print_result(f"Stated as entry {number}.", {"statement": number})
