"""A graph as the entities and links of a chart: what the writers for programs that draw have in common.

Labels and attributes are spelt so that any format can carry them (:func:`osint.graph.exchange.cells.written`); a
writer escapes only what its own format reserves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

from osint.graph.exchange.cells import Column, written
from osint.graph.exchange.columns import edge_sheet, graph_sheet, node_sheet
from osint.graph.exchange.kinds import Basis, Kind, basis_of, kind_of
from osint.graph.exchange.positions import positions
from osint.instants import format_instant

if TYPE_CHECKING:
    from osint.graph.association import Network

GRADES = ("source", "information", "handling")


@dataclass(frozen=True)
class Entity:
    """One node. ``id`` is safe in any format; ``key`` and ``label`` are spelt out, ``known`` is as in the graph."""

    id: str
    key: str
    label: str
    kind: Kind
    known: Mapping[str, Any]
    place: tuple[int, int]
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Link:
    """One edge. ``cells`` holds its attributes as text, without those it does not have."""

    id: str
    source: Entity
    target: Entity
    relation: str
    basis: Basis
    known: Mapping[str, Any]
    cells: Mapping[str, str]

    @property
    def exhibits(self) -> list[str]:
        """Numbers of the exhibits, spelt out."""
        return [written(str(exhibit)) for exhibit in self.known["exhibits"]]

    @property
    def label(self) -> str:
        """The relation, and how many posts support it."""
        return f"{self.relation} ({count_of(self.known)})"


@dataclass(frozen=True)
class Charted:
    """Entities and links in the order of the graph, and the columns of their attributes; ``about`` is the graph's."""

    entities: Sequence[Entity]
    links: Sequence[Link]
    entity_columns: Sequence[Column]
    link_columns: Sequence[Column]
    about: Mapping[str, str]


def charted(network: Network) -> Charted:
    """Return the entities and links of a graph.

    Raises:
        ExportError: An edge names no exhibit or leads to a node that is not described, or an attribute cannot be
            carried.
    """
    edges, nodes, own = edge_sheet(network), node_sheet(network), graph_sheet(network)
    places = positions(network)
    entities: dict[str, Entity] = {
        key: Entity(
            f"n{number}",
            written(key),
            written(str(known.get("label", key))),
            kind_of(known),
            known,
            places[key],
            _present(nodes.columns, nodes.rows[number]),
        )
        for number, (key, known) in enumerate(_nodes(network))
    }
    links = [
        Link(
            f"e{number}",
            entities[source],
            entities[target],
            written(str(known.get("kind", key))),
            basis_of(known),
            known,
            _present(edges.columns, edges.rows[number]),
        )
        for number, (source, target, key, known) in enumerate(network.edges(keys=True, data=True))
    ]
    return Charted([*entities.values()], links, nodes.columns, edges.columns, _present(own.columns, own.rows[0]))


def _nodes(network: Network) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from network.nodes(data=True)


def _present(columns: Sequence[Column], row: Sequence[str | None]) -> dict[str, str]:
    return {column.name: cell for column, cell in zip(columns, row, strict=True) if cell is not None}


def count_of(known: Mapping[str, Any]) -> int:
    """Return how many posts support an edge; one where it does not say."""
    count = known.get("count", 1)
    return count if isinstance(count, int) else 1


def weight_of(known: Mapping[str, Any]) -> float:
    """Return the weight of an edge that programs may count with: its own, else the number of posts.

    A weight that is no finite number stays an attribute; programs would refuse it or compute nonsense.
    """
    weight = known.get("weight")
    if isinstance(weight, int | float) and isfinite(weight) and not isinstance(weight, bool):
        return float(weight)
    return float(count_of(known))


def spelt(instant: object) -> str:
    """Return an instant as RFC 3339, and nothing for one that is not known."""
    return format_instant(instant) if isinstance(instant, datetime) else ""


def grades(known: Mapping[str, Any]) -> dict[str, str]:
    """Return the human grades of a node or an edge, each with the name of its scale: ``3x5x2 source 1``.

    An A means different things in different scales, so none is written without it.
    """
    grade = known.get("grade")
    if not isinstance(grade, Mapping):
        return {}
    scale = grade.get("scale") or "scale not named"
    return {part: written(f"{scale} {part} {grade[part]}") for part in GRADES if grade.get(part) not in (None, "")}


def evidence_lines(known: Mapping[str, Any], ledger_entries: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Yield each exhibit of an edge or node, and what is known of it: ledger entry, digest, locator, extractor."""
    told: dict[str, list[str]] = {}
    for piece in known.get("evidence") or ():
        facts = [f"{name} {_inline(piece[name])}" for name in piece if name != "exhibit" and piece[name] is not None]
        told.setdefault(str(piece.get("exhibit")), []).append(", ".join(facts))
    for exhibit in known.get("exhibits", ()):
        entry = [f"ledger entry {ledger_entries[exhibit]}"] if exhibit in ledger_entries else []
        yield written(str(exhibit)), written("; ".join(entry + told.get(str(exhibit), [])))


def _inline(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def ground(known: Mapping[str, Any]) -> str:
    """Return what a derived or asserted edge rests on, in words: the rule, or the analyst and the reason."""
    rule = known.get("rule")
    told = [f"rule {_inline(rule)}"] if rule else []
    told += [f"by {known['by']}"] if known.get("by") else []
    told += [f"reason: {known['reason']}"] if known.get("reason") else []
    return written("; ".join(told))


def plain(value: Any) -> Any:
    """Return a value as JSON carries it: text spelt out, instants RFC 3339, numbers that JSON lacks as text."""
    if isinstance(value, str):
        return written(value)
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, float) and not isfinite(value):
        return repr(value)
    if isinstance(value, dict):
        return {written(str(name)): plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value
