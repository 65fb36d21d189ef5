"""Where each node of an exported chart stands, computed here, so that every program shows the same picture."""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING

from osint.graph.drawing import layout
from osint.graph.drawing.placement import fitted

if TYPE_CHECKING:
    from osint.graph.association import Network

MOST_LAID_OUT = 300
_UNIT = 172.0
_STEP = 140


def positions(network: Network) -> dict[str, tuple[int, int]]:
    """Return a place for each node in whole pixels, x to the right and y downwards, none below zero.

    Up to 300 nodes stand as in our own pictures. More than that are set in rows, those with the most neighbours first:
    such a chart is laid out by the program that opens it.
    """
    if len(network) > MOST_LAID_OUT:
        return _rows(network)
    places = fitted(layout(network), _UNIT)
    left = min((x for x, _ in places.values()), default=0.0)
    top = min((y for _, y in places.values()), default=0.0)
    return {node: (round(places[node][0] - left), round(places[node][1] - top)) for node in network}


def _rows(network: Network) -> dict[str, tuple[int, int]]:
    neighbours = {node: len({*network.succ[node], *network.pred[node]} - {node}) for node in network}
    across = isqrt(len(network) - 1) + 1
    order = sorted(network, key=lambda node: (-neighbours[node], node))
    places = {node: (number % across * _STEP, number // across * _STEP) for number, node in enumerate(order)}
    return {node: places[node] for node in network}
