"""A chart as PNG, drawn by Pillow from the same scene as the SVG."""

from __future__ import annotations

import io
import pathlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import pi
from typing import TYPE_CHECKING, TypeAlias

from PIL import Image, ImageDraw, ImageFont

from osint.graph.drawing.scene import scene
from osint.graph.drawing.shapes import (
    PAPER,
    Curve,
    Label,
    Point,
    Polygon,
    Ring,
    Scene,
    Shape,
    along,
    dashed,
    towards,
)

if TYPE_CHECKING:
    from osint.graph.association import Network

Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont

_FINE = 4  # shapes are drawn this much larger, and made small again for smooth edges
_SCALE = 2  # pixels of the picture per pixel of the scene: sharp on paper
_STEPS = 24
_NO_CHARACTER = "\U0010fffd"
_BRACKETS = {"⟨": "<", "⟩": ">"}  # around code points; the face inside Pillow has the plain ones only


def png(
    network: Network,
    *,
    title: str = "Association graph",
    note: str = "",
    seed: int = 0,
    limit: int = 150,
    font: pathlib.Path | None = None,
) -> bytes:
    """Return the chart of a graph as PNG, at 192 pixels to the inch. Equal graphs give equal bytes with one Pillow.

    Args:
        network: Graph to show.
        title: Heading of the chart.
        note: What the maker of the chart wants under it.
        seed: See :func:`osint.graph.drawing.stress.layout`.
        limit: Nodes to show at most.
        font: TrueType or OpenType file to write with. Without it the face inside Pillow is used, which has the letters
            of English and little more; a character that the face lacks is spelt ``<U+00E9>`` and listed on the chart.

    Raises:
        OSError: The font file cannot be read.
    """
    faces = Faces(font)
    drawn = scene(network, title=title, note=note, seed=seed, limit=limit)
    if spelt := faces.spelling_note(label.text for label in _labels(drawn)):
        drawn = scene(network, title=title, note=f"{note} {spelt}", seed=seed, limit=limit)
    return _encoded(_draw(drawn, faces))


class Faces:
    """One font in the sizes that a chart needs, and which characters it has."""

    def __init__(self, path: pathlib.Path | None) -> None:
        self.path = path
        self.sizes: dict[float, Font] = {}
        self.known: dict[str, bool] = {}
        self.blank = self._picture(_NO_CHARACTER)

    def at(self, size: float) -> Font:
        """Return the font in a size, in pixels of the picture."""
        if size not in self.sizes:
            self.sizes[size] = ImageFont.truetype(self.path, size) if self.path else ImageFont.load_default(size)
        return self.sizes[size]

    def lacks(self, character: str) -> bool:
        """Tell whether the font would draw its sign for "no such character"."""
        if character not in self.known:
            self.known[character] = self._picture(character) != self.blank
        return not self.known[character]

    def spelt(self, text: str) -> str:
        """Return text in which every character can be drawn; those that cannot are written ``<U+00E9>``."""
        return "".join(
            _BRACKETS.get(character, f"<U+{ord(character):04X}>") if self.lacks(character) else character
            for character in text
        )

    def spelling_note(self, texts: Iterable[str]) -> str:
        """Return a sentence that lists the characters spelt by code point; empty when there are none."""
        characters = sorted({character for text in texts for character in text} - set(_BRACKETS))
        lacking = ", ".join(f"U+{ord(character):04X}" for character in characters if self.lacks(character))
        return f"Spelt by code point, since this picture's font lacks them: {lacking}." if lacking else ""

    def _picture(self, character: str) -> tuple[tuple[int, int], bytes]:
        mask = self.at(32).getmask(character)
        return mask.size, bytes(mask)


def _labels(drawn: Scene) -> Iterator[Label]:
    return (shape for item in drawn.items for shape in item.shapes if isinstance(shape, Label))


def _draw(drawn: Scene, faces: Faces) -> Image.Image:
    size = round(drawn.width * _FINE), round(drawn.height * _FINE)
    fine = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(fine)
    shapes = [shape for item in drawn.items for shape in item.shapes]
    for shape in shapes:
        _draw_shape(pen, shape)
    picture = fine.reduce(_FINE // _SCALE)
    pen = ImageDraw.Draw(picture)
    for label in _labels(drawn):
        _draw_label(pen, label, faces)
    return picture


def _draw_shape(pen: ImageDraw.ImageDraw, shape: Shape) -> None:
    match shape:
        case Curve(path, stroke, width, dash):
            for points in dashed([along(path, step / _STEPS) for step in range(_STEPS + 1)], dash):
                pen.polygon([_fine(point) for point in _ribbon(points, width / 2)], stroke)
        case Polygon(points, fill, stroke, width):
            corners = [_fine(point) for point in points]
            pen.polygon(corners, fill)
            for pair in pairwise([*corners, corners[0]]):
                pen.line(pair, stroke, round(width * _FINE))
        case Ring(centre, radius, None, stroke, width, dash) if dash:
            for start, end in _arcs(radius, dash):
                box = [_fine((centre[0] + side, centre[1] + side)) for side in (-radius, radius)]
                pen.arc(box, start, end, stroke, round(width * _FINE))
        case Ring(centre, radius, fill, stroke, width):
            pen.circle(_fine(centre), radius * _FINE, fill, stroke, round(width * _FINE))
        case Label():
            pass


def _arcs(radius: float, dash: Sequence[float]) -> Iterator[tuple[float, float]]:
    """Yield the beginnings and ends of dashes around a circle, in degrees."""
    degrees = 360 / (2 * pi * radius)
    for number in range(int(360 // (sum(dash) * degrees))):
        start = number * sum(dash) * degrees
        yield start, start + dash[0] * degrees


def _ribbon(points: Sequence[Point], half: float) -> list[Point]:
    """Return the outline of a line through points: Pillow's own joints show gaps."""
    sides: tuple[list[Point], list[Point]] = ([], [])
    for here, there in pairwise(points):
        ux, uy = towards((0.0, 0.0), (there[0] - here[0], there[1] - here[1]), half)
        for side, sign in zip(sides, (1, -1), strict=True):
            side += [(x - sign * uy, y + sign * ux) for x, y in (here, there)]
    return sides[0] + sides[1][::-1]


def _fine(point: Point) -> Point:
    return point[0] * _FINE, point[1] * _FINE


def _draw_label(pen: ImageDraw.ImageDraw, label: Label, faces: Faces) -> None:
    place = label.place[0] * _SCALE, label.place[1] * _SCALE
    anchor = "ls" if label.anchor == "start" else "ms"
    face, text = faces.at(label.size * _SCALE), faces.spelt(label.text)
    if label.halo:
        pen.text(place, text, PAPER, face, anchor, stroke_width=3, stroke_fill=PAPER)
    if label.bold:  # the face inside Pillow has one weight
        pen.text((place[0] + 1, place[1]), text, label.fill, face, anchor)
    pen.text(place, text, label.fill, face, anchor)


def _encoded(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", dpi=(96 * _SCALE, 96 * _SCALE))
    return file.getvalue()
