"""What holds a network together: bridges, cliques, key players, brokers, groups, and what is left without them."""

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_posts import law

from osint.errors import GraphError
from osint.graph.measures import measure
from osint.graph.measures import player_sets as sets


def network_of(*ties, kind="person"):
    """A network in which each tie is shown by an exhibit of its own."""
    network = nx.MultiDiGraph()
    for number, (source, target) in enumerate(ties, 1):
        network.add_edge(source, target, key="mention", kind="mention", exhibits=[f"E{number:04}"], count=1)
    for node in network:
        network.nodes[node].update(kind=kind, label=node.upper())
    return network


# Two triangles with one tie between them, and one node that hangs on.
KITE = network_of(
    ("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "e"), ("e", "f"), ("f", "d"), ("f", "g"), ("b", "a")
)


def test_articulation_points_say_what_they_cut_off():
    """
    Those that cut off most come first.
    """
    found = measure(KITE, "articulation_points")

    assert found[["node", "parts", "cut_off"]].to_numpy().tolist() == [["d", 2, 3], ["c", 2, 2], ["f", 2, 1]]
    assert 0 < found.attrs["stability"]["false"] < 1


def test_bridges_name_their_exhibits():
    """
    A tie in both directions is no bridge of its own; an end that hangs on is.
    """
    found = measure(KITE, "bridges")

    assert found.to_dict("records") == [
        {"source": "c", "target": "d", "relations": ["mention"], "exhibits": ["E0004"], "cut_off": 3},
        {"source": "f", "target": "g", "relations": ["mention"], "exhibits": ["E0008"], "cut_off": 1},
    ]


def test_a_ring_has_no_bridge_but_seems_to_when_ties_are_hidden():
    """
    All that is found with a tie of a ring hidden is wrong, and the table says so.
    """
    ring = network_of(("a", "b"), ("b", "c"), ("c", "d"), ("d", "a"))

    for name in ("bridges", "articulation_points"):
        found = measure(ring, name, resamples=5)
        assert found.empty
        assert found.attrs["stability"]["false"] == 1.0


def test_cliques_come_largest_first_and_say_how_often_they_stay():
    """
    With one of eight ties hidden, a triangle stays unless it is one of its three.
    """
    found = measure(KITE, "cliques", resamples=400)

    assert found.groupby("clique")["node"].apply(list).tolist() == [["a", "b", "c"], ["d", "e", "f"]]
    assert found["stays"].tolist() == pytest.approx([5 / 8] * 6, abs=0.1)
    assert found.attrs["parameters"] == {"smallest": 3, "missing": 0, "found": 2, "all": True}
    assert measure(KITE, "cliques", smallest=2).attrs["parameters"]["found"] == 4


def test_fragmentation_counts_pairs_that_cannot_reach_each_other():
    """
    Without the middle of a chain of three nobody reaches anybody; of a chain of five, two pairs are left of ten.
    """
    chain = network_of(("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"))

    found = measure(chain, "key_players", size=1)

    assert found["node"].tolist() == ["c"]
    assert found.attrs["parameters"]["value"] == pytest.approx(0.8)
    assert measure(network_of(("a", "b"), ("b", "c")), "key_players", size=1).attrs["parameters"]["value"] == 1.0


def test_distance_counts_a_longer_way_as_half_broken():
    """
    Of a ring of four, the pairs next to each other count 1, those across 1/2; without one node, a chain of three is left.
    """
    ring = network_of(("a", "b"), ("b", "c"), ("c", "d"), ("d", "a"))

    found = measure(ring, "key_players", size=1, goal="fragment_distance").attrs["parameters"]

    assert found["before"] == pytest.approx(1 - (4 + 2 * 0.5) / 6)
    assert found["value"] == pytest.approx(1 - (2 + 0.5) / 6)


def test_reach_counts_those_near_the_set():
    """
    In the kite, one node reaches five of seven in one step with itself; two steps reach farther; two nodes reach all.
    """
    one = measure(KITE, "key_players", size=1, goal="reach", steps=1)
    two = measure(KITE, "key_players", size=2, goal="reach", steps=1)

    assert one["node"].tolist() == ["c", "d", "f"]
    assert one.attrs["parameters"]["value"] == pytest.approx(4 / 7)
    assert two.attrs["parameters"]["value"] == 1.0
    assert two.groupby("set")["node"].apply(list).tolist() == [["a", "f"], ["b", "f"], ["c", "f"]]


def test_distance_weighted_reach_is_the_mean_nearness():
    """
    From the middle of a chain of three: itself and both ends at one step.
    """
    found = measure(network_of(("a", "b"), ("b", "c"), ("c", "d")), "key_players", size=1, goal="reach_distance")

    assert found["node"].tolist() == ["b", "c"]
    assert found.attrs["parameters"]["value"] == pytest.approx((1 + 1 + 1 + 0.5) / 4)


@law
@given(st.integers(0, 1000), st.sampled_from(["fragment", "fragment_distance", "reach", "reach_distance"]))
def test_exchanges_never_do_better_than_all_sets_and_say_what_they_are(seed, goal):
    """
    What is not exhaustive is at most as good, and its table says that a better set may exist.
    """
    graph = nx.gnp_random_graph(9, 0.3, seed=seed)
    network = nx.MultiDiGraph(nx.relabel_nodes(graph, str))
    best = measure(network, "key_players", size=2, goal=goal, resamples=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sets, "_WORK", 0)
        found = measure(network, "key_players", size=2, goal=goal, resamples=0)

    value = found.attrs["parameters"]["value"]
    assert value <= best.attrs["parameters"]["value"] + 1e-12
    assert value >= max(_alone(network, goal)) - 1e-12
    assert "a better set may exist" in found.attrs["method"]
    assert best.attrs["parameters"]["search"] == "all 36 sets tried"


def _alone(network, goal):
    return [measure(network, "key_players", size=1, goal=goal, resamples=0).attrs["parameters"]["value"]]


def test_the_share_of_resamples_tells_sure_players_from_accidental_ones():
    """
    The middle of a star is in the set each time.
    """
    star = network_of(*(("middle", f"tip{number}") for number in range(8)))

    found = measure(star, "key_players", size=2, goal="reach_distance", resamples=50).set_index("node")

    assert found.loc["middle", "in_set"].min() == 1.0
    assert found.drop("middle")["in_set"].max() < 1.0


def test_sets_that_cannot_be_are_refused():
    """
    No goal that nobody knows, no set larger than the network.
    """
    with pytest.raises(GraphError, match="unknown goal 'arrest'"):
        measure(KITE, "key_players", goal="arrest")
    with pytest.raises(GraphError, match="a set of 8 cannot be taken from 7 nodes"):
        measure(KITE, "key_players", size=8)


def test_what_is_left_has_a_band():
    """
    Nine of ten resamples lie between low and high, which lie around what was found, or near it.
    """
    found = measure(KITE, "removal", steps=3, resamples=40)

    assert found["largest"].tolist() == [7, 3, 3, 3]
    assert found["nodes"].tolist() == [[], ["d"], ["f"], ["g"]]
    assert (found["share_low"] <= found["share_high"]).all()
    assert found["fragmentation"].is_monotonic_increasing
    with pytest.raises(GraphError, match="degree or betweenness, not by 'age'"):
        measure(KITE, "removal", by="age")
    with pytest.raises(GraphError, match="no node"):
        measure(nx.MultiDiGraph(), "removal")


# -- brokers -----------------------------------------------------------------------------------------------------------

ROLES = {
    "coordinator": "AAA", "itinerant": "ABA", "gatekeeper": "ABB", "representative": "AAB", "liaison": "ABC",
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_a_role_follows_from_the_groups_of_three(role):
    """
    Gould and Fernandez 1989: a -> v -> b, and not a -> b.
    """
    groups = dict(zip(("a", "v", "b"), ROLES[role], strict=True))

    found = measure(network_of(("a", "v"), ("v", "b")), "brokerage", groups=groups).set_index("node")

    assert found.loc["v", list(ROLES)].to_dict() == {each: int(each == role) for each in ROLES}
    assert found.loc["v", ["value", "rank", "group"]].tolist() == [1.0, 1, groups["v"]]
    assert found.loc[["a", "b"], "value"].sum() == 0


def test_who_can_speak_directly_needs_no_broker():
    """
    Nor does a way back to where it came from, nor one through nodes without a group, count.
    """
    groups = dict.fromkeys("avb", "one")

    closed = measure(network_of(("a", "v"), ("v", "b"), ("a", "b"), ("v", "a")), "brokerage", groups=groups)
    unknown = measure(network_of(("a", "v"), ("v", "b")), "brokerage", groups={"v": "one"})

    assert closed["value"].sum() == 0
    assert unknown["value"].sum() == 0
    assert unknown.attrs["parameters"]["ungrouped"] == 2
    with pytest.raises(GraphError, match="no node has a group"):
        measure(network_of(("a", "v")), "brokerage")


@law
@given(st.integers(0, 1000))
def test_the_roles_add_up_to_all_open_ways(seed):
    """
    Whatever the groups, each way of two steps that nothing shortens has one role.
    """
    graph = nx.gnp_random_graph(12, 0.25, seed=seed, directed=True)
    network = nx.MultiDiGraph(nx.relabel_nodes(graph, str))
    nx.set_node_attributes(network, {node: str(int(node) % 3) for node in network}, "platform")

    found = measure(network, "brokerage", resamples=0)

    open_ways = sum(
        graph.has_edge(a, v) and graph.has_edge(v, b) and not graph.has_edge(a, b)
        for v in graph for a in graph for b in graph if len({a, v, b}) == 3
    )  # fmt: skip
    assert found[list(ROLES)].to_numpy().sum() == open_ways == found["value"].sum()


# -- groups ------------------------------------------------------------------------------------------------------------


def test_co_assignment_counts_runs_together():
    """
    Two triangles with one tie between them fall into the same two groups each time; who never met has no row.
    """
    found = measure(KITE, "co_assignment", runs=5)

    assert (found["node"] + found["other"]).tolist() == ["ab", "ac", "bc", "de", "df", "dg", "ef", "eg", "fg"]
    assert (found["share"] == 1.0).all()


def test_together_is_the_mean_of_co_assignment():
    """
    The column of the groups says of each node what the other table says of its pairs.
    """
    network = nx.MultiDiGraph(nx.relabel_nodes(nx.gnp_random_graph(40, 0.1, seed=3), str))
    groups = measure(network, "communities", runs=10).set_index("node")
    pairs = measure(network, "co_assignment", runs=10)
    shares = {frozenset(pair): share for *pair, share in pairs.itertuples(index=False)}

    for node, row in groups.iterrows():
        others = [each for each in groups.index[groups["community"] == row["community"]] if each != node]
        if others:
            of_pairs = [shares.get(frozenset({node, other}), 0.0) for other in others]
            assert row["together"] == pytest.approx(sum(of_pairs) / len(others))
    assert groups["together"].min() < 1  # this graph has no clear groups, and it shows


def test_person_12_and_crime_12_never_collide():
    """
    In a table of persons and crimes, equal numbers are different nodes: a tie between kinds stays one.
    """
    network = nx.MultiDiGraph()
    for person, crime in ((12, 12), (12, 13), (13, 13), (14, 12)):
        network.add_edge(f"person:case:{person}", f"event:case:{crime}", key="present at", exhibits=["E0001"])

    found = measure(network, "degree").set_index("node")

    assert len(found) == 5
    assert found.attrs["edges"] == 4
    assert found.loc[["person:case:12", "event:case:12"], "value"].tolist() == [0.5, 0.5]
    assert not any(network.has_edge(node, node) for node in network)
    assert all({one.partition(":")[0], two.partition(":")[0]} == {"person", "event"} for one, two in network.edges())
