"""A graph as two tables of text cells, from which every exchange format is written and read back.

GraphML, GEXF and CSV know neither lists nor instants nor "unknown". Each attribute therefore becomes a column with one
declared type, which travels in the file, so that reading gives back the identical graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import networkx as nx

from osint.errors import ExportError, GraphError
from osint.graph.exchange.cells import Column, Record, cell_in, column_of, described, record_of
from osint.render import visible

if TYPE_CHECKING:
    from osint.graph.association import Network


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
        return [record_of(self.columns, row) for row in self.rows]


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


def _keyed(key: object, known: Mapping[str, Any]) -> Record:
    if "key" in known:
        raise ExportError(
            "an attribute named 'key' would hide the key of its node or edge; rename it. Nothing was written."
        )
    return {"key": key, **known}


def _sheet(records: Sequence[Record], empty_is_absent: bool, always: Sequence[str] = ()) -> Sheet:
    names = dict.fromkeys(name for record in (always, *records) for name in record)
    columns = [column_of(name, records, empty_is_absent) for name in names]
    rows = [[cell_in(column, record) for column in columns] for record in records]
    return Sheet(columns, rows)
