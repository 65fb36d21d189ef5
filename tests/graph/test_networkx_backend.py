"""The backend of networkx: its values are those of networkx, and it does nothing unless it is named."""

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import networkx as nx
import pytest
from published_networks import undirected

from osint.graph import backend

ROOT = Path(__file__).parent.parent.parent
NAMED = EntryPoint("osint", "osint.graph.backend", "networkx.backends")


GRAPHS = {
    "undirected": lambda: nx.gnp_random_graph(40, 0.1, seed=1),
    "directed": lambda: nx.gnp_random_graph(40, 0.1, seed=2, directed=True),
    "parallel and looping": lambda: nx.MultiDiGraph([("b", "a"), ("b", "a"), ("a", "c"), ("c", "c"), ("c", "d")]),
    "published": lambda: nx.Graph(undirected("krebs")),
    "two nodes": lambda: nx.path_graph(2),
    "none": nx.Graph,
}


@pytest.mark.parametrize("made", GRAPHS)
@pytest.mark.parametrize("asked", [{}, {"normalized": False}, {"k": 4, "seed": 7}, {"k": 4, "seed": 7, "normalized": False}], ids=str)  # fmt: skip
def test_betweenness_is_that_of_networkx(made, asked):
    """
    To 1e-9, in the order of the nodes; a sample is the one that networkx draws.
    """
    graph = GRAPHS[made]()
    if asked.get("k", 0) > len(graph) or ("k" in asked and not len(graph)):
        pytest.skip("networkx draws no more nodes than there are")
    expected = nx.betweenness_centrality(graph, **asked)
    found = nx.betweenness_centrality(graph, backend="osint", **asked)

    assert list(found) == list(expected)
    assert list(found.values()) == pytest.approx(list(expected.values()), abs=1e-9)


@pytest.mark.parametrize("name", ["louvain_communities", "leiden_communities"])
def test_groups_are_as_good_and_the_same_each_time(name):
    """
    Every node is in one group; the modularity is that which networkx reaches, or nearly.
    """
    pytest.importorskip("networkit")
    graph, divide = nx.Graph(undirected("krebs")), getattr(nx.community, name)
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    for *_, known in graph.edges(data=True):
        known.clear()
    found = divide(graph, seed=3, backend="osint")
    best = nx.community.modularity(graph, nx.community.louvain_communities(graph, seed=3))

    assert nx.community.is_partition(graph, found)
    assert found == divide(graph.copy(), seed=3, backend="osint")
    assert nx.community.modularity(graph, found) > best - 0.02


def test_it_computes_nothing_unless_it_is_named(monkeypatch):
    """
    To have it installed changes no value that anybody else asks networkx for.
    """
    monkeypatch.setattr(backend, "convert_from_nx", None)

    assert nx.config.backend_priority.algos == []
    assert nx.betweenness_centrality(nx.path_graph(3))[1] == 1.0
    with pytest.raises(TypeError):
        nx.betweenness_centrality(nx.path_graph(3), backend="osint")


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda graph: nx.betweenness_centrality(graph, endpoints=True, backend="osint"), "endpoints do not count"),
        (lambda graph: nx.betweenness_centrality(graph, None, True, "weight", backend="osint"), "weights and endpoints"),
        (lambda graph: nx.community.louvain_communities(graph, backend="osint"), "'weight', which does not count here"),
        (lambda graph: nx.community.louvain_communities(graph, None, max_level=1, backend="osint"), "max_level"),
        (lambda graph: nx.community.louvain_communities(nx.DiGraph(graph), backend="osint"), "without direction"),
    ],
)  # fmt: skip
def test_what_it_would_compute_otherwise_is_refused(call, why, caplog):
    """
    Not left out of account in silence.
    """
    pytest.importorskip("networkit")
    graph = nx.Graph()
    graph.add_edge("a", "b", weight=3)

    with caplog.at_level("DEBUG", "networkx"), pytest.raises(NotImplementedError, match="by 'osint' backend"):
        call(graph)
    assert why in caplog.text


def test_the_package_names_it_to_networkx():
    """
    Under the name that networkx looks for, and nothing that it would import at its own start.
    """
    points = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]

    assert points == {"networkx.backends": {"osint": NAMED.value}}
    assert NAMED.load() is backend
