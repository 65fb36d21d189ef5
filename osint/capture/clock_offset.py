"""How far the clock of this machine is off, as others tell it: an interval, and whose word it is.

Every time in the ledger and in the evidence is that of this machine's clock. Each run compares it with what it hears
from outside: the ``Date`` header that servers send with their answers, and a time server where one is named. An offset
is what must be *added* to this clock to have the other one: positive when ours is behind.

Source: RFC 9110, 6.6.1 (Date), 5.6.7 (its form); RFC 9111, 5.1 (Age).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from osint.query import host_of

if TYPE_CHECKING:
    from osint.capture.exchange import Capture

NOTEWORTHY_MS = 5000
_SECOND = timedelta(seconds=1)
_MILLISECOND = timedelta(milliseconds=1)


class Offset(NamedTuple):
    """An interval in which the offset lies, in whole milliseconds, and who says so."""

    source: str
    from_ms: int
    to_ms: int

    @classmethod
    def between(cls, source: str, least: timedelta, most: timedelta) -> Offset:
        """Return the interval in whole milliseconds that holds these two ends."""
        return cls(source, math.floor(least / _MILLISECOND), math.ceil(most / _MILLISECOND))

    @property
    def width(self) -> int:
        """How much is left open, in milliseconds."""
        return self.to_ms - self.from_ms

    def meets(self, other: Offset) -> bool:
        """Say whether both can be right."""
        return self.from_ms <= other.to_ms and other.from_ms <= self.to_ms


def from_answer(capture: Capture, started: datetime, ended: datetime) -> Offset | None:
    """Return what the ``Date`` of an answer says, None when it has none that tells the present.

    A server writes whole seconds, at some moment between the start of the request and the end of the answer. What a
    cache kept for some time (``Age``) tells when it was made.
    """
    if (capture.header("Age") or "0").strip() != "0":
        return None
    try:
        date = parsedate_to_datetime(capture.header("Date") or "")
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        return Offset.between(f"Date header of {host_of(capture.url)}", date - ended, date + _SECOND - started)
    except (ValueError, TypeError, OverflowError):
        return None


def conclusion(heard: Sequence[Offset | None], asked: Offset | None = None) -> dict[str, Any]:
    """Return what a run says of the clock in the end, as JSON values without floats.

    It is what the time server said, else the narrowest of the answers, with how many told a time and how many of those
    can be right together with it. Where nobody told one, it says why.

    Args:
        heard: What each answer of the run said, None for one that told no time.
        asked: What the time server said.
    """
    told = [each for each in heard if each is not None]
    best = asked or min(told, key=lambda each: each.width, default=None)
    if best is None:
        return {"unknown": "no answer of this run told a present time" if heard else "nothing answered in this run"}
    return {**best._asdict(), "answers": len(told), "agree": sum(map(best.meets, told))}


def in_words(said: Mapping[str, Any]) -> str:
    """Say for people what :func:`conclusion` returned."""
    match said:
        case {"source": str(source), "from_ms": int(least), "to_ms": int(most)}:
            others = _others(source, said)
            return f"this machine's clock was between {_side(least)} and {_side(most)}, by the {source}{others}"
        case {"unknown": str(reason)}:
            return f"unknown, since {reason}"
    return ", ".join(f"{name}={value}" for name, value in said.items())


def warning(said: Mapping[str, Any]) -> str:
    """Return a sentence when the clock is off by more than five seconds however one takes it, else nothing."""
    match said:
        case {"source": str(source), "from_ms": int(least), "to_ms": int(most)}:
            if least > NOTEWORTHY_MS or most < -NOTEWORTHY_MS:
                return (
                    f"The clock of this machine seems wrong: it was between {_side(least)} and {_side(most)}, by the "
                    f"{source}. Times in this run are those of this machine; set its clock before the next."
                )
    return ""


def _others(source: str, said: Mapping[str, Any]) -> str:
    count, agree = said.get("answers", 0), said.get("agree", 0)
    if count < 2 and source.startswith("Date"):
        return ""
    return f" ({agree} of {count} answers with a Date header agree)" if count else ""


def _side(milliseconds: int) -> str:
    """Say an offset of the other clock as what ours was."""
    seconds = f"{abs(milliseconds) // 1000}.{abs(milliseconds) % 1000:03}"
    return f"{seconds} s {'behind' if milliseconds > 0 else 'ahead'}" if milliseconds else "exact"
