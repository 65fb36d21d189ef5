"""The positions that a file states, each with a radius and a grade; compared with each other and along a camera's way.

Grades: **B** a GPS receiver's position with its own statement of its error, and nothing against it. **C** a program
could have written it later (XMP), or nothing states how far off it may be: how finely a number is spelled is no
accuracy. **D** something speaks against it: an old fix, a datum unknown here, positions of the same file that lie
apart. **X** it is no position: 0, 0, void, beyond the poles, not a number.

A destination, a post's place and a file's name are no position of the camera, and never become one here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Literal

from osint.instants import parse_instant
from osint.media.times import SAME, StatedTime
from osint.media.value import Value
from osint.places import position_problems

Grade = Literal["B", "C", "D", "X"]

FASTEST_M_PER_S = 300
_EARTH_M = 6_371_009  # mean radius, IUGG
_WGS_84 = {"", "WGS84", "WGS1984", "EPSG4326"}
_SAME_POINT = 7  # decimals of a degree, a hundredth of a metre
_BY_PROGRAMS = {"XMP", "IPTC"}


@dataclass(frozen=True, kw_only=True)
class StatedPosition:
    """One position that a file states.

    Attributes:
        block: Where it stands: EXIF, XMP, QuickTime.
        reader: Who read it.
        latitude: Degrees north, WGS 84 unless ``basis`` says otherwise.
        longitude: Degrees east.
        radius_m: The circle to draw: the larger of the stated error and the step of the spelling; None without either.
        error_m: How far off it may be by the file's own word; None where nothing states it. See :func:`extent`.
        grade: How far it can be used, by the rules of this module.
        basis: What speaks for and against it, in sentences.
    """

    block: str
    reader: str
    latitude: float
    longitude: float
    radius_m: float | None
    grade: Grade
    basis: tuple[str, ...] = ()
    error_m: float | None = None


def stated_positions(values: Iterable[Value], times: Sequence[StatedTime] = ()) -> tuple[StatedPosition, ...]:
    """Return every position that the values state, one for each block and reader, compared with each other.

    Args:
        values: What the readers found.
        times: The times of the same file: a fix that is older than the camera's clock is told.
    """
    values = [value for value in values if value.fact]
    sources = dict.fromkeys((value.block, value.reader) for value in values if value.fact == "latitude")
    found = [each for block, reader in sources if (each := _position(values, block, reader, times))]
    return tuple(_compared(each, found) for each in found)


def by_point(positions: Iterable[StatedPosition]) -> tuple[StatedPosition, ...]:
    """Return each position of a block once, its ``reader`` all who read it so, with a comma between them."""
    alike: dict[tuple[object, ...], list[StatedPosition]] = {}
    for each in positions:
        point = round(each.latitude, _SAME_POINT), round(each.longitude, _SAME_POINT)
        alike.setdefault((each.block, *point, each.grade, each.basis), []).append(each)
    return tuple(
        replace(same[0], reader=", ".join(dict.fromkeys(each.reader for each in same))) for same in alike.values()
    )


def extent(radius_m: float | None, error_m: float | None) -> str:
    """Return how far off a position may be, in words: what is stated, and what is only how finely it is spelled.

    Args:
        radius_m: The larger of both, as :class:`StatedPosition` has it.
        error_m: What the file states.
    """
    if error_m is None:
        return "accuracy not stated" if radius_m is None else f"spelled to {metres(radius_m)}; accuracy not stated"
    stated = f"stated to within {metres(error_m)}"
    return stated if radius_m is None or radius_m <= error_m else f"{stated}, but spelled to {metres(radius_m)}"


def metres(number: float) -> str:
    """Return a length in words, with no more digits than it has; what is below a metre is called no length."""
    if number < 1:
        return "less than 1 m"
    return f"{number / 1000:,.4g} km" if number >= 1000 else f"{number:.3g} m"


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the metres between two points (latitude, longitude in degrees) on a sphere: exact to half a per cent.

    Source: the haversine formula (R. W. Sinnott, Virtues of the Haversine, Sky and Telescope 68, 1984).
    """
    north, east = math.radians(other[0] - one[0]) / 2, math.radians(other[1] - one[1]) / 2
    across = math.cos(math.radians(one[0])) * math.cos(math.radians(other[0]))
    chord = math.sin(north) ** 2 + across * math.sin(east) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(chord)))


