"""What the heavy measures of a large network cost, beside networkx doing the same: CPU times, and their ratios.

The network has 100,000 nodes and some 425,000 ties in 700 planted groups, three ties of ten between groups. networkx
has its graph ready; ours starts from the arrays of a measure, and NetworKit from its own copy of them, which is in the
time. Betweenness is estimated from 64 sources; networkx, which takes as long for each source, does 4 and counts sixteen
times, so that a run ends within minutes.

Resampling is what most analysts wait for: the 200 betweennesses of a network of 100 persons, by arrays.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

import networkx as nx
import numpy as np
from measuring import cpu, figure, print_figures, ratios, report, turns

from osint.graph.measures import arrays, kit, reference
from osint.graph.measures.grouping import _modularity, _numbered
from osint.graph.measures.ties import Ties

NODES, GROUPS, TIES, MIXING, SOURCES, THEIRS = 100_000, 700, 430_000, 0.3, 64, 4


def planted(nodes: int, groups: int, ties: int, seed: int = 0) -> Ties:
    """Return a network of groups of one size, made in one go."""
    drawn, size = np.random.default_rng(seed), nodes // groups
    start = drawn.integers(0, size * groups, ties)
    near = start // size * size + drawn.integers(0, size, ties)
    end = np.where(drawn.random(ties) < MIXING, drawn.integers(0, size * groups, ties), near)
    pairs = np.unique(np.sort(np.stack([start, end], axis=1)[start != end], axis=1), axis=0)
    return Ties(nodes, pairs, np.ones(len(pairs)), directed=False)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--nodes", type=int, default=NODES)
    asked.add_argument("--rounds", type=int, default=1)
    options = asked.parse_args()
    ties = planted(options.nodes, max(options.nodes * GROUPS // NODES, 2), options.nodes * TIES // NODES)
    print(f"{ties.nodes} nodes, {len(ties.pairs)} ties; rounds {options.rounds}", flush=True)
    resampled(options.rounds)
    sampled(ties, options.rounds)
    path(ties)
    print_figures()


def resampled(rounds: int) -> None:
    small = planted(100, 5, 300)
    ours, theirs = turns(
        rounds, *(partial(cpu, partial(repeat, way, small)) for way in (arrays.betweenness, reference.betweenness))
    )
    report("betweenness_100_nodes", ratios(theirs, ours), ">= 3", f"200 times in {min(ours):.2f} s")


def repeat(way: Callable[[Ties], object], ties: Ties) -> None:
    for _ in range(200):
        way(ties)


def sampled(ties: Ties, rounds: int) -> None:
    graph = ties.graph()
    betweenness = partial(nx.betweenness_centrality, graph, k=THEIRS, seed=0)
    beside_networkx(
        "betweenness_arrays",
        ">= 5",
        partial(arrays.betweenness, ties, SOURCES),
        betweenness,
        rounds,
        times=SOURCES / THEIRS,
    )
    if not kit.is_installed():
        print("NetworKit is not installed: it is not timed")
        return
    kit.betweenness(planted(100, 5, 300))  # importing it is no part of a measure
    beside_networkx(
        "betweenness_networkit",
        ">= 10",
        partial(kit.betweenness, ties, SOURCES),
        betweenness,
        rounds,
        times=SOURCES / THEIRS,
    )
    communities(ties, graph, rounds)


def communities(ties: Ties, graph: nx.Graph[int], rounds: int) -> None:
    found: dict[str, np.ndarray[Any, Any]] = {}

    def ours() -> None:
        found["networkit_louvain"] = np.array(kit.groups(ties, "louvain", 1.0, 0))

    def theirs() -> None:
        found["networkx_louvain"] = np.empty(ties.nodes, dtype=np.int64)
        for number, group in enumerate(nx.community.louvain_communities(graph, seed=0)):
            found["networkx_louvain"][list(group)] = number

    beside_networkx("communities_networkit", ">= 20", ours, theirs, rounds)
    found["networkit_leiden"] = np.array(kit.groups(ties, "leiden", 1.0, 0))
    for name, groups in found.items():
        figure(f"modularity_{name}", _modularity(ties, _numbered(groups), 1.0) or 0.0, "Q")


def beside_networkx(
    name: str, goal: str, ours: Callable[[], object], theirs: Callable[[], object], rounds: int, *, times: float = 1
) -> None:
    our_times, measured = turns(rounds, partial(cpu, ours), partial(cpu, theirs))
    their_times = [each * times for each in measured]
    beside = f"{min(our_times):.1f} s, networkx {min(their_times):.1f} s" + (
        f", of which {1 / times:.0%} was run" if times != 1 else ""
    )
    report(name, ratios(their_times, our_times), goal, beside)


def path(ties: Ties) -> None:
    """A way between two nodes stays on networkx: to hand the graph over would take longer than to find it."""
    graph, pairs = ties.graph(), np.random.default_rng(1).integers(0, ties.nodes, (50, 2)).tolist()
    held = nx.node_connected_component(graph, int(ties.pairs[0, 0]))
    asked = [(one, two) for one, two in pairs if one in held and two in held]
    figure("path_networkx", cpu(lambda: [nx.shortest_path(graph, *pair) for pair in asked]) / len(asked) * 1e3, "ms")


if __name__ == "__main__":
    main()
