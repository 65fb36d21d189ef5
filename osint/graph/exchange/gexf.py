"""GEXF 1.3: Gephi, Gephi Lite, sigma.js.

The node label and the edge kind stand where GEXF has a place for them, and so does the weight, which Gephi draws as
width: its own, else the number of posts. Places, colours, shapes and the line of each basis are in the ``viz`` space,
where Gephi writes and looks for them. A node or an edge with dates stands from its first to its last (``start``,
``end``), one without stands always. What the columns and the graph itself hold is described in ``meta/description``,
as JSON.

Source: https://gexf.net/schema.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from osint.graph.exchange.cells import Column, ColumnType, from_json, to_json
from osint.graph.exchange.charted import Entity, Link, charted, spelt, weight_of
from osint.graph.exchange.columns import Sheet, description, edge_sheet, node_sheet, read_description, restore
from osint.graph.exchange.xml import DECLARATION, attribute, content, read_root

if TYPE_CHECKING:
    from osint.graph.association import Network

VIZ = "http://gexf.net/1.3/viz"

_NAMESPACE = "http://gexf.net/1.3"
_PREFIX = {"g": _NAMESPACE}
# networkx fails on "dateTime"; Gephi reads an instant under either, and the schema allows it.
_DYNAMIC = 'mode="dynamic" timeformat="date" timerepresentation="interval" timezone="UTC"'
_TYPES: dict[ColumnType, str] = {"integer": "long", "double": "double", "boolean": "boolean"}


def gexf(network: Network) -> bytes:
    """Return the GEXF file of a graph.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be carried.
    """
    sheets = {"node": node_sheet(network), "edge": edge_sheet(network)}
    about = to_json(description(network, **sheets))
    chart = charted(network)
    known = [*(entity.known for entity in chart.entities), *(link.known for link in chart.links)]
    dated = any(map(_span, known))
    mode = _DYNAMIC if dated else 'mode="static"'
    lines = [
        f'{DECLARATION}<gexf xmlns="{_NAMESPACE}" xmlns:viz="{VIZ}" version="1.3">',
        f"<meta><creator>osint</creator><description>{content(about)}</description></meta>",
        f'<graph defaultedgetype="directed" {mode}>',
        *(_attributes(kind, sheet) for kind, sheet in sheets.items()),
        "<nodes>",
        *map(_node, chart.entities, sheets["node"].rows),
        "</nodes>\n<edges>",
        *map(_edge, chart.links, sheets["edge"].rows),
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


def _node(entity: Entity, row: Sequence[str | None]) -> str:
    x, y = entity.place
    red, green, blue = bytes.fromhex(entity.kind.colour[1:])
    looks = (
        f'<viz:color r="{red}" g="{green}" b="{blue}"/><viz:position x="{x}" y="{-y}" z="0"/>'  # y is upwards here
        f'<viz:size value="10"/><viz:shape value="{entity.kind.gexf}"/>'
    )
    label = attribute(entity.label)
    return f'<node id="{entity.id}" label="{label}"{_span(entity.known)}>{_cells(row)}{looks}</node>'


def _edge(link: Link, row: Sequence[str | None]) -> str:
    ends = f'source="{link.source.id}" target="{link.target.id}"'
    places = f' kind="{attribute(link.relation)}" weight="{weight_of(link.known)!r}"{_span(link.known)}'
    return f'<edge id="{link.id}" {ends}{places}>{_cells(row)}<viz:shape value="{link.basis.gexf}"/></edge>'


def _span(known: Mapping[str, Any]) -> str:
    first, last = spelt(known.get("first")), spelt(known.get("last"))
    return f' start="{first}" end="{last}"' if first and last else ""


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
