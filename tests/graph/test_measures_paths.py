"""Ways from one node to another, each hop with its exhibits, in the order of time where that is asked; ranks over time."""

from datetime import UTC, datetime

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_posts import law

from osint.errors import GraphError
from osint.graph.measures import measure


def day(number):
    return datetime(2026, 5, number, 12, tzinfo=UTC)


def dated(*edges):
    """A network of (source, target, first day, last day); None has no date."""
    network = nx.MultiDiGraph()
    for number, (source, target, first, last) in enumerate(edges, 1):
        network.add_edge(
            source, target, key=f"mention {number}", kind="mention", exhibits=[f"E{number:04}"],
            first=first and day(first), last=last and day(last),
        )  # fmt: skip
    return network


def hops(table):
    return [f"{row.source}{row.target}" for row in table.itertuples()]


ROUNDABOUT = dated(
    ("a", "b", 1, 1), ("b", "d", 2, 2), ("a", "c", 3, 3), ("c", "e", 4, 4), ("e", "d", 5, 5), ("d", "b", 6, 7)
)


def test_ways_come_shortest_first_and_every_hop_names_its_exhibits():
    """
    A tie that is shown in both directions names the exhibits of both.
    """
    found = measure(ROUNDABOUT, "paths", source="a", target="d")

    assert found.groupby("path").apply(hops).tolist() == [["ab", "bd"], ["ac", "ce", "ed"]]
    assert found["exhibits"].tolist() == [["E0001"], ["E0002", "E0006"], ["E0003"], ["E0004"], ["E0005"]]
    assert found["relations"].tolist() == [["mention"]] * 5
    assert (found["first"][1], found["last"][1]) == (day(2), day(7))
    assert set(found.attrs["stability"]) == {"resamples", "hidden", "seed", "connected", "as_short"}


def test_a_direction_is_followed_where_it_is_asked():
    """
    Back from d leads one edge, to b, and no further; its exhibits are those of that edge alone.
    """
    assert measure(ROUNDABOUT, "paths", source="d", target="a", directed=True).empty
    found = measure(ROUNDABOUT, "paths", source="b", target="d", directed=True)
    assert found["exhibits"].tolist() == [["E0002"]]


def test_a_way_that_one_tie_makes_is_less_sure():
    """
    Of a chain of four ties one is hidden each time: there never is a way left. A ring leaves one, a longer one.
    """
    chain = dated(("a", "b", 1, 1), ("b", "c", 1, 1), ("c", "d", 1, 1), ("d", "e", 1, 1))
    ring = dated(("a", "b", 1, 1), ("b", "c", 1, 1), ("c", "a", 1, 1))

    assert measure(chain, "paths", source="a", target="e").attrs["stability"]["connected"] == 0.0
    held = measure(ring, "paths", source="a", target="b").attrs["stability"]
    assert held["connected"] == 1.0
    assert held["as_short"] == pytest.approx(2 / 3, abs=0.1)


def test_no_way_is_an_empty_table_and_no_node_an_error():
    """
    Not in what was collected; and a name that is not there at all is told apart from that.
    """
    network = dated(("a", "b", 1, 1), ("x", "y", 1, 1))

    for name in ("paths", "timed_paths"):
        found = measure(network, name, source="a", target="y")
        assert found.empty
        assert list(found.dtypes) == list(measure(network, name, source="a", target="b").dtypes)
        with pytest.raises(GraphError, match="no node 'z'"):
            measure(network, name, source="a", target="z")


def test_a_timed_way_never_goes_back_in_time():
    """
    The short way over b is shut: its second hop was before its first. The long way is open.
    """
    network = dated(("a", "b", 5, 5), ("b", "d", 2, 2), ("a", "c", 1, 1), ("c", "e", 3, 3), ("e", "d", 4, 4))

    found = measure(network, "timed_paths", source="a", target="d")

    assert hops(found) == ["ac", "ce", "ed"]
    assert found["at"].tolist() == [day(1), day(3), day(4)]
    assert found["exhibits"].tolist() == [["E0003"], ["E0004"], ["E0005"]]


def test_the_last_post_of_an_edge_is_a_contact_too():
    """
    An edge seen on day 2 and on day 9 leads on at day 9 where day 2 is over.
    """
    network = dated(("a", "b", 5, 5), ("b", "d", 2, 9))

    assert measure(network, "timed_paths", source="a", target="d")["at"].tolist() == [day(5), day(9)]


