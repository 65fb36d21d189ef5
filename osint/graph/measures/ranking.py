"""Measures that give each node a value: who has many ties, who stands between, who is held by few.

- ``degree``: distinct neighbours, whatever the direction, over n-1 [1]_.
- ``in_degree``, ``out_degree``: distinct sources, or targets, over n-1 [1]_.
- ``degree_among_authors``: the same among nodes from which a tie leads, as accounts whose own posts were collected: who
  was collected has more ties than who is merely named. Other nodes have no value.
- ``strength``: posts (and things shared, statements) that tie the node to others, in either direction:
  s(v) = sum of w(v, u) [2]_.
- ``betweenness``: share of the shortest directed paths that pass through the node,
  sum of sigma(s, t | v) / sigma(s, t) over (n-1)(n-2) [1]_, by Brandes' algorithm [3]_. Exact up to 5,000 nodes;
  above that estimated from 500 sources drawn with the seed [4]_, and ``attrs`` says so.
- ``closeness``: (n-1) / sum of d(v, u), without direction, on the largest component [1]_; others get 0.
- ``eigenvector``: A x = lambda x, without direction, on the largest component [5]_; others get 0.
- ``pagerank``: damping 0.85, uniform teleportation [6]_.
- ``constraint``: sum over neighbours j of (p(i, j) + sum of p(i, q) p(q, j))^2, without direction [7]_. The node
  that is held least, with most freedom between others, ranks first; a node without ties has no value.
- ``effective_size``: neighbours less their mean number of ties to each other, n - 2t/n [8]_.
- ``k_core``: the largest k such that the node has k neighbours among those who have k [9]_.
- ``k_truss``: the largest k such that a tie of the node lies in k - 2 triangles of ties that all do [10]_.

References:
    .. [1] L. C. Freeman, "Centrality in social networks: conceptual clarification", Social Networks 1 (1979)
       215-239.
    .. [2] A. Barrat, M. Barthelemy, R. Pastor-Satorras, A. Vespignani, "The architecture of complex weighted
       networks", PNAS 101 (2004) 3747-3752.
    .. [3] U. Brandes, "A faster algorithm for betweenness centrality", J. Math. Sociology 25 (2001) 163-177.
    .. [4] U. Brandes, C. Pich, "Centrality estimation in large networks", Int. J. Bifurcation and Chaos 17 (2007)
       2303-2318.
    .. [5] P. Bonacich, "Power and centrality: a family of measures", Am. J. Sociology 92 (1987) 1170-1182.
    .. [6] L. Page, S. Brin, R. Motwani, T. Winograd, "The PageRank citation ranking", Stanford (1999).
    .. [7] R. S. Burt, "Structural Holes", Harvard University Press (1992) 54-55.
    .. [8] S. P. Borgatti, "Structural holes: unpacking Burt's redundancy measures", Connections 20 (1997) 35-38.
    .. [9] S. B. Seidman, "Network structure and minimum degree", Social Networks 5 (1983) 269-287.
    .. [10] J. Cohen, "Trusses: cohesive subgraphs for social network analysis", National Security Agency (2008).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from osint.errors import GraphError
from osint.graph.measures import arrays, kit, reference, stability
from osint.graph.measures.ties import COUNTED, Floats, Ties, account, node_table, ties_of

if TYPE_CHECKING:
    from osint.graph.association import Network

Compute = Callable[..., Floats]

SAMPLED_ABOVE = 5000
SOURCES = 500
WEIGHED = "Parallel edges add up, a post that makes several of them counts once; self-loops count for nothing."


class NodeMeasure(NamedTuple):
    """A measure, and the ways to compute it: by arrays (``sparse``: of any size), by NetworKit, by networkx."""

    method: str
    directed: bool
    ways: Mapping[str, Compute]
    sparse: bool = False
    lowest_first: bool = False
    counted: str = COUNTED


def rank(
    network: Network, measure: str, *, resamples: int | None = None, seed: int = 0, engine: str | None = None
) -> pd.DataFrame:
    """Rank the nodes of a network by one measure, and say how far the ranks hold when ties are hidden.

    Args:
        network: Graph to measure; it is not changed.
        measure: One of the names that this module lists, with their formulas and papers.
        resamples: How often a tenth of the ties is hidden; by default 200, and none above 500 nodes. With 0 the columns
            of stability are left out.
        seed: Start of what is drawn: sources and hidden ties.
        engine: ``numpy``, ``networkit`` or ``networkx``; by default the fastest there is at this size.

    Returns:
        One row per node with ``node``, ``label``, ``kind``, ``value`` (float), ``rank`` (1 is first; equal values share
        the best of their ranks), ``same_rank`` (share of resamples in which the node keeps its rank) and ``top_5``
        (share in which it is among the first five), ordered by rank, then node.

    Raises:
        GraphError: The measure is unknown, or the engine cannot compute it.
    """
    if measure not in MEASURES:
        raise GraphError(f"unknown measure {measure!r}; known measures: {', '.join(MEASURES)}")
    asked = MEASURES[measure]
    ties = ties_of(network, directed=asked.directed)
    engine = _engine(measure, asked, ties.nodes, engine)
    sources = SOURCES if measure == "betweenness" and ties.nodes > SAMPLED_ABOVE else None
    compute = partial(asked.ways[engine], sources=sources, seed=seed) if sources else asked.ways[engine]
    times = stability.how_many(resamples, ties.nodes)
    table = ranked(network, ties, compute, times, seed, lowest_first=asked.lowest_first)
    estimated = f", estimated from k = {sources} sources of {ties.nodes}" if sources else ""
    table.attrs = account(
        network, ties, measure=measure, method=asked.method + estimated, engine=engine, seed=seed,
        parameters=_parameters(measure, ties, sources), counted=asked.counted,
        stability=stability.stated(times, seed, ties.nodes, top=stability.TOP),
    )  # fmt: skip
    return table


def ranked(
    network: Network, ties: Ties, compute: Compute, resamples: int, seed: int, *, lowest_first: bool = False
) -> pd.DataFrame:
    """Return the table of nodes by the value of a measure, with how far each rank holds."""
    values = stability.computed(compute, ties)
    table = node_table(network).assign(value=values, rank=stability.ranks(values, lowest_first=lowest_first))
    if resamples:
        held = stability.of_ranks(ties, compute, resamples, seed, lowest_first=lowest_first)
        table = table.assign(same_rank=held[0], top_5=held[1])
    return table.sort_values(["rank", "node"], ignore_index=True)


def _engine(measure: str, asked: NodeMeasure, nodes: int, wanted: str | None) -> str:
    if wanted is not None:
        if wanted not in asked.ways:
            raise GraphError(f"{measure} is computed by {', '.join(asked.ways)}, not by {wanted!r}")
        return wanted
    if nodes > arrays.DENSE and "networkit" in asked.ways and kit.is_installed():
        return "networkit"
    return "numpy" if "numpy" in asked.ways and (asked.sparse or nodes <= arrays.DENSE) else "networkx"


def _parameters(measure: str, ties: Ties, sources: int | None) -> dict[str, Any]:
    if measure == "betweenness":
        return {"sources": sources or ties.nodes, "of": ties.nodes}
    if measure == "pagerank":
        return {"damping": arrays.DAMPING, "tolerance": arrays.TOLERANCE}
    return {}


def _largest(compute: Compute) -> Compute:
    return partial(arrays.on_largest, compute)


_BETWEENNESS = {"numpy": arrays.betweenness, "networkit": kit.betweenness, "networkx": reference.betweenness}
_CLOSENESS = {
    "numpy": _largest(arrays.closeness),
    "networkit": _largest(kit.closeness),
    "networkx": _largest(reference.closeness),
}

MEASURES: dict[str, NodeMeasure] = {
    "degree": NodeMeasure("degree centrality, undirected, unweighted", False, {"numpy": arrays.degree}, sparse=True),
    "in_degree": NodeMeasure("in-degree centrality, unweighted", True, {"numpy": arrays.in_degree}, sparse=True),
    "out_degree": NodeMeasure("out-degree centrality, unweighted", True, {"numpy": arrays.out_degree}, sparse=True),
    "degree_among_authors": NodeMeasure(
        "degree centrality among nodes from which ties lead, undirected, unweighted",
        True,
        {"numpy": arrays.degree_among_authors},
        sparse=True,
    ),
    "strength": NodeMeasure(
        "strength, undirected, weighted by posts", False, {"numpy": arrays.strength}, sparse=True, counted=WEIGHED
    ),
    "betweenness": NodeMeasure(
        "betweenness centrality, directed, unweighted, normalised", True, _BETWEENNESS, sparse=True
    ),
    "closeness": NodeMeasure(
        "closeness centrality of the largest component, undirected, unweighted", False, _CLOSENESS
    ),
    "eigenvector": NodeMeasure(
        "eigenvector centrality of the largest component, undirected, unweighted",
        False,
        {"numpy": _largest(arrays.eigenvector)},
        sparse=True,
    ),
    "pagerank": NodeMeasure(
        "PageRank by power iteration, directed, unweighted", True, {"numpy": arrays.pagerank}, sparse=True
    ),
    "constraint": NodeMeasure(
        "Burt's constraint, undirected, unweighted; the least held first",
        False,
        {"numpy": arrays.constraint, "networkx": reference.constraint},
        lowest_first=True,
    ),
    "effective_size": NodeMeasure(
        "Burt's effective size, undirected, unweighted",
        False,
        {"numpy": arrays.effective_size, "networkx": reference.effective_size},
    ),
    "k_core": NodeMeasure("core number, undirected, unweighted", False, {"networkx": reference.core_number}),
    "k_truss": NodeMeasure("truss number, undirected, unweighted", False, {"numpy": arrays.truss}, sparse=True),
}
