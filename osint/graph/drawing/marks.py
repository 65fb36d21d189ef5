"""One node or one edge as shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import dist, log2
from typing import Any

from osint.graph.drawing.shapes import (
    INK,
    MUTED,
    PAPER,
    Box,
    Curve,
    Item,
    Label,
    Path,
    Point,
    Polygon,
    Ring,
    Shape,
    along,
    text_width,
    towards,
)
from osint.graph.drawing.styles import HEAD_LENGTH, RADIUS, NodeStyle, dash, edge_style, node_style, support
from osint.instants import format_instant
from osint.render import shorten, visible

_LABEL_LENGTH = 22
_NAMED_EXHIBITS = 20
_REACH = RADIUS * 1.2
_SPOTS = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)


def label_lines(known: Mapping[str, Any]) -> list[str]:
    """Return the short lines under a node: what tells it apart first, where it is second, its status last."""
    kind, label = str(known.get("kind", "")), visible(known.get("label", "")).strip()
    first, second = label, ""
    if kind == "account" and "@" in label[1:]:
        first, _, second = label.removeprefix("@").partition("@")
        second = f"@{second}"
    elif kind == "url":
        first, slash, second = label.removeprefix("https://").removeprefix("http://").partition("/")
        second = slash + second if second else ""
    status = str(known.get("status") or "")
    third = f"({visible(status)})" if status not in ("", "unknown") else ""
    return [shorten(line, _LABEL_LENGTH) for line in (first, second, third) if line]


def covered(lines: Sequence[str]) -> Box:
    """Return what a node and its label cover, around the middle of the node."""
    half = max([_REACH, *(text_width(line, 12) / 2 for line in lines)])
    return -half, -_REACH, half, _REACH + 5 + 14 * len(lines)


def draw_node(node: str, place: Point, known: Mapping[str, Any], lines: Sequence[str]) -> Item:
    """Return the sign of a node with its label below."""
    x, y = place
    labels = [
        Label((x, y + _REACH + 13 + 14 * number), line, size, colour, halo=True)
        for number, (line, size, colour) in enumerate(zip(lines, (12, 10.5, 10.5), (INK, MUTED, MUTED), strict=False))
    ]
    kind = str(known.get("kind", ""))
    named = f"{visible(node_style(kind).name)}: {visible(known.get('label', ''))}"
    tooltip = "\n".join([named, visible(node), *_sources(known)])
    return Item((*draw_sign(place, node_style(kind)), *labels), tooltip, _exhibits(known))


def draw_sign(place: Point, style: NodeStyle) -> list[Shape]:
    """Return the sign for a kind of node."""
    x, y = place
    sign = Label((x, y + 5), style.sign, 14, PAPER, bold=True)
    if not style.outline:
        return [Ring(place, RADIUS, style.colour, PAPER), sign]
    return [Polygon(tuple((x + RADIUS * dx, y + RADIUS * dy) for dx, dy in style.outline), style.colour, PAPER), sign]


def draw_edge(
    edge: tuple[str, str, str, Mapping[str, Any]], path: Path, text: str, boxes: Mapping[str, Box], taken: list[Box]
) -> Item:
    """Return an edge with its arrowhead and text.

    Args:
        edge: Source, target, relation and attributes.
        path: Where it runs, from middle to middle.
        text: What to write on it; empty for nothing.
        boxes: What each node and its label cover, around the middle of the node.
        taken: Boxes that text should not cover; that of this edge's text is added.
    """
    source, target, kind, known = edge
    count, basis = int(known.get("count", 1)), str(known.get("basis", ""))
    shapes = (
        draw_loop(path, kind, basis)
        if source == target
        else draw_arrow(path, kind, count, _clear(path, boxes[source], boxes[target]), basis)
    )
    label = [_edge_label(text, path, kind, taken)] if text else []
    said = f"{visible(kind)}, {support(known)}, {visible(basis)}"
    tooltip = "\n".join([f"{visible(source)} -> {visible(target)}", said, *_sources(known)])
    return Item((*shapes, *label), tooltip, _exhibits(known))


def draw_arrow(path: Path, kind: str, count: int, clear: tuple[float, float], basis: str = "observed") -> list[Shape]:
    """Return a line with the relation's arrowhead, ``clear`` pixels away from start and end; more posts, wider line."""
    start, control, end = path
    tip, tail = towards(end, control, clear[1]), towards(end, control, clear[1] + 0.8 * HEAD_LENGTH)
    width = round(min(1.3 + 0.8 * log2(max(count, 1)), 5.5), 1)
    line = Curve((towards(start, control, clear[0]), control, tail), edge_style(kind).colour, width, dash(basis))
    return [line, _head(tip, control, kind)]


