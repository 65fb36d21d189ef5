"""Letters that have to be shaped: HarfBuzz says which glyphs to draw where, and the PDF says which text they stand for.

reportlab draws characters, and gives a glyph that no character maps to a private one, which no search finds. Here each
glyph has a place of its own in the font for each text that it stands for, so that a search finds the letters. Places
are given out by document: equal input gives equal bytes whatever was drawn before. HarfBuzz is not told the language of
the desktop, since letters may differ by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import uharfbuzz
from reportlab.pdfbase.ttfonts import ShapeData, ShapedStr, TTFNameBytes, TTFont

_GLYPHS = 0x10000
"""More than a font has glyphs (OpenType specification, ``maxp``), and than a code of four digits says."""

_LANGUAGE = "und"
_WITHOUT_INK = 0
"""The character whose glyph has neither ink nor width in these typefaces; that of U+200C is a stroke in two of them."""

_LISTED_AT_ONCE = 100


@dataclass(frozen=True)
class Glyph:
    """A glyph as it is placed: its number in the font, the text that it stands for, and where it is drawn.

    Attributes:
        number: In the font.
        text: What a search finds in its place.
        advance: How far the next one is, in thousandths of the size of the text.
        right: How far right of its place it is drawn, in the same unit.
        up: How far above the base line.
    """

    number: int
    text: str
    advance: float
    right: float
    up: float


class Shaped(ShapedStr):  # type: ignore[misc]
    """What reportlab is handed to draw: as many characters as there are glyphs, and the glyphs."""

    glyphs: tuple[Glyph, ...]
    said: str


class SearchedFont(TTFont):  # type: ignore[misc]
    """A font that draws characters, of which a search finds those beyond U+FFFF too, as most emoji are.

    reportlab writes such a one with five digits, where a PDF has UTF-16, so that no reader knows it.
    """

    def addObjects(self, doc: Any) -> None:  # noqa: N802
        """Add the subsets of the font to a document, each with the text that its characters stand for."""
        state = self.state[doc]
        super().addObjects(doc)
        for number, subset in enumerate(state.subsets):
            if max(subset) >= _GLYPHS:
                _keep_unicode_map(doc, state, number, dict(enumerate(map(chr, subset))))


class GlyphFont(TTFont):  # type: ignore[misc]
    """A font that draws glyphs rather than characters.

    Args:
        name: Under which reportlab is to know it.
        path: The TrueType file.
    """

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name, path)
        self.face.name = TTFNameBytes(self.face.name + b"-Glyphs")  # reportlab takes fonts of one name for one font
        self.face.charToGlyph = _ByCode()
        self.face.getCharWidth = self._width
        self._shaper = uharfbuzz.Font(self.hbFace)

    def shaped(self, text: str, *, leftwards: bool) -> Shaped:
        """Return text as glyphs from left to right; ``leftwards`` says that it is read from right to left."""
        placed = self._glyphs(text, leftwards=leftwards)
        glyphs = tuple(self._carried(placed) if leftwards else placed)
        data = [ShapeData(0, each.advance, 0, each.right, each.up, self._width(each.number)) for each in glyphs]
        made = Shaped("\ufffd" * len(glyphs), data)
        made.glyphs, made.said = glyphs, "" if leftwards else text
        return made

    def stringWidth(self, text: Shaped, size: float, encoding: str = "utf8") -> float:  # noqa: ARG002, N802
        """Return how wide glyphs are, in points."""
        return sum(glyph.advance for glyph in text.glyphs) * size / 1000

    def splitString(  # noqa: N802
        self,
        text: Shaped,
        doc: Any,
        encoding: str = "utf-8",  # noqa: ARG002
    ) -> list[tuple[int, bytes]]:
        """Return glyphs as (number of a subset of the font, bytes in its encoding), as reportlab asks for them."""
        state = self._assignState(doc)
        if not hasattr(state, "texts"):
            state.texts, state.subsets, state.nextCode = {}, [[0]], 1
        places = [self._place(state, glyph) for glyph in text.glyphs]
        return [
            (subset, bytes(place % 256 for place in run)) for subset, run in groupby(places, lambda place: place // 256)
        ]

    def addObjects(self, doc: Any) -> None:  # noqa: N802
        """Add the subsets of the font to a document, each with the text that its glyphs stand for."""
        state = self.state[doc]
        super().addObjects(doc)
        for number, subset in enumerate(state.subsets):
            said = {place: state.texts[code] for place, code in enumerate(subset) if code in state.texts}
            _keep_unicode_map(doc, state, number, said)

    def _place(self, state: Any, glyph: Glyph) -> int:
        """Return the place of a glyph that stands for a text, and give it one when it has none yet."""
        key = (glyph.number, glyph.text)
        if key not in state.assignments:
            if state.nextCode % 256 == 0:
                state.subsets.append([0])
                state.nextCode += 1
            code = glyph.number + _GLYPHS * (1 + len(state.texts))
            state.texts[code] = glyph.text
            state.subsets[-1].append(code)
            state.assignments[key] = state.nextCode
            state.nextCode += 1
        return int(state.assignments[key])

    def _width(self, code: int) -> float:
        """Return how wide the PDF says that the glyph of a code is, in thousandths."""
        return float(self.pdfScale(self.face.hmetrics[code % _GLYPHS][0]))

    def _glyphs(self, text: str, *, leftwards: bool) -> Iterator[Glyph]:
        buffer = uharfbuzz.Buffer()
        buffer.cluster_level = uharfbuzz.BufferClusterLevel.MONOTONE_CHARACTERS
        buffer.add_str(text)
        buffer.language = _LANGUAGE
        buffer.direction = "rtl" if leftwards else "ltr"
        buffer.guess_segment_properties()
        uharfbuzz.shape(self._shaper, buffer)
        texts = _texts([info.cluster for info in buffer.glyph_infos], text, leftwards=leftwards)
        for info, at, said in zip(buffer.glyph_infos, buffer.glyph_positions, texts, strict=True):
            yield Glyph(info.codepoint, said, *map(self.pdfScale, (at.x_advance, at.x_offset, at.y_offset)))

    def _carried(self, glyphs: Iterable[Glyph]) -> Iterator[Glyph]:
        """Yield glyphs from right to left so that none stands for more than one letter, and no mark for any.

        Programs that read a PDF turn such a run round letter by letter, and part a word where a mark was moved. What a
        mark or the rest of a ligature stands for is put on a glyph without ink and width, left of the letter.
        """
        blank = self._shaper.get_nominal_glyph(_WITHOUT_INK)
        marks: list[Glyph] = []
        for glyph in glyphs:
            if not glyph.advance:
                marks.append(glyph)
                continue
            rest = glyph.text[1:] + "".join(mark.text for mark in reversed(marks))
            yield from (Glyph(blank, letter, 0, glyph.right, glyph.up) for letter in reversed(rest))
            drawn = [replace(glyph, text=glyph.text[:1]), *(replace(mark, text="") for mark in marks)]
            yield from (replace(each, advance=0) for each in drawn[:-1])
            yield replace(drawn[-1], advance=glyph.advance)
            marks = []
        yield from marks


class _ByCode(dict[int, int]):
    """Which glyph a code draws: the one that it was made of."""

    def __contains__(self, code: object) -> bool:
        return True

    def __missing__(self, code: int) -> int:
        return code % _GLYPHS


def _texts(clusters: Sequence[int], text: str, *, leftwards: bool) -> list[str]:
    """Return the text that each glyph stands for.

    Letters that were shaped together are shared out in the order in which they are read, the rest to the last glyph;
    where glyphs are more than letters, the last ones stand for none.
    """
    read = clusters[::-1] if leftwards else clusters
    starts = [start for start, _ in groupby(read)]
    said: list[str] = []
    for (start, glyphs), end in zip(groupby(read), [*starts[1:], len(text)], strict=True):
        count = len(list(glyphs))
        letters = text[start:end]
        said += [*letters[: count - 1], letters[count - 1 :]]
        said += [""] * (count - len(letters) - 1)
    return said[::-1] if leftwards else said


def _keep_unicode_map(doc: Any, state: Any, number: int, said: dict[int, str]) -> None:
    """Have a document say which text each place of a subset of a font stands for."""
    font = doc.idToObject["BasicFonts"].dict[f"{state.internalName}+{number}"]
    doc.idToObject[font.ToUnicode.name].content = _unicode_map(said)


def _unicode_map(said: dict[int, str]) -> str:
    """Return the text of each place of a font (PDF 32000-1, 9.10.3)."""
    listed = [f"<{place:02X}> <{text.encode('utf-16-be').hex().upper()}>" for place, text in said.items()]
    parts = [listed[start : start + _LISTED_AT_ONCE] for start in range(0, len(listed), _LISTED_AT_ONCE)]
    return "\n".join([
        "/CIDInit /ProcSet findresource begin", "12 dict begin", "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def", "/CMapType 2 def",
        "1 begincodespacerange", "<00> <FF>", "endcodespacerange",
        *(line for part in parts for line in (f"{len(part)} beginbfchar", *part, "endbfchar")),
        "endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end",
    ])  # fmt: skip
