"""Pairs that share neighbours and no tie: where a tie may not have been seen, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from osint.errors import GraphError
from osint.graph.measures import arrays, stability
from osint.graph.measures.ties import Floats, Ties, account, ties_of

if TYPE_CHECKING:
    from osint.graph.association import Network


def unseen_ties(network: Network, *, count: int = 20, resamples: int | None = None, seed: int = 0) -> pd.DataFrame:
    """Order pairs without a tie by what they share: sum of 1 / log(degree) over their common neighbours [1]_ [2]_.

    It says where to look, never that two know each other. ``stability`` says what such a list is worth in this network:
    with a tenth of the ties hidden, ``hits`` is the mean share of the list that are hidden ties, and ``base_rate``
    that of pairs taken at random. Direction is left out of account.

    Args:
        network: Graph to look in; it is not changed.
        count: How many pairs, at the most.
        resamples: How often a tenth of the ties is hidden; by default 200, and none above 500 nodes.
        seed: Start of what is drawn.

    Returns:
        One row per pair with ``one``, ``other``, ``score`` and ``shared`` (keys of the common neighbours), the highest
        score first.

    Raises:
        GraphError: The network has more than 2000 nodes, or ``count`` is less than 1.

    References:
        .. [1] L. A. Adamic, E. Adar, "Friends and neighbors on the Web", Social Networks 25 (2003) 211-230.
        .. [2] D. Liben-Nowell, J. Kleinberg, "The link-prediction problem for social networks", J. Am. Society for
           Information Science and Technology 58 (2007) 1019-1031.
    """
    names, ties = sorted(network), ties_of(network, directed=False)
    if ties.nodes > arrays.DENSE or count < 1:
        raise GraphError(f"pairs are compared in a network of up to {arrays.DENSE} nodes, and count is at least 1")
    tied, scores = ties.matrix(), _scores(ties)
    rows = [
        (names[one], names[two], scores[one, two], [names[node] for node in np.flatnonzero(tied[one] * tied[two])])
        for one, two in _leading(scores, count)
    ]
    table = pd.DataFrame(rows, columns=["one", "other", "score", "shared"])
    table = table.astype({"one": "str", "other": "str", "score": "float64"})
    times = stability.how_many(resamples, ties.nodes)
    figures = _worth(ties, count, resamples=times, seed=seed) if times else {}
    table.attrs = account(
        network, ties, measure="unseen_ties", method="Adamic and Adar's index of untied pairs, undirected, unweighted",
        engine="numpy", seed=seed, parameters={"count": count},
        stability=stability.stated(times, seed, ties.nodes, **figures),
    )  # fmt: skip
    return table


def _scores(ties: Ties) -> Floats:
    """Return the index of each pair, and 0 where there is a tie."""
    tied, scores = ties.matrix(), np.zeros((ties.nodes, ties.nodes))
    for node in range(ties.nodes):
        neighbours = np.flatnonzero(tied[node])
        if len(neighbours) > 1:
            scores[np.ix_(neighbours, neighbours)] += 1 / np.log(len(neighbours))
    return np.triu(np.where(tied > 0, 0.0, scores), 1)


def _leading(scores: Floats, count: int) -> list[tuple[int, int]]:
    """Return the pairs of the highest scores; of equal ones the first."""
    one, two = np.nonzero(scores)
    order = np.argsort(-np.round(scores[one, two], 10), kind="stable")[:count]
    return [(int(one[place]), int(two[place])) for place in order]


def _worth(ties: Ties, count: int, *, resamples: int, seed: int) -> dict[str, Any]:
    hits, chance = [], []
    for fewer, gone in stability.thinned(ties, resamples, seed):
        hidden = set(map(tuple, ties.pairs[gone].tolist()))
        listed = _leading(_scores(fewer), count)
        untied = ties.nodes * (ties.nodes - 1) // 2 - len(fewer.pairs)
        hits.append(len(hidden.intersection(listed)) / len(listed) if listed else 0.0)
        chance.append(len(hidden) / untied if untied else 0.0)
    return {"hits": float(np.mean(hits)), "base_rate": float(np.mean(chance))}
