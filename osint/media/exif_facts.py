"""What the standard tags of EXIF state about a picture, in the words that all readers share.

Two readers give the tags, exifread and the survey of this package; each goes through the same rules by itself, so that
their answers can be compared.

Source: Exif 3.0 (CIPA DC-008-2023), sections 4.6.4 to 4.6.6; DNG 1.7 (CameraSerialNumber).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple, Protocol

from osint.instants import format_instant
from osint.media.times import FARTHEST_EAST, FARTHEST_WEST
from osint.media.value import LONGEST_TEXT, Status
from osint.places import Axis, position_problems
from osint.places import read_coordinate as _read_coordinate

Key = tuple[str, int]

# A position is asked for by two readers, for its degrees and for its step, and for the wide row.
read_coordinate = lru_cache(256)(_read_coordinate)

_FIRST_PHOTOGRAPH = 1826
_TIME = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_DAY = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)")
_OFFSET = re.compile(r"([+-])(\d\d):([0-5]\d)")
_FRACTION = re.compile(r"\d{1,9}")
_UNSET = re.compile(r"[0:\-\sT]*")
_FARTHEST = {"+": FARTHEST_EAST, "-": -FARTHEST_WEST}
_LATITUDE, _LONGITUDE, _GPS_DAY, _STATUS = ("GPS", 0x0002), ("GPS", 0x0004), ("GPS", 0x001D), ("GPS", 0x0009)
_AXES: dict[Key, Axis] = {_LATITUDE: "latitude", _LONGITUDE: "longitude"}
_BELOW_SEA_LEVEL = (1, 3)


class Tags(Protocol):
    """The tags of one block, as one reader gives them."""

    def text(self, group: str, tag: int) -> str | None:
        """Return a text without the blanks around it; None when absent or blank."""

    def integer(self, group: str, tag: int) -> int | None:
        """Return one whole number, or None."""

    def rationals(self, group: str, tag: int) -> tuple[tuple[int, int], ...]:
        """Return rationals, signed or not; empty when absent or of another type."""

    def signed(self, group: str, tag: int) -> bool:
        """Say whether these are signed rationals."""


class Fact(NamedTuple):
    """What one tag states: the fact, its value and unit, whether it was set, and what speaks against it."""

    fact: str | None
    value: str | int | float | None = None
    unit: str | None = None
    status: Status = "read"
    warnings: tuple[str, ...] = ()


def _text(fact: str) -> Callable[[Tags, Key], Fact]:
    def rule(tags: Tags, key: Key) -> Fact:
        found = tags.text(*key)
        return Fact(fact, found[:LONGEST_TEXT]) if found else Fact(fact, status="unset")

    return rule


def _time(fact: str, fraction_tag: int) -> Callable[[Tags, Key], Fact]:
    def rule(tags: Tags, key: Key) -> Fact:
        return _clock(fact, tags.text(*key), tags.text("EXIF", fraction_tag))

    return rule


@lru_cache(256)  # both readers give the same texts
def _clock(fact: str, written: str | None, fraction: str | None) -> Fact:
    if written is None or _UNSET.fullmatch(written):
        return Fact(fact, status="unset")
    local = _local(written)
    if local is None:
        return Fact(fact, status="impossible", warnings=("It is not a time that can exist.",))
    digits = _FRACTION.match(fraction or "")
    return Fact(fact, f"{local}.{digits.group()}" if digits else local)


@lru_cache(256)  # three tags of most pictures give the same text
def _local(written: str) -> str | None:
    match = _TIME.fullmatch(written)
    try:
        read = datetime(*map(int, match.groups())) if match else None  # type: ignore[arg-type]  # noqa: DTZ001 - the camera names no zone
    except ValueError:
        return None
    return read.isoformat() if read and read.year >= _FIRST_PHOTOGRAPH else None


def _offset(tags: Tags, key: Key) -> Fact:
    written = tags.text(*key)
    if written is None or not written.strip(" :"):
        return Fact("taken_offset", status="unset")
    if written == "Z":
        return Fact("taken_offset", "+00:00")
    match = _OFFSET.fullmatch(written)
    if match and timedelta(hours=int(match[2]), minutes=int(match[3])) <= _FARTHEST[match[1]]:
        return Fact("taken_offset", written)
    return Fact("taken_offset", status="impossible", warnings=("No clock on earth has this offset.",))


def _orientation(tags: Tags, key: Key) -> Fact:
    turned = tags.integer(*key)
    if turned is not None and 1 <= turned <= 8:
        return Fact("orientation", turned)
    return Fact("orientation", status="impossible", warnings=("It is none of the eight that EXIF knows.",))


def _size(fact: str) -> Callable[[Tags, Key], Fact | None]:
    def rule(tags: Tags, key: Key) -> Fact | None:
        if (tags.integer("Image", 0x00FE) or 0) & 1:  # this directory is a smaller copy of the picture
            return None
        pixels = tags.integer(*key)
        return Fact(fact, pixels, "pixels") if pixels else Fact(fact, status="unset")

    return rule


def _coordinate(axis: Axis) -> Callable[[Tags, Key], Fact]:
    def rule(tags: Tags, key: Key) -> Fact:
        parts = tags.rationals(*key)
        if parts and all(part == (0, 0) for part in parts):
            return Fact(axis, status="unset", warnings=("All its parts are 0/0.",))
        read = read_coordinate(parts, tags.text("GPS", key[1] - 1), axis)
        if read.degrees is None:
            return Fact(axis, status="impossible", warnings=(f"It names no place: {'; '.join(read.problems)}.",))
        if abs(read.degrees) < 1 and _is_nowhere(tags):
            return Fact(axis, status="unset", warnings=("Receivers without a fix write the position 0, 0.",))
        return Fact(axis, read.degrees, "degrees", warnings=tuple(_doubts(tags, key)))

    return rule


def _doubts(tags: Tags, key: Key) -> Iterator[str]:
    if (tags.text(*_STATUS) or "A").upper().startswith("V"):
        yield "The receiver marks the position void (status V)."
    if tags.signed(*key):
        yield "It is written in signed numbers, which the specification does not provide for."


def _is_nowhere(tags: Tags) -> bool:
    north = read_coordinate(tags.rationals(*_LATITUDE), tags.text("GPS", 0x0001), "latitude").degrees
    east = read_coordinate(tags.rationals(*_LONGITUDE), tags.text("GPS", 0x0003), "longitude").degrees
    return north is not None and east is not None and bool(position_problems(north, east))


def _single(fact: str, unit: str, most: int | None = None) -> Callable[[Tags, Key], Fact]:
    def rule(tags: Tags, key: Key) -> Fact:
        parts = tags.rationals(*key)
        if len(parts) == 1 and parts[0] == (0, 0):
            return Fact(fact, status="unset", warnings=("It is written 0/0.",))
        number = _quotient(*parts[0]) if len(parts) == 1 and parts[0][1] else None
        if number is None or (most is not None and number > most):
            return Fact(fact, status="impossible", warnings=("It is not a number that this tag can hold.",))
        return Fact(fact, float(number), unit)

    return rule


@lru_cache(256)
def _quotient(top: int, bottom: int) -> Fraction:
    return Fraction(top, bottom)


def _altitude(tags: Tags, key: Key) -> Fact:
    height = _single("altitude", "m")(tags, key)
    below = tags.integer("GPS", 0x0005) in _BELOW_SEA_LEVEL
    return height._replace(value=-height.value) if below and isinstance(height.value, float) else height


def _direction(tags: Tags, key: Key) -> Fact:
    found = _single("direction", "degrees", most=360)(tags, key)
    magnetic = found.value is not None and tags.text("GPS", 0x0010) != "T"
    warning = "It is counted from magnetic north, or from a north that the file does not name."
    return found._replace(warnings=(warning,)) if magnetic else found


def _gps_time(tags: Tags, key: Key) -> Fact:
    parts, day = tags.rationals(*key), tags.text(*_GPS_DAY)
    if (parts and all(part == (0, 0) for part in parts)) or (day is not None and _UNSET.fullmatch(day)):
        return Fact("gps_time", status="unset")
    if day is None:
        return _time_of_day(parts)
    instant = _instant(parts, day)
    if instant is None:
        return Fact("gps_time", status="impossible", warnings=("It is not a time that can exist.",))
    return Fact("gps_time", format_instant(instant), "UTC")


def _time_of_day(parts: tuple[tuple[int, int], ...]) -> Fact:
    instant = _instant(parts, "2000-01-01")  # any day will do
    if instant is None:
        return Fact("gps_time_of_day", status="impossible", warnings=("It is not a time that can exist.",))
    time_of_day = format_instant(instant).partition("T")[2].removesuffix("Z")
    return Fact("gps_time_of_day", time_of_day, "UTC", warnings=("It names a time of day and no date.",))


def _void(tags: Tags, key: Key) -> Fact | None:
    written = (tags.text(*key) or "").upper()
    return Fact("position_void", written) if written.startswith("V") else None


def position_step(tags: Tags, key: Key) -> Fact | None:
    """Return how far the spelling of a coordinate can tell points apart; None when it is no coordinate."""
    axis = _AXES.get(key)
    if axis is None:
        return None
    step = read_coordinate(tags.rationals(*key), tags.text("GPS", key[1] - 1), axis).step_m
    return None if step is None else Fact("position_step", step, "m")


@lru_cache(256)
def _instant(parts: tuple[tuple[int, int], ...], day: str) -> datetime | None:
    match = _DAY.fullmatch(day)
    if match is None or len(parts) != 3 or any(not bottom for _, bottom in parts):
        return None
    hours, minutes, seconds = (Fraction(*part) for part in parts)
    if hours >= 24 or minutes >= 60 or seconds >= 61:
        return None
    try:
        midnight = datetime(*map(int, match.groups()), tzinfo=UTC)  # type: ignore[arg-type, misc]
        return midnight + timedelta(microseconds=int((hours * 3600 + minutes * 60 + seconds) * 1_000_000))
    except (ValueError, OverflowError):
        return None


_TEXTS: dict[Key, str] = {
    ("Image", 0x010E): "description",
    ("Image", 0x010F): "camera_make",
    ("Image", 0x0110): "camera_model",
    ("Image", 0x0131): "software",
    ("Image", 0x013B): "author",
    ("Image", 0x8298): "rights",
    ("Image", 0x9C9B): "title",
    ("Image", 0x9C9C): "description",
    ("Image", 0x9C9D): "author",
    ("Image", 0x9C9E): "keywords",
    ("Image", 0xC62F): "camera_serial",
    ("GPS", 0x0012): "datum",
    ("EXIF", 0x9286): "description",
    ("EXIF", 0xA420): "image_id",
    ("EXIF", 0xA430): "author",
    ("EXIF", 0xA431): "camera_serial",
    ("EXIF", 0xA433): "lens_make",
    ("EXIF", 0xA434): "lens_model",
    ("EXIF", 0xA435): "lens_serial",
    ("EXIF", 0xA436): "title",
    ("EXIF", 0xA437): "author",
    ("EXIF", 0xFDE9): "camera_serial",
}
# What a standard tag states, by the reader of these tags; tags that are not here state no fact.
Rule = Callable[[Tags, Key], Fact | None]
RULES: dict[Key, Rule] = {
    **{key: _text(fact) for key, fact in _TEXTS.items()},
    ("Image", 0x0100): _size("width"),
    ("Image", 0x0101): _size("height"),
    ("Image", 0x0112): _orientation,
    ("Image", 0x0132): _time("modified_local", 0x9290),
    ("Image", 0x9003): _time("taken_local", 0x9291),
    ("EXIF", 0x9003): _time("taken_local", 0x9291),
    ("EXIF", 0x9004): _time("digitized_local", 0x9292),
    ("EXIF", 0x9011): _offset,
    _LATITUDE: _coordinate("latitude"),
    _LONGITUDE: _coordinate("longitude"),
    ("GPS", 0x0006): _altitude,
    ("GPS", 0x0007): _gps_time,
    _STATUS: _void,
    ("GPS", 0x0011): _direction,
    ("GPS", 0x001F): _single("position_error", "m"),
}
# What ties pictures together, to a time or to a place: two readers are asked for these.
ASKED_TWICE = {
    "camera_make", "camera_model", "camera_serial", "lens_serial", "image_id", "software", "orientation",
    "taken_local", "taken_offset", "digitized_local", "modified_local", "gps_time",
    "latitude", "longitude", "altitude",
}  # fmt: skip
