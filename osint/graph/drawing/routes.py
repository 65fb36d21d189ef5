"""Where edges run: parallel ones side by side, and none through a node that it does not concern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

from osint.graph.drawing.shapes import Path, Point, along
from osint.graph.drawing.styles import RADIUS

_FAN = 52.0
_SHIFTS = (0.0, 40.0, -40.0, 80.0, -80.0, 130.0, -130.0)
_STEPS = 16


def routes(ends: Sequence[tuple[str, str]], places: Mapping[str, Point]) -> list[Path]:
    """Return the path of each edge, in the order given, from the middle of its source to the middle of its target.

    A self-loop gets the path from its node to the top of the loop and back.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    for number, (source, target) in enumerate(ends):
        groups.setdefault((min(source, target), max(source, target)), []).append(number)
    controls: dict[int, Point] = {}
    for (one, other), members in groups.items():
        controls |= zip(members, _controls(places, one, other, len(members)), strict=True)
    return [(places[source], controls[number], places[target]) for number, (source, target) in enumerate(ends)]


def _controls(places: Mapping[str, Point], one: str, other: str, count: int) -> list[Point]:
    """Fan parallel edges out, and bend the fan so that it does not run through a third node."""
    if one == other:
        x, y = places[one]
        return [(x, y - RADIUS - 20 - 18 * number) for number in range(count)]
    start, end = places[one], places[other]
    others = [place for node, place in places.items() if node not in (one, other)]
    fan = [(number - (count - 1) / 2) * _FAN for number in range(count)]
    bends = [[_bent(start, end, shift + step) for step in fan] for shift in _SHIFTS]
    return min(bends, key=lambda controls: sum(_hits((start, control, end), others) for control in controls))


def _bent(start: Point, end: Point, by: float) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = sqrt(dx * dx + dy * dy) or 1.0
    return (start[0] + end[0]) / 2 - dy / length * by, (start[1] + end[1]) / 2 + dx / length * by


def _hits(path: Path, others: Sequence[Point]) -> int:
    """Count the nodes that a path runs through."""
    reach = RADIUS + 5
    points = [along(path, step / _STEPS) for step in range(1, _STEPS)]
    left, right = min(x for x, _ in points) - reach, max(x for x, _ in points) + reach
    near = [there for there in others if left < there[0] < right]
    return sum(any((x - px) ** 2 + (y - py) ** 2 < reach * reach for px, py in points) for x, y in near)
