"""A graph as two tables of text cells, from which every exchange format is written and read back.

GraphML, GEXF and CSV know neither lists nor instants nor "unknown". Each attribute therefore becomes a column with one
declared type, which travels in the file, so that reading gives back the identical graph.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import networkx as nx

from osint.errors import ExportError, GraphError
from osint.instants import format_instant, parse_instant
from osint.render import visible

if TYPE_CHECKING:
    from osint.graph.association import Network

ColumnType = Literal["string", "integer", "double", "boolean", "instant", "json"]
Absent = Literal["never", "none", "missing"]
Record = dict[str, Any]

_CODE_POINT = re.compile("⟨U\\+([0-9A-F]{4,6})⟩")
_LOOKS_WRITTEN = re.compile("⟨(?=U\\+[0-9A-F]{4,6}⟩)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_LONG = range(-(2**63), 2**63)


@dataclass(frozen=True)
class Column:
    """One attribute of all nodes or all edges.

    Attributes:
        name: Name of the attribute; ``key`` is the node key or the edge key.
        type: ``instant`` is RFC 3339 in UTC, ``json`` is for lists and for values of several types.
        absent: What an absent cell stands for: None, or an attribute that this node or edge does not have.
    """

    name: str
    type: ColumnType
    absent: Absent

    @property
    def description(self) -> str:
        """What a file says about the column, for :func:`described`: ``instant; absent: none``."""
        return f"{self.type}; absent: {self.absent}"


def described(name: str, description: str | None) -> Column:
    """Return the column that a file describes.

    Raises:
        GraphError: The file has no such description, so it was not written by this package.
    """
    type_, _, absent = (description or "").partition("; absent: ")
    if type_ not in get_args(ColumnType) or absent not in get_args(Absent):
        raise GraphError(
            f"the column {name!r} is not described as this package does it ({description!r}); export again"
        )
    return Column(name, cast("ColumnType", type_), cast("Absent", absent))


@dataclass(frozen=True)
class Sheet:
    """All nodes or all edges of a graph; an absent cell is None."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str | None]]

    def records(self) -> list[Record]:
        """Return the attributes of each row, as they were before they were written.

        Raises:
            GraphError: A cell does not hold what its column declares.
        """
        return [_record(self.columns, row) for row in self.rows]


def graph_sheet(network: Network) -> Sheet:
    """Return the attributes of the graph itself, in one row.

    Raises:
        ExportError: An attribute has a name or a value that no exchange format carries.
    """
    return _sheet([network.graph], empty_is_absent=False)


def node_sheet(network: Network, *, empty_is_absent: bool = False) -> Sheet:
    """Return the nodes in the order of the graph, the node key in the column ``key``.

    Args:
        network: Graph to write.
        empty_is_absent: The format (CSV) cannot tell an empty text from an absent cell.

    Raises:
        ExportError: An attribute has a name or a value that no exchange format carries.
    """
    return _sheet([_keyed(key, known) for key, known in network.nodes(data=True)], empty_is_absent, ["key"])


def edge_sheet(network: Network, *, empty_is_absent: bool = False) -> Sheet:
    """Return the edges in the order of :func:`edge_ends`, the edge key in the column ``key``.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be carried.
    """
    require_exhibits(network)
    return _sheet(
        [_keyed(key, known) for _, _, key, known in network.edges(keys=True, data=True)], empty_is_absent, ["key"]
    )


def description(network: Network, **sheets: Sheet) -> dict[str, Any]:
    """Return what a reader needs beside the sheets: the graph's own attributes, and what each column holds.

    Raises:
        ExportError: An attribute of the graph cannot be carried.
    """
    own = graph_sheet(network)
    return {
        "graph": {
            column.name: [column.description, cell] for column, cell in zip(own.columns, own.rows[0], strict=True)
        },
        "columns": {
            name: {column.name: column.description for column in sheet.columns} for name, sheet in sheets.items()
        },
    }