def draw_loop(path: Path, kind: str, basis: str) -> list[Shape]:
    """Return a ring above the node, up to the top of the path, with an arrowhead on its right."""
    (x, y), (_, top), _ = path
    radius = (y - RADIUS + 2 - top) / 2
    side = (x + radius, top + radius + 4)
    ring = Ring((x, top + radius), radius, None, edge_style(kind).colour, dash=dash(basis))
    return [ring, _head(side, (side[0], top), kind)]


def _clear(path: Path, source: Box, target: Box) -> tuple[float, float]:
    """Return how far from the middle of its nodes an edge begins and ends, so that it does not cross their labels."""
    start, control, end = path
    begin, stop = _exit(start, control, source), _exit(end, control, target)
    length = dist(start, control) + dist(control, end)
    return (begin, stop) if begin + stop + 3 * HEAD_LENGTH < length else (RADIUS + 4, RADIUS + 4)


def _exit(middle: Point, goal: Point, box: Box) -> float:
    ux, uy = towards((0.0, 0.0), (goal[0] - middle[0], goal[1] - middle[1]), 1.0)
    below = uy > 0 and abs(ux) / uy * box[3] < box[2]
    return box[3] / uy + 3 if below else RADIUS + 4


def _head(tip: Point, origin: Point, kind: str) -> Polygon:
    style = edge_style(kind)
    ux, uy = towards((0.0, 0.0), (tip[0] - origin[0], tip[1] - origin[1]), 1.0)
    points = tuple((tip[0] + x * ux - y * uy, tip[1] + x * uy + y * ux) for x, y in style.head)
    return Polygon(points, style.colour if style.filled else PAPER, style.colour, 1.4)


def _edge_label(text: str, path: Path, kind: str, taken: list[Box]) -> Label:
    """Write where the text covers least of what is there already, near the middle of the edge if it can be."""
    half = text_width(text, 10.5) / 2
    spots = [(path[1][0], path[1][1] - 6)] if path[0] == path[2] else [along(path, t) for t in _SPOTS]
    boxes = [(x - half, y - 7, x + half, y + 7) for x, y in spots]
    best = min(range(len(spots)), key=lambda number: (round(sum(_shared(boxes[number], box) for box in taken)), number))
    taken.append(boxes[best])
    x, y = spots[best]
    return Label((x, y + 3.5), text, 10.5, edge_style(kind).colour, bold=True, halo=True)


def _shared(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)


def _exhibits(known: Mapping[str, Any]) -> str:
    exhibits = known.get("exhibits", ())
    return f"all exhibits {', '.join(map(visible, exhibits))}" if len(exhibits) > _NAMED_EXHIBITS else ""


def _sources(known: Mapping[str, Any]) -> list[str]:
    exhibits = list(known.get("exhibits", ()))
    named = ", ".join(map(visible, exhibits[:_NAMED_EXHIBITS]))
    more = f" and {len(exhibits) - _NAMED_EXHIBITS} more" if len(exhibits) > _NAMED_EXHIBITS else ""
    first, last = known.get("first"), known.get("last")
    dated = f"published {format_instant(first)} to {format_instant(last)}" if first and last else "not dated"
    return [dated, *([f"exhibits {named}{more}"] if exhibits else [])]
