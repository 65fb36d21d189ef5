"""The shapes of a link chart on a PDF canvas, as vectors; lines tell the basis of an edge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from osint.graph.drawing.shapes import PAPER, Curve, Item, Label, Point, Polygon, Ring, Shape
from osint.report.fonts import BOLD, TEXT, Letters

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

LONGEST = 34
"""Characters of a label, code points spelt out; the tables have it whole."""


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

    def draw(self, items: Iterable[Item]) -> None:
        """Draw items."""
        for item in items:
            for shape in item.shapes:
                self._shape(shape)

    def _shape(self, shape: Shape) -> None:
        match shape:
            case Curve(path, stroke, width, dash):
                self._style(stroke, width, dash)
                self._curve(path)
            case Ring(centre, radius, fill, stroke, width, dash):
                self._style(stroke, width, dash)
                self._circle(centre, radius, fill)
            case Polygon(points, fill, stroke, width):
                self._style(stroke, width)
                self.canvas.setFillColor(fill)
                self._polygon(points)
            case Label():
                self._label(shape)

    def _style(self, stroke: str, width: float, dash: Sequence[float] = ()) -> None:
        self.canvas.setStrokeColor(stroke)
        self.canvas.setLineWidth(width * self.scale)
        self.canvas.setDash([part * self.scale for part in dash])

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

    def _circle(self, centre: Point, radius: float, fill: str | None) -> None:
        if fill:
            self.canvas.setFillColor(fill)
        self.canvas.circle(*self._at(centre), radius * self.scale, stroke=1, fill=int(bool(fill)))

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
        self.letters.write(written, text, role, size)
        self.canvas.drawText(written)
