"""One tag as ExifTool tells it, and as a value that states no fact yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from osint.media.value import LONGEST_TEXT, Value, made_of

_BLOCKS = {"File": "container", "ICC_Profile": "ICC", "MakerNotes": "MakerNote", "JUMBF": "C2PA", "PDF": "container"}
_MOST_ITEMS = 200


class Told(NamedTuple):
    """One tag as ExifTool tells it: groups of the families 0 and 1, table, name, number or code, value."""

    family: str
    group: str
    table: str
    name: str
    number: str
    value: Any

    @property
    def text(self) -> str:
        return _text(self.value)


def bare(told: Told, reader: str, **more: Any) -> Value:
    """Return a tag as a value that states no fact."""
    text = told.text
    stated: dict[str, Any] = {
        "block": _BLOCKS.get(told.family, told.family),
        "group": told.group[:LONGEST_TEXT],
        "name": told.name[:LONGEST_TEXT],
        "tag_id": _tag_id(told.number),
        "text": text[:LONGEST_TEXT],
        "reader": reader,
        "status": "read" if text.strip(" \0") else "unset",
    }
    return made_of(stated | more)


def told_of(key: str, stated: Any) -> Told | None:
    """Return one entry of the answer; ``EXIF:IFD0:Copy1:Make`` is a second ``EXIF:IFD0:Make``."""
    if not isinstance(stated, dict) or "val" not in stated:
        return None
    family, group, name = _groups(key)
    number = str(stated.get("id", ""))
    if "lang" in stated:  # each language has a tag of its own
        number = number.removesuffix(f"-{stated['lang']}")
    return Told(family, group, str(stated.get("table", "")), name, number, stated["val"])


@lru_cache(1024)  # most files of a batch have the same tags
def _groups(key: str) -> tuple[str, str, str]:
    *groups, name = key.split(":")
    groups = [each for each in groups if not re.fullmatch(r"Copy\d+", each)]
    return (groups[0], groups[-1], name) if groups else ("", "", name)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(_text(each) for each in islice(value, _MOST_ITEMS))
    if isinstance(value, Mapping):
        return "; ".join(f"{name}={_text(each)}" for name, each in islice(value.items(), _MOST_ITEMS))
    return "" if value is None else str(value)


@lru_cache(1024)
def _tag_id(number: str) -> str:
    return f"0x{int(number, 16):04X}" if re.fullmatch(r"0x[0-9a-fA-F]{1,8}", number) else number[:60]
