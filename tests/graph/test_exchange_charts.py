"""Each chart format holds the nodes, edges, bases and exhibits of the graph, whatever its texts are."""

import csv
import hashlib
import io
import json
import re
import sys
import zipfile
from pathlib import Path

import chart_readers as readers
import networkx as nx
import openpyxl
import pytest
from hazards import HAZARDS, KINDS, full_graph, graph_with
from invented_posts import DAWN, JANE
from lxml import etree

from osint.errors import ExportError
from osint.graph.drawing import svg
from osint.graph.exchange.anx import anx
from osint.graph.exchange.cells import unwritten
from osint.graph.exchange.cytoscape import cx2, cyjs
from osint.graph.exchange.dot import dot
from osint.graph.exchange.excel import xlsx
from osint.graph.exchange.gexf import VIZ, gexf, read_gexf
from osint.graph.exchange.graphml import graphml, read_graphml
from osint.graph.exchange.kinds import BASES, OTHER, kind_of
from osint.graph.exchange.kinds import KINDS as ROWS
from osint.graph.exchange.maltego import maltego_csv, mtgx
from osint.graph.exchange.mermaid import MOST_CHARACTERS, MOST_EDGES, mermaid
from osint.graph.exchange.neo4j import neo4j
from osint.graph.exchange.positions import MOST_LAID_OUT, positions
from osint.graph.exchange.yed import NAMESPACE as YED
from osint.graph.exchange.yed import yed
from osint.graph.left_out import counted, left_out
from osint.graph.measures import centrality
from osint.views.link_chart.data import chart_data
from osint.views.link_chart.facts import NO_FACTS

SCHEMA = Path(__file__).parent / "gexf-1.3" / "gexf.xsd"

WRITERS = {
    "graphml": (graphml, readers.of_networkx(nx.read_graphml)),
    "yed": (yed, readers.of_networkx(nx.read_graphml)),
    "gexf": (gexf, readers.of_gexf),
    "cyjs": (cyjs, readers.of_cyjs),
    "cx2": (cx2, readers.of_cx2),
    "anx": (anx, readers.of_anx),
    "mtgx": (mtgx, readers.of_mtgx),
    "xlsx": (xlsx, readers.of_xlsx),
    "neo4j": (neo4j, readers.of_neo4j),
}
ALL = {
    **{name: write for name, (write, _) in WRITERS.items()},
    "maltego-csv": maltego_csv,
    "dot": dot,
    "mermaid": mermaid,
}
READ_BACK = pytest.mark.parametrize("form", WRITERS)
EVERY = pytest.mark.parametrize("form", ALL)


def without_loops(network):
    bare = network.copy()
    bare.remove_edges_from([*nx.selfloop_edges(bare, keys=True)])
    return bare


def expected(form, network):
    return readers.of_graph(without_loops(network) if form == "anx" else network)


@READ_BACK
def test_another_reader_finds_the_same_nodes_and_edges(form):
    """
    Every kind, basis, relation and exhibit is there, and nothing else.
    """
    write, read = WRITERS[form]

    assert read(write(full_graph())) == expected(form, full_graph())


@pytest.mark.parametrize("hazard", HAZARDS)
def test_no_text_breaks_a_format_is_lost_or_hides_in_a_file(hazard):
    """
    Two entities with one label, keys that differ by case, parallel edges, a loop: all are read back as they were.

    No control, bidirectional or zero-width character of a label reaches a file unspelt.
    """
    network = graph_with(HAZARDS[hazard])
    for form, write in ALL.items():
        made = write(network)
        if form in WRITERS:
            _, read = WRITERS[form]
            assert read(made) == expected(form, network), form
        files = made.values() if isinstance(made, dict) else [made]
        shown = {character for content in files for text in unpacked(content) for character in text}
        assert not shown & set("\x00\x0b\x1b\u202e\u200d\ufffe\uffff\ud83d"), form


@READ_BACK
@pytest.mark.parametrize("hazard", ["entity", "end of CDATA", "semicolon and quotes"])
def test_no_relation_breaks_a_format_or_is_lost(form, hazard):
    """
    An analyst words a tie freely, and a program that drew the graph may have, too.
    """
    write, read = WRITERS[form]
    network = graph_with("jane")
    for *_, known in network.edges(data=True):
        known["kind"] = HAZARDS[hazard]

    assert read(write(network)) == expected(form, network)


def unpacked(content):
    if not content.startswith(b"PK"):
        return [content.decode()]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(name).decode() for name in archive.namelist()]


