"""What a value of JSON is good for: text, a count, a list, a list of objects; whatever else it is counts as nothing."""

from __future__ import annotations

from typing import Any

from osint.collectors.text import well_formed


def text_in(value: Any) -> str | None:
    """Return text that is not empty and that every store holds, or None."""
    return well_formed(value) or None if isinstance(value, str) else None


def count_in(value: Any) -> int | None:
    """Return a whole number that is not negative and that a table holds, or None; it counts nothing real beyond."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**18 else None


def list_in(value: Any) -> list[Any]:
    """Return a list; an empty one when it is none."""
    return value if isinstance(value, list) else []


def objects_in(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list; none when it is no list."""
    return [item for item in list_in(value) if isinstance(item, dict)]
