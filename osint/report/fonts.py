r"""Letters for a PDF: which font draws which character, and what is spelt by code point because none here does.

Nothing is downloaded. In order: the fonts of the package ``pymupdf-fonts``, which hold Latin, Greek, Cyrillic and
Georgian on every desktop; fonts that the desktop has anyway, for Chinese, Japanese and Korean among others; and those
that reportlab carries. All are embedded.

A PDF places characters one after the other, left to right. Scripts that join their letters, stack signs or run from
right to left would come out wrong, and wrong is worse than plain: their characters are spelt as ``\u{645}``.
"""

from __future__ import annotations

import functools
import io
import os
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

from osint import render

TEXT, BOLD, MONO = "text", "bold", "mono"
_ROLES: dict[str, Sequence[str]] = {
    TEXT: ("notos", "DejaVuSans.ttf", "segoeui.ttf", "Arial.ttf", "Vera.ttf"),
    BOLD: ("notosbo", "DejaVuSans-Bold.ttf", "segoeuib.ttf", "Arial Bold.ttf", "VeraBd.ttf"),
    MONO: ("cascadia", "DejaVuSansMono.ttf", "consola.ttf", "Courier New.ttf"),
}
_WIDE = (
    "figo", "DejaVuSans.ttf", "segoeui.ttf", "Arial Unicode.ttf", "msyh.ttc",
    "YuGothR.ttc", "malgun.ttf", "DroidSansFallbackFull.ttf", "wqy-microhei.ttc", "wqy-zenhei.ttc", "unifont.ttf",
)  # fmt: skip
_LONGEST_REMEMBERED = 24
_PLAIN = re.compile(r"[ -~]*\Z")
_ESCAPE = re.compile(r"\\(?=u\{)")
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_STACKED = (range(0x0900, 0x10A0), range(0x1100, 0x1200), range(0x1700, 0x18B0), range(0x1900, 0x1CD0))
"""The Indic scripts, Thai to Myanmar; conjoining jamo; Philippine scripts, Khmer and Mongolian; Limbu to Lepcha."""


class Letters:
    """The fonts of one PDF. Fonts are loaded when a character first needs them.

    Args:
        wide: Fonts to look in for characters that the font of the text lacks, by name.
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
            found = (font for font in map(_registered, self._wide) if font and _draws(font, char))
            self._fonts[char] = next(found, None)
        return self._fonts[char]


def _is_plain(char: str) -> bool:
    """Return whether a character may stand by itself, one after the other from left to right."""
    if render.visible(char) != char or unicodedata.category(char)[0] in "MC":
        return False
    return unicodedata.bidirectional(char) not in _RIGHT_TO_LEFT and not any(ord(char) in part for part in _STACKED)


@functools.cache
def font_of(role: str) -> str:
    """Return the name under which reportlab knows the font of a role: ``text``, ``bold`` or ``mono``."""
    return next(filter(None, map(_registered, _ROLES[role])), None) or font_of(TEXT)


@functools.cache
def _registered(source: str) -> str | None:
    """Have reportlab know a font; return its name, or None when there is no such font here that it can embed."""
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    name = "osint-" + re.sub("[^0-9A-Za-z]+", "-", source)
    try:
        registerFont(TTFont(name, io.BytesIO(_data(source))))
    except TTFError:  # it is not here, or has outlines that reportlab cannot embed
        return None
    return name


def _data(source: str) -> bytes:
    """Return the bytes of a font; none when there is no such font here."""
    if "." not in source:
        return _carried(source)
    path = _fonts_here().get(source)
    return path.read_bytes() if path else b""


@functools.cache
def _fonts_here() -> dict[str, Path]:
    """Return the font files of this desktop and of reportlab, by name."""
    import reportlab

    home = Path.home()
    places = {
        "win32": [Path(os.environ.get("WINDIR", "C:\\Windows"), "Fonts")],
        "darwin": [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"],
    }.get(sys.platform, [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local" / "share" / "fonts"])
    found = [path for place in [*places, Path(reportlab.__file__).parent / "fonts"] for path in place.rglob("*.tt[cf]")]
    return {path.name: path for path in sorted(found, reverse=True)}


def _carried(source: str) -> bytes:
    return bytes(import_module("pymupdf_fonts").myfont(source)) if find_spec("pymupdf_fonts") else b""


def _draws(font: str, char: str) -> bool:
    from reportlab.pdfbase.pdfmetrics import getFont

    face: Any = getFont(font).face
    return ord(char) in face.charToGlyph