def test_equal_graphs_give_equal_bytes_in_another_process(another_process):
    """
    Neither the clock nor the order of a set gets into a file of any form.
    """
    program = "import json, test_exchange_charts; print(json.dumps(test_exchange_charts.digests()))"

    assert json.loads(another_process.printed(program)) == digests()


def digests():
    return {form: hashlib.sha256(repr(make(full_graph())).encode()).hexdigest() for form, make in ALL.items()}


@EVERY
def test_an_edge_that_nobody_could_check_is_not_exported(form):
    """
    No exhibits, or an end of which the graph says nothing: the export fails and names the edge.
    """
    orphan, dangling = full_graph(), full_graph()
    orphan.edges["person:web:0", "account:web:1", "alias_of"]["exhibits"] = []
    dangling.add_edge("person:web:0", "person:web:nobody", key="mention", kind="mention", exhibits=["E0001"])

    with pytest.raises(ExportError, match=r"person:web:0 -> account:web:1 \(alias_of\) names no exhibit"):
        ALL[form](orphan)
    with pytest.raises(ExportError, match=r"person:web:0 -> person:web:nobody \(mention\) dangles"):
        ALL[form](dangling)


@pytest.mark.parametrize(
    "form", ["yed", "gexf", "anx", "cyjs", "cx2", "dot", "mermaid", "mtgx", "maltego-csv", "neo4j", "xlsx", "graphml"]
)
def test_the_three_bases_are_told_apart(form):
    """
    With nothing but its basis changed, an edge is another in the file, and all three differ.
    """
    made = set()
    for basis in BASES:
        network = graph_with("jane", basis=basis)
        made.add(repr(ALL[form](network)))

    assert len(made) == 3


def test_lines_differ_by_basis_where_lines_are_drawn():
    """
    Not by an attribute alone: the line itself is solid, dashed or another.
    """
    lines = [
        (basis.gexf, basis.yed, basis.cytoscape, basis.dot, basis.mermaid, basis.i2_dots, basis.maltego)
        for basis in BASES.values()
    ]

    for column in zip(*lines, strict=True):
        assert len(set(column)) == 3


def test_every_kind_has_a_row_and_a_word_in_every_target():
    """
    The table is whole, and what is not in it is exported under its own name.
    """
    assert sorted(ROWS) == sorted(KINDS)
    for kind in (*ROWS.values(), OTHER):
        assert all(value for name, value in vars(kind).items() if name != "name")
    assert kind_of({"kind": "spaceship"}) is OTHER


def test_gexf_passes_the_official_schema_without_its_viz_elements():
    """
    Dynamic and static, with every hazard; a file that breaks the schema does not pass, so that passing says something.
    """
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    for network in (full_graph(), nx.MultiDiGraph(), *(graph_with(text) for text in HAZARDS.values())):
        schema.assertValid(etree.fromstring(stripped(gexf(network))))

    assert not schema.validate(
        etree.fromstring(stripped(gexf(full_graph())).replace(b'weight="0.5"', b'weight="heavy"'))
    )


def stripped(content):
    root = etree.fromstring(content)
    for element in list(root.iter(f"{{{VIZ}}}*")):
        element.getparent().remove(element)
    return etree.tostring(root)


def test_gexf_stands_from_first_to_last_and_keeps_its_places(tmp_path):
    """
    networkx reads interval, place and colour; what has no dates has no interval; our reader still gives all back.
    """
    network = full_graph()
    foreign = nx.read_gexf(io.BytesIO(gexf(network)))

    person = foreign.nodes["n0"]
    assert (person["start"], person["end"]) == ("2026-05-01T08:00:00Z", "2026-05-02T08:00:00.250Z")
    assert person["viz"]["color"] == {"r": 0x24, "g": 0x29, "b": 0x2F, "a": 1.0}
    places = {known["key"]: known["viz"]["position"] for _, known in foreign.nodes(data=True)}
    assert {key: (place["x"], -place["y"]) for key, place in places.items()} == positions(network)
    assert sum("start" in known for _, _, known in foreign.edges(data=True)) == 1
    (tmp_path / "chart.gexf").write_bytes(gexf(network))
    assert readers.of_graph(read_gexf(tmp_path / "chart.gexf")) == readers.of_graph(network)


