"""The rows of a table of places as a map takes them: which layer each is in, and which are no place to draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite, pi
from typing import Any, cast

import pandas as pd

from osint.media.positions import StatedPosition, by_point, extent, metres
from osint.places import position_problems
from osint.views.map.projection import EARTH_M

NEEDED = ("exhibit", "source", "latitude", "longitude", "radius_m", "grade")
GRADES = ("B", "C", "D", "X")
UNGRADED = "–"
_LARGEST_M = pi * EARTH_M / 2
_ORDER = {grade: number for number, grade in enumerate((*GRADES, UNGRADED))}


@dataclass(frozen=True)
class Layer:
    """Places of one kind of source, which share a sign with no other.

    Attributes:
        name: What it is called in the legend.
        colour: Of its signs and circles; dark enough for white letters.
        outline: The sign, in units of its radius; none means a disc.
        letter: How far below the middle the letter of the grade stands, in pixels.
    """

    name: str
    colour: str
    outline: tuple[tuple[float, float], ...] = ()
    letter: float = 0.0


_DEVICE = Layer("device GPS (EXIF, QuickTime)", "#0B5394")
_XMP = Layer("XMP, which programs write", "#A63A00", ((-0.92, -0.92), (0.92, -0.92), (0.92, 0.92), (-0.92, 0.92)))
_IPTC = Layer("IPTC, which programs write", "#7A5200", ((0, -1.4), (1.4, 0), (0, 1.4), (-1.4, 0)))
_POST = Layer("named by a post", "#00664B", ((0, -1.55), (1.5, 1.05), (-1.5, 1.05)), 2.0)
_NAME = Layer(
    "named by a file's name", "#6B3A91", ((-0.55, -1), (0.55, -1), (1.1, 0), (0.55, 1), (-0.55, 1), (-1.1, 0))
)
_ANALYST = Layer("named by an analyst", "#9C2566", ((0, 1.55), (1.5, -1.05), (-1.5, -1.05)), -2.5)
_OTHER = Layer("other sources", "#4A525A", ((-0.5, -1.1), (0.5, -1.1), (1.1, 1), (-1.1, 1)))
LAYERS = (_DEVICE, _XMP, _IPTC, _POST, _NAME, _ANALYST, _OTHER)
_SOURCES = {
    "exif": _DEVICE, "quicktime": _DEVICE, "gpmf": _DEVICE,
    "xmp": _XMP, "iptc": _IPTC, "post": _POST, "name": _NAME, "file name": _NAME, "address": _NAME,
    "analyst": _ANALYST,
}  # fmt: skip


@dataclass(frozen=True)
class Stated:
    """One place as a row of the table states it; ``problem`` says why it is not drawn, if it is not.

    ``extent`` says in words what ``radius_m`` is: a stated error, or no more than how finely the place is spelled.
    """

    layer: Layer
    exhibit: str
    source: str
    reader: str
    latitude: float
    longitude: float
    radius_m: float | None
    extent: str
    grade: str
    basis: str
    problem: str

    @property
    def told(self) -> str:
        """All that is known of it, in one line."""
        read = f", read by {self.reader}" if self.reader else ""
        where = f"{self.latitude:.6f}, {self.longitude:.6f}"
        point = f"{where}, radius {self.extent}, grade {self.grade}"
        return f"exhibit {self.exhibit}: {point}, {self.source}{read}. {self.basis}".strip()


def places_table(media: pd.DataFrame) -> pd.DataFrame:
    """Return the positions that files state, with the columns of :func:`osint.views.map.draw_map`.

    Args:
        media: Files, with the columns of ``media.table.frame``: its column ``positions`` lists those of each file.
    """
    rows = cast("list[dict[str, Any]]", media.to_dict("records"))
    made = [
        {**each, "exhibit": row["exhibit"], "source": each["block"], "preserved": _preserved(row["times"])}
        for row in rows
        for each in map(vars, by_point(map(_position, row["positions"])))
    ]
    return pd.DataFrame(made, columns=[*NEEDED, "error_m", "reader", "basis", "preserved"])


def _position(stated: Mapping[str, Any]) -> StatedPosition:
    return StatedPosition(**{**stated, "basis": tuple(stated["basis"])})


def _preserved(times: Iterable[Mapping[str, Any]]) -> str | None:
    return next((str(time["start"]) for time in times if time["kind"] == "capture"), None)


def read_places(frame: pd.DataFrame) -> list[Stated]:
    """Return the rows of a table of places, in an order that does not depend on theirs."""
    rows = cast("list[dict[str, Any]]", frame.to_dict("records"))
    made = [_stated(row) for row in rows]
    return sorted(
        made,
        key=lambda each: (
            LAYERS.index(each.layer), _ORDER[each.grade], each.exhibit, each.source, each.reader,
            str(each.latitude), str(each.longitude), str(each.radius_m), each.basis,
        ),
    )  # fmt: skip


def _stated(row: dict[str, Any]) -> Stated:
    latitude, longitude, radius = (_number(row[name]) for name in ("latitude", "longitude", "radius_m"))
    grade = row["grade"] if row["grade"] in GRADES else UNGRADED
    source, basis = _text(row["source"]), _text(row.get("basis"))
    problems = position_problems(latitude, longitude)
    problem = f"{problems[0][0].upper()}{problems[0][1:]}." if problems else ""
    if grade == "X" and not problem:
        problem = "Graded X: it can be no position."
    drawn = radius if isfinite(radius) and 0 < radius < _LARGEST_M else None
    return Stated(
        layer=_SOURCES.get(source.strip().casefold().removesuffix(" gps"), _OTHER),
        exhibit=_text(row["exhibit"]),
        source=source,
        reader=_text(row.get("reader")),
        latitude=latitude,
        longitude=longitude,
        radius_m=drawn,
        extent=_extent(drawn, row),
        grade="X" if problem else grade,
        basis=basis,
        problem=basis or problem if problem else "",
    )


def _extent(radius: float | None, row: Mapping[str, Any]) -> str:
    """Say how far off a place may be; of what is no position of a file, its radius is all that is known."""
    if "error_m" in row:
        error = _number(row["error_m"])
        return extent(radius, error if isfinite(error) else None)
    return "not stated" if radius is None else metres(radius)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")


def _text(value: Any) -> str:
    if isinstance(value, Iterable) and not isinstance(value, str):
        return " ".join(map(str, value))
    return value if isinstance(value, str) else ""
