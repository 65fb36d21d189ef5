"""Posts to edges: what makes one, what it carries, and what can never make one."""

import gc
import random
from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_posts import DAWN, JANE, OMAR, check_lost, hashtag, law, mention, post, rows, same, table

from osint.errors import GraphError
from osint.graph.addresses import normalise_url
from osint.graph.association import association_graph
from osint.graph.observations import RELATIONS


def only_edge(network):
    [(source, target, kind, known)] = network.edges(keys=True, data=True)
    return source, target, kind, known


def test_an_edge_names_the_exhibits_that_show_it():
    """
    The edge from Jane to Dawn lists each exhibit in which the mention was seen.
    """
    network = association_graph(table(post(1, tag=[mention(DAWN)], exhibit="E0003", exhibits=["E0003", "E0002"])))

    assert network.edges[JANE, DAWN, "mention"]["exhibits"] == ["E0002", "E0003"]


def test_posts_of_one_relation_add_up_to_one_edge():
    """
    Two posts with the same mention are one edge that counts both and spans their dates.
    """
    early, late = datetime(2026, 5, 1, 8, tzinfo=UTC), datetime(2026, 5, 2, 8, 0, 0, 250, tzinfo=UTC)
    network = association_graph(
        table(
            post(1, tag=[mention(DAWN)], published=late, exhibit="E0002"),
            post(2, tag=[mention(DAWN), mention(DAWN)], published=early),
            post(3, tag=[mention(DAWN)]),
        )
    )

    *_, known = only_edge(network)

    assert known == {
        "kind": "mention",
        "basis": "observed",
        "count": 3,
        "first": early,
        "last": late,
        "posts": ["mastodon:1", "mastodon:2", "mastodon:3"],
        "via": [],
        "exhibits": ["E0001", "E0002"],
    }


@pytest.mark.parametrize(
    ("known", "edge"),
    [
        ({"tag": [mention(DAWN)]}, (JANE, DAWN, "mention")),
        ({"in_reply_to": "mastodon:9", "in_reply_to_account": DAWN}, (JANE, DAWN, "reply")),
        ({"in_reply_to": "mastodon:9"}, (JANE, "post:mastodon:9", "reply")),
        ({"type": "Announce", "announce_of": "mastodon:9", "announce_of_account": DAWN}, (JANE, DAWN, "announce")),
        ({"type": "Announce", "announce_of": "mastodon:9"}, (JANE, "post:mastodon:9", "announce")),
        ({"quote_of": "mastodon:9"}, (JANE, "post:mastodon:9", "quote")),
        ({"links": ["HTTPS://News.example:443#top"]}, (JANE, "url:web:https://news.example/", "link")),
        ({"tag": [hashtag("#Missing")]}, (JANE, "hashtag:mastodon:missing", "hashtag")),
        ({"in_reply_to": "mastodon:1", "in_reply_to_account": JANE}, (JANE, JANE, "reply")),
    ],
)
def test_each_relation_leads_where_the_post_says(known, edge):
    """
    Every relation has its own kind of edge, and a post stands in for an account that is not known.
    """
    assert only_edge(association_graph(table(post(1, **known))))[:3] == edge


def test_the_answered_post_tells_whose_it_is():
    """
    When only the post is named, its author is taken from the table, and the exhibit that shows the author joins in.
    """
    network = association_graph(
        table(post(1, quote_of="mastodon:2"), post(2, attributed_to=DAWN, exhibit="E0007")), relations=["quote"]
    )

    source, target, _, known = only_edge(network)

    assert (source, target) == (JANE, DAWN)
    assert (known["posts"], known["via"], known["exhibits"]) == (["mastodon:1"], ["mastodon:2"], ["E0001", "E0007"])


def test_passing_a_post_on_does_not_make_its_mentions_ones_own():
    """
    Mentions and links in an Announce belong to the original, so they make no edge from who passed it on.
    """
    passed_on = post(
        1,
        type="Announce",
        announce_of="mastodon:2",
        announce_of_account=DAWN,
        tag=[mention(OMAR)],
        links=["https://news.example/"],
    )

    assert only_edge(association_graph(table(passed_on)))[:3] == (JANE, DAWN, "announce")


