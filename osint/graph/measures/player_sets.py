"""Sets of nodes that matter together: without whom a network falls apart, or from whom it is reached.

The best set is not the top of a list of single nodes: two brokers between the same circles are worth one.

What a set is good for [1]_. KPP-NEG, the network without the set, removed nodes counted as isolated:

- ``fragment``: F = 1 - sum of s(s-1) / n(n-1) over components of s nodes: the share of pairs that cannot reach each
  other.
- ``fragment_distance``: 1 - sum of 1/d(i, j) / n(n-1) over pairs, so that a longer way counts as half broken.

KPP-POS, how far the set itself reaches:

- ``reach``: share of all nodes, the set among them, that are at most ``steps`` from it.
- ``reach_distance``: mean of 1/d(set, j) over all nodes, 1 for the set itself.

References:
    .. [1] S. P. Borgatti, "Identifying sets of key players in a social network", Computational and Mathematical
       Organization Theory 12 (2006) 21-34.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from osint.errors import GraphError
from osint.graph.measures import arrays, stability
from osint.graph.measures.ties import Floats, Ties, account, node_table, ties_of

if TYPE_CHECKING:
    from osint.graph.association import Network

Value = Callable[[Sequence[int]], float]

_WORK = 10_000_000
_SHOWN = 10
_SAME = 1e-12


def key_players(
    network: Network, *, size: int = 3, goal: str = "fragment", steps: int = 2,
    resamples: int | None = None, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Find the sets of nodes that matter most together. Direction is left out of account.

    Every set is tried where that is little work; else the best single addition is made until the set is full, and
    members are exchanged while that helps. ``attrs`` says which; a set found the second way need not be the best.

    Args:
        network: Graph to measure; it is not changed.
        size: How many nodes a set has.
        goal: What for: a name that this module lists.
        steps: What ``reach`` counts as reached.
        resamples: How often a tenth of the ties is hidden and a set looked for in the second way; by default 200, and
            none above 500 nodes.
        seed: Start of what is drawn.

    Returns:
        One row per set and node with ``set`` (sets that do equally well, at most ten), ``node``, ``label``, ``kind``
        and ``in_set`` (share of resamples in which the node is in the set found). ``attrs["parameters"]`` holds
        ``value``, ``before`` (that of no set at all), ``sets`` and ``search``.

    Raises:
        GraphError: The goal is unknown, or the network has fewer nodes than a set.
    """
    if goal not in _GOALS:
        raise GraphError(f"unknown goal {goal!r}; known goals: {', '.join(_GOALS)}")
    names, ties = sorted(network), ties_of(network, directed=False)
    if not 0 < size <= ties.nodes:
        raise GraphError(f"a set of {size} cannot be taken from {ties.nodes} nodes")
    value_of = _GOALS[goal].prepare(ties, steps)
    found = _search(value_of, ties, size, _GOALS[goal].cost(ties))
    times = stability.how_many(resamples, ties.nodes)
    shares = _shares(ties, goal, steps, size, resamples=times, seed=seed) if times else None
    table = _table(network, names, found.sets[:_SHOWN], shares)
    counted = {"size": size, "goal": goal} | ({"steps": steps} if goal == "reach" else {})
    result = {"value": found.value, "before": value_of(()), "sets": len(found.sets), "search": found.search}
    table.attrs = account(
        network, ties, measure="key_players", method=f"{_GOALS[goal].method}, undirected; {found.search}",
        engine="numpy", seed=seed, stability=stability.stated(times, seed, ties.nodes), parameters=counted | result,
    )  # fmt: skip
    return table


def fragmentation(ties: Ties, removed: Collection[int] = ()) -> float:
    """Return F of a network without some nodes, which count as isolated."""
    return _fragmented(_neighbours(ties), removed)[0]


def largest_component(ties: Ties, removed: Collection[int] = ()) -> int:
    return _fragmented(_neighbours(ties), removed)[1]


class _Goal(NamedTuple):
    method: str
    prepare: Callable[[Ties, int], Value]
    cost: Callable[[Ties], int]


class _Found(NamedTuple):
    sets: list[tuple[int, ...]]
    value: float
    search: str


