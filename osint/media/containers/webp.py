"""WebP: chunks of a RIFF file, and the blocks of metadata in them.

Source: WebP Container Specification (RFC 9649, section 2); C2PA 2.2, section "Embedding manifests into RIFF".
"""

from __future__ import annotations

from osint.media.blocks import Kind
from osint.media.containers.structure import CUT_SHORT, Finder

_KINDS: dict[bytes, Kind] = {
    b"EXIF": "exif",
    b"XMP ": "xmp",
    b"XMP\0": "xmp",  # as some programs misspell it
    b"ICCP": "icc",
    b"C2PA": "c2pa",
}
_ANNOUNCED = ((0x20, b"ICCP"), (0x08, b"EXIF"), (0x04, b"XMP "))
_MOST_LISTED = 200


def read(file: Finder) -> None:
    """Read a WebP file."""
    end = file.start + 8 + file.unpack("<I", file.start + 4)[0]
    at, names, flags = file.start + 12, [], 0
    while at + 8 <= min(end, file.stop):
        file.step()
        name, length = file.unpack("<4sI", at)
        start, at = at + 8, at + 8 + length + length % 2
        names.append(name)
        if kind := _KINDS.get(name):
            _block(file, kind, name, start, length)
        if name == b"VP8X":
            flags = file.unpack("<B", start)[0]
        if size := _size(file, name, start):
            file.size(*size)
    listed = ", ".join(name.decode("latin-1").strip() for name in names[:_MOST_LISTED])
    file.state("container", "chunks", listed, group="WebP")
    for bit, name in _ANNOUNCED:
        if flags & bit and _KINDS[name] not in {_KINDS.get(found) for found in names}:
            file.problem(f"The header announces a chunk {name.decode().strip()}, but there is none.")
    if end <= file.stop:
        file.finish(end)
    else:
        file.problem(CUT_SHORT)


def _block(file: Finder, kind: Kind, name: bytes, start: int, length: int) -> None:
    where = _printable(name)
    if start + length > file.stop:
        file.problem(f"The chunk {where} is cut short; what there is was read.")
        length = file.stop - start
    skip = 6 if kind == "exif" and file.slice(start, 5) == b"Exif\0" and length > 6 else 0
    file.add(kind, where, (start + skip, length - skip))


def _printable(name: bytes) -> str:
    return name.decode("latin-1").strip(" \0")


def _size(file: Finder, name: bytes, start: int) -> tuple[int, int] | None:
    if name == b"VP8X":
        low_width, width, low_height, height = file.unpack("<HBHB", start + 4)
        return low_width + (width << 16) + 1, low_height + (height << 16) + 1
    if name == b"VP8 ":
        width, height = file.unpack("<HH", start + 6)
        return width & 0x3FFF, height & 0x3FFF
    if name == b"VP8L":
        (bits,) = file.unpack("<I", start + 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None
