"""Where the nodes of a chart stand on a screen that can be moved and made larger: one place for every drawing of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isqrt
from typing import TYPE_CHECKING

import networkx as nx

from osint.graph.drawing.marks import covered, label_lines
from osint.graph.drawing.placement import fitted, spread
from osint.graph.drawing.scene import edge_length
from osint.graph.drawing.shapes import Box, Point
from osint.graph.drawing.stress import layout

if TYPE_CHECKING:
    from osint.graph.association import Network

_MOST_SPREAD = 600  # nodes; with more of them labels show only on a closer look, when there is room
_CELL = (132.0, 84.0)
_FRAME = 30.0


def chart_places(network: Network, people: Iterable[Sequence[str]] = (), seed: int = 0) -> dict[str, Point]:
    """Return the place of each node in pixels, x to the right and y downwards.

    Args:
        network: Graph to place. Equal graphs give equal places, whatever their order.
        people: Groups of nodes that stand together, as the accounts of one person do; a node is in one of them.
        seed: See :func:`osint.graph.drawing.stress.layout`.
    """
    groups = [sorted(group) for group in people if len(group) > 1]
    stands_for = {node: group[0] for group in groups for node in group}
    drawn: Network = nx.MultiDiGraph()
    drawn.add_nodes_from(sorted({stands_for.get(node, node) for node in network}))
    drawn.add_edges_from((stands_for.get(one, one), stands_for.get(other, other)) for one, other in network.edges())
    boxes = {node: covered(label_lines(known)) for node, known in network.nodes(data=True) if node in drawn}
    boxes |= {group[0]: _box(group) for group in groups}
    unit = edge_length(drawn) if len(drawn) else 0.0
    flat = layout(drawn, seed)
    places = spread(flat, boxes, unit) if len(drawn) <= _MOST_SPREAD else fitted(flat, unit)
    for group in groups:
        places |= _beside(group, places[group[0]])
    return {node: (round(places[node][0], 1), round(places[node][1], 1)) for node in network}


def _columns(group: Sequence[str]) -> int:
    return isqrt(len(group) - 1) + 1


def _box(group: Sequence[str]) -> Box:
    wide = _columns(group) * _CELL[0] / 2 + _FRAME
    high = -(-len(group) // _columns(group)) * _CELL[1] / 2 + _FRAME
    return -wide, -high, wide, high


def _beside(group: Sequence[str], middle: Point) -> dict[str, Point]:
    across = _columns(group)
    down = -(-len(group) // across)
    return {
        node: (
            middle[0] + (number % across - (across - 1) / 2) * _CELL[0],
            middle[1] + (number // across - (down - 1) / 2) * _CELL[1],
        )
        for number, node in enumerate(group)
    }
