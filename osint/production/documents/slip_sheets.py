"""The page that stands for a document whose pages are not shown, drawn without the typesetter.

One typeface is drawn letter by letter, which needs no typesetter and little time. What it cannot draw so is typeset
where a typesetter is installed (:mod:`osint.production.documents.pages`), and spelt as numbers of characters elsewhere.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from osint import render
from osint.production.documents.leaf import Leaf, as_png
from osint.production.documents.sheets import DOTS, MARGINS, Look, pixels
from osint.report.typefaces import FOLDER, covered

_REGULAR, _BOLD, _FIXED = "NotoSans-Regular.ttf", "NotoSans-Bold.ttf", "NotoSansMono-Regular.ttf"
_NUMBER, _LEGEND = (_BOLD, 13.0), (_BOLD, 9.0)
_GREY, _LIGHT = 90, 160
_MOST_OF_A_LINE = 300

Face = tuple[str, float]
"""The file of a typeface, and its size in points."""


def draws(leaf: Leaf) -> bool:
    """Return whether all that a slip sheet says can be drawn here as it is written."""
    said = (leaf.foot, leaf.note, *leaf.slip, *(value for _, value, _ in leaf.head))
    return all(char in _known() and _stands_alone(char) for text in said for char in render.visible(text))


def drawn(leaf: Leaf, look: Look, at: int) -> bytes:
    """Return a slip sheet as PNG: what the document is, why no page of it is shown, and its number."""
    page = Image.new("L", look.size, 255)
    pen = _Pen(page, look)
    pen.head(leaf)
    pen.middle(leaf.slip)
    pen.foot(leaf, look.numbers.label(leaf.begin + at), f"page {at + 1} of {len(leaf.targets)}")
    return as_png(page)


class _Pen:
    """Writes on one page."""

    def __init__(self, page: Image.Image, look: Look) -> None:
        self._draw = ImageDraw.Draw(page)
        self._left = pixels(MARGINS["side"])
        self._right = look.size[0] - self._left
        self._top, self._bottom = pixels(MARGINS["top"]), look.size[1] - pixels(MARGINS["bottom"])
        self._height = look.size[1]

    def head(self, leaf: Leaf) -> None:
        """Write what stands above each page, as typeset pages have it."""
        lines = [(name, line, fixed) for name, value, fixed in leaf.head for line in self._lines(value, 7.5, 22)]
        y = self._top - pixels(5) - len(lines) * pixels(3.6)
        before = ""
        for name, line, fixed in lines:
            self._write(self._left, y, name if name != before else "", (_REGULAR, 7.5), _GREY)
            self._write(self._left + pixels(18), y, line, (_FIXED, 6.8) if fixed else (_REGULAR, 7.5))
            y, before = y + pixels(3.6), name
        self._rule(self._top - pixels(4))

    def middle(self, slip: tuple[str, ...]) -> None:
        """Write what a slip sheet says, its first line large."""
        y = self._height // 3
        for number, text in enumerate(slip):
            face = (_BOLD, 18.0) if number == 0 else (_REGULAR, 10.0)
            for line in self._lines(text, face[1], 0):
                x = (self._left + self._right - self._width(line, face)) // 2
                self._write(x, y, line, face)
                y += pixels(face[1] * 0.5)
            y += pixels(4 if number == 0 else 1.5)

    def foot(self, leaf: Leaf, label: str, counted: str) -> None:
        """Write the number, in the strip below all content."""
        self._rule(self._bottom + pixels(4))
        y = self._bottom + pixels(5.5)
        self._write(self._left, y, f"{leaf.foot} · {counted}", (_REGULAR, 7.0), _GREY)
        self._write(self._left, y + pixels(3.6), leaf.note, (_REGULAR, 7.0), _GREY)
        x = self._right - self._width(label, _NUMBER)
        self._write(x, y - pixels(0.5), label, _NUMBER)
        if leaf.legend:
            self._write(x - pixels(5) - self._width(leaf.legend, _LEGEND), y + pixels(0.7), leaf.legend, _LEGEND)

    def _lines(self, text: str, size: float, indent: float) -> list[str]:
        """Return text in lines that fit, none of which is longer than the page is wide."""
        lines, rest = list[str](), _drawable(render.shorten(text, _MOST_OF_A_LINE))
        while fit := self._overflow(rest, (_REGULAR, size), self._right - self._left - pixels(indent)):
            head, blank, tail = rest[:fit].rpartition(" ")
            is_at_blank = bool(blank) and len(tail) < fit // 2
            lines.append(head if is_at_blank else rest[:fit])
            rest = tail + rest[fit:] if is_at_blank else rest[fit:]
        return [*lines, rest]

    def _overflow(self, text: str, face: Face, room: int) -> int:
        """Return how many characters fit, at least one, where not all of them do; 0 where they do.

        They are found by halves: to measure every beginning of a line took most of the time of a page.
        """
        if self._width(text, face) <= room:
            return 0
        return bisect_right(range(2, len(text)), room, key=lambda end: self._width(text[:end], face)) + 1

    def _write(self, x: int, y: int, text: str, face: Face, grey: int = 0) -> None:
        self._draw.text((x, y), _drawable(text), font=_font(*face), fill=grey)

    def _width(self, text: str, face: Face) -> int:
        return round(_font(*face).getlength(text))

    def _rule(self, y: int) -> None:
        self._draw.line((self._left, y, self._right, y), fill=_LIGHT, width=1)


def _drawable(text: str) -> str:
    """Return text with what this one typeface does not draw spelt as ``<U+4F60>``."""
    known = _known()
    return "".join(char if char in known else f"<U+{ord(char):04X}>" for char in render.visible(text))


def _stands_alone(char: str) -> bool:
    """Return whether a character looks the same beside any other, and is written from left to right."""
    is_simple = char < "\u0590" or "\u1e00" <= char < "\u2c00"  # before Hebrew, and the letters and signs behind Khmer
    return is_simple and not unicodedata.combining(char)


@cache
def _known() -> frozenset[str]:
    return covered((FOLDER / _REGULAR).read_bytes())


@cache
def _font(name: str, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FOLDER / name, size * DOTS / 72, layout_engine=ImageFont.Layout.BASIC)
