"""Ways from one node to another, each hop with the exhibits that show it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd

from osint.errors import GraphError
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
    names, ties = sorted(network), ties_of(network, directed=directed)
    start, end = _place(names, source), _place(names, target)
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
    resamples: int | None = None, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Find the way on which something could have come earliest from one node to another, no hop before the last.

    Time-respecting paths [1]_, by the search for the earliest arrival [2]_. Each hop follows the direction of an edge.
    The contacts known of an edge are its first and its last post: a post between them may have made an earlier way, so
    the arrival is the latest that is certain. Edges without a date cannot be used; ``attrs["parameters"]`` counts them.

    Args:
        network: Graph to look in; it is not changed.
        source: Key of the node to start from.
        target: Key of the node to reach.
        since: Instant before which no hop counts.
        resamples: How often a tenth of the edges is hidden; by default 200, and none above 500 nodes.
        seed: Start of what is drawn.

    Returns:
        One row per hop with ``path`` (1), ``hop``, ``source``, ``target``, ``relations``, ``exhibits`` and ``at``. No
        row: no such way in what was collected. ``stability`` says in which share of resamples one is left.

    Raises:
        GraphError: A node is not in the network.

    References:
        .. [1] D. Kempe, J. Kleinberg, A. Kumar, "Connectivity and inference problems for temporal networks", J.
           Computer and System Sciences 64 (2002) 820-842.
        .. [2] B. Bui Xuan, A. Ferreira, A. Jarry, "Computing shortest, fastest, and foremost journeys in dynamic
           networks", Int. J. Foundations of Computer Science 14 (2003) 267-285.
    """
    names, ties = sorted(network), ties_of(network, directed=True)
    start, end = _place(names, source), _place(names, target)
    place = {name: number for number, name in enumerate(names)}
    dated = [edge for edge in network.edges(keys=True, data=True) if edge[3].get("first") and edge[0] != edge[1]]
    contacts = sorted(
        ((place[one], place[two], str(data.get("kind", key)), data) for one, two, key, data in dated),
        key=lambda contact: contact[:3],
    )
    begin = (parse_instant(since) if isinstance(since, str) else since) or datetime.min.replace(tzinfo=UTC)
    way = _earliest(contacts, start, end, begin)
    rows = [
        (1, hop, names[one], names[two], [relation], sorted(data.get("exhibits", ())), at)
        for hop, (one, two, relation, data, at) in enumerate(way, 1)
    ]
    table = _hops(rows, ("at",))
    times = stability.how_many(resamples, ties.nodes)
    connected = _still(contacts, start, end, begin, resamples=times, seed=seed)
    undated = sum(not data.get("first") for _, _, data in network.edges(data=True))
    table.attrs = account(
        network, ties, measure="timed_paths", method="time-respecting path of earliest arrival, directed", seed=seed,
        parameters={"source": source, "target": target, "undated": undated},
        counted="Parallel edges are contacts of their own; self-loops count for nothing.",
        stability=stability.stated(times, seed, ties.nodes, connected=connected),
    )  # fmt: skip
    return table


def _place(names: list[str], node: str) -> int:
    try:
        return names.index(node)
    except ValueError:
        raise GraphError(f"the network has no node {node!r}") from None


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


_Contact = tuple[int, int, str, dict[str, Any]]
_Step = tuple[int, int, str, dict[str, Any], datetime]


def _earliest(contacts: list[_Contact], start: int, end: int, begin: datetime) -> list[_Step]:
    """Return the steps of the earliest arrival; of equally early ones, the one with fewest hops."""
    leaving: dict[int, list[_Contact]] = {}
    for contact in contacts:
        leaving.setdefault(contact[0], []).append(contact)
    waiting: list[tuple[datetime, int, int]] = [(begin, 0, start)]
    reached: dict[int, tuple[datetime, int, _Step | None]] = {start: (begin, 0, None)}
    while waiting:
        now, hops, node = heapq.heappop(waiting)
        if node == end:
            break
        for one, two, relation, data in leaving.get(node, ()):
            at = data["first"] if data["first"] >= now else data["last"]
            if at >= now and (two not in reached or (at, hops + 1) < reached[two][:2]):
                reached[two] = at, hops + 1, (one, two, relation, data, at)
                heapq.heappush(waiting, (at, hops + 1, two))
    steps, node = [], end
    while (found := reached.get(node)) and (step := found[2]):
        steps.append(step)
        node = step[0]
    return steps[::-1]


def _still(
    contacts: list[_Contact], start: int, end: int, begin: datetime, *, resamples: int, seed: int
) -> float | None:
    if not contacts or not _earliest(contacts, start, end, begin):
        return None
    numbers = np.arange(len(contacts))
    stand_in = Ties(0, np.stack([numbers, numbers], axis=1), np.ones(len(contacts)), True)
    left = (fewer.pairs[:, 0].tolist() for fewer, _ in stability.thinned(stand_in, resamples, seed))
    return _share(bool(_earliest([contacts[place] for place in kept], start, end, begin)) for kept in left)
