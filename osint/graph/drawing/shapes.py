"""The few shapes that a chart is made of, in pixels, x to the right and y downwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import dist, sqrt
from typing import Literal, TypeAlias
from unicodedata import east_asian_width

Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom
Path: TypeAlias = tuple[Point, Point, Point]  # start, control and end of a quadratic Bezier curve

INK, MUTED, PAPER, RULE = "#1B1F23", "#57606A", "#FFFFFF", "#D0D7DE"


@dataclass(frozen=True)
class Curve:
    """A line along a path; ``dash`` is how many pixels are drawn and left out in turn, nothing for a whole line."""

    path: Path
    stroke: str
    width: float
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Polygon:
    """A filled outline."""

    points: tuple[Point, ...]
    fill: str
    stroke: str
    width: float = 1.5


@dataclass(frozen=True)
class Ring:
    """A circle; without ``fill`` it is a bare line."""

    centre: Point
    radius: float
    fill: str | None
    stroke: str
    width: float = 1.5
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Label:
    """One line of text; ``place`` is the middle, or the left end, of its base line."""

    place: Point
    text: str
    size: float
    fill: str = INK
    anchor: Literal["start", "middle"] = "middle"
    bold: bool = False
    halo: bool = False


Shape = Curve | Polygon | Ring | Label


@dataclass(frozen=True)
class Item:
    """Shapes that belong together, what a reader sees on pointing at them, and all exhibits where that is too short."""

    shapes: tuple[Shape, ...]
    tooltip: str = ""
    exhibits: str = ""


@dataclass(frozen=True)
class Scene:
    """A whole chart. ``summary`` says in words what is on it."""

    width: float
    height: float
    title: str
    summary: str
    items: tuple[Item, ...]


def text_width(text: str, size: float) -> float:
    """Estimate the width of text in a sans-serif face, generously, so that labels keep apart in any of them."""
    return size * sum(map(_character_width, text))


def wrapped(text: str, size: float, room: float) -> list[str]:
    """Return text in lines that fit into ``room`` pixels."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line for line in lines if line]


def along(path: Path, t: float) -> Point:
    """Return the point of a path at ``t`` from 0 to 1."""
    start, control, end = path
    a, b, c = (1 - t) * (1 - t), 2 * t * (1 - t), t * t
    return a * start[0] + b * control[0] + c * end[0], a * start[1] + b * control[1] + c * end[1]


def dashed(points: Sequence[Point], dash: Sequence[float]) -> Iterator[list[Point]]:
    """Yield the parts of a line through points that are drawn: ``dash`` is a length drawn and one left out, in turn."""
    if not dash:
        yield [*points]
        return
    part, drawing, left = [points[0]], True, dash[0]
    for start, end in pairwise(points):
        here, rest = start, dist(start, end)
        while rest > left:
            here, rest = towards(here, end, left), rest - left
            if drawing:
                yield [*part, here]
            part, drawing = [here], not drawing
            left = dash[0] if drawing else dash[1]
        part, left = [*part, end], left - rest
    if drawing and len(part) > 1:
        yield part


def towards(point: Point, goal: Point, by: float) -> Point:
    """Return the point ``by`` pixels from ``point`` in the direction of ``goal``."""
    dx, dy = goal[0] - point[0], goal[1] - point[1]
    length = sqrt(dx * dx + dy * dy) or 1.0
    return point[0] + dx / length * by, point[1] + dy / length * by


def _character_width(character: str) -> float:
    if east_asian_width(character) in "WF":
        return 1.05
    if character in "iljtfIr.,:;'|!()[]/ ":
        return 0.36
    return 0.88 if character in "mwMW@%" else 0.72 if character.isupper() else 0.6
