"""Every format gives the graph back, to us and to readers that others wrote."""

import csv
import io
import json
from datetime import UTC, datetime

import networkx as nx
import pytest
import rustworkx
from hazards import HAZARDS, full_graph, graph_with
from hypothesis import given
from hypothesis import strategies as st
from invented_posts import DAWN, JANE, OMAR, law, mention, post, rows, same, table
from lxml import etree

from osint.errors import ExportError, GraphError
from osint.graph.association import association_graph
from osint.graph.exchange.anb_csv import ENTITY_COLUMNS, LINK_COLUMNS, anb_csv
from osint.graph.exchange.cells import unwritten, written
from osint.graph.exchange.gexf import gexf, read_gexf
from osint.graph.exchange.graphml import graphml, read_graphml
from osint.graph.exchange.tables import read_tables, tables


def through(network, form, folder):
    """Write and read back."""
    if form == "csv":
        for ending, content in tables(network, "chart").items():
            (folder / f"chart{ending}").write_bytes(content)
        return read_tables(folder / "chart")
    write, read = {"graphml": (graphml, read_graphml), "gexf": (gexf, read_gexf)}[form]
    (folder / f"chart.{form}").write_bytes(write(network))
    return read(folder / f"chart.{form}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("exchange")


FORMS_BY_NAME = ("graphml", "gexf", "csv")
FORMS = pytest.mark.parametrize("form", FORMS_BY_NAME)


@pytest.mark.parametrize("hazard", HAZARDS)
def test_a_hostile_label_comes_back_unchanged(hazard, folder):
    """
    Text that breaks XML, CSV or the reader's eye is written so that reading restores it.
    """
    network = graph_with(HAZARDS[hazard])

    for form in FORMS_BY_NAME:
        assert same(through(network, form, folder), network), form


@law
@given(made=rows())
def test_a_graph_of_posts_comes_back_identical(folder, made):
    """
    Keys, attributes, types and order of any association graph survive the file.
    """
    network = association_graph(table(*made))

    for form in FORMS_BY_NAME:
        assert same(through(network, form, folder), network), form


_texts = st.text(st.characters(), max_size=12)
_values = st.one_of(
    st.lists(st.none() | _texts),
    st.lists(st.none() | st.integers()),
    st.lists(st.none() | st.floats()),
    st.lists(st.none() | st.booleans()),
    st.lists(st.none() | st.datetimes(timezones=st.just(UTC)).map(lambda instant: instant.replace(fold=0))),
    st.lists(st.none() | st.integers() | _texts | st.booleans() | st.lists(_texts)),
)


@law
@given(values=_values, missing=st.booleans())
def test_an_attribute_of_any_kind_comes_back_identical(folder, values, missing):
    """
    Numbers, texts, truth values, instants, lists and unknowns keep their type; a missing attribute stays missing.
    """
    network = nx.MultiDiGraph()
    for number, value in enumerate(values):
        network.add_node(f"account:mastodon:{number}", measured=value)
    if missing and not any(isinstance(value, (float, datetime)) for value in values):
        network.add_node(JANE)

    for form in FORMS_BY_NAME:
        assert same(through(network, form, folder), network), form


@law
@given(text=_texts)
def test_written_text_holds_nothing_that_xml_refuses(text):
    """
    Written text is a valid XML string, and unwriting gives the original back.
    """
    etree.Element("a").text = written(text)

    assert unwritten(written(text)) == text


@law
@given(made=rows())
def test_other_readers_find_our_files_without_loss(folder, made):
    """
    networkx, and a reader written in another language, find the same nodes, edges and attributes.
    """
    network = association_graph(table(*made))
    for name, content in (("x.graphml", graphml(network)), ("x.gexf", gexf(network))):
        (folder / name).write_bytes(content)

    check_networkx(nx.read_graphml(folder / "x.graphml"), network)
    check_networkx(nx.read_gexf(folder / "x.gexf"), network)
    check_rustworkx(folder / "x.graphml", network)


def check_networkx(foreign, network):
    """Nodes, edges and attributes are those of ours, lists as JSON and instants as text."""
    keys = {node: known["key"] for node, known in foreign.nodes(data=True)}
    assert list(keys.values()) == list(network)
    theirs = sorted(
        (keys[source], keys[target], known["kind"], known["count"], json.loads(known["exhibits"]))
        for source, target, known in foreign.edges(data=True)
    )
    ours = sorted(
        (source, target, known["kind"], known["count"], known["exhibits"])
        for source, target, known in network.edges(data=True)
    )
    assert theirs == ours


def check_rustworkx(file, network):
    """Nodes in their order, edges with their posts."""
    [foreign] = rustworkx.read_graphml(str(file))

    assert [known["key"] for known in foreign.nodes()] == list(network)
    theirs = [
        (foreign[source]["key"], foreign[target]["key"], known["key"], known["count"], json.loads(known["posts"]))
        for source, target, known in foreign.weighted_edge_list()
    ]
    ours = [
        (source, target, key, known["count"], known["posts"])
        for source, target, key, known in network.edges(keys=True, data=True)
    ]
    assert theirs == ours


def test_graphml_ids_are_name_tokens_and_stand_once():
    """
    The official schema and strict readers refuse ``@`` in an id and an id that stands twice.
    """
    root = etree.fromstring(graphml(graph_with("jane")))

    ids = [element.get("id") for element in root.iter() if element.get("id")]

    assert len(ids) == len(set(ids))
    assert all(identifier.isalnum() and identifier.isascii() for identifier in ids)


@FORMS
def test_an_edge_without_exhibits_is_not_exported(form, folder):
    """
    No format carries an edge that nobody could check.
    """
    network = graph_with("jane")
    network.add_edge(JANE, DAWN, key="mention", kind="mention", exhibits=[])

    with pytest.raises(ExportError, match="names no exhibit"):
        through(network, form, folder)


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"with space": 1}, "'with space'"),
        ({"seen": datetime(2026, 5, 1)}, "no zone"),
        ({"seen": {1, 2}}, "'seen' holds a set"),
        ({"seen": (1, 2)}, "'seen' holds a tuple"),
        ({"seen": [float("nan")]}, "'seen' holds a list"),
    ],
)
@FORMS
def test_a_value_that_would_change_is_refused(form, folder, known, reason):
    """
    What no format carries unchanged is refused by name, not rounded or dropped.
    """
    with pytest.raises(ExportError, match=reason):
        through(graph_with("jane", **known), form, folder)


