"""Who stands where in a network, and how far that would hold if some ties had not been seen.

A rank describes the posts that were collected, not the people. It is never a measure of guilt or importance.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from osint.errors import GraphError
from osint.graph.measures.brokers import brokerage
from osint.graph.measures.grouping import co_assignment, communities
from osint.graph.measures.player_sets import key_players
from osint.graph.measures.ranking import MEASURES, rank
from osint.graph.measures.removing import removal
from osint.graph.measures.structure import articulation_points, bridges, cliques
from osint.graph.measures.ties import CAVEAT
from osint.graph.measures.times import activity, bursts
from osint.graph.measures.unseen import unseen_ties
from osint.graph.measures.ways import paths, timed_paths
from osint.graph.measures.windows import trajectory

if TYPE_CHECKING:
    from osint.graph.association import Network

__all__ = ["CAVEAT", "OTHERS", "centrality", "communities", "measure", "names", "takes_posts"]

# What is no ranking of nodes by one value.
OTHERS: dict[str, Callable[..., pd.DataFrame]] = {
    each.__name__: each
    for each in (
        brokerage, articulation_points, bridges, cliques, key_players, removal, communities, co_assignment, paths,
        timed_paths, trajectory, activity, bursts, unseen_ties,
    )
}  # fmt: skip


def measure(network: Network, name: str, **parameters: Any) -> pd.DataFrame:
    """Measure a network, and say how far the result holds when a tenth of the ties is hidden.

    Names that rank nodes: ``degree``, ``in_degree``, ``out_degree``, ``degree_among_authors``, ``strength``,
    ``betweenness``, ``closeness``, ``eigenvector``, ``pagerank``, ``constraint``, ``effective_size``, ``k_core``,
    ``k_truss``; and ``brokerage`` (by role, between
    groups). What holds together: ``articulation_points``, ``bridges``, ``cliques``. Sets: ``key_players``. What is
    left: ``removal``. Groups: ``communities``, ``co_assignment``. Ways, with the exhibits of each hop: ``paths``,
    ``timed_paths``. In time: ``trajectory``, ``activity``, ``bursts``. Where to look: ``unseen_ties``.

    Each is documented, with its formula and paper, in a module of ``osint.graph.measures``; the rankings in
    ``ranking``. Parallel edges and self-loops: ``attrs["ties"]`` says how they count.

    Args:
        network: Graph to measure; it is not changed.
        name: One of the names above.
        **parameters: Those of the measure: nearly all take ``resamples`` (by default 200) and ``seed``.

    Returns:
        A table. ``attrs`` holds ``measure``, ``method``, ``engine``, ``version``, ``seed``, ``parameters``, ``nodes``,
        ``edges``, ``ties``, ``stability`` and ``caveat``.

    Raises:
        GraphError: The measure is unknown, or a parameter is not one of its own.
    """
    compute = partial(rank, measure=name) if name in MEASURES else OTHERS.get(name)
    if compute is None:
        raise GraphError(f"unknown measure {name!r}; known measures: {', '.join(names())}")
    known = [each for each in inspect.signature(compute).parameters if each not in ("network", "measure")]
    if strange := sorted(set(parameters) - set(known)):
        raise GraphError(f"{name} has no parameter {', '.join(strange)}; it has {', '.join(known)}")
    try:
        inspect.signature(compute).bind(network, **parameters)
    except TypeError as error:
        raise GraphError(f"{name}: {error}") from error
    return compute(network, **parameters)


def takes_posts(name: str) -> bool:
    """Return whether a measure looks at the instants of all posts where ``posts=`` gives their table."""
    return name in OTHERS and "posts" in inspect.signature(OTHERS[name]).parameters


def names() -> list[str]:
    """Return the names of all measures."""
    return [*MEASURES, *OTHERS]


def centrality(network: Network, measure: str) -> pd.DataFrame:
    """Rank the nodes of a network by one measure, at once: ``measure`` says besides how far the ranks would hold.

    Args:
        network: Graph to measure; it is not changed.
        measure: ``degree``, ``in_degree``, ``out_degree``, ``strength``, ``betweenness``, ``closeness``,
            ``eigenvector``, ``pagerank``, ``constraint``, ``effective_size``, ``k_core`` or ``k_truss``;
            ``osint.graph.measures.ranking`` has the formulas and papers.

    Returns:
        One row per node with ``node``, ``label``, ``kind``, ``value`` (float) and ``rank`` (1 is first; equal values
        share the best of their ranks), ordered by rank, then node. ``attrs`` is that of ``measure``.

    Raises:
        GraphError: The measure is unknown.
    """
    return rank(network, measure, resamples=0)
