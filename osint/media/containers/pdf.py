"""PDF: XMP packets that stand uncompressed, the document information, EXIF of its pictures, and what was not read.

A scan, not a parser: it follows no table of objects. So it finds what stands open in the file, the parts of earlier
versions included, and says what it could not look into.

Source: ISO 32000-2:2020 sections 7.3.4 (strings), 7.4.8 (DCTDecode), 7.5.6 (updates), 14.3.3 (document information),
14.5 (page-piece dictionaries); C2PA 2.2, "PDF".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from osint.media.containers import jpeg, packets, photoshop
from osint.media.containers.structure import CUT_SHORT, Finder
from osint.media.value import LONGEST_TEXT

_MOST_MANIFESTS = 100
_MOST_DICTIONARIES = 20
_MOST_PICTURES = 100
_LONGEST_DICTIONARY = 65_536
_INFO = re.compile(rb"/Info\s{1,10}(\d{1,10})\s{1,10}(\d{1,5})\s{1,10}R")
_ENTRY = re.compile(rb"/(Title|Author|Subject|Keywords|Creator|Producer|CreationDate|ModDate)\s{0,20}([(<])")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_FACTS = {
    "Title": "title",
    "Author": "author",
    "Subject": "description",
    "Keywords": "keywords",
    "Creator": "software",
    "Producer": "software",
}
_RESOURCES = re.compile(rb"/ImageResources\s{1,10}(\d{1,10})\s{1,10}(\d{1,5})\s{1,10}R")
_STREAM = re.compile(rb">>\s{0,10}stream\r?\n")
_PICTURE = re.compile(rb"stream\r?\n(?=\xff\xd8\xff)")
_EXIF = b"Exif\0\0"
_END = b"%%EOF"


def read(file: Finder) -> None:
    """Read a PDF file."""
    encrypted = file.data.find(b"/Encrypt", file.start, file.stop) >= 0
    packets.read(file)
    _manifests(file)
    if encrypted:
        file.problem("The document is encrypted; its information and its compressed parts were not read.")
    else:
        _information(file)
        _resources(file)
    if file.data.find(b"/ObjStm", file.start, file.stop) >= 0:
        file.problem("The document keeps objects in compressed streams; what lies there was not read.")
    version = file.slice(file.start + 5, 8).split()[:1]
    file.state("container", "version", (version or [b""])[0].decode("latin-1"), group="PDF")
    _end(file)
    _pictures(file)


def _pictures(file: Finder) -> None:
    """Hand on the EXIF of each picture that stands in the document as the JPEG file that it was."""
    found = 0
    for match in _PICTURE.finditer(file.data, file.start, file.stop):
        ends = file.data.find(b"endstream", match.end(), file.stop)
        stop = ends if ends >= 0 else file.stop
        if file.data.find(_EXIF, match.end(), stop) < 0:
            continue
        if found >= _MOST_PICTURES:
            file.problem(f"More than {found} pictures in the document have EXIF; that of the others was not read.")
            break
        picture = file.inside(match.end(), stop, f"picture {found + 1}", "image/jpeg")
        if picture is not None:
            found += 1
            picture.of_part = True
            file.attempt(f"picture {found} in the document", jpeg.read, picture)
    if found:
        file.problem("Pictures in the document have EXIF of their own: it tells of them, and not of the document.")


def _manifests(file: Finder) -> None:
    """Hand on C2PA manifests, JUMBF boxes in an embedded file, where that is not compressed."""
    at, found = file.start, 0
    for _ in range(_MOST_MANIFESTS):
        at = file.data.find(b"jumb", at, file.stop)
        if at < 0:
            break
        length = int.from_bytes(file.slice(at - 4, 4), "big") if at >= file.start + 4 else 0
        if file.slice(at + 8, 4) == b"jumd" and 16 <= length <= file.stop - at + 4:
            file.add("c2pa", "embedded file", (at - 4, length))
            at, found = at - 4 + length, found + 1
        else:
            at += 4
    if not found and file.data.find(b"/C2PA_Manifest", file.start, file.stop) >= 0:
        file.problem("The document names a C2PA manifest that is compressed or missing; it was not read.")


def _end(file: Finder) -> None:
    ends = [match.end() for match in re.finditer(_END, file.data) if match.end() <= file.stop]
    file.state("container", "saved states", str(len(ends)), group="PDF")
    if not ends:
        file.problem(CUT_SHORT)
        return
    after = ends[-1]
    while after < file.stop and after < ends[-1] + 2 and file.slice(after, 1) in (b"\r", b"\n"):
        after += 1
    file.finish(after)


def _information(file: Finder) -> None:
    seen: set[bytes] = set()
    for number, match in enumerate(_INFO.finditer(file.data, file.start, file.stop)):
        if number >= _MOST_DICTIONARIES:
            file.problem(f"The document names its information more than {number} times; the rest was not read.")
            return
        if match[0] in seen:
            continue
        seen.add(match[0])
        found = False
        for start, stop in _objects(file, match[1], match[2]):
            found = True
            _entries(file, start, stop)
        if not found:
            file.problem("The document information stands in a compressed stream, or is missing; it was not read.")


def _resources(file: Finder) -> None:
    """Hand on the image resources that Photoshop keeps in documents of its own."""
    named = islice(_RESOURCES.finditer(file.data, file.start, file.stop), _MOST_DICTIONARIES)
    for number, generation in dict.fromkeys(match.groups() for match in named):
        for start, stop in _objects(file, number, generation):
            opening = _STREAM.search(file.data, start, stop)
            if opening is None:
                continue
            closing = file.data.find(b"endstream", opening.end(), file.stop)
            place = (opening.end(), (closing if closing >= 0 else file.stop) - opening.end())
            packed = b"/FlateDecode" in file.slice(start, opening.start() - start)
            content = file.inflated(file.slice(*place), "the image resources") if packed else None
            if content is not None or not packed:
                photoshop.read(file, "ImageResources", (place,), content)


def _objects(file: Finder, number: bytes, generation: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each version of an object lies."""
    head = re.compile(rb"(?<![0-9])" + number + rb"\s{1,10}" + generation + rb"\s{1,10}obj\b")
    for count, match in enumerate(head.finditer(file.data, file.start, file.stop)):
        if count >= _MOST_DICTIONARIES:
            file.problem(f"The document information stands in more than {count} versions; the rest was not read.")
            return
        limit = min(match.end() + _LONGEST_DICTIONARY, file.stop)
        stop = file.data.find(b"endobj", match.end(), limit)
        yield match.end(), stop if stop >= 0 else limit


