"""The ties of a network as arrays, and what every table of measures says about itself."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd

from osint.graph.left_out import left_out

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from osint.graph.association import Network

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

CAVEAT = (
    "This describes what was collected. Accounts whose posts were collected have more ties than those merely named in "
    "them, and a few unseen ties can change the order. A high rank is a reason to look, not a finding about a person."
)
COUNTED = "Parallel edges between two nodes count as one tie, whatever their relation; self-loops count for nothing."
VERSIONS = {"networkx": nx.__version__, "numpy": np.__version__}


class Ties(NamedTuple):
    """A simple graph: ``pairs`` holds each tie once as two numbers of nodes, ``weights`` how many posts make it.

    A post that makes several edges of a tie, as an answer that names whom it answers, is one post. An edge that has no
    posts, was derived or asserted counts with its ``count``. Nodes are numbered in the order of their keys. Where
    ``directed`` is false the smaller number comes first.
    """

    nodes: int
    pairs: Numbers
    weights: Floats
    directed: bool

    def matrix(self) -> Floats:
        """Return the adjacency matrix, of zeros and ones."""
        made = np.zeros((self.nodes, self.nodes))
        made[self.pairs[:, 0], self.pairs[:, 1]] = 1
        return made if self.directed else np.maximum(made, made.T)

    def both_ways(self) -> tuple[Numbers, Numbers]:
        """Return where each tie leads from and to; one without direction leads both ways."""
        start, end = self.pairs[:, 0], self.pairs[:, 1]
        return (start, end) if self.directed else (np.concatenate([start, end]), np.concatenate([end, start]))

    def graph(self) -> nx.Graph[int]:
        """Return the same as networkx has it."""
        made: nx.Graph[int] = nx.DiGraph() if self.directed else nx.Graph()
        made.add_nodes_from(range(self.nodes))
        made.add_edges_from(self.pairs.tolist())
        return made

    def without(self, hidden: Numbers) -> Ties:
        """Return the ties but for those at some positions; every node stays."""
        kept = np.ones(len(self.pairs), dtype=bool)
        kept[hidden] = False
        return self._replace(pairs=self.pairs[kept], weights=self.weights[kept])

    def among(self, members: Numbers) -> Ties:
        """Return the ties between some nodes, which are numbered anew in their order."""
        place = np.full(self.nodes, -1)
        place[members] = np.arange(len(members))
        pairs = place[self.pairs]
        kept = (pairs >= 0).all(axis=1)
        return Ties(len(members), pairs[kept], self.weights[kept], self.directed)


def ties_of(network: Network, *, directed: bool) -> Ties:
    """Return the simple graph under a network."""
    place = {node: number for number, node in enumerate(sorted(network))}
    posts: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    others: defaultdict[tuple[int, int], float] = defaultdict(float)
    for source, target, data in network.edges(data=True):
        start, end = place[source], place[target]
        if start == end:
            continue
        pair = (start, end) if directed or start < end else (end, start)
        if data.get("basis") == "observed" and data.get("posts"):
            posts[pair].update(data["posts"])
        else:
            others[pair] += float(data.get("count", 1))
    pairs = sorted({*posts, *others})
    return Ties(
        len(place),
        np.array(pairs, dtype=np.int64).reshape(-1, 2),
        np.array([len(posts[pair]) + others[pair] for pair in pairs], dtype=np.float64),
        directed,
    )


def components(ties: Ties) -> Numbers:
    """Return the number of the component of each node, the largest first; direction is left out of account."""
    found = sorted(
        nx.connected_components(ties._replace(directed=False).graph()), key=lambda each: (-len(each), min(each))
    )
    numbers = np.zeros(ties.nodes, dtype=np.int64)
    for number, members in enumerate(found):
        numbers[list(members)] = number
    return numbers


def node_table(network: Network, nodes: Iterable[str] | None = None) -> pd.DataFrame:
    """Return ``node``, ``label`` and ``kind`` of nodes: all, in the order of their keys, or those given."""
    asked = sorted(network) if nodes is None else list(nodes)
    columns = {"node": asked} | {
        name: [str(network.nodes[node].get(name, "")) for node in asked] for name in ("label", "kind")
    }
    return pd.DataFrame(columns, dtype="str")


def account(
    network: Network, ties: Ties, *, measure: str, method: str, engine: str = "networkx", seed: int | None = None,
    parameters: dict[str, Any] | None = None, stability: dict[str, Any] | str = "", counted: str = COUNTED,
) -> dict[Hashable | None, Any]:  # fmt: skip
    """Return what a table of a measure says about itself, for its ``attrs``."""
    return {
        "measure": measure,
        "method": method,
        "engine": engine,
        "version": version(engine),
        "seed": seed,
        "parameters": parameters or {},
        "nodes": ties.nodes,
        "edges": len(ties.pairs),
        "ties": counted,
        "stability": stability or "Not measured.",
        "caveat": f"{CAVEAT} {hidden(network)}",
    }


def version(engine: str) -> str:
    if engine == "networkit":
        from importlib.metadata import version as installed

        return installed("networkit")
    return VERSIONS[engine]


def hidden(network: Network) -> str:
    """Return the sentence that says what of the data the measure could not see."""
    nodes, edges = left_out(network) or (0, 0)
    if nodes or edges:
        return f"The filter of this graph hides {nodes} nodes and {edges} edges, which count for nothing here."
    return "What was not collected counts for nothing here."
