"""The directories of a TIFF block, walked within limits: a reading of its own, and a guard before any other reader.

A few bytes can ask a reader for hours: a count of a thousand million values, a thousand pointers to one large table.
So the block is walked here first. No directory is visited twice, and none past a limit; what the next reader must not
follow or cannot print is patched out of its working copy, where the type 0 stands for a field that no reader knows.

Source: TIFF 6.0, section 2; TIFF/EP, SubIFDs; Exif 3.0, section 4.6; BigTIFF (Adobe, 2007).
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_DIRECTORIES = 64
MOST_ENTRIES = 10_000
MOST_SUBDIRECTORIES = 32
MOST_NUMBERS = 20_000
LONGEST_ARRAY = 50  # exifread takes its numbers one by one, and prints the first twenty of a longer array

TYPE_NAMES = {
    1: "BYTE", 2: "ASCII", 3: "SHORT", 4: "LONG", 5: "RATIONAL", 6: "SBYTE", 7: "UNDEFINED", 8: "SSHORT", 9: "SLONG",
    10: "SRATIONAL", 11: "FLOAT", 12: "DOUBLE", 13: "IFD", 16: "LONG8", 17: "SLONG8", 18: "IFD8", 129: "UTF-8",
}  # fmt: skip
TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
TYPE_SIZES[129] = 1
ASCII, RATIONAL, UNDEFINED, SIGNED_RATIONAL, UTF_8 = 2, 5, 7, 10, 129
TEXTS = (ASCII, UTF_8)
EXIF_IFD, GPS_IFD, INTEROPERABILITY_IFD, SUB_IFDS = 0x8769, 0x8825, 0xA005, 0x014A
MAKER_NOTE, USER_COMMENT, XMP_PACKET, COPYRIGHT = 0x927C, 0x9286, 0x02BC, 0x8298
XP_TAGS = range(0x9C9B, 0x9CA0)
_POINTERS = {EXIF_IFD: "EXIF", GPS_IFD: "GPS", INTEROPERABILITY_IFD: "Interoperability"}
_LEADING_ON = {*_POINTERS, SUB_IFDS}
_POINTER_TYPES = {3, 4, 9, 13, 16, 17, 18}
_READ_HERE = {MAKER_NOTE, USER_COMMENT, XMP_PACKET, COPYRIGHT, *XP_TAGS}  # codings and parts that exifread drops
_ORDERS = {b"II": "<", b"MM": ">"}
_MAGIC = {b"II*\0", b"MM\0*", b"IIRO", b"IIRS", b"MMOR", b"IIU\0"}  # after TIFF itself: Olympus, Panasonic
_BIG_MAGIC = {b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0"}


class Entry(NamedTuple):
    """One entry of a directory: its tag, where its value lies in the block, and whether it fits there."""

    at: int
    directory: int
    group: str
    tag: int
    type: int
    count: int  # type: ignore[assignment]  # the word of the specification, which a tuple has for something else
    start: int
    size: int
    fits: bool


class Layout(NamedTuple):
    """How wide a directory is written: its count, an entry, and an offset or a value inside an entry."""

    count: int  # type: ignore[assignment]
    entry: str
    offset: int


CLASSIC, BIG = Layout(2, "HHI4s", 4), Layout(8, "HHQ8s", 8)


@dataclass
class Survey:
    """What a block announces. ``refused`` says why it must not be read; empty when it may.

    Attributes:
        directories: Position of each directory that was walked, and its name.
        targets: The directories that an entry leads to, by the position of the entry.
        patches: What the copy for another reader has in place of the bytes there.
    """

    block: bytes
    order: str = "<"
    layout: Layout = CLASSIC
    entries: list[Entry] = field(default_factory=list)
    directories: dict[int, str] = field(default_factory=dict)
    targets: dict[int, list[int]] = field(default_factory=dict)
    patches: dict[int, bytes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    declared: int = 0
    numbers: int = 0
    refused: str = ""

    @property
    def readable(self) -> bytes:
        """The block for another reader: of the same length, without what it must not follow."""
        if not self.patches:
            return self.block
        copy = bytearray(self.block)
        for at, instead in self.patches.items():
            copy[at : at + len(instead)] = instead
        return bytes(copy)


def survey(block: bytes, root: str = "Image") -> Survey:
    """Walk the directories of a TIFF block within the limits of this module; nothing is raised.

    Args:
        block: The block, from its byte order on.
        root: What its first directory is; some containers keep the EXIF directory in a block of its own.
    """
    result = Survey(block)
    head = bytes(block[:8])
    if head[:2] not in _ORDERS:
        result.refused = "it does not start like a TIFF block"
        return result
    result.order = _ORDERS[head[:2]]
    result.layout = BIG if head in _BIG_MAGIC else CLASSIC
    if head[:4] not in _MAGIC and result.layout is CLASSIC:
        result.problems.append("The EXIF block does not bear the number of TIFF, 42; it was read as if it did.")
    _walk(result, root)
    _report(result)
    _leave_out_overclaimed(result)
    return result


def number(result: Survey, at: int, size: int) -> int:
    """Return the unsigned number at a place in the block; 0 beyond its end."""
    taken = result.block[at : at + size]
    return int.from_bytes(taken, "little" if result.order == "<" else "big") if len(taken) == size else 0


def _walk(result: Survey, root: str) -> None:
    """Follow the chain of directories and their pointers."""
    link = 4 if result.layout is CLASSIC else 8
    page = 0
    while directory := number(result, link, result.layout.offset):
        if directory in result.directories:
            result.problems.append("The chain of EXIF directories leads back into itself; it was followed once.")
        elif directory >= len(result.block):
            result.problems.append("The chain of EXIF directories leads out of the block; it was followed up to there.")
        elif limit := _limit(result, directory):
            if not page:
                result.refused = limit
                return
            result.problems.append(f"The EXIF block was read in part: {limit}.")
        else:
            link = _visit(result, directory, _chain_name(page) if page else root)
            page += 1
            continue
        result.patches[link] = bytes(result.layout.offset)
        return


def _chain_name(page: int) -> str:
    return "Thumbnail" if page == 1 else f"IFD {page}"


def _limit(result: Survey, directory: int) -> str:
    if len(result.directories) >= MOST_DIRECTORIES:
        return f"it has more than {MOST_DIRECTORIES} directories"
    if result.declared + number(result, directory, result.layout.count) > MOST_ENTRIES:
        return f"it has more than {MOST_ENTRIES} entries"
    return ""


def _visit(result: Survey, directory: int, name: str) -> int:
    """Read one directory and those that it points to; return where the position of the next one stands."""
    result.directories[directory] = name
    count = number(result, directory, result.layout.count)
    result.declared += count
    _end_whole(result, directory, count, name)
    entries = list(_entries(result, directory, count, name))
    result.entries.extend(entries)
    pointers = () if name.startswith(("GPS", "Interoperability")) else _LEADING_ON
    for entry in entries:
        if entry.tag in pointers and entry.fits:
            _follow(result, entry)
        elif not entry.fits or entry.tag in _READ_HERE or (entry.type not in TEXTS and _too_long(result, entry.count)):
            _blank(result, entry)
    return directory + result.layout.count + count * struct.calcsize("=" + result.layout.entry)


def _read_of_it(whole: int) -> str:
    return "its one whole entry was" if whole == 1 else f"its {whole} whole entries were"


def _end_whole(result: Survey, directory: int, count: int, name: str) -> None:
    """Have the copy end a directory that the block cuts short behind its last whole entry, with no next one."""
    # exifread takes the bytes that an entry lacks for zeros, and a pointer of zeros for one into the header.
    first, size = directory + result.layout.count, struct.calcsize("=" + result.layout.entry)
    whole = max(len(result.block) - first, 0) // size
    if count <= whole:
        return
    end = first + whole * size
    result.problems.append(f"The EXIF directory {name} breaks off; {_read_of_it(whole)} read.")
    result.patches[directory] = whole.to_bytes(result.layout.count, "little" if result.order == "<" else "big")
    result.patches[end] = bytes(min(result.layout.offset, len(result.block) - end))


def _too_long(result: Survey, count: int) -> bool:
    """Say whether these are more numbers than exifread should take, by themselves or together with those before."""
    if count > LONGEST_ARRAY:
        return True
    result.numbers += count
    return result.numbers > MOST_NUMBERS


def _entries(result: Survey, directory: int, count: int, name: str) -> Iterator[Entry]:
    layout = result.layout
    form = struct.Struct(result.order + layout.entry)
    first = directory + layout.count
    taken = bytes(result.block[first : first + count * form.size])
    length, at = len(result.block), first
    byteorder = "little" if result.order == "<" else "big"
    for tag, kind, values, inline in form.iter_unpack(taken[: len(taken) // form.size * form.size]):
        width = TYPE_SIZES.get(kind)
        if width is not None:
            size = values * width
            held = size <= layout.offset
            start = at + form.size - layout.offset if held else int.from_bytes(inline, byteorder)  # type: ignore[arg-type]
            yield Entry(at, directory, name, tag, kind, values, start, size, start + size <= length)
        at += form.size


def _follow(result: Survey, entry: Entry) -> None:
    if entry.tag == SUB_IFDS and entry.count > MOST_SUBDIRECTORIES:
        result.problems.append(f"The block names {entry.count} sub-directories, which no camera does; none was read.")
        _blank(result, entry)
        return
    width = TYPE_SIZES[entry.type]
    usable = entry.type in _POINTER_TYPES and (entry.tag == SUB_IFDS or entry.count == 1)
    targets = [number(result, entry.start + width * index, width) for index in range(entry.count)] if usable else [0]
    kept = [target for index, target in enumerate(targets) if _enter(result, _inner_name(result, entry, index), target)]
    result.targets[entry.at] = kept
    if kept != targets:
        _blank(result, entry)


def _enter(result: Survey, name: str, target: int) -> bool:
    """Visit a directory that an entry points to; return whether that could be done."""
    if not 8 <= target < len(result.block) or target in result.directories:
        result.problems.append(f"The pointer to the {name} directory leads nowhere; it is not read.")
        return False
    if limit := _limit(result, target):
        result.problems.append(f"The EXIF block was read in part, without its {name} directory: {limit}.")
        return False
    _visit(result, target, name)
    return True


def _inner_name(result: Survey, entry: Entry, index: int) -> str:
    name = _POINTERS.get(entry.tag, f"SubIFD {index}")
    return name if name not in result.directories.values() else f"{name} of {entry.group}"


def _blank(result: Survey, entry: Entry) -> None:
    result.patches[entry.at + 2] = b"\0\0"


def _leave_out_overclaimed(result: Survey) -> None:
    # Each value is copied whole, so entries that share their bytes multiply the work without making the file larger.
    left = 2 * len(result.block) + 65_536
    if sum(entry.size for entry in result.entries if entry.fits) <= left:
        return
    over = set()
    for entry in sorted((entry for entry in result.entries if entry.fits), key=lambda entry: entry.size):
        left -= entry.size
        if left < 0:
            over.add(entry.at)
            _blank(result, entry)
    if over:
        result.entries = [entry._replace(fits=entry.fits and entry.at not in over) for entry in result.entries]
        result.problems.append(
            f"{len(over)} EXIF tags claim together more bytes or more text than the block holds and were left out."
        )


def _report(result: Survey) -> None:
    outside = sorted({f"0x{entry.tag:04X}" for entry in result.entries if not entry.fits})
    if outside:
        result.problems.append(
            f"{len(outside)} EXIF tags claim values outside the block and were left out: {', '.join(outside[:8])}."
        )
    places = [(entry.directory, entry.tag) for entry in result.entries]
    if len(set(places)) < len(places):
        doubled = sorted({f"0x{tag:04X}" for (_, tag), times in Counter(places).items() if times > 1})
        result.problems.append(
            f"EXIF tags stand twice in one directory; the wide table shows the last: {', '.join(doubled[:8])}."
        )
