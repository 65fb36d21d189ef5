"""Reads what each writer wrote, with another's reader where there is one, as sets of nodes and edges to compare.

A node is (key, label, kind), an edge (source key, target key, relation, basis, exhibits).
"""

import csv
import io
import json
import zipfile

import networkx as nx
import openpyxl
from lxml import etree

from osint.graph.exchange.cells import unwritten
from osint.graph.exchange.kinds import i2_type, kind_of
from osint.graph.exchange.maltego import NAMESPACE as MALTEGO

_GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"


def of_graph(network):
    nodes = {(key, known["label"], known["kind"]) for key, known in network.nodes(data=True)}
    edges = sorted(
        (source, target, known["kind"], known.get("basis", ""), tuple(known["exhibits"]))
        for source, target, known in network.edges(data=True)
    )
    return nodes, edges


def of_networkx(read):
    def reader(content):
        foreign = read(io.BytesIO(content))
        keys = {node: unwritten(known["key"]) for node, known in foreign.nodes(data=True)}
        nodes = {(keys[node], unwritten(known["label"]), known["kind"]) for node, known in foreign.nodes(data=True)}
        return nodes, sorted(
            _edge(known, keys[source], keys[target]) for source, target, known in foreign.edges(data=True)
        )

    return reader


def _edge(known, source, target):
    return (
        source,
        target,
        unwritten(known["kind"]),
        known.get("basis", ""),
        tuple(json.loads(unwritten(known["exhibits"]))),
    )


def of_gexf(content):
    """networkx gives a node of GEXF the label of its attribute, which is the same."""
    return of_networkx(nx.read_gexf)(content)


def of_cyjs(content):
    document = json.loads(content)
    foreign = nx.cytoscape_graph({"directed": True, "multigraph": True, "data": [], **_with_names(document)})
    keys = {node: unwritten(known["key"]) for node, known in foreign.nodes(data=True)}
    nodes = {(keys[node], unwritten(known["label"]), known["kind"]) for node, known in foreign.nodes(data=True)}
    edges = sorted(
        (
            keys[source],
            keys[target],
            unwritten(known["kind"]),
            known.get("basis", ""),
            tuple(map(unwritten, known["exhibits"])),
        )
        for source, target, known in foreign.edges(data=True)
    )
    return nodes, edges


def _with_names(document):
    """networkx wants a value and a name on each node, and takes ``key`` of an edge for its own."""
    for node in document["elements"]["nodes"]:
        node["data"] |= {"value": node["data"]["id"], "name": node["data"]["label"]}
    for edge in document["elements"]["edges"]:
        edge["data"]["key"] = edge["data"]["id"]
    return {"elements": document["elements"]}


def of_cx2(content):
    aspects = {name: part for aspect in json.loads(content) for name, part in aspect.items()}
    values = {node["id"]: node["v"] for node in aspects["nodes"]}
    keys = {number: unwritten(known["key"]) for number, known in values.items()}
    nodes = {(keys[number], unwritten(known["label"]), known["kind"]) for number, known in values.items()}
    edges = []
    for edge in aspects["edges"]:
        known = edge["v"]
        exhibits = tuple(map(unwritten, known["exhibits"]))
        edges.append((keys[edge["s"]], keys[edge["t"]], unwritten(known["kind"]), known.get("basis", ""), exhibits))
    return nodes, sorted(edges)


def of_anx(content):
    """Links from an entity to itself are cards there; the caller compares without them."""
    root = etree.fromstring(content)
    nodes, keys = set(), {}
    for item in root.iterfind(".//ChartItem[End]"):
        entity = item.find("End/Entity")
        keys[entity.get("EntityId")] = unwritten(entity.get("Identity"))
        nodes.add((keys[entity.get("EntityId")], unwritten(item.get("Label")), _attribute(item, "kind")))
    edges = []
    for item in root.iterfind(".//ChartItem[Link]"):
        link = item.find("Link")
        ends = keys[link.get("End1Id")], keys[link.get("End2Id")]
        exhibits = tuple(json.loads(unwritten(_attribute(item, "exhibits"))))
        edges.append((*ends, unwritten(_attribute(item, "kind")), _attribute(item, "basis"), exhibits))
    return nodes, sorted(edges)


def _attribute(item, name):
    found = item.find(f"AttributeCollection/Attribute[@AttributeClass='{name}']")
    return "" if found is None else found.get("Value")


def of_mtgx(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = etree.fromstring(archive.read("Graphs/Graph1.graphml"))
    entities = {node.get("id"): _properties(node) for node in root.iter(f"{_GRAPHML}node")}
    links = [(edge.get("source"), edge.get("target"), _properties(edge)) for edge in root.iter(f"{_GRAPHML}edge")]
    keys = {number: unwritten(known["osint.key"]) for number, known in entities.items()}
    nodes = set()
    for number, known in entities.items():
        value = known[kind_of({"kind": known["osint.kind"]}).maltego_property]
        nodes.add((keys[number], unwritten(value), known["osint.kind"]))
    edges = [
        (
            keys[source],
            keys[target],
            unwritten(known["osint.kind"]),
            known.get("osint.basis", ""),
            tuple(json.loads(unwritten(known["osint.exhibits"]))),
        )
        for source, target, known in links
    ]
    return nodes, sorted(edges)


def _properties(element):
    space = f"{{{MALTEGO}}}"
    return {each.get("name"): each.findtext(f"{space}Value") or "" for each in element.iter(f"{space}Property")}


def of_xlsx(content):
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    rows = {sheet.title: [tuple(cell.value for cell in row) for row in sheet.iter_rows()] for sheet in workbook}
    nodes, edges = (
        [dict(zip(rows[name][0], row, strict=True)) for row in rows[name][1:]] for name in ("Nodes", "Edges")
    )
    found = {(_cell(node["key"]), _cell(node["label"]), node["kind"]) for node in nodes}
    return found, sorted(
        _edge(edge | {"basis": edge.get("basis") or ""}, _cell(edge["source"]), _cell(edge["target"])) for edge in edges
    )


def _cell(value):
    return unwritten(value or "")


def of_neo4j(files):
    nodes, edges = (list(csv.DictReader(io.StringIO(content.decode(), newline=""))) for content in files.values())
    return (
        {(unwritten(node["key:ID"]), unwritten(node["label:string"]), node["kind:string"]) for node in nodes},
        sorted(
            (
                unwritten(edge[":START_ID"]),
                unwritten(edge[":END_ID"]),
                unwritten(edge["relation"]),
                edge.get("basis:string", ""),
                tuple(map(unwritten, edge["exhibits:string[]"].split(";"))),
            )
            for edge in edges
        ),
    )


def maltego_ends(network):
    """What the table of Maltego can say of the nodes and edges of a graph."""
    return {(key, known["label"], kind_of(known).maltego_type) for key, known in network.nodes(data=True)}


def i2_types(network):
    return {(key, i2_type(known)) for key, known in network.nodes(data=True)}
