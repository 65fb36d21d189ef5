"""The tables of a court sheet: every node and every edge with its exhibits, and the list of evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

from osint.graph.drawing.styles import node_style, support
from osint.graph.exchange.charted import grades
from osint.graph.exchange.evidence import evidence_digest, evidence_list, spelt
from osint.report.apart import apart, joined
from osint.report.fonts import MONO
from osint.report.sheet import Column, Sheet

if TYPE_CHECKING:
    from osint.graph.association import Network

_SPELT = (
    "A character that no font here draws and one that hides or reorders text is spelt by its code point, in braces "
    "after a backslash and the letter u."
)
_LIST = (
    "Each exhibit with the SHA-256 of its bytes as far as the chart states it; - stands for one that is not stated. "
    "The SHA-256 of this list is that of its lines in this order, exhibit, space, digest and a line feed each, in "
    "UTF-8: "
)


def add_facts(sheet: Sheet, facts: Sequence[tuple[str, str]]) -> None:
    """Add what the chart states about itself, in full: beside the drawing there is room for its beginning only."""
    sheet.table("Chart", "", [Column("", 1), Column("", 4)], facts)


def add_nodes(sheet: Sheet, network: Network, shown: Network) -> None:
    """Add the table of nodes, drawn or not."""
    columns = [
        Column("No.", 0.5), Column("Kind", 1.1), Column("Label", 3), Column("Key", 4, MONO), Column("Period, UTC", 2),
        Column("Status, grade", 1.2), Column("Drawn", 0.8), Column("Exhibits", 2.5),
    ]  # fmt: skip
    rows = [
        [
            str(number), node_style(str(known.get("kind", ""))).name, str(known.get("label", "")), node, _period(known),
            _standing(known), "yes" if node in shown else "no", _exhibits(known),
        ]
        for (node, number) in numbers(network).items()
        for known in (network.nodes[node],)
    ]  # fmt: skip
    sheet.table(f"Nodes ({len(rows)})", f"The number is the one in the drawing. {_SPELT}", columns, rows)


def add_edges(sheet: Sheet, network: Network, shown: Network) -> None:
    """Add the table of edges, drawn or not, each with what it rests on."""
    columns = [
        Column("No.", 0.5), Column("From", 2.6), Column("Relation", 1.4), Column("To", 2.6), Column("Basis", 2.6),
        Column("Rests on", 1), Column("Period, UTC", 2), Column("Drawn", 0.8), Column("Exhibits", 2.5),
    ]  # fmt: skip
    of = numbers(network)
    edges = sorted(network.edges(keys=True), key=lambda edge: (edge[0], edge[1], str(edge[2])))
    rows = []
    for number, (source, target, key) in enumerate(edges, 1):
        known = network.edges[source, target, key]
        drawn = "yes" if shown.has_edge(source, target, key) else "no"
        ends = [apart(f"{of[end]}  ", network.nodes[end].get("label") or end) for end in (source, target)]
        told = [str(known.get("kind", key)), ends[1], _ground(known), support(known)]
        rows.append([str(number), ends[0], *told, _period(known), drawn, _exhibits(known)])
    sheet.table(f"Edges ({len(rows)})", "", columns, rows)


def add_evidence(sheet: Sheet, network: Network) -> None:
    """Add the list of evidence, from which its SHA-256 can be computed again."""
    rows = [line.split(" ") for line in evidence_list(network).splitlines()]
    columns = [Column("Exhibit", 2), Column("SHA-256", 5, MONO)]
    pairs = [[" ".join(parts[:-1]), parts[-1]] for parts in rows]
    sheet.table(f"Evidence list ({len(pairs)})", f"{_LIST}{evidence_digest(network)}", columns, pairs)


def numbers(network: Network) -> dict[str, int]:
    """Return the number of each node, by which the drawing leads to the table."""
    return {node: number for number, node in enumerate(sorted(network), 1)}


def _standing(known: Mapping[str, Any]) -> str:
    """Return what a human said of a node: its status, whether it is a minor's, and the grade with its scale."""
    told = [str(known["status"])] if known.get("status") else []
    told += ["minor"] if known.get("minor") else []
    return joined("; ", told + _grade(known))


def _grade(known: Mapping[str, Any]) -> list[str]:
    given = list(grades(known).values())
    return [apart("grade ", joined(", ", given))] if given else []


def _ground(known: Mapping[str, Any]) -> str:
    """Return the basis of an edge, and what it rests on: the rule, or the analyst and the reason."""
    rule = known.get("rule")
    told = [str(known.get("basis") or "not stated")]
    if isinstance(rule, Mapping):
        parameters = json.dumps(rule.get("parameters") or {}, sort_keys=True, ensure_ascii=False, default=spelt)
        told.append(apart("rule ", joined(" ", [rule.get("id", ""), rule.get("version", ""), parameters])))
    told += [apart("by ", known["by"])] if known.get("by") else []
    told += [apart("reason: ", known["reason"])] if known.get("reason") else []
    return joined("; ", told + _grade(known))


def _period(known: Mapping[str, Any]) -> str:
    first, last = known.get("first"), known.get("last")
    if not first or not last:
        return "not dated"
    spelt(first), spelt(last)  # refuses a time without a zone
    said = [f"{instant.astimezone(UTC):%Y-%m-%d %H:%M}" for instant in (first, last)]
    return said[0] if said[0] == said[1] else " to ".join(said)


def _exhibits(known: Mapping[str, Any]) -> str:
    return ", ".join(str(exhibit) for exhibit in known.get("exhibits") or ())
