"""The heavy measures by NetworKit, where it is installed: ``pip install osint[graph]``.

One thread, so that a seed gives the same groups and the same sample every time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import numpy as np

from osint.errors import GraphError
from osint.graph.measures.ties import Floats, Ties


def is_installed() -> bool:
    return find_spec("networkit") is not None


def betweenness(ties: Ties, sources: int | None = None, seed: int = 0) -> Floats:
    if ties.nodes < 3:  # nobody stands between two; NetworKit would end the whole process
        return np.zeros(ties.nodes)
    with _ready(seed) as kit:
        graph = _graph(kit, ties)
        if sources is None:
            return _scores(kit.centrality.Betweenness(graph, normalized=True))
        return _scores(kit.centrality.EstimateBetweenness(graph, sources, True, False))


def closeness(ties: Ties) -> Floats:
    with _ready(0) as kit:
        return _scores(kit.centrality.Closeness(_graph(kit, ties), True, kit.centrality.ClosenessVariant.STANDARD))


def groups(ties: Ties, algorithm: str, resolution: float, seed: int) -> list[int]:
    """Return the number of the group of each node."""
    with _ready(seed) as kit:
        graph = _graph(kit, ties)
        # PLM and ParallelLeiden read the graph while they run: a name keeps each of them alive until then.
        search = (
            kit.community.ParallelLeiden(graph, randomize=True, iterations=3, gamma=resolution)
            if algorithm == "leiden"
            else kit.community.PLM(graph, refine=True, gamma=resolution)
        )
        search.run()
        found = search.getPartition()
        return list(found.getVector())


@contextmanager
def _ready(seed: int) -> Iterator[Any]:
    try:
        import networkit as kit
    except ImportError as error:
        raise GraphError("NetworKit is not installed; pip install 'osint[graph]' brings it.") from error
    before = kit.getMaxNumberOfThreads()
    kit.setNumberOfThreads(1)
    kit.setSeed(seed, False)
    try:
        yield kit
    finally:
        kit.setNumberOfThreads(before)


def _graph(kit: Any, ties: Ties) -> Any:
    graph = kit.Graph(ties.nodes, weighted=False, directed=ties.directed)
    if len(ties.pairs):
        ends = ties.pairs.astype(np.uint64)
        graph.addEdges((ends[:, 0].copy(), ends[:, 1].copy()))
    return graph


def _scores(measure: Any) -> Floats:
    measure.run()
    return np.array(measure.scores())
