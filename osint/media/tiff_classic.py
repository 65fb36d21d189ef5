"""A BigTIFF block, or a large one, written anew as a small classic one, for a reader that knows no other.

Only what the survey saw is taken over, and only values that such a reader can print. The places in the new block mean
nothing to anyone else, so the map back to the entries of the real one comes with it.

Source: TIFF 6.0, section 2; BigTIFF (Adobe, 2007).
"""

from __future__ import annotations

import struct
from itertools import pairwise

from osint.media.tiff import Entry, Survey
from osint.media.tiff_values import content, numbers

_NARROW = {16: (4, "I"), 17: (9, "i"), 18: (13, "I")}
_HEADS = {"<": b"II*\0\x08\0\0\0", ">": b"MM\0*\0\0\0\x08"}
_MOST_BYTES = 1 << 20


def classic(survey: Survey) -> tuple[bytes, dict[tuple[int, int], Entry]]:
    """Return a classic TIFF block of what was surveyed, and the entry behind each ``(tag, place of its value)``."""
    kept = {at: [entry for entry in survey.entries if entry.directory == at and _goes_over(survey, entry)]
            for at in survey.directories}  # fmt: skip
    places, end = {}, 8
    for at, entries in kept.items():
        places[at] = end
        end += 6 + 12 * len(entries)
    chain = [at for at, name in survey.directories.items() if name in ("Image", "Thumbnail") or name[:4] == "IFD "]
    following = dict(pairwise(chain))
    heads, values, back = bytearray(_HEADS[survey.order]), bytearray(), {}
    for at, entries in kept.items():
        heads += struct.pack(survey.order + "H", len(entries))
        for entry in entries:
            kind, count, value = _narrowed(survey, entry, places)
            inline = len(value) <= 4
            start = len(heads) + 8 if inline else end + len(values)
            heads += struct.pack(survey.order + "HHI", entry.tag, kind, count)
            heads += value.ljust(4, b"\0") if inline else struct.pack(survey.order + "I", start)
            values += b"" if inline else value
            back[entry.tag, start] = entry
        heads += struct.pack(survey.order + "I", places.get(following.get(at, 0), 0))
    return bytes(heads + values), back


def _goes_over(survey: Survey, entry: Entry) -> bool:
    if entry.at + 2 in survey.patches or entry.size > _MOST_BYTES:
        return False
    return entry.type not in _NARROW or entry.at in survey.targets or _fits_in_four(survey, entry)


def _fits_in_four(survey: Survey, entry: Entry) -> bool:
    low, high = (-(2**31), 2**31) if entry.type == 17 else (0, 2**32)
    return all(low <= value < high for value in numbers(survey, entry))


def _narrowed(survey: Survey, entry: Entry, places: dict[int, int]) -> tuple[int, int, bytes]:
    """Return type, number of values and value of an entry, as a classic block can hold them."""
    if entry.at in survey.targets:
        targets = [places[target] for target in survey.targets[entry.at]]
        return 4, len(targets), struct.pack(f"{survey.order}{len(targets)}I", *targets)
    if entry.type in _NARROW:
        kind, form = _NARROW[entry.type]
        return kind, entry.count, struct.pack(f"{survey.order}{entry.count}{form}", *numbers(survey, entry))
    return entry.type, entry.count, content(survey, entry)
