r"""Letters for a PDF: which font draws which character, and what is spelt by code point because none here does.

The typefaces are those that a report carries (:mod:`osint.report.typefaces`), and none of the desktop, so that the same
text gives the same bytes everywhere. Those that are used are embedded.

A PDF places characters one after the other, left to right. Scripts that join their letters, stack signs or run from
right to left would come out wrong, and wrong is worse than plain: their characters are spelt as ``\u{645}``.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby
from typing import Any

from osint import render
from osint.report.typefaces import FOLDER

TEXT, BOLD, MONO = "text", "bold", "mono"
_ROLES = {TEXT: "NotoSans-Regular", BOLD: "NotoSans-Bold", MONO: "NotoSansMono-Regular"}
_WIDE = (
    "NotoSansGeorgian-Regular", "NotoSansArmenian-Regular", "NotoSansEthiopic-Regular", "NotoSansMath-Regular",
    "DroidSansFallbackFull", "HangulSubset", "NotoSansSymbols-Regular", "NotoSansSymbols2-Regular", "NotoEmoji-Regular",
)  # fmt: skip
"""Where a character is looked for that the typeface of the text lacks: Chinese and Japanese, Korean and signs, too."""

_LONGEST_REMEMBERED = 24
_PLAIN = re.compile(r"[ -~]*\Z")
_ESCAPE = re.compile(r"\\(?=u\{)")
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_STACKED = (range(0x0900, 0x10A0), range(0x1100, 0x1200), range(0x1700, 0x18B0), range(0x1900, 0x1CD0))
"""The Indic scripts, Thai to Myanmar; conjoining jamo; Philippine scripts, Khmer and Mongolian; Limbu to Lepcha."""


class Letters:
    """The fonts of one PDF. Fonts are loaded when a character first needs them.

    Args:
        wide: Typefaces to look in for characters that the font of the text lacks, by the names of their files.
    """

    def __init__(self, wide: Sequence[str] = _WIDE) -> None:
        self._wide = wide
        self._fonts: dict[str, str | None] = {}
        self._widths: dict[tuple[str, str], float] = {}

    def runs(self, text: str, role: str) -> list[tuple[str, str]]:
        """Return text as (name of a registered font, what it draws), one after the other."""
        return list(self._divide(text, role))

    def spelt(self, text: str, role: str = TEXT) -> str:
        """Return text as it is drawn, with code points in place of what no font draws."""
        return "".join(drawn for _, drawn in self.runs(text, role))

    def cut(self, text: str, length: int) -> str:
        """Return text of which at most ``length`` characters are drawn, with an ellipsis where it is cut."""
        if len(self.spelt(text)) <= length:
            return text
        lengths = accumulate(len(self.spelt(char)) for char in text)
        return text[: sum(so_far < length for so_far in lengths)] + "…"

    def width(self, text: str, role: str, size: float) -> float:
        """Return how wide text is in points."""
        key = (role, text)
        if key in self._widths:
            return self._widths[key] * size
        from reportlab.pdfbase.pdfmetrics import stringWidth

        width = float(sum(stringWidth(drawn, font, 1000) for font, drawn in self._divide(text, role)) / 1000)
        if len(text) < _LONGEST_REMEMBERED:
            self._widths[key] = width
        return width * size

    def broken(self, text: str, role: str, size: float, room: float) -> Iterator[str]:
        """Yield a line of text in parts that fit ``room`` points.

        A word wider than a line fills the rest of the one it begins on.
        """
        line, used = "", 0.0
        for word in text.split(" "):
            space = " " if line else ""
            width = self.width(space + word, role, size)
            if used + width <= room:
                line, used = line + space + word, used + width
            elif width <= room:
                yield line
                line, used = word, self.width(word, role, size)
            else:
                *full, line = self._cut(line + space, word, role, size, room)
                yield from full
                used = self.width(line, role, size)
        yield line

    def _cut(self, begun: str, word: str, role: str, size: float, room: float) -> list[str]:
        """Return a line that was begun, with a word that is too wide for any, in parts that fit."""
        parts, used = [begun], self.width(begun, role, size)
        for char in word:
            width = self.width(char, role, size)
            if used + width > room:
                parts.append("")
                used = 0.0
            parts[-1] += char
            used += width
        return parts

    def _divide(self, text: str, role: str) -> Iterator[tuple[str, str]]:
        own = font_of(role)
        if _PLAIN.match(text) and "\\u{" not in text:
            yield own, text
            return
        text = _ESCAPE.sub(r"\\u{5C}", unicodedata.normalize("NFC", text))
        drawn = ((self._font(char, own), char) for char in text)
        spelt = ((font or own, char if font else f"\\u{{{ord(char):X}}}") for font, char in drawn)
        for font, pieces in groupby(spelt, key=lambda piece: piece[0]):
            yield font, "".join(piece for _, piece in pieces)

    def _font(self, char: str, own: str) -> str | None:
        """Return the font that draws a character, or None when it is to be spelt by its code point."""
        if not _is_plain(char):
            return None
        if _draws(own, char):
            return own
        if char not in self._fonts:
            found = (font for font in map(_registered, self._wide) if _draws(font, char))
            self._fonts[char] = next(found, None)
        return self._fonts[char]


def _is_plain(char: str) -> bool:
    """Return whether a character may stand by itself, one after the other from left to right."""
    if render.visible(char) != char or unicodedata.category(char)[0] in "MC":
        return False
    return unicodedata.bidirectional(char) not in _RIGHT_TO_LEFT and not any(ord(char) in part for part in _STACKED)


def font_of(role: str) -> str:
    """Return the name under which reportlab knows the font of a role: ``text``, ``bold`` or ``mono``."""
    return _registered(_ROLES[role])


@functools.cache
def _registered(typeface: str) -> str:
    """Have reportlab know a typeface; return its name there."""
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    name = f"osint-{typeface}"
    registerFont(TTFont(name, FOLDER / f"{typeface}.ttf"))
    return name


def _draws(font: str, char: str) -> bool:
    from reportlab.pdfbase.pdfmetrics import getFont

    face: Any = getFont(font).face
    return ord(char) in face.charToGlyph
