"""How each kind of node and each relation looks.

Kinds of node differ in shape and colour, relations in arrowhead and colour, so that neither a printer without colours
nor a colour-blind reader loses anything. All nodes have one size: a bigger dot would look like a weightier person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
    """``sign`` names the arrowhead, which is in ``head`` in pixels, its tip at (0, 0), pointing right."""

    colour: str
    sign: str
    filled: bool

    @property
    def head(self) -> Outline:
        """The outline of the arrowhead."""
        return _HEADS[self.sign]


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

_HEADS: dict[str, Outline] = {
    "arrow": ((0.0, 0.0), (-10.0, -4.5), (-10.0, 4.5)),
    "double arrow": ((0.0, 0.0), (-7.0, -4.8), (-7.0, -0.8), (-14.0, -4.8), (-14.0, 4.8), (-7.0, 0.8), (-7.0, 4.8)),
    "lozenge": ((0.0, 0.0), (-6.5, -4.8), (-13.0, 0.0), (-6.5, 4.8)),
    "block": ((0.0, -4.0), (-8.0, -4.0), (-8.0, 4.0), (0.0, 4.0)),
}

BASES = {
    "observed": "observed in posts or files",
    "derived": "derived by a named rule",
    "asserted": "asserted by an analyst",
    "": "basis not stated",
}
"""What an edge rests on, in the words of a legend."""

_COUNTED = {"derived": ("thing shared", "things shared"), "asserted": ("statement", "statements")}
_DASHES = {"observed": (), "derived": (7.0, 4.0), "asserted": (1.5, 4.5)}
_UNSTATED = (14.0, 3.0)

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
    "mention": EdgeStyle("#0072B2", "arrow", True),
    "reply": EdgeStyle("#C84C00", "arrow", False),
    "announce": EdgeStyle("#007A5A", "double arrow", True),
    "quote": EdgeStyle("#B0508A", "lozenge", True),
    "link": EdgeStyle("#8A5A00", "block", True),
    "hashtag": EdgeStyle("#6E7781", "block", False),
}
_OTHER_EDGE = EdgeStyle(MUTED, "lozenge", False)


def node_style(kind: str) -> NodeStyle:
    """Return how nodes of a kind look; an unforeseen kind is a triangle under its own name."""
    return _NODES.get(kind, NodeStyle(kind or "no kind", INK, "?", _TRIANGLE))


def edge_style(kind: str) -> EdgeStyle:
    """Return how edges of a relation look; an unforeseen relation has an open lozenge."""
    return _EDGES.get(kind, _OTHER_EDGE)


def shares_look(kind: str) -> bool:
    """Say whether a relation looks like others that have no look of their own."""
    return kind not in _EDGES


def support(known: Mapping[str, Any]) -> str:
    """Return how much an edge rests on, as ``3 posts``; derived ones on things shared, asserted ones on statements."""
    one, more = _COUNTED.get(str(known.get("basis", "")), ("post", "posts"))
    count = int(known.get("count", 1))
    return f"{count:,} {one if count == 1 else more}"


def dash(basis: str) -> tuple[float, ...]:
    """Return the dashes of an edge: solid what is observed, dashed what is derived, dotted what is asserted.

    Long dashes are for a basis that is not stated: it is not drawn as if posts showed it.
    """
    return _DASHES.get(basis, _UNSTATED)


def contrast(colour: str, ground: str) -> float:
    """Return the contrast of two colours, from 1 to 21.

    Source: WCAG 2.2, "contrast ratio" and "relative luminance".
    """
    lighter, darker = sorted((_luminance(colour), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
