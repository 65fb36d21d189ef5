"""Blocks that a JPEG file spreads over several segments, put together again; what is missing is said.

Source: XMP part 3 section 1.1.3.1 (extended XMP), ICC.1:2022 annex B.4, ISO/IEC 19566-5 annex D (JUMBF in APP11).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from osint.media.containers.structure import Finder

Places = Sequence[tuple[int, int]]


def xmp(file: Finder, packets: Places, extensions: Places) -> None:
    """Hand on the XMP packets, and the extended ones that are whole."""
    for packet in packets:
        file.add("xmp", "APP1", packet)
    if len(packets) > 1:
        file.problem(f"The file holds {len(packets)} XMP packets; the standard allows one.")
    stated = b"".join(file.slice(*packet) for packet in packets)
    parts: dict[bytes, list[tuple[int, int, int, int]]] = defaultdict(list)
    for start, length in extensions:
        if length < 40:
            file.problem("A segment of extended XMP is too short for its header; it was not read.")
            continue
        guid = file.slice(start, 32)
        total, offset = file.unpack(">II", start + 32)
        parts[guid].append((offset, length - 40, start + 40, total))
    for guid, found in parts.items():
        name = guid.decode("ascii", "backslashreplace")
        if guid not in stated:
            file.problem(f"The XMP names no extension {name}, but the file holds one.")
        _extended(file, name, sorted(found))


def _extended(file: Finder, name: str, parts: list[tuple[int, int, int, int]]) -> None:
    reached = 0
    for offset, length, _, _ in parts:
        if offset != reached:
            fault = "a hole" if offset > reached else "an overlap"
            file.problem(f"The extended XMP {name} has {fault} at byte {min(reached, offset)}; it was not read.")
            return
        reached += length
    if {total for *_, total in parts} != {reached}:
        file.problem(f"The extended XMP {name} does not have the length that it states; it was not read.")
        return
    pieces = [(start, length) for _, length, start, _ in parts]
    digest = hashlib.md5(usedforsecurity=False)  # the standard's own check
    for piece in pieces:
        digest.update(file.slice(*piece))
    if digest.hexdigest().upper() != name.upper():
        file.problem(f"The extended XMP {name} does not have this MD5: it was changed after it was written.")
    file.add("xmp-extended", f"APP1 {name}", *pieces)


def icc(file: Finder, chunks: Places) -> None:
    """Hand on the colour profile when all its chunks are there."""
    if not chunks:
        return
    numbered = []
    for start, length in chunks:
        if length < 2:
            file.problem("A chunk of the ICC profile is too short for its number; the profile was not read.")
            return
        number, count = file.unpack(">BB", start)
        numbered.append((number, count, start + 2, length - 2))
    if len(numbered) > 1 and all(place[:2] == (1, 1) for place in numbered):
        file.problem(f"The file holds {len(numbered)} ICC profiles; the standard allows one.")
        for _, _, start, length in numbered:
            file.add("icc", "APP2", (start, length))
        return
    count = numbered[0][1]
    if sorted(number for number, *_ in numbered) != list(range(1, count + 1)):
        numbers = ", ".join(str(number) for number, *_ in numbered[:20])
        file.problem(f"The ICC profile has the chunks {numbers} of {count}; it was not read.")
        return
    if {stated for _, stated, *_ in numbered} != {count}:
        file.problem("The chunks of the ICC profile disagree on their number.")
    file.add("icc", "APP2", *((start, length) for _, _, start, length in sorted(numbered)))


def jumbf(file: Finder, segments: Places) -> None:
    """Hand on each JUMBF box, its segments in their sequence."""
    boxes: dict[tuple[int, bytes], list[tuple[int, int, int]]] = defaultdict(list)
    for start, length in segments:
        if length < 14:
            file.problem("A segment of a JUMBF box is too short for its header; it was not read.")
            continue
        instance, sequence, size, name = file.unpack(">HII4s", start)
        if size == 1 and length < 22:
            file.problem("A segment of a JUMBF box is too short for its header; it was not read.")
            continue
        boxes[instance, name].append((sequence, start + 6, length - 6))
    for (instance, _), parts in boxes.items():
        _box(file, instance, sorted(parts))


def _box(file: Finder, instance: int, parts: list[tuple[int, int, int]]) -> None:
    if [sequence for sequence, *_ in parts] != list(range(1, len(parts) + 1)):
        numbers = ", ".join(str(sequence) for sequence, *_ in parts[:20])
        file.problem(f"The JUMBF box {instance} has the segments {numbers}; it was not read.")
        return
    _, first, _ = parts[0]
    size = file.unpack(">I", first)[0]
    head = 16 if size == 1 else 8
    if size == 1:
        size = file.unpack(">Q", first + 8)[0]
    # Each segment repeats the head of the box; the box has it once.
    pieces = [parts[0][1:], *((start + head, length - head) for _, start, length in parts[1:])]
    held = sum(length for _, length in pieces)
    if size not in (0, held):
        file.problem(f"The JUMBF box {instance} states {size} bytes, its segments hold {held}; it was not read.")
        return
    file.add("c2pa", "APP11", *pieces)