def _entries(file: Finder, start: int, stop: int) -> None:
    content = file.slice(start, stop - start)
    at = 0
    while match := _ENTRY.search(content, at):
        opening = match.end() - 1
        closing = _literal_end(content, opening) if match[2] == b"(" else content.find(b">", opening)
        if closing < 0:
            file.problem("A text of the document information has no end; it was not read.")
            return
        raw = content[opening + 1 : closing]
        name = match[1].decode()
        text = _text(_literal(raw) if match[2] == b"(" else _hexadecimal(raw))
        fact = _FACTS.get(name)
        more: dict[str, Any] = {"fact": fact, "value": text[:LONGEST_TEXT]} if fact and text else {}
        place = {"at": start + opening, "length": closing + 1 - opening}
        file.state("container", name, text, group="PDF Info", **place, **more)
        at = closing + 1


def _literal_end(content: bytes, opening: int) -> int:
    depth, at = 0, opening
    while at < len(content):
        byte = content[at]
        if byte == 0x5C:  # a backslash takes the next byte with it
            at += 1
        elif byte == 0x28:
            depth += 1
        elif byte == 0x29:
            depth -= 1
            if not depth:
                return at
        at += 1
    return -1


def _literal(raw: bytes) -> bytes:
    def plain(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8) & 255]) if code[:1].isdigit() and code[0] < 0x38 else _ESCAPES.get(code, code)

    return _ESCAPE.sub(plain, raw)


def _hexadecimal(raw: bytes) -> bytes:
    digits = bytes(byte for byte in raw if byte in b"0123456789abcdefABCDEF")
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())


def _text(content: bytes) -> str:
    if content.startswith((b"\xfe\xff", b"\xff\xfe")):
        return content.decode("utf-16", "replace")
    if content.startswith(b"\xef\xbb\xbf"):
        return content[3:].decode("utf-8", "replace")
    return content.decode("latin-1")  # PDFDocEncoding has the same letters, but not the same typographic marks
