"""JPEG: segments in order, tables by digest, and the blocks that lie in application segments.

Source: ITU-T T.81 (markers), JFIF 1.02, Exif 3.0 section 4.7, XMP part 3 section 1.1.3, CIPA DC-007 (MPF).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import groupby
from typing import NamedTuple

from osint.media.containers import jpeg_segments, mpf, photoshop
from osint.media.containers.structure import Finder, printable

_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SOI, _EOI, _SOS, _DQT, _DHT, _DRI, _COM, _APP0, _APP15 = 0xD8, 0xD9, 0xDA, 0xDB, 0xC4, 0xDD, 0xFE, 0xE0, 0xEF
_FRAMES = {
    0xC0: "baseline",
    0xC1: "extended sequential",
    0xC2: "progressive",
    0xC3: "lossless",
    0xC9: "extended sequential, arithmetic",
    0xCA: "progressive, arithmetic",
    0xCB: "lossless, arithmetic",
} | dict.fromkeys((0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF), "differential")
_MARKERS = {_SOS: "SOS", _DQT: "DQT", _DHT: "DHT", _DRI: "DRI", _COM: "COM", 0xCC: "DAC", 0xDC: "DNL"}
_SIGNATURES = (
    (0xE0, b"JFIF\0", "JFIF"),
    (0xE0, b"JFXX\0", "JFXX"),
    (0xE1, b"http://ns.adobe.com/xap/1.0/\0", "XMP"),
    (0xE1, b"http://ns.adobe.com/xmp/extension/\0", "XMP extension"),
    (0xE2, b"ICC_PROFILE\0", "ICC"),
    (0xE2, b"MPF\0", "MPF"),
    (0xEB, b"JP", "JUMBF"),
    (0xED, b"Photoshop 3.0\0", "Photoshop"),
)
_MOST_LISTED = 200


class Segment(NamedTuple):
    """One segment: its marker, what it is, where its content lies, and the content's start after a signature."""

    marker: int
    label: str
    start: int
    stop: int
    body: int


def read(file: Finder) -> None:
    """Read a JPEG file."""
    found = list(_segments(file))
    _blocks(file, found)
    _tables(file, found)
    _headers(file, found)
    listed = [segment.label for segment in found]
    runs = [(label, len(list(run))) for label, run in groupby(listed)]
    text = ", ".join(label if times == 1 else f"{label} x{times}" for label, times in runs[:_MOST_LISTED])
    file.state("container", "segments", text, group="JPEG")
    if found and found[-1].marker == _EOI:
        file.finish(found[-1].stop)
    else:
        file.problem("The picture has no end marker: the file is cut short, or its structure is damaged.")
    for segment in found:
        if segment.label == "APP2 MPF":
            mpf.read(file, segment.body, read)


def _segments(file: Finder) -> Iterator[Segment]:
    """Yield each segment up to and including the end marker; what lies between two segments is passed over."""
    data, at = file.data, file.start + 2
    while match := _NEXT_MARKER.search(data, at, file.stop):
        file.step()
        start = match.end()
        marker = data[start - 1]
        if marker == _EOI:
            yield Segment(marker, "EOI", start, start, start)
            return
        if marker in (0x01, _SOI):
            at = start
            continue
        if start + 2 > file.stop:
            return
        at = start + max(int.from_bytes(data[start : start + 2], "big"), 2)
        stop = min(at, file.stop)
        yield Segment(marker, *_labelled(file, marker, start + 2, stop))


def _labelled(file: Finder, marker: int, start: int, stop: int) -> tuple[str, int, int, int]:
    if not _APP0 <= marker <= _APP15:
        frame = f"SOF{marker - 0xC0}" if marker in _FRAMES else f"0x{marker:02X}"
        return _MARKERS.get(marker, frame), start, stop, start
    head, number = file.slice(start, min(stop - start, 40)), f"APP{marker - _APP0}"
    if marker == 0xE1 and head.startswith(b"Exif\0"):
        return f"{number} Exif", start, stop, min(start + 6, stop)
    for wanted, signature, label in _SIGNATURES:
        if marker == wanted and head.startswith(signature):
            return f"{number} {label}", start, stop, start + len(signature)
    name = printable(head[:32])
    return f"{number} {name}" if name.isascii() and name.isprintable() and name else number, start, stop, start


