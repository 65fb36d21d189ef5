"""Victims and minors leave under a pseudonym in every format, unless a reason is given."""

import io
import zipfile

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


def test_pseudonyms_follow_the_order_of_the_keys(network):
    """
    The order in which nodes came does not matter, so two charts of one case agree.
    """
    turned = nx.MultiDiGraph()
    turned.add_nodes_from(reversed(list(network.nodes(data=True))))

    assert pseudonyms(network) == pseudonyms(turned) == {JANE: "Person A", OMAR: "Person B"}


def test_more_people_than_letters_go_on_as_columns_do():
    """
    Person Z is followed by Person AA.
    """
    network = nx.MultiDiGraph()
    network.add_nodes_from((f"person:case:{number:03d}" for number in range(28)), kind="person", status="victim")

    assert list(pseudonyms(network).values())[25:] == ["Person Z", "Person AA", "Person AB"]


def test_the_copy_keeps_order_exhibits_and_everybody_else(network):
    """
    The graph in the user's hands is not changed; what is not about them is the same in the copy.
    """
    before = repr([*network.nodes(data=True), *network.edges(keys=True, data=True), network.graph])

    copy = pseudonymised(network)

    assert repr([*network.nodes(data=True), *network.edges(keys=True, data=True), network.graph]) == before
    assert list(copy)[:3] == ["account:withheld:Person B", "account:withheld:Person A", DAWN]
    assert copy.nodes[DAWN] == network.nodes[DAWN]
    assert copy.nodes["account:withheld:Person A"] == {
        "kind": "account", "label": "Person A", "exhibits": ["E0001"], "status": "victim", "platform": "withheld",
    }  # fmt: skip
    assert [known["exhibits"] for _, _, known in copy.edges(data=True)] == [["E0001"], ["E0002"]]
    assert copy.edges[DAWN, "account:withheld:Person A", "mention"]["reason"] == "wrote to Person A"
    assert copy.graph["filter"] == {"around": "account:withheld:Person A"}
    assert copy.graph["pseudonyms"] == 2


def test_a_name_inside_another_word_is_left():
    """
    A victim called Ann does not turn an annex into a Person A.
    """
    network = nx.MultiDiGraph()
    network.add_node("person:case:ann", kind="person", label="Ann", status="victim", exhibits=["E1"])
    network.add_node("place:osm:annex", kind="place", label="Annex of Joann", exhibits=["E1"])

    assert pseudonymised(network).nodes["place:osm:annex"]["label"] == "Annex of Joann"


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
