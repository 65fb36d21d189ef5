"""PNG: chunks in order, their check sums, and the blocks of metadata in them.

Source: Portable Network Graphics (Third Edition), W3C 2025; the ``Raw profile type`` texts are ImageMagick's.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from osint.media.containers import photoshop
from osint.media.containers.structure import CUT_SHORT, LARGEST_INFLATED, Finder
from osint.media.value import LONGEST_TEXT

_MOST_LISTED = 200
_FACTS = {
    "Title": "title",
    "Author": "author",
    "Description": "description",
    "Copyright": "rights",
    "Software": "software",
}
_LENGTHS = {"tIME": 7, "pHYs": 9}
_RAW = b"Raw profile type "
_XMP_KEYWORD = b"XML:com.adobe.xmp"
_DIGITS = re.compile(rb"(?:\s*[0-9a-fA-F]\s*[0-9a-fA-F])*")
_XMP = b"http://ns.adobe.com/xap/1.0/\0"


class Chunk(NamedTuple):
    """One chunk: its type, where its content lies, and how much of that the file has."""

    name: str
    start: int
    length: int


def read(file: Finder) -> None:
    """Read a PNG file."""
    file.size(*file.unpack(">II", file.start + 16))
    found, wrong, end = [], [], None
    for chunk, right in _chunks(file):
        found.append(chunk.name)
        if not right:
            wrong.append(chunk.name)
        if chunk.length != _LENGTHS.get(chunk.name, chunk.length):
            file.problem(f"The chunk {chunk.name} has not the length of its kind; it was not read.")
        elif handler := _HANDLERS.get(chunk.name):
            file.attempt(f"the chunk {chunk.name}", handler, file, chunk)
        end = chunk.start + chunk.length + 4 if chunk.name == "IEND" else None
    runs = [(name, len(list(run))) for name, run in groupby(found)]
    listed = ", ".join(name if times == 1 else f"{name} x{times}" for name, times in runs[:_MOST_LISTED])
    file.state("PNG", "chunks", listed)
    if wrong:
        names = ", ".join(sorted(set(wrong))[:8])
        file.problem(f"{len(wrong)} chunks do not match their check sums: {names}. They were changed or damaged.")
    if end is None:
        file.problem(CUT_SHORT)
    else:
        file.finish(end)


def _chunks(file: Finder) -> Iterator[tuple[Chunk, bool]]:
    at = file.start + 8
    with memoryview(file.data) as view:
        while at + 12 <= file.stop:
            file.step()
            length, name = file.unpack(">I4s", at)
            chunk = Chunk(name.decode("latin-1"), at + 8, min(length, file.stop - at - 8))
            after = at + 8 + length
            whole = after + 4 <= file.stop
            with view[at + 4 : min(after, file.stop)] as checked:
                right = not whole or zlib.crc32(checked) == file.unpack(">I", after)[0]
            yield (chunk if whole else chunk._replace(name=chunk.name + " (cut)")), right
            if name == b"IEND" or not whole:
                if not whole and chunk.name in _HANDLERS:
                    file.problem(f"The chunk {chunk.name} is cut short; it was not read.")
                return
            at = after + 4


def _exif(file: Finder, chunk: Chunk) -> None:
    skip = 6 if file.slice(chunk.start, 5) == b"Exif\0" and chunk.length > 6 else 0
    file.add("exif", "eXIf", (chunk.start + skip, chunk.length - skip))


def _c2pa(file: Finder, chunk: Chunk) -> None:
    file.add("c2pa", "caBX", (chunk.start, chunk.length))


def _icc(file: Finder, chunk: Chunk) -> None:
    name, _, packed = file.slice(chunk.start, chunk.length).partition(b"\0")
    file.state("PNG", "profile name", name[:79].decode("latin-1"), group="iCCP", at=chunk.start, length=len(name))
    if (profile := file.inflated(packed[1:], "the chunk iCCP")) is not None:
        file.add("icc", "iCCP", (chunk.start, chunk.length), decoded=profile)


def _text(file: Finder, chunk: Chunk) -> None:
    keyword, _, text = file.slice(chunk.start, chunk.length).partition(b"\0")
    at = chunk.start + len(keyword) + 1
    if keyword.startswith(_RAW):
        _raw_profile(file, chunk, keyword, text)
    elif keyword == _XMP_KEYWORD:
        file.add("xmp", "tEXt", (at, len(text)))
    else:
        _state(file, chunk, keyword, text.decode("latin-1"), at=at, length=len(text))


def _packed_text(file: Finder, chunk: Chunk) -> None:
    keyword, _, packed = file.slice(chunk.start, chunk.length).partition(b"\0")
    text = file.inflated(packed[1:], "a chunk zTXt")
    if text is None:
        return
    if keyword.startswith(_RAW):
        _raw_profile(file, chunk, keyword, text)
    elif keyword == _XMP_KEYWORD:
        file.add("xmp", "zTXt", (chunk.start, chunk.length), decoded=text)
    else:
        _state(file, chunk, keyword, text.decode("latin-1"))


def _international_text(file: Finder, chunk: Chunk) -> None:
    content = file.slice(chunk.start, chunk.length)
    keyword, _, rest = content.partition(b"\0")
    packed, fields = rest[:1] == b"\x01", rest[2:].split(b"\0", 2)
    if len(fields) != 3:
        file.problem("A chunk iTXt breaks off before its text; it was not read.")
        return
    text = file.inflated(fields[2], "a chunk iTXt") if packed else fields[2]
    if text is None:
        return
    at = chunk.start + chunk.length - len(fields[2])
    if keyword == _XMP_KEYWORD:
        place = (chunk.start, chunk.length) if packed else (at, len(text))
        file.add("xmp", "iTXt", place, decoded=text if packed else None)
    elif keyword.startswith(_RAW):
        _raw_profile(file, chunk, keyword, text)
    else:
        place_of = {} if packed else {"at": at, "length": len(text)}
        _state(file, chunk, keyword, text.decode("utf-8", "backslashreplace"), **place_of)


def _state(file: Finder, chunk: Chunk, keyword: bytes, text: str, **place: int) -> None:
    name = keyword[:79].decode("latin-1")
    fact = _FACTS.get(name)
    more: dict[str, Any] = {"fact": fact, "value": text[:LONGEST_TEXT]} if fact and text else {}
    file.state("PNG", name, text, group=chunk.name, **place, **more)


def _raw_profile(file: Finder, chunk: Chunk, keyword: bytes, text: bytes) -> None:
    """Hand on a block that is spelt in hexadecimal: a line with its kind, one with its length, then the digits."""
    kind = keyword.removeprefix(_RAW).decode("latin-1")[:20]
    where, lines = f"{chunk.name} Raw profile type {kind}", text.lstrip(b"\n").split(b"\n", 2)
    try:
        length, digits = int(lines[1]), _DIGITS.match(lines[2], 0, 3 * LARGEST_INFLATED)
        content = bytes.fromhex(digits[0].decode("ascii")) if digits else b""
    except (ValueError, IndexError):
        file.problem(f"The text {where} is not spelt as a profile; it was not read.")
        return
    if length != len(content):
        file.problem(f"The text {where} states {length} bytes and spells {len(content)}.")
    _profile(file, where, kind.casefold(), (chunk.start, chunk.length), content)


def _profile(file: Finder, where: str, kind: str, place: tuple[int, int], content: bytes) -> None:
    if kind in ("exif", "app1") and content.startswith(_XMP):
        file.add("xmp", where, place, decoded=content.removeprefix(_XMP))
    elif kind in ("exif", "app1"):
        file.add("exif", where, place, decoded=content[6:] if content.startswith(b"Exif\0") else content)
    elif kind in ("iptc", "8bim"):
        content = content.removeprefix(b"Photoshop 3.0\0")
        if content.startswith(b"8BIM"):
            photoshop.read(file, where, (place,), content)
        else:
            file.add("iptc", where, place, decoded=content)
    elif kind in ("icc", "icm"):
        file.add("icc", where, place, decoded=content)
    elif kind == "xmp":
        file.add("xmp", where, place, decoded=content)
    else:
        file.problem(f"The text {where} holds a profile of a kind that is not read here.")


def _time(file: Finder, chunk: Chunk) -> None:
    year, month, day, hour, minute, second = file.unpack(">H5B", chunk.start)
    text = f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}Z"
    file.state("PNG", "last changed", text, group="tIME", at=chunk.start, length=7)


def _density(file: Finder, chunk: Chunk) -> None:
    across, down, unit = file.unpack(">IIB", chunk.start)
    unit = "per metre" if unit == 1 else "aspect ratio"
    file.state("PNG", "density", f"{across} x {down}, {unit}", group="pHYs", at=chunk.start, length=9)


_HANDLERS: dict[str, Callable[[Finder, Chunk], None]] = {
    "eXIf": _exif,
    "caBX": _c2pa,
    "iCCP": _icc,
    "tEXt": _text,
    "zTXt": _packed_text,
    "iTXt": _international_text,
    "tIME": _time,
    "pHYs": _density,
}
