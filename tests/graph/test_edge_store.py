"""The edge store: what it says is what the posts say, however they came into it."""

from datetime import UTC, datetime

import apsw
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_posts import DAWN, JANE, OMAR, check_lost, hashtag, law, mention, post, rows, same, table

from osint.errors import GraphError
from osint.graph import edge_blocks, edge_pack
from osint.graph.association import RELATIONS, association_graph
from osint.graph.case_graph import Tables, case_graph
from osint.graph.edge_filter import Filter
from osint.graph.edge_query import materialise
from osint.graph.edge_store import EdgeStore
from osint.graph.edge_texts import Texts
from osint.graph.entities import TextSearch
from osint.graph.observations import KINDS, File

OWN = ("hidden_nodes", "hidden_edges", "filter")


def stored(*made, **known):
    store = EdgeStore(None, **known)
    store.update(table(*made))
    return store


def graph(store, evidence=False, **wanted):
    network = materialise(store, Filter(**wanted), evidence=evidence)
    for name in OWN:
        network.graph.pop(name)
    return network


def edge(network):
    [found] = network.edges(keys=True, data=True)
    return found


@law
@given(rows(), st.lists(st.sampled_from(RELATIONS), min_size=1, unique=True))
def test_the_store_gives_the_graph_of_the_posts(made, relations):
    """
    Nodes, edges, attributes, order and counts are those of the association graph of the same posts.
    """
    assert same(graph(stored(*made), kinds=relations), association_graph(table(*made), relations))


@law
@given(st.lists(rows(), min_size=2, max_size=4))
def test_an_update_says_the_same_as_a_store_made_anew(states):
    """
    Whatever was in the store before, with posts added, altered and taken away, only the posts of the last update count.
    """
    store = EdgeStore(None)
    for made in states:
        store.update(table(*made))
        fresh = stored(*made)
        assert same(graph(store), association_graph(table(*made)))
        assert same(graph(store, kinds=KINDS, evidence=True), graph(fresh, kinds=KINDS, evidence=True))


@law
@given(rows().filter(len), st.data())
def test_taking_a_post_out_lowers_exactly_the_edges_it_supports(made, data):
    """
    Edges that rest on other posts alone stay as they are; the others lose this one post.
    """
    gone = data.draw(st.sampled_from(made))["id"]
    store = stored(*made)
    before = graph(store)
    store.update(table(*(row for row in made if row["id"] != gone)))
    after = graph(store)

    check_lost(before, after, gone)


def test_only_new_and_altered_posts_are_read_again():
    """
    An update says how much it read; a second one of the same posts reads nothing.
    """
    store = stored(post(1, tag=[mention(DAWN)]), post(2))

    again = store.update(
        table(post(1, tag=[mention(DAWN)]), post(2, tag=[mention(OMAR)]), post(3, tag=[mention(DAWN)]))
    )
    nothing = store.update(
        table(post(1, tag=[mention(DAWN)]), post(2, tag=[mention(OMAR)]), post(3, tag=[mention(DAWN)]))
    )

    assert (again.read, again.removed, again.edges) == (2, 0, 2)
    assert nothing == (0, 0, 0)


def test_what_was_kept_beside_the_edges_goes_with_them():
    """
    An update that was cut off right after it leaves no word on tables that the edges are not of any more.
    """
    store = stored(post(1))
    store.keep_state(tables="a")
    store.update(table(post(1), post(2)))

    assert [*store.state()] == ["key"]


def test_a_value_of_another_library_is_known_again():
    """
    What is neither text nor number, as a table that somebody made may hold, is told from another one too.
    """
    store = EdgeStore(None)
    one, other = (table(post(1)).assign(extra=[{"seen": pd.Timestamp(2026, 5, number)}]) for number in (1, 2))

    assert [store.update(each).read for each in (one, one, other)] == [1, 0, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"tag": [mention(DAWN), mention(OMAR)]}, {"tag": [mention(OMAR), mention(DAWN)]}),
        ({"links": ["https://a.example", "https://b.example"]}, {"links": ["https://b.example", "https://a.example"]}),
        ({"in_reply_to": "mastodon:9"}, {"quote_of": "mastodon:9"}),
        ({"tag": [hashtag("x")]}, {"tag": [{**hashtag("x"), "type": "Mention", "account": DAWN}]}),
    ],
    ids=["tags", "links", "fields", "types"],
)
def test_what_only_changes_its_place_is_read_again(one, other):
    """
    The same values at other places of a post are another post: its locators, or its relations, are others.
    """
    store = stored(post(1, **one))

    assert [store.update(table(post(1, **known))).read for known in (one, other, other)] == [0, 1, 0]


