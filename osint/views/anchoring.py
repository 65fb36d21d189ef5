"""What of a ledger others vouch for, in words: spans of entries under a time stamp, a cosignature, a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from osint.instants import format_instant

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
