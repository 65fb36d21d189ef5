"""From a layout to pixels: nodes pushed apart until every label can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

from osint.graph.drawing.shapes import Box, Point

_GAP = 12.0
_ROUNDS = 300
_AREA = 24_000.0  # square pixels of sheet for a node, its label and the lines around it
_ASPECT = 1.3  # width to height, before the legend is set beside it
_MOST = 1.3
_LEAST = 0.35


def fitted(layout: Mapping[str, Point], unit: float) -> dict[str, Point]:
    """Scale a layout to the sheet that its number of nodes needs, each side for itself, so that labels stay legible.

    Args:
        layout: Position of each node, in units of about one edge.
        unit: Pixels that a unit of the layout should become; a narrow layout gets a little more, a wide one less.
    """
    width = sqrt(_ASPECT * _AREA * max(len(layout), 1))
    scales = [unit * _share(layout, axis, side / unit) for axis, side in ((0, width), (1, width / _ASPECT))]
    return {node: (x * scales[0], y * scales[1]) for node, (x, y) in layout.items()}


def _share(layout: Mapping[str, Point], axis: int, wanted: float) -> float:
    values = [place[axis] for place in layout.values()] or [0.0]
    taken = max(values) - min(values)
    return min(_MOST, max(_LEAST, wanted / taken)) if taken else 1.0


def spread(layout: Mapping[str, Point], boxes: Mapping[str, Box], unit: float) -> dict[str, Point]:
    """Scale a layout to pixels and push nodes apart until no node or label covers another.

    Args:
        layout: Position of each node, in units of about one edge.
        boxes: What each node and its label cover, around the middle of the node.
        unit: Pixels that a unit of the layout should become; see :func:`fitted`.
    """
    places = fitted(layout, unit)
    widest = max((box[2] - box[0] for box in boxes.values()), default=0.0) + _GAP
    for _ in range(_ROUNDS):
        order = sorted(places, key=lambda node: (places[node][0], node))
        if not sum(_push(places, boxes, order, start, widest) for start in range(len(order))):
            break
    return places


def extent(places: Mapping[str, Point], boxes: Mapping[str, Box]) -> Box:
    """Return the smallest box around all nodes and labels."""
    covered = [placed(places[node], boxes[node]) for node in places] or [(0.0, 0.0, 0.0, 0.0)]
    left, top, right, bottom = zip(*covered, strict=True)
    return min(left), min(top), max(right), max(bottom)


def placed(place: Point, box: Box) -> Box:
    """Return a box at its place on the sheet."""
    return place[0] + box[0], place[1] + box[1], place[0] + box[2], place[1] + box[3]


def _push(places: dict[str, Point], boxes: Mapping[str, Box], order: Sequence[str], start: int, widest: float) -> int:
    """Part a node from those to its right that it overlaps, each by half; return how many there were."""
    node, parted = order[start], 0
    for other in order[start + 1 :]:
        one, two = placed(places[node], boxes[node]), placed(places[other], boxes[other])
        if places[other][0] - places[node][0] > 2 * widest:
            break
        over = [min(one[2 + axis], two[2 + axis]) - max(one[axis], two[axis]) + _GAP for axis in (0, 1)]
        if min(over) > 0.5:
            parted += 1
            axis = int(over[1] < over[0])
            _part(places, node, other, axis, over[axis] / 2)
    return parted


def _part(places: dict[str, Point], node: str, other: str, axis: int, by: float) -> None:
    away = -by if (places[node][axis], node) <= (places[other][axis], other) else by
    for name, step in ((node, away), (other, -away)):
        x, y = places[name]
        places[name] = (x, y + step) if axis else (x + step, y)
