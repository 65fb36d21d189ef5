"""The facts that one media file states about itself. A pure function from bytes to facts; run it in the sandbox.

A fact here is what the file says, never what happened: whoever holds a file can write these fields.
"""

from __future__ import annotations

import dataclasses
import hashlib
import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from osint.instants import format_instant, parse_instant
from osint.media import identity, value
from osint.media.agreement import agreed, disagreements
from osint.media.clock import capture_time, disagreement, gps_time
from osint.media.containers import Structure, read_structure
from osint.media.exif import Exif, open_exif
from osint.media.exif_reader import READER
from osint.media.position import position
from osint.media.positions import stated_positions
from osint.media.reading import read_blocks
from osint.media.value import Value
from osint.render import shorten

_ORIENTATION = 0x0112
_SIZE = {"width": 0x0100, "height": 0x0101}
_MADE_WITH = {"camera_make": 0x010F, "camera_model": 0x0110, "software": 0x0131}
_NOT_ISOLATED = "this process"
_ELSEWHERE = ("QuickTime", "XMP", "IPTC", "PNG")
"""Blocks that answer where EXIF is silent, in this order; every value of every block is in ``values``."""


@dataclass(frozen=True, kw_only=True)
class MediaFacts:
    """What one file states. ``docs/columns.md`` describes the fields; None means that the file does not state it.

    Attributes that are not their own explanation:
        media_type: By the first bytes; ``served_type`` is what the server called it.
        width: Pixels as stored, before ``orientation`` (the EXIF number, 1 to 8) turns the picture.
        trailing_bytes: Bytes after the end of the picture; None when the format has no end or it was not found.
        taken: The instant of capture by the camera's clock, only if the camera states its offset from UTC.
        taken_local: The camera's clock as it showed; ``taken_offset`` as it states it.
        gps_time: The clock of the GPS receiver, in UTC.
        position_precision_m: Radius that the written position can tell apart, or the receiver's own error if larger.
        values: Everything that any reader found, with the bytes that it rests on.
        warnings: What is unreadable, contradictory or unset, in sentences.
        reader: The program that read the EXIF block; None when there was none to read.
        isolation: Where the bytes were parsed. See ``sandbox.Outcome``.
    """

    sha256: str
    size: int
    media_type: str
    served_type: str | None = None
    width: int | None = None
    height: int | None = None
    trailing_bytes: int | None = None
    orientation: int | None = None
    camera_make: str | None = None
    camera_model: str | None = None
    software: str | None = None
    taken: datetime | None = None
    taken_local: str | None = None
    taken_offset: str | None = None
    zone_known: bool = False
    gps_time: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    position_precision_m: float | None = None
    altitude_m: float | None = None
    values: tuple[Value, ...] = ()
    warnings: tuple[str, ...] = ()
    reader: str | None = None
    isolation: str = _NOT_ISOLATED

    @property
    def exif(self) -> dict[str, str]:
        """The EXIF tags as ``{"EXIF DateTimeOriginal": "2026:05:03 14:22:11"}``."""
        told = (each for each in reversed(self.values) if each.block == "EXIF")
        return {f"{each.group} {each.name}": each.text for each in told}


def describe(
    data: bytes, *, served_type: str | None = None, sha256: str | None = None, makernotes: bool = True
) -> MediaFacts:
    """Return what a file states about itself. Nothing is raised: what cannot be read is a warning beside the rest.

    Args:
        data: The file.
        served_type: What the server called it.
        sha256: Its digest where that is known, hex.
        makernotes: Whether to open MakerNotes as well: leads that state no fact, and take most of the time.
    """
    known = sha256 or hashlib.sha256(data).hexdigest()
    facts = identify(data[: identity.HEAD], size=len(data), sha256=known, served_type=served_type)
    structure = read_structure(data, facts.media_type)
    exif = _exif(data, structure)
    reading = read_blocks(data, structure, exif, makernotes=makernotes)
    values = agreed(reading.values)
    taken, (gps, gps_problems), place = capture_time(exif), gps_time(exif), position(exif)
    orientation, odd_orientation = _orientation(exif)
    stated = dataclasses.replace(
        facts,
        **_size(facts, structure, exif),
        trailing_bytes=None if structure.end is None else max(len(data) - structure.end, 0),
        orientation=orientation,
        **_made_with(exif),
        taken=taken.instant,
        taken_local=taken.local,
        taken_offset=taken.offset,
        zone_known=taken.instant is not None,
        gps_time=gps,
        latitude=place.latitude,
        longitude=place.longitude,
        position_precision_m=place.precision_m,
        altitude_m=place.altitude_m,
        values=values,
        warnings=(
            *facts.warnings,
            *structure.problems,
            *_trailing(data, structure),
            *reading.problems,
            *taken.problems,
            *gps_problems,
            *disagreement(taken, gps),
            *place.problems,
            *odd_orientation,
            *disagreements(values),
        ),
        reader=READER if structure.first("exif") else None,
    )
    return _from_elsewhere(stated, exif)


def identify(head: bytes, *, size: int, sha256: str, served_type: str | None = None) -> MediaFacts:
    """Return only what no parser is needed for: digest, size, and the type by the first bytes, ``identity.HEAD``."""
    media_type = identity.sniff(head)
    warnings = []
    if not size:
        warnings.append("The file is empty.")
    elif not identity.types_agree(served_type, media_type):
        shown = shorten(identity.bare_type(served_type), 80)
        warnings.append(f"The server called this {shown}; its first bytes are those of {media_type}.")
    return MediaFacts(
        sha256=sha256,
        size=size,
        media_type=media_type,
        served_type=served_type,
        warnings=tuple(warnings),
    )


