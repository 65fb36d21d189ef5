"""Figures of papers, from their own data: removal curves, centralities, key players, positions over time."""

from functools import cache

import pytest
from published_networks import numbers, phased, undirected

from osint.graph.measures import centrality, measure


@pytest.mark.parametrize(
    ("network", "nodes", "ties", "largest"),
    [("montagna_meetings", 101, 256, 92), ("montagna_phonecalls", 100, 124, 89)],
)
def test_montagna_has_the_size_of_the_paper(network, nodes, ties, largest):
    """
    Cavallaro et al. 2020: 101 persons met, 100 called.
    """
    found = measure(undirected(network), "removal", steps=1, resamples=0)

    assert (found.attrs["nodes"], found.attrs["edges"], found["largest"][0]) == (nodes, ties, largest)


@pytest.mark.parametrize(
    ("network", "by", "at_once", "left"),
    [
        ("montagna_meetings", "betweenness", 1, [92, 88, 68, 66, 46, 39, 38, 36, 24, 23, 19, 17, 15]),
        ("montagna_meetings", "degree", 1, [92, 88, 87, 85, 78, 77, 44, 43, 43, 43, 42, 34, 25]),
        ("montagna_meetings", "betweenness", 5, [92, 77, 24, 11, 8]),
        ("montagna_meetings", "degree", 5, [92, 77, 42, 8, 8]),
        ("montagna_phonecalls", "betweenness", 1, [89, 68, 51, 38, 35, 22, 12, 11, 5, 5, 4, 4, 3]),
        ("montagna_phonecalls", "betweenness", 5, [89, 29, 5, 3, 2]),
        ("montagna_phonecalls", "degree", 5, [89, 24, 4, 2, 2]),
    ],
)
def test_montagna_falls_apart_as_in_the_paper(network, by, at_once, left):
    """
    Cavallaro et al. 2020: the results they publish beside their programs, a share of the largest component, as persons.
    """
    found = measure(undirected(network), "removal", by=by, at_once=at_once, steps=len(left) - 1, resamples=0)

    assert found["largest"].tolist() == left
    assert found["removed"].tolist() == [at_once * step for step in range(len(left))]


def test_krebs_table():
    """
    Krebs 2002: the leading values of degree, betweenness and closeness; Penzar et al. 2005: their means.
    """
    network = undirected("krebs")
    found = {name: centrality(network, name) for name in ("degree", "betweenness", "closeness")}

    assert found["degree"]["value"].head(5).round(3).tolist() == [0.361, 0.295, 0.213, 0.18, 0.18]
    assert found["betweenness"]["value"].head(5).round(3).tolist() == [0.588, 0.252, 0.232, 0.154, 0.126]
    assert found["closeness"]["value"].head(5).round(3).tolist() == [0.587, 0.466, 0.445, 0.442, 0.436]
    assert found["closeness"]["value"].mean() == pytest.approx(0.35, abs=0.005)
    assert found["betweenness"]["value"].mean() == pytest.approx(0.032, abs=0.0005)


@cache
def three_of_krebs():
    """All sets of three are tried once for both tests."""
    return measure(undirected("krebs"), "key_players", size=3, resamples=0)


@cache
def caviar_resampled():
    """The ranks of both tests, and how far they hold."""
    return measure(phased("caviar"), "betweenness")


def test_three_key_players_of_borgatti():
    """
    Borgatti 2006: without three nodes of the network of Krebs, fragmentation is .59, and seven components are left.
    """
    network, found = undirected("krebs"), three_of_krebs()

    assert found.attrs["parameters"]["value"] == pytest.approx(0.59, abs=0.005)
    assert found.attrs["parameters"]["search"] == "all 37820 sets tried"
    assert found.groupby("set")["label"].apply(list).tolist() == [["003", "028", "061"], ["003", "044", "061"]]
    left = network.to_undirected(as_view=True).subgraph(set(network) - set(found[found["set"] == 1]["node"]))
    assert _components(left) == 7


def test_the_key_players_are_not_the_top_of_a_list():
    """
    Borgatti 2006: one of the three is not among the five of highest betweenness, and the first three of these do less.
    """
    network = undirected("krebs")
    leading = centrality(network, "betweenness")

    best = three_of_krebs()
    top = measure(network, "removal", by="betweenness", at_once=3, steps=1, resamples=0)

    assert 3 not in numbers(leading)[:5]
    assert top["fragmentation"][1] < best.attrs["parameters"]["value"] - 0.2


def test_caviar_coordinators_lead():
    """
    Morselli 2009: the coordinators N1 and N12 are first and second by betweenness, and stay so.
    """
    found = caviar_resampled()

    assert numbers(found)[:2] == [1, 12]
    assert (found["top_5"].head(2) == 1).all()


def test_caviar_is_reordered():
    """
    Morselli and Petit 2007: who leads changes under pressure. N1 leads the first eight of eleven phases, N12 the last.
    """
    found = measure(phased("caviar"), "trajectory", of="betweenness", window="1D", resamples=0)
    leading = found[found["rank"] == 1]

    assert found.groupby("start").size().tolist() == [15, 24, 33, 33, 32, 27, 36, 42, 34, 42, 41]
    assert numbers(leading) == [1, 1, 1, 1, 1, 1, 1, 1, 3, 1, 12]


@pytest.mark.parametrize(
    ("made", "held"),
    [(lambda: measure(undirected("krebs"), "betweenness"), 0.89), (caviar_resampled, 0.98)],
    ids=["krebs", "caviar"],
)
def test_some_networks_hold_better_than_others(made, held):
    """
    The mean share in which the five that lead stay among the five: one network of wiretaps, one of newspapers.
    """
    found = made()

    assert found["top_5"].head(5).mean() == pytest.approx(held, abs=0.02)


def _components(graph):
    import networkx as nx

    return nx.number_connected_components(nx.Graph(graph))