@FORMS
def test_an_attribute_that_would_hide_a_key_is_refused(form, folder):
    """
    "key" is the column of the node key.
    """
    network = graph_with("jane")
    network.nodes[JANE]["key"] = "another"

    with pytest.raises(ExportError, match="named 'key'"):
        through(network, form, folder)


def test_instants_do_not_mix_with_other_values(folder):
    """
    An attribute that is an instant here and a number there has no column type.
    """
    network = graph_with("jane", seen=datetime(2026, 5, 1, tzinfo=UTC))
    network.nodes[JANE]["seen"] = 3

    with pytest.raises(ExportError, match="mixes instants"):
        graphml(network)


@pytest.mark.parametrize("read", [read_graphml, read_gexf, read_tables])
@pytest.mark.parametrize("content", [None, b"", b"<a/>", b"{}", b"Id,Label\n1,2\n"])
def test_a_file_that_is_no_graph_of_ours_is_refused(read, content, tmp_path):
    """
    A missing, empty or foreign file is a GraphError, not a half-read graph.
    """
    if content is not None:
        for name in ("chart", "chart-nodes.csv", "chart-edges.csv", "chart-metadata.json"):
            (tmp_path / name).write_bytes(content)

    with pytest.raises(GraphError):
        read(tmp_path / "chart")


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_a_file_of_networkx_is_refused(form, tmp_path):
    """
    A file by another program does not say which columns are lists and instants, so nothing is guessed.
    """
    {"graphml": nx.write_graphml, "gexf": nx.write_gexf}[form](nx.path_graph(3), tmp_path / "other")

    with pytest.raises(GraphError):
        {"graphml": read_graphml, "gexf": read_gexf}[form](tmp_path / "other")


def test_an_entity_in_a_graphml_file_is_not_expanded(tmp_path):
    """
    A file that points at another file on this machine does not get its content into the graph.
    """
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret", encoding="utf-8")
    attack = graphml(graph_with("jane")).replace(
        b"<graphml", f'<!DOCTYPE graphml [<!ENTITY leak SYSTEM "{secret.as_uri()}">]>\n<graphml'.encode(), 1
    )
    (tmp_path / "chart.graphml").write_bytes(attack.replace(b">jane<", b">&leak;<"))

    assert "the secret" not in repr(list(read_graphml(tmp_path / "chart.graphml").nodes(data=True)))


