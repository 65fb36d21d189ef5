"""What a search found, as a table in a notebook that shows each hit with its words marked.

Captured text is hostile, so every form in which the table prints itself passes :mod:`osint.render`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pandas as pd

from osint import render
from osint.instants import format_instant

COLUMNS: Mapping[str, tuple[str, str]] = {
    "time": (
        "datetime64[us, UTC]",
        "instant that orders the hits: of a post or page its publication, of a profile its creation, of a file its "
        "preservation, of what a person said its entry; NaT where none is known",
    ),
    "kind": ("string", "post, page, profile, media, statement, note, translation, mark, record"),
    "platform": ("string", "the source's own name; empty for what a person said"),
    "attributed_to": ("string", "node key of the author's account; of what a person said, who said or attached it"),
    "field": (
        "string",
        "where in the document the words stand: content, title, attachment, the name of a metadata field; a "
        "translation says here that it is derived, and by whom",
    ),
    "snippet": ("string", "the part of the original that shows them, at most 240 characters and ellipses"),
    "marks": ("object", "list of [start, end] in the snippet: what was found"),
    "exhibit": ("string", "exhibit that first shows this version; of a statement the first that it names"),
    "pointer": ("string", "where in that exhibit; of what a person said, its ledger entry"),
    "id": ("string", "id of the post, node key of the account, SHA-256 of the file"),
    "url": ("string", "address a person opens"),
    "exhibits": ("object", "every exhibit that shows the same version"),
    "score": ("Float64", "how well it fits (BM25, more is better), where that was asked for"),
}
"""The table of what a search found: each column with its dtype and what it holds."""

_PRINTED = ("time", "kind", "author", "field", "snippet", "exhibit", "pointer")
_MOST = 100
_WIDEST = 60


class FoundTable(pd.DataFrame):
    """Hits of a search; filters like any DataFrame, and prints itself safely.

    Attributes:
        heading: What was asked and how much fits, in words.
        remarks: What is left out, and why, in sentences.
    """

    _metadata: ClassVar[list[str]] = ["heading", "remarks"]
    heading: str = "Found"
    remarks: Sequence[str] = ()

    @property
    def _constructor(self) -> type[FoundTable]:
        return FoundTable

    def __repr__(self) -> str:
        if not self._holds_hits():
            return render.visible_lines(str(pd.DataFrame(self).to_string(max_rows=_MOST)))
        rows = [_PRINTED, *([str(cell) for cell in row] for row in self._rows())]
        return render.visible_lines("\n".join([self.heading, render.columns(rows), *self._remarks()]))

    def _repr_html_(self) -> str:
        if not self._holds_hits():
            part = pd.DataFrame(self).head(_MOST)
            return render.table(part.itertuples(index=False), [str(name) for name in part.columns])
        shown = render.heading(self.heading) + render.table(self._rows(), _PRINTED)
        return shown + "".join(map(render.paragraph, self._remarks()))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.bundle(repr(self), self._repr_html_())

    def _holds_hits(self) -> bool:
        """Say whether the rows are hits, and not some columns or sums of them."""
        return set(COLUMNS) <= set(self.columns)

    def _rows(self) -> Iterator[tuple[object, ...]]:
        for row in pd.DataFrame(self).head(_MOST).to_dict("records"):
            yield (
                "" if pd.isna(row["time"]) else format_instant(row["time"].to_pydatetime()),
                row["kind"],
                render.shorten(_text(row["attributed_to"]), _WIDEST),
                render.shorten(_text(row["field"]), _WIDEST),
                render.Marked(_text(row["snippet"]), row["marks"]),
                _text(row["exhibit"]),
                render.shorten(_text(row["pointer"]), _WIDEST),
            )

    def _remarks(self) -> list[str]:
        more = len(self) - _MOST
        return [*([f"{more} further rows are in the table and not printed."] if more > 0 else []), *self.remarks]


def found_table(rows: Iterable[Mapping[str, Any]], heading: str, remarks: Sequence[str] = ()) -> FoundTable:
    """Return hits as a table with the columns of :data:`COLUMNS`, in their order."""
    given = list(rows)
    columns = {name: pd.Series([row[name] for row in given], dtype=dtype) for name, (dtype, _) in COLUMNS.items()}
    table = FoundTable(columns)
    table.heading, table.remarks = heading, tuple(remarks)
    return table


def _text(value: Any) -> str:
    return "" if value is None or value is pd.NA else str(value)
