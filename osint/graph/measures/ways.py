"""Ways from one node to another, each hop with the exhibits that show it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import networkx as nx
import pandas as pd

from osint.errors import GraphError
from osint.graph.contacts import Contact, basis, contacts
from osint.graph.measures import stability
from osint.graph.measures.structure import edges_between, shown_by
from osint.graph.measures.ties import Ties, account, ties_of
from osint.instants import parse_instant

if TYPE_CHECKING:
    from osint.graph.association import Network

_HOP = ("path", "hop", "source", "target", "relations", "exhibits")


def paths(
    network: Network, *, source: str, target: str, count: int = 3, directed: bool = False,
    resamples: int | None = None, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Find the shortest ways from one node to another, by Yen's algorithm [1]_; none visits a node twice.

    A way through what many share (a hashtag, a news site) says little; look at each hop. ``stability`` says in which
    share of resamples, a tenth of the ties hidden, there still is a way (``connected``), and one as short
    (``as_short``).

    Args:
        network: Graph to look in; it is not changed.
        source: Key of the node to start from.
        target: Key of the node to reach.
        count: How many ways, at the most.
        directed: Whether a hop has to follow the direction of an edge.
        resamples: How often a tenth of the ties is hidden; by default 200, and none above 500 nodes.
        seed: Start of what is drawn.

    Returns:
        One row per hop with ``path``, ``hop``, ``source``, ``target``, ``relations``, ``exhibits``, ``first`` and
        ``last``. No row: there is no way in what was collected.

    Raises:
        GraphError: A node is not in the network.

    References:
        .. [1] J. Y. Yen, "Finding the k shortest loopless paths in a network", Management Science 17 (1971) 712-716.
    """
    _check_nodes(network, source, target)
    names, ties = sorted(network), ties_of(network, directed=directed)
    start, end = names.index(source), names.index(target)
    found = list(islice(_ways(ties, start, end), count))
    rows: list[tuple[Any, ...]] = []
    for number, way in enumerate(found, 1):
        for hop, (one, two) in enumerate(pairwise(way), 1):
            shown = _shown(network, names[one], names[two], directed=directed)
            rows.append((number, hop, names[one], names[two], *shown))
    table = _hops(rows, ("first", "last"))
    table.attrs = account(
        network, ties, measure="paths", method=f"shortest simple paths, {'' if directed else 'un'}directed, unweighted",
        seed=seed, parameters={"source": source, "target": target, "count": count},
        stability=_stays(ties, start, end, len(found[0]) - 1 if found else None, resamples=resamples, seed=seed),
    )  # fmt: skip
    return table


