"""What holds a network together: bridges, articulation points, cliques."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import networkx as nx
import pandas as pd

from osint.graph.measures import stability
from osint.graph.measures.ties import Ties, account, node_table, ties_of

if TYPE_CHECKING:
    from osint.graph.association import Network

_LOOKED_AT = 100_000
_LIMIT = 100


def articulation_points(network: Network, *, resamples: int | None = None, seed: int = 0) -> pd.DataFrame:
    """Find the nodes without which a component falls apart, by Tarjan's search [1]_. Direction is left out of account.

    A tie that nobody saw may lead around such a node. ``stability`` says how often that happens when a tenth of the
    ties is hidden: ``false``, the mean share of the points found then that are none.

    Returns:
        One row per point with ``node``, ``label``, ``kind``, ``parts`` (into which its component falls) and ``cut_off``
        (nodes outside the largest of them), those that cut off most first.

    References:
        .. [1] J. Hopcroft, R. Tarjan, "Algorithm 447: efficient algorithms for graph manipulation", Communications of
           the ACM 16 (1973) 372-378.
    """
    names, ties = sorted(network), ties_of(network, directed=False)
    graph = ties.graph()
    points = sorted(nx.articulation_points(graph))
    table = node_table(network, [names[point] for point in points])
    parts = [_parts_without(graph, point) for point in points]
    table["parts"] = pd.Series([len(each) for each in parts], dtype="int64")
    table["cut_off"] = pd.Series([sum(each) - max(each) for each in parts], dtype="int64")
    table = table.sort_values(["cut_off", "node"], ascending=[False, True], ignore_index=True)
    held = _held(ties, _points, resamples, seed)
    table.attrs = account(
        network,
        ties,
        measure="articulation_points",
        method="articulation points, undirected",
        seed=seed,
        stability=held,
    )
    return table


def bridges(network: Network, *, resamples: int | None = None, seed: int = 0) -> pd.DataFrame:
    """Find the ties without which a component falls apart [1]_. Direction is left out of account.

    A tie that nobody saw may lead around a bridge; ``stability`` says how often, as for articulation points.

    Returns:
        One row per bridge with ``source``, ``target``, ``relations``, ``exhibits`` and ``cut_off`` (nodes on its
        smaller side), those that cut off most first.

    References:
        .. [1] R. E. Tarjan, "A note on finding the bridges of a graph", Information Processing Letters 2 (1974)
           160-161.
    """
    names, ties = sorted(network), ties_of(network, directed=False)
    graph = ties.graph()
    rows = []
    for start, end in sorted(_bridges(ties)):
        source, target = names[start], names[end]
        shown = shown_by(edges_between(network, source, target, directed=False))
        rows.append((source, target, *shown, _smaller_side(graph, start, end)))
    table = pd.DataFrame(rows, columns=["source", "target", "relations", "exhibits", "cut_off"])
    table = table.astype({"source": "str", "target": "str", "cut_off": "int64"})
    table = table.sort_values(["cut_off", "source", "target"], ascending=[False, True, True], ignore_index=True)
    held = _held(ties, _bridges, resamples, seed)
    table.attrs = account(network, ties, measure="bridges", method="bridges, undirected", seed=seed, stability=held)
    return table


def cliques(network: Network, *, smallest: int = 3, resamples: int | None = None, seed: int = 0) -> pd.DataFrame:
    """Find the largest sets in which everyone is tied to everyone, and to which nobody can be added [1]_ [2]_.

    Direction is left out of account. Photographs or posts that many share make such sets by themselves. At most 100
    sets are returned, the largest first; where there are more than 100,000, only so many are looked at, and ``attrs``
    says so.

    Returns:
        One row per set and node with ``clique`` (its number), ``size``, ``node``, ``label``, ``kind`` and ``stays``
        (share of resamples, a tenth of the ties hidden, in which no tie of the set is among those hidden).

    References:
        .. [1] R. D. Luce, A. D. Perry, "A method of matrix analysis of group structure", Psychometrika 14 (1949)
           95-116.
        .. [2] C. Bron, J. Kerbosch, "Algorithm 457: finding all cliques of an undirected graph", Communications of the
           ACM 16 (1973) 575-577.
    """
    names, ties = sorted(network), ties_of(network, directed=False)
    looked = list(islice(nx.find_cliques(ties.graph()), _LOOKED_AT))
    found = sorted((sorted(each) for each in looked if len(each) >= smallest), key=lambda each: (-len(each), each))
    shown, times = found[:_LIMIT], stability.how_many(resamples, ties.nodes)
    rows = [(number, len(each), names[node]) for number, each in enumerate(shown, 1) for node in each]
    table = node_table(network, [node for _, _, node in rows])
    table.insert(0, "clique", pd.Series([number for number, _, _ in rows], dtype="int64"))
    table.insert(1, "size", pd.Series([size for _, size, _ in rows], dtype="int64"))
    if times:
        stays = _whole(ties, shown, times, seed)
        table["stays"] = pd.Series([stays[number - 1] for number, _, _ in rows], dtype="float64")
    table.attrs = account(
        network, ties, measure="cliques", method="maximal cliques by Bron and Kerbosch, undirected", seed=seed,
        parameters={"smallest": smallest, "found": len(found), "all": len(looked) < _LOOKED_AT},
        stability=stability.stated(times, seed, ties.nodes),
    )  # fmt: skip
    return table


def edges_between(network: Network, one: str, two: str, *, directed: bool) -> list[dict[str, Any]]:
    """Return the attributes of the edges from one node to another, and of those back where direction does not count."""
    ends = [(one, two)] if directed else [(one, two), (two, one)]
    return [
        {"kind": key} | data for start, end in ends for key, data in (network.get_edge_data(start, end) or {}).items()
    ]


def shown_by(edges: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Return the relations of edges, and the exhibits that show them."""
    exhibits = {exhibit for data in edges for exhibit in data.get("exhibits", ())}
    return sorted({str(data["kind"]) for data in edges}), sorted(exhibits)


