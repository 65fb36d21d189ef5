"""Who stands between whom, and on which side: the five roles of Gould and Fernandez."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from osint.errors import GraphError
from osint.graph.measures import stability
from osint.graph.measures.ranking import ranked
from osint.graph.measures.ties import Floats, Ties, account, ties_of

if TYPE_CHECKING:
    import pandas as pd

    from osint.graph.association import Network

ROLES = ("coordinator", "itinerant", "gatekeeper", "representative", "liaison")


def brokerage(
    network: Network, *, groups: str | Mapping[str, str] = "platform", resamples: int | None = None, seed: int = 0
) -> pd.DataFrame:
    """Count how often each node stands on the only short way from one node to another, by role [1]_.

    A node v brokers between a and b where a -> v -> b and not a -> b. The role follows from the groups of a, v and b:
    ``coordinator`` A A A, ``itinerant`` A B A, ``gatekeeper`` A B B, ``representative`` A A B, ``liaison`` A B C.
    A group is what the analyst names so (a platform, a place, a community); it is not a membership. Ways through nodes
    without a group are not counted.

    Args:
        network: Graph to measure; it is not changed.
        groups: The group of each node, or the name of the attribute of nodes that holds it.
        resamples: How often a tenth of the ties is hidden; by default 200, and none above 500 nodes.
        seed: Start of what is drawn.

    Returns:
        One row per node as every ranking has it (``value`` is the sum of the roles), and ``group`` and the five roles.

    Raises:
        GraphError: No node has a group.

    References:
        .. [1] R. V. Gould, R. M. Fernandez, "Structures of mediation: a formal approach to brokerage in transaction
           networks", Sociological Methodology 19 (1989) 89-126.
    """
    names, ties = sorted(network), ties_of(network, directed=True)
    named = [network.nodes[node].get(groups) if isinstance(groups, str) else groups.get(node) for node in names]
    if not any(named):
        raise GraphError("no node has a group: groups= names an attribute of nodes, or gives the group of each")
    codes = {name: number for number, name in enumerate(sorted({str(name) for name in named if name}))}
    group = np.array([codes[str(name)] if name else -1 for name in named], dtype=np.int64)
    times = stability.how_many(resamples, ties.nodes)
    table = ranked(network, ties, partial(_all, group=group), times, seed)
    counts = dict(zip(names, _roles(ties, group).tolist(), strict=True))
    of_node = dict(zip(names, named, strict=True))
    table.insert(3, "group", [str(of_node[node] or "") for node in table["node"]])
    for position, role in enumerate(ROLES):
        table[role] = [int(counts[node][position]) for node in table["node"]]
    table.attrs = account(
        network, ties, measure="brokerage", method="brokerage roles by group, directed", engine="numpy", seed=seed,
        parameters={"groups": groups if isinstance(groups, str) else "given", "ungrouped": int((group < 0).sum())},
        stability=stability.stated(times, seed, ties.nodes, top=stability.TOP),
    )  # fmt: skip
    return table


def _all(ties: Ties, group: npt.NDArray[np.int64]) -> Floats:
    return np.asarray(_roles(ties, group).sum(axis=1), dtype=np.float64)


def _roles(ties: Ties, group: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the counts of the five roles, a row for each node."""
    after: list[set[int]] = [set() for _ in range(ties.nodes)]
    before: list[set[int]] = [set() for _ in range(ties.nodes)]
    for start, end in ties.pairs.tolist():
        after[start].add(end)
        before[end].add(start)
    side, counts = group.tolist(), np.zeros((ties.nodes, len(ROLES)), dtype=np.int64)
    for broker in range(ties.nodes):
        for source in before[broker]:
            for target in after[broker] - after[source] - {source}:
                if min(side[source], side[broker], side[target]) >= 0:
                    counts[broker, _role(side[source], side[broker], side[target])] += 1
    return counts


def _role(source: int, broker: int, target: int) -> int:
    if source == target:
        return 0 if broker == source else 1
    if broker == target:
        return 2
    return 3 if broker == source else 4
