"""Ties in time, bursts, plexes, trusses, and pairs that may have been missed."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import networkx as nx
import pandas as pd
import pytest
from published_networks import undirected

from osint.errors import GraphError
from osint.graph.measures import measure
from osint.graph.measures.arrays import truss
from osint.graph.measures.ties import ties_of

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def at(hours):
    return NOON + timedelta(hours=hours)


def talk(*ties):
    """A network and its posts: each tie is source, target, and the hours of its posts."""
    network, told = nx.MultiDiGraph(), []
    for number, (source, target, *hours) in enumerate(ties, 1):
        ids = [f"post:{number}.{place}" for place in range(len(hours))]
        told += zip(ids, map(at, hours), strict=True)
        network.add_edge(
            source, target, key=f"mention{number}", kind="mention", basis="observed", count=len(ids), posts=ids,
            exhibits=[f"E{number:04}"], first=at(min(hours)), last=at(max(hours)),
        )  # fmt: skip
    for node in network:
        network.nodes[node].update(kind="account", label=node.upper())
    posts = pd.DataFrame(told, columns=["id", "published"])
    return network, posts.assign(published=pd.to_datetime(posts["published"], utc=True))


def test_the_ties_of_two_nodes_are_one_line_in_time():
    """
    Both directions count together, a silent window has no row, and the earliest pair comes first.
    """
    network, posts = talk(("b", "a", 0, 1, 50), ("a", "b", 49), ("a", "c", 2))
    found = measure(network, "activity", window="1D", posts=posts)

    assert found[["one", "other", "contacts"]].to_numpy().tolist() == [["a", "b", 2], ["a", "b", 2], ["a", "c", 1]]
    assert found["start"].tolist() == [at(0), at(48), at(0)]
    assert found["exhibits"].tolist() == [["E0001"], ["E0001", "E0002"], ["E0003"]]
    assert found.attrs["method"] == "contacts in windows of 1D; contacts of an edge: all posts"
    assert measure(network, "activity", window="1D")["contacts"].tolist() == [1, 2, 1]


def test_what_is_said_of_an_instant_names_the_exhibits_of_that_instant():
    """
    A hop at noon is not shown by the exhibit of a later post of its edge; what tells whose post was answered stays.
    """
    network, posts = talk(("a", "b", 0, 30), ("b", "c", 1))
    network.edges["a", "b", "mention1"].update(exhibits=["E0001", "E0007", "E0009"], via=["post:7"])
    posts.loc[len(posts), "id"] = "post:7"  # without a date
    posts["exhibits"] = [["E0001"], ["E0009"], ["E0002"], ["E0007"]]

    way = measure(network, "timed_paths", source="a", target="c", posts=posts)["exhibits"].tolist()
    days = measure(network, "activity", window="1D", posts=posts)["exhibits"].tolist()

    assert way == [["E0001", "E0007"], ["E0002"]]
    assert days == [["E0001", "E0007"], ["E0007", "E0009"], ["E0002"]]
    unknown = posts.drop(columns="exhibits")  # then what shows the edge is all that can be named
    assert measure(network, "timed_paths", source="a", target="c", posts=unknown)["exhibits"][0] == [
        "E0001",
        "E0007",
        "E0009",
    ]


def test_contacts_that_crowd_are_a_burst_and_regular_ones_are_none():
    """
    Ten posts in an hour among weekly ones; the burst names when it was, how many posts, and its exhibits.
    """
    weekly, crowd = [168 * week for week in range(20)], [840 + minute / 10 for minute in range(10)]
    network, posts = talk(("a", "b", *weekly), ("c", "a", *crowd), ("d", "e", *weekly))
    found = measure(network, "bursts", posts=posts, resamples=5, scaling=5)

    burst = found[found["node"] == "a"].iloc[0]
    assert set(found["node"]) == {"a"}
    assert (burst["start"], burst["end"], burst["contacts"]) == (at(840), at(840.9), 10)
    assert burst["exhibits"] == ["E0001", "E0003"] or burst["exhibits"] == ["E0001", "E0002"]
    assert 0 <= burst["stays"] <= 1
    with pytest.raises(GraphError, match="scaling is above 1"):
        measure(network, "bursts", scaling=1)


def test_few_contacts_are_no_burst():
    """
    Two instants have one gap, which is its own mean.
    """
    assert measure(talk(("a", "b", 0, 1))[0], "bursts").empty
    assert measure(nx.MultiDiGraph(), "bursts").empty


def test_every_post_of_an_edge_is_a_contact_of_a_timed_way():
    """
    Without the table the first and the last are all that is known, and the arrival is later.
    """
    network, posts = talk(("a", "b", 5), ("b", "c", 0, 6, 9))

    assert measure(network, "timed_paths", source="a", target="c")["at"].tolist() == [at(5), at(9)]
    assert measure(network, "timed_paths", source="a", target="c", posts=posts)["at"].tolist() == [at(5), at(6)]


def test_a_plex_lacks_a_tie_and_a_clique_none():
    """
    Four nodes with all ties but one are a 2-plex; all sets found are those of trying every set.
    """
    square = nx.MultiDiGraph(tie for tie in combinations("abcd", 2) if tie != ("a", "b"))
    network = nx.MultiDiGraph(nx.gnp_random_graph(9, 0.5, seed=4))
    network = nx.relabel_nodes(network, str)

    assert measure(square, "cliques", smallest=4)["node"].tolist() == []
    assert measure(square, "cliques", smallest=4, missing=1)["node"].tolist() == list("abcd")
    found = measure(network, "cliques", missing=1, resamples=0)
    assert {frozenset(each) for each in found.groupby("clique")["node"].apply(list)} == plexes(network, 2)
    with pytest.raises(GraphError, match="0 or more"):
        measure(square, "cliques", missing=-1)


def plexes(network, most):
    """Every maximal set of at least 2k - 1 nodes of which each lacks at most k, itself counted: all sets are tried."""
    graph = nx.Graph(network)

    def is_plex(nodes):
        return all(len(nodes) - graph.subgraph(nodes).degree(node) <= most for node in nodes)

    sets = [set(each) for size in range(2 * most - 1, len(graph) + 1) for each in combinations(graph, size)]
    kept = [each for each in sets if is_plex(each)]
    return {frozenset(each) for each in kept if not any(each < other for other in kept)}


def test_the_truss_number_is_that_of_networkx():
    """
    On a published network, for every k.
    """
    network = undirected("krebs")
    names, found = sorted(network), truss(ties_of(network, directed=False))
    graph = nx.Graph(network)

    for k in range(3, int(found.max()) + 2):
        assert {names[place] for place in range(len(names)) if found[place] >= k} == {*nx.k_truss(graph, k)}


def test_only_those_with_posts_of_their_own_count_among_authors():
    """
    Who is merely named has no value, and does not raise that of others.
    """
    network, _ = talk(("a", "b", 0), ("b", "a", 0), ("a", "c", 0), ("a", "d", 0))
    found = measure(network, "degree_among_authors", resamples=0).set_index("node")["value"]

    assert found.loc[["a", "b"]].tolist() == [1.0, 1.0]
    assert found.loc[["c", "d"]].isna().all()


def test_a_pair_that_shares_rare_neighbours_comes_first():
    """
    By networkx's own index; a list in a network made of triangles does better than chance.
    """
    network = undirected("krebs")
    graph = nx.Graph(network)
    found = measure(network, "unseen_ties", count=5, resamples=20)
    best = sorted(
        nx.adamic_adar_index(graph), key=lambda each: (-round(each[2], 10), min(each[:2]), max(each[:2]))
    )[:5]  # fmt: skip

    assert found["score"].tolist() == pytest.approx([score for *_, score in best])
    assert all(set(row.shared) == set(nx.common_neighbors(graph, row.one, row.other)) for row in found.itertuples())
    assert found.attrs["stability"]["hits"] > 5 * found.attrs["stability"]["base_rate"]
    with pytest.raises(GraphError, match="count is at least 1"):
        measure(network, "unseen_ties", count=0)
