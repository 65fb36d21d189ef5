"""A graph as what the page draws: texts made visible and cut, instants as seconds, everything else by number."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from osint.graph.drawing.marks import label_lines
from osint.graph.drawing.places import chart_places
from osint.graph.drawing.scene import ASSOCIATION_NOTE
from osint.graph.drawing.styles import edge_style, node_style
from osint.graph.exchange.columns import require_exhibits
from osint.graph.exchange.evidence import data_until, details, evidence_digest, spelt
from osint.graph.left_out import left_out
from osint.instants import format_instant
from osint.render import visible
from osint.views.link_chart.facts import ChartFacts
from osint.views.veiled import no_picture

if TYPE_CHECKING:
    from osint.graph.association import Network
    from osint.media.thumbnails import Thumbnail

LONGEST = 2_000
"""Characters of one text; the page says how many more there are."""

_MOST_POSTS = 50
_NODE_PLACED = frozenset({"kind", "label", "first", "last", "exhibits", "evidence"})
_EDGE_PLACED = frozenset({"kind", "basis", "count", "posts", "first", "last", "exhibits", "evidence"})
_NAMES = {"platform": "namespace", "by": "stated by", "via": "told by posts"}


def chart_data(network: Network, title: str, facts: ChartFacts) -> dict[str, Any]:
    """Return what the page draws, as JSON values.

    Args:
        network: The graph, victims and minors already under pseudonyms.
        title: Heading.
        facts: What the case knows of exhibits and people; what an edge's ``evidence`` states of an exhibit counts too.

    Raises:
        ExportError: An edge names no exhibit, or an attribute is of no kind that can be written.
    """
    require_exhibits(network)
    places = chart_places(network, facts.people)
    number = {node: at for at, node in enumerate(network)}
    shown = _Exhibits(facts)
    nodes = [_node(node, known, places[node], shown) for node, known in network.nodes(data=True)]
    edges = [
        {"source": number[source], "target": number[target], **_edge(key, known, shown)}
        for source, target, key, known in network.edges(keys=True, data=True)
    ]
    return {
        "title": text(title),
        "note": ASSOCIATION_NOTE,
        "about": _about(network),
        "hidden": _hidden(network),
        "kinds": {kind: _kind(kind) for kind in sorted({node["kind"] for node in nodes})},
        "relations": {name: _relation(name) for name in sorted({"", *(edge["relation"] for edge in edges)})},
        "nodes": nodes,
        "edges": edges,
        "exhibits": shown.listed(),
        "people": [
            {"label": "accounts of one person", "members": sorted(number[node] for node in group)}
            for group in facts.people
        ],
    }


def text(value: object) -> str:
    """Return a text as the page may show it: nothing hidden in it, and no longer than ``LONGEST``."""
    shown = visible(value)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}… (and {len(shown) - LONGEST:,} characters more)"


class _Exhibits:
    """The exhibits that nodes and edges name, each once."""

    def __init__(self, facts: ChartFacts) -> None:
        self.facts = facts
        self.numbers: dict[str, int] = {}
        self.stated: dict[str, Mapping[str, Any]] = {}

    def at(self, exhibits: Iterable[Any]) -> list[int]:
        return [self.numbers.setdefault(str(exhibit), len(self.numbers)) for exhibit in exhibits]

    def evidence(self, found: Iterable[Mapping[str, Any]]) -> dict[str, list[list[str]]]:
        """Return where in each exhibit an edge was read, and keep what is said of the exhibit itself."""
        places: dict[str, list[list[str]]] = {}
        for each in found:
            if exhibit := str(each.get("exhibit") or ""):
                self.stated.setdefault(exhibit, each)
                rest = {name: each[name] for name in each if name not in ("exhibit", "sha256", "entry")}
                pairs = [[text(name), text(value)] for name, value in details(rest, ()).items()]
                places.setdefault(str(self.at([exhibit])[0]), []).extend(pairs)
        return places

    def listed(self) -> list[dict[str, Any]]:
        pictures = self.facts.pictures(self.numbers)
        return [self._exhibit(exhibit) | _picture(pictures.get(exhibit)) for exhibit in self.numbers]

    def _exhibit(self, exhibit: str) -> dict[str, Any]:
        stated = self.stated.get(exhibit, {})
        sha256, entry = self.facts.exhibits.get(exhibit, (stated.get("sha256"), stated.get("entry")))
        return {
            "number": text(exhibit),
            **({"sha256": text(sha256)} if sha256 else {}),
            **({"entry": entry} if isinstance(entry, int) else {}),
        }


def _picture(thumbnail: Thumbnail | None) -> dict[str, str]:
    if thumbnail is None:
        return {}
    if not thumbnail.jpeg:
        return {"why": text(no_picture(thumbnail))}
    return {"picture": _jpeg(thumbnail.jpeg), "veiled": _jpeg(thumbnail.veiled)}


def _jpeg(picture: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(picture).decode('ascii')}"


def _node(key: str, known: Mapping[str, Any], place: tuple[float, float], shown: _Exhibits) -> dict[str, Any]:
    return {
        "key": text(key),
        "label": text(known.get("label", "")),
        "lines": label_lines(known),
        "kind": text(known.get("kind", "")),
        "x": place[0],
        "y": place[1],
        **_period(known),
        "facts": _facts(known, _NODE_PLACED),
        "exhibits": shown.at(known.get("exhibits") or ()),
    }


def _edge(key: object, known: Mapping[str, Any], shown: _Exhibits) -> dict[str, Any]:
    posts = [text(post) for post in known.get("posts") or ()]
    count = known.get("count", 1)
    return {
        "relation": text(known.get("kind", key)),
        "basis": text(known.get("basis", "")),
        "count": count if isinstance(count, int) else 1,
        **_period(known),
        "posts": posts[:_MOST_POSTS],
        **({"more_posts": len(posts) - _MOST_POSTS} if len(posts) > _MOST_POSTS else {}),
        "facts": _facts(known, _EDGE_PLACED),
        "exhibits": shown.at(known["exhibits"]),
        **({"evidence": shown.evidence(known["evidence"])} if known.get("evidence") else {}),
    }


def _facts(known: Mapping[str, Any], placed: frozenset[str]) -> list[list[str]]:
    stated = {name: value for name, value in known.items() if value not in (None, "", [])}
    return [[text(_NAMES.get(name, name)), text(value)] for name, value in details(stated, placed).items()]


def _period(known: Mapping[str, Any]) -> dict[str, int]:
    first, last = known.get("first"), known.get("last")
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return {}
    return {"first": int(first.timestamp()), "last": int(last.timestamp())}


def _about(network: Network) -> list[list[str]]:
    known = network.graph
    until, veiled = data_until(network), known.get("pseudonyms")
    told = {
        "case": known.get("case"),
        "data until": format_instant(until.replace(microsecond=0)) if until else None,
        "graph of": _filter(known.get("filter")),
        "victims and minors": f"{veiled} under a pseudonym" if isinstance(veiled, int) else veiled,
        "not joined": known.get("conflicts"),
        "evidence list SHA-256": evidence_digest(network),
    }
    return [[name, text(spelt(value))] for name, value in told.items() if value]


def _filter(wanted: object) -> str | None:
    if not isinstance(wanted, Mapping):
        return None if wanted is None else spelt(wanted)
    return "; ".join(
        f"{name} {spelt(value)}" for name, value in sorted(wanted.items()) if value not in (None, "", [], ())
    )


def _hidden(network: Network) -> str:
    hidden = left_out(network)
    if hidden is None:
        return "What the graph itself leaves out is not stated."
    return f"The graph itself leaves out {hidden[0]:,} nodes and {hidden[1]:,} edges of the case."


def _kind(kind: str) -> dict[str, Any]:
    style = node_style(kind)
    return {
        "name": style.name,
        "colour": style.colour,
        "sign": style.sign,
        "outline": [list(at) for at in style.outline],
    }


def _relation(name: str) -> dict[str, Any]:
    style = edge_style(name)
    return {
        "colour": style.colour,
        "head": style.sign,
        "outline": [list(at) for at in style.head],
        "filled": style.filled,
    }