def test_a_node_is_called_as_its_latest_post_spells_it():
    """
    Of spellings at one instant the last of the alphabet stays; undated posts count as of 1970.
    """
    made = [
        post(1, published="2026-05-01", author_handle="zoe", tag=[hashtag("zeta")]),
        post(2, published="2026-05-02", author_handle="jane", tag=[hashtag("Zeta")]),
        post(3, author_handle="undated"),
        post(4, published="2026-05-02", attributed_to=DAWN, tag=[hashtag("ZETA")]),
    ]
    network = graph(stored(*made))

    assert same(network, association_graph(table(*made)))
    assert [network.nodes[node]["label"] for node in (JANE, "hashtag:mastodon:zeta")] == ["jane", "#Zeta"]
    made.append(post(5, published="2026-05-03", author_handle="@jane@social.example"))
    assert same(graph(stored(*made)), association_graph(table(*made)))


def test_an_unchanged_case_is_asked_for_no_table(tmp_path):
    """
    The file says of which state of the tables it is; another state, or one that nobody knows, is read.
    """
    asked = []

    def posts():
        asked.append(len(asked))
        return table(post(len(asked), tag=[mention(DAWN)])).assign(collected=pd.Timestamp(2026, 5, 1, tz="UTC"))

    def drawn(state):
        media = pd.DataFrame(columns=["posts", "sha256", "exhibit"])
        return case_graph(tmp_path / "edges.sqlite", Tables(state, posts, lambda: media, dict), Filter())

    first, again = drawn("a"), drawn("a")

    assert same(first, again)
    assert first.graph["data_until"] == datetime(2026, 5, 1, tzinfo=UTC)
    assert (asked, edge(again)[3]["posts"]) == ([0], ["mastodon:1"])
    assert edge(drawn("b"))[3]["posts"] == ["mastodon:2"]
    assert [edge(drawn(""))[3]["posts"] for _ in range(2)] == [["mastodon:3"], ["mastodon:4"]]
    assert edge(drawn("b"))[3]["posts"] == ["mastodon:5"]


def test_a_later_post_tells_who_was_answered():
    """
    An answer to a post that is not there leads to the post; when it comes, to its author; when it goes, back.
    """
    answer, answered = post(1, in_reply_to="mastodon:2"), post(2, attributed_to=DAWN, exhibit="E0002")
    store = stored(answer)
    first = edge(graph(store))[:2]
    store.update(table(answer, answered))
    then = edge(graph(store))
    store.update(table(answer))

    assert first == edge(graph(store))[:2] == (JANE, "post:mastodon:2")
    assert then[:2] == (JANE, DAWN)
    assert (then[3]["via"], then[3]["exhibits"]) == (["mastodon:2"], ["E0001", "E0002"])


def test_a_name_that_no_post_holds_any_more_is_gone_from_the_file(tmp_path):
    """
    What was taken out is personal data: no page of the file says it any more.
    """
    path = tmp_path / "edges.sqlite"
    with EdgeStore(path) as store:
        store.update(table(post(1, tag=[mention(OMAR)], author_handle="jane-once"), post(2, attributed_to=DAWN)))
        assert b"omar" in path.read_bytes()
        store.update(table(post(2, attributed_to=DAWN)))

    held = path.read_bytes()
    assert b"omar" not in held
    assert b"jane" not in held
    assert b"mastodon:1" not in held
    assert b"dawn" in held


