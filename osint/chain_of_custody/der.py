"""The part of DER that time stamps and certificates are made of: one spelling for each value, everything else refused.

Only the order inside a SET is not judged: authorities are known to get it wrong. Source: ITU-T X.690.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

BOOLEAN, INTEGER, OCTETS, NULL, OID, UTF8, TIME, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x05, 0x06, 0x0C, 0x18, 0x30, 0x31

_MOST_VALUES = 1000
_MOST_NUMBER = 256
_TIME = re.compile(rb"(\d{14})(\.\d{0,15}[1-9])?Z\Z", re.ASCII)


class Value(NamedTuple):
    """One value: its identifier octet, what it holds, and all its bytes as they were read."""

    tag: int
    content: bytes
    raw: bytes

    def inside(self) -> list[Value]:
        """Return the values that a constructed one holds.

        Raises:
            ValueError: It is not constructed, or holds something else than DER values.
        """
        if not self.tag & 0x20:
            raise ValueError(f"a value with tag {self.tag:#04x} holds no values")
        return _values(self.content)


class Members:
    """The members of a constructed value, taken in the order of their definition; none may be left over."""

    def __init__(self, value: Value, tag: int = SEQUENCE) -> None:
        """Open a value.

        Raises:
            ValueError: It has another tag, or holds something else than DER values.
        """
        if value.tag != tag:
            raise ValueError(f"tag {value.tag:#04x} stands where {tag:#04x} belongs")
        self._left = value.inside()

    def take(self, tag: int) -> Value:
        """Return the next member.

        Raises:
            ValueError: There is none, or it has another tag.
        """
        if not self._left or self._left[0].tag != tag:
            raise ValueError(f"a member with tag {tag:#04x} is missing")
        return self._left.pop(0)

    def perhaps(self, tag: int) -> Value | None:
        """Return the next member when it has this tag, else None and leave it."""
        return self.take(tag) if self._left and self._left[0].tag == tag else None

    def end(self) -> None:
        """Make sure that every member was taken.

        Raises:
            ValueError: One is left.
        """
        if self._left:
            raise ValueError(f"a member with tag {self._left[0].tag:#04x} is one too many")


def read(data: bytes) -> Value:
    """Read one value that fills all of the bytes.

    Raises:
        ValueError: They are not DER, or not one value.
    """
    found = _values(data)
    if len(found) != 1:
        raise ValueError(f"{len(found)} values stand where one belongs")
    return found[0]


def number(value: Value) -> int:
    """Read an INTEGER; the caller has checked the tag, which an implicit one changes.

    Raises:
        ValueError: It is not in its shortest form, or longer than 256 bytes.
    """
    content = value.content
    if not 0 < len(content) <= _MOST_NUMBER:
        raise ValueError("a number is empty or too long")
    if len(content) > 1 and content[0] == (0x00 if content[1] < 0x80 else 0xFF):
        raise ValueError("a number is padded")
    return int.from_bytes(content, "big", signed=True)


def truth(value: Value) -> bool:
    """Read a BOOLEAN.

    Raises:
        ValueError: It is neither of the two allowed bytes.
    """
    if value.content not in (b"\x00", b"\xff"):
        raise ValueError("a truth value is neither 00 nor ff")
    return value.content == b"\xff"


def identifier(value: Value) -> str:
    """Read an OBJECT IDENTIFIER as dotted numbers.

    Raises:
        ValueError: It is empty, padded, longer than 64 bytes, or breaks off.
    """
    content, arcs, arc = value.content, [], 0
    if not 0 < len(content) <= 64 or content[-1] & 0x80:
        raise ValueError("an object identifier is empty, too long or breaks off")
    for octet in content:
        if octet == 0x80 and arc == 0:
            raise ValueError("an object identifier is padded")
        arc = arc << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))


def instant(value: Value) -> datetime:
    """Read a GeneralizedTime, which is UTC; what is finer than a microsecond is cut off.

    Raises:
        ValueError: It is not spelt ``YYYYMMDDhhmmss[.f]Z``, or is a time that cannot be.
    """
    match = _TIME.match(value.content)
    if not match:
        raise ValueError("a time is not spelt YYYYMMDDhhmmss[.f]Z")
    whole = datetime.strptime(match[1].decode("ascii"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    fraction = (match[2] or b".")[1:7].ljust(6, b"0")
    return whole.replace(microsecond=int(fraction))


def write(tag: int, content: bytes | Sequence[bytes]) -> bytes:
    """Spell one value; what a constructed one holds may be given as its parts, spelt already."""
    held = content if isinstance(content, bytes) else b"".join(content)
    size = len(held)
    length = size.to_bytes(max(1, (size.bit_length() + 7) // 8), "big")
    return bytes([tag]) + (length if size < 0x80 else bytes([0x80 | len(length)]) + length) + held


def write_number(value: int) -> bytes:
    """Spell an INTEGER."""
    return write(INTEGER, value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True))


def write_identifier(dotted: str) -> bytes:
    """Spell an OBJECT IDENTIFIER.

    Raises:
        ValueError: The text is no object identifier.
    """
    if not re.fullmatch(r"[0-2](\.(0|[1-9]\d{0,38})){1,30}", dotted, re.ASCII):
        raise ValueError(f"{dotted!r} is no object identifier")
    first, second, *rest = map(int, dotted.split("."))
    if first < 2 and second > 39:
        raise ValueError(f"{dotted!r} is no object identifier: its second number is above 39")
    return write(OID, [_base128(arc) for arc in (40 * first + second, *rest)])


def _base128(arc: int) -> bytes:
    octets = [arc & 0x7F]
    while arc := arc >> 7:
        octets.append(arc & 0x7F | 0x80)
    return bytes(reversed(octets))


def _values(data: bytes) -> list[Value]:
    found: list[Value] = []
    at = 0
    while at < len(data):
        found.append(_value(data, at))
        at += len(found[-1].raw)
        if len(found) > _MOST_VALUES:
            raise ValueError(f"more than {_MOST_VALUES} values in one")
    return found


def _value(data: bytes, start: int) -> Value:
    head = data[start : start + 6]
    if len(head) < 2 or head[0] & 0x1F == 0x1F:
        raise ValueError("a value breaks off, or has a tag that does not occur here")
    size, at = head[1], 2
    if size >= 0x80:
        octets = size & 0x7F
        at, size = 2 + octets, int.from_bytes(head[2 : 2 + octets], "big")
        if not 1 <= octets <= 4 or len(head) < at or size < max(0x80, 1 << 8 * (octets - 1)):
            raise ValueError("a length is not in its one shortest form")
    end = start + at + size
    if end > len(data):
        raise ValueError("a value is longer than what holds it")
    return Value(data[start], data[start + at : end], data[start:end])