def test_of_two_ways_the_earlier_one_is_taken_and_of_equals_the_shorter():
    """
    Arrival counts first, hops second.
    """
    network = dated(("a", "d", 8, 8), ("a", "b", 1, 1), ("b", "d", 2, 2), ("a", "e", 1, 1), ("e", "b", 1, 1))

    assert hops(measure(network, "timed_paths", source="a", target="d")) == ["ab", "bd"]
    later = measure(network, "timed_paths", source="a", target="d", since="2026-05-03T00:00:00Z")
    assert hops(later) == ["ad"]


def test_whoever_is_reached_later_may_still_be_on_the_shorter_way():
    """
    Over c to b it is day 2, straight to b day 3: both are in time for the one contact with d, and one hop is less.
    """
    network = dated(("a", "c", 1, 1), ("c", "b", 2, 2), ("a", "b", 3, 3), ("b", "d", 5, 5))

    found = measure(network, "timed_paths", source="a", target="d", resamples=0)

    assert hops(found) == ["ab", "bd"]
    assert found["at"].tolist() == [day(3), day(5)]


@law
@given(st.lists(st.tuples(*[st.sampled_from("abcde")] * 2, *[st.integers(1, 6)] * 2), max_size=9))
def test_no_timed_way_is_earlier_and_none_as_early_is_shorter(drawn):
    """
    Beside every way that there is, tried one by one.
    """
    network = dated(*((one, two, min(days), max(days)) for one, two, *days in drawn), ("a", "e", 6, 6))
    found = measure(network, "timed_paths", source="a", target="e", resamples=0)

    def ways(node, now, passed):
        if node == "e":
            yield now, len(passed)
            return
        for _, two, known in network.out_edges(node, data=True):
            if two not in (node, *passed, "a"):
                yield from (
                    way for at in (known["first"], known["last"]) if at >= now for way in ways(two, at, [*passed, two])
                )

    assert (found["at"].iloc[-1], len(found)) == min(ways("a", day(1), []))
    assert found["at"].is_monotonic_increasing


def test_edges_without_a_date_are_counted_and_not_used():
    """
    What has no time cannot be put in order.
    """
    found = measure(dated(("a", "b", None, None), ("b", "c", 1, 1)), "timed_paths", source="a", target="c")

    assert found.empty
    assert found.attrs["parameters"]["undated"] == 1


def test_the_way_does_not_depend_on_the_order_of_edges():
    """
    Two ways of the same arrival and length: the same one is taken, however the graph was made.
    """
    edges = [("a", "b", 1, 1), ("b", "d", 2, 2), ("a", "c", 1, 1), ("c", "d", 2, 2)]

    found = [hops(measure(dated(*order), "timed_paths", source="a", target="d")) for order in (edges, edges[::-1])]

    assert found[0] == found[1]


def test_ranks_move_from_window_to_window():
    """
    Who lies between the others in the first days no longer does in the next.
    """
    network = dated(("a", "b", 1, 1), ("b", "c", 1, 1), ("b", "a", 3, 3), ("a", "c", 3, 3), (("c"), "d", None, None))

    found = measure(network, "trajectory", window="2D")
    leading = found[found["rank"] == 1]

    assert leading["node"].tolist() == ["b", "a"]
    assert leading["moved"].isna().tolist() == [True, False]
    assert leading["moved"].tolist()[1] == 1
    assert "d" not in set(found["node"])
    assert found.attrs["parameters"] == {"of": "betweenness", "window": "2D", "step": "2D", "windows": 2, "undated": 1}
    assert {"same_rank", "top_5"} < set(found)


def test_a_tie_counts_between_its_first_and_its_last_post():
    """
    In a window in between it is taken to have gone on.
    """
    network = dated(("a", "b", 1, 5), ("c", "d", 1, 1))

    found = measure(network, "trajectory", of="degree", window="1D")

    assert found.groupby("start")["node"].apply(list).tolist() == [["a", "b", "c", "d"]] + [["a", "b"]] * 4


def test_windows_that_cannot_be_are_refused():
    """
    No date, no length, or a window for each second of a year.
    """
    with pytest.raises(GraphError, match="no edge has a date"):
        measure(dated(("a", "b", None, None)), "trajectory")
    with pytest.raises(GraphError, match="no length of time"):
        measure(dated(("a", "b", 1, 1)), "trajectory", window="some days")
    with pytest.raises(GraphError, match="none or more than 500"):
        measure(dated(("a", "b", 1, 9)), "trajectory", window="1s")
    with pytest.raises(GraphError, match="none or more than 500"):
        measure(dated(("a", "b", 1, 9)), "trajectory", window="0D")
