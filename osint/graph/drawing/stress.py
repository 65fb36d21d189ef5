"""Where the nodes of a chart stand: the same graph and seed give the same positions, on every machine.

Stress majorization places nodes so that distances on paper follow distances in the graph. Only additions, products,
quotients and square roots are used, in a fixed order, since those alone are exact in IEEE 754; nothing is left to a
linear-algebra library, which sums in an order of its own.

Source: E. R. Gansner, Y. Koren, S. North, "Graph drawing by stress majorization", Graph Drawing 2004, 239-250.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache
from math import sqrt
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from osint.graph.drawing.sparse import place_sparse

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    from osint.graph.association import Network

    Points: TypeAlias = NDArray[np.float64]

_ROUNDS = 150
_SETTLED = 1e-4
_STARTS = 6
_GAP = 1.0
_MOST_EXACT = 300  # nodes; the time that stress takes grows with their square


def layout(network: Network, seed: int = 0) -> dict[str, tuple[float, float]]:
    """Return a position for each node, in units of about one edge, x to the right and y downwards.

    Parts of the graph that are not connected stand side by side. Positions say nothing about the nodes; they only keep
    the picture readable.

    Args:
        network: Graph to lay out. Direction, parallel edges and self-loops do not matter.
        seed: Start of the random first positions, of which the best outcome is kept.
    """
    return dict(_layout(tuple(sorted(network)), tuple(sorted(set(network.edges()))), seed))


@lru_cache(maxsize=8)  # the SVG, the PNG and the report draw one graph
def _layout(
    nodes: tuple[str, ...], edges: tuple[tuple[str, str], ...], seed: int
) -> tuple[tuple[str, tuple[float, float]], ...]:
    ties: nx.Graph[str] = nx.Graph()
    ties.add_nodes_from(nodes)
    ties.add_edges_from(edges)
    parts = [sorted(part) for part in nx.connected_components(ties)]
    parts.sort(key=lambda part: (-len(part), part))
    placed = _pack([_place(nx.Graph(ties.subgraph(part)), part, seed) for part in parts])
    return tuple(
        (node, (round(float(x), 3), round(float(y), 3)))
        for part, points in zip(parts, placed, strict=True)
        for node, (x, y) in zip(part, points, strict=True)
    )


def _place(ties: nx.Graph[str], nodes: Sequence[str], seed: int) -> Points:
    """Place one connected part, its longer side level, its upper left corner at (0, 0)."""
    if len(nodes) == 1:
        return np.zeros((1, 2))
    if len(nodes) > _MOST_EXACT:
        return _from_corner(_level(place_sparse(ties, nodes)))
    ideal = _distances(ties, nodes)
    start = random.Random(seed)  # noqa: S311 - picks positions on paper, not secrets
    starts = _STARTS if len(nodes) <= 60 else 2
    outcomes = _settle(ideal, np.array([[[start.random(), start.random()] for _ in nodes] for _ in range(starts)]))
    return _from_corner(_level(min(outcomes, key=lambda outcome: _stress(outcome, ideal))))


def _from_corner(points: Points) -> Points:
    moved: Points = points - points.min(axis=0)
    return moved


def _distances(ties: nx.Graph[str], nodes: Sequence[str]) -> Points:
    """Return the wanted distance of each pair: edges at busy nodes are longer, so that their neighbours find room."""
    for source, target, known in ties.edges(data=True):
        union = len(set(ties[source]) | set(ties[target])) - 2
        shared = len(set(ties[source]) & set(ties[target]))
        known["length"] = 1 + min(1.0, 0.06 * (union - shared))
    lengths: dict[str, dict[str, float]] = dict(nx.all_pairs_dijkstra_path_length(ties, weight="length"))
    return np.array([[lengths[source][target] for target in nodes] for source in nodes])


def _settle(ideal: Points, starts: Points) -> Points:
    """Move each node in turn to the place where its own distances are closest to the wanted ones.

    Args:
        ideal: The wanted distance of each pair of nodes.
        starts: First positions, of shape (starts, nodes, 2); all are moved at once, each until it has settled.
    """
    settled = starts * sqrt(len(ideal))
    moving = np.arange(len(settled))
    others = [np.flatnonzero(np.arange(len(ideal)) != node) for node in range(len(ideal))]
    wanted = [ideal[node, rest] for node, rest in enumerate(others)]
    weights = [1 / (each * each) for each in wanted]
    heavy = [_in_order(each[:, None]) for each in weights]
    for _ in range(_ROUNDS):
        points = settled[moving]
        for node, rest in enumerate(others):
            around = points[:, rest]
            offset = points[:, node, None] - around
            distance = np.sqrt(offset[:, :, 0] * offset[:, :, 0] + offset[:, :, 1] * offset[:, :, 1])
            pull = around + offset * (wanted[node] / np.maximum(distance, 1e-9))[:, :, None]
            points[:, node] = np.add.accumulate(pull * weights[node][:, None], axis=1)[:, -1] / heavy[node]
        moved = np.abs(points - settled[moving]).max(axis=(1, 2))
        settled[moving] = points
        moving = moving[moved >= _SETTLED]
        if not len(moving):
            break
    return settled


def _in_order(rows: Points) -> Points:
    # A running sum has one order; NumPy's plain sum adds in blocks.
    total: Points = np.add.accumulate(rows, axis=0)[-1]
    return total


def _stress(points: Points, ideal: Points) -> float:
    total = 0.0
    for node in range(1, len(ideal)):
        offset = points[node] - points[:node]
        distance = np.sqrt(offset[:, 0] * offset[:, 0] + offset[:, 1] * offset[:, 1])
        error = (distance - ideal[node, :node]) / ideal[node, :node]
        total += float(_in_order((error * error)[:, None])[0])
    return round(total, 6)


def _level(points: Points) -> Points:
    """Turn the points so that they spread most from left to right: paper and screens are wider than high."""
    centred: Points = points - _in_order(points) / len(points)
    xx, yy = (float(value) for value in _in_order(centred * centred))
    xy = float(_in_order(centred[:, :1] * centred[:, 1:])[0])
    half = (xx - yy) / 2
    along = half + sqrt(half * half + xy * xy)
    norm = sqrt(along * along + xy * xy)
    if norm < 1e-9:
        return centred
    cosine, sine = along / norm, xy / norm
    return np.stack(
        [centred[:, 0] * cosine + centred[:, 1] * sine, centred[:, 1] * cosine - centred[:, 0] * sine], axis=1
    )


def _pack(parts: Sequence[Points]) -> list[Points]:
    """Set the parts in rows, tallest first, in a sheet about one and a half times as wide as high.

    A row is as high as its first part; lower parts stand under each other in its columns.
    """
    sizes = [(float(width), float(height)) for width, height in (points.max(axis=0) + _GAP for points in parts)]
    limit = max([1.5 * sqrt(sum(width * height for width, height in sizes)), *(width for width, _ in sizes)])
    placed = list(parts)
    left, top, row, column, used = 0.0, 0.0, 0.0, 0.0, 0.0
    for number in sorted(range(len(parts)), key=lambda number: -sizes[number][1]):
        width, height = sizes[number]
        if width > column or used + height > row:
            left, column, used = left + column, width, 0.0
            if not row or left + width > limit:
                left, top, row = 0.0, top + row, height
        placed[number] = parts[number] + np.array([left, top + used])
        used += height
    return placed
