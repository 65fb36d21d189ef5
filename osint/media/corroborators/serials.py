"""Serial numbers in MakerNotes: what one reader only suspects becomes a statement where another reads the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from osint.media.value import Value

_SERIALS = ("camera_serial", "lens_serial")


def confirmed_serials(values: Iterable[Value]) -> tuple[Value, ...]:
    """Return the values of one file; a candidate that another program states in the same tag states the same fact.

    ``makernote`` gives what exifread calls a serial number as a candidate, since exifread misreads some makers' notes.
    Give this the values of all readers, and what it returns to ``agreement.agreed``.
    """
    values = tuple(values)
    stated = [value for value in values if value.block == "MakerNote" and value.fact in _SERIALS]
    return tuple(_confirmed(value, stated) for value in values)


def _confirmed(value: Value, stated: Iterable[Value]) -> Value:
    if value.block != "MakerNote" or value.fact or not value.name.casefold().endswith("serialnumber"):
        return value
    text = value.text.strip(" \0")
    for other in stated:
        if (other.tag_id, other.value) == (value.tag_id, text) and text and _program(other) != _program(value):
            return replace(value, fact=other.fact, value=text)
    return value


def _program(value: Value) -> str:
    return value.reader.partition(" ")[0].casefold()
