"""How much of a result stays when some ties are hidden: none of it is known to be complete."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from osint.graph.measures.ties import Floats, Numbers, Ties

HIDDEN = 0.1
RESAMPLES = 200
TOP = 5
UP_TO = 500


def how_many(asked: int | None, nodes: int) -> int:
    """Return the number of resamples: the one asked for, else 200, or none where that would take long."""
    return asked if asked is not None else RESAMPLES if nodes <= UP_TO else 0


def thinned(ties: Ties, resamples: int, seed: int) -> Iterator[tuple[Ties, Numbers]]:
    """Yield the ties with a tenth of them hidden, drawn anew each time, and the positions of those hidden."""
    drawn = random.Random(seed)  # noqa: S311 - a sample, no secret
    number = round(HIDDEN * len(ties.pairs)) or min(1, len(ties.pairs))
    for _ in range(resamples):
        gone = np.array(sorted(drawn.sample(range(len(ties.pairs)), number)), dtype=np.int64)
        yield ties.without(gone), gone


def kept(number: int, resamples: int, seed: int) -> Iterator[list[int]]:
    """Yield the positions of what is left of so many edges with a tenth of them hidden, drawn anew each time."""
    positions = np.arange(number)
    stand_in = Ties(0, np.stack([positions, positions], axis=1), np.ones(number), True)
    for fewer, _ in thinned(stand_in, resamples, seed):
        yield fewer.pairs[:, 0].tolist()


def computed(compute: Callable[[Ties], Floats], ties: Ties) -> Floats:
    return compute(ties) if ties.nodes else np.zeros(0)


def ranks(values: Floats, *, lowest_first: bool = False) -> Numbers:
    """Return the rank of each value, 1 the first; equal values share the best of their ranks, none is last."""
    # Symmetric nodes differ in the last bits of a sum; without rounding that noise would decide who is first.
    order = np.round(values if lowest_first else -values, 10)
    order = np.where(np.isnan(order), np.inf, order)
    return np.searchsorted(np.sort(order), order, side="left").astype(np.int64) + 1


def of_ranks(
    ties: Ties, compute: Callable[[Ties], Floats], resamples: int, seed: int, *, lowest_first: bool = False
) -> tuple[Floats, Floats]:
    """Return, for each node, the share of resamples in which it keeps its rank, and is among the first five."""
    place = ranks(computed(compute, ties), lowest_first=lowest_first)
    same, top = np.zeros(ties.nodes), np.zeros(ties.nodes)
    for fewer, _ in thinned(ties, resamples, seed):
        found = ranks(computed(compute, fewer), lowest_first=lowest_first)
        same += found == place
        top += found <= TOP
    return same / resamples, top / resamples


def stated(resamples: int, seed: int, nodes: int, **figures: Any) -> dict[str, Any] | str:
    """Return what ``attrs`` says of the stability of a table."""
    if not resamples:
        many = f"above {UP_TO} nodes it is measured only if resamples= asks for it" if nodes > UP_TO else "resamples=0"
        return f"Not measured ({many}): how far a rank would hold with other ties is not known."
    return {"resamples": resamples, "hidden": HIDDEN, "seed": seed} | figures