def test_a_post_without_an_author_makes_no_edge_and_is_counted():
    """
    What could not be used is said in the graph's own attributes.
    """
    unknown = {"type": "Mention", "name": "someone", "href": None, "account": None}
    network = association_graph(
        table(post(1, attributed_to=None, tag=[mention(DAWN)]), post(2, tag=[unknown])), relations=["mention", "link"]
    )

    assert network.graph == {
        "relations": ["mention", "link"],
        "posts": 2,
        "posts_without_author": 1,
        "mentions_without_account": 1,
        "edges_per_relation": {"mention": 0, "link": 0},
    }
    assert list(network) == [JANE]


def test_a_node_says_what_it_is_and_when_it_was_seen():
    """
    A node is labelled as its own latest post writes it, and spans all posts that show it.
    """
    day = [datetime(2026, 5, number, tzinfo=UTC) for number in (1, 2, 3)]
    network = association_graph(
        table(
            post(1, author_handle="@jane@social.example", published=day[0]),
            post(2, author_handle="@Jane@Social.example", published=day[1], exhibit="E0002"),
            post(3, attributed_to=DAWN, tag=[mention(JANE)], published=day[2], exhibit="E0003"),
        )
    )

    assert network.nodes[JANE] == {
        "kind": "account",
        "label": "Jane@Social.example",
        "platform": "mastodon",
        "first": day[0],
        "last": day[2],
        "exhibits": ["E0001", "E0002", "E0003"],
    }


def test_only_the_relations_asked_make_edges():
    """
    A relation that was not asked leaves neither an edge nor a node behind.
    """
    posts = table(post(1, tag=[mention(DAWN), hashtag("lost")], links=["https://news.example/"]))

    assert set(association_graph(posts, relations=["hashtag"])) == {JANE, "hashtag:mastodon:lost"}


def test_a_post_without_an_exhibit_is_refused():
    """
    An edge that leads back to no exhibit cannot exist.
    """
    with pytest.raises(GraphError, match=r"1 of 2 posts name no exhibit \(first: mastodon:2\)"):
        association_graph(table(post(1), post(2, exhibit=None)))


def test_missing_columns_are_named():
    """
    A table without the columns that the relations need is refused by their names.
    """
    with pytest.raises(GraphError, match="lacks the columns exhibits, tag"):
        association_graph(table(post(1)).drop(columns=["tag", "exhibits"]))


def test_columns_of_relations_not_asked_may_be_missing():
    """
    A table of links needs no column of replies.
    """
    posts = table(post(1, links=["https://news.example/"])).drop(columns=["in_reply_to", "tag", "quote_of"])

    assert association_graph(posts, relations=["link"]).size() == 1


def test_an_unknown_relation_is_refused_with_the_known_ones():
    """
    The message lists what may be asked.
    """
    with pytest.raises(GraphError, match=r"'follows'.*mention, reply, announce, quote, link, hashtag"):
        association_graph(table(), relations=["follows"])


def test_the_garbage_collector_runs_again_after_a_refusal():
    """
    Building pauses it for speed; an error must not leave it off for the rest of the session.
    """
    with pytest.raises(GraphError):
        association_graph(table(post(1, exhibit=None)))

    assert gc.isenabled()


def test_naive_dates_are_refused():
    """
    A time without a zone is no instant, so it is not taken for UTC in silence.
    """
    posts = table(post(1)).assign(published=pd.Series([pd.Timestamp("2026-05-01")]))

    with pytest.raises(GraphError, match="time zone"):
        association_graph(posts)


def test_text_where_a_list_belongs_is_refused():
    """
    Lists that a CSV file turned into text would otherwise become one node per letter.
    """
    with pytest.raises(GraphError, match="links holds str"):
        association_graph(table(post(1)).assign(links=["['https://news.example/']"]))


