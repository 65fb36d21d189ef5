"""What is left of a network when those who lead by a measure are taken out, one after another or several at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from osint.errors import GraphError
from osint.graph.measures import arrays, stability
from osint.graph.measures.player_sets import fragmentation, largest_component
from osint.graph.measures.ties import Floats, Ties, account, ties_of

if TYPE_CHECKING:
    from osint.graph.association import Network

_BY = {"degree": arrays.degree, "betweenness": arrays.betweenness}


def removal(
    network: Network, *, by: str = "betweenness", at_once: int = 1, steps: int = 20,
    resamples: int | None = None, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Say how the largest component shrinks as the leading nodes are removed [1]_. Direction is left out of account.

    The measure is computed anew after each step. Of equal values the node last in the order of the keys goes first, as
    in the programs of [1]_.

    Args:
        network: Graph to measure; it is not changed.
        by: ``betweenness`` or ``degree``.
        at_once: How many nodes go in one step, as in a raid.
        steps: How many steps, at the most.
        resamples: How often a tenth of the ties is hidden; by default 200, and none above 500 nodes.
        seed: Start of what is drawn.

    Returns:
        One row per step, from 0, with ``removed`` (nodes out so far), ``nodes`` (those that went in this step),
        ``largest`` (nodes in the largest component), ``share`` (of what that was at the start), ``fragmentation`` (F of
        Borgatti, removed nodes counted as isolated), and ``share_low`` and ``share_high``: between them lie nine of ten
        resamples.

    Raises:
        GraphError: The measure is not one of the two, or the network has no node.

    References:
        .. [1] L. Cavallaro et al., "Disrupting resilient criminal networks through data analysis: the case of Sicilian
           Mafia", PLOS ONE 15 (2020) e0236476.
    """
    if by not in _BY:
        raise GraphError(f"nodes are removed by {' or '.join(_BY)}, not by {by!r}")
    names, ties = sorted(network), ties_of(network, directed=False)
    if not names:
        raise GraphError("the network has no node that could be removed")
    gone = _order(ties, by, at_once, steps)
    sizes = _sizes(ties, gone)
    out = [[node for each in gone[:step] for node in each] for step in range(len(gone) + 1)]
    table = pd.DataFrame(
        {
            "removed": [len(each) for each in out],
            "nodes": [[], *[[names[node] for node in each] for each in gone]],
            "largest": sizes,
            "share": sizes / sizes[0],
            "fragmentation": [fragmentation(ties, each) for each in out],
        }
    )
    times = stability.how_many(resamples, ties.nodes)
    if times:
        table["share_low"], table["share_high"] = _band(ties, by, at_once, len(gone), resamples=times, seed=seed)
    table.attrs = account(
        network, ties, measure="removal", method=f"largest component as nodes are removed by {by}, undirected",
        engine="numpy", seed=seed, parameters={"by": by, "at_once": at_once, "steps": len(gone)},
        stability=stability.stated(times, seed, ties.nodes),
    )  # fmt: skip
    return table


def _order(ties: Ties, by: str, at_once: int, steps: int) -> list[list[int]]:
    left = np.arange(ties.nodes)
    gone: list[list[int]] = []
    while len(gone) < steps and len(left) > at_once:
        values = np.round(_BY[by](ties.among(left)), 10)
        leading = np.lexsort((left, values))[::-1][:at_once]
        gone.append(left[leading].tolist())
        left = np.delete(left, leading)
    return gone


def _sizes(ties: Ties, gone: list[list[int]]) -> Floats:
    out: list[int] = []
    sizes = [largest_component(ties)]
    for each in gone:
        out += each
        sizes.append(largest_component(ties, out))
    return np.array(sizes)


def _band(ties: Ties, by: str, at_once: int, steps: int, *, resamples: int, seed: int) -> tuple[Floats, Floats]:
    shares = []
    for fewer, _ in stability.thinned(ties, resamples, seed):
        sizes = _sizes(fewer, _order(fewer, by, at_once, steps))
        shares.append(sizes / sizes[0])
    low, high = np.quantile(np.array(shares), (0.05, 0.95), axis=0)
    return low, high
