"""Where the items of a HEIF file lie: the boxes ``iinf`` and ``iloc``.

Source: ISO/IEC 14496-12:2022 sections 8.11.3 and 8.11.6.
"""

from __future__ import annotations

from dataclasses import dataclass

from osint.media.containers.boxes import Box, named
from osint.media.containers.structure import Finder, Pieces, StructureError

_MOST_ITEMS = 100_000
_MOST_EXTENTS = 10_000
IN_FILE, IN_IDAT = 0, 1


@dataclass(frozen=True)
class Item:
    """One item of the directory: its number, its type, and for a MIME item what that says."""

    number: int
    kind: str
    content_type: str = ""
    encoding: str = ""


@dataclass(frozen=True)
class Location:
    """Where an item lies: in this file, in the box ``idat``, or elsewhere."""

    method: int
    elsewhere: bool
    pieces: Pieces


def read_items(file: Finder, box: Box) -> dict[int, Item]:
    """Return the items by their numbers."""
    version = file.unpack("B", box.start)[0]
    found: dict[int, Item] = {}
    for entry in named(file, b"infe", box.start + (6 if version == 0 else 8), box.stop):
        version = file.unpack("B", entry.start)[0]
        if version < 2:
            continue
        layout = ">H2x4s" if version == 2 else ">I2x4s"
        number, kind = file.unpack(layout, entry.start + 4)
        at = entry.start + (12 if version == 2 else 14)
        # The name, and for a MIME item its type and how it is packed, each end with a zero byte.
        texts = file.slice(at, entry.stop - at).decode("latin-1").split("\0")
        content_type, encoding = (*texts[1:3], "", "")[:2] if kind == b"mime" else ("", "")
        found[number] = Item(number, kind.decode("latin-1"), content_type, encoding)
    return found


def read_locations(file: Finder, box: Box) -> dict[int, Location]:
    """Return where each item lies; positions are those in the file, or in ``idat``."""
    version = file.unpack("B", box.start)[0]
    sizes, more = file.unpack("BB", box.start + 4)
    offset_size, length_size, base_size = sizes >> 4, sizes & 15, more >> 4
    index_size = more & 15 if version else 0
    numbers = _Numbers(file, box.start + 6, box.stop)
    wide = 4 if version == 2 else 2
    left = _MOST_EXTENTS  # a piece may be described by no byte at all, so the file's length is no bound
    found: dict[int, Location] = {}
    for _ in range(numbers.take(wide)):
        number = numbers.take(wide)
        method = numbers.take(2) & 15 if version else IN_FILE
        elsewhere = numbers.take(2) != 0
        base, count = numbers.take(base_size), numbers.take(2)
        left -= count
        if left < 0 or len(found) >= _MOST_ITEMS:
            raise StructureError("the directory of items names too many pieces")
        pieces = []
        for _ in range(count):
            numbers.take(index_size)
            pieces.append((base + numbers.take(offset_size), numbers.take(length_size)))
        found[number] = Location(method, elsewhere, tuple(pieces))
    return found


class _Numbers:
    """Takes big-endian numbers one after the other, and no further than its end."""

    def __init__(self, file: Finder, at: int, stop: int) -> None:
        self.file, self.at, self.stop = file, at, stop

    def take(self, size: int) -> int:
        if self.at + size > self.stop:
            raise StructureError("the directory of items is cut short")
        self.at += size
        return int.from_bytes(self.file.data[self.at - size : self.at], "big")
