"""Two CSV tables, nodes and edges, with headings that Gephi knows, and a description of them (CSV on the Web).

Every cell is quoted and none is altered to suit a spreadsheet. A spreadsheet program takes a cell that starts with
``=``, ``+``, ``-`` or ``@`` for a formula, and such labels occur in posts: import these files as text columns, do not
open them by a double click.

Source: https://www.w3.org/TR/tabular-metadata/ (metadata, datatypes), https://gephi.org/users/supported-graph-formats/
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from osint.errors import ExportError, GraphError
from osint.graph.exchange.cells import Column, ColumnType, written
from osint.graph.exchange.charted import spelt, weight_of
from osint.graph.exchange.columns import Sheet, description, edge_sheet, node_sheet, read_description, restore

if TYPE_CHECKING:
    from osint.graph.association import Network

NODES, EDGES, METADATA = "-nodes.csv", "-edges.csv", "-metadata.json"

_HEADINGS = {"nodes": {"key": "Id", "label": "Label"}, "edges": {"weight": "weight_stated"}}  # Gephi tells no case
_EDGE_HEAD = ("Source", "Target", "Type", "Weight", "Label", "Timeset")
_OWN = {"nodes": (), "edges": _EDGE_HEAD}
_DATATYPES: dict[ColumnType, str] = {"instant": "dateTimeStamp"}


def tables(network: Network, name: str) -> dict[str, bytes]:
    """Return the three files by the end of their names: ``-nodes.csv``, ``-edges.csv`` and ``-metadata.json``.

    Args:
        network: Graph to write.
        name: Start of the file names, which the metadata repeats.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be carried.
    """
    nodes, edges = node_sheet(network, empty_is_absent=True), edge_sheet(network, empty_is_absent=True)
    about = {
        "@context": "http://www.w3.org/ns/csvw",
        "tables": [
            _table(name + NODES, _headings("nodes", nodes), nodes.columns),
            _table(name + EDGES, [*_EDGE_HEAD, *_headings("edges", edges)], edges.columns),
        ],
        "notes": [description(network, nodes=nodes, edges=edges)],
    }
    return {
        NODES: _csv(_headings("nodes", nodes), nodes.rows),
        EDGES: _csv([*_EDGE_HEAD, *_headings("edges", edges)], _edge_rows(network, nodes, edges)),
        METADATA: json.dumps(about, indent=1).encode() + b"\n",
    }


def read_tables(stem: Path) -> Network:
    """Return the graph of files that :func:`tables` wrote, equal in every key, attribute, type and order.

    Args:
        stem: Start of the three file names, with their folder: ``chart`` for ``chart-nodes.csv`` and so on.

    Raises:
        GraphError: A file is missing, damaged, or was written by another program.
    """
    try:
        about = json.loads(_beside(stem, METADATA).read_bytes())
        nodes, edges = (_read_csv(_beside(stem, ending)) for ending in (NODES, EDGES))
        graph, (node_columns, edge_columns) = read_description(about["notes"][0], "nodes", "edges")
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise GraphError(f"the tables {Path(stem).name} cannot be read as a graph: {error}") from error
    ends = list(zip(edges.get("Source", ()), edges.get("Target", ()), strict=True))
    node_sheet_read = _sheet("nodes", node_columns, nodes)
    return restore(graph, list(nodes.get("Id", ())), node_sheet_read, ends, _sheet("edges", edge_columns, edges))


def _beside(stem: Path, ending: str) -> Path:
    return Path(stem).with_name(Path(stem).name + ending)


def _headings(table: str, sheet: Sheet) -> list[str]:
    headings = [_HEADINGS[table].get(column.name, column.name) for column in sheet.columns]
    clashing = {*headings} & {*_OWN[table]} | {heading for heading in headings if headings.count(heading) > 1}
    if clashing:
        raise ExportError(f"the attribute {min(clashing)!r} has the name of a column of its own in CSV; rename it")
    return headings


def _edge_rows(network: Network, nodes: Sheet, edges: Sheet) -> Iterable[Sequence[str | None]]:
    ids = {node: row[0] for node, row in zip(network, nodes.rows, strict=True)}
    for (source, target, known), row in zip(network.edges(data=True), edges.rows, strict=True):
        relation, period = written(str(known.get("kind", ""))), _period(known)
        weight = repr(weight_of(known)).removesuffix(".0")
        yield ids[source], ids[target], "Directed", weight, relation, period, *row


def _period(known: Mapping[str, Any]) -> str:
    """Return the interval from the first to the last dated post, as Gephi writes one."""
    first, last = spelt(known.get("first")), spelt(known.get("last"))
    return f"<[{first}, {last}]>" if first and last else ""


def _csv(headings: Sequence[str], rows: Iterable[Sequence[str | None]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue().encode()


def _read_csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=object, na_filter=False, encoding="utf-8", lineterminator=None)


def _sheet(table: str, columns: Sequence[Column], frame: pd.DataFrame) -> Sheet:
    headings = [_HEADINGS[table].get(column.name, column.name) for column in columns]
    if absent := set(headings) - set(frame.columns):
        raise GraphError(f"the {table} table lacks the column {min(absent)}; export the graph again")
    rows = zip(*(frame[heading].tolist() for heading in headings), strict=True)
    return Sheet(columns, [[_cell(column, cell) for column, cell in zip(columns, row, strict=True)] for row in rows])


def _cell(column: Column, cell: str) -> str | None:
    return None if cell == "" and column.absent != "never" else cell


def _table(url: str, headings: Sequence[str], columns: Sequence[Column]) -> dict[str, Any]:
    extra = len(headings) - len(columns)
    types = ["string"] * extra + [_DATATYPES.get(column.type, column.type) for column in columns]
    listed = [{"titles": heading, "datatype": type_} for heading, type_ in zip(headings, types, strict=True)]
    return {"url": url, "tableSchema": {"columns": listed}}
