"""Where the nodes of a large chart stand: as in a small one, but in time that grows with its edges.

Distances to a few pivots give the shape of the whole, then edges pull and near nodes push until neighbours stand
together; nodes with one neighbour stand around it. As in :mod:`osint.graph.drawing.stress` only operations that are
exact in IEEE 754 are used, in a fixed order, so that the same graph gives the same positions on every machine.

Source: U. Brandes, C. Pich, "Eigensolver methods for progressive multidimensional scaling of large data", Graph
Drawing 2006, 42-53, for the pivots; T. M. J. Fruchterman, E. M. Reingold, "Graph drawing by force-directed placement",
Software: Practice and Experience 21 (1991) 1129-1164, for pulling and pushing, within cells of a grid.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import TypeAlias

    import networkx as nx
    from numpy.typing import NDArray

    Points: TypeAlias = NDArray[np.float64]
    Pairs: TypeAlias = NDArray[np.int64]

_PIVOTS = 40
_POWERS = 30
_ROUNDS = 80
_REACH = 2.0  # edges; nodes further apart do not push each other
_CROWD = 24  # nodes of a cell that push one by one; more of them push as a crowd
_TURN = (
    -0.737368878078320,
    0.675490294261524,
)  # cosine and sine of the golden angle: leaves around a node never line up


def place_sparse(ties: nx.Graph[str], nodes: Sequence[str]) -> Points:
    """Return positions of the nodes of one connected part, in units of about one edge."""
    number = {node: at for at, node in enumerate(nodes)}
    core = [node for node in nodes if ties.degree(node) > 1] or list(nodes[:1])
    inner = {node: at for at, node in enumerate(core)}
    edges = np.array(
        [
            (inner[one], inner[other])
            for one in core
            for other in sorted(ties[one])
            if other in inner and inner[one] < inner[other]
        ],
        dtype=np.int64,
    ).reshape(-1, 2)
    room = np.array([1 + 0.35 * np.sqrt(sum(other not in inner for other in ties[node])) for node in core])
    points = np.zeros((len(nodes), 2))
    points[[number[node] for node in core]] = _relaxed(_spread_out(ties, core), edges, room)
    for node in core:
        leaves = sorted(other for other in ties[node] if other not in inner)
        for at, leaf in enumerate(leaves):
            points[number[leaf]] = points[number[node]] + _around(at)
    return points


def _around(at: int) -> Points:
    """Return the place of a leaf beside its node: one after the other on a widening spiral."""
    x, y = 1.0, 0.0
    for _ in range(at % 377):  # a number of Fibonacci: the spiral nearly closes there
        x, y = x * _TURN[0] - y * _TURN[1], x * _TURN[1] + y * _TURN[0]
    far = 0.55 + 0.16 * np.sqrt(at)
    return np.array([x * far, y * far])


def _spread_out(ties: nx.Graph[str], core: Sequence[str]) -> Points:
    """Place nodes by their distances to pivots that are far from each other."""
    inner = {node: at for at, node in enumerate(core)}
    if len(core) < 3:
        return np.array([[float(at), 0.0] for at in range(len(core))])
    nearest = np.full(len(core), np.inf)
    pivot, columns = max(core, key=lambda node: (ties.degree(node), node)), []
    for _ in range(min(_PIVOTS, len(core))):
        column = _steps(ties, inner, pivot)
        columns.append(column)
        nearest = np.minimum(nearest, column)
        pivot = core[int(np.argmax(nearest))]
    squared = np.stack(columns, axis=1) ** 2
    rows, whole = _means(squared.T)[:, None], _means(squared)[None, :]
    centred = squared - rows - whole + _means(_means(squared)[:, None])
    return _main_axes(-0.5 * centred)


def _steps(ties: nx.Graph[str], inner: dict[str, int], start: str) -> Points:
    found = np.full(len(inner), -1.0)
    found[inner[start]] = 0.0
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        for other in ties[node]:
            if other in inner and found[inner[other]] < 0:
                found[inner[other]] = found[inner[node]] + 1
                waiting.append(other)
    return found


def _main_axes(centred: Points) -> Points:
    """Return where rows lie along the two directions in which they differ most, by power iteration."""
    square = _product(centred.T, centred)
    axes: list[Points] = []
    for _ in range(2):
        axis = np.array([1.0 + 0.1 * (at % 7) for at in range(len(square))])
        for _ in range(_POWERS):
            for known in axes:
                axis = axis - known * _sum(axis * known)
            axis = _product(square, axis[:, None])[:, 0]
            axis = axis / max(float(np.sqrt(_sum(axis * axis))), 1e-12)
        axes.append(axis)
    along = np.stack([_product(centred, axis[:, None])[:, 0] for axis in axes], axis=1)
    size = np.sqrt(_means(along * along))
    placed: Points = along / np.maximum(size, 1e-9) * np.sqrt(len(centred)) / 2
    return placed


def _relaxed(points: Points, edges: Pairs, room: Points) -> Points:
    """Let edges pull and near nodes push, in ever smaller steps."""
    # Nodes with equal distances to all pivots would stand on one spot.
    points = points + np.array([_around(at) * 0.3 for at in range(len(points))])
    for number in range(_ROUNDS):
        step = 0.9 * (1 - number / _ROUNDS) + 0.02
        force = _pushes(points, room)
        if len(edges):
            span = points[edges[:, 1]] - points[edges[:, 0]]
            far = np.sqrt(span[:, 0] * span[:, 0] + span[:, 1] * span[:, 1])
            wanted = room[edges[:, 0]] + room[edges[:, 1]]
            # Beyond a few edges a longer one pulls no harder, so that one stranger does not tear a group apart.
            pull = span * (0.12 * np.minimum(np.maximum(far / wanted, 0.0), 3.0))[:, None]
            for end, sign in ((0, 1.0), (1, -1.0)):
                for axis in (0, 1):
                    force[:, axis] += np.bincount(edges[:, end], sign * pull[:, axis], len(points))
        length = np.sqrt(force[:, 0] * force[:, 0] + force[:, 1] * force[:, 1])
        points = points + force * (np.minimum(length, step) / np.maximum(length, 1e-12))[:, None]
    return points


def _pushes(points: Points, room: Points) -> Points:
    """Return how each node is pushed away by those in its cell of a grid and in the cells around it."""
    reach = _REACH * float(_means(room[:, None])[0])
    cells = np.floor((points - points.min(axis=0)) / reach).astype(np.int64)
    wide = int(cells[:, 0].max()) + 3
    key = (cells[:, 1] + 1) * wide + cells[:, 0] + 1
    order = np.argsort(key, kind="stable")
    sorted_key = key[order]
    force = np.zeros_like(points)
    for beside in (-wide - 1, -wide, -wide + 1, -1, 0, 1, wide - 1, wide, wide + 1):
        start = np.searchsorted(sorted_key, key + beside, "left")
        count = np.searchsorted(sorted_key, key + beside, "right") - start
        for nth in range(min(int(count.max()), _CROWD)):
            here = np.flatnonzero(count > nth)
            weight = np.where(count[here] > _CROWD, count[here] / _CROWD, 1.0)
            skip = np.maximum(count[here] // _CROWD, 1)
            other = order[start[here] + nth * skip]
            span = points[here] - points[other]
            near = span[:, 0] * span[:, 0] + span[:, 1] * span[:, 1]
            strength = np.where(other == here, 0.0, weight * room[here] * room[other] / np.maximum(near, 0.01))
            force[here] += span * (0.5 * strength)[:, None]
    return force


def _product(one: Points, other: Points) -> Points:
    """Multiply matrices by running sums: a linear-algebra library sums in an order of its own."""
    total = np.zeros((one.shape[0], other.shape[1]))
    for at in range(one.shape[1]):
        total += one[:, at : at + 1] * other[at : at + 1, :]
    return total


def _means(rows: Points) -> Points:
    total: Points = np.add.accumulate(rows, axis=0)[-1] / len(rows)
    return total


def _sum(values: Points) -> float:
    return float(np.add.accumulate(values)[-1])
