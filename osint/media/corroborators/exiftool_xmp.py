"""XMP as ExifTool gives it: properties by the paths that ``osint.media.xmp`` gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from osint.media.corroborators.spelling import iso
from osint.media.xmp_facts import facts_of

_DEEPEST = 8
_GROUPS = {"iptcCore": "Iptc4xmpCore", "iptcExt": "Iptc4xmpExt", "microsoft": "MicrosoftPhoto"}
_REFERENCES = ("xmpMM:DerivedFrom", "xmpMM:Ingredients")
_NUMBERS = {
    "exif:GPSAltitude": ("altitude", "m"),
    "exif:GPSHPositioningError": ("position_error", "m"),
    "exif:GPSImgDirection": ("direction", "degrees"),
    "exif:GPSLatitude": ("latitude", "degrees"),
    "exif:GPSLongitude": ("longitude", "degrees"),
}
_FARTHEST = {"latitude": 90, "longitude": 180}

Facts = tuple[dict[str, Any], ...]


class Property(NamedTuple):
    """One property with a text: its prefix, its path, the text, and what it states."""

    group: str
    path: str
    text: str
    facts: Facts


def properties(group: str, name: str, value: Any) -> Iterator[Property]:
    """Yield the properties that one answer of ExifTool holds: of a list its items, of a structure its fields."""
    prefix = group.removeprefix("XMP-")
    prefix = _GROUPS.get(prefix, prefix)
    for path, text in _leaves(f"{prefix}:{name}", value, 0):
        yield Property(prefix, path, text, _facts(path, text))


def _leaves(path: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for number, each in enumerate(value, 1):
            yield from _leaves(f"{path}[{number}]", each, depth + 1)
    elif isinstance(value, Mapping):
        for name, each in value.items():
            step = f"stRef:{name[:1].lower()}{name[1:]}" if path.startswith(_REFERENCES) else name
            yield from _leaves(f"{path}/{step}", each, depth + 1)
    else:
        yield path, iso("" if value is None else str(value))


def _facts(path: str, text: str) -> Facts:
    if path not in _NUMBERS:
        return facts_of(path, text.strip())
    fact, unit = _NUMBERS[path]
    number = float(text) if re.fullmatch(r"-?\d{1,9}(\.\d{1,20})?", text) else None
    if number is None or abs(number) > _FARTHEST.get(fact, abs(number)):
        return ({"fact": fact, "status": "impossible"},)
    return ({"fact": fact, "value": number, "unit": unit},)
