"""What was retrieved: each item with what is known of it, as a table and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osint import render
from osint.instants import format_instant

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Mapping[str, tuple[str, str]] = {
    "exhibit": ("string", "number of the exhibit"),
    "found_by": ("string", "what of it was asked for: `exhibit`, `bates`, `hash`, `url`, `handle`, `date` or `text`"),
    "bytes": ("string", "`equal` where the copy gave its SHA-256 again; else what is wrong, or why it is not there"),
    "sha256": ("string", "SHA-256 of the evidentiary copy, as its entry has it"),
    "size": ("Int64", "its bytes"),
    "entry": ("Int64", "number of the entry that took it in"),
    "stored": ("datetime64[ms, UTC]", "when that was"),
    "source": ("string", "the address it was captured from, or the name of the file that was handed in"),
    "retention": ("string", "its retention class, and how it stands"),
    "until": ("datetime64[us, UTC]", "when the period is over; NaT where that is not known yet, or has no end"),
    "holds": ("object", "ledger entries of the legal holds on it"),
    "productions": ("object", "what became of it in each production, with its numbers"),
    "custody": ("object", "the ledger entries that concern it: number, action, outcome, instant"),
}
"""Columns of the table of what was retrieved: dtype and meaning."""


@dataclass(frozen=True, kw_only=True)
class RetrievedItem:
    """An item with what is known of it; the fields are :data:`COLUMNS`."""

    exhibit: str
    found_by: str
    bytes: str
    sha256: str
    size: int
    entry: int
    stored: datetime
    source: str
    retention: str
    until: datetime | None
    holds: tuple[int, ...]
    productions: tuple[str, ...]
    custody: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Retrieved:
    """What was retrieved.

    Attributes:
        by: What was asked for.
        items: The items, in the order of their numbers.
        remarks: What is to be known besides: how many more there are.
        locked: Exhibits that fit as well, and are left out since they are locked.
        folder: Where the files were written; None where none were.
    """

    by: str
    items: tuple[RetrievedItem, ...]
    remarks: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    folder: Path | None = None

    def table(self) -> pd.DataFrame:
        """Return one row for each item (``docs/columns.md``)."""
        import pandas as pd

        rows = [[_listed(getattr(each, name)) for name in COLUMNS] for each in self.items]
        table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({name: kind for name, (kind, _) in COLUMNS.items()})
        table.attrs = {"locked": list(self.locked)} if self.locked else {}
        return table

    def __str__(self) -> str:
        lines = [f"{len(self.items)} items by {self.by}"]
        for each in self.items:
            holds = ", ".join(map(str, each.holds)) or "none"
            lines += [
                f"{each.exhibit}: {each.bytes}; SHA-256 {each.sha256}; {each.size} bytes; {each.source}",
                f"  taken in {format_instant(each.stored)} as entry {each.entry}",
                f"  retention {each.retention}; holds {holds}",
                *(f"  {said}" for said in (*each.productions, *each.custody)),
            ]
        lines += [f"Left out, for it is locked: {', '.join(self.locked)}."] if self.locked else []
        return "\n".join([*lines, *self.remarks, *([f"Files in {self.folder}"] if self.folder else [])])

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.lines_bundle(str(self))


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
