"""PostScript and EPS: the comments at its head, XMP packets, and the resources and profiles that comments enclose.

A scan, not an interpreter: PostScript is a language, and nothing of it is run here.

Source: Adobe, Encapsulated PostScript File Format Specification 3.0 (1992), with its binary header for DOS; Document
Structuring Conventions 3.0 (1992); Photoshop writes its resources between ``%BeginPhotoshop`` and ``%EndPhotoshop``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from osint.media.containers import packets, photoshop, tiff
from osint.media.containers.structure import Finder

_DOS_MARK = b"\xc5\xd0\xd3\xc6"
_DOS_HEAD = 30
_MOST_PARTS = 20
_LARGEST_PART = 32 << 20
_LONGEST_HEAD = 16_384
_COMMENT = re.compile(rb"%%(Title|Creator|CreationDate|For|BoundingBox): ?([^\r\n]{1,2000})")
_FACTS = {"Title": "title", "Creator": "software"}
_NOT_HEXADECIMAL = bytes(byte for byte in range(256) if byte not in b"0123456789abcdefABCDEF")


def read(file: Finder) -> None:
    """Read a PostScript file, with or without the header that encloses a preview for DOS."""
    if file.slice(file.start, 4) != _DOS_MARK:
        _language(file, file.start, file.stop)
        return
    text, length, _, _, preview, size = file.unpack("<6I", file.start + 4)
    start = file.start + max(text, _DOS_HEAD)
    _language(file, start, min(start + length, file.stop))
    # Last, since the first block of a kind is taken for that of the file.
    at = file.start + preview
    if size and (inner := file.inside(at, min(at + size, file.stop), "preview", "image/tiff")):
        file.attempt("the preview", tiff.read, inner)


def _language(file: Finder, start: int, stop: int) -> None:
    _comments(file, start, min(start + _LONGEST_HEAD, stop))
    packets.read(file)
    _photoshop(file, start, stop)
    _profile(file, start, stop)


def _comments(file: Finder, start: int, stop: int) -> None:
    head = file.slice(start, stop - start).partition(b"%%EndComments")[0]
    for match in _COMMENT.finditer(head):
        name, text = match[1].decode(), match[2].decode("utf-8", "backslashreplace").strip().strip("()")
        more: dict[str, Any] = {"fact": _FACTS[name], "value": text} if name in _FACTS and text else {}
        place = {"at": start + match.start(2), "length": len(match[2])}
        file.state("container", name, text, group="PostScript", **place, **more)


def _photoshop(file: Finder, start: int, stop: int) -> None:
    for at, content in _hexadecimal(file, b"%BeginPhotoshop:", b"%EndPhotoshop", start, stop):
        photoshop.read(file, "BeginPhotoshop", (at,), content)


def _profile(file: Finder, start: int, stop: int) -> None:
    for at, content in _hexadecimal(file, b"%%BeginICCProfile:", b"%%EndICCProfile", start, stop):
        file.add("icc", "BeginICCProfile", at, decoded=content)


def _hexadecimal(
    file: Finder, first: bytes, last: bytes, start: int, stop: int
) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Yield what stands in hexadecimal between two comments: where, and the bytes."""
    for _ in range(_MOST_PARTS):
        start = file.data.find(first, start, stop)
        if start < 0:
            return
        line = re.compile(rb"[\r\n]").search(file.data, start, min(start + 200, stop))
        end = file.data.find(last, start, stop)
        if line is None or end < 0 or end - line.end() > _LARGEST_PART:
            file.problem(f"What {first.decode().strip('%:')} announces has no end, or is too large; it was not read.")
            return
        digits = file.slice(line.end(), end - line.end()).translate(None, _NOT_HEXADECIMAL)
        yield (line.end(), end - line.end()), bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
        start = end
