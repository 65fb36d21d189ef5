"""Groups with more ties inside than chance would give, and how far they hold from one start to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd

from osint.errors import GraphError
from osint.graph.measures import kit
from osint.graph.measures.ties import Floats, Numbers, Ties, account, node_table, ties_of

if TYPE_CHECKING:
    from osint.graph.association import Network

RUNS = 20
_MANY = 2000
_LARGE = 3000


def communities(
    network: Network, resolution: float = 1.0, seed: int = 0, *,
    algorithm: str = "louvain", runs: int | None = None, engine: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Divide a network into groups with more ties inside than chance would give, by the Louvain method [1]_.

    Ties count once, without direction. A group found this way is a pattern in the collected posts; it is not an
    organisation, and being in it says nothing about a person. Another seed or resolution may divide differently [2]_.

    Args:
        network: Graph to divide; it is not changed.
        resolution: Above 1 favours smaller groups, below 1 larger ones.
        seed: Start of the random order in which nodes are tried. The same seed gives the same groups.
        algorithm: ``louvain``, or ``leiden`` [3]_, which needs NetworKit: ``pip install osint[graph]``.
        runs: From how many seeds the network is divided to see what stays; by default 20, and 1 above 2,000 nodes.
        engine: ``networkx`` or ``networkit``; by default NetworKit above 3,000 nodes where it is installed.

    Returns:
        One row per node with ``node``, ``label``, ``community`` (numbered from 1, largest first), ``size`` (nodes in
        it) and ``together`` (share of the runs in which the node was with each other member of its community, on
        average; NaN where there is no other, or one run), ordered by community, then node. ``attrs["modularity"]`` is
        None for a graph without ties.

    Raises:
        GraphError: The algorithm is unknown, or needs an engine that is not there.

    References:
        .. [1] V. D. Blondel, J.-L. Guillaume, R. Lambiotte, E. Lefebvre, "Fast unfolding of communities in large
           networks", J. Stat. Mech. (2008) P10008.
        .. [2] S. Fortunato, M. Barthelemy, "Resolution limit in community detection", PNAS 104 (2007) 36-41.
        .. [3] V. A. Traag, L. Waltman, N. J. van Eck, "From Louvain to Leiden: guaranteeing well-connected
           communities", Scientific Reports 9 (2019) 5233.
    """
    ties = ties_of(network, directed=False)
    engine = _engine(algorithm, engine, ties.nodes)
    times = _runs(runs, ties.nodes)
    divided = [_numbered(_divide(ties, algorithm, engine, resolution, seed + run)) for run in range(times)]
    table = node_table(network).drop(columns="kind")
    table["community"] = divided[0] + 1
    table["size"] = np.bincount(divided[0], minlength=1)[divided[0]]
    table["together"] = _together(divided)
    table = table.sort_values(["community", "node"], ignore_index=True)
    table.attrs = account(
        network, ties, measure="communities", method=f"{algorithm.capitalize()}, undirected, unweighted",
        engine=engine, seed=seed, parameters={"resolution": resolution, "runs": times},
        stability={"runs": times, "together": _mean(table["together"])},
    ) | {"modularity": _modularity(ties, divided[0], resolution)}  # fmt: skip
    return table


def co_assignment(
    network: Network, *, resolution: float = 1.0, seed: int = 0, algorithm: str = "louvain", runs: int | None = None,
    engine: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Say how often each two nodes fall into one group, over divisions from several seeds [1]_.

    Args:
        network: Graph to divide; it is not changed.
        resolution: As for ``communities``, as are the others.
        seed: The first seed.
        algorithm: ``louvain`` or ``leiden``.
        runs: How many seeds; by default 20.
        engine: ``networkx`` or ``networkit``.

    Returns:
        One row per pair that was ever together, with ``node``, ``other`` and ``share`` (of the runs), in their order.

    References:
        .. [1] A. Lancichinetti, S. Fortunato, "Consensus clustering in complex networks", Scientific Reports 2 (2012)
           336.
    """
    ties, times = ties_of(network, directed=False), runs or RUNS
    engine = _engine(algorithm, engine, ties.nodes)
    shares = np.zeros((ties.nodes, ties.nodes))
    for run in range(times):
        found = _divide(ties, algorithm, engine, resolution, seed + run)
        shares += found[:, None] == found[None, :]
    names = np.array(sorted(network), dtype=object)
    one, two = np.nonzero(np.triu(shares, 1))
    table = pd.DataFrame({"node": names[one], "other": names[two], "share": shares[one, two] / times})
    table = table.astype({"node": "str", "other": "str"})
    table.attrs = account(
        network, ties, measure="co_assignment", method=f"co-assignment by {algorithm.capitalize()}, undirected",
        engine=engine, seed=seed, parameters={"resolution": resolution, "runs": times}, stability={"runs": times},
    )  # fmt: skip
    return table


def _engine(algorithm: str, wanted: str | None, nodes: int) -> str:
    if algorithm not in ("louvain", "leiden"):
        raise GraphError(f"unknown algorithm {algorithm!r}; known algorithms: louvain, leiden")
    if wanted not in (None, "networkx", "networkit") or (algorithm, wanted) == ("leiden", "networkx"):
        raise GraphError(
            f"{algorithm} is computed by networkit{', networkx' * (algorithm == 'louvain')}, not by {wanted!r}"
        )
    if wanted:
        return wanted
    return "networkit" if algorithm == "leiden" or (nodes > _LARGE and kit.is_installed()) else "networkx"


def _runs(asked: int | None, nodes: int) -> int:
    return asked or (RUNS if nodes <= _MANY else 1)


def _divide(ties: Ties, algorithm: str, engine: str, resolution: float, seed: int) -> Numbers:
    if engine == "networkit":
        return np.array(kit.groups(ties, algorithm, resolution, seed), dtype=np.int64)
    groups = np.zeros(ties.nodes, dtype=np.int64)
    for number, each in enumerate(nx.community.louvain_communities(ties.graph(), resolution=resolution, seed=seed)):
        groups[list(each)] = number
    return groups


def _numbered(groups: Numbers) -> Numbers:
    """Return the groups numbered from the largest; of equal ones, that of the first node comes first."""
    found, first, sizes = np.unique(groups, return_index=True, return_counts=True)
    place = np.empty(len(found), dtype=np.int64)
    place[np.lexsort((first, -sizes))] = np.arange(len(found))
    return place[np.searchsorted(found, groups)]


def _together(divided: list[Numbers]) -> Floats:
    """Return, for each node, the mean share of runs in which it was with each other member of its group."""
    groups = divided[0]
    others = np.bincount(groups, minlength=1)[groups] - 1
    if len(divided) == 1:
        return np.full(len(groups), np.nan)
    met = np.zeros(len(groups))
    for found in divided:
        both = groups * (found.max(initial=0) + 1) + found
        _, place, sizes = np.unique(both, return_inverse=True, return_counts=True)
        met += sizes[place] - 1
    shares: Floats = np.divide(met, others * len(divided), out=np.full(len(groups), np.nan), where=others > 0)
    return shares


def _mean(shares: pd.Series[Any]) -> float | None:
    return float(shares.mean()) if shares.notna().any() else None


def _modularity(ties: Ties, groups: Numbers, resolution: float) -> float | None:
    """Newman's Q: the share of ties inside groups, less what chance would give."""
    number = len(ties.pairs)
    if not number:
        return None
    inside = float((groups[ties.pairs[:, 0]] == groups[ties.pairs[:, 1]]).sum())
    degrees = np.bincount(groups[ties.pairs.ravel()])
    return inside / number - resolution * float(((degrees / (2 * number)) ** 2).sum())