def test_yed_gets_place_shape_and_line(tmp_path):
    """
    networkx reads yEd's own elements; without them the file is the plain one, which our reader gives back.
    """
    network = full_graph()
    foreign = nx.read_graphml(io.BytesIO(yed(network)))

    assert {known["key"]: (float(known["x"]), float(known["y"])) for _, known in foreign.nodes(data=True)} == positions(
        network
    )
    assert foreign.nodes["n0"]["shape_type"] == "octagon"
    root = etree.fromstring(yed(network))
    assert [line.get("type") for line in root.iter(f"{{{YED}}}LineStyle")][:3] == ["line", "dashed", "dotted"]
    (tmp_path / "chart.graphml").write_bytes(yed(network))
    assert readers.of_graph(read_graphml(tmp_path / "chart.graphml")) == readers.of_graph(network)


def test_every_exported_edge_of_maltego_names_its_exhibits():
    """
    A row per link, and a row for each entity that has none.
    """
    rows = list(csv.DictReader(io.StringIO(maltego_csv(full_graph()).decode(), newline="")))
    links = [row for row in rows if row["DstId"]]

    assert sorted((row["SrcId"], row["DstId"], row["LinkBasis"], row["Evidence"]) for row in links) == sorted(
        (source, target, basis, "; ".join(exhibits))
        for source, target, _, basis, exhibits in readers.of_graph(full_graph())[1]
    )
    ends = {
        (row[f"{side}Id"], row[f"{side}Value"], row[f"{side}Type"])
        for row in rows
        for side in ("Src", "Dst")
        if row[f"{side}Id"]
    }
    assert ends == readers.maltego_ends(full_graph())
    assert "rule" in links[1]["LinkNotes"]
    assert "by J. Smit; reason: signs both" in links[2]["LinkNotes"]


@pytest.mark.parametrize("hazard", HAZARDS)
def test_a_row_of_maltego_is_one_line(hazard):
    """
    Its import takes a line for a row.
    """
    content = maltego_csv(graph_with(HAZARDS[hazard])).decode()

    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert content.count("\n") == len(rows) + 1
    assert unwritten(rows[0]["SrcValue"]) == HAZARDS[hazard]


def test_neo4j_refuses_no_list_member_with_a_semicolon():
    """
    A semicolon inside a member would make two of it there, so it is spelt out.
    """
    network = graph_with("jane")
    network.edges[JANE, JANE, "reply"]["exhibits"] = ["a;b", "c"]

    [row] = [
        row for row in csv.DictReader(io.StringIO(neo4j(network)["-neo4j-edges.csv"].decode(), newline=""))
        if row[":START_ID"] == row[":END_ID"]
    ]  # fmt: skip

    assert row["exhibits:string[]"] == "a⟨U+003B⟩b;c"


def test_neo4j_gets_types_that_its_query_language_takes_and_no_column_twice():
    """
    The relation itself stands beside its type, so an attribute of that name is refused.
    """
    network = graph_with("jane")
    network.edges[JANE, JANE, "reply"]["kind"] = "drives; `x`"
    rows = csv.DictReader(io.StringIO(neo4j(network)["-neo4j-edges.csv"].decode(), newline=""))

    assert {row[":TYPE"] for row in rows} == {"DRIVES_X", "MENTION", "REPLY"}
    network.edges[JANE, JANE, "reply"]["relation"] = "mine"
    with pytest.raises(ExportError, match="'relation' has the name of a column"):
        neo4j(network)


def test_cx2_declares_every_attribute_it_uses_with_its_type():
    """
    The reader of NDEx lets an undeclared attribute pass, so this is checked here.
    """
    python = {"string": str, "long": int, "double": float, "boolean": bool, "list_of_string": list}
    for network in (full_graph(), *(graph_with(text, seen=3, measured=float("nan")) for text in HAZARDS.values())):
        aspects = json.loads(cx2(network))
        parts = {name: part for aspect in aspects for name, part in aspect.items()}
        [declared] = parts["attributeDeclarations"]
        for part in ("nodes", "edges"):
            for element in parts[part]:
                for name, value in element["v"].items():
                    assert type(value) is python[declared[part][name]["d"]], name
        counts = {known["name"]: known["elementCount"] for known in parts["metaData"]}
        assert all(len(parts[name]) == count for name, count in counts.items() if count)
        assert list(aspects[-1]) == ["status"]


def test_cyjs_keeps_an_attribute_whose_name_the_program_needs():
    """
    ``parent`` would put the node into another, ``source`` would move an edge: ours stand beside them.
    """
    made = json.loads(cyjs(graph_with("jane", parent="Ann", source="a diary")))["elements"]

    assert all("parent" not in node["data"] and node["data"]["parent_"] == "Ann" for node in made["nodes"])
    assert all(
        edge["data"]["source"].startswith("n") and edge["data"]["source_"] == "a diary" for edge in made["edges"]
    )