def test_a_damaged_cell_is_refused(tmp_path):
    """
    A number that is no number any more names its column.
    """
    content = graphml(graph_with("jane")).replace(b">2</data>", b">two</data>")
    (tmp_path / "chart.graphml").write_bytes(content)

    with pytest.raises(GraphError, match="column count holds 'two'"):
        read_graphml(tmp_path / "chart.graphml")


def test_a_node_that_stands_twice_is_refused(tmp_path):
    """
    Two nodes with one key would melt into one and lose an attribute.
    """
    content = graphml(graph_with("jane")).replace(JANE.upper().encode(), JANE.encode())
    (tmp_path / "chart.graphml").write_bytes(content)

    with pytest.raises(GraphError, match="twice"):
        read_graphml(tmp_path / "chart.graphml")


def test_csv_cells_are_quoted_and_not_changed():
    """
    A label that a spreadsheet takes for a formula stands in the file as it was posted, in quotes.
    """
    content = tables(graph_with("=1+1"), "chart")["-nodes.csv"].decode()

    assert '"=1+1"' in content


def test_csv_has_the_headings_that_gephi_looks_for():
    """
    Nodes start with Id, edges with Source and Target; the weight is the number of posts.
    """
    files = tables(association_graph(table(post(1, tag=[mention(DAWN)]), post(2, tag=[mention(DAWN)]))), "chart")

    [edge] = csv.DictReader(io.StringIO(files["-edges.csv"].decode()))

    assert (edge["Source"], edge["Target"], edge["Type"], edge["Weight"]) == (JANE, DAWN, "Directed", "2")
    assert files["-nodes.csv"].startswith(b'"Id","kind","Label"')


def test_csv_metadata_describes_every_column():
    """
    The description names the files and the heading and datatype of each column, in their order.
    """
    files = tables(association_graph(table(post(1, tag=[mention(DAWN)]))), "chart")
    about = json.loads(files["-metadata.json"])

    for described in about["tables"]:
        content = files[described["url"].removeprefix("chart")].decode()
        headings = next(csv.reader(io.StringIO(content)))
        assert [column["titles"] for column in described["tableSchema"]["columns"]] == headings


def test_an_attribute_with_the_name_of_a_csv_column_is_refused():
    """
    An attribute "Weight" would stand beside our own Weight.
    """
    network = association_graph(table(post(1, tag=[mention(DAWN)])))
    network.edges[JANE, DAWN, "mention"]["Weight"] = 3

    with pytest.raises(ExportError, match="'Weight'"):
        tables(network, "chart")


