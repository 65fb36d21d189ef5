"""What several scenes share: the light of an hour, the river valley, the town on its far bank, lamps and trees."""

from __future__ import annotations

import math
from typing import NamedTuple

from osint.serve.scenes.canvas import Canvas, Point


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


def _ridge(base: float, height: float, waves: float, shift: float) -> list[Point]:
    """Return the outline of hills that stand on ``base``."""
    crest = [
        (float(x), base - height * (0.55 + 0.3 * math.sin(x / 1024 * waves + shift) + 0.15 * math.sin(x / 61 + shift)))
        for x in range(0, 1025, 8)
    ]
    return [(0, base), *crest, (1024, base)]


def river_valley(canvas: Canvas, light: Light, horizon: float = 400) -> None:
    """Paint sky, hills and water down to the lower edge, with the shine of the sun."""
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


def town(canvas: Canvas, light: Light, base: float = 400) -> None:
    """Paint the houses of the far bank."""
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


def lamp(canvas: Canvas, foot: Point, height: float, light: Light, lit: bool) -> None:
    """Paint a lamp, from its foot."""
    x, y = foot
    canvas.line([(x, y), (x, y - height)], "#1b1d2c", 5)
    if lit:
        canvas.glow((x, y - height), height * 0.62, "#ffd27a", 0.75)
    canvas.disc((x, y - height), 10, "#fff0c4" if lit else light.land[0])


def tree(canvas: Canvas, foot: Point, size: float, colours: tuple[str, str]) -> None:
    """Paint a tree, from its foot: the crown, and what of it is lit."""
    x, y = foot
    canvas.box(x - size * 0.06, y - size * 0.6, x + size * 0.06, y, "#4a3728")
    for dx, dy, r in ((-0.24, -0.66, 0.27), (0.25, -0.7, 0.26), (0.0, -0.95, 0.32), (0.02, -0.62, 0.3)):
        canvas.disc((x + dx * size, y + dy * size), r * size, colours[0])
    canvas.disc((x - 0.08 * size, y - 0.98 * size), 0.2 * size, colours[1])
