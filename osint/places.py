"""Places: a point, how precisely it is written, where it comes from, and what speaks against it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Rational = tuple[int, int]
Axis = Literal["latitude", "longitude"]

METRES_PER_DEGREE = 111_320  # along a meridian; a degree of longitude is never longer
_LIMITS: dict[Axis, int] = {"latitude": 90, "longitude": 180}
_HEMISPHERES: dict[Axis, tuple[str, str]] = {"latitude": ("N", "S"), "longitude": ("E", "W")}
_UNITS = (Fraction(1), Fraction(1, 60), Fraction(1, 3600))
_NULL_ISLAND_DEGREES = 0.0005


@dataclass(frozen=True, kw_only=True)
class Place:
    """A point on the earth as one exhibit states it.

    Attributes:
        latitude: Degrees, north positive, WGS 84.
        longitude: Degrees, east positive, WGS 84.
        precision_m: Radius in metres within which the statement cannot tell points apart; None when unknown.
        source: What states it: ``EXIF GPS``, ``post``, ``analyst``.
        exhibit: The exhibit that holds the statement.
    """

    latitude: float
    longitude: float
    precision_m: float | None
    source: str
    exhibit: str


@dataclass(frozen=True)
class Coordinate:
    """One coordinate as it was read: signed degrees and the step of its spelling in metres, or the problems."""

    degrees: float | None
    step_m: float | None
    problems: tuple[str, ...] = ()


def read_coordinate(parts: Sequence[Rational], hemisphere: str | None, axis: Axis) -> Coordinate:
    """Read degrees, minutes and seconds, each a rational ``(numerator, denominator)``, with their hemisphere letter.

    Nothing is repaired: with any problem there is no coordinate.
    """
    letter = (hemisphere or "").strip(" \0").upper()
    problems = [*_part_problems(parts, axis), *_hemisphere_problems(letter, axis)]
    if problems:
        return Coordinate(None, None, tuple(problems))
    degrees = sum((Fraction(*part) * unit for part, unit in zip(parts, _UNITS, strict=True)), Fraction())
    if degrees > _LIMITS[axis]:
        return Coordinate(None, None, (f"the {axis} of {float(degrees):g} degrees exceeds {_LIMITS[axis]}",))
    return Coordinate(float(-degrees if letter in ("S", "W") else degrees), step_in_metres(parts))


def step_in_metres(parts: Sequence[Rational]) -> float:
    """Return the smallest step that this spelling of degrees, minutes, seconds can express, in metres.

    Whole seconds give 31 m. A trailing part written ``0/1`` was most likely not measured and does not count: a
    position with zero seconds is taken as one in whole minutes, which overstates the radius rather than understating
    it. The step says how the number was written; the error of the receiver comes on top.
    """
    written = [(denominator, unit) for (_, denominator), unit in zip(_measured(parts), _UNITS, strict=False)]
    step = min((unit / denominator for denominator, unit in written), default=Fraction(1))
    return float(f"{float(step * METRES_PER_DEGREE):.2g}")


def position_problems(latitude: float, longitude: float) -> tuple[str, ...]:
    """Return what speaks against a position in signed degrees; empty when nothing does."""
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return ("a coordinate is not a number",)
    problems = []
    if abs(latitude) > _LIMITS["latitude"]:
        problems.append(f"the latitude of {latitude:g} degrees exceeds 90")
    if abs(longitude) > _LIMITS["longitude"]:
        problems.append(f"the longitude of {longitude:g} degrees exceeds 180")
    if max(abs(latitude), abs(longitude)) <= _NULL_ISLAND_DEGREES:
        problems.append("the position is 0, 0, which receivers without a fix write")
    return tuple(problems)


def _measured(parts: Sequence[Rational]) -> Sequence[Rational]:
    kept = list(parts)
    while len(kept) > 1 and kept[-1][0] == 0 and kept[-1][1] == 1:
        kept.pop()
    return kept


def _part_problems(parts: Sequence[Rational], axis: Axis) -> list[str]:
    if len(parts) != 3:
        return [f"the {axis} has {len(parts)} parts instead of degrees, minutes and seconds"]
    if any(denominator == 0 for _, denominator in parts):
        return [f"a part of the {axis} has the denominator 0"]
    if any(Fraction(*part) < 0 for part in parts):
        return [f"a part of the {axis} is negative; the hemisphere letter carries the sign"]
    if any(Fraction(*part) >= 60 for part in parts[1:]):
        return [f"the minutes or seconds of the {axis} are 60 or more"]
    return []


def _hemisphere_problems(letter: str, axis: Axis) -> list[str]:
    letters = _HEMISPHERES[axis]
    return [] if letter in letters else [f"the {axis} names no hemisphere ({' or '.join(letters)})"]
