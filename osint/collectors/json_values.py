"""What a value of JSON is good for: text, a count, an id, a list, objects; whatever else it is counts as nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from osint.collectors.text import well_formed

_MOST_DIGITS = 18  # of a number that a table holds; it counts nothing real beyond


def inside(value: object, *names: str) -> Any:
    """Return what lies at the end of a path of names, or None."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text(value: object) -> str | None:
    """Return text that holds more than white space, or None."""
    return value if isinstance(value, str) and value.strip() else None


def text_in(value: object) -> str | None:
    """Return text that is not empty, if only white space, and that every store holds, or None."""
    return well_formed(value) or None if isinstance(value, str) else None


def count(value: object) -> int | None:
    """Return a whole number that is not negative and that a table holds, written as such or as text, or None."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
        return int(value)
    return count_in(value)


def count_in(value: object) -> int | None:
    """Return a whole number as :func:`count` does; one that is written as text is none."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_MOST_DIGITS:
        return value
    return None


def native(value: object) -> str | None:
    """Return an id as text, or None."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if 0 <= value < 10**_MOST_DIGITS * 100 else None
    return value.strip() if isinstance(value, str) and value.strip() else None


def native_in(value: object) -> str | None:
    """Return an id as text, as :func:`text_in` takes text, or None."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text_in(value)


def list_in(value: object) -> list[Any]:
    """Return a list; an empty one when it is none."""
    return value if isinstance(value, list) else []


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list; none when it is no list."""
    return [each for each in list_in(value) if isinstance(each, dict)]


def object_in(value: object) -> dict[str, Any]:
    """Return an object; an empty one when it is none."""
    return value if isinstance(value, dict) else {}


def left_over(value: Mapping[str, Any], read: frozenset[str]) -> dict[str, Any]:
    """Return what has no field of its own and is not empty."""
    return {name: each for name, each in value.items() if name not in read and each not in (None, "", [], {}, False)}
