r"""Letters for a PDF: which font draws which character, and what is spelt by code point because none here does.

The typefaces are those that a report carries (:mod:`osint.report.typefaces`), and none of the desktop, so that the same
text gives the same bytes everywhere. Those that are used are embedded.

Scripts that join their letters, stack signs or run from right to left are shaped (:mod:`osint.report.glyphs`) and put
in order (:mod:`osint.report.bidi`). A character that hides or reorders text is never obeyed: like one that no font
draws it is spelt, as ``\u{202E}``.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

from osint import render
from osint.report import bidi
from osint.report.apart import Apart, apart, with_ends
from osint.report.typefaces import FOLDER, covered

if TYPE_CHECKING:
    from reportlab.pdfgen.textobject import PDFTextObject

    from osint.report.glyphs import GlyphFont

TEXT, BOLD, MONO = "text", "bold", "mono"
_ROLES = {TEXT: "NotoSans-Regular", BOLD: "NotoSans-Bold", MONO: "NotoSansMono-Regular"}
_WIDE = (
    "NotoSansGeorgian-Regular", "NotoSansArmenian-Regular", "NotoSansEthiopic-Regular", "NotoSansMath-Regular",
    "DroidSansFallbackFull", "HangulSubset", "NotoSansSymbols-Regular", "NotoSansSymbols2-Regular", "NotoEmoji-Regular",
)  # fmt: skip
"""Where a character is looked for that the typeface of the text lacks: Chinese and Japanese, Korean and signs, too."""

_SHAPED = (
    "NotoSansArabic-Regular", "NotoSansHebrew-Regular", "NotoSansDevanagari-Regular", "NotoSansBengali-Regular",
    "NotoSansTamil-Regular", "NotoSansTelugu-Regular", "NotoSansGujarati-Regular", "NotoSansGurmukhi-Regular",
    "NotoSansKannada-Regular", "NotoSansMalayalam-Regular", "NotoSansSinhala-Regular", "NotoSansThai-Regular",
    "NotoSansLao-Regular", "NotoSansKhmer-Regular", "NotoSansMyanmar-Regular",
)  # fmt: skip
"""Where a letter is looked for that takes its form or its place from those beside it."""

_LONGEST_REMEMBERED = 24
_MOST_IN_A_LINE = 256
_LONGEST_TRIED, _SPARE = 1000, 0.15
"""Characters. In a longer text a word that is wider than a line is cut by the widths that its letters have alone, since
to shape each line anew until it fits takes 0.2 ms a character. Together they may be wider (Arabic with vowels by a
tenth), so part of the line is spared."""

_MOST_MARKS, _MOST_STACKED = 6, 4
"""Signs on one letter, and those of them that pile up; more would climb over the lines beside it."""

_PLAIN = re.compile(r"[ -~]*\Z")
_LEFTWARDS = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
"""Where characters that run from right to left have their places (Unicode, ``DerivedBidiClass.txt``)."""

_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_STACKED = (range(0x0900, 0x10A0), range(0x1100, 0x1200), range(0x1700, 0x18B0), range(0x1900, 0x1CD0))
"""The Indic scripts, Thai to Myanmar; conjoining jamo; Philippine scripts, Khmer and Mongolian; Limbu to Lepcha."""


@dataclass(frozen=True)
class _Run:
    """Text of one typeface and level, as it is read."""

    typeface: str
    level: int
    text: str


class Letters:
    """The fonts of one PDF. Fonts are loaded when a character first needs them.

    Args:
        wide: Typefaces to look in for characters that the font of the text lacks, by the names of their files.
        shaped: The same for letters that need shaping.
    """

    def __init__(self, wide: Sequence[str] = _WIDE, shaped: Sequence[str] = _SHAPED) -> None:
        self._wide = wide
        self._shaped = shaped
        self._typefaces: dict[tuple[str, str], str | None] = {}
        self._widths: dict[tuple[str, str], float] = {}

    def runs(self, text: str, role: str) -> list[tuple[str, str]]:
        """Return text as (name of a registered font, what it draws), as it stands from left to right."""
        if _PLAIN.match(text) and "\\u{" not in text and not _runs_leftwards(text):
            return [(font_of(role), text)]
        shown = [self._drawn(run) for runs in self._parts(text, role) for run in bidi.in_order(runs)]
        return [drawn for same, them in groupby(shown, key=_plain_font) for drawn in _together(same, list(them))]

    def write(self, written: PDFTextObject, text: str, role: str, size: float) -> None:
        """Write one line of text where a text object stands, ``size`` points high.

        Glyphs from left to right are marked with the text that they stand for together (PDF 32000-1, 14.9.4), since a
        vowel may be drawn before, or around, the letter that it follows.
        """
        for font, drawn in self.runs(text, role):
            written.setFont(font, size)
            said = getattr(drawn, "said", "")
            if said:
                written._code.append(f"/Span <</ActualText <FEFF{said.encode('utf-16-be').hex()}>>> BDC")
            written.textOut(drawn)
            if said:
                written._code.append("EMC")

    def spelt(self, text: str, role: str = TEXT) -> str:
        """Return text as it is read, with code points in place of what no font draws."""
        return "".join(run.text for runs in self._parts(text, role) for run in runs)

    def cut(self, text: str, length: int) -> str:
        """Return text of which at most ``length`` characters are drawn, with an ellipsis where it is cut."""
        if len(self.spelt(text)) <= length:
            return text
        clusters = list(_clusters(text))
        lengths = accumulate(len(self.spelt(cluster)) for cluster in clusters)
        kept = sum(len(cluster) for cluster, so_far in zip(clusters, lengths, strict=True) if so_far < length)
        if not isinstance(text, Apart):
            return f"{text[:kept]}…"
        *inner, _ = text.part(0, kept).ends
        return with_ends(f"{text[:kept]}…", (*inner, kept + 1))

    def width(self, text: str, role: str, size: float) -> float:
        """Return how wide text is in points."""
        key = (role, text)
        if key in self._widths:
            return self._widths[key] * size
        from reportlab.pdfbase.pdfmetrics import stringWidth

        width = float(sum(stringWidth(drawn, font, 1000) for font, drawn in self.runs(text, role)) / 1000)
        if len(text) < _LONGEST_REMEMBERED:
            self._widths[key] = width
        return width * size

    def broken(self, text: str, role: str, size: float, room: float) -> Iterator[str]:
        """Yield text in lines that fit ``room`` points, at least one for each of its own.

        A word wider than a line fills the rest of the one it begins on.
        """
        text = self._ordered(text, role) if _runs_leftwards(text) else text
        start = 0
        for line in text.split("\n"):
            for first, last in self._lines(line, role, size, room):
                both = start + first, start + last
                yield text.part(*both) if isinstance(text, Apart) else text[slice(*both)]
            start += len(line) + 1

    def _lines(self, text: str, role: str, size: float, room: float) -> Iterator[tuple[int, int]]:
        """Yield where each line begins and ends."""
        start = end = begins = 0
        used = 0.0
        for word in text.split(" "):
            if start == end:
                start = end = begins
            ends = begins + len(word)
            width = self.width(text[end:ends], role, size)
            if used + width <= room:
                used += width
            elif width <= room:
                yield start, end
                start, used = begins, self.width(word, role, size)
            else:
                *full, (start, _) = self._cut(text, (start, begins, ends), role, size, room)
                yield from full
                used = self.width(text[start:ends], role, size)
            end, begins = ends, ends + 1
        yield start, end

    def _cut(
        self, text: str, places: tuple[int, int, int], role: str, size: float, room: float
    ) -> list[tuple[int, int]]:
        """Return where parts that fit begin and end; ``places`` are those of the line begun and of a word too wide."""
        start, begins, ends = places
        clusters = list(_clusters(text[begins:ends]))
        shaped = any(self._typeface(cluster, _ROLES[role]) in self._shaped for cluster in clusters)
        if shaped and len(text) <= _LONGEST_TRIED:
            stops = list(accumulate(map(len, clusters), initial=begins))
            cuts = self._cuts(text, start, stops, lambda part: self.width(part, role, size) <= room)
            return list(zip(cuts, [*cuts[1:], ends], strict=True))
        cuts, at = [start], begins
        used = self.width(text[start:begins], role, size)
        room -= room * _SPARE * shaped
        for cluster in clusters:
            alone = self.width(cluster, role, size)
            if used + alone > room:
                cuts.append(at)
                used = 0.0
            used, at = used + alone, at + len(cluster)
        return list(zip(cuts, [*cuts[1:], ends], strict=True))

    @staticmethod
    def _cuts(text: str, start: int, stops: Sequence[int], fits: Callable[[str], bool]) -> list[int]:
        """Return where parts begin whose letters are wider or narrower together than by themselves.

        Args:
            text: The line.
            start: Where the first part begins.
            stops: Where a part may end, ascending: at the beginning of the word, and after each letter of it.
            fits: Whether a part fits.
        """
        cuts, done = [start], 0
        while done < len(stops) - 1:
            most = min(len(stops), done + _MOST_IN_A_LINE)
            fitting = bisect_left(stops, True, done + 1, most, key=lambda stop: not fits(text[cuts[-1] : stop])) - 1
            if fitting == done and cuts[-1] == stops[done]:
                fitting += 1  # a letter wider than a line has one
            done = fitting
            if done < len(stops) - 1:
                cuts.append(stops[done])
        return cuts

    def _parts(self, text: str, role: str) -> Iterator[list[_Run]]:
        """Yield the runs of each part that keeps to itself, as they are read."""
        own = _ROLES[role]
        if not _runs_leftwards(text):
            normal = unicodedata.normalize("NFC", text)
            yield list(self._runs(normal, 0, len(normal), b"", own))
            return
        ordered = self._ordered(text, role)
        for start, end in ordered.spans():
            yield list(self._runs(ordered, start, end, ordered.levels, own))

    def _ordered(self, text: str, role: str) -> Apart:
        """Return text with the level of each character; each part, and each line in one, is ordered by itself."""
        if isinstance(text, Apart) and text.levels:
            return text
        own, whole = _ROLES[role], text if isinstance(text, Apart) else apart(text)
        lines = [line for start, end in whole.spans() for line in re.split("(\n)", whole[start:end])]
        normal = [unicodedata.normalize("NFC", line) for line in lines]
        levels = bytes(level for line in normal for level in self._levels(line, own))
        return with_ends("".join(normal), tuple(accumulate(map(len, normal))), levels)

    def _levels(self, text: str, own: str) -> list[int]:
        kinds = bidi.classes(text)
        for start, cluster, typeface in self._found(text, 0, len(text), own):
            if typeface is None:
                kinds[start : start + len(cluster)] = ["L"] * len(cluster)  # a code point is spelt in Latin letters
        return bidi.levels(text, kinds, bidi.base_level(kinds))

    def _runs(self, text: str, start: int, end: int, levels: bytes, own: str) -> Iterator[_Run]:
        pieces = []
        typeface = own
        for at, cluster, found in self._found(text, start, end, own):
            level = levels[at] if levels else 0
            stays = level % 2 and found == own and typeface in self._shaped and _draws(typeface, cluster)
            typeface = typeface if stays else found or own
            pieces.append((typeface, level, cluster if found else f"\\u{{{ord(cluster):X}}}"))
        for (typeface, level), them in groupby(pieces, key=lambda piece: piece[:2]):
            yield _Run(typeface, level, "".join(drawn for _, _, drawn in them))

    def _drawn(self, run: _Run) -> tuple[str, str]:
        """Return the font of a run and what it draws."""
        if run.typeface in self._shaped or run.level % 2:
            font = _glyphs(run.typeface)
            return font.fontName, font.shaped(run.text, leftwards=run.level % 2 == 1)
        return _registered(run.typeface), run.text

    def _found(self, text: str, start: int, end: int, own: str) -> Iterator[tuple[int, str, str | None]]:
        """Yield place, character with its marks and typeface; None for a character that is spelt."""
        at = start
        for cluster in _clusters(text[start:end]):
            typeface = self._typeface(cluster, own)
            if cluster == "\\" and text.startswith("u{", at + 1):
                yield at, cluster, None
            elif typeface or len(cluster) == 1:
                yield at, cluster, typeface
            else:
                yield at, cluster[0], self._typeface(cluster[0], own)
                yield from ((at + place, mark, None) for place, mark in enumerate(cluster[1:], 1))
            at += len(cluster)

    def _typeface(self, cluster: str, own: str) -> str | None:
        """Return what draws a character with its marks, or None when one of them is to be spelt."""
        key = (cluster, own)
        if key not in self._typefaces:
            self._typefaces[key] = next((each for each in self._among(cluster, own) if _draws(each, cluster)), None)
        return self._typefaces[key]

    def _among(self, cluster: str, own: str) -> Sequence[str]:
        """Return the typefaces in which a character with its marks is looked for."""
        if _is_plain(cluster):
            return [own, *self._wide, *self._shaped]
        hidden = render.visible(cluster) != cluster
        alone = _is_plain(cluster[0]) or unicodedata.category(cluster[0])[0] in "MC"
        return () if hidden or alone else self._shaped


def _runs_leftwards(text: str) -> bool:
    """Return whether some of a text, or of the paragraph that it is a line of, runs from right to left."""
    return bool(isinstance(text, Apart) and text.levels) or _LEFTWARDS.search(text) is not None


def _clusters(text: str) -> Iterator[str]:
    """Yield each character with the marks on it, as many of them as are drawn."""
    start = stacked = 0
    for place, char in enumerate(text):
        stacked += unicodedata.combining(char) > 0
        mark = unicodedata.category(char)[0] == "M" and place - start <= _MOST_MARKS and stacked <= _MOST_STACKED
        if place and not mark:
            yield text[start:place]
            start, stacked = place, 0
    if text:
        yield text[start:]


def _is_plain(char: str) -> bool:
    """Return whether a character may stand by itself, one after the other from left to right."""
    if len(char) != 1 or render.visible(char) != char or unicodedata.category(char)[0] in "MC":
        return False
    return unicodedata.bidirectional(char) not in _RIGHT_TO_LEFT and not any(ord(char) in part for part in _STACKED)


def _plain_font(drawn: tuple[str, str]) -> str | None:
    """Return the font of what reportlab draws by character, None for glyphs."""
    font, text = drawn
    return font if type(text) is str else None


def _together(font: str | None, drawn: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what one font draws by character in one piece."""
    return [(font, "".join(text for _, text in drawn))] if font else drawn


def font_of(role: str) -> str:
    """Return the name under which reportlab knows the font of a role: ``text``, ``bold`` or ``mono``."""
    return _registered(_ROLES[role])


@functools.cache
def _registered(typeface: str) -> str:
    """Have reportlab know a typeface; return its name there."""
    from reportlab.pdfbase.pdfmetrics import registerFont

    from osint.report.glyphs import SearchedFont

    name = f"osint-{typeface}"
    registerFont(SearchedFont(name, FOLDER / f"{typeface}.ttf"))
    return name


@functools.cache
def _glyphs(typeface: str) -> GlyphFont:
    """Have reportlab know a typeface that is drawn by glyph; return it."""
    from reportlab.pdfbase.pdfmetrics import registerFont

    from osint.report.glyphs import GlyphFont

    font = GlyphFont(f"osint-glyphs-{typeface}", str(FOLDER / f"{typeface}.ttf"))
    registerFont(font)
    return font


def _draws(typeface: str, text: str) -> bool:
    """Return whether a typeface has every character of a text."""
    return _characters(typeface).issuperset(text)


@functools.cache
def _characters(typeface: str) -> frozenset[str]:
    return covered((FOLDER / f"{typeface}.ttf").read_bytes())
