"""Whether one camera can have been at all the places that its files state, at the times that they state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from osint.instants import format_instant
from osint.media.positions import stated_positions, too_fast
from osint.media.times import StatedTime, stated_times
from osint.media.value import Value

_CLOCKS = ("GPS receiver", "camera clock")  # the first of them that names an instant


class _Stop(NamedTuple):
    """Where and when one file says that it was."""

    instant: datetime
    latitude: float
    longitude: float


def impossible_journeys(files: Iterable[Sequence[Value]]) -> tuple[str, ...]:
    """Return a sentence for each two files in a row between which no camera can have travelled; see ``too_fast``.

    Args:
        files: The values of each file of one camera, in any order. Those that state no instant or no place are left
            out: an interval of a day explains every journey.
    """
    way = sorted(stop for values in files for stop in _stops(values))
    return tuple(_sentence(way[place - 1], way[place], speed) for place, speed in too_fast(way))


def _sentence(before: _Stop, after: _Stop, speed: float) -> str:
    span = f"Between {format_instant(before.instant)} and {format_instant(after.instant)}"
    return f"{span} it would have moved at {speed:,.0f} m/s: a clock, a position or the number is wrong."


def _stops(values: Sequence[Value]) -> Iterator[_Stop]:
    times = stated_times(values)
    instant = next((time.start for kind in _CLOCKS for time in times if _is_instant(time, kind)), None)
    place = next((each for each in stated_positions(values, times) if each.grade != "X"), None)
    if instant is not None and place is not None:
        yield _Stop(instant, place.latitude, place.longitude)


def _is_instant(time: StatedTime, kind: str) -> bool:
    return time.kind == kind and time.start == time.end and time.grade != "X"
