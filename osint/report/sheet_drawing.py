"""The shapes of a link chart on a PDF canvas, as vectors; lines tell the basis of an edge."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from osint.graph.drawing.shapes import PAPER, Curve, Item, Label, Point, Polygon, Ring, Shape
from osint.report.fonts import BOLD, TEXT, Letters

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

LINES = {
    "observed": "observed: posts or files show it",
    "derived": "derived: a named rule made it",
    "asserted": "asserted: an analyst states it",
    "": "basis not stated",
}
_DASHES = {"observed": (), "derived": (5.0, 3.0), "asserted": (), "": (1.0, 2.5)}
LONGEST = 34
"""Characters of a label, code points spelt out; the tables have it whole."""
_BETWEEN = 1.5  # the white between the two lines of an asserted edge


@dataclass(frozen=True)
class Pen:
    """Draws shapes; a point of theirs, in pixels from the upper left, becomes one of the canvas, from the lower left.

    Attributes:
        canvas: Where to.
        letters: The fonts.
        left, top: Where the origin of the shapes is on the canvas.
        scale: Points for each pixel.
    """

    canvas: Canvas
    letters: Letters
    left: float
    top: float
    scale: float

    def draw(self, items: Iterable[tuple[Item, str]]) -> None:
        """Draw items, each with the basis of the edge that it is."""
        for item, basis in items:
            for shape in item.shapes:
                self._shape(shape, basis)

    def _shape(self, shape: Shape, basis: str) -> None:
        match shape:
            case Curve(path, stroke, width):
                self._stroked(lambda: self._curve(path), stroke, width, basis)
            case Ring(centre, radius, None, stroke, width):
                self._stroked(lambda: self._circle(centre, radius), stroke, width, basis)
            case Ring(centre, radius, fill, stroke, width):
                self._style(stroke, width)
                self.canvas.setFillColor(fill)
                self._circle(centre, radius, fill=1)
            case Polygon(points, fill, stroke, width):
                self._style(stroke, width)
                self.canvas.setFillColor(fill)
                self._polygon(points)
            case Label():
                self._label(shape)

    def _stroked(self, line: Callable[[], None], stroke: str, width: float, basis: str) -> None:
        if basis == "asserted":
            self._style(stroke, width + 2 * _BETWEEN)
            line()
            self._style(PAPER, max(width, _BETWEEN))
        else:
            self._style(stroke, width, _DASHES.get(basis, _DASHES[""]))
        line()

    def _style(self, stroke: str, width: float, dashes: tuple[float, ...] = ()) -> None:
        self.canvas.setStrokeColor(stroke)
        self.canvas.setLineWidth(width * self.scale)
        self.canvas.setDash([dash * self.scale for dash in dashes])

    def _at(self, point: Point) -> Point:
        return self.left + point[0] * self.scale, self.top - point[1] * self.scale

    def _curve(self, path: tuple[Point, Point, Point]) -> None:
        (x0, y0), (cx, cy), (x1, y1) = map(self._at, path)
        near = (x0 + 2 / 3 * (cx - x0), y0 + 2 / 3 * (cy - y0))
        far = (x1 + 2 / 3 * (cx - x1), y1 + 2 / 3 * (cy - y1))
        drawn = self.canvas.beginPath()
        drawn.moveTo(x0, y0)
        drawn.curveTo(*near, *far, x1, y1)
        self.canvas.drawPath(drawn)

    def _circle(self, centre: Point, radius: float, fill: int = 0) -> None:
        self.canvas.circle(*self._at(centre), radius * self.scale, stroke=1, fill=fill)

    def _polygon(self, points: tuple[Point, ...]) -> None:
        drawn = self.canvas.beginPath()
        first, *rest = map(self._at, points)
        drawn.moveTo(*first)
        for point in rest:
            drawn.lineTo(*point)
        drawn.close()
        self.canvas.drawPath(drawn, stroke=1, fill=1)

    def _label(self, label: Label) -> None:
        """Write a label, on a white ground where lines may run below it: drawn twice, its text would be read twice."""
        role, size = (BOLD if label.bold else TEXT), label.size * self.scale
        text = self.letters.cut(label.text, LONGEST)
        width = self.letters.width(text, role, size)
        x, y = self._at(label.place)
        x -= width / 2 if label.anchor == "middle" else 0
        if label.halo:
            self.canvas.setFillColor(PAPER)
            self.canvas.rect(x - 1, y - 0.22 * size, width + 2, 1.02 * size, stroke=0, fill=1)
        written = self.canvas.beginText(x, y)
        written.setFillColor(label.fill)
        for font, drawn in self.letters.runs(text, role):
            written.setFont(font, size)
            written.textOut(drawn)
        self.canvas.drawText(written)
