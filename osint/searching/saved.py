"""Searches that are kept under a name in the ledger, and what became of their runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from osint.chain_of_custody.ledger import Ledger
from osint.posts.search import Search, read_search

if TYPE_CHECKING:
    import pandas as pd

SAVE: Final = "search.save"
RUN: Final = "search.run"
SAVED_COLUMNS: Mapping[str, tuple[str, str]] = {
    "name": ("string", "the name it was saved under"),
    "search": ("string", "the words, and what narrows them"),
    "by": ("string", "who saved it"),
    "saved": ("datetime64[us, UTC]", "instant of its entry"),
    "entry": ("Int64", "number of its entry; the newest of a name stands"),
    "runs": ("Int64", "how often it was run since"),
    "last_run": ("datetime64[us, UTC]", "instant of the newest run; NaT when there was none"),
    "last_hits": ("Int64", "how many hits that run had; it is not counted beyond 10,001"),
}
"""The table of saved searches: each column with its dtype and what it holds."""


class Saved(NamedTuple):
    """A search that was saved: its name, what it asks, who saved it when, and its entry."""

    name: str
    search: Search
    by: str
    when: datetime
    entry: int
    leaf: str


def saved_searches(ledger: Ledger) -> list[Saved]:
    """Return the saved searches, of each name the newest; one whose words were erased is none any more."""
    standing: dict[str, Saved] = {}
    for entry in ledger.entries():
        if entry.action == SAVE and {"name", "search"} <= entry.private.keys():
            name, by = str(entry.private["name"]), str(entry.private.get("by", "(erased)"))
            search = read_search(entry.private["search"])
            standing[name] = Saved(name, search, by, entry.end_time, entry.seq, entry.leaf.hex())
    return list(standing.values())


def saved_table(ledger: Ledger) -> pd.DataFrame:
    """Return the saved searches, one row each, with the columns of :data:`SAVED_COLUMNS`."""
    import pandas as pd

    runs: dict[str, list[tuple[datetime, int]]] = {}
    for entry in ledger.entries():
        if entry.action == RUN:
            for leaf in entry.payload["refs"]:
                runs.setdefault(leaf, []).append((entry.end_time, int(entry.result[0]["count"])))
    rows = []
    for each in saved_searches(ledger):
        last = runs.get(each.leaf, [(None, None)])[-1]
        row = (each.name, str(each.search), each.by, each.when, each.entry, len(runs.get(each.leaf, ())), *last)
        rows.append(dict(zip(SAVED_COLUMNS, row, strict=True)))
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=kind) for name, (kind, _) in SAVED_COLUMNS.items()}
    )
