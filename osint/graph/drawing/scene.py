"""What a link chart shows, as shapes at fixed places: the SVG and the PNG draw the same scene."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import networkx as nx

from osint.graph.drawing.marks import covered, draw_arrow, draw_edge, draw_node, draw_sign, label_lines
from osint.graph.drawing.placement import extent, placed, spread
from osint.graph.drawing.routes import routes
from osint.graph.drawing.shapes import INK, MUTED, RULE, Box, Curve, Item, Label, Point, Scene, Shape, wrapped
from osint.graph.drawing.stress import layout
from osint.graph.drawing.styles import BASES, dash, node_style, shares_look
from osint.graph.left_out import left_out
from osint.render import shorten, visible

if TYPE_CHECKING:
    from osint.graph.association import Network

ASSOCIATION_NOTE = (
    "An association is not guilt: an edge says that posts mention, answer, pass on or link to something, and nothing "
    "about why. What was not collected is not shown. Size and position of a node carry no meaning."
)

_MARGIN = 28.0
_LEGEND_WIDTH = 216.0
_LEGEND_STEPS = {"node": 38.0, "edge": 24.0, "line": 22.0, "head": 26.0, "text": 15.0, "gap": 10.0}
_SMALLEST = (600.0, 330.0)
_NAMED_EDGES = 16


def scene(network: Network, *, title: str, note: str = "", seed: int = 0, limit: int = 150) -> Scene:
    """Return the picture of a graph, in pixels at 96 to the inch.

    Args:
        network: Graph to show. Equal graphs give equal scenes, whatever their order.
        title: Heading of the chart.
        note: What the maker of the chart wants under it, before the note that every chart carries.
        seed: See :func:`osint.graph.drawing.stress.layout`.
        limit: Nodes to show at most; those with the fewest neighbours are left out, and the chart says how many.
    """
    shown = part_shown(network, limit)
    labels = {node: label_lines(known) for node, known in shown.nodes(data=True)}
    boxes = {node: covered(lines) for node, lines in labels.items()}
    places = spread(layout(shown, seed), boxes, edge_length(shown))
    legend = _legend(shown)
    width, height = _area(extent(places, boxes), sum(_LEGEND_STEPS[what] for what, _, _ in legend))
    head = _head([title, _counts(network, shown), _period(shown)], width + _LEGEND_WIDTH)
    top = _bottom(head)
    places = _centred(places, extent(places, boxes), (width, height), top)
    foot = _foot(f"{note} {ASSOCIATION_NOTE}", top + height, width + _LEGEND_WIDTH)
    items = [
        *head,
        *draw_edges(shown, places, boxes),
        *(draw_node(node, places[node], known, labels[node]) for node, known in shown.nodes(data=True)),
        *_place_legend(legend, width, top + _MARGIN),
        *foot,
    ]
    return Scene(width + _LEGEND_WIDTH, _bottom(foot) + 4, title, _counts(network, shown), tuple(items))


def part_shown(network: Network, limit: int) -> Network:
    """Return the part of the graph that is drawn, nodes and edges in the order of their keys."""
    neighbours = {node: len({*network.succ[node], *network.pred[node]} - {node}) for node in network}
    kept = set(sorted(network, key=lambda node: (-neighbours[node], node))[: max(limit, 0)])
    shown: Network = nx.MultiDiGraph()
    shown.add_nodes_from((node, network.nodes[node]) for node in sorted(kept))
    for source, target, key in sorted(network.edges(keys=True), key=lambda edge: (edge[0], edge[1], str(edge[2]))):
        if source in kept and target in kept:
            shown.add_edge(source, target, key, **network.edges[source, target, key])
    return shown


def edge_length(shown: Network) -> float:
    """Return the length of an edge: more where relations are written on edges, and where many edges cross."""
    if shown.size() <= _NAMED_EDGES:
        return 172.0
    return round(112 * (1 + min(0.6, 0.12 * shown.size() / len(shown))), 1)


def _counts(network: Network, shown: Network) -> str:
    nodes, edges = len(network) - len(shown), network.size() - shown.size()
    hidden = f"{_number(nodes, 'node')} and {_number(edges, 'edge')} hidden, fewest neighbours first"
    cut = [hidden] if nodes or edges else []
    filtered = left_out(network)
    if filtered is None:
        cut.append("what the graph itself leaves out is not stated")
    elif any(filtered):
        cut.append(f"the filter hides {_number(filtered[0], 'node')} and {_number(filtered[1], 'edge')} of the case")
    shows = f"{_number(len(shown), 'node')} and {_number(shown.size(), 'edge')} shown"
    return f"{shows}; {'; '.join(cut) or 'nothing hidden'}."


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _period(shown: Network) -> str:
    known = [edge for _, _, edge in shown.edges(data=True)]
    first = [edge["first"] for edge in known if isinstance(edge.get("first"), datetime)]
    last = [edge["last"] for edge in known if isinstance(edge.get("last"), datetime)]
    if not first or not last:
        return "The posts behind the edges are not dated." if known else "No edges."
    return f"Posts behind the edges: {min(first):%Y-%m-%d %H:%M} to {max(last):%Y-%m-%d %H:%M} UTC."


def _area(taken: Box, legend: float) -> Point:
    """Return width and height of the part of the sheet where the graph is."""
    left, top, right, bottom = taken
    width, height = right - left + 2 * _MARGIN, bottom - top + 2 * _MARGIN
    return round(max(_SMALLEST[0], width)), round(max(_SMALLEST[1], height, legend + 2 * _MARGIN))


def _centred(places: Mapping[str, Point], taken: Box, size: Point, top: float) -> dict[str, Point]:
    x, y = (size[0] - taken[0] - taken[2]) / 2, top + (size[1] - taken[1] - taken[3]) / 2
    return {node: (round(x + there[0], 1), round(y + there[1], 1)) for node, there in places.items()}


def draw_edges(shown: Network, places: Mapping[str, Point], boxes: Mapping[str, Box]) -> Iterable[Item]:
    edges = [(source, target, str(known.get("kind", "")), known) for source, target, known in shown.edges(data=True)]
    taken = [placed(places[node], boxes[node]) for node in places]
    for edge, path in zip(edges, routes([(source, target) for source, target, _, _ in edges], places), strict=True):
        yield draw_edge(edge, path, _edge_text(edge[2], edge[3], len(edges)), boxes, taken)


def _edge_text(kind: str, known: Mapping[str, Any], edges: int) -> str:
    """Name the relation while there is room for it; the number of posts always, unless it is one."""
    count = int(known.get("count", 1))
    if edges <= _NAMED_EDGES:
        return shorten(visible(kind), 20) + (f" ({count})" if count > 1 else "")
    return str(count) if count > 1 else ""


def _head(lines: Sequence[str], width: float) -> list[Item]:
    title = shorten(visible(lines[0]), int((width - 2 * _MARGIN) / 12))
    below = (Label((_MARGIN, 61 + 17 * number), line, 12, MUTED, "start") for number, line in enumerate(lines[1:]))
    return [Item((Label((_MARGIN, 38), title, 20, INK, "start", bold=True), *below))]


def _foot(note: str, top: float, width: float) -> list[Item]:
    lines = wrapped(visible(note), 11, width - 2 * _MARGIN)
    labels = (Label((_MARGIN, top + 26 + 15 * number), line, 11, MUTED, "start") for number, line in enumerate(lines))
    return [Item((_rule(_MARGIN, top + 6, width - _MARGIN), *labels))]


def _rule(left: float, y: float, right: float) -> Curve:
    return Curve(((left, y), ((left + right) / 2, y), (right, y)), RULE, 1)


def _bottom(items: Sequence[Item]) -> float:
    """Return where the next part of the sheet may begin."""
    return max(shape.place[1] for item in items for shape in item.shapes if isinstance(shape, Label)) + 14


def _legend(shown: Network) -> list[tuple[str, str, str]]:
    """Return the lines of the legend: which form each has, which kind it shows, and its words."""
    kinds = Counter(str(known.get("kind", "")) for _, known in shown.nodes(data=True))
    relations = Counter(str(known.get("kind", "")) for _, _, known in shown.edges(data=True))
    bases = {str(known.get("basis", "")) for _, _, known in shown.edges(data=True)}
    heading = "Edges" if bases - {"observed"} else "Edges, as observed in posts"
    rests_on = "posts, things shared or statements" if bases - {"observed"} else "posts"
    said = [f"Number and width of an edge: {rests_on} that support it."]
    if sum(map(shares_look, relations)) > 1:
        said.append("Which relation a grey lozenge is stands in the tooltip of the SVG and in every data format.")
    words = [line for text in said for line in wrapped(text, 11, _LEGEND_WIDTH - _MARGIN)]
    nodes = [("node", kind, f"{node_style(kind).name} ({kinds[kind]})") for kind in sorted(kinds)]
    edges = [("edge", kind, f"{kind} ({relations[kind]})") for kind in sorted(relations)]
    lines = [
        ("line", basis, BASES.get(basis, basis)) for basis in (*BASES, *sorted(bases - {*BASES})) if basis in bases
    ]
    based = [("gap", "", ""), ("head", "", "Lines"), *lines] if bases - {"observed"} else []
    explained = [*based, ("gap", "", ""), *(("text", "", line) for line in words)] if edges else []
    return [
        ("head", "", "Nodes"),
        *nodes,
        ("gap", "", ""),
        ("head", "", heading),
        *edges,
        *explained,
    ]


def _place_legend(lines: Sequence[tuple[str, str, str]], left: float, top: float) -> Iterable[Item]:
    y = top
    for what, kind, words in lines:
        yield Item(tuple(_legend_line(what, kind, shorten(visible(words), 30), (left, y))))
        y += _LEGEND_STEPS[what]


def _legend_line(what: str, kind: str, words: str, place: Point) -> list[Shape]:
    x, y = place
    if what == "node":
        return [*draw_sign((x + 16, y + 4), node_style(kind)), Label((x + 44, y + 8), words, 12, INK, "start")]
    if what == "edge":
        path = (x, y), (x + 20, y), (x + 40, y)
        return [*draw_arrow(path, kind, 1, (0.0, 0.0)), Label((x + 50, y + 4), words, 12, INK, "start")]
    if what == "line":
        line = Curve(((x, y), (x + 20, y), (x + 40, y)), INK, 1.6, dash(kind))
        return [line, Label((x + 50, y + 4), words, 11, INK, "start")]
    if what == "head":
        return [Label((x, y), words, 12, INK, "start", bold=True)]
    return [Label((x, y), words, 11, MUTED, "start")] if words else []
