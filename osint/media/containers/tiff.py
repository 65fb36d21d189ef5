"""TIFF and BigTIFF, and the raw formats built on them: the file is the EXIF block, other blocks lie behind its tags.

Source: TIFF 6.0 section 2; BigTIFF (libtiff, 2007); XMP part 3 section 1.1.7; DNG 1.7.1; C2PA 2.2, "TIFF files";
ITU-T T.832 annex A (JPEG XR). Panasonic and Olympus publish nothing: their files are TIFF with a number of their own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from osint.media.blocks import Kind
from osint.media.containers import jpeg, photoshop
from osint.media.containers.structure import Finder, StructureError

_MOST_DIRECTORIES = 64
_MOST_ENTRIES = 10_000
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_SUBFILE, _SUB_IFDS = 0x00FE, 0x014A
_SIDES = ((0x0100, 0x0101), (0xBC80, 0xBC81))  # width and height: TIFF, JPEG XR
_BORDERS, _JPEG_INSIDE, _JPEG = (4, 5, 6, 7), 0x002E, "image/jpeg"
_KINDS: dict[int, Kind] = {700: "xmp", 33723: "iptc", 34377: "photoshop", 34675: "icc", 52545: "c2pa"}


class Layout(NamedTuple):
    """How numbers are written: their order, and those of an offset, a count of entries and an entry."""

    order: str
    offset: str
    entries: str
    entry: str
    entry_size: int
    inline: int


class Entry(NamedTuple):
    """One entry of a directory."""

    tag: int
    type: int
    values: int
    start: int
    size: int


_LAYOUTS = {
    mark + version: Layout(order, f"{order}{offset}", f"{order}{count}", f"{order}HH{offset}", size, inline)
    for mark, order in ((b"II", "<"), (b"MM", ">"))
    for version, offset, count, size, inline in (
        ((42).to_bytes(2, "little" if order == "<" else "big"), "I", "H", 12, 4),
        ((43).to_bytes(2, "little" if order == "<" else "big"), "Q", "Q", 20, 8),
    )
}
_PANASONIC = b"IIU\0"
_CLASSIC = {  # TIFF in all but its number: Olympus, Panasonic, JPEG XR
    b"IIRO": b"II*\0",
    b"IIRS": b"II*\0",
    b"MMOR": b"MM\0*",
    _PANASONIC: b"II*\0",
    b"II\xbc\0": b"II*\0",
    b"II\xbc\x01": b"II*\0",
}


def read(file: Finder) -> None:
    """Read a TIFF file. The format has no end mark, so ``end`` stays unknown."""
    mark = file.slice(file.start, 4)
    layout = _LAYOUTS.get(_CLASSIC.get(mark, mark))
    if layout is None:
        raise StructureError("it does not start like a TIFF file")
    big = layout.inline == 8
    file.add("exif", "BigTIFF" if big else "TIFF", (file.start, file.stop - file.start))
    first = file.unpack(layout.offset, file.start + (8 if big else 4))[0]
    sizes: list[tuple[bool, int, int]] = []
    for name, entries in _directories(file, layout, first):
        for entry in entries:
            if kind := _KINDS.get(entry.tag):
                _block(file, kind, name, entry)
        _note_size(file, layout, entries, sizes)
        if mark == _PANASONIC and name == "IFD0":
            _panasonic(file, layout, entries)
    # The first directory of a raw file is often a small version of the picture, and says so.
    for reduced, width, height in sorted(sizes, key=lambda size: size[0]):
        if not reduced or len(sizes) == 1:
            file.size(width, height)


def _directories(file: Finder, layout: Layout, first: int) -> Iterator[tuple[str, list[Entry]]]:
    """Yield each directory of the chain, and those that it names as its parts, once."""
    seen: set[int] = set()
    waiting, left, number = deque([("IFD0", first)]), _MOST_ENTRIES, 0
    while waiting and len(seen) < _MOST_DIRECTORIES:
        name, at = waiting.popleft()
        if at in seen or not at:
            continue
        seen.add(at)
        entries: list[Entry] = []
        following = 0
        try:
            following = _read_entries(file, layout, file.start + at, left, entries)
        except StructureError as error:
            file.problem(f"The directory {name} was not read whole: {error}.")
        left -= len(entries)
        yield name, entries
        for entry in entries:
            if entry.tag == _SUB_IFDS:
                file.attempt(f"the directory {name}", _add_parts, file, layout, name, entry, waiting)
        if "/" not in name and following:
            number += 1
            waiting.append((f"IFD{number}", following))
    if waiting and left > 0 and len(seen) >= _MOST_DIRECTORIES:
        file.problem(f"The file has more than {_MOST_DIRECTORIES} directories; the last ones were not looked at.")


def _read_entries(file: Finder, layout: Layout, at: int, most: int, found: list[Entry]) -> int:
    """Add the entries of a directory to those found, one by one; return where the next directory lies."""
    head = 8 if layout.inline == 8 else 2
    count = file.unpack(layout.entries, at)[0]
    if count > most:
        raise StructureError(f"it has more than {_MOST_ENTRIES} entries")
    for index in range(count):
        place = at + head + layout.entry_size * index
        tag, kind, values = file.unpack(layout.entry, place)
        size = values * _SIZES.get(kind, 0)
        inline = place + layout.entry_size - layout.inline
        start = inline if size <= layout.inline else file.start + file.unpack(layout.offset, inline)[0]
        found.append(Entry(tag, kind, values, start, size))
    after = at + head + layout.entry_size * count
    return int(file.unpack(layout.offset, after)[0]) if after + layout.inline <= file.stop else 0


def _add_parts(file: Finder, layout: Layout, name: str, entry: Entry, waiting: deque[tuple[str, int]]) -> None:
    if entry.type not in (4, 13, 16, 18):
        return
    if entry.values > _MOST_DIRECTORIES:
        file.problem(f"The directory {name} names {entry.values} parts, which no camera does; none was looked at.")
        return
    step = _SIZES[entry.type]
    code = f"{layout.order}{'I' if step == 4 else 'Q'}"
    places = (file.unpack(code, entry.start + step * index)[0] for index in range(entry.values))
    waiting.extend((f"{name}/SubIFD{index}", at) for index, at in enumerate(places))


def _block(file: Finder, kind: Kind, name: str, entry: Entry) -> None:
    where = f"{name} tag {entry.tag}"
    place = (entry.start, entry.size)
    misplaced = kind == "iptc" and file.slice(entry.start, 4) == b"8BIM"  # some programs write the one for the other
    if kind == "photoshop" or misplaced:
        photoshop.read(file, where, (place,))
    else:
        file.add(kind, where, place)


def _panasonic(file: Finder, layout: Layout, entries: list[Entry]) -> None:
    """Read the borders of the picture on the sensor, and the JPEG picture inside, which carries more EXIF tags."""
    numbers = _numbers(file, layout, entries)
    if all(border in numbers for border in _BORDERS):
        top, left, bottom, right = (numbers[border] for border in _BORDERS)
        file.size(right - left, bottom - top)
    for entry in entries:
        if entry.tag != _JPEG_INSIDE:
            continue
        stop = min(entry.start + entry.size, file.stop)
        if stop < entry.start + entry.size:
            file.problem("The JPEG picture inside is cut short, or lies outside the file.")
        if inner := file.inside(entry.start, stop, "JPEG", _JPEG):
            jpeg.read(inner)


def _note_size(file: Finder, layout: Layout, entries: list[Entry], sizes: list[tuple[bool, int, int]]) -> None:
    numbers = _numbers(file, layout, entries)
    for width, height in _SIDES:
        if width in numbers and height in numbers:
            sizes.append((bool(numbers.get(_SUBFILE, 0) & 1), numbers[width], numbers[height]))


def _numbers(file: Finder, layout: Layout, entries: list[Entry]) -> dict[int, int]:
    return {
        entry.tag: file.unpack(f"{layout.order}{code}", entry.start)[0]
        for entry in entries
        if entry.values == 1 and (code := {3: "H", 4: "I", 16: "Q"}.get(entry.type))
    }
