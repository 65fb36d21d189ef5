"""What each kind of node, and each basis of an edge, is called and how it is drawn in every exchange format.

One row per kind: a format looks up its column and knows no kind by itself. A kind that is not in the table is
``OTHER``, under its own name, so that nothing is lost and nothing is guessed.

The names in the columns of i2, Maltego, STIX, FollowTheMoney and UCO are those of their public documents. Where a
target has no word for a kind the nearest one stands that claims less: a phrase, a thing, an observable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One kind of node in the words of each target.

    Attributes:
        name: Our own name, which stands in ``kind`` of a node.
        i2_type: Entity type in Analyst's Notebook; ``i2_icon`` is the file name of its icon there.
        maltego_type: Entity type in Maltego; ``maltego_property`` holds its value.
        stix: Type of object in STIX 2.1, or of an object that an extension of it defines.
        ftm: Schema of FollowTheMoney.
        case_class: Class of UCO 1.x, which CASE uses, with its prefix.
        neo4j: Label in a property graph.
        yed: Shape in yEd; ``gexf`` in Gephi, ``cytoscape`` in Cytoscape and cytoscape.js, ``dot`` in Graphviz.
        mermaid: What opens and closes the shape in Mermaid.
        colour: Fill, as ``#RRGGBB``; nothing is told by colour alone.
    """

    name: str
    i2_type: str
    i2_icon: str
    maltego_type: str
    maltego_property: str
    stix: str
    ftm: str
    case_class: str
    neo4j: str
    yed: str
    gexf: str
    cytoscape: str
    dot: str
    mermaid: tuple[str, str]
    colour: str


@dataclass(frozen=True)
class Basis:
    """How an edge of one basis is drawn: by line, never by colour alone.

    Attributes:
        name: ``observed``, ``derived`` or ``asserted``.
        gexf: Shape of the line in GEXF; ``yed``, ``cytoscape``, ``dot`` (attributes) and ``mermaid`` likewise.
        i2_strength: Name of the strength in Analyst's Notebook; ``i2_dots`` is its line.
        maltego: Number of the line style in Maltego.
    """

    name: str
    gexf: str
    yed: str
    cytoscape: str
    dot: str
    mermaid: str
    i2_strength: str
    i2_dots: str
    maltego: str


_PHRASE = ("maltego.Phrase", "text")
_BOX, _ROUND, _DISC, _STADIUM = ("[", "]"), ("(", ")"), ("((", "))"), ("([", "])")
_RHOMB, _HEXAGON, _FLAG, _DRUM, _FRAME = ("{", "}"), ("{{", "}}"), (">", "]"), ("[(", ")]"), ("[[", "]]")