def read_description(described_as: Any, *names: str) -> tuple[dict[str, Any], list[list[Column]]]:
    """Return the graph's own attributes and the columns of the named sheets, from :func:`description`.

    Raises:
        GraphError: The description is not one, so the file was not written by this package.
    """
    try:
        columns = [[described(*column) for column in described_as["columns"][name].items()] for name in names]
        own = described_as["graph"].items()
        [graph] = Sheet([described(name, what) for name, (what, _) in own], [[cell for _, (_, cell) in own]]).records()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GraphError(
            "the file does not describe its columns as this package does; export the graph again"
        ) from error
    return graph, columns


def edge_ends(network: Network) -> list[tuple[str, str]]:
    """Return the ids (``n0``, ``n1``, ...) of source and target of each edge; ids count nodes in the graph's order."""
    ids = {key: f"n{number}" for number, key in enumerate(network)}
    return [(ids[source], ids[target]) for source, target in network.edges()]


def require_exhibits(network: Network) -> None:
    """Refuse a graph with an edge that leads back to no exhibit, or to a node that nothing is said about.

    Raises:
        ExportError: Such an edge exists; nothing is written.
    """
    for source, target, key, known in network.edges(keys=True, data=True):
        if not known.get("exhibits"):
            raise ExportError(
                f"the edge {visible(source)} -> {visible(target)} ({visible(key)}) names no exhibit, so nobody could "
                "check it. Nothing was written: add its exhibits or remove the edge."
            )
        dangling = [end for end in (source, target) if "kind" not in network.nodes[end]]
        if dangling:
            raise ExportError(
                f"the edge {visible(source)} -> {visible(target)} ({visible(key)}) dangles: of {visible(dangling[0])} "
                "the graph says nothing, not even its kind. Nothing was written: add the node or remove the edge."
            )


def restore(
    graph: Mapping[str, Any], node_ids: Sequence[str], nodes: Sheet, ends: Sequence[tuple[str, str]], edges: Sheet
) -> Network:
    """Return the graph that was written.

    Args:
        graph: Attributes of the graph itself.
        node_ids: Id that each node has in the file.
        nodes: The nodes, in the order of ``node_ids``.
        ends: Ids of source and target of each edge.
        edges: The edges, in the order of ``ends``.

    Raises:
        GraphError: A cell cannot be read, a key is missing or stands twice, or an edge leads nowhere.
    """
    network: Network = nx.MultiDiGraph(**graph)
    try:
        keys = {}
        for identifier, known in zip(node_ids, nodes.records(), strict=True):
            keys[identifier] = known.pop("key")
            network.add_node(keys[identifier], **known)
        for (source, target), known in zip(ends, edges.records(), strict=True):
            network.add_edge(keys[source], keys[target], key=known.pop("key"), **known)
    except KeyError as error:
        raise GraphError(f"the file does not hold a whole graph: {error} is missing; export the graph again") from error
    if (len(network), network.size()) != (len(node_ids), len(ends)):
        raise GraphError("the file names a node or an edge twice; export the graph again")
    return network


def written(text: str) -> str:
    """Return text that any format can carry; :func:`unwritten` gives back the original, whatever it was."""
    return visible(_LOOKS_WRITTEN.sub("⟨U+27E8⟩", text))


def unwritten(text: str) -> str:
    """Undo :func:`written`."""
    return _CODE_POINT.sub(lambda match: chr(min(int(match.group(1), 16), 0x10FFFF)), text)


def to_json(value: Any) -> str:
    """Return JSON text, one line, every character spelt so that any format can carry it."""
    return written(json.dumps(value, ensure_ascii=False, allow_nan=False))


def from_json(text: str) -> Any:
    """Undo :func:`to_json`.

    Raises:
        GraphError: The text is not JSON.
    """
    try:
        return json.loads(unwritten(text))
    except ValueError as error:
        raise GraphError(f"a cell does not hold the JSON it declares: {error}") from error


