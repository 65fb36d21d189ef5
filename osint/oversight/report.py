"""What every report of oversight is: a table with notes, as text, CSV, JSON or in a notebook."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from osint import render

_MOST_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class OversightReport:
    """A table that a supervisor reads. It states what the ledgers say, and decides nothing.

    Attributes:
        title: What it is, with its period.
        columns: Names of the columns.
        rows: One tuple for each line.
        notes: What a reader has to know to read it rightly.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        lines = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {"title": self.title, "rows": lines, "notes": list(self.notes)}

    def csv(self) -> str:
        """Return the table as CSV with a header line; the notes stay in the text."""
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        writer.writerows([self.columns, *(tuple(map(_cell, row)) for row in self.rows)])
        return out.getvalue()

    def __str__(self) -> str:
        table = render.columns([self.columns, *(tuple(map(_shown, row)) for row in self.rows)])
        return "\n".join([self.title, "", table, "", *self.notes])

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        rows = [tuple(map(_shown, row)) for row in self.rows]
        markup = render.heading(self.title) + render.table(rows, self.columns)
        return render.bundle(str(self), markup + "".join(map(render.paragraph, self.notes)))


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    return "" if value is None else "; ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _shown(value: Any) -> str:
    """Return a cell for people: a long list is cut, and says so. CSV and JSON have all of it."""
    if isinstance(value, tuple) and len(value) > _MOST_SHOWN:
        return f"{_cell(value[:_MOST_SHOWN])}; and {len(value) - _MOST_SHOWN} more"
    return _cell(value)