@law
@given(rows(), st.integers(1, 4), st.integers(1, 3))
def test_a_narrow_graph_is_a_part_of_the_whole_and_says_what_it_hides(made, most, least):
    """
    Nodes and edges that are shown have the attributes they have in the whole; shown and hidden add up to it.
    """
    whole = association_graph(table(*made))
    network = materialise(stored(*made), Filter(max_nodes=most, min_count=least))

    assert all(whole.nodes[node] == known for node, known in network.nodes(data=True))
    assert all(whole.edges[one[:3]] == one[3] for one in network.edges(keys=True, data=True))
    assert network.graph["hidden_nodes"] == len(whole) - len(network)
    assert network.graph["hidden_edges"] == whole.size() - network.size()
    assert len(network) <= most
    assert all(known["count"] >= least for *_, known in network.edges(data=True))
    inside = {
        one[:3] for one in whole.edges(keys=True, data=True) if one[3]["count"] >= least and {*one[:2]} <= {*network}
    }
    assert inside == set(network.edges(keys=True))


@law
@given(rows(), st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)))
def test_a_period_counts_the_posts_of_it(made, begin):
    """
    With all authors named, the graph of a period is that of its posts.
    """
    named = [row | {"in_reply_to": None, "quote_of": None, "announce_of": None} for row in made]
    since, until = begin.replace(tzinfo=UTC), datetime(2026, 12, 15, tzinfo=UTC)
    posts = table(*named)
    within = posts[(posts["published"] >= since) & (posts["published"] <= until)]
    wanted = {"since": since.isoformat(), "until": until.isoformat()}

    assert same(graph(stored(*named), **wanted), association_graph(within))


def test_an_edge_names_the_posts_of_the_period_alone():
    """
    What was said before the period, on the same edge, is neither counted nor named.
    """
    store = stored(*(post(number, published=f"2026-0{number}-01", tag=[mention(DAWN)]) for number in (4, 5)))
    known = edge(graph(store, since="2026-05-01"))[3]

    assert (known["count"], known["posts"], known["first"].month) == (1, ["mastodon:5"], 5)


def test_around_a_node_its_neighbours_either_way():
    """
    One edge away lie who named the account and whom it named; two away, theirs.
    """
    far = "account:mastodon:kim@social.example"
    store = stored(
        post(1, tag=[mention(DAWN)]), post(2, attributed_to=DAWN, tag=[mention(OMAR)]),
        post(3, attributed_to=OMAR, tag=[mention(far)]),
    )  # fmt: skip

    assert set(graph(store, around=DAWN)) == {JANE, DAWN, OMAR}
    assert set(graph(store, around=DAWN, radius=2)) == {JANE, DAWN, OMAR, far}
    assert set(graph(store, around=[JANE, far])) == {JANE, DAWN, OMAR, far}
    assert set(graph(store, around=DAWN, radius=2, max_nodes=1)) == {DAWN}


def test_of_too_many_edges_the_strongest_stay():
    """
    Those at the node that was asked for come first; what is left out is counted.
    """
    store = stored(
        post(1, tag=[mention(DAWN)]), post(2, tag=[mention(OMAR)]), post(3, attributed_to=DAWN, tag=[mention(OMAR)]),
        post(4, attributed_to=DAWN, tag=[mention(OMAR)]),
    )  # fmt: skip
    network = materialise(store, Filter(max_edges=1))

    assert [*network.edges(keys=True)] == [(DAWN, OMAR, "mention")]
    assert network.graph["hidden_edges"] == 2
    assert [*graph(store, around=JANE, max_edges=2).edges()] == [(JANE, DAWN), (JANE, OMAR)]


def test_only_what_makes_a_node_is_kept_as_one():
    """
    The name of a hashtag, and whom the text of a post that is passed on mentions, are no nodes of their own.
    """
    store = stored(post(1, tag=[hashtag("Missing"), mention(DAWN)]), post(2, type="Announce", tag=[mention(OMAR)]))

    nodes = {key for (key,) in store.connection.execute("SELECT key FROM nodes")}
    assert nodes == {JANE, DAWN, "hashtag:mastodon:missing"}


@law
@given(st.lists(st.none() | st.text("aé\ud83d\ude00🙂", max_size=3)), st.data())
def test_some_texts_of_a_column_are_read_without_the_others(texts, data):
    """
    No text, an empty one and halves of surrogate pairs beside each other stay what they are.
    """
    places = data.draw(st.lists(st.integers(0, len(texts) - 1)) if texts else st.just([]))

    found = Texts.of(texts).at(np.array(places, dtype=np.int64))

    assert found == [texts[place] for place in places]


