"""Centrality and communities: right on small graphs, the same every time, and never without their caveat."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from another_process import printed
from hypothesis import given, settings
from invented_posts import law, rows, table

from osint.errors import GraphError
from osint.graph.association import association_graph
from osint.graph.measures import centrality, communities, measure, names, ranking
from osint.graph.measures.ranking import MEASURES

# Their values are counts, or have no value for a node without ties.
UNBOUNDED = {"strength", "constraint", "effective_size", "k_core", "degree_among_authors", "k_truss"}


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

    for name in MEASURES.keys() - {"strength"}:
        assert centrality(network, name).equals(centrality(chain("a", "b", "c"), name))
        assert "Parallel edges between two nodes count as one tie" in centrality(network, name).attrs["ties"]


def test_strength_adds_parallel_edges_up():
    """
    It counts posts, and says so.
    """
    network = chain("a", "b", "c")
    network.add_edge("b", "a", key="reply", count=4)

    found = centrality(network, "strength")

    assert dict(zip(found["node"], found["value"], strict=True)) == {"b": 6.0, "a": 5.0, "c": 1.0}
    assert "Parallel edges add up" in found.attrs["ties"]


def test_strength_counts_a_post_once_however_many_edges_it_makes():
    """
    An answer that names whom it answers is one post; what a rule derived from it and what somebody states are not posts.
    """
    network = nx.MultiDiGraph()
    ties = {"mention": ["1", "2"], "reply": ["2"], "same_media": ["1", "2", "3"], "knows": []}
    bases = {"same_media": "derived", "knows": "asserted"}
    for relation, posts in ties.items():
        basis = bases.get(relation, "observed")
        network.add_edge(
            "a", "b", key=relation, basis=basis, posts=posts, count=len(posts) if basis == "observed" else 1
        )

    assert set(centrality(network, "strength")["value"]) == {2.0 + 1 + 1}


@pytest.mark.parametrize("name", MEASURES)
def test_a_table_says_how_it_was_made_and_what_it_does_not_mean(name):
    """
    Method, engine, version, seed, parameters, size, stability and caveat travel with the table.
    """
    made = measure(chain("a", "b", "c"), name, seed=3).attrs

    assert made["measure"] == name
    assert (made["nodes"], made["edges"]) == (3, 2)
    assert "not a finding about a person" in made["caveat"]
    assert made["version"] == {"numpy": np.__version__, "networkx": nx.__version__}[made["engine"]]
    assert made["seed"] == 3
    assert isinstance(made["parameters"], dict)
    assert made["stability"] == {"resamples": 200, "hidden": 0.1, "seed": 3, "top": 5}


def test_what_a_filter_hides_is_said():
    """
    A graph that was cut down counts what it left out, and every table of it says so.
    """
    network = chain("a", "b", "c")
    network.graph.update(hidden_nodes=12, hidden_edges=40)

    for name in ("degree", "bridges", "communities"):
        assert (
            measure(network, name)
            .attrs["caveat"]
            .endswith("The filter of this graph hides 12 nodes and 40 edges, which count for nothing here.")
        )


def test_a_rank_says_how_far_it_holds():
    """
    Of a star with five tips, the middle leads whatever is hidden; a tip that loses its tie loses its rank.
    """
    network = nx.MultiDiGraph()
    network.add_edges_from(("middle", f"tip {number}", "mention") for number in range(5))

    found = measure(network, "degree").set_index("node")

    assert found.loc["middle", ["rank", "same_rank", "top_5"]].tolist() == [1, 1.0, 1.0]
    tips = found.drop("middle")
    assert (tips["rank"] == 2).all()
    assert tips["same_rank"].sum() == pytest.approx(4.0)  # one of the five ties is hidden each time
    assert tips["top_5"].equals(tips["same_rank"])


def test_the_same_seed_hides_the_same_ties():
    """
    Another one hides others.
    """
    network = nx.MultiDiGraph(nx.relabel_nodes(nx.gnp_random_graph(30, 0.15, seed=2), str))

    once, again, other = (measure(network, "degree", seed=seed) for seed in (1, 1, 2))

    assert once.equals(again)
    assert not once["same_rank"].equals(other["same_rank"])


def test_a_large_graph_says_that_stability_was_not_measured():
    """
    Nothing is resampled by itself above 500 nodes; what asks for it gets it.
    """
    network = nx.MultiDiGraph(nx.relabel_nodes(nx.path_graph(501), str))

    assert (
        "above 500 nodes it is measured only if resamples= asks for it" in measure(network, "degree").attrs["stability"]
    )
    assert "same_rank" in measure(network, "degree", resamples=2)


def test_parameters_of_others_are_refused():
    """
    A parameter that does nothing would be believed to do something.
    """
    with pytest.raises(GraphError, match="degree has no parameter goal; it has resamples, seed, engine"):
        measure(chain("a", "b"), "degree", goal="reach")
    with pytest.raises(GraphError, match="paths: missing a required"):
        measure(chain("a", "b"), "paths", source="a")
    with pytest.raises(GraphError, match="degree is computed by numpy, not by 'igraph'"):
        measure(chain("a", "b"), "degree", engine="igraph")
    with pytest.raises(GraphError, match=r"unknown measure 'guilt'.*trajectory"):
        measure(chain("a", "b"), "guilt")
    assert len(names()) == len(set(names()))


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


@pytest.mark.parametrize("engine", ["numpy", "networkx", "networkit"])
def test_a_large_network_is_sampled_and_the_table_says_so(monkeypatch, engine):
    """
    Betweenness from a sample is an estimate; its table names the number of sources.
    """
    if engine == "networkit":
        pytest.importorskip("networkit")
    monkeypatch.setattr(ranking, "SAMPLED_ABOVE", 2)
    monkeypatch.setattr(ranking, "SOURCES", 2)

    found = measure(chain("a", "b", "c"), "betweenness", engine=engine, resamples=0)

    assert found.attrs["parameters"] == {"sources": 2, "of": 3}
    assert found.attrs["method"].endswith("estimated from k = 2 sources of 3")


@pytest.mark.parametrize("name", MEASURES)
def test_an_empty_graph_gives_an_empty_table(name):
    """
    The columns and their types are those of any other table.
    """
    empty, full = measure(nx.MultiDiGraph(), name), measure(chain("a", "b"), name)

    assert len(empty) == 0
    assert list(empty.dtypes) == list(full.dtypes)
    assert list(communities(nx.MultiDiGraph()).dtypes) == list(communities(chain("a", "b")).dtypes)


@settings(law, max_examples=12)  # all measures of each
@given(rows())
def test_any_graph_of_posts_can_be_measured(made):
    """
    Unconnected, edgeless and looping graphs are measured too, one row per node.
    """
    network = association_graph(table(*made))

    for name in MEASURES:
        ranked = centrality(network, name)
        assert sorted(ranked["node"]) == sorted(network)
        assert ranked["rank"].is_monotonic_increasing
        assert ranked["value"].between(-1e-12, 1 + 1e-12).all() or name in UNBOUNDED
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


def test_communities_are_the_same_in_another_process(another_process):
    """
    The order of a set of names must not decide who belongs together.
    """
    program = (
        "import networkx as nx; from osint.graph.measures import communities;"
        "g = nx.relabel_nodes(nx.gnp_random_graph(60, 0.08, seed=4, directed=True), lambda n: f'account:m:{n}');"
        "print(communities(nx.MultiDiGraph(g)).to_csv())"
    )

    assert another_process.printed(program) == printed(program) != ""