def anb_rows(content):
    """Rows of a file for Analyst's Notebook, which starts with a byte order mark."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_analysts_notebook_gets_every_link_with_its_evidence():
    """
    A link carries identities, dates, posts, exhibits and the ledger entries that it was given.
    """
    network = association_graph(
        table(
            post(1, tag=[mention(DAWN)], published=datetime(2026, 5, 1, 8, 30, tzinfo=UTC), exhibits=["E0001", "E0002"])
        )
    )

    files = anb_csv(network, {"E0001": 14, "E0002": 15})

    [link] = anb_rows(files["-anb-links.csv"])
    assert tuple(link) == LINK_COLUMNS
    assert {name: value for name, value in link.items() if value} == {
        "From_Identity": JANE,
        "From_Type": "Online Account",
        "From_Label": "jane@social.example",
        "To_Identity": DAWN,
        "To_Type": "Online Account",
        "To_Label": "dawn@social.example",
        "Link_Type": "Mention",
        "Link_Label": "mention (1)",
        "Direction": "Forward",
        "Date": "2026-05-01",
        "Time": "08:30:00",
        "Description": "1 post: mastodon:1",
        "Source_Reference": "E0001; E0002",
        "Source_Type": "Open source",
        "Weight": "1",
        "First_Seen": "2026-05-01T08:30:00Z",
        "Last_Seen": "2026-05-01T08:30:00Z",
        "Evidence_Ids": "E0001; E0002",
        "Ledger_Entry": "14; 15",
        "Strength": "Observed",
    }


def test_analysts_notebook_gets_self_links_as_a_column():
    """
    A reply to oneself is no link there, so it stands with its exhibits at the entity; nobody who is alone is lost.
    """
    network = association_graph(
        table(post(1, in_reply_to="mastodon:0", in_reply_to_account=JANE), post(2, attributed_to=OMAR, exhibit="E0002"))
    )

    files = anb_csv(network)

    entities = {entity["Identity"]: entity for entity in anb_rows(files["-anb-entities.csv"])}
    assert anb_rows(files["-anb-links.csv"]) == []
    assert entities[JANE]["Self_Links"] == "reply (1): E0001"
    assert tuple(entities[OMAR]) == ENTITY_COLUMNS
    assert entities[OMAR]["Evidence_Ids"] == "E0002"


def test_a_long_source_reference_is_cut_where_it_says_so():
    """
    The field of Analyst's Notebook is short; the cut is stated, and Evidence_Ids stays whole.
    """
    exhibits = [f"E{number:04d}" for number in range(1, 101)]
    network = association_graph(table(post(1, tag=[mention(DAWN)], exhibit="E0001", exhibits=exhibits)))

    [link] = anb_rows(anb_csv(network)["-anb-links.csv"])

    shown, _, more = link["Source_Reference"].partition(" and ")
    assert len(link["Source_Reference"]) <= 255
    assert shown.split("; ") == exhibits[: len(shown.split("; "))]
    assert more == f"{100 - len(shown.split('; '))} more"
    assert link["Evidence_Ids"].split("; ") == exhibits


@pytest.mark.parametrize("hazard", HAZARDS)
def test_analysts_notebook_gets_one_line_per_row(hazard):
    """
    No label breaks a row in two or hides in it.
    """
    files = anb_csv(graph_with(HAZARDS[hazard]))
    for content in (files["-anb-links.csv"], files["-anb-entities.csv"]):
        text = content.decode("utf-8-sig")
        assert text.count("\n") == len(anb_rows(content)) + 1
        assert not set(text) & set("\x00\x0b\u202e\t\ud83d")


@FORMS
def test_equal_graphs_give_equal_bytes(form):
    """
    A chart made again is the same file, so two copies can be compared by their digests.
    """
    write = {"graphml": graphml, "gexf": gexf, "csv": lambda network: tables(network, "chart")}[form]
    posts = table(post(1, tag=[mention(DAWN), mention(OMAR)]), post(2, attributed_to=DAWN, tag=[mention(JANE)]))

    assert write(association_graph(posts)) == write(association_graph(posts.iloc[::-1]))


def test_analysts_notebook_gets_grades_basis_and_ground():
    """
    Each grade keeps the name of its scale; a derived link names its rule and an asserted one its analyst.
    """
    links = anb_rows(anb_csv(full_graph())["-anb-links.csv"])
    entities = anb_rows(anb_csv(full_graph())["-anb-entities.csv"])

    assert [link["Strength"] for link in links[:3]] == ["Observed", "Derived", "Asserted"]
    assert [links[0][f"Grade{number}"] for number in (1, 2, 3)] == [
        "3x5x2 source 1",
        "3x5x2 information B",
        "3x5x2 handling P",
    ]
    assert "same_media" in links[1]["Ground"]
    assert links[2]["Ground"] == "by J. Smit; reason: signs both"
    assert entities[0]["Grade1"] == "3x5x2 source 1"


def test_the_recipe_for_the_wizard_is_one_page_and_names_every_column():
    """
    An analyst finds each heading of the links, and reads that nobody tried the steps.
    """
    recipe = anb_csv(full_graph())["-anb-recipe.txt"].decode()

    assert set(LINK_COLUMNS) <= set(recipe.split())
    assert recipe.count("\n") <= 60
    assert "not tried in the program" in " ".join(recipe.split())
    assert "draw Observed solid, Derived dashed, Asserted dotted" in recipe  # as the ANX file has them drawn


def test_csv_gives_gephi_the_interval_of_an_edge():
    """
    Gephi takes a column named Timeset for the interval in which an edge stands.
    """
    rows_ = list(csv.DictReader(io.StringIO(tables(full_graph(), "chart")["-edges.csv"].decode())))

    assert [row["Timeset"] for row in rows_[:2]] == ["<[2026-05-01T08:00:00Z, 2026-05-01T09:00:00Z]>", ""]
    assert [row["Weight"] for row in rows_[:3]] == ["2", "0.5", "1"]
    assert rows_[0]["Label"] == "mention"
