"""Times as platforms write them, with or without a zone, read into what :mod:`osint.instants` knows of a time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from osint.collectors.json_values import count, text_in
from osint.instants import Reading, read_instant

_JAVA_DATE = re.compile(r"\w{3} (\w{3}) (\d{1,2}) (\d\d:\d\d:\d\d) (UTC|GMT|[+-]\d{4}) (\d{4})")
_SAYS_UTC = re.compile(r"(\d{4}-\S.*?)\s*(?:UTC|GMT)")
_NUMBER = re.compile(r"-?\d{1,40}(?:\.\d{1,40})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def dated(value: object, *, utc: bool = False) -> Reading | None:
    """Read a time as exports write it; None when there is none.

    Args:
        value: ``Sat Dec 06 18:20:30 +0000 2025``, ``2025-12-06 18:20:30 UTC``, or what ``read_instant`` reads, such as
            ``Sat, 06 Dec 2025 18:20:30 GMT``.
        utc: The source is known to write UTC without saying so; such a time is an instant whose zone is not known.
    """
    if not isinstance(value, str) or not value.strip():
        return None
    found = _JAVA_DATE.fullmatch(value.strip())
    if found:
        month, day, clock, zone, year = found.groups()
        spelt = f"{day} {month} {year} {clock} {zone if zone[0] in '+-' else '+0000'}"
    else:
        says_utc = _SAYS_UTC.fullmatch(value.strip())
        spelt = f"{says_utc[1]}Z" if says_utc else value.strip()
    reading = read_instant(spelt)
    instant, zone_known = reading.instant, reading.zone_known
    if utc and instant is None and not zone_known:
        instant = read_instant(f"{spelt}Z").instant
    problem = "" if instant else reading.problem.replace(repr(spelt), repr(value))
    return Reading(value, instant, zone_known, problem)


def of_epoch(value: object) -> Reading | None:
    """Read seconds since 1970, as a number or as text; None when there is no number, and for 0.

    A number of something else, of milliseconds for one, stays as it was written, and is no instant.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    seconds, written = count(value), str(value)
    if seconds and (instant := since_1970(seconds)):
        return Reading(written, instant, True)
    if seconds == 0 or not _NUMBER.fullmatch(written):
        return None
    return Reading(
        written, None, False, f"{written[:40]!r} is no whole number of seconds since 1970 within the calendar"
    )


def since_1970(seconds: int = 0, *, milliseconds: int = 0) -> datetime | None:
    """Return the instant so long after the start of 1970; None beyond the calendar."""
    try:
        return _EPOCH + timedelta(seconds=seconds, milliseconds=milliseconds)
    except OverflowError:
        return None


def instant_of(written: object) -> Reading | None:
    """Read a time as ``read_instant`` does; None when there is none."""
    text = text_in(written)
    return read_instant(text) if text else None


def all_before(since: datetime | None, times: Iterable[Reading | None]) -> bool:
    """Say whether a period lies behind: all of these times that are instants lie before it, and one is there."""
    instants = [when.instant for when in times if when and when.instant]
    return since is not None and bool(instants) and max(instants) < since
