"""The times that a picture states, each kept for itself: camera clock, its zone, GPS clock. No zone is ever guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from osint.instants import format_instant, parse_instant
from osint.media.exif import Exif
from osint.media.times import FARTHEST_EAST, FARTHEST_WEST, SAME

_TAKEN, _OFFSET, _GPS_TIME, _GPS_DAY = 0x9003, 0x9011, 0x0007, 0x001D


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
    taken = exif.fact("EXIF", _TAKEN)
    if taken is None:
        return CaptureTime()
    if taken.status == "unset":
        return CaptureTime(problems=("The capture time is present but unset.",))
    if taken.value is None:
        written = exif.text("EXIF", _TAKEN) or ""
        return CaptureTime(problems=(f"The capture time {written[:40]!r} is not a time that can exist.",))
    return _with_offset(exif, str(taken.value))


def gps_time(exif: Exif) -> tuple[datetime | None, tuple[str, ...]]:
    """Read the time of the GPS receiver, which is UTC by definition, and what is wrong with it."""
    stated, day = exif.fact("GPS", _GPS_TIME), exif.text("GPS", _GPS_DAY)
    if stated is None and day is None:
        return None, ()
    if stated is None or day is None:
        return None, ("The GPS time lacks its date or its time of day, so it names no instant.",)
    if stated.status == "unset":
        return None, ("The GPS time is present but unset.",)
    if stated.value is None:
        return None, (f"The GPS time on {day[:40]!r} is not a time that can exist.",)
    return parse_instant(str(stated.value)), ()


def disagreement(taken: CaptureTime, gps: datetime | None) -> tuple[str, ...]:
    """Say where the camera's clock and the GPS receiver cannot both be right."""
    if gps is None or taken.local is None:
        return ()
    if taken.instant is not None:
        apart = abs(taken.instant - gps)
        if apart <= SAME:
            return ()
        return (f"The camera's clock and the GPS time ({format_instant(gps)}) lie {_words(apart)} apart.",)
    ahead = datetime.fromisoformat(taken.local[:19]).replace(tzinfo=UTC) - gps
    if FARTHEST_WEST - SAME <= ahead <= FARTHEST_EAST + SAME:
        return ()
    return (f"No time zone reconciles the camera's clock with the GPS time ({format_instant(gps)}).",)


def _with_offset(exif: Exif, local: str) -> CaptureTime:
    stated = exif.fact("EXIF", _OFFSET)
    if stated is None or stated.status == "unset":
        return CaptureTime(local=local)
    if stated.value is None:
        written = exif.text("EXIF", _OFFSET) or ""
        return CaptureTime(local=local, problems=(f"The offset {written[:20]!r} of the capture time cannot be used.",))
    offset = str(stated.value)
    try:
        instant = parse_instant(f"{local}{offset}")
    except ValueError:
        return CaptureTime(local=local, offset=offset, problems=("The capture time lies outside the years 1 to 9999.",))
    return CaptureTime(local=local, offset=offset, instant=instant)


def _words(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 1440} d {minutes // 60 % 24} h {minutes % 60} min"
