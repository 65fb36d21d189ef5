"""Who stands where in a network: centrality and communities, each with its method and its caveat.

A rank describes the posts that were collected, not the people. It is never a measure of guilt or importance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import networkx as nx
import pandas as pd

from osint.errors import GraphError

if TYPE_CHECKING:
    from osint.graph.association import Network

CAVEAT = (
    "This describes what was collected. Accounts whose posts were collected have more ties than those merely named in "
    "them, and a few unseen ties can change the order. A high rank is a reason to look, not a finding about a person."
)

_SAMPLED_ABOVE = 2000
_SAMPLE = 500
_DAMPING = 0.85
_TOLERANCE = 1e-12


def centrality(network: Network, measure: str) -> pd.DataFrame:
    """Rank the nodes of a network by one measure of centrality.

    Every measure counts ties between distinct nodes once, however many relations or posts make them; self-loops count
    for nothing. ``edges`` in ``attrs`` is the number of such ties.

    - ``degree``: distinct neighbours, whatever the direction, over n-1 [1]_.
    - ``in_degree``, ``out_degree``: distinct sources, or targets, over n-1 [1]_.
    - ``betweenness``: share of the shortest directed paths that pass through the node [1]_, by Brandes' algorithm [2]_.
      Exact up to 2,000 nodes; above that estimated from 500 sources drawn with seed 0 [3]_, and ``attrs`` says so.
    - ``closeness``: inverse mean distance from those who reach the node, scaled by their share [4]_.
    - ``eigenvector``: on ties without direction; each component that is not the largest gets 0 [5]_.
    - ``pagerank``: damping 0.85, uniform teleportation [6]_.

    Args:
        network: Graph to measure; it is not changed.
        measure: One of the names above.

    Returns:
        One row per node with ``node``, ``label``, ``kind``, ``value`` (float) and ``rank`` (1 is highest; equal values
        share the best of their ranks), ordered by rank, then node. ``attrs`` holds ``measure``, ``method``,
        ``parameters``, ``nodes``, ``edges`` and ``caveat``.

    Raises:
        GraphError: The measure is unknown.

    References:
        .. [1] L. C. Freeman, "Centrality in social networks: conceptual clarification", Social Networks 1 (1979)
           215-239.
        .. [2] U. Brandes, "A faster algorithm for betweenness centrality", J. Math. Sociology 25 (2001) 163-177.
        .. [3] U. Brandes, C. Pich, "Centrality estimation in large networks", Int. J. Bifurcation and Chaos 17 (2007)
           2303-2318.
        .. [4] S. Wasserman, K. Faust, "Social Network Analysis", Cambridge University Press (1994) 201.
        .. [5] P. Bonacich, "Power and centrality: a family of measures", Am. J. Sociology 92 (1987) 1170-1182.
        .. [6] L. Page, S. Brin, R. Motwani, T. Winograd, "The PageRank citation ranking", Stanford (1999).
    """
    if measure not in _MEASURES:
        raise GraphError(f"unknown measure {measure!r}; known measures: {', '.join(_MEASURES)}")
    ties = _ties(network)
    method, compute = _MEASURES[measure]
    values = compute(ties) if ties else {}
    table = _node_table(network).assign(value=[float(values[node]) for node in sorted(ties)])
    # Symmetric nodes differ in the last bits of a sum; without rounding that noise would decide who is first.
    table["rank"] = table["value"].round(10).rank(method="min", ascending=False).astype("int64")
    table = table.sort_values(["rank", "node"], ignore_index=True)
    table.attrs.update(_account(ties, method, _parameters(measure, ties)), measure=measure)
    return table


def communities(network: Network, resolution: float = 1.0, seed: int = 0) -> pd.DataFrame:
    """Divide a network into groups with more ties inside than chance would give, by the Louvain method [1]_.

    Ties count once, without direction. A group found this way is a pattern in the collected posts; it is not an
    organisation, and being in it is not a membership. Another seed or resolution may divide differently [2]_.

    Args:
        network: Graph to divide; it is not changed.
        resolution: Above 1 favours smaller groups, below 1 larger ones.
        seed: Start of the random order in which nodes are tried. The same seed gives the same groups.

    Returns:
        One row per node with ``node``, ``label``, ``community`` (numbered from 1, largest first) and ``size`` (nodes in
        it), ordered by community, then node. ``attrs`` holds ``method``, ``parameters``, ``modularity`` (None for a
        graph without ties), ``nodes``, ``edges`` and ``caveat``.

    References:
        .. [1] V. D. Blondel, J.-L. Guillaume, R. Lambiotte, E. Lefebvre, "Fast unfolding of communities in large
           networks", J. Stat. Mech. (2008) P10008.
        .. [2] S. Fortunato, M. Barthelemy, "Resolution limit in community detection", PNAS 104 (2007) 36-41.
    """
    ties = _ties(network).to_undirected()
    names = sorted(ties)
    found = nx.community.louvain_communities(ties, resolution=resolution, seed=seed)
    groups = sorted(map(sorted, found), key=lambda group: (-len(group), group))
    member = {node: (number, len(group)) for number, group in enumerate(groups, 1) for node in group}
    table = _node_table(network).drop(columns="kind")
    table["community"] = pd.Series([member[node][0] for node in names], dtype="int64")
    table["size"] = pd.Series([member[node][1] for node in names], dtype="int64")
    table = table.sort_values(["community", "node"], ignore_index=True)
    table.attrs.update(
        _account(ties, "Louvain, undirected, unweighted", {"resolution": resolution, "seed": seed}),
        modularity=nx.community.modularity(ties, map(set, groups), resolution=resolution) if ties.size() else None,
    )
    return table


def _ties(network: Network) -> nx.DiGraph[str]:
    """Return the simple directed graph under a network, nodes and edges in the order of their keys."""
    ties: nx.DiGraph[str] = nx.DiGraph()
    ties.add_nodes_from(sorted(network))
    ties.add_edges_from(sorted({(source, target) for source, target in network.edges() if source != target}))
    return ties


def _node_table(network: Network) -> pd.DataFrame:
    nodes = sorted(network)
    columns = {"node": nodes} | {
        name: [str(network.nodes[node].get(name, "")) for node in nodes] for name in ("label", "kind")
    }
    return pd.DataFrame(columns, dtype="str")


def _account(ties: nx.Graph[str], method: str, parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "method": f"{method}; networkx {nx.__version__}",
        "parameters": parameters,
        "nodes": ties.number_of_nodes(),
        "edges": ties.number_of_edges(),
        "caveat": CAVEAT,
    }


def _parameters(measure: str, ties: nx.DiGraph[str]) -> dict[str, Any]:
    if measure == "betweenness":
        return {"sources": _sources(ties) or len(ties), "of": len(ties), "seed": 0}
    if measure == "pagerank":
        return {"damping": _DAMPING, "tolerance": _TOLERANCE}
    return {}


def _sources(ties: nx.DiGraph[str]) -> int | None:
    return _SAMPLE if len(ties) > _SAMPLED_ABOVE else None


def _degree(ties: nx.DiGraph[str]) -> dict[str, float]:
    return dict(nx.degree_centrality(ties.to_undirected()))


def _betweenness(ties: nx.DiGraph[str]) -> dict[str, float]:
    return dict(nx.betweenness_centrality(ties, k=_sources(ties), seed=0))


def _eigenvector(ties: nx.DiGraph[str]) -> dict[str, float]:
    undirected = ties.to_undirected()
    largest = max(nx.connected_components(undirected), key=lambda component: (len(component), sorted(component)))
    if len(largest) == 1:
        return dict.fromkeys(ties, 0.0)
    component = nx.Graph(undirected.subgraph(sorted(largest)))
    values = nx.eigenvector_centrality(component, max_iter=10_000, tol=1e-10)
    return dict.fromkeys(ties, 0.0) | values


def _pagerank(ties: nx.DiGraph[str]) -> dict[str, float]:
    """Power iteration, here because networkx's own needs SciPy, which is no dependency."""
    nodes = list(ties)
    share = dict.fromkeys(nodes, 1 / len(nodes))
    for _ in range(1000):
        dangling = sum(share[node] for node in nodes if not ties.out_degree(node))
        base = (1 - _DAMPING + _DAMPING * dangling) / len(nodes)
        following = {
            node: base + _DAMPING * sum(share[source] / ties.out_degree(source) for source in ties.predecessors(node))
            for node in nodes
        }
        change = sum(abs(following[node] - share[node]) for node in nodes)
        share = following
        if change < _TOLERANCE:
            break
    return share


_MEASURES: dict[str, tuple[str, Callable[[nx.DiGraph[str]], dict[str, float]]]] = {
    "degree": ("degree centrality, undirected, unweighted", _degree),
    "in_degree": ("in-degree centrality, unweighted", nx.in_degree_centrality),
    "out_degree": ("out-degree centrality, unweighted", nx.out_degree_centrality),
    "betweenness": ("betweenness centrality, directed, unweighted, normalised", _betweenness),
    "closeness": ("closeness centrality, incoming distance, Wasserman-Faust scaling", nx.closeness_centrality),
    "eigenvector": ("eigenvector centrality of the largest component, undirected, unweighted", _eigenvector),
    "pagerank": ("PageRank by power iteration, directed, unweighted", _pagerank),
}
