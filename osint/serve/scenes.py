"""Pictures drawn in code: the river, the market and the things of an invented town, flat and friendly.

Every scene paints 1024 by 768 points at twice that size, so that reducing the canvas smooths the edges. Nothing is
random: the same scene gives the same picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

SIZE = (1024, 768)
_SCALE = 2
Point = tuple[float, float]


class Light(NamedTuple):
    """The colours of an hour of the day."""

    sky: tuple[str, str]
    water: tuple[str, str]
    land: tuple[str, str]
    shine: str
    sun: Point | None = None


DUSK = Light(("#33366b", "#f6a56b"), ("#c98873", "#2c335c"), ("#3b3a63", "#24233f"), "#ffd9a0", (700, 330))
EVENING = Light(("#5b7fb4", "#ffe0a8"), ("#e2c793", "#4d6a94"), ("#6a7f7a", "#3a4a3f"), "#fff4cf", (330, 290))
FOG = Light(("#c9d2d6", "#e9ecea"), ("#d8dfdf", "#9fb0b6"), ("#b7c3c4", "#7d8f90"), "#f7f9f7")
NOON = Light(("#6db3e8", "#d8efff"), ("#8ec6dc", "#3b7ea6"), ("#86b36b", "#4d7d45"), "#ffffff", (820, 120))
NIGHT = Light(("#0b1026", "#27325c"), ("#1d2750", "#0a0f24"), ("#141a36", "#090c1c"), "#ffd27a", (820, 130))


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


def _ridge(base: float, height: float, waves: float, shift: float) -> list[Point]:
    """Return the outline of hills that stand on ``base``."""
    crest = [
        (float(x), base - height * (0.55 + 0.3 * math.sin(x / 1024 * waves + shift) + 0.15 * math.sin(x / 61 + shift)))
        for x in range(0, 1025, 8)
    ]
    return [(0, base), *crest, (1024, base)]


def _river_valley(canvas: Canvas, light: Light, horizon: float = 400) -> None:
    canvas.shade(0, horizon, *light.sky)
    if light.sun:
        canvas.glow(light.sun, 190, light.shine, 0.7)
        canvas.disc(light.sun, 38, light.shine)
    canvas.polygon(_ridge(horizon, 110, 7, 0.4), light.land[0])
    canvas.polygon(_ridge(horizon, 54, 13, 2.1), light.land[1])
    canvas.shade(horizon, 768, *light.water)
    middle = light.sun[0] if light.sun else 512
    for row in range(26):
        y, half = horizon + 8 + row * row * 0.52, 34 + row * 5.0
        sway = 26 * math.sin(row * 1.9)
        canvas.line([(middle - half + sway, y), (middle + half * 0.7 + sway, y)], light.shine, 1 + row * 0.09)


def _town(canvas: Canvas, light: Light, base: float = 400) -> None:
    for index, (x, width, height) in enumerate(
        [(90, 60, 62), (158, 44, 48), (208, 70, 82), (292, 52, 56), (350, 40, 70)]
    ):
        canvas.box(x, base - height, x + width, base, light.land[1])
        canvas.polygon(
            [(x - 5, base - height), (x + width / 2, base - height - 30), (x + width + 5, base - height)], light.land[1]
        )
        for column in range(2):
            canvas.box(x + 10 + column * 20, base - height + 14, x + 19 + column * 20, base - height + 27, light.shine)
        if index == 2:
            canvas.box(x + 28, base - height - 74, x + 42, base - height, light.land[1])


def _lamp(canvas: Canvas, foot: Point, height: float, light: Light, lit: bool) -> None:
    x, y = foot
    canvas.line([(x, y), (x, y - height)], "#1b1d2c", 5)
    if lit:
        canvas.glow((x, y - height), height * 0.62, "#ffd27a", 0.75)
    canvas.disc((x, y - height), 10, "#fff0c4" if lit else light.land[0])


def _tree(canvas: Canvas, foot: Point, size: float, colours: tuple[str, str]) -> None:
    x, y = foot
    canvas.box(x - size * 0.06, y - size * 0.6, x + size * 0.06, y, "#4a3728")
    for dx, dy, r in ((-0.24, -0.66, 0.27), (0.25, -0.7, 0.26), (0.0, -0.95, 0.32), (0.02, -0.62, 0.3)):
        canvas.disc((x + dx * size, y + dy * size), r * size, colours[0])
    canvas.disc((x - 0.08 * size, y - 0.98 * size), 0.2 * size, colours[1])


def river_walk(light: Light, *, lit: bool) -> Image.Image:
    """A path with lamps and a railing along a river, the town on the far bank."""
    canvas = Canvas()
    _river_valley(canvas, light)
    _town(canvas, light)
    canvas.polygon([(1024, 470), (720, 500), (470, 600), (300, 768), (1024, 768)], light.land[1])
    canvas.polygon([(1024, 505), (800, 528), (620, 610), (520, 768), (900, 768), (960, 640), (1024, 585)], "#b9a184")
    canvas.polygon(
        [(1024, 512), (812, 536), (650, 616), (560, 768), (600, 768), (700, 622), (840, 545), (1024, 520)], "#cdb795"
    )
    rail = [(1024, 440), (740, 468), (500, 556), (330, 690)]
    for offset in (0, 22):
        canvas.line([(x, y + offset) for x, y in rail], "#22222f", 4)
    for x, y in ((960, 447), (850, 457), (740, 468), (660, 497), (580, 527), (500, 556), (415, 623), (345, 678)):
        canvas.line([(x, y - 4), (x, y + 44)], "#22222f", 4)
    for foot, height in (((930, 520), 170), ((742, 560), 215), ((560, 690), 320)):
        _lamp(canvas, foot, height, light, lit)
    _tree(canvas, (985, 640), 250, ("#39513f", "#4d6a50"))
    return canvas.finished()


def bridge(light: Light, *, lamps: int = 0) -> Image.Image:
    """An old stone bridge of three arches; with ``lamps``, people hold lights on it."""
    canvas = Canvas()
    _river_valley(canvas, light, 380)
    stone, shadow = light.land[1], light.water[1]
    for flip, base in ((1, 380), (-1, 500)):
        colour = stone if flip == 1 else shadow
        canvas.polygon(
            [(0, base - 30 * flip), (512, base - 88 * flip), (1024, base - 30 * flip), (1024, 440), (0, 440)], colour
        )
    for x, radius in ((190, 112), (512, 140), (834, 112)):
        canvas.disc((x, 440), radius, light.water[0], 0.72)
        canvas.line([(x - radius, 440), (x + radius, 440)], light.shine, 2)
    for x in range(20, 1024, 54):
        top = 350 - 58 * (1 - abs(x - 512) / 512)
        canvas.line([(x, top), (x, top - 16)], stone, 6)
    for index in range(lamps):
        holder = 60 + index * 904 / max(1, lamps - 1)
        top = 338 - 58 * (1 - abs(holder - 512) / 512) - (index % 3) * 5
        canvas.disc((holder, top - 12), 7, "#0a0c18")
        canvas.box(holder - 8, top - 6, holder + 8, top + 24, "#0a0c18", radius=6)
        canvas.glow((holder + 9, top), 30, "#ffcf70", 0.9)
        canvas.disc((holder + 9, top), 4, "#fff3cf")
        canvas.line([(holder - 6, 470 + index % 4 * 14), (holder + 22, 470 + index % 4 * 14)], "#c99a52", 3)
    canvas.polygon([(0, 640), (260, 690), (420, 768), (0, 768)], light.land[1])
    _tree(canvas, (110, 700), 240, (light.land[1], light.land[0]))
    return canvas.finished()


def market_stall() -> Image.Image:
    """A stall with a striped awning and crates of fruit."""
    canvas = Canvas("#e9dfcc")
    canvas.shade(0, 560, "#bfe0ee", "#f4ead6")
    canvas.shade(560, 768, "#c9b99a", "#9d8a6b")
    for x, width, height, colour in (
        (0, 230, 330, "#d9c3a5"),
        (230, 190, 280, "#cfae92"),
        (640, 210, 310, "#d6bfa8"),
        (850, 174, 360, "#c7a68c"),
    ):
        canvas.box(x, 560 - height, x + width, 560, colour)
        for row in range(3):
            canvas.box(x + 34, 585 - height + row * 84, x + 76, 640 - height + row * 84, "#7f99a6")
    for x in (180, 844):
        canvas.box(x - 8, 250, x + 8, 690, "#6d4b33")
    for index in range(12):
        left = 130 + index * 64
        colour = "#c0392b" if index % 2 == 0 else "#fbf3e4"
        canvas.polygon([(left + 24, 180), (left + 80, 180), (left + 64, 300), (left, 300)], colour)
        canvas.disc((left + 32, 300), 32, colour, 0.7)
    canvas.box(150, 520, 874, 700, "#8a6242")
    fruit = (("#5b2a66", 12), ("#c23b3b", 15), ("#6aa84f", 13), ("#e3a32b", 15))
    for crate, (colour, radius) in enumerate(fruit):
        left = 170 + crate * 176
        canvas.box(left, 470, left + 156, 600, "#b98a58", radius=6)
        for place in range(24):
            centre = (left + 20 + place % 6 * 23, 452 + place // 6 * 20 - (place % 2) * 6)
            canvas.disc(centre, radius, colour)
            canvas.disc((centre[0] - 4, centre[1] - 4), radius * 0.22, "#ffffff")
        canvas.box(left, 520, left + 156, 600, "#a67747", radius=6)
    canvas.text((512, 648), "PLUMS  2.40", 44, "#fbf3e4")
    return canvas.finished()


def bicycle(*, boathouse: bool) -> Image.Image:
    """A green bicycle, before a hedge or behind a boathouse."""
    canvas = Canvas()
    if boathouse:
        canvas.shade(0, 590, "#7d4a3a", "#5d3429")
        for x in range(0, 1024, 64):
            canvas.line([(x, 0), (x, 590)], "#4c291f", 5)
        canvas.box(90, 90, 330, 300, "#d8cdb9")
        canvas.box(104, 104, 316, 286, "#33465a")
        canvas.line([(210, 104), (210, 286)], "#d8cdb9", 10)
        canvas.shade(590, 768, "#8d8f7c", "#5f6152")
    else:
        canvas.shade(0, 420, "#a9d6ef", "#e6f4f4")
        for index in range(22):
            canvas.disc((index * 50 - 10, 400 - (index % 3) * 22), 66, ("#4f8a4b", "#5c9a55", "#447c44")[index % 3])
        canvas.shade(420, 600, "#5c9a55", "#3f7440")
        canvas.shade(600, 768, "#d2bd95", "#b89d72")
    frame, back, front = "#2f9e57", (330.0, 560.0), (710.0, 560.0)
    canvas.disc((520, 684), 330, "#4b4a3f" if boathouse else "#a58b62", 0.07)
    for wheel in (back, front):
        for spoke in range(12):
            turn = math.pi * spoke / 6
            canvas.line([wheel, (wheel[0] + 112 * math.cos(turn), wheel[1] + 112 * math.sin(turn))], "#c9ced2", 1.5)
        canvas.ring(wheel, 120, "#23252b", 11)
        canvas.disc(wheel, 12, "#3a3d45")
    pedal, seat, head = (500.0, 566.0), (440.0, 390.0), (655.0, 372.0)
    for bar in ([back, pedal, (452, 424), back], [(452, 424), (662, 400)], [pedal, (666, 416)], [head, front]):
        canvas.line(bar, frame, 14)
    canvas.line([(452, 424), seat], "#3a3d45", 10)
    canvas.box(396, 368, 492, 388, "#3b2a20", radius=9)
    canvas.line([head, (640, 330), (590, 316)], "#3a3d45", 9)
    canvas.box(668, 300, 790, 386, "#a67747", radius=10)
    if boathouse:
        canvas.box(690, 276, 764, 316, "#f4efe2", radius=3)
        canvas.text((727, 296), "CHESS", 17, "#23252b")
    canvas.ring(pedal, 30, "#3a3d45", 8)
    canvas.line([(480, 600), (524, 530)], "#3a3d45", 8)
    return canvas.finished()


def rowing_boats() -> Image.Image:
    """Three rowing boats on bright water, seen from a bridge."""
    canvas = Canvas()
    canvas.shade(0, 768, "#9ed4e6", "#2f7599")
    for row in range(34):
        y = 16 + row * 22.5
        for part in range(5):
            x = (part * 230 + row * 97) % 1060 - 40
            canvas.line([(x, y), (x + 30 + row, y + 3), (x + 70 + row * 2, y)], "#c8ebf3", 1 + row * 0.06)
    for x, y, size, colour in ((250, 210, 0.7, "#e0b04a"), (640, 330, 0.95, "#c75146"), (350, 560, 1.25, "#3f7d5c")):
        hull = [(-190, 0), (-120, -34), (120, -34), (200, 0), (120, 34), (-120, 34)]
        canvas.polygon([(x + 14 * size + px * size, y + 16 * size + py * size) for px, py in hull], "#2a6484")
        canvas.polygon([(x + px * size, y + py * size) for px, py in hull], colour)
        canvas.polygon([(x + px * size * 0.86, y + py * size * 0.66) for px, py in hull], "#7a5533")
        for seat in (-80, 0, 80):
            canvas.box(x + (seat - 9) * size, y - 24 * size, x + (seat + 9) * size, y + 24 * size, "#d9b98a")
        for side in (-1, 1):
            canvas.line([(x, y + side * 20 * size), (x + 60 * size, y + side * 120 * size)], "#f1e2c4", 5 * size)
            canvas.disc((x + 62 * size, y + side * 124 * size), 12 * size, "#f1e2c4", 1.6)
    return canvas.finished()


def library_window() -> Image.Image:
    """A reading desk with a lamp and books before a rainy window at night."""
    canvas = Canvas("#3a2a24")
    canvas.shade(60, 520, "#0f1b33", "#2b3f63", left=180, right=844)
    for drop in range(150):
        across, y = 190 + drop * 0.6180 % 1 * 644, 70 + drop * 0.7549 % 1 * 420
        canvas.line([(across, y), (across - 4, y + 12 + drop % 18)], "#6d86ad", 1.5)
    for x in (180, 512, 844):
        canvas.box(x - 9, 52, x + 9, 528, "#7a5a41")
    for y in (56, 290, 524):
        canvas.box(172, y - 9, 852, y + 9, "#7a5a41")
    canvas.shade(540, 768, "#8a6242", "#5d3f29")
    canvas.glow((300, 470), 250, "#ffce7a", 0.65)
    canvas.line([(300, 590), (300, 460)], "#2b2b33", 8)
    canvas.polygon([(230, 470), (370, 470), (335, 405), (265, 405)], "#2f7d5b")
    canvas.disc((300, 592), 52, "#2b2b33", 0.25)
    for index, (colour, width) in enumerate((("#9c3d3d", 300), ("#30597f", 270), ("#c9a24a", 285))):
        canvas.box(500, 556 - index * 40, 500 + width, 594 - index * 40, colour, radius=5)
        canvas.box(520, 568 - index * 40, 500 + width - 30, 574 - index * 40, "#f0e3c8")
    canvas.text((640, 494), "ATLAS", 22, "#3a2a24")
    canvas.box(840, 530, 900, 596, "#e9e4da", radius=8)
    canvas.ring((906, 560), 18, "#e9e4da", 7)
    return canvas.finished()


def poster() -> Image.Image:
    """A poster with an outline of a head instead of a face: it shows nobody."""
    canvas = Canvas("#d9d2c3")
    canvas.box(212, 26, 812, 742, "#b5ad9b")
    canvas.box(204, 18, 804, 734, "#fffdf7")
    canvas.box(204, 18, 804, 120, "#b3261e")
    canvas.text((504, 70), "MISSING", 72, "#ffffff")
    canvas.box(344, 144, 664, 454, "#cfd9df")
    canvas.polygon([(384, 454), (424, 372), (584, 372), (624, 454)], "#6c7f8b")
    canvas.disc((504, 288), 84, "#4a3b33", 1.12)
    canvas.disc((504, 300), 66, "#d8b49c", 1.15)
    canvas.box(436, 224, 572, 262, "#4a3b33", radius=16)
    canvas.text((504, 500), "Jane Example, 17", 48, "#1d1d1f")
    canvas.text((504, 556), "last seen 28 May, 18:20, old bridge", 27, "#1d1d1f")
    canvas.text((504, 596), "green bicycle, grey rucksack", 27, "#1d1d1f")
    canvas.text((504, 664), "Please tell the police of Westmere", 28, "#b3261e")
    canvas.text((504, 706), "an invented case for practice", 17, "#77736a")
    return canvas.finished()


def running_club() -> Image.Image:
    """Seven runners in bright shirts on a path."""
    canvas = Canvas()
    _river_valley(canvas, NOON, 330)
    canvas.shade(470, 768, "#7fae62", "#4f7f43")
    canvas.polygon([(0, 560), (1024, 520), (1024, 700), (0, 768)], "#cdb795")
    for x, size in ((90, 210), (930, 250)):
        _tree(canvas, (x, 540), size, ("#3f7d45", "#5b9a56"))
    shirts = ("#d94f3d", "#f2b134", "#3f8fd2", "#7a55b5", "#2f9e75", "#e56aa0", "#4a4f5c")
    skins = ("#8d5a3b", "#f0c9a4", "#c68e63")
    for index, shirt in enumerate(shirts):
        x, y, stride = 150 + index * 120, 610 - (index % 2) * 26, 34 if index % 2 else 24
        canvas.disc((x, y + 74), 50, "#a58b62", 0.16)
        for side in (-1, 1):
            canvas.line([(x, y - 20), (x + side * stride, y + 26), (x + side * stride - 16, y + 70)], "#2d3142", 13)
            canvas.line([(x, y - 96), (x + side * 34, y - 66), (x + side * 46 - 10, y - 92)], skins[index % 3], 11)
        canvas.box(x - 24, y - 112, x + 24, y - 14, shirt, radius=16)
        canvas.text((x, y - 64), "10", 24, "#ffffff")
        canvas.disc((x + 4, y - 138), 23, skins[index % 3])
    return canvas.finished()


def lamp_lit_path() -> Image.Image:
    """A bench and a row of lamps under a bridge, after dark."""
    canvas = Canvas()
    _river_valley(canvas, NIGHT, 420)
    canvas.polygon(
        [(0, 0), (1024, 0), (1024, 110), (760, 130), (600, 240), (424, 240), (264, 130), (0, 110)], "#070a18"
    )
    canvas.polygon([(0, 560), (1024, 470), (1024, 768), (0, 768)], "#171b33")
    canvas.polygon([(0, 640), (1024, 510), (1024, 600), (0, 768)], "#3d3a46")
    for foot, height in (((900, 520), 130), ((690, 556), 180), ((420, 600), 250), ((110, 660), 340)):
        _lamp(canvas, foot, height, NIGHT, lit=True)
    for y in (560, 584):
        canvas.box(500, y + 20, 700, y + 32, "#6b4a30")
    for x in (520, 680):
        canvas.line([(x, 580), (x, 660)], "#22222f", 9)
    return canvas.finished()


def soup_and_chess() -> Image.Image:
    """A table from above: two bowls of soup, bread and a lost game of chess."""
    canvas = Canvas("#a9794f")
    for y in range(0, 768, 96):
        canvas.shade(y, y + 92, "#b5855a", "#a2724a")
    left, top, cell = 380, 150, 56
    canvas.box(left - 16, top - 16, left + 8 * cell + 16, top + 8 * cell + 16, "#5a3a24", radius=8)
    for square in range(64):
        x, y = left + square % 8 * cell, top + square // 8 * cell
        canvas.box(x, y, x + cell, y + cell, "#f0dfc0" if (square + square // 8) % 2 == 0 else "#8f5f3c")
    for square, colour in (
        (4, "#2a211c"),
        (12, "#f7f2e6"),
        (21, "#2a211c"),
        (27, "#f7f2e6"),
        (36, "#2a211c"),
        (60, "#f7f2e6"),
    ):
        centre = (left + square % 8 * cell + 28, top + square // 8 * cell + 28)
        canvas.disc(centre, 19, "#6b4a30")
        canvas.disc((centre[0] - 2, centre[1] - 3), 17, colour)
    for x, y in ((190, 250), (190, 560)):
        canvas.disc((x + 6, y + 8), 132, "#80583a")
        canvas.disc((x, y), 130, "#f7f3ea")
        canvas.disc((x, y), 102, "#d9722e")
        for bit in range(9):
            turn = bit * 2.4
            canvas.disc((x + (20 + bit * 8) * math.cos(turn), y + (20 + bit * 8) * math.sin(turn)), 9, "#5f8f3e")
    canvas.box(872, 240, 1000, 560, "#c98f4a", radius=60)
    for y in range(280, 540, 52):
        canvas.line([(892, y + 16), (980, y - 12)], "#e8c48a", 10)
    return canvas.finished()


def harbour() -> Image.Image:
    """A ferry leaving a quay in the evening."""
    canvas = Canvas()
    _river_valley(canvas, EVENING, 420)
    canvas.polygon([(250, 470), (910, 470), (850, 560), (310, 560)], "#f4f1ea")
    canvas.polygon([(262, 500), (892, 500), (850, 560), (310, 560)], "#24507a")
    canvas.box(350, 390, 800, 470, "#fbf9f4", radius=8)
    canvas.box(440, 320, 720, 390, "#fbf9f4", radius=8)
    for x in range(372, 790, 44):
        canvas.box(x, 412, x + 26, 440, "#35506b", radius=4)
    for x in range(460, 710, 44):
        canvas.box(x, 338, x + 26, 362, "#35506b", radius=4)
    canvas.polygon([(600, 320), (680, 320), (672, 240), (612, 240)], "#c0392b")
    canvas.box(610, 256, 674, 274, "#fbf9f4")
    for puff in range(5):
        canvas.disc((660 + puff * 46, 214 - puff * 20), 18 + puff * 7, "#e6e2da", 0.8)
    for wave in range(9):
        canvas.line([(230 + wave * 76, 566), (262 + wave * 76, 574), (300 + wave * 76, 566)], "#ffffff", 4)
    canvas.polygon([(0, 640), (520, 690), (520, 768), (0, 768)], "#6d6a64")
    canvas.polygon([(0, 640), (520, 690), (520, 704), (0, 660)], "#8d8a82")
    for x, y in ((90, 632), (260, 650), (430, 668)):
        canvas.box(x, y, x + 34, y + 42, "#3b3a38", radius=6)
    return canvas.finished()


SCENES: dict[str, Callable[[], Image.Image]] = {
    "bicycle": lambda: bicycle(boathouse=False),
    "bicycle-boathouse": lambda: bicycle(boathouse=True),
    "bridge-morning": lambda: bridge(FOG),
    "harbour": harbour,
    "lamp-lit-path": lamp_lit_path,
    "library-window": library_window,
    "market-stall": market_stall,
    "poster": poster,
    "river-walk-dusk": lambda: river_walk(DUSK, lit=True),
    "river-walk-evening": lambda: river_walk(EVENING, lit=False),
    "rowing-boats": rowing_boats,
    "running-club": running_club,
    "soup-and-chess": soup_and_chess,
    "vigil": lambda: bridge(NIGHT, lamps=24),
}