def timed_paths(
    network: Network, *, source: str, target: str, since: datetime | str | None = None,
    posts: pd.DataFrame | None = None, resamples: int | None = None, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Find the chain of contacts that leads earliest from one node to another, no hop before the last.

    Time-respecting paths [1]_, by the search for the earliest arrival [2]_; of equally early ones, the one of fewest
    hops. Each hop follows the direction of an edge:
    who turned to whom. That anything was passed on it does not say; an announce or a quote leads from who passed a post
    on to who wrote it, against the way of its words. Without the posts table the contacts known of an edge are its
    first and its last post: a post between them may have made an earlier way, so the arrival is the latest that is
    certain. Edges without a date cannot be used; ``attrs["parameters"]`` counts them.

    Args:
        network: Graph to look in; it is not changed.
        source: Key of the node to start from.
        target: Key of the node to reach.
        since: Instant before which no hop counts.
        posts: The posts table, so that every post of an edge is a contact.
        resamples: How often a tenth of the edges is hidden; by default 200, and none above 500 nodes.
        seed: Start of what is drawn.

    Returns:
        One row per hop with ``path`` (1), ``hop``, ``source``, ``target``, ``relations``, ``exhibits`` (of the posts of
        that instant where the posts table is given, else all of the edge) and ``at``. No row: no such way in what was
        collected. ``stability`` says in which share of resamples one is left.

    Raises:
        GraphError: A node is not in the network.

    References:
        .. [1] D. Kempe, J. Kleinberg, A. Kumar, "Connectivity and inference problems for temporal networks", J.
           Computer and System Sciences 64 (2002) 820-842.
        .. [2] B. Bui Xuan, A. Ferreira, A. Jarry, "Computing shortest, fastest, and foremost journeys in dynamic
           networks", Int. J. Foundations of Computer Science 14 (2003) 267-285.
    """
    _check_nodes(network, source, target)
    begin = (parse_instant(since) if isinstance(since, str) else since) or datetime.min.replace(tzinfo=UTC)
    dated = [contact for contact in contacts(network, posts) if contact.instants]
    way = _earliest(dated, source, target, begin)
    rows = [
        (1, hop, edge.source, edge.target, [edge.relation], sorted(edge.exhibits([at])), at)
        for hop, (edge, at) in enumerate(way, 1)
    ]
    table = _hops(rows, ("at",))
    times = stability.how_many(resamples, len(network))
    connected = _still(dated, source, target, begin, resamples=times, seed=seed)
    undated = sum(not data.get("first") for _, _, data in network.edges(data=True))
    table.attrs = account(
        network, ties_of(network, directed=True), measure="timed_paths", seed=seed,
        method=f"time-respecting path of earliest arrival, directed; contacts of an edge: {basis(posts)}",
        parameters={"source": source, "target": target, "undated": undated},
        counted="Parallel edges are contacts of their own; self-loops count for nothing.",
        stability=stability.stated(times, seed, len(network), connected=connected),
    )  # fmt: skip
    return table


def _check_nodes(network: Network, *nodes: str) -> None:
    for node in nodes:
        if node not in network:
            raise GraphError(f"the network has no node {node!r}")


def _ways(ties: Ties, start: int, end: int) -> Iterator[list[int]]:
    try:
        yield from nx.shortest_simple_paths(ties.graph(), start, end)
    except nx.NetworkXNoPath:
        return


def _shown(network: Network, one: str, two: str, *, directed: bool) -> tuple[Any, ...]:
    edges = edges_between(network, one, two, directed=directed)
    first = min((data["first"] for data in edges if data.get("first")), default=None)
    last = max((data["last"] for data in edges if data.get("last")), default=None)
    return *shown_by(edges), first, last


def _hops(rows: list[tuple[Any, ...]], instants: tuple[str, ...]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=[*_HOP, *instants])
    kinds = {"path": "int64", "hop": "int64", "source": "str", "target": "str"}
    return table.astype(kinds | dict.fromkeys(instants, "datetime64[us, UTC]"))


def _stays(
    ties: Ties, start: int, end: int, length: int | None, *, resamples: int | None, seed: int
) -> dict[str, Any] | str:
    times = stability.how_many(resamples, ties.nodes)
    found = (
        [_length(fewer, start, end) for fewer, _ in stability.thinned(ties, times, seed)] if length is not None else []
    )
    return stability.stated(
        times, seed, ties.nodes,
        connected=_share(each is not None for each in found), as_short=_share(each == length for each in found),
    )  # fmt: skip


def _length(ties: Ties, start: int, end: int) -> int | None:
    try:
        return int(nx.shortest_path_length(ties.graph(), start, end))
    except nx.NetworkXNoPath:
        return None


def _share(held: Iterable[bool]) -> float | None:
    found = list(held)
    return sum(found) / len(found) if found else None


_Step = tuple[Contact, datetime]


def _earliest(edges: list[Contact], start: str, end: str, begin: datetime) -> list[_Step]:
    """Return the steps of the earliest arrival; of equally early ones, those of fewest hops.

    Each round is one hop more, and keeps whom it reaches earlier than all before it: a node that fewer hops reach later
    may still be in time for the contact that leads on.
    """
    leaving: dict[str, list[Contact]] = {}
    for edge in edges:
        leaving.setdefault(edge.source, []).append(edge)
    arrived = {start: begin}
    rounds: list[dict[str, _Step]] = []
    now = {start: begin}
    while now:
        reached: dict[str, _Step] = {}
        for edge in [edge for node in now for edge in leaving.get(node, ())]:
            for at in edge.instants[bisect_left(edge.instants, now[edge.source]) :][:1]:
                if all(at < arrived[node] for node in (edge.target, end) if node in arrived):
                    arrived[edge.target] = at
                    reached[edge.target] = edge, at
        rounds.append(reached)
        now = {node: at for node, (_, at) in reached.items()}
    return _back(rounds, end)


def _back(rounds: list[dict[str, _Step]], end: str) -> list[_Step]:
    """Return the steps that lead to a node, from the last round that reached it."""
    steps: list[_Step] = []
    for reached in reversed(rounds):
        if end in reached:
            steps.append(reached[end])
            end = reached[end][0].source
    return steps[::-1]


def _still(edges: list[Contact], start: str, end: str, begin: datetime, *, resamples: int, seed: int) -> float | None:
    if not edges or not _earliest(edges, start, end, begin):
        return None
    left = stability.kept(len(edges), resamples, seed)
    return _share(bool(_earliest([edges[place] for place in kept], start, end, begin)) for kept in left)
