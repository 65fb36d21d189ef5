"""Derived edges: what two accounts share, weighed by how rare it is, by a rule that is named."""

import math
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from invented_posts import DAWN, JANE, OMAR, hashtag, law, mention, post, rows, table

from osint.errors import GraphError
from osint.graph.association import association_graph
from osint.graph.derived import RULES, derive
from osint.graph.edge_filter import Filter
from osint.graph.edge_query import materialise
from osint.graph.edge_store import EdgeStore
from osint.graph.observations import KINDS, File

KIM = "account:mastodon:kim@social.example"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def derived(network):
    return {(one, other, kind): known for one, other, kind, known in network.edges(keys=True, data=True) if known["basis"] == "derived"}  # fmt: skip


def test_what_fewer_share_weighs_more():
    """
    A number that two accounts wrote weighs 1 / log 3, one that three wrote 1 / log 4; both counts are shown.
    """
    store = EdgeStore(None)
    both, all_three = "Ring +44 20 7946 0958", "write dawn@mail.example"
    store.update(
        table(
            post(1, content=f"{both} or {all_three}"), post(2, attributed_to=DAWN, content=f"{both}, {all_three}", exhibit="E0002"),
            post(3, attributed_to=OMAR, content=all_three),
        )
    )  # fmt: skip
    found = derived(derive(materialise(store, Filter(kinds=["phone", "email"])), ["shared_contact"]))

    known = found[DAWN, JANE, "shared_contact"]
    assert set(found) == {
        (DAWN, JANE, "shared_contact"),
        (DAWN, OMAR, "shared_contact"),
        (JANE, OMAR, "shared_contact"),
    }
    assert math.isclose(known["weight"], 1 / math.log(3) + 1 / math.log(4))
    assert [(each["node"], each["df"]) for each in known["shared"]] == [
        ("email:smtp:dawn@mail.example", 3),
        ("phone:e164:+442079460958", 2),
    ]
    assert known["rule"] == {"id": "shared_contact", "version": 1, "parameters": {"max_df": 50}}
    assert (known["posts"], known["exhibits"]) == (["mastodon:1", "mastodon:2"], ["E0001", "E0002"])


def test_the_same_file_ties_who_showed_it():
    """
    By its SHA-256, with the exhibit of the file.
    """
    store = EdgeStore(None)
    files = {f"mastodon:{number}": [File("ab" * 32, "E0009")] for number in (1, 2)}
    store.update(table(post(1), post(2, attributed_to=DAWN), post(3, attributed_to=OMAR)), files=files)
    found = derived(derive(materialise(store, Filter(kinds=KINDS)), ["same_media"]))

    assert [(edge, known["exhibits"]) for edge, known in found.items()] == [
        ((DAWN, JANE, "same_media"), ["E0001", "E0009"])
    ]


def test_naming_the_same_account_is_a_tie_unless_too_many_do():
    """
    ``max_df`` leaves out whom everybody names; an account does not share itself.
    """
    network = association_graph(
        table(post(1, tag=[mention(OMAR)]), post(2, attributed_to=DAWN, tag=[mention(OMAR)]), post(3, attributed_to=OMAR, tag=[mention(OMAR)]))
    )  # fmt: skip

    assert list(derived(derive(network, ["co_mention"]))) == [(DAWN, JANE, "co_mention")]
    assert derived(derive(network, {"co_mention": {"max_df": 1}})) == {}


@pytest.mark.parametrize(("apart", "tied"), [(60, True), (61, False)])
def test_doing_the_same_within_the_window_is_a_tie(apart, tied):
    """
    The window is closed, and one that is longer is a parameter.
    """
    later = NOON + timedelta(seconds=apart)
    network = association_graph(
        table(
            post(1, tag=[hashtag("x")], published=NOON),
            post(2, attributed_to=DAWN, tag=[hashtag("x")], published=later),
        )
    )

    assert bool(derived(derive(network, ["coordinated_timing"]))) == tied
    assert derived(derive(network, {"coordinated_timing": {"seconds": 90}}))


