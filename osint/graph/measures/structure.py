"""What holds a network together: bridges, articulation points, cliques."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import combinations, islice
from typing import TYPE_CHECKING, Any, cast

import networkx as nx
import pandas as pd

from osint.errors import GraphError
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


def cliques(
    network: Network, *, smallest: int = 3, missing: int = 0, resamples: int | None = None, seed: int = 0
) -> pd.DataFrame:
    """Find the largest sets in which everyone is tied to everyone, and to which nobody can be added [1]_ [2]_.

    With ``missing``, each may lack ties to so many others of the set (a k-plex [3]_, k = missing + 1); such sets have
    at least 2k - 1 nodes, so that they hold together. Direction is left out of account. Photographs or posts that many
    share make such sets by themselves. At most 100 sets are returned, the largest first. The search ends after 100,000
    steps; ``attrs["parameters"]["all"]`` says whether there may be more, and a larger ``smallest`` shortens it.

    Returns:
        One row per set and node with ``clique`` (its number), ``size``, ``node``, ``label``, ``kind`` and ``stays``
        (share of resamples, a tenth of the ties hidden, in which no tie of the set is among those hidden).

    Raises:
        GraphError: ``missing`` is less than 0.

    References:
        .. [1] R. D. Luce, A. D. Perry, "A method of matrix analysis of group structure", Psychometrika 14 (1949)
           95-116.
        .. [2] C. Bron, J. Kerbosch, "Algorithm 457: finding all cliques of an undirected graph", Communications of the
           ACM 16 (1973) 575-577.
        .. [3] S. B. Seidman, B. L. Foster, "A graph-theoretic generalization of the clique concept", J. Math. Sociology
           6 (1978) 139-154.
    """
    if missing < 0:
        raise GraphError("missing is the number of ties that each may lack: 0 or more")
    names, ties = sorted(network), ties_of(network, directed=False)
    smallest = max(smallest, 2 * missing + 1)
    looked, whole = _plexes(ties, missing + 1, smallest) if missing else _cliques(ties)
    found = sorted((sorted(each) for each in looked if len(each) >= smallest), key=lambda each: (-len(each), each))
    shown, times = found[:_LIMIT], stability.how_many(resamples, ties.nodes)
    rows = [(number, len(each), names[node]) for number, each in enumerate(shown, 1) for node in each]
    table = node_table(network, [node for _, _, node in rows])
    table.insert(0, "clique", pd.Series([number for number, _, _ in rows], dtype="int64"))
    table.insert(1, "size", pd.Series([size for _, size, _ in rows], dtype="int64"))
    if times:
        stays = _whole(ties, shown, times, seed)
        table["stays"] = pd.Series([stays[number - 1] for number, _, _ in rows], dtype="float64")
    what = "maximal cliques by Bron and Kerbosch" if not missing else f"maximal {missing + 1}-plexes"
    table.attrs = account(
        network, ties, measure="cliques", method=f"{what}, undirected", seed=seed,
        parameters={"smallest": smallest, "missing": missing, "found": len(found), "all": whole},
        stability=stability.stated(times, seed, ties.nodes),
    )  # fmt: skip
    return table


def _cliques(ties: Ties) -> tuple[list[list[int]], bool]:
    """Return maximal cliques, and whether they are all."""
    looked = list(islice(nx.find_cliques(ties.graph()), _LOOKED_AT))
    return looked, len(looked) < _LOOKED_AT


def _plexes(ties: Ties, most: int, smallest: int) -> tuple[list[list[int]], bool]:
    """Return maximal sets in which each node, itself counted, lacks at most ``most`` ties, and whether they are all.

    A set as large as is asked lies in the core of nodes with enough ties, and any two of it are at most two steps
    apart: what is further from the first node is never tried.
    """
    core = sorted(nx.k_core(ties.graph(), smallest - most))
    tied: dict[int, set[int]] = {node: {node} for node in core}
    for start, end in ties.pairs.tolist():
        if start in tied and end in tied:
            tied[start].add(end)
            tied[end].add(start)
    search = _PlexSearch(tied, most, smallest)
    for first in core:
        near = sorted({two for one in tied[first] for two in tied[one]} - {first})
        search.grow([first], [each for each in near if each > first], [each for each in near if each < first])
    return search.found, search.steps < _LOOKED_AT


class _PlexSearch:
    """Bron and Kerbosch's search, for sets that stay what is asked for when a node is taken out."""

    def __init__(self, tied: dict[int, set[int]], most: int, smallest: int) -> None:
        self.tied, self.most, self.smallest = tied, most, smallest
        self.found: list[list[int]] = []
        self.steps = 0

    def grow(self, members: list[int], later: list[int], tried: list[int]) -> None:
        """Add what can still be added; what was tried before only tells whether a set is maximal."""
        self.steps += 1
        if self.steps >= _LOOKED_AT or len(members) + len(later) < self.smallest:
            return
        if not later and not tried:
            self.found.append(members)
        for place, node in enumerate(later):
            larger = [*members, node]
            after = [each for each in later[place + 1 :] if self._fits(each, larger)]
            before = [each for each in [*tried, *later[:place]] if self._fits(each, larger)]
            self.grow(larger, after, before)

    def _fits(self, node: int, members: list[int]) -> bool:
        larger = [*members, node]
        return all(len(larger) - sum(other in self.tied[each] for other in larger) < self.most for each in larger)


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
    needed = [{place[pair] for pair in combinations(each, 2) if pair in place} for each in sets]
    whole: Counter[int] = Counter()
    for _, gone in stability.thinned(ties, resamples, seed):
        lost = set(gone.tolist())
        whole.update(number for number, ties_needed in enumerate(needed) if not ties_needed & lost)
    return [whole[number] / resamples for number in range(len(sets))]