def _parts_without(graph: nx.Graph[int], point: int) -> list[int]:
    component = nx.node_connected_component(graph, point) - {point}
    return [len(part) for part in nx.connected_components(graph.subgraph(component))]


def _smaller_side(graph: nx.Graph[Any], start: int, end: int) -> int:
    whole = len(nx.node_connected_component(graph, start))
    cut = nx.restricted_view(graph, [], [(start, end)])
    one = len(nx.node_connected_component(cut, start))
    return min(one, whole - one)


def _points(ties: Ties) -> set[int]:
    return set(nx.articulation_points(ties.graph()))


def _bridges(ties: Ties) -> set[tuple[int, int]]:
    return {(min(tie), max(tie)) for tie in cast("list[tuple[int, int]]", list(nx.bridges(ties.graph())))}


def _held(ties: Ties, find: Callable[[Ties], set[Any]], resamples: int | None, seed: int) -> dict[str, Any] | str:
    times, real = stability.how_many(resamples, ties.nodes), find(ties)
    found = [find(fewer) for fewer, _ in stability.thinned(ties, times, seed)]
    shares = [len(each - real) / len(each) for each in found if each]
    return stability.stated(times, seed, ties.nodes, false=sum(shares) / len(shares) if shares else None)


def _whole(ties: Ties, sets: list[list[int]], resamples: int, seed: int) -> list[float]:
    place = {(int(start), int(end)): number for number, (start, end) in enumerate(ties.pairs)}
    needed = [{place[one, two] for position, one in enumerate(each) for two in each[position + 1 :]} for each in sets]
    whole: Counter[int] = Counter()
    for _, gone in stability.thinned(ties, resamples, seed):
        lost = set(gone.tolist())
        whole.update(number for number, ties_needed in enumerate(needed) if not ties_needed & lost)
    return [whole[number] / resamples for number in range(len(sets))]