def _search(value_of: Value, ties: Ties, size: int, cost: int) -> _Found:
    number = comb(ties.nodes, size)
    if number * cost > _WORK:
        best = _improved(value_of, ties.nodes, size)
        return _Found([best], value_of(best), "the best addition each time, then exchanges; a better set may exist")
    best_sets: list[tuple[int, ...]] = []
    best_value = -1.0
    for each in combinations(range(ties.nodes), size):
        value = value_of(each)
        if value > best_value + _SAME:
            best_sets, best_value = [each], value
        elif value > best_value - _SAME:
            best_sets.append(each)
    return _Found(best_sets, best_value, f"all {number} sets tried")


def _improved(value_of: Value, nodes: int, size: int) -> tuple[int, ...]:
    chosen: list[int] = []
    while len(chosen) < size:
        outside = [node for node in range(nodes) if node not in chosen]
        chosen.append(max(outside, key=lambda node: (round(value_of([*chosen, node]), 12), -node)))
    best, improving = value_of(chosen), True
    while improving:
        improving = False
        for position in range(size):
            rest = chosen[:position] + chosen[position + 1 :]
            for node in range(nodes):
                if node not in chosen and (value := value_of([*rest, node])) > best + _SAME:
                    chosen, best, improving = [*rest, node], value, True
                    break
    return tuple(sorted(chosen))


def _shares(ties: Ties, goal: str, steps: int, size: int, *, resamples: int, seed: int) -> Floats:
    counted = np.zeros(ties.nodes)
    for fewer, _ in stability.thinned(ties, resamples, seed):
        counted[list(_improved(_GOALS[goal].prepare(fewer, steps), ties.nodes, size))] += 1
    return counted / resamples


def _table(network: Network, names: list[str], sets: list[tuple[int, ...]], shares: Floats | None) -> pd.DataFrame:
    rows = [(number, node) for number, each in enumerate(sets, 1) for node in each]
    table = node_table(network, [names[node] for _, node in rows])
    table.insert(0, "set", pd.Series([number for number, _ in rows], dtype="int64"))
    if shares is not None:
        table["in_set"] = pd.Series([shares[node] for _, node in rows], dtype="float64")
    return table


def _neighbours(ties: Ties) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(ties.nodes)]
    for start, end in ties.pairs.tolist():
        found[start].append(end)
        found[end].append(start)
    return found


def _fragmented(neighbours: list[list[int]], removed: Collection[int]) -> tuple[float, int]:
    seen = bytearray(len(neighbours))
    for node in removed:
        seen[node] = 1
    connected = largest = 0
    for first in range(len(neighbours)):
        if seen[first]:
            continue
        seen[first], component = 1, [first]
        for node in component:
            for other in neighbours[node]:
                if not seen[other]:
                    seen[other] = 1
                    component.append(other)
        connected += len(component) * (len(component) - 1)
        largest = max(largest, len(component))
    pairs = len(neighbours) * (len(neighbours) - 1)
    return (1 - connected / pairs if pairs else 0.0), largest


def _fragment(ties: Ties, _: int) -> Value:
    neighbours = _neighbours(ties)
    return lambda removed: _fragmented(neighbours, removed)[0]


def _fragment_distance(ties: Ties, _: int) -> Value:
    return partial(_broken, ties)


def _broken(ties: Ties, removed: Sequence[int]) -> float:
    left = np.setdiff1d(np.arange(ties.nodes), np.asarray(removed, dtype=np.int64))
    steps = arrays.distances(ties.among(left))
    near = np.divide(1, steps, out=np.zeros_like(steps), where=steps > 0)
    pairs = ties.nodes * (ties.nodes - 1)
    return float(1 - near.sum() / pairs) if pairs else 0.0


def _reach(ties: Ties, steps: int) -> Value:
    reached = arrays.distances(ties) <= steps
    return lambda chosen: float(reached[list(chosen)].any(axis=0).mean()) if len(chosen) else 0.0


def _reach_distance(ties: Ties, _: int) -> Value:
    near = 1 / np.maximum(arrays.distances(ties), 1)
    return lambda chosen: float(near[list(chosen)].max(axis=0).mean()) if len(chosen) else 0.0


def _by_ties(ties: Ties) -> int:
    return ties.nodes + len(ties.pairs)


_GOALS = {
    "fragment": _Goal("KPP-NEG, fragmentation F", _fragment, _by_ties),
    "fragment_distance": _Goal(
        "KPP-NEG, distance-weighted fragmentation", _fragment_distance, lambda ties: ties.nodes * _by_ties(ties)
    ),
    "reach": _Goal("KPP-POS, reach", _reach, lambda ties: ties.nodes),
    "reach_distance": _Goal("KPP-POS, distance-weighted reach", _reach_distance, lambda ties: ties.nodes),
}
