"""The court sheet: a link chart on paper, with all that a reader needs to check it.

The first page holds the drawing, the legend, what was left out and the SHA-256 of the list of evidence; the pages after
it hold every node and every edge of the graph, drawn or not, each with its exhibits, and the list of evidence itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from osint.graph.drawing.marks import covered, draw_arrow, draw_node, draw_sign, label_lines
from osint.graph.drawing.placement import extent, spread
from osint.graph.drawing.scene import draw_edges, edge_length, part_shown
from osint.graph.drawing.shapes import INK, Curve, Item, Point, Shape
from osint.graph.drawing.stress import layout
from osint.graph.drawing.styles import BASES, dash, node_style
from osint.graph.exchange.columns import require_exhibits
from osint.graph.exchange.evidence import data_until, evidence_digest, exhibit_digests, spelt
from osint.graph.exchange.pseudonyms import veiled
from osint.graph.left_out import left_out
from osint.instants import format_instant
from osint.render import shorten
from osint.report.apart import apart, joined
from osint.report.court_tables import add_edges, add_evidence, add_facts, add_nodes, numbers
from osint.report.fonts import BOLD, MONO, TEXT
from osint.report.sheet import Sheet
from osint.report.sheet_drawing import LONGEST, Pen

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

    from osint.graph.association import Network
    from osint.graph.drawing.shapes import Box

    _Entry = tuple[Sequence[Shape], str]  # shapes, words

NOTE = "Association is not guilt."
_MEANING = (
    "An edge says that posts, files or an analyst tie two things, and nothing about why. What was not collected is not "
    "shown. Size and position of a node carry no meaning."
)
_DRAWN = {"A4": 40, "A3": 100}
_BESIDE = 218.0
_LINE = (0.0, 0.0), (37.0, 0.0), (74.0, 0.0)
_ENTRY = 13.0
_LONGEST_FACT = 300
_LARGEST = 1.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def court_sheet(
    network: Network,
    *,
    title: str,
    name: str = "",
    case: str = "",
    note: str = "",
    paper: str = "A3",
    seed: int = 0,
    limit: int | None = None,
    unlock: str = "",
) -> bytes:
    """Return a chart as PDF, for a court. Its text can be searched.

    Equal graphs give equal bytes, whatever their order.

    Args:
        network: Graph to show; ``hidden_nodes``, ``hidden_edges``, ``filter``, ``data_until`` and ``case`` of it are
            printed where it has them.
        title: Heading of the sheet.
        name: What its file is to be called; refused where it spells somebody who is under a pseudonym.
        case: Number of the case; that of the graph without one.
        note: What the maker of the sheet wants on it.
        paper: ``A4`` or ``A3``, in landscape.
        seed: See :func:`osint.graph.drawing.stress.layout`.
        limit: Nodes to draw at most, those with the fewest neighbours left out; the tables hold all. Without one, as
            many as the paper keeps legible.
        unlock: Why victims and minors are to be shown under their names; without it they are under a pseudonym. The
            caller logs it.

    Raises:
        ExportError: An edge names no exhibit, the paper is unknown, or the extra ``report`` is not installed.
    """
    require_exhibits(network)
    veil = veiled(network, unlock=unlock)
    veil.check_name(name)
    network, title = veil.network, veil.text(title)
    until = data_until(network)
    sheet = Sheet(title, paper, until or _EPOCH)
    case = veil.text(case or spelt(network.graph.get("case") or ""))
    shown = part_shown(network, _DRAWN[paper] if limit is None else limit)
    facts = list(_facts(network, shown, veil.text(note)))
    _first_page(sheet, network, shown, facts, case=case, seed=seed)
    sheet.new_page()
    add_facts(sheet, [("Title", title), ("Case", case), *((heading, text) for heading, text, _ in facts)])
    add_nodes(sheet, network, shown)
    add_edges(sheet, network, shown)
    add_evidence(sheet, network)
    named = [shorten(title, 60), *([apart("case ", shorten(case, 55))] if case else [])]
    return sheet.finish(joined(" · ", [*named, f"evidence list SHA-256 {evidence_digest(network)}"]))


def _first_page(
    sheet: Sheet, network: Network, shown: Network, facts: Sequence[tuple[str, str, str]], *, case: str, seed: int
) -> None:
    left, top, right, bottom = sheet.area
    top = sheet.column(left, top, right - left, sheet.letters.cut(sheet.title, 100), role=BOLD, size=17)
    named = sheet.letters.cut(apart("Case ", case) if case else "No case number stated", 140)
    top = sheet.column(left, top + 2, right - left, named, size=11)
    top = sheet.column(left, top + 3, right - left, NOTE, role=BOLD, size=9)
    top = sheet.column(left, top, right - left, _MEANING, grey=0.25) + 6
    beside = right - _BESIDE
    frame = (left, top, beside - 14, bottom)
    sheet.draw(lambda canvas: _draw_chart(canvas, sheet, frame, network, shown, seed=seed))
    y = top - 5
    for heading, text, role in facts:
        y = sheet.column(beside, y + 5, _BESIDE, heading, role=BOLD, size=8)
        y = sheet.column(beside, y, _BESIDE, sheet.letters.cut(text, _LONGEST_FACT), role=role)
    _legend(sheet, shown, (beside, y + 7))


def _draw_chart(canvas: Canvas, sheet: Sheet, frame: Box, network: Network, shown: Network, *, seed: int) -> None:
    left, top, right, bottom = frame
    canvas.setStrokeGray(0.75)
    canvas.setLineWidth(0.5)
    canvas.rect(left, sheet.height - bottom, right - left, bottom - top)
    lines = _label_lines(network, shown)
    boxes = {
        node: covered([sheet.letters.spelt(sheet.letters.cut(line, LONGEST)) for line in lines[node]]) for node in shown
    }
    places = spread(layout(shown, seed), boxes, edge_length(shown))
    x0, y0, x1, y1 = extent(places, boxes)
    x0, y0, x1, y1 = x0 - 16, y0 - 46, x1 + 16, y1 + 16  # room for loops above
    scale = min((right - left) / (x1 - x0), (bottom - top) / (y1 - y0), _LARGEST)
    middle = ((left + right) / 2, sheet.height - (top + bottom) / 2)
    pen = Pen(canvas, sheet.letters, middle[0] - (x0 + x1) / 2 * scale, middle[1] + (y0 + y1) / 2 * scale, scale)
    pen.draw(draw_edges(shown, places, boxes))
    pen.draw(draw_node(node, places[node], shown.nodes[node], lines[node]) for node in shown)


def _label_lines(network: Network, shown: Network) -> dict[str, list[str]]:
    """Return the lines under each node: its number in the table first."""
    of = numbers(network)
    lines = {}
    for node, known in shown.nodes(data=True):
        first, *rest = label_lines(known) or [""]
        lines[node] = [apart(f"{of[node]}  ", first) if first else str(of[node]), *rest]
    return lines


def _legend(sheet: Sheet, shown: Network, place: Point) -> None:
    """Add the legend below a place. Where the page ends it goes on at the upper left of another."""
    x, y = place
    for heading, across, entries in _entries(shown):
        room = _BESIDE / across
        for number in range(0, len(entries), across):
            if y + 2 * _ENTRY + 8 > sheet.area[3]:
                sheet.new_page()
                x, y = sheet.area[:2]
            if not number:
                y = sheet.column(x, y, _BESIDE, heading, role=BOLD, size=8) + 2
            row = enumerate(entries[number : number + across])
            y = max(_entry(sheet, entry, (x + room * place, y), room) for place, entry in row)
        y += 4


def _entries(shown: Network) -> Iterator[tuple[str, int, list[_Entry]]]:
    """Yield the parts of the legend: a heading, how many entries stand in a row, and the entries."""
    bases = Counter(_basis(known) for _, _, known in shown.edges(data=True))
    stated = [basis for basis in BASES if basis or bases[basis]]
    yield "Lines", 1, [([Curve(_LINE, INK, 3.6, dash(basis))], f"{BASES[basis]} ({bases[basis]})") for basis in stated]
    relations = Counter(str(known.get("kind", "")) for _, _, known in shown.edges(data=True))
    yield (
        "Edges; number and width: posts, things shared, statements",
        2,
        [
            (draw_arrow(_LINE, relation, 1, (0.0, 0.0)), apart(relation, f" ({relations[relation]})"))
            for relation in sorted(relations)
        ],
    )
    kinds = Counter(str(known.get("kind", "")) for _, known in shown.nodes(data=True))
    styles = [(node_style(kind), kinds[kind]) for kind in sorted(kinds)]
    yield "Nodes", 2, [(draw_sign((37, 0), style), apart(style.name, f" ({count})")) for style, count in styles]


def _entry(sheet: Sheet, entry: _Entry, place: Point, room: float) -> float:
    """Add an entry of the legend, its shapes left of its words. Return where the next may begin."""
    (shapes, words), (x, y) = entry, place
    items = [Item(tuple(shapes))]
    sheet.draw(lambda canvas: Pen(canvas, sheet.letters, x, sheet.height - y - _ENTRY / 2, 0.4).draw(items))
    bottom = sheet.column(x + 36, y + _ENTRY / 2 - 6, room - 40, sheet.letters.cut(words, 90))
    return max(y + _ENTRY, bottom + 1)


def _facts(network: Network, shown: Network, note: str) -> Iterator[tuple[str, str, str]]:
    until = data_until(network)
    stated = "data taken until" if "data_until" in network.graph else "latest dated post"
    yield "Date of the data", f"{stated} {format_instant(until)}" if until else "not dated", TEXT
    yield "Shown and hidden", " ".join(_counts(network, shown)), TEXT
    yield "Filters in force", _filters(network.graph.get("filter")), TEXT
    if names := network.graph.get("pseudonyms"):
        veiled_as = f"victims and minors under a pseudonym: {names}; times on what touches them are the day alone"
        said = veiled_as if isinstance(names, int) else str(names)
        yield "Names", said, TEXT
    yield (
        f"SHA-256 of the evidence list ({_number(len(exhibit_digests(network)), 'exhibit')})",
        evidence_digest(network),
        MONO,
    )
    if note:
        yield "Note", note, TEXT


def _counts(network: Network, shown: Network) -> Iterator[str]:
    nodes, edges = len(network) - len(shown), network.size() - shown.size()
    yield f"{_number(len(shown), 'node')} and {_number(shown.size(), 'edge')} drawn."
    if nodes or edges:
        yield (
            f"{_number(nodes, 'node')} and {_number(edges, 'edge')} left out of the drawing, fewest neighbours first; "
            "the tables hold them."
        )
    hidden = left_out(network)
    if hidden is None:
        yield "What filters hid is not stated."
    else:
        yield f"Hidden by the filters: {hidden[0]} nodes and {hidden[1]} edges."


def _filters(stated: Any) -> str:
    if not stated:
        return "none stated"
    if isinstance(stated, Mapping):
        given = {name: value for name, value in sorted(stated.items()) if value is not None and value != []}
        return joined("; ", (apart(f"{name}: ", _listed(value)) for name, value in given.items()))
    return spelt(stated)


def _listed(value: Any) -> str:
    return joined(", ", map(spelt, value)) if isinstance(value, list) else spelt(value)


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _basis(known: Mapping[str, Any]) -> str:
    basis = str(known.get("basis", ""))
    return basis if basis in BASES else ""
