"""Fujifilm raw files: the JPEG picture inside carries the metadata.

Source: "Fujifilm RAF", LibRaw and ExifTool documentation; the maker publishes none. The header is big-endian.
"""

from __future__ import annotations

from osint.media.containers import jpeg
from osint.media.containers.structure import Finder

_RAW_SIZE = 0x0111


def read(file: Finder) -> None:
    """Read a RAF file; its blocks are those of the JPEG picture inside. The format has no end mark."""
    start, length, header = file.unpack(">III", file.start + 84)
    if header:
        _raw_size(file, header)
    stop = min(start + length, file.stop)
    if stop < start + length:
        file.problem("The JPEG picture inside is cut short.")
    if file.slice(start, 3) != b"\xff\xd8\xff":
        file.problem("The JPEG picture inside does not lie where the header says; its metadata were not read.")
    elif inner := file.inside(start, stop, "JPEG", "image/jpeg"):
        jpeg.read(inner)


def _raw_size(file: Finder, at: int) -> None:
    count = file.unpack(">I", at)[0]
    at += 4
    for _ in range(min(count, 256)):
        tag, length = file.unpack(">HH", at)
        if tag == _RAW_SIZE and length == 4:
            height, width = file.unpack(">HH", at + 4)
            file.size(width, height)
            return
        at += 4 + length
