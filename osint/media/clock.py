"""The times that a picture states, each kept for itself: camera clock, its zone, GPS clock. No zone is ever guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

from osint.instants import format_instant
from osint.media.exif import Exif

TAKEN, TAKEN_FRACTION, TAKEN_OFFSET = 0x9003, 0x9291, 0x9011
GPS_TIME, GPS_DATE = 0x0007, 0x001D

FARTHEST_WEST, FARTHEST_EAST = timedelta(hours=-12), timedelta(hours=14)
_STALE = timedelta(minutes=10)
_FIRST_PHOTOGRAPH = 1826
_TIME = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_UNSET = re.compile(r"[0:\-\sT]*")
_OFFSET = re.compile(r"([+-])(\d\d):([0-5]\d)|Z")
_DAY = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)")


@dataclass(frozen=True, kw_only=True)
class CaptureTime:
    """The time of capture by the camera's clock.

    Attributes:
        local: ``2026-05-03T14:22:11.46`` as the camera showed it, with the fraction it wrote; None when it states none.
        offset: ``+02:00`` as the camera states it; None when it states none.
        instant: The instant in UTC; None unless both are stated.
        problems: What is wrong with them, in sentences.
    """

    local: str | None = None
    offset: str | None = None
    instant: datetime | None = None
    problems: tuple[str, ...] = ()


def capture_time(exif: Exif) -> CaptureTime:
    """Read when the picture was taken by the camera's clock, and in UTC only if the camera states its offset."""
    written = exif.text("EXIF", TAKEN)
    if ("EXIF", TAKEN) not in exif.tags:
        return CaptureTime()
    if written is None or _UNSET.fullmatch(written):
        return CaptureTime(problems=("The capture time is present but unset.",))
    naive = _read_local(written)
    if naive is None:
        return CaptureTime(problems=(f"The capture time {written[:40]!r} is not a time that can exist.",))
    fraction = re.match(r"\d+", exif.text("EXIF", TAKEN_FRACTION) or "")
    digits = fraction.group()[:9] if fraction else ""
    local = f"{naive.isoformat()}{'.' + digits if digits else ''}"
    return _with_offset(exif, local, naive + timedelta(microseconds=int(digits[:6].ljust(6, "0"))))


def gps_time(exif: Exif) -> tuple[datetime | None, tuple[str, ...]]:
    """Read the time of the GPS receiver, which is UTC by definition, and what is wrong with it."""
    written, day = exif.rationals("GPS", GPS_TIME), exif.text("GPS", GPS_DATE)
    if ("GPS", GPS_TIME) not in exif.tags and day is None:
        return None, ()
    if not written or day is None:
        return None, ("The GPS time lacks its date or its time of day, so it names no instant.",)
    instant = _gps_instant(written, day)
    if instant is None:
        return None, (f"The GPS time on {day[:40]!r} is not a time that can exist.",)
    return instant, ()


def disagreement(taken: CaptureTime, gps: datetime | None) -> tuple[str, ...]:
    """Say where the camera's clock and the GPS receiver cannot both be right."""
    if gps is None or taken.local is None:
        return ()
    if taken.instant is not None:
        apart = abs(taken.instant - gps)
        if apart <= _STALE:
            return ()
        return (f"The camera's clock and the GPS time ({format_instant(gps)}) lie {_words(apart)} apart.",)
    ahead = datetime.fromisoformat(taken.local[:19]).replace(tzinfo=UTC) - gps
    if FARTHEST_WEST - _STALE <= ahead <= FARTHEST_EAST + _STALE:
        return ()
    return (f"No time zone reconciles the camera's clock with the GPS time ({format_instant(gps)}).",)


def _with_offset(exif: Exif, local: str, naive: datetime) -> CaptureTime:
    offset = exif.text("EXIF", TAKEN_OFFSET)
    if offset is None:
        return CaptureTime(local=local)
    ahead = _read_offset(offset)
    if ahead is None:
        return CaptureTime(local=local, problems=(f"The offset {offset[:20]!r} of the capture time cannot be used.",))
    try:
        instant = naive.replace(tzinfo=timezone(ahead)).astimezone(UTC)
    except OverflowError:
        return CaptureTime(local=local, offset=offset, problems=("The capture time lies outside the years 1 to 9999.",))
    return CaptureTime(local=local, offset=offset, instant=instant)


def _read_local(text: str) -> datetime | None:
    match = _TIME.fullmatch(text)
    try:
        read = datetime(*map(int, match.groups())) if match else None  # type: ignore[arg-type]  # noqa: DTZ001 - the camera names no zone
    except ValueError:
        return None
    return read if read and read.year >= _FIRST_PHOTOGRAPH else None


def _read_offset(text: str) -> timedelta | None:
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    if match[1] is None:
        return timedelta()
    size = timedelta(hours=int(match[2]), minutes=int(match[3]))
    ahead = -size if match[1] == "-" else size
    return ahead if FARTHEST_WEST <= ahead <= FARTHEST_EAST else None


def _gps_instant(written: Sequence[tuple[int, int]], day: str) -> datetime | None:
    match = _DAY.fullmatch(day)
    if match is None or len(written) != 3 or any(denominator == 0 for _, denominator in written):
        return None
    hours, minutes, seconds = (Fraction(*part) for part in written)
    if hours >= 24 or minutes >= 60 or seconds >= 61:
        return None
    try:
        midnight = datetime(*map(int, match.groups()), tzinfo=UTC)  # type: ignore[arg-type, misc]
        return midnight + timedelta(microseconds=int((hours * 3600 + minutes * 60 + seconds) * 1_000_000))
    except (ValueError, OverflowError):
        return None


def _words(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 1440} d {minutes // 60 % 24} h {minutes % 60} min"
