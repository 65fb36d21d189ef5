"""Sigma raw files (X3F): a directory at the end; the JPEG picture inside carries the EXIF block.

Source: the public notes of D. Coffin (dcraw) and P. Harvey (ExifTool, SigmaRaw tags); the maker publishes none.
"""

from __future__ import annotations

from osint.media.containers import jpeg
from osint.media.containers.structure import Finder, StructureError

_MOST_SECTIONS = 100
_IMAGES = (b"IMAG", b"IMA2")
_IMAGE_HEAD = 28
_AS_JPEG = 18
_OLDER = (2, 3)  # versions whose header gives the size


def read(file: Finder) -> None:
    """Read an X3F file; its blocks are those of the JPEG pictures inside. The file ends with its directory."""
    directory = file.start + int(file.unpack("<I", file.stop - 4)[0])
    if file.slice(directory, 4) != b"SECd":
        raise StructureError("its last bytes do not name its directory")
    for index in range(min(int(file.unpack("<I", directory + 8)[0]), _MOST_SECTIONS)):
        start, length, name = file.unpack("<II4s", directory + 12 + 12 * index)
        if name in _IMAGES:
            _picture(file, file.start + start, length, name.decode())
    if file.unpack("<H", file.start + 6)[0] in _OLDER:
        file.size(*file.unpack("<II", file.start + 28))


def _picture(file: Finder, at: int, length: int, name: str) -> None:
    coding, width, height = file.unpack("<III", at + 12)
    stop = min(at + length, file.stop)
    if coding != _AS_JPEG or not (inner := file.inside(at + _IMAGE_HEAD, stop, name, "image/jpeg")):
        return
    file.size(width, height)
    jpeg.read(inner)
