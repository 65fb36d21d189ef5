"""How each kind of node and each relation looks.

Kinds of node differ in shape and colour, relations in arrowhead and colour, so that neither a printer without colours
nor a colour-blind reader loses anything. All nodes have one size: a bigger dot would look like a weightier person.
"""

from __future__ import annotations

from dataclasses import dataclass

from osint.graph.drawing.shapes import INK, MUTED, Point

RADIUS = 15.0
HEAD_LENGTH = 10.0

Outline = tuple[Point, ...]


@dataclass(frozen=True)
class NodeStyle:
    """``outline`` is in units of the radius around the middle; none means a disc."""

    name: str
    colour: str
    sign: str
    outline: Outline = ()


@dataclass(frozen=True)
class EdgeStyle:
    """``head`` is the arrowhead in pixels, its tip at (0, 0), pointing right."""

    colour: str
    head: Outline
    filled: bool


_SQUARE = ((-0.92, -0.92), (0.92, -0.92), (0.92, 0.92), (-0.92, 0.92))
_DIAMOND = ((0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0))
_HEXAGON = ((-0.55, -0.95), (0.55, -0.95), (1.1, 0.0), (0.55, 0.95), (-0.55, 0.95), (-1.1, 0.0))
_TRIANGLE = ((0.0, -1.15), (1.15, 0.9), (-1.15, 0.9))
_OCTAGON = (
    (-0.42, -1.0),
    (0.42, -1.0),
    (1.0, -0.42),
    (1.0, 0.42),
    (0.42, 1.0),
    (-0.42, 1.0),
    (-1.0, 0.42),
    (-1.0, -0.42),
)
_FRAME = ((-1.2, -0.75), (1.2, -0.75), (1.2, 0.75), (-1.2, 0.75))
_PIN = ((-0.8, -1.0), (0.8, -1.0), (0.8, 0.3), (0.0, 1.2), (-0.8, 0.3))
_LEANING = ((-0.75, -0.8), (1.2, -0.8), (0.75, 0.8), (-1.2, 0.8))
_LEANING_BACK = tuple((-x, y) for x, y in _LEANING)
_ROOF = ((0.0, -1.2), (1.0, -0.4), (1.0, 0.9), (-1.0, 0.9), (-1.0, -0.4))
_WIDENING = ((-0.75, -0.9), (0.75, -0.9), (1.15, 0.8), (-1.15, 0.8))
_NARROWING = ((-1.15, -0.8), (1.15, -0.8), (0.75, 0.9), (-0.75, 0.9))
_POINTED = ((-1.1, -0.8), (0.6, -0.8), (1.25, 0.0), (0.6, 0.8), (-1.1, 0.8))
_TALL = ((-0.75, -1.1), (0.75, -1.1), (0.75, 1.1), (-0.75, 1.1))

_ARROW = ((0.0, 0.0), (-10.0, -4.5), (-10.0, 4.5))
_DOUBLE_ARROW = ((0.0, 0.0), (-7.0, -4.8), (-7.0, -0.8), (-14.0, -4.8), (-14.0, 4.8), (-7.0, 0.8), (-7.0, 4.8))
_LOZENGE = ((0.0, 0.0), (-6.5, -4.8), (-13.0, 0.0), (-6.5, 4.8))
_BLOCK = ((0.0, -4.0), (-8.0, -4.0), (-8.0, 4.0), (0.0, 4.0))

_NODES = {
    "account": NodeStyle("account", "#1F4E79", "@"),
    "hashtag": NodeStyle("hashtag", "#57606A", "#", _DIAMOND),
    "url": NodeStyle("web address", "#8A5A00", "//", _SQUARE),
    "post": NodeStyle("post, author unknown", "#6F3F97", "P", _HEXAGON),
    "person": NodeStyle("person", "#24292F", "Pe", _OCTAGON),
    "group": NodeStyle("group", "#24292F", "Gr", _WIDENING),
    "media": NodeStyle("media file", "#2F6F4F", "M", _TALL),
    "place": NodeStyle("place", "#7A3E00", "Pl", _PIN),
    "phone": NodeStyle("telephone", "#005F73", "T", _LEANING),
    "email": NodeStyle("e-mail address", "#005F73", "E", _FRAME),
    "domain": NodeStyle("domain", "#8A5A00", "D", _LEANING_BACK),
    "vehicle": NodeStyle("vehicle", "#5C4033", "V", _POINTED),
    "wallet": NodeStyle("crypto wallet", "#9A6700", "W", _NARROWING),
    "event": NodeStyle("event", "#A40E26", "Ev", _ROOF),
}
_EDGES = {
    "mention": EdgeStyle("#0072B2", _ARROW, True),
    "reply": EdgeStyle("#C84C00", _ARROW, False),
    "announce": EdgeStyle("#007A5A", _DOUBLE_ARROW, True),
    "quote": EdgeStyle("#B0508A", _LOZENGE, True),
    "link": EdgeStyle("#8A5A00", _BLOCK, True),
    "hashtag": EdgeStyle("#6E7781", _BLOCK, False),
}
_OTHER_EDGE = EdgeStyle(MUTED, _LOZENGE, False)


def node_style(kind: str) -> NodeStyle:
    """Return how nodes of a kind look; an unforeseen kind is a triangle under its own name."""
    return _NODES.get(kind, NodeStyle(kind or "no kind", INK, "?", _TRIANGLE))


def edge_style(kind: str) -> EdgeStyle:
    """Return how edges of a relation look; an unforeseen relation has an open lozenge."""
    return _EDGES.get(kind, _OTHER_EDGE)
