"""CSV for the bulk import of Neo4j (``neo4j-admin database import``), which embedded graph stores load too.

The heading of a column carries its type; lists are joined by ``;``. A member that holds a semicolon would fall in two
there, so the character is spelt out in it.

Source: https://neo4j.com/docs/operations-manual/current/import/
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from osint.errors import ExportError
from osint.graph.exchange.cells import Column, written
from osint.graph.exchange.charted import Charted, Entity, Link, charted, weight_of

if TYPE_CHECKING:
    from osint.graph.association import Network

NODES, EDGES = "-neo4j-nodes.csv", "-neo4j-edges.csv"

_TYPES = {"integer": "long", "double": "double", "boolean": "boolean", "instant": "datetime"}
_LISTS = ("exhibits", "posts", "via")
_NO_WORD = re.compile(r"[^A-Za-z0-9]+")


def neo4j(network: Network) -> dict[str, bytes]:
    """Return the two files by the end of their names: ``-neo4j-nodes.csv`` and ``-neo4j-edges.csv``.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be carried.
    """
    chart = charted(network)
    _refuse_own_names(chart)
    nodes = [column for column in chart.entity_columns if column.name != "key"]
    edges = [column for column in chart.link_columns if column.name not in ("key", "weight")]
    return {
        NODES: _csv(["key:ID", *map(_heading, nodes), ":LABEL"], (_node(each, nodes) for each in chart.entities)),
        EDGES: _csv(
            [":START_ID", ":END_ID", ":TYPE", "relation", "weight:double", *map(_heading, edges)],
            (_edge(each, edges) for each in chart.links),
        ),
    }


def _refuse_own_names(chart: Charted) -> None:
    if any(column.name == "relation" for column in chart.link_columns):
        raise ExportError("the attribute 'relation' has the name of a column of its own for Neo4j; rename it")


def _heading(column: Column) -> str:
    if column.name in _LISTS and column.type == "json":
        return f"{column.name}:string[]"
    return f"{column.name}:{_TYPES.get(column.type, 'string')}"


def _node(entity: Entity, columns: Sequence[Column]) -> Sequence[str]:
    return [entity.key, *_cells(entity, columns), entity.kind.neo4j]


def _edge(link: Link, columns: Sequence[Column]) -> Sequence[str]:
    type_ = _NO_WORD.sub("_", link.relation).strip("_").upper() or "TIE"
    return [link.source.key, link.target.key, type_, link.relation, repr(weight_of(link.known)), *_cells(link, columns)]


def _cells(item: Entity | Link, columns: Sequence[Column]) -> list[str]:
    return [_cell(item.known, column, item.cells.get(column.name, "")) for column in columns]


def _cell(known: Mapping[str, object], column: Column, cell: str) -> str:
    value = known.get(column.name)
    if column.name in _LISTS and column.type == "json" and isinstance(value, list):
        return ";".join(written(str(member)).replace(";", "⟨U+003B⟩") for member in value)
    return cell.replace("INF", "Infinity") if column.type == "double" else cell


def _csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue().encode()
