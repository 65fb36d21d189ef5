"""Instants in UTC: RFC 3339 in and out, precision kept, never naive.

A time without a zone is not an instant. It is kept as it was written and named as such; nothing here guesses a zone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2})?([.,]\d+)?\s*([Zz]|[+-]\d{2}:?\d{2})?\Z",
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
WRITE_IT = "write it as 2030-12-31 or 2030-12-31T17:00:00Z"


@dataclass(frozen=True)
class Reading:
    """How one written time was read.

    Attributes:
        raw: The spelling of the source, unchanged.
        instant: The instant in UTC, or None when the spelling does not name one.
        zone_known: Whether the spelling names its zone. False goes with ``instant=None``.
        problem: Why there is no instant, in words; empty when there is one.
    """

    raw: str
    instant: datetime | None
    zone_known: bool
    problem: str = ""


def now() -> datetime:
    """Return the present instant of the system clock, in UTC."""
    return datetime.now(UTC)


def format_instant(instant: datetime) -> str:
    """Spell an instant as RFC 3339 in UTC with ``Z``, with as many fractional digits as it has (0, 3 or 6).

    Raises:
        ValueError: The time is naive.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no zone, so it is not an instant")
    utc = instant.astimezone(UTC)
    digits = "seconds" if not utc.microsecond else "milliseconds" if not utc.microsecond % 1000 else "microseconds"
    return utc.isoformat(timespec=digits).replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 or RFC 5322 time that names its zone; fractions of a second are kept to the microsecond.

    Raises:
        ValueError: The text is no such time, names no zone, or names an impossible one.
    """
    reading = read_instant(text)
    if reading.instant is None:
        raise ValueError(reading.problem)
    return reading.instant


def read_instant(text: str) -> Reading:
    """Read a time as a source wrote it, without guessing. See :class:`Reading`."""
    written = text.strip()
    parsed = _parse(written)
    if parsed is None:
        return Reading(text, None, False, f"{text!r} is not a date that can exist, in RFC 3339 or RFC 5322 spelling")
    if parsed.tzinfo is None:
        return Reading(text, None, False, f"{text!r} names no time zone, so it is not one instant")
    try:
        return Reading(text, parsed.astimezone(UTC), True)
    except OverflowError:
        return Reading(text, None, True, f"{text!r} lies outside the years 1 to 9999")


def day_bounds(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """Read a period as a person writes it: a day stands for all of that day in UTC, ``until`` included.

    Raises:
        ValueError: A bound is neither a day nor a time with its zone, or the period ends before it starts.
    """
    start = _bound(since, end=False)
    stop = _bound(until, end=True)
    if start and stop and stop < start:
        raise ValueError(f"the period ends ({until}) before it starts ({since})")
    return start, stop


def _bound(text: str | None, *, end: bool) -> datetime | None:
    if text is None:
        return None
    try:
        if not _DAY.match(text):
            return parse_instant(text)
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no day, and no time with its zone: {WRITE_IT}") from error
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return midnight + timedelta(days=1, microseconds=-1) if end else midnight


def _parse(text: str) -> datetime | None:
    match = _RFC3339.match(text)
    try:
        if match:
            day, clock, seconds, fraction, zone = match.groups()
            fraction = "." + fraction[1:7].ljust(6, "0") if fraction else ""
            return datetime.fromisoformat(f"{day}T{clock}{seconds or ':00'}{fraction}{(zone or '').upper()}")
        if _DAY.match(text):
            day_only = date.fromisoformat(text)
            return datetime(day_only.year, day_only.month, day_only.day)  # noqa: DTZ001 - naive on purpose: no zone was written
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
