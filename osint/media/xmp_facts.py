"""What the properties of XMP say in the words of ``value.FACTS``.

Sources: ISO 16684-1; CIPA DC-010 (Exif for XMP), section 4.2 for GPS coordinates; IPTC Photo Metadata Standard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from osint.media.times import FARTHEST_EAST, FARTHEST_WEST
from osint.places import METRES_PER_DEGREE

PREFIXES = {
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/sType/ResourceRef#": "stRef",
    "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "stEvt",
    "http://ns.adobe.com/xap/1.0/bj/": "xmpBJ",
    "http://ns.adobe.com/xmp/note/": "xmpNote",
    "http://ns.adobe.com/xmp/1.0/DynamicMedia/": "xmpDM",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
    "http://ns.adobe.com/pdf/1.3/": "pdf",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://ns.google.com/photos/1.0/container/": "Container",
    "http://ns.apple.com/faceinfo/1.0/": "apple-fi",
    "http://ns.microsoft.com/photo/1.0/": "MicrosoftPhoto",
    "http://ns.adobe.com/lightroom/1.0/": "lr",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.dji.com/drone-dji/1.0/": "drone-dji",
}

_FACTS = {
    "tiff:Make": "camera_make",
    "tiff:Model": "camera_model",
    "tiff:Software": "software",
    "xmp:CreatorTool": "software",
    "aux:SerialNumber": "camera_serial",
    "exifEX:BodySerialNumber": "camera_serial",
    "aux:Lens": "lens_model",
    "exifEX:LensModel": "lens_model",
    "exifEX:LensMake": "lens_make",
    "aux:LensSerialNumber": "lens_serial",
    "exifEX:LensSerialNumber": "lens_serial",
    "exif:ImageUniqueID": "image_id",
    "xmpMM:DocumentID": "document_id",
    "xmpMM:InstanceID": "instance_id",
    "xmpMM:OriginalDocumentID": "original_document_id",
    "dc:title": "title",
    "photoshop:Headline": "title",
    "dc:description": "description",
    "dc:creator": "author",
    "exifEX:CameraOwnerName": "author",
    "aux:OwnerName": "author",
    "dc:rights": "rights",
    "dc:subject": "keywords",
    "photoshop:City": "place_name",
    "photoshop:State": "place_name",
    "photoshop:Country": "place_name",
    "Iptc4xmpCore:Location": "place_name",
    "exif:GPSMapDatum": "datum",
}
_DERIVED = re.compile(r"xmpMM:(DerivedFrom|Ingredients\[\d+\])/stRef:(document|instance)ID")
_ITEM = re.compile(r"\[\d+\]$")
_COORDINATE = re.compile(r"(\d{1,3}),(\d{1,2})(?:,(\d{1,2})|(\.\d{1,12}))?([NSEW])")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?")
_RATIONAL = re.compile(r"(-?\d{1,12})/(\d{1,12})")

Fact = dict[str, Any]


def facts_of(path: str, text: str) -> tuple[Fact, ...]:
    """Return the fields ``fact``, ``value``, ``unit`` and ``status`` of each fact that a property states, if any."""
    plain = _ITEM.sub("", path) if path[-1:] == "]" else path
    if path[:6] == "xmpMM:" and _DERIVED.fullmatch(path):
        return ({"fact": "derived_from_id", "value": text},)
    reader = _READERS.get(plain)
    if reader is not None:
        return reader(text)
    return ({"fact": _FACTS[plain], "value": text},) if plain in _FACTS and text else ()


def _taken(text: str) -> tuple[Fact, ...]:
    local, offset = clock_and_offset(text)
    if local is None:
        return (_impossible("taken_local"),)
    return ({"fact": "taken_local", "value": local}, *(({"fact": "taken_offset", "value": offset},) if offset else ()))


def _zoned(fact: str) -> Callable[[str], tuple[Fact, ...]]:
    """Return a reader of a time that is a clock, and an instant as well where it names its zone."""

    def read(text: str) -> tuple[Fact, ...]:
        local, offset = clock_and_offset(text)
        if local is None:
            return (_impossible(fact),)
        stated = {"fact": fact, "value": local}
        return (stated, {"fact": "metadata_time", "value": local + offset}) if offset else (stated,)

    return read


def _gps_time(text: str) -> tuple[Fact, ...]:
    local, offset = clock_and_offset(text)
    return ({"fact": "gps_time", "value": local + (offset or "Z")},) if local else (_impossible("gps_time"),)


def clock_and_offset(text: str) -> tuple[str | None, str | None]:
    """Return the clock and the offset of a date in the form of ISO 8601 that XMP uses."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None, None
    local, offset = f"{match[1]}T{match[2]}{match[3] or ':00'}", match[4]
    try:
        read = datetime.fromisoformat(local[:26] + (offset or ""))
    except ValueError:
        return None, None
    ahead = read.utcoffset()
    if ahead is not None and not FARTHEST_WEST <= ahead <= FARTHEST_EAST:
        return local, None
    return local, "+00:00" if offset == "Z" else offset