def refuse_what_json_changes(value: Any, name: str) -> None:
    """Refuse a value that would come back from JSON as something else.

    Raises:
        ExportError: The value, or something in it, is not plain text, number, truth value, None, list or dict.
    """
    try:
        same = _plain(value)
    except RecursionError:
        same = False
    if not same:
        raise ExportError(
            f"the attribute {name!r} holds a {type(value).__name__} that no exchange format carries unchanged. Nothing "
            "was written: use text, numbers, instants with their zone, or lists of text and numbers, one kind per name."
        )


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_plain, value))
    if isinstance(value, dict):
        return all(isinstance(name, str) for name in value) and all(map(_plain, value.values()))
    finite = not isinstance(value, float) or abs(value) < float("inf")
    return finite and (value is None or isinstance(value, (str, int, float)))


def _keyed(key: object, known: Mapping[str, Any]) -> Record:
    if "key" in known:
        raise ExportError(
            "an attribute named 'key' would hide the key of its node or edge; rename it. Nothing was written."
        )
    return {"key": key, **known}


def _sheet(records: Sequence[Record], empty_is_absent: bool, always: Sequence[str] = ()) -> Sheet:
    names = dict.fromkeys(name for record in (always, *records) for name in record)
    columns = [_column(name, records, empty_is_absent) for name in names]
    rows = [[_cell(column, record) for column in columns] for record in records]
    return Sheet(columns, rows)


def _column(name: str, records: Sequence[Record], empty_is_absent: bool) -> Column:
    if not _NAME.match(name):
        raise ExportError(f"the attribute name {name!r} has characters that GraphML refuses; use letters, digits and _")
    values = [record[name] for record in records if name in record]
    known = [value for value in values if value is not None]
    missing, none = len(values) < len(records), len(known) < len(values)
    types = {_type_of(value) for value in known}
    if "instant" in types and types != {"instant"}:
        raise ExportError(
            f"the attribute {name!r} mixes instants with other values; use one kind. Nothing was written."
        )
    blurred = empty_is_absent and (missing or none) and "" in known
    if len(types) > 1 or (missing and none) or blurred:
        return Column(name, "json", "missing")
    return Column(name, types.pop() if types else "string", "missing" if missing else "none" if none else "never")


def _type_of(value: object) -> ColumnType:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) and value in _LONG:
        return "integer"
    for python, ours in _TYPES.items():
        if isinstance(value, python):
            return ours
    return "json"


_TYPES: dict[type, ColumnType] = {float: "double", str: "string", datetime: "instant"}


def _cell(column: Column, record: Record) -> str | None:
    if column.name not in record:
        return None
    value = record[column.name]
    if column.type == "json":
        refuse_what_json_changes(value, column.name)
        return to_json(value)
    return None if value is None else _WRITE[column.type](value)


def _record(columns: Sequence[Column], row: Sequence[str | None]) -> Record:
    record: Record = {}
    for column, cell in zip(columns, row, strict=True):
        if cell is not None:
            record[column.name] = _read_cell(column, cell)
        elif column.absent == "none":
            record[column.name] = None
    return record


def _read_cell(column: Column, cell: str) -> Any:
    try:
        return _READ[column.type](cell)
    except (ValueError, KeyError) as error:
        raise GraphError(f"the column {column.name} holds {cell!r}, which is no {column.type}") from error


def _write_instant(instant: datetime) -> str:
    try:
        return format_instant(instant)
    except ValueError as error:
        raise ExportError(f"{error}; give the time its zone. Nothing was written.") from error


def _write_double(number: float) -> str:
    return repr(float(number)).replace("inf", "INF").replace("nan", "NaN")


_WRITE: dict[ColumnType, Callable[[Any], str]] = {
    "string": written,
    "integer": str,
    "double": _write_double,
    "boolean": lambda value: str(value).lower(),
    "instant": _write_instant,
}
_READ: dict[ColumnType, Callable[[str], Any]] = {
    "string": unwritten,
    "integer": int,
    "double": float,
    "boolean": {"true": True, "false": False}.__getitem__,
    "instant": parse_instant,
    "json": from_json,
}
