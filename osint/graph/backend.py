"""The heavy measures as a backend of networkx, for who types ``nx.``: asked for by name, and by nothing else.

``nx.betweenness_centrality(graph, backend="osint")`` computes on arrays, or by NetworKit where it is installed, and
equals networkx. ``nx.community.louvain_communities`` and ``leiden_communities`` are NetworKit's: other groups than
networkx finds, of like modularity. Without ``backend=`` networkx computes as ever. A table with method, version and
stability is what :func:`osint.measure` makes; a backend returns bare values.

Source: https://networkx.org/documentation/stable/reference/backends.html
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import networkx as nx
import numpy as np

from osint.graph.measures import arrays, kit
from osint.graph.measures.ties import Ties

Seed = random.Random | int | None

_THRESHOLD = 1e-07
_GROUPS = ("louvain_communities", "leiden_communities")


@dataclass(frozen=True, eq=False)
class ArrayGraph:
    """A graph of networkx as arrays: its nodes in their order, and its ties by their places."""

    __networkx_backend__: ClassVar[str] = "osint"

    nodes: Sequence[Any]
    ties: Ties


def convert_from_nx(graph: nx.Graph[Any], **_: Any) -> ArrayGraph:
    """Return a graph as arrays; attributes, parallel edges and self-loops are left out."""
    nodes = list(graph)
    place = {node: number for number, node in enumerate(nodes)}
    ends = ((place[one], place[other]) for one, other in graph.edges())
    pairs = {pair if graph.is_directed() else (min(pair), max(pair)) for pair in ends if pair[0] != pair[1]}
    array = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    return ArrayGraph(nodes, Ties(len(nodes), array, np.ones(len(array)), graph.is_directed()))


def convert_to_nx(result: Any, **_: Any) -> Any:
    """Return a result as it is: values and groups are what networkx returns too."""
    return result


# The parameters are networkx's, in its order: it hands them over by position. What can_run refuses is not looked at.
# ruff: noqa: ARG001, N803, PLR0917


def betweenness_centrality(
    G: ArrayGraph,
    k: int | None = None,
    normalized: bool = True,
    weight: str | None = None,
    endpoints: bool = False,
    seed: Seed = None,
) -> dict[Any, float]:
    """Return what networkx returns; see there. A sample of ``k`` nodes is the one that networkx draws from a seed."""
    ties = G.ties
    values = kit.betweenness(ties) if k is None and kit.is_installed() else arrays.betweenness(ties, k, _drawing(seed))
    if not normalized:
        values = values * (ties.nodes - 1) * (ties.nodes - 2) * (1.0 if ties.directed else 0.5)
    return dict(zip(G.nodes, values.tolist(), strict=True))


def louvain_communities(
    G: ArrayGraph,
    weight: str | None = "weight",
    resolution: float = 1,
    threshold: float = _THRESHOLD,
    max_level: int | None = None,
    seed: Seed = None,
) -> list[set[Any]]:
    """Return groups by the Louvain method, with refinement. One seed gives the same groups each time."""
    return _groups(G, "louvain", resolution, seed)


def leiden_communities(
    G: ArrayGraph,
    weight: str | None = "weight",
    resolution: float = 1,
    max_level: int | None = None,
    seed: Seed = None,
) -> list[set[Any]]:
    """Return groups by the Leiden method. One seed gives the same groups each time."""
    return _groups(G, "leiden", resolution, seed)


def can_run(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool | str:
    """Say whether a call is one that is computed here, or why it is not."""
    given = inspect.signature(globals()[name]).bind(*args, **kwargs)
    given.apply_defaults()
    refused = _refuses_groups if name in _GROUPS else _refuses_betweenness
    return next(refused(given.arguments), True)


def _refuses_betweenness(asked: Mapping[str, Any]) -> Iterator[str]:
    if asked["weight"] or asked["endpoints"]:
        yield "weights and endpoints do not count here"


def _refuses_groups(asked: Mapping[str, Any]) -> Iterator[str]:
    graph, weight = asked["G"], asked["weight"]
    if not kit.is_installed():
        yield "NetworKit is not installed; pip install 'osint[graph]' brings it"
    if asked["max_level"] is not None or asked.get("threshold", _THRESHOLD) != _THRESHOLD:
        yield "max_level and threshold are not to be chosen here"
    if graph.is_directed() or graph.is_multigraph():
        yield "groups are those of a simple graph without direction"
    if weight and any(weight in known for *_, known in graph.edges(data=True)):
        yield f"the edges have a {weight!r}, which does not count here: weight=None says that it shall not"


def should_run(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool | str:
    """Say that a call is worth converting its graph, which costs a hundredth of what it saves."""
    return can_run(name, args, kwargs)


def _groups(graph: ArrayGraph, algorithm: str, resolution: float, seed: Seed) -> list[set[Any]]:
    found: dict[int, set[Any]] = {}
    groups = kit.groups(graph.ties, algorithm, resolution, _drawing(seed).randrange(2**32))
    for node, group in zip(graph.nodes, groups, strict=True):
        found.setdefault(group, set()).add(node)
    return list(found.values())


def _drawing(seed: Seed) -> random.Random:
    return seed if isinstance(seed, random.Random) else random.Random(seed)  # noqa: S311 - a sample, no secret
