"""GraphML 1.0: yEd, Gephi, Cytoscape, igraph, networkx.

Ids are ``n0``, ``e0``, since GraphML forbids ``@`` and ``:`` in an id; the node key is the attribute ``key``. Lists are
JSON text and instants RFC 3339 text; the ``desc`` of each key says which, in words a program can read.

Source: http://graphml.graphdrawing.org/specification.html
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from osint.errors import GraphError
from osint.graph.exchange.cells import Column, ColumnType, described
from osint.graph.exchange.columns import Sheet, edge_ends, edge_sheet, graph_sheet, node_sheet, restore
from osint.graph.exchange.xml import DECLARATION, content, read_root

if TYPE_CHECKING:
    from osint.graph.association import Network

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_PREFIX = {"g": _NAMESPACE}
_TYPES: dict[ColumnType, str] = {"integer": "long", "double": "double", "boolean": "boolean"}


def graphml(network: Network) -> bytes:
    """Return the GraphML file of a graph.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be carried.
    """
    return decorated(network)


def decorated(
    network: Network, space: str = "", keys: Sequence[str] = (), nodes: Sequence[str] = (), edges: Sequence[str] = ()
) -> bytes:
    """Return the GraphML file of a graph with more in it, for a program that looks for its own elements.

    Args:
        network: Graph to write.
        space: Declarations of name spaces, for the root element.
        keys: Further key elements.
        nodes: What to put into each node, in the order of the graph.
        edges: What to put into each edge, in the order of the graph.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be carried.
    """
    nodes, edges = nodes or [""] * len(network), edges or [""] * network.size()
    sheets = {"graph": graph_sheet(network), "node": node_sheet(network), "edge": edge_sheet(network)}
    lines = [f'{DECLARATION}<graphml xmlns="{_NAMESPACE}"{space}>', *keys]
    for domain, sheet in sheets.items():
        lines += [_key(domain, number, column) for number, column in enumerate(sheet.columns)]
    lines.append('<graph id="G" edgedefault="directed">')
    lines += [_data("graph", number, cell) for number, cell in enumerate(sheets["graph"].rows[0]) if cell is not None]
    for number, row in enumerate(sheets["node"].rows):
        lines.append(f'<node id="n{number}">{nodes[number]}{_cells("node", row)}</node>')
    for number, ((source, target), row) in enumerate(zip(edge_ends(network), sheets["edge"].rows, strict=True)):
        inside = edges[number] + _cells("edge", row)
        lines.append(f'<edge id="e{number}" source="{source}" target="{target}">{inside}</edge>')
    lines.append("</graph>\n</graphml>\n")
    return "\n".join(lines).encode()


def read_graphml(path: Path) -> Network:
    """Return the graph of a file that was written here, equal in every key, attribute, type and order.

    Raises:
        GraphError: The file is missing, damaged, or was written by another program.
    """
    root = read_root(path, f"{{{_NAMESPACE}}}graphml")
    graph = root.find("g:graph", _PREFIX)
    if graph is None:
        raise GraphError(f"{Path(path).name} holds no graph")
    nodes = graph.findall("g:node", _PREFIX)
    edges = graph.findall("g:edge", _PREFIX)
    node_ids = [node.get("id", "") for node in nodes]
    ends = [(edge.get("source", ""), edge.get("target", "")) for edge in edges]
    [own] = _sheet(root, "graph", [graph]).records()
    return restore(own, node_ids, _sheet(root, "node", nodes), ends, _sheet(root, "edge", edges))


def _key(domain: str, number: int, column: Column) -> str:
    return (
        f'<key id="{domain}{number}" for="{domain}" attr.name="{column.name}" '
        f'attr.type="{_TYPES.get(column.type, "string")}"><desc>{column.description}</desc></key>'
    )


def _cells(domain: str, row: Sequence[str | None]) -> str:
    return "".join(_data(domain, number, cell) for number, cell in enumerate(row) if cell is not None)


def _data(domain: str, number: int, cell: str) -> str:
    return f'<data key="{domain}{number}">{content(cell)}</data>'


def _sheet(root: etree._Element, domain: str, elements: Sequence[etree._Element]) -> Sheet:
    columns = {
        key.get("id", ""): described(key.get("attr.name", ""), key.findtext("g:desc", None, _PREFIX))
        for key in root.findall("g:key", _PREFIX)
        if key.get("for") == domain and key.get("yfiles.type") is None
    }
    rows = [[cells.get(name) for name in columns] for cells in map(_texts, elements)]
    return Sheet(list(columns.values()), rows)


def _texts(element: etree._Element) -> dict[str, str]:
    return {data.get("key", ""): data.text or "" for data in element.findall("g:data", _PREFIX)}
