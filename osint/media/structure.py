"""The outer structure of picture files: size in pixels, where the EXIF block lies, where the picture ends.

One small reader for each format, so that the EXIF reader is handed a bare TIFF block from every container and never
has to search for it. Every loop moves forward through the file by at least one byte.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from osint.media import isobmff

_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_SOI, _EOI, _SOS, _APP1 = 0xD8, 0xD9, 0xDA, 0xE1
_EXIF = b"Exif\0"
_GIF_IMAGE, _GIF_EXTENSION = 0x2C, 0x21


@dataclass(frozen=True, kw_only=True)
class Structure:
    """What the outer structure of a file shows.

    Attributes:
        width: Pixels, as stored; None when not read.
        height: Pixels, as stored.
        exif: Start and length in the file of the TIFF block that holds EXIF, or None.
        end: Where the picture ends, or None when the format has no end or the file does not reach it.
        problems: What could not be followed, in sentences.
    """

    width: int | None = None
    height: int | None = None
    exif: tuple[int, int] | None = None
    end: int | None = None
    problems: tuple[str, ...] = ()


def read_structure(data: bytes, media_type: str) -> Structure:
    """Read the structure of a file of this type; a type that is not read here has an empty structure."""
    reader = _READERS.get(media_type)
    if reader is None:
        return Structure()
    try:
        return reader(data)
    except (struct.error, IndexError, ValueError) as error:
        return Structure(
            problems=(f"The structure of this {media_type} file breaks off or contradicts itself: {error}.",)
        )


def _jpeg(data: bytes) -> Structure:
    width = height = end = None
    blocks: list[tuple[int, int]] = []
    for marker, start, stop in _jpeg_segments(data):
        if marker == _EOI:
            end = stop
        elif marker == _APP1 and _is_exif(data, start):
            blocks.append((start + 6, max(min(stop, len(data)) - start - 6, 0)))
        elif marker in _JPEG_FRAMES and width is None and start + 5 <= len(data):
            height, width = struct.unpack_from(">HH", data, start + 1)
    problems = []
    if end is None:
        problems.append("The picture has no end marker: the file is cut short, or its structure is damaged.")
    if len(blocks) > 1:
        problems.append(f"The file holds {len(blocks)} EXIF blocks; the first one was read.")
    return Structure(width=width, height=height, exif=_first(blocks), end=end, problems=tuple(problems))


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of each segment's content, up to and including the end marker."""
    at = 2
    while match := _NEXT_MARKER.search(data, at):
        marker, start = data[match.end() - 1], match.end()
        if marker == _EOI:
            yield marker, start, start
            return
        if marker in (0x01, _SOI):
            at = start
            continue
        if start + 2 > len(data):
            return
        stop = start + max(struct.unpack_from(">H", data, start)[0], 2)
        yield marker, start + 2, stop
        at = stop


def _png(data: bytes) -> Structure:
    at, blocks = 8, []
    width, height = struct.unpack_from(">II", data, 16)
    while at + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        start, at = at + 8, at + 12 + length
        if name == b"eXIf":
            blocks.append(_without_exif_header(data, start, min(length, len(data) - start)))
        if name == b"IEND":
            return Structure(width=width, height=height, exif=_first(blocks), end=at)
    return Structure(width=width, height=height, exif=_first(blocks), problems=(_CUT_SHORT,))


def _gif(data: bytes) -> Structure:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    end = _gif_end(data, 13 + _gif_table(flags))
    return Structure(width=width, height=height, end=end, problems=() if end else (_CUT_SHORT,))


def _gif_end(data: bytes, at: int) -> int | None:
    while at + 10 < len(data) and data[at] in (_GIF_IMAGE, _GIF_EXTENSION):
        at += 11 + _gif_table(data[at + 9]) if data[at] == _GIF_IMAGE else 2
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    return at + 1 if data[at : at + 1] == b";" else None


def _gif_table(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _webp(data: bytes) -> Structure:
    end = 8 + int(struct.unpack_from("<I", data, 4)[0])
    at, blocks = 12, []
    size: tuple[int, int] | None = None
    while at + 8 <= min(end, len(data)):
        name, length = struct.unpack_from("<4sI", data, at)
        start, at = at + 8, at + 8 + length + length % 2
        if name == b"EXIF":
            blocks.append(_without_exif_header(data, start, min(length, len(data) - start)))
        size = size or _webp_size(data, name, start)
    width, height = size or (None, None)
    whole = end <= len(data)
    problems = () if whole else (_CUT_SHORT,)
    return Structure(width=width, height=height, exif=_first(blocks), end=end if whole else None, problems=problems)


def _webp_size(data: bytes, name: bytes, start: int) -> tuple[int, int] | None:
    if name == b"VP8X":
        stored = data[start + 4 : start + 10]
        return int.from_bytes(stored[:3], "little") + 1, int.from_bytes(stored[3:], "little") + 1
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, start + 6)
        return width & 0x3FFF, height & 0x3FFF
    if name == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, start + 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _tiff(data: bytes) -> Structure:
    return Structure(exif=(0, len(data)))


def _isobmff(data: bytes) -> Structure:
    boxes = isobmff.read(data)
    width, height = boxes.size or (None, None)
    return Structure(width=width, height=height, exif=boxes.exif, end=boxes.end, problems=boxes.problems)


def _without_exif_header(data: bytes, start: int, length: int) -> tuple[int, int]:
    return (start + 6, length - 6) if _is_exif(data, start) and length > 6 else (start, length)


def _is_exif(data: bytes, start: int) -> bool:
    return data[start : start + len(_EXIF)] == _EXIF  # a mapped file has no startswith


def _first(blocks: list[tuple[int, int]]) -> tuple[int, int] | None:
    return blocks[0] if blocks else None


_CUT_SHORT = "The file ends before the picture does: it is cut short, or its structure is damaged."
_READERS: dict[str, Callable[[bytes], Structure]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/tiff": _tiff,
    "image/heic": _isobmff,
    "image/heif": _isobmff,
    "image/avif": _isobmff,
    "video/mp4": _isobmff,
    "video/quicktime": _isobmff,
    "video/3gpp": _isobmff,
    "audio/mp4": _isobmff,
}
