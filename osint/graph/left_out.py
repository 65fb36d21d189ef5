"""What of a case a graph leaves out: by the filter that made it, and by whoever took a part of it since."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osint.graph.association import Network

_WHOLE = "made_with"


def counted(network: Network) -> Network:
    """Note in a graph how many nodes and edges it has, and return it: a part taken of it then tells what is missing."""
    network.graph[_WHOLE] = [len(network), network.size()]
    return network


def left_out(network: Network) -> tuple[int, int] | None:
    """Return how many nodes and edges of the case a graph does not have, or None where it does not state them."""
    stated = network.graph.get("hidden_nodes"), network.graph.get("hidden_edges")
    if not isinstance(stated[0], int) or not isinstance(stated[1], int):
        return None
    nodes, edges = network.graph.get(_WHOLE) or (0, 0)
    return stated[0] + max(nodes - len(network), 0), stated[1] + max(edges - network.size(), 0)