def _blocks(file: Finder, found: list[Segment]) -> None:
    _exif(file, found)
    jpeg_segments.xmp(file, _bodies(found, "APP1 XMP"), _bodies(found, "APP1 XMP extension"))
    if resources := _bodies(found, "APP13 Photoshop"):
        photoshop.read(file, "APP13", tuple(resources))
    jpeg_segments.icc(file, _bodies(found, "APP2 ICC"))
    jpeg_segments.jumbf(file, _bodies(found, "APP11 JUMBF"))


def _bodies(found: list[Segment], label: str) -> list[tuple[int, int]]:
    return [(segment.body, segment.stop - segment.body) for segment in found if segment.label == label]


def _exif(file: Finder, found: list[Segment]) -> None:
    blocks: list[list[tuple[int, int]]] = []
    before = None
    for segment in found:
        piece = (segment.body, segment.stop - segment.body)
        if segment.label == "APP1 Exif":
            # A block that outgrows a segment goes on in the next one, which then starts with no TIFF header.
            if before == "APP1 Exif" and file.slice(segment.body, 2) not in (b"II", b"MM"):
                blocks[-1].append(piece)
            else:
                blocks.append([piece])
        before = segment.label
    for pieces in blocks:
        file.add("exif", "APP1", *pieces)
    if len(blocks) > 1:
        file.problem(f"The file holds {len(blocks)} EXIF blocks; programs differ in which one they show.")


def _tables(file: Finder, found: list[Segment]) -> None:
    for marker, name in ((_DQT, "quantisation tables sha256"), (_DHT, "huffman tables sha256")):
        tables = [segment for segment in found if segment.marker == marker]
        if tables:
            content = b"".join(file.slice(table.start, table.stop - table.start) for table in tables)
            place = {"at": tables[0].start, "length": len(content)} if len(tables) == 1 else {}
            file.state("container", name, sha256(content).hexdigest(), group="JPEG", **place)
    scans = sum(segment.marker == _SOS for segment in found)
    file.state("container", "scans", str(scans), group="JPEG")


def _headers(file: Finder, found: list[Segment]) -> None:
    frames = 0
    for segment in found:
        at, length = segment.start, segment.stop - segment.start
        if segment.marker in _FRAMES and not frames:
            frames = 1
            _frame(file, segment)
        elif segment.marker == _COM and length:
            text = file.slice(at, length).rstrip(b"\0").decode("utf-8", "backslashreplace")
            file.state("container", "comment", text, group="JPEG", at=at, length=length)
        elif segment.marker == _DRI and length >= 2:
            file.state("container", "restart interval", str(file.unpack(">H", at)[0]), group="JPEG", at=at, length=2)
        elif segment.label == "APP0 JFIF" and length >= 14:
            _jfif(file, segment.body)
        elif segment.label == "APP0 JFXX" and file.slice(segment.body, 1) == b"\x10":
            file.add("thumbnail", "APP0 JFXX", (segment.body + 1, segment.stop - segment.body - 1))


def _frame(file: Finder, segment: Segment) -> None:
    if segment.stop - segment.start < 6:
        file.problem("The frame header breaks off; the size in pixels was not read.")
        return
    at = segment.start
    bits, height, width, count = file.unpack(">BHHB", at)
    file.size(width, height)
    factors = file.slice(at + 7, max(min(3 * count, segment.stop - at - 6) - 1, 0))[::3]
    sampling = " ".join(f"{factor >> 4}x{factor & 15}" for factor in factors)
    file.state("container", "frame", _FRAMES[segment.marker], group="JPEG", at=at - 3, length=1)
    file.state("container", "bits per component", str(bits), group="JPEG", at=at, length=1)
    file.state("container", "components", str(count), group="JPEG", at=at + 5, length=1)
    file.state("container", "sampling", sampling, group="JPEG")


def _jfif(file: Finder, at: int) -> None:
    major, minor, unit, across, down, width, height = file.unpack(">BBBHHBB", at)
    unit = {0: "aspect ratio", 1: "per inch", 2: "per centimetre"}.get(unit, f"unit {unit}")
    file.state("JFIF", "version", f"{major}.{minor:02d}", at=at, length=2)
    file.state("JFIF", "density", f"{across} x {down}, {unit}", at=at + 2, length=5)
    if width and height:
        file.state("JFIF", "thumbnail", f"{width} x {height}, uncompressed", at=at + 7, length=2)
