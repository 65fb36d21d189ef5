"""Pages of a PDF: text that can be searched, on paper that may be A4 or Letter, each page with its foot.

The layout is plain: lines under one another, broken where they are too wide. Equal input gives equal bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import chain
from typing import TYPE_CHECKING, Any

from osint.errors import ExportError
from osint.report.fonts import BOLD, MONO, TEXT, Letters, font_of

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_WIDTH, _HEIGHT = 595.0, 842.0
_SIDE = 54.0
_TOP = 782.0
_BOTTOM = 104.0
_FOOT = 88.0
"""Points. A4, with nothing in the 50 points that a Letter sheet lacks, wherever the printer cuts them off."""

_LEADING = 1.32
_BLACK, _GREY = 0.0, 0.35
_BESIDE_QR = 12.0


def pdf_is_installed() -> bool:
    """Return whether the extra that draws a PDF is there, whole: without HarfBuzz a name might come out wrong."""
    return find_spec("reportlab") is not None and find_spec("uharfbuzz") is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line: how high it is and where it begins, in points, and its text; without text, a rule or nothing."""

    height: float
    x: float = _SIDE
    text: str = ""
    role: str = TEXT
    size: float = 8.5
    grey: bool = False
    rule: bool = False


class Pages:
    """A PDF in the making.

    Args:
        title: Title of the document.
        made: The instant that the document states as its own.
        letters: The fonts.
        subject: Subject of the document, in its metadata.

    Raises:
        ExportError: reportlab is not installed.
    """

    def __init__(
        self, title: str, made: datetime, letters: Letters | None = None, *, subject: str = "Chain of custody"
    ) -> None:
        if not pdf_is_installed():
            raise ExportError(
                "A PDF needs reportlab and uharfbuzz, which are not both installed, and nothing was written: "
                "pip install 'osint[report]'. The HTML page of the same name says the same and needs nothing."
            )
        self.title = title
        self._subject = subject
        self._made = made
        self._letters = letters or Letters()
        self._blocks: list[Callable[[], Iterable[Sequence[Line]]]] = []
        self._used = 0.0
        self._code: tuple[int, list[tuple[int, int, int]]] | None = None
        self._code_width = 0.0
        self.paragraph(title, role=BOLD, size=15)

    def heading(self, text: str) -> None:
        """Add the heading of a part."""
        self.space(8)
        self.paragraph(text, role=BOLD, size=11)

    def paragraph(self, text: str, **style: Any) -> None:
        """Add text, a line for each of its lines and as many as it needs; ``style`` as for :meth:`lines`."""
        self.together(list(self.lines(text, **style)))

    def together(self, lines: Sequence[Line]) -> None:
        """Add lines that stay on one page where one page can hold them."""
        kept = list(lines)
        self._blocks.append(lambda: [kept])
        self._used += sum(line.height for line in lines)

    def many(self, blocks: Callable[[], Iterable[Sequence[Line]]]) -> None:
        """Add as many blocks as a ledger has entries, each as for :meth:`together`, without holding their lines.

        Args:
            blocks: Yields them, each time the same: once to count the pages, and once to draw them.
        """
        self._blocks.append(blocks)

    def space(self, height: float) -> None:
        """Leave room."""
        self.together([Line(height=height)])

    def code(self, code: tuple[int, list[tuple[int, int, int]]], width: float) -> None:
        """Put a QR code at the upper right of the first page; text there keeps clear of it.

        Args:
            code: From :func:`osint.report.qr.qr_runs`.
            width: Of the code with its border, in points.
        """
        self._code, self._code_width = code, width

    def lines(
        self, text: str, *, role: str = TEXT, size: float = 8.5, indent: float = 0, grey: bool = False
    ) -> Iterator[Line]:
        """Yield text as lines, broken at spaces, and inside words that are wider than the page."""
        room = _WIDTH - 2 * _SIDE - indent - (self._code_width + _BESIDE_QR if self._beside_code() else 0)
        for line in self._letters.broken(text, role, size, room):
            yield Line(height=size * _LEADING, x=_SIDE + indent, text=line, role=role, size=size, grey=grey)

    def rule(self) -> Line:
        """Return a thin line across the page."""
        return Line(height=7, rule=True)

    def finish(self, foot: Sequence[str]) -> bytes:
        """Return the PDF; each page has these lines at its foot, and its number."""
        from reportlab.pdfgen.canvas import Canvas

        whole = sum(1 for _ in self._pages())
        written = io.BytesIO()
        canvas = Canvas(written, pagesize=(_WIDTH, _HEIGHT), invariant=1, lang="en", initialFontName=font_of(TEXT))
        made = self._made.astimezone(UTC)
        canvas.setDateFormatter(lambda *_: made.strftime("D:%Y%m%d%H%M%S+00'00'"))
        canvas.setTitle(self.title)
        canvas.setCreator("osint")
        canvas.setAuthor("osint")
        canvas.setSubject(self._subject)
        for number, lines in enumerate(self._pages(), 1):
            self._draw(canvas, lines)
            if number == 1 and self._code:
                _draw_code(canvas, self._code, self._code_width)
            self._draw_foot(canvas, foot, f"page {number} of {whole}")
            canvas.showPage()
        canvas.save()
        return written.getvalue()

    def _beside_code(self) -> bool:
        """Return whether the next line would stand beside the code."""
        return self._code is not None and self._used < self._code_width + _BESIDE_QR

    def _pages(self) -> Iterator[list[Line]]:
        page: list[Line] = []
        left = _TOP - _BOTTOM
        for block in chain.from_iterable(blocks() for blocks in self._blocks):
            if sum(line.height for line in block) > left and page:
                yield page
                page, left = [], _TOP - _BOTTOM
            for line in block:
                if line.height > left:
                    yield page
                    page, left = [], _TOP - _BOTTOM
                page.append(line)
                left -= line.height
        yield page

    def _draw(self, canvas: Canvas, lines: Sequence[Line]) -> None:
        y = _TOP
        for line in lines:
            y -= line.height
            if line.rule:
                canvas.setLineWidth(0.3)
                canvas.setStrokeGray(0.7)
                canvas.line(_SIDE, y + 3, _WIDTH - _SIDE, y + 3)
            if line.text:
                self._write(canvas, line, y + line.size * (_LEADING - 1))

    def _write(self, canvas: Canvas, line: Line, y: float) -> None:
        written = canvas.beginText(line.x, y)
        written.setFillGray(_GREY if line.grey else _BLACK)
        self._letters.write(written, line.text, line.role, line.size)
        canvas.drawText(written)

    def _draw_foot(self, canvas: Canvas, foot: Sequence[str], number: str) -> None:
        canvas.setLineWidth(0.3)
        canvas.setStrokeGray(0.7)
        canvas.line(_SIDE, _FOOT, _WIDTH - _SIDE, _FOOT)
        for place, text in enumerate(foot):
            line = Line(height=9, text=text, role=MONO, size=6.5, grey=True)
            self._write(canvas, line, _FOOT - 10 - 9 * place)
        width = self._letters.width(number, TEXT, 7)
        line = Line(height=9, x=_WIDTH - _SIDE - width, text=number, size=7, grey=True)
        self._write(canvas, line, _FOOT - 10)


def _draw_code(canvas: Canvas, code: tuple[int, list[tuple[int, int, int]]], width: float) -> None:
    """Draw a QR code as black bars on the white of the paper."""
    modules, bars = code
    module = width / modules
    left, top = _WIDTH - _SIDE - width + 4 * module, _TOP + 4 * module
    canvas.setFillGray(0)
    for x, y, length in bars:
        canvas.rect(left + x * module, top - (y + 1) * module, length * module, module, stroke=0, fill=1)
