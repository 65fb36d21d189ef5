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
_ENDS = tuple(map(click.argument, ("source", "relation", "target")))
_GRADE = (
    click.option("--scale", help="Scale of the grade: 3x5x2, 5x5x5, Admiralty, or the name of another."),
    click.option("--source-grade", help="Grade of the source on that scale."),
    click.option("--information-grade", help="Grade of the information."),
    click.option("--handling-grade", help="How it is to be handled."),
)


@commands.group()
def statement() -> None:
    """What an analyst says beside what posts say."""


@statement.command("tie")
@with_params(CASE, *_ENDS, *_GRADE, _REASON, _EXHIBITS, WRITER)
def tie(case: Path, investigator: str, **told: Any) -> None:
    """State that node SOURCE is tied to node TARGET.

    RELATION says how, in your words: drives.
    """
    from osint.graph.statements import Tie

    _state(case, investigator, Tie(**_with_grade(told)))


@statement.command("grade")
@with_params(CASE, *_ENDS, *_GRADE, _REASON, _EXHIBITS, WRITER)
def grade(case: Path, investigator: str, **told: Any) -> None:
    """Grade an edge that posts show.

    SOURCE, RELATION and TARGET are its two ends and its kind: mention.
    """
    from osint.graph.statements import Graded

    _state(case, investigator, Graded(**{"grade": {}, **_with_grade(told)}))


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
@with_params(CASE, click.argument("node"), _STATUS, _MINOR, *_GRADE, _REASON, _EXHIBITS, WRITER)
def describe(case: Path, investigator: str, **told: Any) -> None:
    """State what NODE is in this case."""
    from osint.graph.statements import Described

    _state(case, investigator, Described(**_with_grade(told)))


@statement.command("note")
@with_params(CASE, click.argument("text"), many("--exhibit", "exhibits", text="An exhibit it is about, E0003."), WRITER)
def note(case: Path, text: str, exhibits: tuple[str, ...], investigator: str) -> None:
    """Record a note on exhibits of CASE, or on all of it."""
    with opened_case(case, investigator) as opened:
        number = opened.note(text, exhibits=exhibits)
    print_result(f"Noted as entry {number}.", {"note": number})


@statement.command("notes")
@with_params(CASE, CSV)
def notes(case: Path, csv: Path | None) -> None:
    """List the notes in force."""
    with case_to_read(case) as opened:
        print_table(opened.notes(), ("entry", "by", "note", "exhibits"), csv)


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
        print_table(opened.statements(), ("entry", "part", "by", "says", "nodes", "what", "reason", "exhibits"), csv)


def _with_grade(told: dict[str, Any]) -> dict[str, Any]:
    """Put the scale and the grades that were given on it into one."""
    parts = {name: told.pop(f"{name}_grade") for name in ("source", "information", "handling")}
    given = {name: value for name, value in {"scale": told.pop("scale"), **parts}.items() if value is not None}
    return told | {"grade": given} if given else told


def _state(case: Path, investigator: str, said: Any) -> None:
    with opened_case(case, investigator) as opened:
        number = opened.state(said)
    print_result(f"Stated as entry {number}.", {"statement": number})