def too_fast(way: Sequence[tuple[datetime, float, float]]) -> tuple[tuple[int, float], ...]:
    """Return where one camera moved faster than 300 m/s: the place in the way, and the speed in m/s.

    Args:
        way: Instant, latitude and longitude of each picture of one camera, in order of time.
    """
    found = []
    for place, (before, after) in enumerate(pairwise(way), start=1):
        metres = distance_m(before[1:], after[1:])
        seconds = max((after[0] - before[0]).total_seconds(), 1.0)  # clocks of cameras count whole seconds
        if metres / seconds > FASTEST_M_PER_S:
            found.append((place, metres / seconds))
    return tuple(found)


def _position(values: Sequence[Value], block: str, reader: str, times: Sequence[StatedTime]) -> StatedPosition | None:
    own = {value.fact: value for value in reversed(values) if (value.block, value.reader) == (block, reader)}
    latitude, longitude = (_number(own.get(fact)) for fact in ("latitude", "longitude"))
    if latitude is None or longitude is None:
        return None
    within = [value for value in values if value.block == block]  # what stands beside it, by whoever read that
    beside = {value.fact: value for value in reversed(within)} | own
    error, step = (_largest(within, fact) for fact in ("position_error", "position_step"))
    impossible = [f"{problem[0].upper()}{problem[1:]}." for problem in position_problems(latitude, longitude)]
    impossible += ["The receiver marks it void."] if "position_void" in beside else []
    doubts = [*_datum(beside.get("datum")), *_stale(beside.get("gps_time"), times)]
    remarks = [] if error else ["Nothing states how far off it may be."]
    notes = [*_unknown_age(beside.get("gps_time"), times)]
    notes += ["It names no datum and is read as WGS 84."] if block == "EXIF" and "datum" not in beside else []
    remarks += [f"{block} can be written by a program at any time."] if block in _BY_PROGRAMS else []
    grade: Grade = "X" if impossible else "D" if doubts else "C" if remarks else "B"
    return StatedPosition(
        block=block,
        reader=reader,
        latitude=latitude,
        longitude=longitude,
        radius_m=max(filter(None, (error, step)), default=None),
        grade=grade,
        basis=(*impossible, *doubts, *remarks, *notes),
        error_m=error,
    )


def _largest(values: Iterable[Value], fact: str) -> float | None:
    found = (_number(value) for value in values if value.fact == fact and value.status == "read")
    return max(filter(None, found), default=None)


def _number(value: Value | None) -> float | None:
    return float(value.value) if value is not None and isinstance(value.value, int | float) else None


def _datum(value: Value | None) -> list[str]:
    named = "".join(filter(str.isalnum, str(value.value or ""))).upper() if value else ""
    return [] if named in _WGS_84 or value is None else [f"It refers to the datum {value.text[:40]!r}, not to WGS 84."]


def _stale(gps: Value | None, times: Sequence[StatedTime]) -> list[str]:
    """Say that the fix is older or younger than the picture, by whatever instants the camera's clock can mean."""
    try:
        fix = parse_instant(str(gps.value)) if gps is not None else None
    except ValueError:
        return ["Its time is no time that can exist."]
    clock = _narrowest_clock(times)
    if fix is None or clock is None or clock.start - SAME <= fix <= clock.end + SAME:
        return []
    apart = max(clock.start - fix, fix - clock.end)
    least = "" if clock.start == clock.end else "whatever its zone, at least "
    minutes = round(apart.total_seconds() / 60)
    return [f"The fix and the camera's clock lie {least}{minutes} minutes apart; it may be that of another place."]


def _unknown_age(gps: Value | None, times: Sequence[StatedTime]) -> list[str]:
    """Say that nobody can tell whether the fix is as old as the picture."""
    if gps is None or gps.value is None:
        return ["It states no time of its fix, which may be older than the picture."]
    clock = _narrowest_clock(times)
    unknown = clock is not None and clock.end - clock.start > SAME
    return ["The zone of the camera's clock is unknown, so the fix may be older than the picture."] if unknown else []


def _narrowest_clock(times: Iterable[StatedTime]) -> StatedTime | None:
    clocks = (each for each in times if each.kind == "camera clock")
    return min(clocks, key=lambda each: each.end - each.start, default=None)


def _compared(one: StatedPosition, everything: Sequence[StatedPosition]) -> StatedPosition:
    """Tell the distance to the other positions of the file, and doubt those that lie further apart than their radii."""
    told, apart = [], False
    for other in everything:
        if other is one:
            continue
        metres = distance_m((one.latitude, one.longitude), (other.latitude, other.longitude))
        allowed = (one.radius_m or 0) + (other.radius_m or 0) + 1
        apart |= metres > allowed
        if metres > allowed:
            told.append(f"{other.block} as {other.reader} reads it lies {metres:,.0f} m away.")
    grade: Grade = "D" if apart and one.grade in ("B", "C") else one.grade
    return replace(one, grade=grade, basis=(*one.basis, *told)) if told else one
