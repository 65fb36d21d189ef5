"""JPEG XL: the size at the start of the codestream, and the boxes that only this format has.

Source: ISO/IEC 18181-1:2024 section D.2 (SizeHeader), ISO/IEC 18181-2:2024 section 9 (Exif, brob).
"""

from __future__ import annotations

import struct

from osint.media.containers.boxes import Box
from osint.media.containers.compression import KNOWS_BROTLI, unbrotli
from osint.media.containers.structure import Finder

_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_LENGTHS = (9, 13, 18, 30)
_START_OUTSIDE = "The EXIF block is announced, but its start lies outside it; it was not read."
_CODESTREAM = b"\xff\x0a"


def read_bare(file: Finder) -> bool:
    """Read a bare codestream, which has no metadata and no mark at its end; return whether the file is one."""
    if file.slice(file.start, 2) != _CODESTREAM:
        return False
    _size(file, file.start + 2)
    return True


def read_exif(file: Finder, box: Box) -> None:
    """Hand on an Exif box: four bytes say where the TIFF block starts behind them."""
    skip = _exif_start(file.slice(box.start, 6))
    if skip >= box.length:
        file.problem(_START_OUTSIDE)
    else:
        file.add("exif", "Exif", (box.start + skip, box.length - skip))


def _exif_start(head: bytes) -> int:
    if head == b"Exif\0\0":  # some programs write what JPEG has there, and not the four bytes
        return 6
    return 0 if head[:2] in (b"II", b"MM") else 4 + int.from_bytes(head[:4], "big")


def read_brotli(file: Finder, box: Box) -> None:
    """Hand on what stands in a box that is compressed; its own type comes first."""
    name = file.slice(box.start, 4)
    kind = name.decode("latin-1").strip()
    if not KNOWS_BROTLI:
        file.problem(
            f"A box of the type {kind} is compressed with Brotli (brob); it was not read. "
            "pip install 'osint[jxl]' brings what reads it."
        )
        return
    place = (box.start + 4, box.length - 4)
    content = file.inflated(file.slice(*place), f"the box {kind}", unbrotli)
    if content is None:
        return
    if name == b"Exif":
        _compressed_exif(file, place, content)
    elif name == b"xml ":
        file.add("xmp", "brob xml", place, decoded=content)
    elif name == b"jumb":
        file.add("c2pa", "brob jumb", place, decoded=struct.pack(">I4s", len(content) + 8, name) + content)


def _compressed_exif(file: Finder, place: tuple[int, int], content: bytes) -> None:
    skip = _exif_start(content[:6])
    if skip >= len(content):
        file.problem(_START_OUTSIDE)
    else:
        file.add("exif", "brob Exif", place, decoded=content[skip:])


def read_codestream(file: Finder, box: Box) -> None:
    """Read the size out of the first part of the codestream."""
    at = box.start + (4 if box.name == b"jxlp" else 0)
    if file.width is None and file.slice(at, 2) == _CODESTREAM:
        _size(file, at + 2)


def _size(file: Finder, at: int) -> None:
    bits = _Bits(file.slice(at, 12))
    small = bits.take(1)
    height = _side(bits, small=small)
    ratio = bits.take(3)
    file.size(height * _RATIOS[ratio][0] // _RATIOS[ratio][1] if ratio else _side(bits, small=small), height)


def _side(bits: _Bits, *, small: int) -> int:
    return 8 * (1 + bits.take(5)) if small else 1 + bits.take(_LENGTHS[bits.take(2)])


class _Bits:
    """Takes numbers of some bits each, the lowest first."""

    def __init__(self, data: bytes) -> None:
        self.left = int.from_bytes(data, "little")

    def take(self, count: int) -> int:
        taken = self.left & ((1 << count) - 1)
        self.left >>= count
        return taken
