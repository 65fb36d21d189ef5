"""The typefaces that a typeset report carries: which characters they draw, and how the others are spelt.

No typeface of the desktop is used, so that equal input gives equal bytes everywhere. A character that none of them
draws is printed as ``⟨U+10330⟩`` and listed at the end: a box would say nothing, and a report that could not be printed
for one letter would say less.
"""

from __future__ import annotations

import functools
import re
import struct
import unicodedata
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from osint import render

FOLDER = Path(str(files("osint.report") / "font_files"))
FAMILIES = (
    "Noto Sans", "Noto Sans Math", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Bengali",
    "Noto Sans Tamil", "Noto Sans Telugu", "Noto Sans Gujarati", "Noto Sans Gurmukhi", "Noto Sans Kannada",
    "Noto Sans Malayalam", "Noto Sans Sinhala", "Noto Sans Thai", "Noto Sans Lao", "Noto Sans Khmer",
    "Noto Sans Myanmar", "Noto Sans Georgian", "Noto Sans Armenian", "Noto Sans Ethiopic", "Hangul Subset",
    "Droid Sans Fallback", "Noto Emoji", "Noto Sans Symbols2", "Noto Sans Symbols",
)  # fmt: skip
"""In the order in which a character is looked for."""

FIXED = "Noto Sans Mono"
_SELECTORS = frozenset("\ufe0e\ufe0f")
_MODIFIERS = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_PLAIN = re.compile(r"[\n -~\u00a0-\u024f\u0400-\u04ff]*\Z")


class Spelling:
    """Makes texts drawable, and counts what it had to spell.

    Attributes:
        missing: How often each character was spelt.
    """

    def __init__(self) -> None:
        self.missing: Counter[str] = Counter()

    def drawable(self, text: str) -> str:
        """Return text in which every character is one that the typefaces draw; tabs become spaces."""
        text = render.visible_lines(text).replace("\t", " ")
        if _PLAIN.match(text):
            return text
        return "".join(piece for cluster in _clusters(text) for piece in self._drawn(cluster))

    def listed(self) -> list[tuple[str, str, str]]:
        """Return code point, name and count of each character that was spelt, by code point."""
        return [
            (f"U+{ord(char):04X}", unicodedata.name(char, "(no name)"), str(count))
            for char, count in sorted(self.missing.items())
        ]

    def _drawn(self, cluster: str) -> Iterator[str]:
        """Yield a character with its marks; marks are spelt that no typeface has together with it."""
        kept = frozenset(cluster) - _SELECTORS - {"\n"}
        if any(kept <= known for known in _coverage()):
            yield cluster
            return
        for char in cluster:
            alone = unicodedata.category(char)[0] != "M" and any(char in known for known in _coverage())
            if alone or char in _SELECTORS:
                yield char
            else:
                self.missing[char] += 1
                yield f"⟨U+{ord(char):04X}⟩"


def _clusters(text: str) -> Iterator[str]:
    start = 0
    for place, char in enumerate(text):
        joins = unicodedata.category(char)[0] == "M" or char in _SELECTORS or char in _MODIFIERS
        if place > start and not joins:
            yield text[start:place]
            start = place
    yield text[start:]


@functools.cache
def _coverage() -> tuple[frozenset[str], ...]:
    """Return the characters of each typeface, apart from the bold and the fixed one."""
    paths = sorted(FOLDER.glob("*.ttf"))
    return tuple(covered(path.read_bytes()) for path in paths if "Bold" not in path.name and "Mono" not in path.name)


def covered(font: bytes) -> frozenset[str]:
    """Return the characters that a TrueType font maps to a glyph (OpenType specification, table ``cmap``)."""
    tables = struct.unpack_from(">H", font, 4)[0]
    records = (struct.unpack_from(">4sIII", font, 12 + 16 * number) for number in range(tables))
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    maps = struct.unpack_from(">H", font, start + 2)[0]
    places = {struct.unpack_from(">HHI", font, start + 4 + 8 * number)[2] for number in range(maps)}
    codes: set[int] = set()
    for place in places:
        codes.update(_mapped(font, start + place))
    return frozenset(map(chr, codes - {0xFFFF}))


def _mapped(font: bytes, at: int) -> Iterator[int]:
    kind = struct.unpack_from(">H", font, at)[0]
    if kind == 12:
        for number in range(struct.unpack_from(">I", font, at + 12)[0]):
            first, last, _ = struct.unpack_from(">III", font, at + 16 + 12 * number)
            yield from range(first, last + 1)
    elif kind == 4:
        count = struct.unpack_from(">H", font, at + 6)[0] // 2
        ends = struct.unpack_from(f">{count}H", font, at + 14)
        starts = struct.unpack_from(f">{count}H", font, at + 16 + 2 * count)
        for place, (first, last) in enumerate(zip(starts, ends, strict=True)):
            delta = struct.unpack_from(">h", font, at + 16 + 4 * count + 2 * place)[0]
            here = at + 16 + 6 * count + 2 * place
            offset = struct.unpack_from(">H", font, here)[0]
            for code in range(first, last + 1):
                listed = (
                    struct.unpack_from(">H", font, here + offset + 2 * (code - first))[0] if offset else code + delta
                )
                if listed & 0xFFFF:
                    yield code
