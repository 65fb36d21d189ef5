"""A look at a TIFF block before an EXIF reader sees it: how much work the block would make, and what it announces.

A few bytes can ask a reader for hours: a count of a thousand million values, a thousand pointers to one large table.
So the block is surveyed first, the way exifread 3.5.1 would walk it, and refused over a limit. Single entries that lead
nowhere are blanked in a working copy, because a reader would make values up from whatever lies there.

Source: TIFF 6.0, section 2; Exif 3.0, section 4.6.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_DIRECTORIES = 64
MOST_ENTRIES = 10_000
MOST_SUBDIRECTORIES = 32

TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
ASCII, RATIONAL = 2, 5
EXIF_IFD, SUB_IFDS = 0x8769, 0x014A
_POINTERS = {EXIF_IFD: "EXIF", 0x8825: "GPS", 0xA005: "interoperability"}  # the last two hold no pointers themselves
_POINTER_TYPES = {3, 4, 13}
_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}


@dataclass(frozen=True)
class Entry:
    """One entry of a directory: its tag, where its value lies in the block, and whether it fits there."""

    at: int
    directory: int
    tag: int
    type: int
    count: int
    start: int
    size: int
    fits: bool


@dataclass
class Survey:
    """What a block announces. ``refused`` says why it must not be read; empty when it may.

    ``readable`` is the copy for the reader: of the same length, without the entries that lead nowhere.
    """

    block: bytes
    readable: bytes = b""
    order: str = "<"
    entries: list[Entry] = field(default_factory=list)
    blanked: list[Entry] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    refused: str = ""


def survey(block: bytes) -> Survey:
    """Walk the directories of a TIFF block within the limits of this module; nothing is raised."""
    result = Survey(block)
    if block[:4] not in _ORDERS:
        result.refused = "it does not start like a TIFF block of the kind that is read here"
        return result
    result.order = _ORDERS[block[:4]]
    result.refused = _walk(result) or _too_much_text(result)
    if not result.refused:
        result.readable = _without(block, result.blanked)
        _report(result)
    return result


def number(result: Survey, at: int, size: int) -> int:
    """Return the unsigned number at a place in the block; 0 beyond its end."""
    taken = result.block[at : at + size]
    return int.from_bytes(taken, "little" if result.order == "<" else "big") if len(taken) == size else 0


def rationals(result: Survey, start: int, size: int) -> tuple[tuple[int, int], ...]:
    """Return the unsigned rationals in a part of the block, as they are written and not reduced."""
    return tuple(struct.iter_unpack(f"{result.order}II", result.block[start : start + size // 8 * 8]))


def _walk(result: Survey) -> str:
    """Follow the chain of directories and their pointers; return why the block is refused, or nothing."""
    seen: set[int] = set()
    directory = number(result, 4, 4)
    while directory and directory not in seen:
        if refusal := _visit(result, directory, seen, follow=True):
            return refusal
        directory = number(result, directory + 2 + 12 * number(result, directory, 2), 4)
    if directory:
        result.problems.append("The chain of EXIF directories leads back into itself; it was followed once.")
    return ""


def _visit(result: Survey, directory: int, seen: set[int], *, follow: bool) -> str:
    seen.add(directory)
    if len(seen) > MOST_DIRECTORIES:
        return f"it has more than {MOST_DIRECTORIES} directories"
    if len(result.entries) + number(result, directory, 2) > MOST_ENTRIES:
        return f"it has more than {MOST_ENTRIES} entries"
    entries = list(_entries(result, directory))
    result.entries.extend(entries)
    result.blanked.extend(entry for entry in entries if not entry.fits)
    for entry in entries:
        if not follow or entry.tag not in _POINTERS:
            continue
        target = number(result, entry.start, entry.size)
        if (
            entry.type not in _POINTER_TYPES
            or entry.count != 1
            or not 8 <= target < len(result.block)
            or target in seen
        ):
            result.blanked.append(entry)
            result.problems.append(
                f"The pointer to the {_POINTERS[entry.tag]} directory leads nowhere; it is not read."
            )
        elif refusal := _visit(result, target, seen, follow=entry.tag == EXIF_IFD):
            return refusal
    return ""


def _entries(result: Survey, directory: int) -> Iterator[Entry]:
    for index in range(min(number(result, directory, 2), MOST_ENTRIES)):
        at = directory + 2 + 12 * index
        kind = number(result, at + 2, 2)
        if kind not in TYPE_SIZES:
            continue
        count = number(result, at + 4, 4)
        size = count * TYPE_SIZES[kind]
        start = at + 8 if size <= 4 else number(result, at + 8, 4)
        fits = start + size <= len(result.block)
        yield Entry(at, directory, number(result, at, 2), kind, count, start, size, fits)


def _too_much_text(result: Survey) -> str:
    # Each text is copied whole, so entries that share their bytes multiply the work without making the file larger.
    length = len(result.block)
    copied = sum(max(min(entry.size, length - entry.start), 0) for entry in result.entries if entry.type == ASCII)
    return "its entries claim more text than the block holds" if copied > 2 * length + 65_536 else ""


def _without(block: bytes, entries: list[Entry]) -> bytes:
    copy = bytearray(block)
    for entry in entries:
        copy[entry.at + 2 : entry.at + 4] = b"\0\0"  # a type that no reader knows
    return bytes(copy)


def _report(result: Survey) -> None:
    outside = sorted({f"0x{entry.tag:04X}" for entry in result.entries if not entry.fits})
    if outside:
        result.problems.append(
            f"{len(outside)} EXIF tags claim values outside the block and were left out: {', '.join(outside[:8])}."
        )
    counted = Counter((entry.directory, entry.tag) for entry in result.entries)
    doubled = sorted({f"0x{tag:04X}" for (_, tag), times in counted.items() if times > 1})
    if doubled:
        result.problems.append(f"EXIF tags stand twice in one directory; the last is shown: {', '.join(doubled[:8])}.")
    branches = sum(entry.count for entry in result.entries if entry.tag == SUB_IFDS)
    if branches > MOST_SUBDIRECTORIES:
        result.problems.append(f"The block names {branches} sub-directories, which no camera does; none was read.")
