"""The position that a picture's GPS tags state, or why it cannot be used."""

from __future__ import annotations

from dataclasses import dataclass

from osint.media.exif import Exif
from osint.media.exif_facts import read_coordinate
from osint.places import Axis, Coordinate, position_problems

_STATUS, _DATUM, _ALTITUDE, _ERROR = 0x0009, 0x0012, 0x0006, 0x001F
_COORDINATES: dict[Axis, tuple[int, int]] = {"latitude": (0x0001, 0x0002), "longitude": (0x0003, 0x0004)}
_LOWEST_M, _HIGHEST_M = -500, 9000


@dataclass(frozen=True, kw_only=True)
class Position:
    """Signed degrees (WGS 84), radius and altitude in metres; all None when the tags cannot be used."""

    latitude: float | None = None
    longitude: float | None = None
    precision_m: float | None = None
    altitude_m: float | None = None
    problems: tuple[str, ...] = ()


def position(exif: Exif) -> Position:
    """Read the position. With any doubt about it there is none, and ``problems`` says why; the tags stay readable."""
    if not any(ifd == "GPS" for ifd, _ in exif.tags):
        return Position()
    if not any(("GPS", value) in exif.tags for _, value in _COORDINATES.values()):
        return Position(problems=("The GPS block holds no position.",))
    latitude, longitude = (_coordinate(exif, axis) for axis in _COORDINATES)
    problems = [*latitude.problems, *longitude.problems, *_circumstances(exif)]
    if latitude.degrees is not None and longitude.degrees is not None:
        problems += position_problems(latitude.degrees, longitude.degrees)
    if problems:
        return Position(problems=(f"The GPS position is not used: {'; '.join(problems)}.",))
    altitude, remarks = _altitude(exif)
    if any(exif.signed("GPS", value) for _, value in _COORDINATES.values()):
        remarks += ("The GPS position is written in signed numbers, which the specification does not provide for.",)
    if exif.text("GPS", _DATUM) is None:
        remarks += ("The GPS position names no datum; it is read as WGS 84.",)
    return Position(
        latitude=latitude.degrees,
        longitude=longitude.degrees,
        precision_m=_precision(exif, latitude, longitude),
        altitude_m=altitude,
        problems=remarks,
    )


def _coordinate(exif: Exif, axis: Axis) -> Coordinate:
    reference, value = _COORDINATES[axis]
    return read_coordinate(exif.rationals("GPS", value), exif.text("GPS", reference), axis)


def _circumstances(exif: Exif) -> list[str]:
    problems = []
    if exif.fact("GPS", _STATUS):
        problems.append("the receiver marks it void (status V)")
    datum = exif.text("GPS", _DATUM) or "WGS-84"
    if "".join(filter(str.isalnum, datum)).upper() not in ("WGS84", "WGS1984"):
        problems.append(f"it refers to the datum {datum[:40]!r} and not to WGS 84")
    return problems


def _precision(exif: Exif, latitude: Coordinate, longitude: Coordinate) -> float:
    return max(latitude.step_m or 0.0, longitude.step_m or 0.0, _metres(exif, _ERROR) or 0.0)


def _altitude(exif: Exif) -> tuple[float | None, tuple[str, ...]]:
    metres = _metres(exif, _ALTITUDE)
    if metres is None:
        unusable = ("GPS", _ALTITUDE) in exif.tags
        return None, ("The GPS altitude cannot be read.",) if unusable else ()
    if not _LOWEST_M <= metres <= _HIGHEST_M:
        return metres, (f"The GPS altitude of {metres:g} m lies where photographs are rarely taken.",)
    return metres, ()


def _metres(exif: Exif, tag_id: int) -> float | None:
    stated = exif.fact("GPS", tag_id)
    return float(stated.value) if stated and stated.value is not None else None