_ROWS = (
    Kind(
        "person", "Person", "person", "maltego.Person", "person.fullname", "identity", "Person",
        "uco-identity:Person", "Person", "octagon", "disc", "octagon", "octagon", _DISC, "#24292F",
    ),
    Kind(
        "account", "Online Account", "account", "maltego.Alias", "alias", "user-account", "UserAccount",
        "uco-observable:DigitalAccount", "Account", "ellipse", "disc", "ellipse", "ellipse", _STADIUM, "#1F4E79",
    ),
    Kind(
        "post", "Post", "document", *_PHRASE, "media-content", "Message",
        "uco-observable:Message", "Post", "hexagon", "square", "hexagon", "note", _HEXAGON, "#6F3F97",
    ),
    Kind(
        "media", "Media File", "image", "maltego.File", "description", "file", "Document",
        "uco-observable:File", "Media", "roundrectangle", "square", "round-rectangle", "folder", _ROUND, "#2F6F4F",
    ),
    Kind(
        "place", "Place", "place", "maltego.Location", "location.name", "location", "Address",
        "uco-location:Location", "Place", "trapezoid", "triangle", "vee", "house", _FLAG, "#7A3E00",
    ),
    Kind(
        "phone", "Telephone", "phone", "maltego.PhoneNumber", "phonenumber", "phone-number", "UserAccount",
        "uco-observable:PhoneAccount", "Phone", "parallelogram", "square", "rhomboid", "parallelogram", _DRUM,
        "#005F73",
    ),
    Kind(
        "email", "E-mail Address", "email", "maltego.EmailAddress", "email", "email-addr", "UserAccount",
        "uco-observable:EmailAddress", "Email", "parallelogram2", "square", "tag", "cds", _FRAME, "#005F73",
    ),
    Kind(
        "url", "Web Address", "web page", "maltego.URL", "url", "url", "HyperText",
        "uco-observable:URL", "Url", "rectangle", "square", "rectangle", "box", _BOX, "#8A5A00",
    ),
    Kind(
        "domain", "Domain", "web page", "maltego.Domain", "fqdn", "domain-name", "Note",
        "uco-observable:DomainName", "Domain", "trapezoid2", "square", "cut-rectangle", "box3d", _BOX, "#8A5A00",
    ),
    Kind(
        "hashtag", "Hashtag", "theme", *_PHRASE, "text", "Note",
        "uco-observable:ObservableObject", "Hashtag", "diamond", "diamond", "diamond", "diamond", _RHOMB, "#57606A",
    ),
    Kind(
        "group", "Group", "group", "maltego.Organization", "title", "identity", "Organization",
        "uco-identity:Organization", "Group", "star6", "disc", "heptagon", "doubleoctagon", _DISC, "#24292F",
    ),
    Kind(
        "vehicle", "Vehicle", "car", *_PHRASE, "text", "Vehicle",
        "uco-observable:ObservableObject", "Vehicle", "fatarrow", "square", "pentagon", "pentagon", _FRAME, "#5C4033",
    ),
    Kind(
        "wallet", "Crypto Wallet", "account", *_PHRASE, "cryptocurrency-wallet", "CryptoWallet",
        "uco-observable:DigitalAccount", "Wallet", "star8", "diamond", "star", "cylinder", _DRUM, "#9A6700",
    ),
    Kind(
        "event", "Event", "event", *_PHRASE, "event", "Event",
        "uco-core:Event", "Event", "triangle", "triangle", "triangle", "triangle", _FLAG, "#A40E26",
    ),
)  # fmt: skip

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ROWS}
OTHER = Kind(
    "", "Other", "general", *_PHRASE, "text", "Note", "uco-observable:ObservableObject", "Other",
    "rectangle3d", "square", "octagon", "component", _BOX, "#1B1F23",
)  # fmt: skip

BASES: Mapping[str, Basis] = {
    basis.name: basis
    for basis in (
        Basis("observed", "solid", "line", "solid", "solid", "-->", "Observed", "DotStyleSolid", "0"),
        Basis("derived", "dashed", "dashed", "dashed", "dashed", "-.->", "Derived", "DotStyleDashed", "1"),
        Basis("asserted", "dotted", "dotted", "dotted", "dotted", "==>", "Asserted", "DotStyleDotted", "2"),
    )
}
NO_BASIS = Basis("", "double", "dashed_dotted", "dashed", "bold", "-.->", "Basis not stated", "DotStyleDashDot", "3")


def kind_of(known: Mapping[str, Any]) -> Kind:
    """Return the row of a node's kind, or ``OTHER``."""
    return KINDS.get(str(known.get("kind", "")), OTHER)


def basis_of(known: Mapping[str, Any]) -> Basis:
    """Return the row of an edge's basis, or ``NO_BASIS`` where the edge does not state one."""
    return BASES.get(str(known.get("basis", "")), NO_BASIS)


def i2_type(known: Mapping[str, Any]) -> str:
    """Return the entity type in Analyst's Notebook; a kind that is not in the table keeps its own name."""
    kind = kind_of(known)
    return kind.i2_type if kind.name else str(known.get("kind", "")).capitalize() or kind.i2_type
