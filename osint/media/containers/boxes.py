"""Boxes of the ISO base media file format, one after the other.

Source: ISO/IEC 14496-12:2022 section 4.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from osint.media.containers.structure import Finder, StructureError

_MOST_BOXES = 10_000


class Box(NamedTuple):
    """One box: its type, where its content lies, and whether it is whole or claims more than there is."""

    name: bytes
    start: int
    stop: int
    whole: bool = True
    open_ended: bool = False  # it states no length: it takes what is left of the file

    @property
    def length(self) -> int:
        """How many bytes the content takes."""
        return self.stop - self.start

    @property
    def label(self) -> str:
        """The type as text."""
        return self.name.decode("latin-1").strip()


def boxes(file: Finder, start: int, stop: int) -> Iterator[Box]:
    """Yield the boxes between two places. The last one may claim more than there is: it is cut, and says so.

    What follows and has no form of a box is not yielded.
    """
    for _ in range(_MOST_BOXES):
        if start + 8 > stop:
            return
        file.step()
        length, name = file.unpack(">I4s", start)
        head = 8
        if length == 1:
            if start + 16 > stop:
                return
            head, length = 16, file.unpack(">Q", start + 8)[0]
        open_ended = length == 0
        length = length or stop - start
        if length < head or not is_name(name):
            return
        whole = start + length <= stop
        yield Box(name, start + head, min(start + length, stop), whole, open_ended)
        start += length
    raise StructureError(f"it has more than {_MOST_BOXES} boxes in a row")


def named(file: Finder, name: bytes, start: int, stop: int) -> Iterator[Box]:
    """Yield the boxes of one type."""
    return (box for box in boxes(file, start, stop) if box.name == name)


def inside(file: Finder, box: Box, *path: bytes) -> Box | None:
    """Return the first box at the end of a path of types, or None."""
    for name in path:
        found = next(named(file, name, box.start, box.stop), None)
        if found is None:
            return None
        box = found
    return box


def is_name(name: bytes) -> bool:
    """Say whether four bytes can be the type of a box: printable, or the © of QuickTime."""
    return all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in name)
