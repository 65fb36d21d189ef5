"""Films as ExifTool gives them: header, keys and user data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from osint.media.corroborators.exiftool_tags import Told, bare
from osint.media.corroborators.spelling import clock_of, is_unset
from osint.media.value import Value

_STATED_IN = {"Keys", "ItemList", "UserData"}
_CLOCKS = {"QuickTime::MovieHeader": "CreateDate", "QuickTime::MediaHeader": "MediaCreateDate"}
_TEXTS = {
    "Make": "camera_make",
    "AndroidMake": "camera_make",
    "AndroidManufacturer": "camera_make",
    "Model": "camera_model",
    "AndroidModel": "camera_model",
    "Software": "software",
    "SoftwareVersion": "software",
    "Encoder": "software",
    "ContentIdentifier": "content_id",
    "Title": "title",
    "Description": "description",
    "Comment": "description",
    "Author": "author",
    "Artist": "author",
    "Copyright": "rights",
}
_DATES = {"CreationDate", "ContentCreateDate"}
_NUMBER = r"[+-]?\d{1,9}(?:\.\d{1,20})?"
_LOCI = re.compile(rf"(.*) Role=\S* Lat=({_NUMBER}) Lon=({_NUMBER}) Alt=({_NUMBER}) Body=.*", re.DOTALL)

Fact = dict[str, Any]


def film_values(rows: Sequence[Told], reader: str) -> Iterator[Value]:
    """Yield the values of a film's header, with the facts that our own reader of films finds there."""
    for each in rows:
        value = bare(each, reader)
        facts = _facts(each, value.text.strip(" \0"))
        yield from (replace(value, **fact) for fact in facts) if facts else (value,)


def _facts(told: Told, text: str) -> list[Fact]:
    if _CLOCKS.get(told.table) == told.name:
        return [_container_time(text)]
    if (told.table, told.name) == ("QuickTime::MovieHeader", "Duration") and re.fullmatch(_NUMBER, text):
        return [{"fact": "duration", "value": round(float(text), 3), "unit": "s"}]
    return _stated(told.name, text) if told.group in _STATED_IN and text else []


def _stated(name: str, text: str) -> list[Fact]:
    """Return what a key or an item of user data states."""
    if name in _DATES:
        return _clock(text)
    if name == "GPSCoordinates":
        return _point(text.split())
    if name == "LocationInformation":
        match = _LOCI.fullmatch(text)
        return _point(match.groups()[1:]) if match else []
    if name == "LocationAccuracyHorizontal" and re.fullmatch(_NUMBER, text):
        return [{"fact": "position_error", "value": float(text), "unit": "m"}]
    return [{"fact": _TEXTS[name], "value": text}] if name in _TEXTS else []


def _container_time(text: str) -> Fact:
    if is_unset(text):
        return {"fact": "container_time", "status": "unset"}
    local, _ = clock_of(text)
    return (
        {"fact": "container_time", "value": f"{local}Z"}
        if local
        else {"fact": "container_time", "status": "impossible"}
    )


def _clock(text: str) -> list[Fact]:
    local, offset = clock_of(text)
    if local is None:
        return []
    zoned = (
        [{"fact": "taken_offset", "value": offset}, {"fact": "metadata_time", "value": local + offset}]
        if offset
        else []
    )
    return [{"fact": "taken_local", "value": local}, *zoned]


def _point(numbers: Sequence[str]) -> list[Fact]:
    if len(numbers) not in (2, 3) or not all(re.fullmatch(_NUMBER, each) for each in numbers):
        return [{"fact": "latitude", "status": "impossible"}]
    named = zip(("latitude", "longitude", "altitude"), ("degrees", "degrees", "m"), numbers, strict=False)
    return [{"fact": fact, "value": float(number), "unit": unit} for fact, unit, number in named]
