"""A canvas in points of 1024 by 768, painted at twice that size, so that reducing it smooths the edges."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

SIZE = (1024, 768)
_SCALE = 2
Point = tuple[float, float]


class Canvas:
    """A picture under way, in points of 1024 by 768."""

    def __init__(self, ground: str = "white") -> None:
        """Start with one colour."""
        self.image = Image.new("RGB", (SIZE[0] * _SCALE, SIZE[1] * _SCALE), ground)
        self._draw = ImageDraw.Draw(self.image)

    def shade(self, top: float, bottom: float, upper: str, lower: str, *, left: float = 0, right: float = 1024) -> None:
        """Fill a box from one colour above to another below."""
        box = [round(value * _SCALE) for value in (left, top, right, bottom)]
        ramp = Image.linear_gradient("L").resize((box[2] - box[0], box[3] - box[1]))
        self.image.paste(Image.composite(_plain(lower, ramp.size), _plain(upper, ramp.size), ramp), (box[0], box[1]))

    def glow(self, centre: Point, radius: float, colour: str, strength: float = 0.8) -> None:
        """Lighten a disc, most in its middle."""
        side = round(radius * 2 * _SCALE)
        ramp = Image.radial_gradient("L").resize((side, side))
        mask = ramp.point([round(max(0, 180 - level) / 180 * 255 * strength) for level in range(256)])
        corner = (round((centre[0] - radius) * _SCALE), round((centre[1] - radius) * _SCALE))
        self.image.paste(_plain(colour, (side, side)), corner, mask)

    def polygon(self, points: Sequence[Point], colour: str) -> None:
        """Fill an outline."""
        self._draw.polygon([(x * _SCALE, y * _SCALE) for x, y in points], fill=colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: str, *, radius: float = 0) -> None:
        """Fill a box, with round corners if wanted."""
        corners = [value * _SCALE for value in (left, top, right, bottom)]
        self._draw.rounded_rectangle(corners, radius * _SCALE, fill=colour)

    def disc(self, centre: Point, radius: float, colour: str, flat: float = 1.0) -> None:
        """Fill a circle; ``flat`` below 1 squeezes it in height."""
        x, y = centre
        corners = (x - radius, y - radius * flat, x + radius, y + radius * flat)
        self._draw.ellipse([value * _SCALE for value in corners], fill=colour)

    def ring(self, centre: Point, radius: float, colour: str, width: float) -> None:
        """Draw a circle."""
        x, y = centre
        corners = [value * _SCALE for value in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.ellipse(corners, outline=colour, width=round(width * _SCALE))

    def line(self, points: Sequence[Point], colour: str, width: float) -> None:
        """Draw a line of rounded joints."""
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self._draw.line(scaled, fill=colour, width=round(width * _SCALE), joint="curve")

    def text(self, at: Point, words: str, size: float, colour: str) -> None:
        """Write a line of text, centred on a point."""
        font = ImageFont.load_default(size * _SCALE)
        self._draw.text((at[0] * _SCALE, at[1] * _SCALE), words, font=font, fill=colour, anchor="mm")

    def finished(self) -> Image.Image:
        """Return the picture at 1024 by 768 pixels."""
        return self.image.reduce(_SCALE)


def _plain(colour: str, size: tuple[int, int]) -> Image.Image:
    return Image.new("RGB", size, colour)