@settings(law, max_examples=6)
@given(st.lists(rows(), min_size=1, max_size=3), st.integers(1, 4), st.sampled_from([1, 100]))
def test_what_waits_in_a_file_is_merged_as_if_it_fitted(states, size, together):
    """
    Observations beyond what is kept in memory give the same edges, whatever is read of each run at a time.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(edge_pack, "_RUN", size)
        patched.setattr(edge_blocks, "_ROWS", size)
        patched.setattr(edge_blocks, "_TOGETHER", together)
        store = EdgeStore(None)
        for made in states:
            store.update([table(each) for each in made])
        whole = association_graph(table(*states[-1]))
        assert same(graph(store), whole)
        assert all(set(graph(store, around=node)) == {node, *nx.all_neighbors(whole, node)} for node in whole)


def test_of_what_waits_in_a_file_only_one_long_edge_is_more_than_is_kept_in_memory(monkeypatch):
    """
    It lies alone; what comes before and after it comes in parts of the size that was asked for.
    """
    monkeypatch.setattr(edge_pack, "_RUN", 10)
    said = np.zeros(100, dtype=edge_pack.KEYED)
    said["key"], said["told"]["sight"] = [*range(30), *[30] * 45, *range(31, 56)], np.arange(100)
    with edge_pack.Sorter() as sorter:
        for run in np.random.default_rng(1).permutation(said).reshape(10, 10):
            sorter.add(run)
        parts = [*sorter.edges()]

    assert [each.keys.tolist() for each in parts if 30 in each.keys] == [[30]]
    assert max(len(each.told) for each in parts if 30 not in each.keys) <= 10
    assert edge_pack.joined(parts).keyed().tolist() == said.tolist()


def test_what_is_known_of_a_hub_is_put_together_from_its_parts(monkeypatch):
    """
    A node that more leads to than is added up at a time was first and last seen, and is called, as all of it says.
    """
    monkeypatch.setattr(edge_pack, "_RUN", 1)
    days = [5, 1, 9, 4, 6, 7, 3, 8]
    made = [
        post(
            number, attributed_to=f"account:mastodon:u{number}@social.example", published=f"2026-05-0{day}",
            exhibit=f"E{number:04d}", tag=[hashtag("ZETA" if day == max(days) else "zeta")],
        )
        for number, day in enumerate(days)
    ]  # fmt: skip
    store = stored(*made)
    network = graph(store)
    known = network.nodes["hashtag:mastodon:zeta"]

    assert store.connection.execute("SELECT count(*) FROM seen").get > 1
    assert (known["first"].day, known["last"].day, known["label"]) == (1, 9, "#ZETA")
    assert same(network, association_graph(table(*made)))


def test_around_nobody_is_refused():
    """
    A node that no post shows is named, instead of an empty graph.
    """
    with pytest.raises(GraphError, match=r"no post shows account:mastodon:nobody"):
        materialise(stored(post(1)), Filter(around="account:mastodon:nobody"))


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"kinds": ["follows"]}, "unknown relation 'follows'"),
        ({"since": "soon"}, "period cannot be read"),
        ({"min_count": 0}, "at least 1"),
        ({"max_nodes": 0}, "at least 1"),
        ({"max_edges": 0}, "at least 1"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(wanted, said):
    """
    The message says what is wrong.
    """
    with pytest.raises(GraphError, match=said):
        Filter(**wanted)


def test_every_observation_leads_back_to_its_place():
    """
    The evidence of an edge names exhibit, its hash and ledger entry, post, places and reader of each observation.
    """
    posts = table(post(1, tag=[hashtag("x"), mention(DAWN)])).assign(pointer="/statuses/0")
    store = EdgeStore(None)
    store.update(posts, exhibits={"E0001": ("ab" * 32, 7)})

    assert edge(graph(store, kinds=["mention"], evidence=True))[3]["evidence"] == [
        {"exhibit": "E0001", "sha256": "ab" * 32, "entry": 7, "post": "mastodon:1", "pointer": "/statuses/0",
         "locator": "/tag/1", "extractor": "mention/1"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("known", "found"),
    [
        ({"type": "Like", "extra": {"liked": "mastodon:9"}}, ("like", "post:mastodon:9", "/extra/liked")),
        ({"type": "Like", "extra": {"subject": {"uri": "at://x/1"}}}, ("like", "post:mastodon:at://x/1", "/extra/subject/uri")),
        ({"type": "Follow", "extra": {"subject": "Dawn@social.example"}}, ("follow", DAWN, "/extra/subject")),
        ({"extra": {"place": {"latitude": "51.5", "longitude": -0.12}}}, ("place", "place:wgs84:51.50000,-0.12000", "/extra/place")),
        ({"extra": {"location": "Pier  7"}}, ("place", "place:named:pier 7", "/extra/location")),
    ],
)  # fmt: skip
def test_what_a_source_adds_makes_edges_too(known, found):
    """
    Likes, follows and places are edges where the posts table has them.
    """
    posts = table(post(1, **{name: value for name, value in known.items() if name != "extra"})).assign(
        extra=[known["extra"]]
    )
    store = EdgeStore(None)
    store.update(posts)
    _, target, kind, attributes = edge(graph(store, kinds=["like", "follow", "place"], evidence=True))

    assert (kind, target, attributes["evidence"][0]["locator"]) == found


def test_a_file_that_posts_show_is_a_node_by_its_hash():
    """
    The exhibit of the file joins those of the post.
    """
    store = EdgeStore(None)
    store.update(table(post(1), post(2, attributed_to=DAWN)), files={"mastodon:1": [File("ab" * 32, "E0009")]})
    source, target, _, known = edge(graph(store, kinds=["media"]))

    assert (source, target, known["exhibits"]) == (JANE, f"media:sha256:{'ab' * 32}", ["E0001", "E0009"])
    store.update(table(post(1), post(2, attributed_to=DAWN)), files={})
    assert graph(store, kinds=["media"]).size() == 0


def test_posts_are_nodes_on_request():
    """
    Then each account leads to each of its posts; a store that keeps them serves every other question as well.
    """
    made = [post(1, tag=[mention(DAWN)]), post(2)]
    store = stored(*made, posts_as_nodes=True)

    assert {one[1] for one in graph(store, kinds=["authored"]).edges(keys=True)} == {
        "post:mastodon:1",
        "post:mastodon:2",
    }
    assert same(graph(store), association_graph(table(*made)))


def test_what_stands_in_a_text_is_found_with_its_characters():
    """
    The locator gives the span, and the text between says it.
    """
    text = "Ring +44 20 7946 0958 or dawn@mail.example"
    store = EdgeStore(None)
    store.update(table(post(1, content=text)))
    network = graph(store, kinds=["phone", "email"], evidence=True)

    spans = {target: known["evidence"][0]["locator"].partition("=")[2] for _, target, known in network.edges(data=True)}
    assert {node: text[slice(*map(int, span.split(",")))] for node, span in spans.items()} == {
        "phone:e164:+442079460958": "+44 20 7946 0958",
        "email:smtp:dawn@mail.example": "dawn@mail.example",
    }


def test_a_file_made_with_another_search_is_made_again(tmp_path):
    """
    What is looked for in texts belongs to what a file says; another region makes it say something else.
    """
    posts = table(post(1, content="Ring (650) 253-0000"))
    with EdgeStore(tmp_path / "edges.sqlite") as store:
        store.update(posts)
        assert graph(store, kinds=["phone"]).size() == 0
    with EdgeStore(tmp_path / "edges.sqlite", TextSearch(region="US")) as store:
        assert store.update(posts).read == 1
        assert graph(store, kinds=["phone"]).size() == 1
    with EdgeStore(tmp_path / "edges.sqlite", TextSearch(region="US")) as store:
        assert store.update(posts).read == 0


def test_a_damaged_file_is_made_again(tmp_path):
    """
    All in it is derived, so a damaged one is no loss.
    """
    (tmp_path / "edges.sqlite").write_bytes(b"no database" * 1000)
    with EdgeStore(tmp_path / "edges.sqlite") as store:
        store.update(table(post(1, tag=[mention(DAWN)])))

        assert graph(store).size() == 1


def test_an_update_that_fails_changes_nothing(tmp_path):
    """
    A table that cannot be read leaves the store as it was.
    """
    store = stored(post(1, tag=[mention(DAWN)]))
    before = graph(store)
    parts = [table(post(2, tag=[mention(OMAR)])), table(post(3, exhibit=None))]

    with pytest.raises(GraphError, match="name no exhibit"):
        store.update(parts)

    assert same(graph(store), before)


def test_text_that_is_no_unicode_is_kept():
    """
    Half of a surrogate pair, a zero and a name in another script come back as they were.
    """
    odd = post(1, tag=[hashtag("a\ud800"), hashtag("n\x00l"), hashtag("Пропала")], author_handle="@j\udc00")

    assert same(graph(stored(odd)), association_graph(table(odd)))


def test_posts_may_come_in_parts():
    """
    A table too large for the memory comes part by part, with the same result.
    """
    made = [post(number, tag=[mention(DAWN)], quote_of=f"mastodon:{number + 1}") for number in range(6)]
    store = EdgeStore(None)
    store.update(table(*made[start : start + 2]) for start in range(0, 6, 2))

    assert same(graph(store), association_graph(table(*made)))


def test_a_post_of_which_one_row_names_the_account_and_one_the_post_counts_once():
    """
    What is found out last, by the post that was answered, is put beside what the post says itself.
    """
    made = [
        post(1, exhibit="E0001", in_reply_to="mastodon:9", in_reply_to_account=DAWN),
        post(1, exhibit="E0002", in_reply_to="mastodon:9"),
        post(3, in_reply_to="mastodon:9", in_reply_to_account=DAWN),
        post(9, attributed_to=DAWN),
    ]
    network = graph(stored(*made))

    assert edge(network)[3]["count"] == 2
    assert same(network, association_graph(table(*made)))


def test_two_rows_of_one_post_count_once():
    """
    As in the association graph, where one post comes in two rows.
    """
    made = [
        post(1, attributed_to=who, exhibit=number, tag=[mention(JANE)]) for who, number in ((DAWN, "E2"), (OMAR, "E3"))
    ]
    made += [post(2, quote_of="mastodon:1"), post(2, quote_of="mastodon:1", exhibit="E0004")]

    assert same(graph(stored(*made)), association_graph(table(*made)))


def test_an_update_that_failed_leaves_no_number_behind():
    """
    The rows that it gave to texts went back with it: a later update of the same store counts from what is in the file.
    """
    store = stored(post(1, tag=[mention(DAWN)]))
    with pytest.raises(GraphError, match="name no exhibit"):
        store.update([table(post(2, tag=[mention(OMAR)])), table(post(3, exhibit=None, exhibits=[]))])
    made = post(1, tag=[mention(DAWN)]), post(4, tag=[hashtag("x")]), post(5, tag=[mention(OMAR)])
    store.update(table(*made))

    assert same(graph(store), association_graph(table(*made)))


def test_a_temporary_file_that_was_cut_off_is_not_read_as_observations(monkeypatch):
    """
    The update fails, says that no evidence is affected, and leaves nothing of it; the next one finds all posts new.
    """
    files, make = [], edge_pack.tempfile.TemporaryFile
    monkeypatch.setattr(edge_pack, "_RUN", 1)
    monkeypatch.setattr(edge_pack.tempfile, "TemporaryFile", lambda **known: files.append(make(**known)) or files[-1])
    store, made = EdgeStore(None), table(post(1, tag=[mention(DAWN)]), post(2, tag=[mention(OMAR)]))

    def cut_off():
        yield made
        files[-1].truncate(files[-1].seek(0, 2) - 1)

    with pytest.raises(GraphError, match=r"gave \d+ of \d+ bytes.*Evidence, ledger and tables are not affected"):
        store.update(cut_off())

    assert store.update(made).read == 2
    assert same(graph(store), association_graph(made))


def test_another_program_in_the_file_is_named(tmp_path):
    """
    A locked file is an error of this package that says what to do.
    """
    path = tmp_path / "edges.sqlite"
    with EdgeStore(path) as store:
        store.connection.set_busy_timeout(0)
        other = apsw.Connection(str(path))
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(GraphError, match="cannot be used"):
            store.update(table(post(1)))
        other.close()


def test_a_table_of_other_columns_is_refused():
    """
    The columns that are missing are named.
    """
    with pytest.raises(GraphError, match="lacks the columns"):
        EdgeStore(None).update(pd.DataFrame({"id": []}))