def test_cyjs_has_a_preset_layout_and_no_dangling_end():
    """
    Without "preset" the places are lost; an edge that leads nowhere stops cytoscape.js.
    """
    document = json.loads(cyjs(full_graph()))
    ids = {node["data"]["id"] for node in document["elements"]["nodes"]}

    assert document["layout"] == {"name": "preset"}
    assert all({edge["data"]["source"], edge["data"]["target"]} <= ids for edge in document["elements"]["edges"])
    assert {
        node["data"]["key"]: (node["position"]["x"], node["position"]["y"]) for node in document["elements"]["nodes"]
    } == positions(full_graph())


@pytest.mark.parametrize("hazard", HAZARDS)
def test_dot_quotes_every_text(hazard):
    """
    Taking the quoted texts away leaves only the punctuation and the words of the language.
    """
    content = dot(graph_with(HAZARDS[hazard])).decode()

    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", content, flags=re.DOTALL)
    assert set(re.findall(r"\w+", bare)) <= {"digraph", "graph", "node", "edge", "charset", "comment", "fontname"}


def test_dot_is_a_statement_a_line_and_our_names_stand_apart():
    """
    Graphviz would lay edges out by an attribute that is called ``weight``.
    """
    made = dot(graph_with("a\nb", weight=0.5)).decode()
    said = [line for line in made.splitlines() if line.lstrip().startswith('"')]

    assert len(said) == 3 + 3
    assert all(line.endswith("];") for line in said)
    assert ('"osint_weight"' in made, '"weight"' in made) == (True, False)


@pytest.mark.parametrize("hazard", HAZARDS)
def test_mermaid_labels_hold_nothing_that_the_language_reads(hazard):
    """
    Each line is one node, one edge or one remark; quotes, brackets and backticks are numeric entities.
    """
    lines = mermaid(graph_with(HAZARDS[hazard])).decode().splitlines()

    assert lines[0] == "flowchart LR"
    nodes = [line for line in lines if re.fullmatch(r'  n\d+\(\["[^"`<>\[\](){}|]*"\]\)', line)]
    edges = [line for line in lines if re.fullmatch(r'  n\d+ \S+\|"[^"`<>\[\](){}|]*"\| n\d+', line)]
    assert (len(nodes), len(edges), len(lines)) == (3, 3, 9)


def test_mermaid_keeps_its_caps_and_says_what_was_left_out():
    """
    The edges with the most posts stay; what is over 500 edges or 50,000 characters is counted on the chart.
    """
    network = nx.MultiDiGraph()
    for number in range(1_200):
        network.add_node(
            f"account:web:{number}", kind="account", label=f"{'long name ' * 6}{number}", exhibits=["E0001"]
        )
    for number in range(1_100):
        network.add_edge(
            f"account:web:{number}", f"account:web:{number + 1}", key="reply", kind="reply", basis="observed",
            count=number, exhibits=["E0001"],
        )  # fmt: skip

    text = mermaid(network).decode()

    shown = re.search(r"(\d+) nodes and (\d+) edges shown, (\d+) nodes and (\d+) edges left out", text)
    nodes, edges, hidden_nodes, hidden_edges = map(int, shown.groups())
    assert (nodes + hidden_nodes, edges + hidden_edges) == (1_200, 1_100)
    assert 0 < edges <= MOST_EDGES
    assert text.count("-->") == edges
    assert len(text) < MOST_CHARACTERS
    assert f'left_out["{hidden_nodes} nodes and {hidden_edges} edges left out; what the graph itself' in text
    assert "reply #40;1099#41;" in text


def test_what_a_filter_hides_stands_on_every_picture():
    """
    A chart that shows all of a filtered graph does not say that nothing is hidden; a node without any name is drawn.
    """
    network = graph_with("jane")
    network.graph |= {"hidden_nodes": 40, "hidden_edges": 90}
    network.add_node("", kind="account", label="", exhibits=["E0001"])

    assert b"the filter hides 40 nodes and 90 edges of the case" in svg(network)
    assert b"nothing hidden" not in svg(network)
    assert b"nothing left out; the filter hides 40 nodes and 90 edges" in mermaid(network)
    assert b'" "' in mermaid(network)