def _coordinate(fact: str, letters: str, most: int) -> Callable[[str], tuple[Fact, ...]]:
    def read(text: str) -> tuple[Fact, ...]:
        match = _COORDINATE.fullmatch(text)
        if match is None or match[5] not in letters:
            return (_impossible(fact),)
        minutes = Fraction(match[2] + (match[4] or ""))
        seconds = int(match[3] or 0)
        degrees = int(match[1]) + minutes / 60 + Fraction(seconds, 3600)
        if minutes >= 60 or seconds >= 60 or degrees > most:
            return (_impossible(fact),)
        step = Fraction(1, 3600) if match[3] else Fraction(1, 60 * 10 ** max(len(match[4] or "") - 1, 0))
        signed = float(-degrees if match[5] in "SW" else degrees)
        metres = float(f"{float(step) * METRES_PER_DEGREE:.2g}")
        return (
            {"fact": fact, "value": signed, "unit": "degrees"},
            {"fact": "position_step", "value": metres, "unit": "m"},
        )

    return read


def _number(fact: str, unit: str | None) -> Callable[[str], tuple[Fact, ...]]:
    def read(text: str) -> tuple[Fact, ...]:
        match = _RATIONAL.fullmatch(text)
        if match and int(match[2]):
            return ({"fact": fact, "value": int(match[1]) / int(match[2]), "unit": unit},)
        return ({"fact": fact, "value": float(text), "unit": unit},) if text.isdecimal() else (_impossible(fact),)

    return read


def _orientation(text: str) -> tuple[Fact, ...]:
    known = text in {"1", "2", "3", "4", "5", "6", "7", "8"}
    return ({"fact": "orientation", "value": int(text)},) if known else (_impossible("orientation"),)


def _status(text: str) -> tuple[Fact, ...]:
    return ({"fact": "position_void", "value": text},) if text.upper() == "V" else ()


def _impossible(fact: str) -> Fact:
    return {"fact": fact, "value": None, "status": "impossible"}


_READERS: Mapping[str, Callable[[str], tuple[Fact, ...]]] = {
    "exif:DateTimeOriginal": _taken,
    "photoshop:DateCreated": _taken,
    "exif:DateTimeDigitized": _zoned("digitized_local"),
    "xmp:CreateDate": _zoned("digitized_local"),
    "xmp:ModifyDate": _zoned("modified_local"),
    "exif:GPSTimeStamp": _gps_time,
    "exif:GPSLatitude": _coordinate("latitude", "NS", 90),
    "exif:GPSLongitude": _coordinate("longitude", "EW", 180),
    "exif:GPSAltitude": _number("altitude", "m"),
    "exif:GPSHPositioningError": _number("position_error", "m"),
    "exif:GPSImgDirection": _number("direction", "degrees"),
    "exif:GPSStatus": _status,
    "tiff:Orientation": _orientation,
}