def to_json(facts: MediaFacts) -> dict[str, Any]:
    """Return the facts as JSON values; ``from_json(to_json(facts)) == facts``."""
    plain = {field.name: getattr(facts, field.name) for field in dataclasses.fields(facts)}
    instants = {name: format_instant(each) for name, each in plain.items() if isinstance(each, datetime)}
    return {**plain, **instants, "values": list(map(value.to_json, facts.values)), "warnings": list(facts.warnings)}


def output_of(facts: MediaFacts) -> dict[str, Any]:
    """Return what is the same whenever these bytes are read again: without the server's word, and without isolation."""
    plain = to_json(facts)
    return {name: plain[name] for name in ("sha256", "size", "media_type", "width", "height", "values")}


def from_json(values: Mapping[str, Any]) -> MediaFacts:
    """Return the facts that :func:`to_json` wrote, here or in an earlier release that kept EXIF tags alone.

    Raises:
        ValueError, TypeError, KeyError: The values are not those of facts.
    """
    plain = {name: each for name, each in values.items() if name not in ("tags", "values")}
    instants = {name: parse_instant(plain[name]) for name in ("taken", "gps_time") if plain[name] is not None}
    reader = plain["reader"] or ""
    found = [value.from_json(each) for each in values.get("values", ())]
    found += [_earlier_tag(tag, reader) for tag in values.get("tags", ())]
    return MediaFacts(**{**plain, **instants, "values": tuple(found), "warnings": tuple(plain["warnings"])})


def _earlier_tag(tag: Mapping[str, Any], reader: str) -> Value:
    place = {name: tag[name] for name in ("byte_start", "byte_length")}
    tag_id = f"0x{tag['tag_id']:04X}"
    return Value(
        block="EXIF", group=tag["ifd"], name=tag["name"], tag_id=tag_id, text=tag["text"], reader=reader, **place
    )


def describe_as_json(file: str, sha256: str, served_type: str | None) -> dict[str, Any]:
    """Return :func:`describe` of a file on disk in JSON values, the form in which a worker of the sandbox answers."""
    return to_json(describe(mapped(file), served_type=served_type, sha256=sha256))


def mapped(file: str) -> bytes:
    """Return a file as bytes of which only what is looked at is read."""
    with Path(file).open("rb") as stream:
        try:
            # It slices, indexes and searches like bytes, which is all that the readers do with it.
            return cast("bytes", mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
        except ValueError:  # an empty file cannot be mapped
            return b""


def _from_elsewhere(facts: MediaFacts, exif: Exif) -> MediaFacts:
    """Fill from other blocks what EXIF does not state. A position that EXIF states and is not used is not replaced."""
    elsewhere = [each for each in facts.values if each.fact and each.block in _ELSEWHERE]
    if not elsewhere:
        return facts
    told = {(each.block, each.fact): each.value for each in reversed(elsewhere) if each.status == "read"}
    filled: dict[str, Any] = {}
    for name in ("camera_make", "camera_model", "software", "orientation"):
        if getattr(facts, name) is None:
            filled[name] = next((found for block in _ELSEWHERE if (found := told.get((block, name))) is not None), None)
    if facts.taken_local is None:
        block = next((block for block in _ELSEWHERE if told.get((block, "taken_local"))), "")
        filled["taken_local"], filled["taken_offset"] = (
            told.get((block, "taken_local")),
            told.get((block, "taken_offset")),
        )
        filled["taken"] = _instant(filled["taken_local"], filled["taken_offset"])
        filled["zone_known"] = filled["taken"] is not None
    placed = any(each.fact == "latitude" for each in elsewhere)
    if placed and facts.latitude is None and not any(group == "GPS" for group, _ in exif.tags):
        usable = [each for each in stated_positions(facts.values) if each.grade != "X" and each.block in _ELSEWHERE]
        for place in sorted(usable, key=lambda each: (each.grade, _ELSEWHERE.index(each.block)))[:1]:
            filled |= {"latitude": place.latitude, "longitude": place.longitude, "position_precision_m": place.radius_m}
            filled["altitude_m"] = told.get((place.block, "altitude"))
    return dataclasses.replace(facts, **filled)


def _instant(local: object, offset: object) -> datetime | None:
    try:
        return parse_instant(f"{local}{offset}") if local and offset else None
    except ValueError:
        return None


def _exif(data: bytes, structure: Structure) -> Exif:
    block = structure.first("exif")
    return Exif() if block is None else open_exif(data, block)


def _orientation(exif: Exif) -> tuple[int | None, tuple[str, ...]]:
    number = exif.integer("Image", _ORIENTATION)
    if number is None or 1 <= number <= 8:
        return number, ()
    return None, (f"The orientation {number} is none of the eight that EXIF knows.",)


def _made_with(exif: Exif) -> dict[str, Any]:
    return {name: exif.text("Image", tag_id) for name, tag_id in _MADE_WITH.items()}


def _size(facts: MediaFacts, structure: Structure, exif: Exif) -> dict[str, Any]:
    """Return width and height by the structure of the file; a TIFF has them among its tags."""
    stated = {"width": structure.width, "height": structure.height}
    if facts.media_type != "image/tiff":
        return stated
    return {name: exif.integer("Image", _SIZE[name]) if each is None else each for name, each in stated.items()}


def _trailing(data: bytes, structure: Structure) -> tuple[str, ...]:
    extra = 0 if structure.end is None else len(data) - structure.end
    return (f"{extra} bytes follow the end of the picture.",) if extra > 0 else ()
