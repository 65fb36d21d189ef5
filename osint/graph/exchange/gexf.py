"""GEXF 1.3: Gephi, Gephi Lite, sigma.js.

The node label and the edge kind stand where GEXF has a place for them, and so does the number of posts (``weight``),
which Gephi draws as width. What the columns and the graph itself hold is described in ``meta/description``, as JSON.

Source: https://gexf.net/schema.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from osint.graph.exchange.columns import (
    Column,
    ColumnType,
    Sheet,
    description,
    edge_ends,
    edge_sheet,
    from_json,
    node_sheet,
    read_description,
    restore,
    to_json,
    written,
)
from osint.graph.exchange.xml import DECLARATION, attribute, content, read_root

if TYPE_CHECKING:
    from osint.graph.association import Network

_NAMESPACE = "http://gexf.net/1.3"
_PREFIX = {"g": _NAMESPACE}
_TYPES: dict[ColumnType, str] = {"integer": "long", "double": "double", "boolean": "boolean"}


def gexf(network: Network) -> bytes:
    """Return the GEXF file of a graph.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be carried.
    """
    sheets = {"node": node_sheet(network), "edge": edge_sheet(network)}
    about = to_json(description(network, **sheets))
    lines = [
        f'{DECLARATION}<gexf xmlns="{_NAMESPACE}" version="1.3">',
        f"<meta><creator>osint</creator><description>{content(about)}</description></meta>",
        '<graph defaultedgetype="directed" mode="static">',
        *(_attributes(kind, sheet) for kind, sheet in sheets.items()),
        "<nodes>",
        *_nodes(network, sheets["node"]),
        "</nodes>\n<edges>",
        *_edges(network, sheets["edge"]),
        "</edges>\n</graph>\n</gexf>\n",
    ]
    return "\n".join(lines).encode()


def read_gexf(path: Path) -> Network:
    """Return the graph of a file that :func:`gexf` wrote, equal in every key, attribute, type and order.

    Raises:
        GraphError: The file is missing, damaged, or was written by another program.
    """
    root = read_root(path, f"{{{_NAMESPACE}}}gexf")
    about = from_json(root.findtext("g:meta/g:description", "null", _PREFIX))
    graph, (node_columns, edge_columns) = read_description(about, "node", "edge")
    nodes = root.findall("g:graph/g:nodes/g:node", _PREFIX)
    edges = root.findall("g:graph/g:edges/g:edge", _PREFIX)
    node_ids = [node.get("id", "") for node in nodes]
    ends = [(edge.get("source", ""), edge.get("target", "")) for edge in edges]
    return restore(graph, node_ids, _sheet(node_columns, nodes), ends, _sheet(edge_columns, edges))


def _attributes(kind: str, sheet: Sheet) -> str:
    lines = [
        f'<attribute id="{number}" title="{_title(kind, column)}" type="{_TYPES.get(column.type, "string")}"/>'
        for number, column in enumerate(sheet.columns)
    ]
    return "\n".join([f'<attributes class="{kind}">', *lines, "</attributes>"])


def _title(kind: str, column: Column) -> str:
    # The name under which networkx looks for the key of an edge; it fails on an edge attribute named "key".
    return "networkx_key" if (kind, column.name) == ("edge", "key") else column.name


def _nodes(network: Network, sheet: Sheet) -> Iterator[str]:
    for number, (key, row) in enumerate(zip(network, sheet.rows, strict=True)):
        label = attribute(written(str(network.nodes[key].get("label", key))))
        yield f'<node id="n{number}" label="{label}">{_cells(row)}</node>'


def _edges(network: Network, sheet: Sheet) -> Iterator[str]:
    rows = zip(edge_ends(network), network.edges(data=True), sheet.rows, strict=True)
    for number, ((source, target), (_, _, known), row) in enumerate(rows):
        native = {"kind": known.get("kind"), "weight": known.get("count")}
        places = "".join(
            f' {name}="{attribute(written(str(value)))}"' for name, value in native.items() if value is not None
        )
        yield f'<edge id="e{number}" source="{source}" target="{target}"{places}>{_cells(row)}</edge>'


def _cells(row: Sequence[str | None]) -> str:
    cells = (
        f'<attvalue for="{number}" value="{attribute(cell)}"/>' for number, cell in enumerate(row) if cell is not None
    )
    return f"<attvalues>{''.join(cells)}</attvalues>"


def _sheet(columns: Sequence[Column], elements: Sequence[etree._Element]) -> Sheet:
    rows = [[cells.get(str(number)) for number in range(len(columns))] for cells in map(_values, elements)]
    return Sheet(columns, rows)


def _values(element: etree._Element) -> dict[str, str]:
    return {
        value.get("for", ""): value.get("value", "") for value in element.findall("g:attvalues/g:attvalue", _PREFIX)
    }
