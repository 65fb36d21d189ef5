"""Canon CR3: four bare TIFF blocks in a box of the film's header, and the small pictures.

Source: the public notes of L. Laurin on the format ("canon_cr3"), as Canon publishes none.
"""

from __future__ import annotations

from osint.media.containers.boxes import Box, boxes
from osint.media.containers.structure import Finder

HEADER = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_PREVIEW = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
_BLOCKS = (b"CMT1", b"CMT2", b"CMT3", b"CMT4")
_SMALL = (b"THMB", b"PRVW")


def read_header(file: Finder, start: int, stop: int) -> None:
    """Hand on the TIFF blocks (the camera's, EXIF, MakerNote, GPS) and the thumbnail."""
    for box in boxes(file, start, stop):
        if box.name in _BLOCKS:
            file.add("exif", box.label, (box.start, box.length))
        elif box.name in _SMALL:
            _picture(file, box)


def read_preview(file: Finder, name: bytes, box: Box) -> bool:
    """Hand on the preview; return whether the box was one."""
    if name != _PREVIEW:
        return False
    for inner in boxes(file, box.start + 24, box.stop):
        if inner.name in _SMALL:
            _picture(file, inner)
    return True


def _picture(file: Finder, box: Box) -> None:
    # The length of the head differs between versions; the picture is the rest.
    head = file.slice(box.start, min(box.length, 64))
    skip = head.find(b"\xff\xd8\xff")
    if skip >= 0:
        file.add("thumbnail", box.label, (box.start + skip, box.length - skip))
