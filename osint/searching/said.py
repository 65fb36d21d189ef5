"""What people said in a case as it is searched: statements, notes, translations, marks and records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from osint.chain_of_custody.ledger import Ledger
from osint.gate.recorded import recorded
from osint.graph.statements import Stated
from osint.phases.marking import MARK
from osint.phases.translating import DERIVED, TRANSLATION, source
from osint.posts.search_index import Document
from osint.records import in_force
from osint.searching.indexed import Found, joined, not_blank

if TYPE_CHECKING:
    import pandas as pd

ENTRY = "ledger entry "
"""What the place of something that was said begins with; its number follows."""

_NAMED_BY = {"statement": "says", "record": "kind"}
"""The field that says which statement or record it is."""


def what_was_said(
    ledger: Ledger,
    locked: frozenset[str],
    *,
    stated: Iterable[Stated],
    noted: pd.DataFrame,
    translated: pd.DataFrame,
    marked: pd.DataFrame,
) -> dict[str, Found]:
    """Return what people said in a case, by the place that says it; what rests on a locked exhibit is left out.

    Args:
        ledger: The ledger of the case, for its records in force.
        locked: Numbers of the exhibits that are locked.
        stated: The statements in force.
        noted: The notes in force that may be shown.
        translated: The translations that stand and may be shown.
        marked: The marks that stand and may be shown.
    """
    found: dict[str, Found] = {}
    for each in stated:
        if locked.isdisjoint(each.statement.exhibits):
            said = each.statement.as_dict()
            found[ENTRY + each.number] = _said("statement", each.number, each.by, each.when, said)
    for note in noted.to_dict("records"):
        number, said = str(note["entry"]), {"note": note["note"], "exhibits": note["exhibits"]}
        found[ENTRY + number] = _said("note", number, note["by"], note["when"].to_pydatetime(), said)
    for row in _rows(translated):
        said = {"exhibits": [row["exhibit"]], f"{DERIVED}, {source(row)}": row[TRANSLATION]}
        found |= _annotation(TRANSLATION, row, said)
    for row in _rows(marked):
        said = {"exhibits": [row["exhibit"]], "tags": row["tags"], "note": row["note"]}
        found |= _annotation(MARK, row, said)
    for record in in_force(recorded(ledger.entries())):
        said = record.record.as_dict()
        if locked.isdisjoint(_exhibits_in(said)):
            number = str(record.entry)
            found[ENTRY + number] = _said("record", number, record.by, record.when, said)
    return found


def _said(kind: str, number: str, by: str, when: datetime, said: Mapping[str, Any]) -> Found:
    fields = {name: joined(value) for name, value in said.items() if name not in (_NAMED_BY.get(kind), "exhibits")}
    exhibits = _exhibits_in(said)
    document = Document(kind, f"{kind} {number}", "", when, (by,), not_blank(fields))
    shown = {"attributed_to": by, "pointer": ENTRY + number, "id": None, "exhibits": exhibits}
    return Found(document, {**shown, "exhibit": next(iter(exhibits), None)})


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", table.to_dict("records"))


def _annotation(kind: str, row: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Found]:
    """Return what was attached to an exhibit or a post of it, by its entry; nothing where it holds no word."""
    number, post = str(row["entry"]), row["post"]
    made = _said(kind, number, row["by"], row["when"].to_pydatetime(), said)
    shown = {**made.shown, "id": post if isinstance(post, str) else None}
    return {ENTRY + number: Found(made.document, shown)} if made.document.fields else {}


def _exhibits_in(said: Mapping[str, Any]) -> list[str]:
    named = [*said.get("exhibits", ()), said.get("exhibit"), said.get("picture")]
    return list(dict.fromkeys(str(each) for each in named if each))
