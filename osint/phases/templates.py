"""Templates of cases: what a kind of case begins with, as a checklist that sees for itself what is there already.

A template reminds. It is no authority, records none and widens none: what it suggests is decided by the gate like
everything else. Which one was chosen is an entry; the newest stands.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.columns import described
from osint.errors import CaseError
from osint.gate import Gate
from osint.gate.recorded import recorded
from osint.policy.facts import Standing
from osint.records import KINDS, in_force

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Mapping[str, tuple[str, str]] = {
    "state": ("string", "`done` or `to do`, as the ledger shows; `yours` where only a person can tell"),
    "step": ("string", "what belongs to such a case"),
    "line": ("string", "the line to type, where there is one"),
}
"""Columns of the checklist: dtype and meaning."""

TEMPLATE = "template"


@dataclass(frozen=True, kw_only=True)
class Template:
    """What a kind of case begins with.

    Attributes:
        name: Its name, ``missing_person``.
        title: In words.
        purpose: The purpose of its authority; empty where that is one of several.
        clause: What it rests on.
        authority: Fields of the authority to state.
        records: Kinds of records to state.
        collectors: What may be worth asking once an authority covers it.
        steps: What only a person can do.
    """

    name: str
    title: str
    purpose: str
    clause: str
    authority: tuple[str, ...]
    records: tuple[str, ...]
    collectors: tuple[str, ...]
    steps: tuple[str, ...]


@cache
def templates() -> Mapping[str, Template]:
    """Return every template by its name."""
    text = resources.files("osint.policy").joinpath("templates.toml").read_text(encoding="utf-8")
    return {name: _read(name, said) for name, said in tomllib.loads(text).items()}


def template_named(name: str) -> Template:
    """Return a template.

    Raises:
        CaseError: There is none of that name; names those there are.
    """
    found = templates().get(name)
    if found is None:
        raise CaseError(f"There is no template {name!r}. There are: {', '.join(templates())}. Nothing was recorded.")
    return found


def choose(gate: Gate, ledger: Ledger, name: str) -> Entry | None:
    """Record which template a case follows; None where it follows that one already.

    Raises:
        CaseError: There is none of that name.
    """
    if template_named(name).name == chosen(ledger):
        return None
    return gate.log("configure", private={TEMPLATE: name})


def chosen(ledger: Ledger) -> str:
    """Return the name of the template that was chosen last; empty where none was."""
    told = (entry.private for entry in ledger.entries() if entry.action == "configure")
    named = [str(said[TEMPLATE]) for said in told if TEMPLATE in said]
    return named[-1] if named else ""


def checklist(gate: Gate, ledger: Ledger) -> pd.DataFrame:
    """Return what the template of a case asks for, one row a step; ``attrs["template"]`` is its name.

    Raises:
        CaseError: No template was chosen.
    """
    name = chosen(ledger)
    if not name:
        there = ", ".join(templates())
        raise CaseError(f"No template was chosen: case.use_template('missing_person'). There are: {there}.")
    rows = list(_steps(template_named(name), gate.standing(), list(ledger.entries())))
    frame = described(rows, COLUMNS)
    frame.attrs = {TEMPLATE: name}
    return frame


def _steps(template: Template, standing: list[Standing], entries: list[Entry]) -> Iterator[tuple[str, str, str | None]]:
    fitting = [each for each in standing if template.purpose in ("", each.authorization.purpose)]
    yield _state(fitting), f"an authority for {template.title} ({template.clause})", _authorize(template)
    stated = {each.record.kind for each in in_force(recorded(entries))}
    for kind in template.records:
        yield _state(kind in stated), f"a record: {kind}", _record(kind)
    asked = {str(entry.payload["instrument"].get("collector", "")).split("/")[0] for entry in entries}
    for name in template.collectors:
        line = f"case.probe({name!r}, ...); case.collect({name!r}, ...)"
        yield "done" if name in asked else "yours", f"look at {name}, if the authority covers it", line
    for step in template.steps:
        yield "yours", step, None
    sealed = any(entry.action == "export" and entry.outcome == "done" for entry in entries)
    yield "done" if sealed else "yours", "verify and hand over", "case.verify(); case.export(folder)"


def _state(is_there: object) -> str:
    return "done" if is_there else "to do"


def _authorize(template: Template) -> str:
    """Return the line with the fields to fill in; it is refused as it stands, since nothing is stated in it."""
    purpose = [f"purpose={template.purpose!r}"] if template.purpose else []
    named = [*purpose, *(f"{each}=..." for each in template.authority)]
    return f"case.authorize(osint.Authorization({', '.join(named)}))"


def _record(kind: str) -> str:
    made = KINDS[kind]
    return f"case.record(osint.records.{made.__name__}({', '.join(f'{name}=...' for name in made.needed)}))"


def _read(name: str, said: Mapping[str, Any]) -> Template:
    stated: dict[str, Any] = {each: said[each] for each in ("title", "purpose", "clause")}
    lists: dict[str, Any] = {each: tuple(said[each]) for each in ("authority", "records", "collectors", "steps")}
    return Template(name=name, **stated, **lists)
