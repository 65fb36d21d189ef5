"""Read CBOR, bounded: what is nested too deeply, holds too much or claims more than there is is refused.

Source: RFC 8949, sections 3.1 (major types), 3.2 (lengths that are left open) and 3.4 (tags).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import count
from typing import Any

MOST_ITEMS, DEEPEST = 20_000, 24
_OPEN, _BREAK = (2, 3, 4, 5), b"\xff"
_SIMPLE = {20: False, 21: True, 22: None, 23: None}
_FLOATS = {25: ("!e", 2), 26: ("!f", 4), 27: ("!d", 8)}


def read_cbor(data: bytes) -> Any:
    """Return the first item of ``data``: numbers, texts, bytes, lists, and dicts by the text of their keys.

    A tag is passed over: what it marks is returned.

    Raises:
        ValueError: It is no CBOR, breaks off, or goes beyond a limit.
    """
    return _Reader(data).item(0)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.items = data, 0, 0

    def item(self, depth: int) -> Any:
        self.items += 1
        if depth > DEEPEST or self.items > MOST_ITEMS:
            raise ValueError("it is nested too deeply or holds too much")
        first = self.take(1)[0]
        major, detail = first >> 5, first & 31
        if major == 7:
            return self.simple(detail)
        number = self.number(detail)
        if number is None and major not in _OPEN:
            raise ValueError("it leaves a length open where there is none")
        if major in (2, 3):
            raw = self.take(number) if number is not None else self.pieces(major)
            return raw if major == 2 else raw.decode("utf-8", "replace")
        if major == 4:
            return [self.item(depth + 1) for _ in self.each(number)]
        if major == 5:
            return {str(self.item(depth + 1)): self.item(depth + 1) for _ in self.each(number)}
        assert number is not None
        return self.item(depth + 1) if major == 6 else number if major == 0 else -1 - number

    def number(self, detail: int) -> int | None:
        """Return the number in the head of an item; None when the length is left open."""
        if detail < 24:
            return detail
        if detail == 31:
            return None
        if detail > 27:
            raise ValueError("the head of an item is none")
        return int.from_bytes(self.take(1 << detail - 24), "big")

    def each(self, number: int | None) -> Iterator[int]:
        """Count the items of a list; one that was left open ends at a mark."""
        for counted in count():
            if counted == number or (number is None and self.at_break()):
                return
            yield counted

    def pieces(self, major: int) -> bytes:
        """Return a text or bytes that come in pieces, up to the mark."""
        found = bytearray()
        while not self.at_break():
            self.items += 1
            first = self.take(1)[0]
            number = self.number(first & 31)
            if first >> 5 != major or number is None or self.items > MOST_ITEMS:
                raise ValueError("a piece of a text is none")
            found += self.take(number)
        return bytes(found)

    def at_break(self) -> bool:
        if self.data[self.at : self.at + 1] != _BREAK:
            return False
        self.at += 1
        return True

    def simple(self, detail: int) -> Any:
        if detail in _FLOATS:
            form, size = _FLOATS[detail]
            return struct.unpack(form, self.take(size))[0]
        if detail not in _SIMPLE:
            raise ValueError(f"it holds a value of the unknown kind {detail}")
        return _SIMPLE[detail]

    def take(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise ValueError("it ends where more is announced")
        self.at += size
        return self.data[self.at - size : self.at]