def test_an_author_that_is_no_node_key_is_refused():
    """
    A bare handle is not a key: two platforms may have it.
    """
    with pytest.raises(GraphError, match="'jane'"):
        association_graph(table(post(1, attributed_to="jane")))


def test_lists_that_came_back_from_parquet_are_read():
    """
    Arrow gives lists back as arrays; they count as lists.
    """
    posts = table(post(1))
    posts["links"] = pd.Series([pd.array(["https://news.example/"], dtype=object).to_numpy()], dtype=object)

    assert association_graph(posts).has_edge(JANE, "url:web:https://news.example/")


def test_no_posts_give_an_empty_graph():
    """
    An empty table is no error.
    """
    network = association_graph(table())

    assert (len(network), network.size(), network.graph["posts"]) == (0, 0, 0)


@law
@given(rows())
def test_every_edge_counts_its_distinct_posts_and_names_an_exhibit(made):
    """
    The number on an edge is the number of distinct posts, and each edge leads back to exhibits of those posts.
    """
    exhibits = {row["id"]: set(row["exhibits"]) for row in made}

    for *_, known in association_graph(table(*made)).edges(data=True):
        assert known["count"] == len(set(known["posts"])) == len(known["posts"])
        assert known["exhibits"] == sorted(set().union(*(exhibits[one] for one in known["posts"] + known["via"])))


@law
@given(rows(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(made, chance):
    """
    Built again from the same posts in any order, the graph is the same in every key, attribute and order.
    """
    shuffled = random.Random(chance.random()).sample(made, len(made))

    assert same(association_graph(table(*made)), association_graph(table(*shuffled)))


def test_a_post_in_two_rows_counts_once_in_either_order():
    """
    Two sights of one post are one post; which row comes first does not change what the graph says.
    """
    rows_ = [post(1, attributed_to=who, exhibit=exhibit) for who, exhibit in ((DAWN, "E0002"), (OMAR, "E0003"))]
    twice = [*rows_, post(2, quote_of="mastodon:1"), post(2, quote_of="mastodon:1", exhibit="E0004")]

    network = association_graph(table(*twice))

    assert same(network, association_graph(table(*reversed(twice))))
    assert only_edge(network)[3]["count"] == 1


@law
@given(rows().filter(len), st.data())
def test_removing_a_post_changes_exactly_the_edges_it_supports(made, data):
    """
    Without one post, edges that rest on other posts alone stay as they are; of the others it takes one post away.
    """
    gone = data.draw(st.sampled_from(made))["id"]
    before = association_graph(table(*made))
    after = association_graph(table(*(row for row in made if row["id"] != gone)))

    check_lost(before, after, gone)


@law
@given(rows())
def test_a_graph_of_all_relations_holds_the_graphs_of_each(made):
    """
    Each relation gives the same edges alone as together with the others, and as many as the graph says.
    """
    posts = table(*made)
    whole = association_graph(posts)

    for relation in RELATIONS:
        part = association_graph(posts, relations=[relation])
        there = {edge[:2]: edge[3] for edge in whole.edges(keys=True, data=True) if edge[2] == relation}
        assert {edge[:2]: edge[2] for edge in part.edges(data=True)} == there
        assert whole.graph["edges_per_relation"][relation] == len(there)


@law
@given(st.text() | st.sampled_from(["http://[bad", "mailto:a@b.example", "//news.example", "HTTP://U:p@N.example:80"]))
def test_normalising_an_address_twice_changes_nothing_more(url):
    """
    The normal form of an address is its own normal form, and no address makes it fail.
    """
    assert normalise_url(normalise_url(url)) == normalise_url(url)


def test_normalising_an_address_keeps_what_may_matter():
    """
    The query, the case of the path and the user part stay.
    """
    assert normalise_url("HTTPS://Bob@News.Example:443/A?b=C#top") == "https://Bob@news.example/A?b=C"
