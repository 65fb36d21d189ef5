"""Image resources of Photoshop: the blocks of other kinds that lie in them.

Source: Adobe Photoshop File Formats Specification (November 2019), "Image Resources Section".
"""

from __future__ import annotations

from collections.abc import Iterator

from osint.media.blocks import Kind
from osint.media.containers.structure import Finder, Pieces, cut

_MOST_RESOURCES = 2000
_SIGNATURES = {b"8BIM", b"MeSa", b"PHUT", b"AgHg", b"DCSR"}  # the last four are other programs'
_KINDS: dict[int, Kind] = {
    0x0404: "iptc",
    0x040F: "icc",
    0x0422: "exif",
    0x0423: "exif",
    0x0424: "xmp",
    0x0409: "thumbnail",
    0x040C: "thumbnail",
}
_THUMBNAIL_HEAD = 28
_AS_JPEG = b"\0\0\0\x01"


def read(file: Finder, where: str, pieces: Pieces, decoded: bytes | None = None) -> None:
    """Hand on the resources as one block, and each that holds a block of another kind as a block of its own."""
    if not file.add("photoshop", where, *pieces, decoded=decoded):
        return
    content = b"".join(file.slice(*piece) for piece in pieces) if decoded is None else decoded
    for number, start, length in _resources(file, where, content):
        kind = _KINDS.get(number)
        skip = _head(kind, content[start : start + min(length, 8)])
        if kind is None or skip is None or skip >= length:
            continue
        name = f"{where} 0x{number:04X}"
        if decoded is None:
            file.add(kind, name, *cut(pieces, start + skip, length - skip))
        else:
            file.add(kind, name, *pieces, decoded=content[start + skip : start + length])


def _resources(file: Finder, where: str, content: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield number, start and length of each resource."""
    at = 0
    for _ in range(_MOST_RESOURCES):
        if at + 12 > len(content):
            return
        if content[at : at + 4] not in _SIGNATURES:
            if content[at:].strip(b"\0"):
                file.problem(f"The Photoshop resources in {where} break off at byte {at}; the rest was not read.")
            return
        number = int.from_bytes(content[at + 4 : at + 6], "big")
        start = at + 6 + (content[at + 6] + 2) // 2 * 2 + 4  # a name, padded to an even length, and the length
        length = int.from_bytes(content[start - 4 : start], "big")
        if start + length > len(content):
            file.problem(f"The Photoshop resource 0x{number:04X} in {where} is cut short; it was not read.")
            return
        yield number, start, length
        at = start + length + length % 2
    file.problem(f"There are more than {_MOST_RESOURCES} Photoshop resources in {where}; the rest was not read.")


def _head(kind: Kind | None, head: bytes) -> int | None:
    """Return how many bytes stand before the block in its resource; None when it is none that is read here."""
    if kind == "thumbnail":
        return _THUMBNAIL_HEAD if head[:4] == _AS_JPEG else None  # the other form is uncompressed
    return 6 if kind == "exif" and head.startswith(b"Exif\0") else 0
