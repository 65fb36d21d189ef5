"""What the value of a TIFF entry says, read from its bytes without another reader.

Source: TIFF 6.0, section 2 (types); Exif 3.0, sections 4.6.2 (type UTF-8) and 4.6.5 (UserComment); the XP tags are
UTF-16 by Microsoft's documentation of the Windows shell.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import Any

from osint.media.tiff import (
    COPYRIGHT,
    LONGEST_ARRAY,
    RATIONAL,
    SIGNED_RATIONAL,
    TEXTS,
    TYPE_SIZES,
    UNDEFINED,
    USER_COMMENT,
    XP_TAGS,
    Entry,
    Survey,
)
from osint.media.value import LONGEST_TEXT

_NUMBERS = {
    1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q",
}  # fmt: skip
_BYTE = 1
_NULS = re.compile("\0+")
_CODINGS = {b"ASCII\0\0\0": "ascii", b"JIS\0\0\0\0\0": "iso2022_jp", bytes(8): "utf-8"}


def content(survey: Survey, entry: Entry) -> bytes:
    """Return the bytes of a value that fits in its block."""
    return survey.block[entry.start : entry.start + entry.size]


def rationals(survey: Survey, entry: Entry) -> tuple[tuple[int, int], ...]:
    """Return rationals as they are written, not reduced, the first of many; empty when the value is of another type."""
    if entry.type not in (RATIONAL, SIGNED_RATIONAL) or not entry.fits:
        return ()
    form = survey.order + ("II" if entry.type == RATIONAL else "ii")
    return tuple(struct.iter_unpack(form, survey.block[entry.start : entry.start + min(entry.size, 8 * LONGEST_ARRAY)]))


def numbers(survey: Survey, entry: Entry, most: int = LONGEST_ARRAY) -> tuple[int | float, ...]:
    """Return the first numbers of a value; empty when its type is not one of plain numbers."""
    kind = _NUMBERS.get(entry.type)
    if kind is None or not entry.fits:
        return ()
    count = min(entry.count, most)
    taken = survey.block[entry.start : entry.start + count * TYPE_SIZES[entry.type]]
    return struct.unpack(f"{survey.order}{count}{kind}", taken)


def text(survey: Survey, entry: Entry) -> str:
    """Return a value as text, at most 2000 characters."""
    if entry.tag == USER_COMMENT:
        found = comment(survey, entry)
    elif entry.type in TEXTS:
        found = decoded(content(survey, entry), whole=entry.tag == COPYRIGHT)
    elif entry.tag in XP_TAGS:
        found = wide_text(content(survey, entry))
    elif entry.type in (RATIONAL, SIGNED_RATIONAL):
        written = [f"{top}/{bottom}" for top, bottom in rationals(survey, entry)]
        found = _listed(written, entry.count)
    elif entry.type == UNDEFINED or (entry.type == _BYTE and entry.count > LONGEST_ARRAY):
        found = _shown(content(survey, entry))
    else:
        found = _listed(numbers(survey, entry), entry.count)
    return found[:LONGEST_TEXT]


def comment(survey: Survey, entry: Entry) -> str:
    """Return a user comment in the coding that its first eight bytes name."""
    whole = content(survey, entry)
    code, value = whole[:8], whole[8 : 8 + 4 * LONGEST_TEXT]
    if code == b"UNICODE\0":
        return _joined(value.decode("utf-16-le" if survey.order == "<" else "utf-16-be", "replace"))
    if code not in _CODINGS:  # some writers leave the code out
        return decoded(whole, whole=True)
    return _joined(value.decode(_CODINGS[code], "replace"))


def decoded(value: bytes, *, whole: bool = False) -> str:
    """Return a text up to its first NUL, or with the parts behind it; bytes that are no UTF-8 stand as hex."""
    kept = value if whole else value.partition(b"\0")[0]
    return _joined(kept[: 4 * LONGEST_TEXT].decode("utf-8", "backslashreplace"))


def _joined(text: str) -> str:
    """Return a text whose parts NULs divide as one line."""
    kept = text.strip("\0 ")
    return _NULS.sub("; ", kept) if "\0" in kept else kept


def wide_text(value: bytes) -> str:
    """Return a text that Windows wrote."""
    return value[: 4 * LONGEST_TEXT].decode("utf-16-le", "replace").partition("\0")[0]


def _listed(values: Sequence[Any], count: int) -> str:
    if count == 1 and values:
        return str(values[0])
    more = f", … {count} in all" if count > LONGEST_ARRAY else ""
    return f"[{', '.join(map(str, values[:LONGEST_ARRAY]))}{more}]"


def _shown(value: bytes) -> str:
    """Return bytes as text where they are plain text, else as hex, of which the first fifty bytes are shown."""
    plain = value[:LONGEST_TEXT].rstrip(b"\0")
    if plain.isascii() and plain.decode("ascii").isprintable():
        return plain.decode("ascii")
    more = f" … {len(value)} bytes" if len(value) > LONGEST_ARRAY else ""
    return value[:LONGEST_ARRAY].hex(" ") + more
