"""Link charts of ours, read by the programs of others (``make test-interop``): equal nodes, edges and exhibits.

Every program runs in an environment of its own below ``.venv/``. None of them is i2 Analyst's Notebook, Maltego, Gephi,
yEd or Neo4j, which cannot be had here; LibreOffice and Tulip are in ``test_chart_programs.py``.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from chart_readers import of_graph
from hazards import HAZARDS, full_graph, graph_with
from lxml import etree

from osint.graph.exchange.anx import anx
from osint.graph.exchange.cells import unwritten
from osint.graph.exchange.kinds import BASES
from osint.graph.exchange.positions import positions
from osint.graph.link_chart import write_link_chart

pytestmark = pytest.mark.interop

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parent.parent / ".venv"
NODE = ENVIRONMENTS / "interop-node"
GRAPHS = {"full": full_graph(), **{name: graph_with(text) for name, text in HAZARDS.items()}}
EVERY = pytest.mark.parametrize("name", GRAPHS)


def run(*command: object, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, command)], input=text, capture_output=True, encoding="utf-8", check=False, timeout=120
    )


def read_by(reader: str, stem: Path, form: str = "") -> dict[str, list[dict[str, Any]]]:
    """What a program found in the chart of that name; ``form`` is for those below node.js."""
    if form:
        done = run("node", HERE / "read_chart.mjs", NODE, form, stem.with_name(f"{stem.name}.{form}"))
    else:
        done = run(ENVIRONMENTS / f"interop-{reader}" / "bin" / "python", HERE / "read_chart.py", reader, stem)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def sets(found: dict[str, list[dict[str, Any]]]) -> tuple[set[Any], list[Any]]:
    """The nodes and edges as :func:`chart_readers.of_graph` gives those of a graph."""
    keys = {node.get("id"): unwritten(node["key"]) for node in found["nodes"]}
    nodes = {(unwritten(node["key"]), unwritten(node["label"]), node["kind"]) for node in found["nodes"]}
    edges = sorted(
        (
            keys[edge["source"]],
            keys[edge["target"]],
            unwritten(edge["kind"]),
            edge.get("basis") or "",
            tuple(_list(edge["exhibits"])),
        )
        for edge in found["edges"]
    )
    return nodes, edges


def _list(exhibits: Any) -> list[str]:
    return json.loads(unwritten(exhibits)) if isinstance(exhibits, str) else list(map(unwritten, exhibits))


@pytest.mark.parametrize("form", ["graphml", "gexf", "cyjs"])
@EVERY
def test_graphology_and_cytoscape_find_the_same_chart(name, form, tmp_path):
    """
    The parsers behind sigma.js and Gephi Lite, and cytoscape.js without a window.
    """
    write_link_chart(GRAPHS[name], tmp_path / "chart", [form])

    found = read_by("node", tmp_path / "chart", form)

    assert sets(found) == of_graph(GRAPHS[name])


def test_cytoscape_keeps_places_and_draws_each_basis_with_its_line(tmp_path):
    """
    Places hold under the layout "preset"; the style sheet of the file is applied.
    """
    write_link_chart(full_graph(), tmp_path / "chart", ["cyjs"])

    found = read_by("node", tmp_path / "chart", "cyjs")

    assert {node["key"]: (node["x"], node["y"]) for node in found["nodes"]} == positions(full_graph())
    assert {edge["basis"]: edge["line"] for edge in found["edges"]} == {
        basis.name: basis.cytoscape for basis in BASES.values()
    }


@EVERY
def test_igraph_finds_the_same_chart(name, tmp_path):
    """
    GraphML, in a process of its own, since igraph is under the GPL.
    """
    write_link_chart(GRAPHS[name], tmp_path / "chart", ["graphml"])

    found = read_by("igraph", tmp_path / "chart")

    for number, node in enumerate(found["nodes"]):
        node["id"] = number  # the ends of its edges are numbers
    assert sets(found) == of_graph(GRAPHS[name])


@EVERY
def test_ndex2_finds_the_same_chart(name, tmp_path):
    """
    CX2, by the client of the network exchange that defines it.
    """
    write_link_chart(GRAPHS[name], tmp_path / "chart", ["cx2"])

    found = read_by("ndex2", tmp_path / "chart")

    assert sets(found) == of_graph(GRAPHS[name])


@EVERY
def test_kuzu_loads_the_same_chart(name, tmp_path):
    """
    The tables for Neo4j by COPY into another graph store.
    """
    write_link_chart(GRAPHS[name], tmp_path / "chart", ["neo4j"])

    found = read_by("kuzu", tmp_path / "chart")

    nodes = {
        (unwritten(node["key:ID"]), unwritten(node["label:string"] or ""), node["kind:string"])
        for node in found["nodes"]
    }
    edges = sorted(
        (
            unwritten(edge["source"]),
            unwritten(edge["target"]),
            unwritten(edge["relation"]),
            edge.get("basis:string") or "",
            tuple(map(unwritten, edge["exhibits:string[]"].split(";"))),
        )
        for edge in found["edges"]
    )
    assert (nodes, edges) == of_graph(GRAPHS[name])


def test_kuzu_refuses_a_dangling_edge(tmp_path):
    """
    So that loading says something.
    """
    write_link_chart(full_graph(), tmp_path / "chart", ["neo4j"])
    edges = tmp_path / "chart-neo4j-edges.csv"
    edges.write_bytes(edges.read_bytes().replace(b"account:web:1", b"account:web:nobody"))

    done = run(ENVIRONMENTS / "interop-kuzu" / "bin" / "python", HERE / "read_chart.py", "kuzu", tmp_path / "chart")

    assert done.returncode != 0
    assert "account:web:nobody" in done.stderr


@EVERY
def test_graphviz_reads_the_same_chart(name, tmp_path):
    """
    Its canonical form as JSON has our keys, labels and exhibits.
    """
    write_link_chart(GRAPHS[name], tmp_path / "chart", ["dot"])

    done = run("dot", "-Tdot_json", tmp_path / "chart.dot")

    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout, strict=False)
    nodes = {each["_gvid"]: each for each in document.get("objects", ())}
    found = {
        "nodes": [{"id": number, "label": "", **_ours(each)} for number, each in nodes.items()],
        "edges": [
            {"source": each["tail"], "target": each["head"], **_ours(each)} for each in document.get("edges", ())
        ],
    }
    assert sets(found) == of_graph(GRAPHS[name])


def _ours(known: dict[str, Any]) -> dict[str, Any]:
    return {
        name.removeprefix("osint_"): re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), value)
        for name, value in known.items()
        if name.startswith("osint_")
    }


@EVERY
def test_anxwritter_writes_the_same_chart(name):
    """
    Handed the same entities and links, it makes the same items: identities, labels, types, ends, strengths, cards,
    dates, and attributes with their types and values.
    """
    ours = etree.fromstring(anx(GRAPHS[name]))
    done = run(ENVIRONMENTS / "interop-anx" / "bin" / "python", HERE / "write_anx.py", text=json.dumps(told(ours)))

    assert done.returncode == 0, done.stderr
    theirs = etree.fromstring(done.stdout.encode())
    assert items(theirs) == items(ours)
    assert classes(theirs) == classes(ours)


def told(root: Any) -> dict[str, Any]:
    """What our chart says, as anxwritter wants to be told."""
    types = {known.get("Name"): known.get("Type") for known in root.iter("AttributeClass")}
    identities = {entity.get("EntityId"): entity.get("Identity") for entity in root.iter("Entity")}
    entities, links = [], []
    for item in root.iter("ChartItem"):
        known: dict[str, Any] = {
            "label": item.get("Label"),
            "source_ref": item.get("SourceReference"),
            "source_type": item.get("SourceType"),
            "attributes": {
                each.get("AttributeClass"): value(each.get("Value"), types[each.get("AttributeClass")])
                for each in item.iter("Attribute")
            },
            "cards": [card.get("Summary") for card in item.iter("Card")],
        }
        if item.get("DateTime"):
            date, _, time = item.get("DateTime").partition("T")
            known |= {"date": date, "time": time}
        if item.find("End") is not None:
            end = item.find("End")
            type_ = end.find("Entity/Icon/IconStyle").get("Type")
            place = {"x": int(end.get("X")), "y": int(end.get("Y"))}
            entities.append({"id": end.find("Entity").get("Identity"), "type": type_, **place, **known})
        else:
            link = item.find("Link")
            style = link.find("LinkStyle")
            ends = {"from_id": identities[link.get("End1Id")], "to_id": identities[link.get("End2Id")]}
            links.append({**ends, "type": style.get("Type"), "strength": style.get("Strength"), **known})
    lines = {each.get("Name"): each.get("DotStyle") for each in root.iter("Strength")}
    return {"entities": entities, "links": links, "strengths": {name: STYLES[line] for name, line in lines.items()}}


STYLES = {
    "DotStyleSolid": "solid",
    "DotStyleDashed": "dashed",
    "DotStyleDotted": "dotted",
    "DotStyleDashDot": "dash_dot",
}


def value(cell: str, type_: str) -> Any:
    if type_ == "AttNumber":
        return float(cell) if "." in cell else int(cell)
    return cell == "true" if type_ == "AttFlag" else cell


def items(root: Any) -> list[Any]:
    """Each entity and link with all that both writers say of it, but for numbers that each gives out by itself."""
    identities = {entity.get("EntityId"): entity.get("Identity") for entity in root.iter("Entity")}
    found = []
    for item in root.iter("ChartItem"):
        end, link = item.find("End"), item.find("Link")
        if end is None:
            style = link.find("LinkStyle")
            what = (identities[link.get("End1Id")], identities[link.get("End2Id")], style.get("Type"))
            what += (style.get("Strength"), style.get("ArrowStyle"))
        else:
            icon = end.find("Entity/Icon/IconStyle")
            what = (
                re.sub("[\\n\\t]", " ", end.find("Entity").get("Identity")),
                icon.get("Type"),
                int(end.get("X")),
                int(end.get("Y")),
            )
        attributes = sorted((each.get("AttributeClass"), each.get("Value")) for each in item.iter("Attribute"))
        cards = [re.sub("[\\n\\t]", " ", card.get("Summary")) for card in item.iter("Card")]
        # anxwritter does not spell line ends and tabs in an attribute, so that a parser makes spaces of them
        said = [
            re.sub("[\\n\\t]", " ", item.get(name) or "")
            for name in ("Label", "SourceReference", "SourceType", "DateTime")
        ]
        found.append((*what, attributes, cards, said))
    return sorted(found, key=repr)


def classes(root: Any) -> dict[str, str]:
    """Types of the attributes. anxwritter is handed a time as text, so the two are one here."""
    same = {"AttTime": "AttText"}
    used = {each.get("AttributeClass") for each in root.iter("Attribute")}
    every = {each.get("Name"): each.get("Type") for each in root.iter("AttributeClass")}
    return {name: same.get(type_, type_) for name, type_ in every.items() if name in used}
