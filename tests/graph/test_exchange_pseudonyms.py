"""Victims and minors leave under a pseudonym in every format, unless a reason is given."""

import io
import zipfile
from datetime import UTC, datetime

import networkx as nx
import pytest
from hazards import full_graph
from invented_posts import DAWN, JANE, OMAR

from osint.errors import ExportError
from osint.graph.exchange.pseudonyms import pseudonymised, pseudonyms
from osint.graph.link_chart import FORMATS, write_link_chart

TEXTUAL = tuple(form for form in FORMATS if form != "png")


@pytest.fixture
def network():
    """Jane is a victim, Omar a minor; others say their names in keys, labels, reasons and locators."""
    made = nx.MultiDiGraph(case="MP-2026-0417", filter={"around": JANE})
    made.add_node(
        OMAR, kind="account", label="omar@social.example", exhibits=["E0001"], minor=True, alias=["OmarTheKid"]
    )
    made.add_node(JANE, kind="account", label="Jane Example", exhibits=["E0001"], status="victim", platform="mastodon")
    made.add_node(DAWN, kind="account", label="dawn@social.example", exhibits=["E0001"], platform="mastodon")
    made.add_node(
        "url:web:https://social.example/@jane", kind="url", label="https://social.example/@Jane", exhibits=["E1"]
    )
    made.add_edge(
        DAWN, JANE, key="mention", kind="mention", basis="asserted", count=1, posts=["mastodon:1"], exhibits=["E0001"],
        by="J. Smit", reason="wrote to jane@social.example", evidence=[{"exhibit": "E0001", "locator": {"text": "Jane Example!"}}],
    )  # fmt: skip
    made.add_edge(DAWN, OMAR, key="mention", kind="mention", basis="observed", count=1, posts=[], exhibits=["E0002"])
    return made


def contents(folder):
    """All bytes that left, archives unpacked."""
    for path in folder.iterdir():
        content = path.read_bytes()
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = b"".join(map(archive.read, archive.namelist()))
        yield path.name, content.decode("utf-8", "replace").casefold()


@pytest.mark.parametrize("form", TEXTUAL)
def test_no_format_holds_the_name_of_a_victim_or_a_minor(form, network, tmp_path):
    """
    Neither as label nor in a key, an address, a reason or a locator; the pseudonyms are there instead.
    """
    write_link_chart(network, tmp_path / "chart", [form])

    together = "".join(text for _, text in contents(tmp_path))
    assert "person a" in together
    assert "person b" in together
    for name in ("jane", "omar"):
        assert name not in together


@pytest.mark.parametrize("form", TEXTUAL)
def test_a_reason_unlocks_the_names(form, network, tmp_path):
    """
    Then the chart is the graph as it is, so that the test above can fail.
    """
    write_link_chart(network, tmp_path / "chart", [form], unlock="for the court, order 17")

    together = "".join(text for _, text in contents(tmp_path))
    assert "person a" not in together
    assert "jane" in together


def test_letters_do_not_depend_on_how_the_graph_was_built_nor_follow_the_alphabet(network):
    """
    Two charts of one case agree; who reads Person A does not learn whose name comes first.
    """
    turned = nx.MultiDiGraph()
    turned.add_nodes_from(reversed(list(network.nodes(data=True))))
    many = nx.MultiDiGraph()
    many.add_nodes_from((f"person:case:{number:02d}" for number in range(20)), kind="person", status="victim")

    assert pseudonyms(network) == pseudonyms(turned)
    assert sorted(pseudonyms(network)) == [JANE, OMAR]
    assert list(pseudonyms(many)) != sorted(many)


def test_no_place_in_a_list_tells_a_name():
    """
    Two victims who change their names for each other's, and for the first and the last of all, leave the same graph.
    """

    def veiled(first, second):
        network = nx.MultiDiGraph()
        names = {first: {"status": "victim"}, second: {"status": "victim"}, "kim": {}, "lee": {}}
        for name, known in sorted(names.items()):
            network.add_node(f"account:x:{name}", kind="account", label=name, exhibits=[f"E{len(known)}"], **known)
        for name in sorted(names):
            network.add_edge("account:x:kim", f"account:x:{name}", "mention", kind="mention", exhibits=["E1"])
        copy = pseudonymised(network)
        return repr([list(copy.nodes(data=True)), list(copy.edges(keys=True, data=True))])

    assert veiled("aaa", "zzz") == veiled("zoe", "abe") == veiled("liz", "ken")


def test_more_people_than_letters_go_on_as_columns_do():
    """
    Person Z is followed by Person AA.
    """
    network = nx.MultiDiGraph()
    for number in range(28):
        network.add_node(f"person:case:{number:03d}", kind="person", status="victim", exhibits=[f"E{number}"])

    assert list(pseudonyms(network).values())[25:] == ["Person Z", "Person AA", "Person AB"]
    copy = pseudonymised(network)
    assert nx.utils.graphs_equal(pseudonymised(copy), copy)  # who has a letter keeps it


