"""When ties were made: line by line beside each other, and where contacts crowd."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from osint.errors import GraphError
from osint.graph.contacts import Contact, basis, contacts
from osint.graph.measures import stability
from osint.graph.measures.ties import account, node_table, ties_of
from osint.graph.measures.windows import windows

if TYPE_CHECKING:
    from osint.graph.association import Network

_FEWEST = 3


def activity(network: Network, *, window: str = "7D", posts: pd.DataFrame | None = None) -> pd.DataFrame:
    """Lay the ties of each two nodes beside each other in time, all relations and both directions as one bundle.

    A window without a contact has no row: nothing was collected of it.

    Args:
        network: Graph to read; it is not changed.
        window: Length of a window, as pandas writes it: ``7D``, ``12h``.
        posts: The posts table, so that every post counts; without it the first and the last of each edge.

    Returns:
        One row per pair and window with ``one``, ``other``, ``start`` and ``end`` (not in it) of the window,
        ``contacts`` (distinct instants in it), ``relations`` and ``exhibits`` (of its posts where the posts table is
        given, else all of its edges), the pair whose first contact is earliest first.

    Raises:
        GraphError: No edge has a date, the length is none, or there would be more than 500 windows.
    """
    dated = [edge for edge in contacts(network, posts) if edge.instants]
    spans = windows([edge.instants for edge in dated], window, window)
    bundles: defaultdict[tuple[str, str], list[Contact]] = defaultdict(list)
    for edge in dated:
        bundles[min(edge.source, edge.target), max(edge.source, edge.target)].append(edge)
    first = {pair: min(edge.instants[0] for edge in edges) for pair, edges in bundles.items()}
    rows = [
        (*pair, start, end, *_told(edges, start, end))
        for pair, edges in sorted(bundles.items(), key=lambda each: (first[each[0]], each[0]))
        for start, end in spans
        if any(start <= moment < end for edge in edges for moment in edge.instants)
    ]
    table = pd.DataFrame(rows, columns=["one", "other", "start", "end", "contacts", "relations", "exhibits"])
    table = table.astype({"one": "str", "other": "str", "contacts": "int64"} | _INSTANTS)
    table.attrs = account(
        network, ties_of(network, directed=False), measure="activity",
        method=f"contacts in windows of {window}; contacts of an edge: {basis(posts)}",
        parameters={"window": window, "windows": len(spans)},
        counted="Parallel edges are one bundle; self-loops count for nothing.",
        stability="Not measured: it counts what was collected, and ranks nothing.",
    )  # fmt: skip
    return table


def bursts(
    network: Network, *, posts: pd.DataFrame | None = None, scaling: float = 2.0, gamma: float = 1.0,
    resamples: int | None = None, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Find when contacts of a node come faster than they usually do, by the automaton of two states of [1]_.

    The gaps between its contacts are taken as drawn at the usual rate n / T, or at ``scaling`` times that; going over
    to the faster one costs gamma ln n, and the cheapest run of states says when it was a burst. A node with fewer than
    three contacts has none. A burst may be one of collecting: look at what was collected when.

    Args:
        network: Graph to read; it is not changed.
        posts: The posts table, so that every post counts; without it the first and the last of each edge.
        scaling: How many times faster than usual contacts have to come.
        gamma: How much it costs to go over: more finds fewer bursts.
        resamples: How often a tenth of the edges is hidden; by default 200, and none above 500 nodes.
        seed: Start of what is drawn.

    Returns:
        One row per burst with ``node``, ``label``, ``kind``, ``start``, ``end``, ``contacts`` in it, ``exhibits`` (of
        its posts where the posts table is given, else all of their edges) and ``stays`` (share of resamples in which a
        burst of the node overlaps with it).

    Raises:
        GraphError: ``scaling`` is not above 1, or ``gamma`` below 0.

    References:
        .. [1] J. Kleinberg, "Bursty and hierarchical structure in streams", Proc. 8th ACM SIGKDD (2002) 91-101.
    """
    if scaling <= 1 or gamma < 0:
        raise GraphError("a burst is faster than usual: scaling is above 1, and gamma at least 0")
    dated = [edge for edge in contacts(network, posts) if edge.instants]
    found = _bursts(dated, scaling, gamma)
    rows = [(node, burst) for node in sorted(found) for burst in found[node]]
    table = node_table(network, [node for node, _ in rows])
    for name in ("start", "end"):
        table[name] = pd.Series([getattr(burst, name) for _, burst in rows], dtype="datetime64[us, UTC]")
    table["contacts"] = pd.Series([burst.contacts for _, burst in rows], dtype="int64")
    table["exhibits"] = pd.Series([_exhibits(dated, node, burst) for node, burst in rows], dtype="object")
    times = stability.how_many(resamples, len(network))
    if times:
        table["stays"] = pd.Series(_stays(dated, rows, scaling, gamma, resamples=times, seed=seed), dtype="float64")
    table.attrs = account(
        network, ties_of(network, directed=False), measure="bursts", seed=seed,
        method=f"bursts by an automaton of two states; contacts of an edge: {basis(posts)}",
        parameters={"scaling": scaling, "gamma": gamma},
        counted="Parallel edges add their instants; self-loops count for nothing.",
        stability=stability.stated(times, seed, len(network)),
    )  # fmt: skip
    return table


