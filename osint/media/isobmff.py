"""Boxes of the ISO base media file format (HEIF, AVIF, MP4, QuickTime), as far as pictures need them.

Source: ISO/IEC 14496-12 (boxes, ``iinf``, ``iloc``), ISO/IEC 23008-12 (``ispe``, the Exif item).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_MOST_BOXES = 10_000
_MOST_EXTENTS = 10_000


@dataclass(frozen=True, kw_only=True)
class Boxes:
    """What the boxes show; the fields are those of ``structure.Structure``."""

    size: tuple[int, int] | None
    exif: tuple[int, int] | None
    end: int | None
    problems: tuple[str, ...]


def read(data: bytes) -> Boxes:
    """Read the top-level boxes and, where there is one, the directory of a picture (``meta``)."""
    end, size, exif = 0, None, None
    problems: list[str] = []
    for name, start, stop in boxes(data, 0, len(data)):
        end = stop
        if name == b"meta":
            size = _largest_size(data, start + 4, stop)
            exif, problems = _exif_item(data, start + 4, stop)
    return Boxes(size=size, exif=exif, end=end or None, problems=tuple(problems))


def boxes(data: bytes, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of the content of each box between two positions; a box that overruns ends it."""
    for _ in range(_MOST_BOXES):
        if start + 8 > stop:
            return
        length, name = struct.unpack_from(">I4s", data, start)
        head = 8
        if length == 1 and start + 16 <= stop:
            head, length = 16, struct.unpack_from(">Q", data, start + 8)[0]
        length = length or stop - start
        if length < head or start + length > stop:
            return
        yield name, start + head, start + length
        start += length


def _largest_size(data: bytes, start: int, stop: int) -> tuple[int, int] | None:
    # A picture made of tiles has a size for the tiles and a larger one for the whole.
    sizes = [struct.unpack_from(">II", data, at + 4) for at in _sizes(data, start, stop)]
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def _sizes(data: bytes, start: int, stop: int) -> Iterator[int]:
    for properties in _named(b"iprp", data, start, stop):
        for container in _named(b"ipco", data, *properties):
            for inner, end in _named(b"ispe", data, *container):
                if end - inner >= 12:
                    yield inner


def _named(wanted: bytes, data: bytes, start: int, stop: int) -> Iterator[tuple[int, int]]:
    return ((inner, end) for name, inner, end in boxes(data, start, stop) if name == wanted)


def _exif_item(data: bytes, start: int, stop: int) -> tuple[tuple[int, int] | None, list[str]]:
    parts = {name: (inner, end) for name, inner, end in boxes(data, start, stop)}
    if b"iinf" not in parts or b"iloc" not in parts:
        return None, []
    wanted = _exif_id(data, *parts[b"iinf"])
    if wanted is None:
        return None, []
    extents = _extents(data, *parts[b"iloc"], wanted)
    if extents is None or len(extents) != 1:
        return None, ["The EXIF block is announced, but does not lie in one piece in the file; it was not read."]
    at, length = extents[0]
    if at + 4 > len(data) or at + length > len(data):
        return None, ["The EXIF block is announced, but lies outside the file; it was not read."]
    skip = 4 + int(struct.unpack_from(">I", data, at)[0])
    if skip >= length:
        return None, ["The EXIF block is announced, but its start lies outside it; it was not read."]
    return (at + skip, length - skip), []


def _exif_id(data: bytes, start: int, stop: int) -> int | None:
    head = 6 if data[start] == 0 else 8
    for name, inner, end in boxes(data, start + head, stop):
        if name != b"infe" or end - inner < 12 or data[inner] < 2:
            continue
        layout = ">H2x4s" if data[inner] == 2 else ">I2x4s"
        item, kind = struct.unpack_from(layout, data, inner + 4)
        if kind == b"Exif":
            return int(item)
    return None


def _extents(data: bytes, start: int, stop: int, wanted: int) -> list[tuple[int, int]] | None:
    """Return position and length of each piece of one item, or None when it is not stored in the file itself."""
    version = data[start]
    offset_size, length_size = data[start + 4] >> 4, data[start + 4] & 15
    base_size, index_size = data[start + 5] >> 4, data[start + 5] & 15 if version else 0
    wide = 4 if version == 2 else 2
    reader = _Reader(data, start + 6, stop)
    left = _MOST_EXTENTS  # a piece may be described by no byte at all, so the file's length is no bound
    for _ in range(reader.number(wide)):
        item = reader.number(wide)
        method = reader.number(2) & 15 if version else 0
        reader.number(2)
        base = reader.number(base_size)
        count = reader.number(2)
        left -= count
        if left < 0:
            raise ValueError("the directory of items names too many pieces")
        extents = []
        for _ in range(count):
            reader.number(index_size)
            extents.append((base + reader.number(offset_size), reader.number(length_size)))
        if item == wanted:
            return extents if method == 0 else None
    return None


class _Reader:
    """Reads big-endian numbers one after the other, and no further than its end."""

    def __init__(self, data: bytes, at: int, stop: int) -> None:
        self.data, self.at, self.stop = data, at, stop

    def number(self, size: int) -> int:
        if size and self.at + size > self.stop:
            raise ValueError("the directory of items is cut short")
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at], "big")
