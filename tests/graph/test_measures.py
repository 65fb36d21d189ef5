"""Centrality and communities: right on small graphs, the same every time, and never without their caveat."""

import os
import subprocess
import sys
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given
from invented_posts import law, rows, table

from osint.errors import GraphError
from osint.graph import measures
from osint.graph.association import association_graph
from osint.graph.measures import centrality, communities

MEASURES = ["degree", "in_degree", "out_degree", "betweenness", "closeness", "eigenvector", "pagerank"]


def chain(*names):
    """A graph in which each name leads to the next."""
    network = nx.MultiDiGraph()
    for name in names:
        network.add_node(name, kind="account", label=name.upper())
    for source, target in pairwise(names):
        network.add_edge(source, target, key="mention", kind="mention", exhibits=["E0001"])
    return network


def test_who_stands_between_the_others_ranks_first():
    """
    In a chain of three, the one in the middle has all the betweenness there is.
    """
    table_ = centrality(chain("a", "b", "c"), "betweenness")

    assert table_.to_dict("records") == [
        {"node": "b", "label": "B", "kind": "account", "value": 0.5, "rank": 1},
        {"node": "a", "label": "A", "kind": "account", "value": 0.0, "rank": 2},
        {"node": "c", "label": "C", "kind": "account", "value": 0.0, "rank": 2},
    ]


def test_parallel_edges_and_self_loops_do_not_raise_a_rank():
    """
    Saying the same to the same account in three ways, or to oneself, is one tie, or none.
    """
    network = chain("a", "b", "c")
    for kind in ("reply", "quote"):
        network.add_edge("a", "b", key=kind)
        network.add_edge("c", "c", key=kind)

    for measure in MEASURES:
        assert centrality(network, measure).equals(centrality(chain("a", "b", "c"), measure))


@pytest.mark.parametrize("measure", MEASURES)
def test_a_table_says_how_it_was_made_and_what_it_does_not_mean(measure):
    """
    Method, parameters, size and caveat travel with the table.
    """
    made = centrality(chain("a", "b", "c"), measure).attrs

    assert made["measure"] == measure
    assert (made["nodes"], made["edges"]) == (3, 2)
    assert "not a finding about a person" in made["caveat"]
    assert nx.__version__ in made["method"]
    assert isinstance(made["parameters"], dict)


def test_pagerank_equals_the_reference():
    """
    Our power iteration gives what the pure-Python iteration of networkx gives.
    """
    from networkx.algorithms.link_analysis.pagerank_alg import _pagerank_python

    graph = nx.gnp_random_graph(40, 0.06, seed=1, directed=True)
    network = nx.MultiDiGraph(nx.relabel_nodes(graph, str))
    expected = _pagerank_python(nx.relabel_nodes(graph, str), tol=1e-12, max_iter=1000)

    ours = centrality(network, "pagerank").set_index("node")["value"].to_dict()

    assert ours == pytest.approx(expected, abs=1e-9)


def test_a_large_network_is_sampled_and_the_table_says_so(monkeypatch):
    """
    Betweenness from a sample is an estimate; its table names the number of sources.
    """
    monkeypatch.setattr(measures, "_SAMPLED_ABOVE", 2)
    monkeypatch.setattr(measures, "_SAMPLE", 2)

    assert centrality(chain("a", "b", "c"), "betweenness").attrs["parameters"] == {"sources": 2, "of": 3, "seed": 0}


@pytest.mark.parametrize("measure", MEASURES)
def test_an_empty_graph_gives_an_empty_table(measure):
    """
    The columns and their types are those of any other table.
    """
    empty, full = centrality(nx.MultiDiGraph(), measure), centrality(chain("a", "b"), measure)

    assert len(empty) == 0
    assert list(empty.dtypes) == list(full.dtypes)
    assert list(communities(nx.MultiDiGraph()).dtypes) == list(communities(chain("a", "b")).dtypes)


@law
@given(rows())
def test_any_graph_of_posts_can_be_measured(made):
    """
    Unconnected, edgeless and looping graphs are measured too, one row per node.
    """
    network = association_graph(table(*made))

    for measure in MEASURES:
        ranked = centrality(network, measure)
        assert sorted(ranked["node"]) == sorted(network)
        assert ranked["rank"].is_monotonic_increasing
        assert ranked["value"].between(0, 1).all()
    assert sorted(communities(network)["node"]) == sorted(network)


def test_an_unknown_measure_is_refused_with_the_known_ones():
    """
    There is no measure of suspicion.
    """
    with pytest.raises(GraphError, match=r"'suspicion'.*degree, in_degree"):
        centrality(nx.MultiDiGraph(), "suspicion")


def test_two_circles_of_accounts_are_two_communities():
    """
    Two rings joined by one tie are told apart, largest first.
    """
    network = chain("a", "b", "c", "d", "a")
    network.update(chain("w", "x", "y", "w"))
    network.add_edge("a", "w", key="mention")

    found = communities(network)

    assert found.groupby("community")["node"].apply(list).to_dict() == {1: ["a", "b", "c", "d"], 2: ["w", "x", "y"]}
    assert found["size"].tolist() == [4, 4, 4, 4, 3, 3, 3]
    assert found.attrs["modularity"] == pytest.approx(0.3671875)


def test_a_graph_without_ties_has_no_modularity():
    """
    Each account is then a community of its own.
    """
    network = nx.MultiDiGraph()
    network.add_nodes_from(["a", "b"])

    assert communities(network).attrs["modularity"] is None
    assert communities(network)["size"].tolist() == [1, 1]


def test_communities_are_the_same_in_another_process():
    """
    The order of a set of names must not decide who belongs together.
    """
    program = (
        "import networkx as nx; from osint.graph.measures import communities;"
        "g = nx.relabel_nodes(nx.gnp_random_graph(60, 0.08, seed=4, directed=True), lambda n: f'account:m:{n}');"
        "print(communities(nx.MultiDiGraph(g)).to_csv())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(outputs) == 1
