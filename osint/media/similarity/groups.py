"""Groups of hashes around a medoid. They do not percolate: a chain of near neighbours does not join its two ends.

Every member lies within the radius of one of them, so each can be laid beside that one and judged. Whoever has the most
near ones that are not in a group yet gets them; then the medoid is chosen among them: near to all, and nearest in sum.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from osint.media.similarity.search import Pairs

Indices = NDArray[np.intp]


class Group(NamedTuple):
    """Positions of hashes: the medoid, and all members, the medoid among them, in order."""

    medoid: int
    members: Indices


class _Neighbours:
    """For each position its near ones and their distance."""

    def __init__(self, pairs: Pairs, count: int) -> None:
        ends = np.concatenate([pairs.first, pairs.second])
        order = np.argsort(ends, kind="stable")
        self.others = np.concatenate([pairs.second, pairs.first])[order]
        self.bits = np.concatenate([pairs.bits, pairs.bits])[order]
        self.starts = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=count))]).astype(np.intp)

    def of(self, position: int) -> tuple[Indices, Indices]:
        part = slice(self.starts[position], self.starts[position + 1])
        return self.others[part], self.bits[part]


def medoid_groups(pairs: Pairs, weights: NDArray[np.intp]) -> list[Group]:
    """Return the groups of two members or more, and those of one that stands for several files, largest first.

    Args:
        pairs: Each near pair once.
        weights: For each position, how many files have this hash. Ties go to the lower position.
    """
    near = _Neighbours(pairs, len(weights))
    free = np.ones(len(weights), bool)
    gains = weights.copy()
    np.add.at(gains, pairs.first, weights[pairs.second])
    np.add.at(gains, pairs.second, weights[pairs.first])
    waiting = [(-int(gain), position) for position, gain in enumerate(gains) if gain > 1]
    heapq.heapify(waiting)
    groups = []
    while waiting:
        gain, centre = heapq.heappop(waiting)
        if not free[centre] or gains[centre] < 2:
            continue
        if -gain != gains[centre]:  # some of its near ones are in another group by now
            heapq.heappush(waiting, (-int(gains[centre]), centre))
            continue
        others = near.of(centre)[0]
        members = np.sort(np.append(others[free[others]], centre))
        free[members] = False
        for member in members:
            np.subtract.at(gains, near.of(member)[0], weights[member])
        groups.append(Group(_medoid(members, near, weights), members))
    return groups


def _medoid(members: Indices, near: _Neighbours, weights: NDArray[np.intp]) -> int:
    """Return the member that is near to all others and nearest to them in sum; of several the first."""
    ranked = []
    for member in members:
        others, bits = near.of(member)
        inside = np.isin(others, members)
        if np.count_nonzero(inside) == len(members) - 1:
            ranked.append((int((bits[inside] * weights[others[inside]]).sum()), int(member)))
    return min(ranked)[1]
