"""EXIF tags as ExifTool reads them, by the rules that all readers of this package share."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterator, MutableMapping, Sequence
from fractions import Fraction
from functools import lru_cache

from osint.media.corroborators.exiftool_tags import Told, bare
from osint.media.exif_facts import RULES, Key, Tags
from osint.media.exif_names import tag_name
from osint.media.value import Value

_DIRECTORIES = {"IFD0": "Image", "IFD1": "Thumbnail", "ExifIFD": "EXIF", "InteropIFD": "Interoperability"}
_GPS_TIME = 0x0007
_COORDINATES = {("GPS", 0x0002), ("GPS", 0x0004)}


class _ExifTags(Tags):
    """The tags as ExifTool reads them, for the rules that all readers share."""

    def __init__(self, tags: MutableMapping[Key, Told]) -> None:
        self.tags = tags

    def having(self, key: Key, told: Told) -> _ExifTags:
        return self if self.tags.get(key) is told else _ExifTags(ChainMap({key: told}, self.tags))

    def text(self, group: str, tag: int) -> str | None:
        found = self.tags.get((group, tag))
        return (found.text.strip(" \0\t\r\n") or None) if found else None

    def integer(self, group: str, tag: int) -> int | None:
        text = self.text(group, tag) or ""
        return int(text) if re.fullmatch(r"\d{1,10}", text) else None

    def rationals(self, group: str, tag: int) -> tuple[tuple[int, int], ...]:
        """Return a number as a rational; degrees are one number here, a time of day is three."""
        text = self.text(group, tag)
        if text is None:
            return ()
        if (group, tag) == ("GPS", _GPS_TIME) and text == "00:00:00":
            return ((0, 0),) * 3  # ExifTool prints midnight also where all three are 0/0
        parts = tuple(_rational(each) for each in text.split(":" if tag == _GPS_TIME else " "))
        return (*parts, (0, 1), (0, 1)) if (group, tag) in _COORDINATES and len(parts) == 1 else parts

    def signed(self, group: str, tag: int) -> bool:  # noqa: ARG002 - it does not say of what type a number is
        return False


def _rational(text: str) -> tuple[int, int]:
    if text == "undef":  # 0/0
        return (0, 0)
    if not re.fullmatch(r"-?\d{1,20}(\.\d{1,30})?(e[+-]?\d{1,2})?", text):
        return (1, 0)  # "inf", and whatever else is no number
    return Fraction(text).as_integer_ratio()


def exif_values(rows: Sequence[Told], reader: str) -> Iterator[Value]:
    keyed = [(_exif_key(each.group, each.number), each) for each in rows]
    read = _ExifTags({key: each for key, each in reversed(keyed) if key})
    for key, each in keyed:
        if key is None:
            yield bare(each, reader)
            continue
        rule = RULES.get(key)
        fact = rule(read.having(key, each), key) if rule else None
        yield bare(each, reader, group=key[0], name=tag_name(*key), **(fact._asdict() if fact else {}))


@lru_cache(1024)
def _exif_key(directory: str, number: str) -> Key | None:
    if not re.fullmatch(r"0x[0-9a-fA-F]{4}", number):
        return None
    numbered = re.fullmatch(r"(SubIFD|IFD)(\d*)", directory)
    group = f"{numbered[1]} {numbered[2] or 0}" if numbered else directory
    return _DIRECTORIES.get(directory, group), int(number, 16)
