"""The same measures by networkx: for graphs too large for matrices, and to hold the other engines to."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx
import numpy as np

from osint.graph.measures.ties import Floats, Ties


def betweenness(ties: Ties, sources: int | None = None, seed: int = 0) -> Floats:
    return _values(ties, nx.betweenness_centrality(ties.graph(), k=sources, seed=seed))


def closeness(ties: Ties) -> Floats:
    return _values(ties, nx.closeness_centrality(ties.graph()))


def constraint(ties: Ties) -> Floats:
    return _values(ties, nx.constraint(ties.graph()))


def effective_size(ties: Ties) -> Floats:
    return np.nan_to_num(_values(ties, nx.effective_size(ties.graph())))


def core_number(ties: Ties) -> Floats:
    return _values(ties, nx.core_number(ties.graph()))


def _values(ties: Ties, found: Mapping[int, float]) -> Floats:
    return np.array([float(found[node]) for node in range(ties.nodes)])
