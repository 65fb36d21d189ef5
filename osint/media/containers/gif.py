"""GIF: blocks and extensions, with the metadata in comments and application extensions.

Source: Graphics Interchange Format 89a; XMP part 3 section 1.1.2 (its packet is no series of sub-blocks);
ICC.1:2022 annex B.6; C2PA 2.2, section "Embedding manifests into GIF".
"""

from __future__ import annotations

from osint.media.containers.structure import CUT_SHORT, Finder, StructureError

_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_COMMENT, _APPLICATION = 0xFE, 0xFF
_XMP_TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\0"  # makes a reader of sub-blocks come out at its end
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
Pieces = list[tuple[int, int]]


def read(file: Finder) -> None:
    """Read a GIF file."""
    width, height, flags = file.unpack("<HHB", file.start + 6)
    file.size(width, height)
    at, frames = file.start + 13 + _table(flags), 0
    try:
        while (mark := file.unpack("B", at)[0]) in (_IMAGE, _EXTENSION):
            frames += mark == _IMAGE
            at = _image(file, at) if mark == _IMAGE else _extension(file, at)
        whole = mark == _TRAILER
    except StructureError as error:
        file.problem(f"The blocks of the picture break off: {error}.")
        whole = False
    file.state("container", "frames", str(frames), group="GIF")
    if whole:
        file.finish(at + 1)
    else:
        file.problem(CUT_SHORT)


def _table(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _image(file: Finder, at: int) -> int:
    return _sub_blocks(file, at + 11 + _table(file.unpack("B", at + 9)[0]))[1]


def _extension(file: Finder, at: int) -> int:
    label = file.unpack("B", at + 1)[0]
    pieces, after = _sub_blocks(file, at + 2)
    if label == _COMMENT and pieces:
        text = b"".join(file.slice(*piece) for piece in pieces).decode("utf-8", "backslashreplace")
        place = {"at": pieces[0][0], "length": pieces[0][1]} if len(pieces) == 1 else {}
        file.state("container", "comment", text, group="GIF", **place)
    elif label == _APPLICATION and pieces and pieces[0][1] == 11:
        _application(file, file.slice(*pieces[0]), pieces[1:], pieces[0][0] + 11, after)
    return after


def _application(file: Finder, name: bytes, pieces: Pieces, start: int, after: int) -> None:
    file.state("container", "application", name.decode("latin-1"), group="GIF", at=start - 11, length=11)
    if name == b"XMP DataXMP":
        length = after - start - len(_XMP_TRAILER)
        if length <= 0 or file.slice(start + length, len(_XMP_TRAILER)) != _XMP_TRAILER:
            file.problem("The XMP extension does not end as it should; it was not read.")
        else:
            file.add("xmp", "application extension XMP", (start, length))
    elif name == b"ICCRGBG1012":
        file.add("icc", "application extension ICC", *pieces)
    elif name.startswith(b"C2PA_GIF"):
        file.add("c2pa", "application extension C2PA", *pieces)
    elif name in _LOOPS and pieces and pieces[0][1] == 3:
        times = file.unpack("<H", pieces[0][0] + 1)[0]
        file.state("container", "loop", str(times) if times else "without end", group="GIF", at=pieces[0][0], length=3)


def _sub_blocks(file: Finder, at: int) -> tuple[Pieces, int]:
    """Return the places of a series of sub-blocks, and where the series ends."""
    pieces = []
    while length := file.unpack("B", at)[0]:
        file.step()
        pieces.append((at + 1, length))
        at += 1 + length
    return pieces, at + 1
