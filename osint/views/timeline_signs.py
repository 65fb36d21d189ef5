"""The signs of an event timeline: a shape and a colour for each kind of clock, a line and a filling for each grade."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from osint.render import escape

INK, FAINT, RULE = "#1f2933", "#52606d", "#e4e7eb"
_COLOURS = {  # told apart also by the colour-blind, and with their shapes without colour
    "post": "#0072b2", "camera clock": "#b34700", "GPS receiver": "#007f5f", "film header": "#8a2a78",
    "metadata": "#7a5200", "platform": "#1f4e79", "file name": "#6b3a91", "capture": "#4a525a",
}  # fmt: skip
_OUTLINES: Mapping[str, Sequence[tuple[float, float]]] = {  # in units of the size; none is a disc
    "camera clock": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "GPS receiver": ((0, -1.25), (1.25, 1), (-1.25, 1)),
    "film header": ((-1.3, -0.8), (1.3, -0.8), (1.3, 0.8), (-1.3, 0.8)),
    "metadata": ((0, -1.35), (1.35, 0), (0, 1.35), (-1.35, 0)),
    "platform": ((-0.6, -1.1), (0.6, -1.1), (1.2, 0), (0.6, 1.1), (-0.6, 1.1), (-1.2, 0)),
    "file name": ((0, 1.25), (1.25, -1), (-1.25, -1)),
    "capture": ((-0.5, -1.1), (0.5, -1.1), (1.1, 1), (-1.1, 1)),
}
_DASHES = {"C": "3 2", "D": "1.2 2"}


def draw_bar(grade: str, left: float, right: float, y: float, colour: str) -> str:
    """Return the sign of an interval."""
    box = f'x="{left:g}" y="{y - 6:g}" width="{round(right - left, 1):g}" height="12" rx="3"'
    faint = 0.3 if grade in ("A", "B") else 0.12
    hatch = _hatch(left, right, y, 6, colour) if grade == "X" else ""
    return f'<rect {box} fill="{colour}" fill-opacity="{faint}" stroke="{colour}"{_dashes(grade)}/>{hatch}'


def draw_sign(kind: str, grade: str, place: tuple[float, float], size: float, colour: str = "") -> str:
    """Return the sign of an instant."""
    (x, y), colour = place, colour or colour_of(kind)
    full = grade in ("A", "B")
    paint = f'fill="{colour if full else "#ffffff"}" stroke="{"#ffffff" if full else colour}"{_dashes(grade)}'
    corners = " ".join(f"{x + size * dx:.1f},{y + size * dy:.1f}" for dx, dy in _OUTLINES.get(kind, ()))
    shape = f'<polygon points="{corners}" {paint}/>' if corners else f'<circle cx="{x}" cy="{y:g}" r="{size}" {paint}/>'
    core = f'<rect x="{x - 1.5:.1f}" y="{y - 1.5:.1f}" width="3" height="3" rx="1.5" fill="#ffffff"/>'
    return shape + (core if grade == "A" else _hatch(x - size, x + size, y, size, colour) if grade == "X" else "")


def _hatch(left: float, right: float, y: float, half: float, colour: str) -> str:
    """Return slanted lines across a box: a time that cannot be."""
    steps = math.ceil((right - left) / 5) + 1
    lines = []
    for x in (left - half + 5 * number for number in range(steps)):
        start, end = max(x, left), min(x + 2 * half, right)
        if end > start:
            lines.append(f"M{start:.1f} {y + half - (start - x):.1f}L{end:.1f} {y + half - (end - x):.1f}")
    return f'<path d="{"".join(lines)}" stroke="{colour}" fill="none"/>'


def _dashes(grade: str) -> str:
    return f' stroke-dasharray="{_DASHES[grade]}"' if grade in _DASHES else ""


def colour_of(kind: str) -> str:
    """Return the colour of a kind; ink for one that is not foreseen."""
    return _COLOURS.get(kind, INK)


def draw_words(text: str, x: float, y: float, anchor: str = "start") -> str:
    """Return a label beside a sign, or in the middle of a bar."""
    halo = 'stroke="#ffffff" stroke-width="2.5" stroke-linejoin="round" paint-order="stroke"'
    place = f'x="{x:.1f}" y="{y + 3.5:g}" font-size="10" text-anchor="{anchor}"'
    return f'<text {place} fill="{INK}" {halo}>{text_of(text)}</text>'


def text_of(value: str) -> str:
    """Return text as SVG, with nothing in it that is markup or hidden."""
    return escape(value).replace("\ufffe", "").replace("\uffff", "")  # which XML does not know