class _Burst(NamedTuple):
    start: datetime
    end: datetime
    contacts: int


_INSTANTS = dict.fromkeys(("start", "end"), "datetime64[us, UTC]")


def _told(edges: list[Contact], start: datetime, end: datetime) -> tuple[Any, ...]:
    within = [edge for edge in edges if any(start <= moment < end for moment in edge.instants)]
    moments = {moment for edge in within for moment in edge.instants if start <= moment < end}
    exhibits = {each for edge in within for each in edge.exhibits([at for at in edge.instants if start <= at < end])}
    return len(moments), sorted({edge.relation for edge in within}), sorted(exhibits)


def _bursts(edges: Iterable[Contact], scaling: float, gamma: float) -> dict[str, list[_Burst]]:
    of_node: defaultdict[str, set[datetime]] = defaultdict(set)
    for edge in edges:
        for node in (edge.source, edge.target):
            of_node[node].update(edge.instants)
    return {
        node: _runs(sorted(instants), scaling, gamma) for node, instants in of_node.items() if len(instants) >= _FEWEST
    }


def _runs(instants: list[datetime], scaling: float, gamma: float) -> list[_Burst]:
    """Return the runs of gaps in the faster state, of the cheapest sequence of states (Viterbi's algorithm)."""
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(instants)]
    usual = len(gaps) / sum(gaps)
    rates, up = (usual, scaling * usual), gamma * math.log(len(gaps))
    costs, came_from = [0.0, up], []
    for gap in gaps:
        step = [min((costs[0] + (up if state else 0.0), 0), (costs[1], 1)) for state in (0, 1)]
        came_from.append([origin for _, origin in step])
        costs = [cost - math.log(rate) + rate * gap for (cost, _), rate in zip(step, rates, strict=True)]
    state = int(costs[1] < costs[0])
    states = []
    for origins in reversed(came_from):
        states.append(state)
        state = origins[state]
    return list(_joined(instants, states[::-1]))


def _joined(instants: list[datetime], states: list[int]) -> Iterable[_Burst]:
    start: int | None = None
    for place, state in enumerate([*states, 0]):
        if state and start is None:
            start = place
        elif not state and start is not None:
            yield _Burst(instants[start], instants[place], place - start + 1)
            start = None


def _exhibits(edges: list[Contact], node: str, burst: _Burst) -> list[str]:
    within = [
        (edge, [at for at in edge.instants if burst.start <= at <= burst.end])
        for edge in edges
        if node in (edge.source, edge.target)
    ]
    return sorted({exhibit for edge, moments in within if moments for exhibit in edge.exhibits(moments)})


def _stays(
    edges: list[Contact], rows: list[tuple[str, _Burst]], scaling: float, gamma: float, *, resamples: int, seed: int
) -> list[float]:
    held = [0] * len(rows)
    for kept in stability.kept(len(edges), resamples, seed):
        found = _bursts([edges[place] for place in kept], scaling, gamma)
        for place, (node, burst) in enumerate(rows):
            held[place] += any(each.start <= burst.end and each.end >= burst.start for each in found.get(node, ()))
    return [number / resamples for number in held]
