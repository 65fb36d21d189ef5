"""Every engine gives what networkx gives, to a billionth."""

import sys

import networkx as nx
import numpy as np
import pytest
from published_networks import undirected

from osint.errors import GraphError
from osint.graph.measures import arrays, communities, kit, measure, reference
from osint.graph.measures.ranking import MEASURES
from osint.graph.measures.ties import ties_of


def random_network(seed, nodes=60, share=0.05, directed=True):
    graph = nx.gnp_random_graph(nodes, share, seed=seed, directed=directed)
    return nx.MultiDiGraph(nx.relabel_nodes(graph, lambda number: f"account:m:{number:03}"))


NETWORKS = {
    "sparse": random_network(1, share=0.02),
    "denser": random_network(2, share=0.15),
    "published": undirected("krebs"),
    "larger than one batch": random_network(3, nodes=300, share=0.01),
    "without ties": random_network(4, share=0.0),
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("way", ["betweenness", "closeness", "constraint", "effective_size"])
def test_arrays_give_what_networkx_gives(way, name):
    """
    Directed and undirected, connected and not.
    """
    network = NETWORKS[name]
    ways = MEASURES[way].ways
    ties = ties_of(network, directed=MEASURES[way].directed)

    np.testing.assert_allclose(ways["numpy"](ties), ways["networkx"](ties), atol=1e-9)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("way", ["betweenness", "closeness"])
def test_networkit_gives_what_networkx_gives(way, name):
    """
    Where it is installed.
    """
    pytest.importorskip("networkit")
    ways = MEASURES[way].ways
    ties = ties_of(NETWORKS[name], directed=MEASURES[way].directed)

    np.testing.assert_allclose(ways["networkit"](ties), ways["networkx"](ties), atol=1e-9)


@pytest.mark.parametrize("name", ["denser", "published"])
def test_eigenvector_gives_what_networkx_gives(name):
    """
    On a connected network.
    """
    ties = ties_of(NETWORKS[name], directed=False)
    expected = nx.eigenvector_centrality(ties.graph(), max_iter=10_000, tol=1e-12)

    np.testing.assert_allclose(arrays.eigenvector(ties), [expected[node] for node in range(ties.nodes)], atol=1e-9)


@pytest.mark.parametrize("name", ["sparse", "published"])
def test_degrees_give_what_networkx_gives(name):
    """
    In, out, and without direction.
    """
    network = NETWORKS[name]
    graph = nx.DiGraph(network)

    for way, expected in (
        ("degree", nx.degree_centrality(graph.to_undirected())),
        ("in_degree", nx.in_degree_centrality(graph)),
        ("out_degree", nx.out_degree_centrality(graph)),
    ):
        found = measure(network, way, resamples=0).set_index("node")["value"].to_dict()
        assert found == pytest.approx(expected, abs=1e-9)


def test_modularity_is_that_of_networkx():
    """
    Of the groups found, at another resolution too.
    """
    network = NETWORKS["published"]

    for resolution in (1.0, 1.7):
        found = communities(network, resolution)
        groups = [set(each) for each in found.groupby("community")["node"].apply(list)]
        expected = nx.community.modularity(nx.Graph(network), groups, resolution=resolution)
        assert found.attrs["modularity"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("algorithm", ["louvain", "leiden"])
def test_networkit_divides_as_well_and_the_same_each_time(algorithm):
    """
    It need not find the same groups; theirs are as good, and a seed gives the same ones.
    """
    pytest.importorskip("networkit")
    network = NETWORKS["published"]
    once, again = (communities(network, seed=5, algorithm=algorithm, engine="networkit") for _ in range(2))

    assert once.equals(again)
    assert once.attrs["engine"] == "networkit"
    assert once.attrs["modularity"] >= communities(network, engine="networkx").attrs["modularity"] - 0.02


def test_without_networkit_it_is_said_what_brings_it(monkeypatch):
    """
    Louvain then stays on networkx; Leiden has nothing else.
    """
    monkeypatch.setitem(sys.modules, "networkit", None)
    monkeypatch.setattr(kit, "is_installed", lambda: False)

    with pytest.raises(GraphError, match=r"pip install 'osint\[graph\]'"):
        communities(NETWORKS["published"], algorithm="leiden")
    assert communities(NETWORKS["published"]).attrs["engine"] == "networkx"


def test_engines_and_algorithms_that_are_not_there_are_refused():
    """
    A name that nobody knows is not taken for another.
    """
    with pytest.raises(GraphError, match="louvain, leiden"):
        communities(NETWORKS["published"], algorithm="walktrap")
    with pytest.raises(GraphError, match="leiden is computed by networkit, not by 'networkx'"):
        communities(NETWORKS["published"], algorithm="leiden", engine="networkx")
    with pytest.raises(GraphError, match="louvain is computed by networkit, networkx, not by 'igraph'"):
        communities(NETWORKS["published"], engine="igraph")


@pytest.mark.parametrize("sources", [5, 40, 60])
@pytest.mark.parametrize("name", ["sparse", "denser", "published"])
def test_arrays_draw_the_sample_that_networkx_draws(name, sources):
    """
    A seed means the same sources, so that the estimate too is equal.
    """
    ties = ties_of(NETWORKS[name], directed=True)

    sampled = reference.betweenness(ties, sources=sources, seed=1)

    np.testing.assert_allclose(arrays.betweenness(ties, sources=sources, seed=1), sampled, atol=1e-9)


def test_a_large_network_is_measured_by_what_is_there(monkeypatch):
    """
    NetworKit where it is installed; else arrays, which need no extra.
    """
    network = nx.MultiDiGraph(nx.relabel_nodes(nx.star_graph(6), str))
    monkeypatch.setattr(arrays, "DENSE", 5)
    monkeypatch.setattr(kit, "is_installed", lambda: False)

    assert measure(network, "betweenness", resamples=0).attrs["engine"] == "numpy"
    assert measure(network, "constraint", resamples=0).attrs["engine"] == "networkx"
