"""The ledger as a table in a notebook: a DataFrame that prints what a court asks first, and what is anchored outside.

Captured text is hostile, so every form in which the table prints itself passes :mod:`osint.render`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import pandas as pd

from osint import render
from osint.instants import format_instant
from osint.views.anchoring import Anchor, Anchoring, Span

PRINTED = (
    "entry", "performer", "action", "details", "exhibit", "time", "authorization", "outcome", "leaf", "anchored",
)  # fmt: skip
_WIDTHS = {"leaf": 17, "sha256": 17}
_WIDEST = {"text/plain": 48, "text/html": 240}
_MOST_COLUMNS = 16


class LedgerTable(pd.DataFrame):
    """The custody log with a column ``anchored``; filters like any DataFrame, and prints itself safely and briefly.

    ``anchored`` is the instant of the earliest time stamp over the entry, RFC 3339 in UTC: the entry was written before
    it. It starts with ``claimed`` when the time stamp was not checked, and is missing when there is none. The other
    columns are those of the custody log. As many rows print as pandas would print (``display.max_rows``).
    """

    _metadata: ClassVar[list[str]] = ["anchoring"]
    anchoring: Anchoring | None = None

    @property
    def _constructor(self) -> type[LedgerTable]:
        return LedgerTable

    @property
    def spans(self) -> tuple[Span, ...]:
        """The spans of the whole ledger, anchored and unanchored, also when this table shows only some entries."""
        return self.anchoring.spans() if self.anchoring else ()

    def __repr__(self) -> str:
        rows, hidden = self._printed("text/plain")
        parts = [self._title(), render.columns(rows), *hidden, *self.anchored_lines()]
        return render.visible_lines("\n".join(part for part in parts if part))

    def _repr_html_(self) -> str:
        (headings, *rows), hidden = self._printed("text/html")
        lines = [*hidden, *self.anchored_lines()]
        return render.heading(self._title()) + render.table(rows, headings) + "".join(map(render.paragraph, lines))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.bundle(repr(self), self._repr_html_())

    def _title(self) -> str:
        if not self.anchoring or not self._holds_entries():
            return "From the ledger"
        whole = _count(self.anchoring.entries)
        return (
            f"{len(self)} of the {whole} of the ledger" if len(self) < self.anchoring.entries else f"Ledger of {whole}"
        )

    def anchored_lines(self) -> list[str]:
        """Return in words which entries of the ledger are anchored, and that only verification proves it."""
        if not self.anchoring or not self._holds_entries():
            return []
        return [*self.anchoring.lines(), "This table shows what the ledger records; case.verify() checks it."]

    def _holds_entries(self) -> bool:
        """Say whether the rows are entries, each with its hash, and not groups or sums of them."""
        return {"entry", "leaf"} <= set(self.columns) and pd.api.types.is_string_dtype(self["leaf"])

    def _printed(self, form: str) -> tuple[list[list[str]], list[str]]:
        """Return headings and rows as they are printed, and lines that say what is left out."""
        chosen, first, last = _columns(self), *_ends(len(self))
        hidden = len(self) - first - last
        shown = chosen.iloc[[*range(first), *range(first + hidden, len(self))]]
        rows = [_row(list(map(str, chosen.columns)), values, _WIDEST[form]) for values in shown.itertuples(index=False)]
        headings = list(map(str, chosen.columns))
        if not pd.api.types.is_integer_dtype(self.index):  # row names say something after a grouping
            headings.insert(0, "" if self.index.name is None else str(self.index.name))
            for name, row in zip(shown.index, rows, strict=True):
                row.insert(0, _cell(name, _WIDEST[form]))
        if hidden:
            rows.insert(first, ["⋮"] * len(headings))
        return [headings, *rows], [*_hidden_rows(hidden, first, len(self)), *_hidden_columns(self)]


def ledger_table(log: pd.DataFrame, anchoring: Anchoring) -> LedgerTable:
    """Return the custody log as a table that also shows what is anchored.

    Args:
        log: The custody log, one row for each entry, with its columns ``entry``, ``time``, ``action`` …
        anchoring: What of the ledger is anchored.
    """
    table = LedgerTable(log)
    table["anchored"] = pd.Series(pd.NA, index=log.index, dtype="string")
    for span in anchoring.spans():
        if span.stamp:
            table.loc[log["entry"].between(span.first, span.last), "anchored"] = _column(span.stamp)
    table.anchoring = anchoring
    return table


def _column(stamp: Anchor) -> str:
    return format_instant(stamp.time) if stamp.checked else f"claimed {format_instant(stamp.time)}"


def _columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns to print: of the whole table those that matter, of a selection what was selected."""
    plain = pd.DataFrame(table)
    return plain[list(PRINTED)] if set(PRINTED) <= set(table.columns) else plain.iloc[:, :_MOST_COLUMNS]


def _hidden_rows(number: int, first: int, whole: int) -> list[str]:
    if not number:
        return []
    shown = f"{number} of {whole} rows {'is' if number == 1 else 'are'} hidden here, after the first {first}"
    return [f"{shown}. pandas.set_option('display.max_rows', None) shows all."]


def _hidden_columns(table: pd.DataFrame) -> list[str]:
    number = len(table.columns) - len(_columns(table).columns)
    if not number:
        return []
    return [f"{number} {'column is' if number == 1 else 'columns are'} hidden here; list(table) names all."]


def _row(names: Sequence[str], values: Iterable[Any], widest: int) -> list[str]:
    return [_cell(value, min(widest, _WIDTHS.get(name, widest))) for name, value in zip(names, values, strict=True)]


def _cell(value: Any, width: int) -> str:
    return "" if pd.api.types.is_scalar(value) and pd.isna(value) else render.shorten(str(value), width)


def _ends(length: int) -> tuple[int, int]:
    """Return how many rows print from the start and how many from the end."""
    most, least = pd.get_option("display.max_rows"), pd.get_option("display.min_rows")
    if not most or length <= most:  # both None and 0 mean all
        return length, 0
    shown = min(least or most, most)
    return shown - shown // 2, shown // 2


def _count(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"