def test_a_post_between_the_first_and_the_last_counts_with_the_posts_table():
    """
    Dawn's one post lies a second after Jane's second of three; the rule says which instants it looked at.
    """
    used = [hashtag("x")]
    posts = table(
        *(post(number, tag=used, published=NOON + timedelta(hours=number)) for number in (1, 2, 3)),
        post(4, attributed_to=DAWN, tag=used, published=NOON + timedelta(hours=2, seconds=1)),
        post(5, attributed_to=OMAR, tag=used, published=pd.Timestamp.max.tz_localize("UTC").floor("us")),
    )
    network = association_graph(posts)
    found = derived(derive(network, ["coordinated_timing"], posts))

    assert derived(derive(network, ["coordinated_timing"])) == {}
    assert list(found) == [(DAWN, JANE, "coordinated_timing")]
    assert found[DAWN, JANE, "coordinated_timing"]["rule"] == {
        "id": "coordinated_timing", "version": 3, "parameters": {"max_df": 50, "seconds": 60, "instants": "all posts"},
    }  # fmt: skip


def test_a_tie_by_timing_names_what_lies_in_the_window_and_nothing_else():
    """
    Of what either posted with the tag that day, the two posts of one minute, their instants and their exhibits; a graph
    without the posts table cannot tell them from the others.
    """
    used, hour = [hashtag("x")], timedelta(hours=1)
    posts = table(
        *(post(number, tag=used, published=NOON + number * hour, exhibit=f"E000{number}") for number in (1, 2, 3)),
        post(4, attributed_to=DAWN, tag=used, published=NOON + 2 * hour + timedelta(seconds=1), exhibit="E0004"),
        post(5, attributed_to=DAWN, tag=used, published=NOON + 9 * hour, exhibit="E0005"),
    )
    network = association_graph(posts)
    [known] = derived(derive(network, ["coordinated_timing"], posts)).values()
    [loose] = derived(derive(network, {"coordinated_timing": {"seconds": 6 * 3600}})).values()

    assert (known["posts"], known["exhibits"]) == (["mastodon:2", "mastodon:4"], ["E0002", "E0004"])
    assert known["last"] - known["first"] == timedelta(seconds=1)
    assert len(loose["posts"]) == len(loose["exhibits"]) == 5


def test_times_without_a_zone_are_refused():
    """
    They would be compared as if they were UTC.
    """
    posts = table(post(1, tag=[hashtag("x")], published=NOON))
    naive = posts.assign(published=posts["published"].dt.tz_localize(None))

    with pytest.raises(GraphError, match="without a zone"):
        derive(association_graph(posts), ["coordinated_timing"], naive)
    with pytest.raises(GraphError, match="has no column id"):
        derive(association_graph(posts), ["coordinated_timing"], posts[["published"]])


@law
@given(rows())
def test_rules_add_edges_and_change_none(made):
    """
    The observed graph is as it was, every derived edge names exhibits of it, its rule and a weight above 0.
    """
    network = association_graph(table(*made))
    result = derive(network, list(RULES))

    observed = [edge for edge in result.edges(keys=True, data=True) if edge[3]["basis"] == "observed"]
    assert observed == list(network.edges(keys=True, data=True))
    for _, _, rule, known in result.edges(keys=True, data=True):
        if known["basis"] == "derived":
            assert known["exhibits"] and known["weight"] > 0 and known["rule"]["id"] == rule


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (["guess"], "unknown rule 'guess'"),
        ({"co_mention": {"window": 3}}, "co_mention takes max_df"),
        ({"co_mention": {"max_df": "many"}}, "are numbers, not 'many'"),
    ],
)
def test_what_is_no_rule_is_refused(rules, said):
    """
    Names what there is.
    """
    with pytest.raises(GraphError, match=said):
        derive(association_graph(table()), rules)