def test_the_copy_keeps_exhibits_and_everybody_else(network):
    """
    The graph in the user's hands is not changed; what is not about them is the same in the copy.
    """
    before = repr([*network.nodes(data=True), *network.edges(keys=True, data=True), network.graph])

    copy = pseudonymised(network)

    assert repr([*network.nodes(data=True), *network.edges(keys=True, data=True), network.graph]) == before
    jane = f"account:withheld:{pseudonyms(network)[JANE]}"
    assert list(copy) == sorted(copy)
    assert copy.nodes[DAWN] == network.nodes[DAWN]
    assert copy.nodes[jane] == {
        "kind": "account", "label": pseudonyms(network)[JANE], "exhibits": ["E0001"], "status": "victim",
        "platform": "withheld",
    }  # fmt: skip
    assert sorted(known["exhibits"] for _, _, known in copy.edges(data=True)) == [["E0001"], ["E0002"]]
    assert copy.edges[DAWN, jane, "mention"]["reason"] == f"wrote to {pseudonyms(network)[JANE]}"
    assert copy.graph["filter"] == {"around": jane}
    assert copy.graph["pseudonyms"] == 2


def test_a_name_inside_another_word_is_left():
    """
    A victim called Ann does not turn an annex into a Person A.
    """
    network = nx.MultiDiGraph()
    network.add_node("person:case:ann", kind="person", label="Ann", status="victim", exhibits=["E1"])
    network.add_node("place:osm:annex", kind="place", label="Annex of Joann", exhibits=["E1"])

    assert pseudonymised(network).nodes["place:osm:annex"]["label"] == "Annex of Joann"


def test_an_edge_of_theirs_names_no_post_and_their_posts_have_no_key():
    """
    Whoever looks a post up reads who wrote it; the exhibit stays, with its digest.
    """
    network = full_graph()
    network.add_node(JANE, kind="account", label="jane", status="victim", exhibits=["E1"])
    network.add_node("post:x:4711", kind="post", label="4711", exhibits=["E1"])
    evidence = [{"exhibit": "E1", "sha256": "ab" * 32, "post": "x:4711", "locator": "/content", "pointer": "/4711"}]
    tie = {"count": 1, "posts": ["x:4711"], "via": ["x:4711"], "exhibits": ["E1"], "evidence": evidence}
    network.add_edge(JANE, "post:x:4711", "authored", kind="authored", **tie)

    copy = pseudonymised(network)

    assert "4711" not in repr([*copy.nodes(data=True), *copy.edges(keys=True, data=True)])
    edge = copy.edges["account:withheld:Person A", "post:withheld:Person A, post 1", "authored"]
    assert (edge["posts"], edge["exhibits"], edge["evidence"]) == ([], ["E1"], [{"exhibit": "E1", "sha256": "ab" * 32}])


def test_letters_that_fold_into_others_and_addresses_that_are_escaped_are_found():
    """
    Turkish has an i without a dot, which a search without case finds; %40 is an @.
    """
    network = nx.MultiDiGraph()
    network.add_node("account:x:dina@a.example", kind="account", label="dina", status="victim", exhibits=["E1"])
    network.add_node("url:web:1", kind="url", label="D\u0131na, https://a.example/%40dina", exhibits=["E1"])

    assert pseudonymised(network).nodes["url:web:1"]["label"] == "Person A, https://a.example/%40Person A"


def test_the_accounts_of_a_joined_person_are_taken_away_too():
    """
    A person of two accounts is as little named by the second as by the first.
    """
    network = nx.MultiDiGraph()
    network.add_node(
        f"person:case:{JANE}", kind="person", label="jane / rita", status="victim", exhibits=["E1"],
        accounts=[JANE, "account:telegram:rita_r"],
    )  # fmt: skip
    network.add_node("url:web:1", kind="url", label="rita_r and jane and rita", exhibits=["E1"])

    assert pseudonymised(network).nodes["url:web:1"]["label"] == "Person A and Person A and Person A"


def test_titles_notes_and_names_of_files_name_nobody(network, tmp_path):
    """
    What the maker typed is changed, and a name of a file is refused; a graph under pseudonyms stays one.
    """
    *_, readme = write_link_chart(network, tmp_path / "chart", ["svg"], title="Around Jane", note="For Omar.")

    assert all("jane" not in text and "omar" not in text for _, text in contents(tmp_path))
    assert readme.read_text(encoding="utf-8").startswith("Around Person ")
    with pytest.raises(ExportError, match="name of the file spells"):
        write_link_chart(network, tmp_path / "about_jane", ["svg"])
    copy = pseudonymised(network)
    assert nx.utils.graphs_equal(pseudonymised(copy), copy)
    assert "Jane Example" not in repr(list(pseudonymised(pseudonymised(network, unlock="once")).nodes(data=True)))


