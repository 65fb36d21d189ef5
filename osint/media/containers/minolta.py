"""Minolta and Konica Minolta raw files (MRW): a row of blocks before the picture, one of them the EXIF block.

Source: the public notes of D. Coffin (dcraw) and P. Harvey (ExifTool, MinoltaRaw tags); the maker publishes none.
"""

from __future__ import annotations

from osint.media.containers.structure import Finder

_LITTLE_ENDIAN = b"\0MRI"
_HEAD = 8


def read(file: Finder) -> None:
    """Read an MRW file. The format has no end mark, so ``end`` stays unknown."""
    order = "<" if file.slice(file.start, 4) == _LITTLE_ENDIAN else ">"
    at = file.start + _HEAD
    stop = at + int(file.unpack(f"{order}I", file.start + 4)[0])
    while at < stop:
        file.step()
        name, length = file.slice(at, 4), int(file.unpack(f"{order}I", at + 4)[0])
        start, at = at + _HEAD, at + _HEAD + length
        if name == b"\0TTW":
            file.add("exif", "TTW", (start, length))
        elif name == b"\0PRD" and length >= 16:
            height, width = file.unpack(f"{order}HH", start + 12)
            file.size(width, height)
