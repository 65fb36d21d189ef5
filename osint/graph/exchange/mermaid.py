"""Mermaid: a flowchart for a page of text.

A renderer draws 500 edges and reads 50,000 characters unless told otherwise. What is over that is left out, and the
chart says how much: the edges with the most posts stay, and the nodes that they join before those that stand alone.
Labels are cut short and an edge names three exhibits at most; this is a picture, not a record.

Source: https://mermaid.js.org/syntax/flowchart.html, https://mermaid.js.org/config/schema-docs/config.html
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from osint.graph.exchange.charted import Charted, Entity, Link, charted, count_of
from osint.graph.left_out import left_out
from osint.render import shorten

if TYPE_CHECKING:
    from osint.graph.association import Network

MOST_EDGES = 500
MOST_CHARACTERS = 50_000

_LONGEST = 60
_EXHIBITS = 3
_RESERVED = str.maketrans({character: f"#{ord(character)};" for character in '"#;&<>`\\[]{}()|*_~'})


def mermaid(network: Network) -> bytes:
    """Return the flowchart of a graph, or of as much of it as a renderer takes.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be carried.
    """
    chart, hidden = charted(network), left_out(network)
    if hidden is None:
        filtered = "; what the graph itself leaves out is not stated"
    else:
        filtered = f"; the filter hides {hidden[0]} nodes and {hidden[1]} edges" if any(hidden) else ""
    text = partial(_text, chart, filtered)
    ranked = sorted(chart.links, key=lambda link: -count_of(link.known))[:MOST_EDGES]
    low, high = 0, len(ranked)
    while low < high:  # the most edges that fit, with their nodes
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _fits(text(ranked[:middle], [])) else (low, middle - 1)
    edges = ranked[:low]
    joined = {end.id for link in edges for end in (link.source, link.target)}
    alone = [entity for entity in chart.entities if entity.id not in joined]
    low, high = 0, len(alone)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _fits(text(edges, alone[:middle])) else (low, middle - 1)
    return text(edges, alone[:low]).encode()


def _fits(text: str) -> bool:
    return len(text) < MOST_CHARACTERS


def _text(chart: Charted, filtered: str, links: Sequence[Link], alone: Sequence[Entity]) -> str:
    kept = {link.id for link in links}
    drawn = {end.id for link in links for end in (link.source, link.target)} | {entity.id for entity in alone}
    nodes = [entity for entity in chart.entities if entity.id in drawn]
    hidden = len(chart.entities) - len(nodes), len(chart.links) - len(links)
    said = f"{hidden[0]} nodes and {hidden[1]} edges left out" if any(hidden) else "nothing left out"
    said += filtered
    lines = [
        "flowchart LR",
        f"  %% {len(nodes)} nodes and {len(links)} edges shown, {said}. An association is not guilt.",
        "  %% Lines: observed plain, derived dashed, asserted thick.",
        *(f"  {_node(entity)}" for entity in nodes),
        *(f"  {_edge(link)}" for link in chart.links if link.id in kept),
    ]
    if any(hidden):
        lines.append(f'  left_out["{said}"]')
    return "\n".join(lines) + "\n"


def _node(entity: Entity) -> str:
    opening, closing = entity.kind.mermaid
    return f'{entity.id}{opening}"{_label(entity.label or entity.key)}"{closing}'


def _edge(link: Link) -> str:
    more = len(link.exhibits) - _EXHIBITS
    shown = ", ".join(link.exhibits[:_EXHIBITS]) + (f" and {more} more" if more > 0 else "")
    return f'{link.source.id} {link.basis.mermaid}|"{_label(link.label, 30)}: {_label(shown)}"| {link.target.id}'


def _label(text: str, longest: int = _LONGEST) -> str:
    return shorten(text, longest).translate(_RESERVED) or " "