def test_names_in_hashtags_and_in_the_names_of_others_are_found():
    """
    #MissingJane and find_jane name her as well; Janet is somebody else, and her number is not in a longer one.
    """
    network = nx.MultiDiGraph()
    network.add_node(JANE, kind="account", label="jane", status="victim", exhibits=["E1"])
    network.add_node("person:case:4711", kind="person", label="4711", minor=True, exhibits=["E1"])
    network.add_node("hashtag:x:missingjane", kind="hashtag", label="#MissingJane", exhibits=["E1"])
    network.add_node("account:x:find_jane", kind="account", label="find_jane, jane2004, Janet, 14711", exhibits=["E1"])
    network.add_edge("account:x:find_jane", "hashtag:x:missingjane", "hashtag", kind="hashtag", exhibits=["E1"])

    copy = pseudonymised(network)

    name = pseudonyms(network)[JANE]
    assert copy.nodes[f"account:x:find_{name}"]["label"] == f"find_{name}, {name}2004, Janet, 14711"
    assert copy.nodes[f"hashtag:x:missing{name}"]["label"] == f"#Missing{name}"
    assert copy.has_edge(f"account:x:find_{name}", f"hashtag:x:missing{name}")


def test_without_victims_or_minors_the_copy_is_equal():
    """
    A missing person is not under a pseudonym: finding them is what the chart is for.
    """
    network = full_graph()

    copy = pseudonymised(network)

    assert copy is not network
    assert nx.utils.graphs_equal(copy, network)
    assert "pseudonyms" not in copy.graph


def test_a_reason_of_spaces_unlocks_nothing(network):
    """
    The reason goes into the ledger, so it has to say something.
    """
    with pytest.raises(ExportError, match="spaces"):
        pseudonymised(network, unlock="  ")


def test_two_nodes_never_become_one():
    """
    Where taking a name away would merge two nodes, the export stops.
    """
    network = nx.MultiDiGraph()
    network.add_node("person:case:jane", kind="person", label="jane", status="victim", exhibits=["E1"])
    network.add_node("url:web:jane", kind="url", label="x", exhibits=["E1"])
    network.add_node("url:web:Person A", kind="url", label="y", exhibits=["E1"])

    with pytest.raises(ExportError, match="two nodes or edges would become one"):
        pseudonymised(network)


def test_the_reason_for_naming_a_victim_goes_into_the_ledger(open_case, network):
    """
    A chart with pseudonyms needs no reason and its entry holds none.
    """
    case = open_case()

    case.export_link_chart(network, "withheld", ["graphml"])
    case.export_link_chart(network, "named", ["graphml"], unlock="order 17 of the court")

    withheld, named = (entry.private for entry in case._ledger.entries() if entry.action == "export")
    assert "unlock" not in withheld
    assert named["unlock"] == "order 17 of the court"


def test_a_letter_tells_nobody_which_of_two_known_victims_it_is():
    """
    Whoever knows who the victims are, and not which did what, learns nothing: names changed over, the same chart leaves.
    """

    def veiled(busy, quiet):
        network = nx.MultiDiGraph()
        for name in ("kim", "lee"):
            network.add_node(f"account:x:{name}", kind="account", label=name, exhibits=["E1"])
        for name in (busy, quiet):
            network.add_node(f"account:x:{name}", kind="account", label=name, status="victim", exhibits=["E1"])
        for source, target in (("kim", busy), ("lee", busy), ("kim", quiet)):
            known = {"kind": "mention", "count": 1, "posts": [], "exhibits": ["E1"]}
            network.add_edge(f"account:x:{source}", f"account:x:{target}", "mention", **known)
        copy = pseudonymised(network)
        return repr([list(copy.nodes(data=True)), list(copy.edges(keys=True, data=True))])

    names = ["aaa", "zoe", "liz", "ken"]

    assert len({veiled(one, other) for one in names for other in names if one != other}) == 1


def test_no_instant_leads_to_a_post_of_theirs():
    """
    A search for what was posted in that second would name them: theirs, and what a post of theirs shows, is of a day.
    """
    instant, network = datetime(2026, 5, 1, 9, 5, 12, 404_000, tzinfo=UTC), nx.MultiDiGraph()
    times = {"first": instant, "last": instant}
    network.add_node(JANE, kind="account", label="jane", status="victim", exhibits=["E1"], **times)
    network.add_node("hashtag:x:pier", kind="hashtag", label="pier", exhibits=["E1"], **times)
    network.add_node(DAWN, kind="account", label="dawn", exhibits=["E1"], **times)
    network.add_node(OMAR, kind="account", label="omar", exhibits=["E1"], first=None, last=None)
    for source, target in ((JANE, "hashtag:x:pier"), (DAWN, OMAR)):
        network.add_edge(source, target, "tie", kind="tie", count=1, exhibits=["E1"], **times)

    copy = pseudonymised(network)

    day = {"first": datetime(2026, 5, 1, tzinfo=UTC), "last": datetime(2026, 5, 1, tzinfo=UTC)}
    jane = "account:withheld:Person A"
    for known in (copy.nodes[jane], copy.nodes["hashtag:x:pier"], copy.edges[jane, "hashtag:x:pier", "tie"]):
        assert {name: known[name] for name in day} == day
    for known in (copy.nodes[DAWN], copy.edges[DAWN, OMAR, "tie"]):
        assert {name: known[name] for name in times} == times
