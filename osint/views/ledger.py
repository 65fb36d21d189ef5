"""The ledger as a table in a notebook: a DataFrame that prints what a court asks first, and what is anchored outside.

Captured text is hostile, so every form in which the table prints itself passes :mod:`osint.render`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

import pandas as pd

from osint import render
from osint.instants import format_instant

PRINTED = (
    "entry", "performer", "action", "details", "exhibit", "time", "authorization", "outcome", "leaf", "anchored",
)  # fmt: skip
_WIDTHS = {"leaf": 17, "sha256": 17}
_WIDEST = {"text/plain": 48, "text/html": 240}
_MOST_COLUMNS = 16
_MOST_SPANS = 4
_MOST_REMARKS = 12
_SHOWN_OF_TOKEN = 16


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """What someone outside the case has signed about its first entries: a time stamp or a witness's cosignature.

    Attributes:
        size: Number of entries under the checkpoint that was stamped or cosigned.
        checkpoint: Number of that checkpoint, counted from 1.
        name: The authority or the witness; as the anchor itself states it, when ``checked`` is False. May be empty.
        time: When it was signed, with its zone.
        checked: Whether it was verified with a key or certificate of whoever looks at the table.
        token: SHA-256 of a time stamp's reply in hex, by which entries name it; empty for a cosignature.
    """

    size: int
    checkpoint: int
    name: str
    time: datetime
    checked: bool
    token: str = ""

    @property
    def standing(self) -> str:
        """What a reader may make of it, in words."""
        return "checked" if self.checked else "recorded, not checked here"

    def __str__(self) -> str:
        signed = f"{self.name or 'an unnamed signer'}, {format_instant(self.time)}"
        return f"{signed} (checkpoint {self.checkpoint}; {self.standing})"


@dataclass(frozen=True, kw_only=True)
class Span:
    """Entries that follow one another and are anchored alike.

    Attributes:
        first: Number of the first entry.
        last: Number of the last entry, which may be the same.
        checkpoint: The first checkpoint that covers them, counted from 1; None when none does.
        stamp: The earliest time stamp over them; None when there is none. They were written before it.
        cosignatures: The earliest cosignature of each witness over them.
    """

    first: int
    last: int
    checkpoint: int | None
    stamp: Anchor | None
    cosignatures: tuple[Anchor, ...]

    def __str__(self) -> str:
        one = self.first == self.last
        entries, are = _entries(self.first, self.last), "is" if one else "are"
        if self.stamp:
            says = f"{entries} {'lies' if one else 'lie'} {_before(self.stamp)}"
        elif self.checkpoint:
            says = f"{entries} {are} under checkpoint {self.checkpoint} but no time stamp"
        else:
            return f"{entries} {are} under no checkpoint yet."
        return says + "".join(f"; cosigned by {each}" for each in self.cosignatures) + "."


@dataclass(frozen=True, kw_only=True)
class Anchoring:
    """What of a ledger is anchored, as the ledger records it.

    Attributes:
        entries: Number of entries in the ledger.
        checkpoints: Number of entries under each checkpoint, in their order.
        stamps: Time stamps over checkpoints.
        cosignatures: Cosignatures of witnesses.
        remarks: Sentences about anchors that were not accepted, or were renewed.
    """

    entries: int
    checkpoints: tuple[int, ...] = ()
    stamps: tuple[Anchor, ...] = ()
    cosignatures: tuple[Anchor, ...] = ()
    remarks: tuple[str, ...] = ()

    def stamp_over(self, entry: int) -> Anchor | None:
        """Return the earliest time stamp that covers an entry, among those that were checked when there are any."""
        return min((each for each in self.stamps if each.size > entry), key=_worth, default=None)

    def spans(self) -> tuple[Span, ...]:
        """Divide the ledger, from its first entry to its last, into spans that are anchored alike."""
        anchors = (*self.stamps, *self.cosignatures)
        sizes = {each.size for each in anchors} | {max(self.checkpoints, default=0), self.entries}
        ends = sorted(size for size in sizes if 0 < size <= self.entries)
        spans: list[Span] = []
        for first, end in zip([0, *ends], ends, strict=False):
            span = self._span(first, end - 1)
            if spans and _anchored_alike(spans[-1], span):
                span = replace(spans.pop(), last=span.last)
            spans.append(span)
        return tuple(spans)

    def lines(self, *, every_span: bool = False) -> list[str]:
        """Return in words what is anchored; old spans are drawn together when there are many, unless all are wanted."""
        spans = self.spans()
        old = spans[:-_MOST_SPANS] if len(spans) > _MOST_SPANS + 1 and not every_span else ()
        more = len(self.remarks) - _MOST_REMARKS
        rest = [f"{more} further {'remark is' if more == 1 else 'remarks are'} not shown."] if more > 0 else []
        spoken = [*_together(old), *map(str, spans[len(old) :]), *self._lost()]
        return [*spoken, *self.remarks[:_MOST_REMARKS], *rest]

    def _span(self, first: int, last: int) -> Span:
        witnesses: dict[str, Anchor] = {}
        for each in sorted((each for each in self.cosignatures if each.size > last), key=_worth):
            witnesses.setdefault(each.name, each)
        covering = (number for number, size in enumerate(self.checkpoints, 1) if size > last)
        return Span(
            first=first,
            last=last,
            checkpoint=next(covering, None),
            stamp=self.stamp_over(last),
            cosignatures=tuple(witnesses.values()),
        )

    def _lost(self) -> list[str]:
        most = max((*self.checkpoints, *(each.size for each in (*self.stamps, *self.cosignatures))), default=0)
        if most <= self.entries:
            return []
        return [
            f"A checkpoint covers {most} entries and this ledger holds {self.entries}. "
            f"{_entries(self.entries, most - 1)} cannot be shown: the end of the ledger is missing. Verify the case, "
            "and ask who holds another copy."
        ]


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


def _together(spans: Sequence[Span]) -> list[str]:
    """Draw old spans together into one sentence, which claims for each entry only what holds for all of them."""
    if not spans:
        return []
    entries, stamps = _entries(spans[0].first, spans[-1].last), [span.stamp for span in spans]
    checked = [stamp for stamp in stamps if stamp and stamp.checked]
    lie = f"lie {_before(max(checked, key=_time))}" if len(checked) == len(stamps) else "are anchored"
    return [f"{entries} {lie}, in {len(spans)} spans; the attribute 'spans' of this table lists them."]


def _before(stamp: Anchor) -> str:
    instant, over = format_instant(stamp.time), f"over checkpoint {stamp.checkpoint}"
    known = "; ".join([*([f"token {stamp.token[:_SHOWN_OF_TOKEN]}…"] if stamp.token else []), stamp.standing])
    if stamp.checked:
        return f"before {instant} (time stamp of {stamp.name} {over}; {known})"
    return f"before {instant} if the time stamp {over} holds ({known})"


def _anchored_alike(one: Span, other: Span) -> bool:
    anchored = (one.stamp, one.cosignatures) != (None, ())
    return anchored and (one.stamp, one.cosignatures) == (other.stamp, other.cosignatures)


def _worth(anchor: Anchor) -> tuple[bool, datetime]:
    """Order anchors: what was checked before what only claims to be early."""
    return not anchor.checked, anchor.time


def _time(anchor: Anchor) -> datetime:
    return anchor.time


def _entries(first: int, last: int) -> str:
    return f"Entry {first}" if first == last else f"Entries {first}-{last}"


def _count(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"