def test_a_part_taken_by_hand_is_not_called_the_whole():
    """
    The nodes chosen in a chart of all of a case are not "nothing hidden"; a graph that states nothing claims nothing.
    """
    network = graph_with("jane")
    network.graph |= {"hidden_nodes": 0, "hidden_edges": 0}
    whole = counted(network.copy())
    part = whole.subgraph(list(whole)[:1])

    assert b"nothing hidden" in svg(whole)
    assert left_out(part) == (2, 2)  # a loop stays
    assert b"the filter hides 2 nodes and 2 edges of the case" in svg(part)
    assert b"the filter hides 2 nodes and 2 edges" in mermaid(part)
    assert chart_data(part, "t", NO_FACTS)["hidden"].startswith("The graph itself leaves out 2 nodes and 2 edges")
    assert "hides 2 nodes and 2 edges" in centrality(part, "degree").attrs["caveat"]
    del network.graph["hidden_nodes"]
    assert left_out(network) is None
    for picture in (svg(network), mermaid(network)):
        assert b"is not stated" in picture
        assert b"nothing hidden" not in picture


def test_mermaid_caps_edges_even_where_characters_are_to_spare():
    """
    Five hundred short edges stay of six hundred.
    """
    network = nx.MultiDiGraph()
    network.add_nodes_from(["a:b:c", "a:b:d"], kind="account", label="c", exhibits=["E1"])
    for number in range(600):
        network.add_edge("a:b:c", "a:b:d", key=str(number), kind="x", basis="observed", count=1, exhibits=["E1"])

    assert mermaid(network).decode().count("-->") == 500


def test_a_workbook_computes_nothing():
    """
    Every text cell is stored as text, also one that starts with = + - or @; only the two counted columns are numbers.
    """
    labels = ["=1+1", "@jane", "+31 6 0000 0000", "-2", "00123"]
    network = nx.MultiDiGraph()
    for label in labels:
        network.add_node(f"phone:e164:{label}", kind="phone", label=label, exhibits=["E0001"])
    network.add_edge("phone:e164:=1+1", "phone:e164:-2", key="=x", kind="=x", count=1, exhibits=["=E1"])

    content = xlsx(network)

    workbook = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert sum(cell.data_type == "n" for cell in cells) == 2
    assert all(cell.quotePrefix and cell.number_format == "@" for cell in cells if cell.data_type == "s")
    assert set(labels) <= {cell.value for cell in cells}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist())


def test_a_text_that_is_too_long_for_a_cell_says_that_it_was_cut():
    """
    Excel refuses a workbook with more than 32,767 characters in a cell.
    """
    network = graph_with("x" * 40_000)

    workbook = openpyxl.load_workbook(io.BytesIO(xlsx(network)))

    longest = max((str(cell.value) for sheet in workbook for row in sheet.iter_rows() for cell in row), key=len)
    assert len(longest) == 32_767
    assert "cut, 40,0" in longest


def test_a_workbook_without_openpyxl_says_what_to_install(monkeypatch):
    """
    It is an extra.
    """
    monkeypatch.setitem(sys.modules, "openpyxl", None)

    with pytest.raises(ExportError, match=r"osint\[xlsx\]"):
        xlsx(graph_with("jane"))


def test_places_are_those_of_our_pictures_and_rows_beyond_them():
    """
    No two nodes share a place, none is below zero, and a graph too large to lay out stands in rows.
    """
    small, large = full_graph(), nx.MultiDiGraph()
    large.add_nodes_from(f"account:web:{number}" for number in range(MOST_LAID_OUT + 1))
    large.add_edge("account:web:7", DAWN)

    for network in (small, large, nx.MultiDiGraph()):
        places = positions(network)
        assert list(places) == list(network)
        assert len(set(places.values())) == len(network)
        assert all(x >= 0 and y >= 0 for x, y in places.values())
    assert sorted((positions(large)["account:web:7"], positions(large)[DAWN])) == [(0, 0), (140, 0)]


def test_grades_keep_the_name_of_their_scale():
    """
    An A means different things in different scales, so none stands alone.
    """
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx(full_graph())))["Edges"]
    rows = [
        dict(zip([cell.value for cell in sheet[1]], [cell.value for cell in row], strict=True))
        for row in sheet.iter_rows(min_row=2)
    ]

    assert [rows[0][f"grade {part}"] for part in ("source", "information", "handling")] == [
        "3x5x2 source 1",
        "3x5x2 information B",
        "3x5x2 handling P",
    ]
    assert (rows[2]["grade source"], rows[2]["grade handling"]) == ("Admiralty source B", None)
