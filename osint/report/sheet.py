"""A sheet in landscape, A4 or A3: a first page that its maker draws, and tables that go on for as long as they need.

Text can be searched and copied; equal input gives equal bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from osint.errors import ExportError
from osint.graph.drawing.shapes import Box
from osint.report.fonts import BOLD, MONO, TEXT, Letters, font_of
from osint.report.pdf import pdf_is_installed

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

PAPERS = {"A4": (842.0, 595.0), "A3": (1191.0, 842.0)}
SIDE = 34.0
_TOP, _FOOT = 34.0, 40.0
_LEADING = 1.3
_SIZE = 7.5
_GAP = 8.0


@dataclass(frozen=True)
class Words:
    """One line of text; ``x`` and ``y`` in points from the upper left corner, ``y`` the base line."""

    x: float
    y: float
    text: str
    role: str = TEXT
    size: float = _SIZE
    grey: float = 0.0


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, its share of the width, and the font of its cells."""

    heading: str
    share: float
    role: str = TEXT


class Sheet:
    """A PDF in the making.

    Args:
        title: Title of the document, on every page.
        paper: ``A4`` or ``A3``.
        made: The instant that the document states as its own.
        letters: The fonts.

    Raises:
        ExportError: The paper is unknown, or reportlab is not installed.
    """

    def __init__(self, title: str, paper: str, made: datetime, letters: Letters | None = None) -> None:
        if paper not in PAPERS:
            raise ExportError(f"unknown paper {paper!r}; known: {', '.join(PAPERS)}. Nothing was written.")
        if not pdf_is_installed():
            raise ExportError(
                "A PDF needs reportlab and uharfbuzz, which are not both installed, and nothing was written: "
                "pip install 'osint[report]'."
            )
        self.width, self.height = PAPERS[paper]
        self.title = title
        self.letters = letters or Letters()
        self._made = made
        self._pages: list[list[Callable[[Canvas], None]]] = [[]]
        self._y = _TOP

    @property
    def area(self) -> Box:
        """Left, top, right and bottom of what may be drawn on, in points from the upper left corner."""
        return SIDE, _TOP, self.width - SIDE, self.height - _FOOT - 6

    def draw(self, drawing: Callable[[Canvas], None]) -> None:
        """Put a drawing on the page begun; it is handed the canvas, whose origin is the lower left corner."""
        self._pages[-1].append(drawing)

    def write(self, words: Words) -> None:
        """Put one line of text on the page begun."""
        self.draw(lambda canvas: self.put(canvas, words))

    def put(self, canvas: Canvas, words: Words) -> None:
        """Write one line of text."""
        written = canvas.beginText(words.x, self.height - words.y)
        written.setFillGray(words.grey)
        self.letters.write(written, words.text, words.role, words.size)
        canvas.drawText(written)

    def column(self, left: float, top: float, room: float, text: str, **style: object) -> float:
        """Write text in as many lines as it needs; ``style`` as of :class:`Words`. Return where the next may begin."""
        base = Words(left, top, "", **style)  # type: ignore[arg-type]
        for line in self.letters.broken(text, base.role, base.size, room):
            top += base.size * _LEADING
            self.write(Words(left, top - base.size * (_LEADING - 1), line, base.role, base.size, base.grey))
        return top

    def new_page(self) -> None:
        """Begin another page."""
        self._pages.append([])
        self._y = _TOP

    def table(self, heading: str, explained: str, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Add a table under its heading; the headings of its columns stand on each page. A row may cross pages."""
        if self._y > _TOP:
            self._y += 14
        if self._room() < 90:
            self.new_page()
        self._y = self.column(SIDE, self._y, self.width - 2 * SIDE, heading, role=BOLD, size=11)
        if explained:
            self._y = self.column(SIDE, self._y, self.width - 2 * SIDE, explained, grey=0.35)
        self._head(columns)
        for row in rows:
            self._row(columns, row)

    def finish(self, foot: str) -> bytes:
        """Return the PDF; each page has this line at its foot, and its number."""
        from reportlab.pdfgen.canvas import Canvas

        written = io.BytesIO()
        size = (self.width, self.height)
        canvas = Canvas(written, pagesize=size, invariant=1, lang="en", initialFontName=font_of(TEXT))
        made = self._made.astimezone(UTC)
        canvas.setDateFormatter(lambda *_: made.strftime("D:%Y%m%d%H%M%S+00'00'"))
        canvas.setTitle(self.letters.spelt(self.title))
        canvas.setCreator("osint")
        canvas.setAuthor("osint")
        canvas.setSubject("Link chart")
        for number, page in enumerate(self._pages, 1):
            for drawing in page:
                drawing(canvas)
            self._draw_foot(canvas, foot, f"page {number} of {len(self._pages)}")
            canvas.showPage()
        canvas.save()
        return written.getvalue()

    def _head(self, columns: Sequence[Column]) -> None:
        if not any(column.heading for column in columns):
            self._y += 4
            return
        for column, (left, room) in zip(columns, self._places(columns), strict=True):
            self.column(left, self._y + 3, room, column.heading, role=BOLD)
        self._y += _SIZE * _LEADING + 5
        self._rule(0.4)

    def _row(self, columns: Sequence[Column], row: Sequence[str]) -> None:
        """Keep a row on one page where one page can hold it."""
        places = list(self._places(columns))
        cells = [
            list(self.letters.broken(cell, column.role, _SIZE, room))
            for column, cell, (_, room) in zip(columns, row, places, strict=True)
        ]
        height, leading = max(map(len, cells)), _SIZE * _LEADING
        if self._room() < height * leading + 4 <= self.height - _TOP - _FOOT - 40:
            self._next(columns)
        done = 0
        while done < height:
            fit = int((self._room() - 4) // leading)
            if fit < 1:
                self._next(columns)
                continue
            # A cell is written whole, so that whoever copies the text gets it in one piece.
            for column, cell, (left, _) in zip(columns, cells, places, strict=True):
                for place, text in enumerate(cell[done : done + fit], 1):
                    if text:
                        self.write(Words(left, self._y + place * leading, text, column.role))
            self._y += min(fit, height - done) * leading
            done += fit
        self._y += 3
        self._rule(0.85)

    def _next(self, columns: Sequence[Column]) -> None:
        self.new_page()
        self._head(columns)

    def _room(self) -> float:
        return self.height - _FOOT - 6 - self._y

    def _places(self, columns: Sequence[Column]) -> Iterator[tuple[float, float]]:
        """Yield left end and width of each column."""
        left, unit = SIDE, (self.width - 2 * SIDE) / sum(column.share for column in columns)
        for column in columns:
            yield left, column.share * unit - _GAP
            left += column.share * unit

    def _rule(self, grey: float) -> None:
        y = self.height - self._y
        self.draw(lambda canvas: _line(canvas, SIDE, self.width - SIDE, y, grey))
        self._y += 1

    def _draw_foot(self, canvas: Canvas, foot: str, number: str) -> None:
        y = self.height - _FOOT
        _line(canvas, SIDE, self.width - SIDE, self.height - y, 0.7)
        self.put(canvas, Words(SIDE, y + 11, foot, MONO, 6.5, 0.35))
        width = self.letters.width(number, TEXT, 8)
        self.put(canvas, Words(self.width - SIDE - width, y + 11, number, TEXT, 8))


def _line(canvas: Canvas, left: float, right: float, y: float, grey: float) -> None:
    canvas.setLineWidth(0.4)
    canvas.setDash()
    canvas.setStrokeGray(grey)
    canvas.line(left, y, right, y)
