"""Cytoscape: ``cyjs`` for cytoscape.js and CX2 for Cytoscape and NDEx, both with places and lines.

In cyjs instants are RFC 3339 text and lists stay lists. CX2 declares every attribute with a type before it uses it;
what has no type there is JSON text.

Source: https://js.cytoscape.org/#notation/elements-json, https://cytoscape.org/cx/cx2/specification/
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from osint.graph.exchange.cells import Column
from osint.graph.exchange.charted import Charted, Entity, Link, charted, plain, weight_of
from osint.graph.exchange.kinds import BASES, KINDS, NO_BASIS

if TYPE_CHECKING:
    from osint.graph.association import Network

_TYPES = {"integer": "long", "double": "double", "boolean": "boolean"}
_READ: dict[str, Any] = {"long": int, "double": float, "boolean": lambda cell: cell == "true"}
_LISTS = ("exhibits", "posts", "via")
_CX2_SHAPES = {
    "ellipse",
    "rectangle",
    "round-rectangle",
    "diamond",
    "hexagon",
    "octagon",
    "parallelogram",
    "triangle",
    "vee",
}


def cyjs(network: Network) -> bytes:
    """Return the JSON that cytoscape.js takes: elements, style, and ``preset`` as the layout, so that places hold.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be carried.
    """
    chart = charted(network)
    return _json(
        {
            "data": plain(dict(network.graph)),
            "elements": {
                "nodes": [_cyjs_node(entity) for entity in chart.entities],
                "edges": [_cyjs_edge(link) for link in chart.links],
            },
            "layout": {"name": "preset"},
            "style": _STYLE,
        }
    )


def _cyjs_node(entity: Entity) -> dict[str, Any]:
    x, y = entity.place
    data = {**_data(entity.known), "id": entity.id, "key": entity.key, "label": entity.label}
    return {"data": data, "position": {"x": x, "y": y}}


def _cyjs_edge(link: Link) -> dict[str, Any]:
    own = {"id": link.id, "source": link.source.id, "target": link.target.id}
    return {"data": {**_data(link.known), "key": link.cells["key"], "weight": weight_of(link.known), **own}}


def _data(known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes; those whose names cytoscape.js needs for itself get an underscore."""
    reserved = ("id", "source", "target", "parent")
    return {name + "_" * (name in reserved): plain(value) for name, value in known.items()}


_STYLE = [
    {"selector": "node", "style": {"label": "data(label)", "shape": "octagon"}},
    *(
        {
            "selector": f'node[kind = "{kind.name}"]',
            "style": {"shape": kind.cytoscape, "background-color": kind.colour},
        }
        for kind in KINDS.values()
    ),
    {
        "selector": "edge",
        "style": {
            "label": "data(kind)",
            "curve-style": "bezier",
            "target-arrow-shape": "triangle",
            "line-style": NO_BASIS.cytoscape,
        },
    },
    *(
        {
            "selector": f'edge[basis = "{basis.name}"]',
            "style": {"line-style": basis.cytoscape, "width": 2},
        }
        for basis in BASES.values()
    ),
]


def cx2(network: Network) -> bytes:
    """Return the CX2 document of a graph.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be carried.
    """
    chart = charted(network)
    nodes = _declared(chart.entity_columns, chart.entities)
    edges = _declared(chart.link_columns, chart.links) | {"weight": "double"}
    about = dict.fromkeys(chart.about, "string")
    aspects = [
        {"CXVersion": "2.0", "hasFragments": False},
        {"metaData": _counts(chart, about)},
        {"attributeDeclarations": [_declarations(nodes, edges, about)]},
        *([{"networkAttributes": [dict(chart.about)]}] if about else []),
        {"nodes": [_cx2_node(entity, nodes) for entity in chart.entities]},
        {"edges": [_cx2_edge(link, edges) for link in chart.links]},
        {"visualProperties": [_VISUAL]},
        {"status": [{"success": True}]},
    ]
    return _json(aspects)


def _counts(chart: Charted, about: Mapping[str, str]) -> list[dict[str, Any]]:
    counts = {
        "attributeDeclarations": 1,
        "networkAttributes": int(bool(about)),
        "nodes": len(chart.entities),
        "edges": len(chart.links),
        "visualProperties": 1,
    }
    return [
        {"name": name, "elementCount": count} for name, count in counts.items() if count or name in ("nodes", "edges")
    ]


def _declared(columns: Sequence[Column], items: Sequence[Entity] | Sequence[Link]) -> dict[str, str]:
    return {column.name: _declared_type(column, items) for column in columns}


def _declared_type(column: Column, items: Sequence[Entity] | Sequence[Link]) -> str:
    if column.type == "double" and not all(isfinite(float(item.cells.get(column.name, "0"))) for item in items):
        return "string"
    texts = [item.known.get(column.name) for item in items if column.name in item.cells]
    if column.name in _LISTS and all(isinstance(text, list) and set(map(type, text)) <= {str} for text in texts):
        return "list_of_string"
    return _TYPES.get(column.type, "string")


def _declarations(
    nodes: Mapping[str, str], edges: Mapping[str, str], about: Mapping[str, str]
) -> dict[str, dict[str, dict[str, str]]]:
    declared = {"networkAttributes": about, "nodes": nodes, "edges": edges}
    return {part: {name: {"d": type_} for name, type_ in names.items()} for part, names in declared.items() if names}


def _cx2_node(entity: Entity, declared: Mapping[str, str]) -> dict[str, Any]:
    x, y = entity.place
    values = {**_values(entity, declared), "label": entity.label} if "label" in declared else _values(entity, declared)
    return {"id": int(entity.id[1:]), "x": x, "y": y, "z": 0, "v": values}


def _cx2_edge(link: Link, declared: Mapping[str, str]) -> dict[str, Any]:
    ends = {"s": int(link.source.id[1:]), "t": int(link.target.id[1:])}
    return {"id": int(link.id[1:]), **ends, "v": {**_values(link, declared), "weight": weight_of(link.known)}}


def _values(item: Entity | Link, declared: Mapping[str, str]) -> dict[str, Any]:
    return {name: _value(item, name, declared[name], cell) for name, cell in item.cells.items()}


def _value(item: Entity | Link, name: str, type_: str, cell: str) -> Any:
    if type_ == "list_of_string":
        return plain(item.known[name])
    return _READ[type_](cell) if type_ in _READ else cell


def _discrete(attribute: str, names: Mapping[str, str]) -> dict[str, Any]:
    table = [{"v": name, "vp": value} for name, value in names.items()]
    return {"type": "DISCRETE", "definition": {"attribute": attribute, "map": table}}


def _cx2_shape(name: str) -> str:
    return name if name in _CX2_SHAPES else "rectangle"


_VISUAL = {
    "default": {
        "node": {"NODE_SHAPE": "octagon", "NODE_WIDTH": 40, "NODE_HEIGHT": 40},
        "edge": {"EDGE_TARGET_ARROW_SHAPE": "triangle", "EDGE_LINE_STYLE": NO_BASIS.cytoscape, "EDGE_WIDTH": 2},
    },
    "nodeMapping": {
        "NODE_LABEL": {"type": "PASSTHROUGH", "definition": {"attribute": "label", "type": "string"}},
        "NODE_SHAPE": _discrete("kind", {kind.name: _cx2_shape(kind.cytoscape) for kind in KINDS.values()}),
        "NODE_BACKGROUND_COLOR": _discrete("kind", {kind.name: kind.colour for kind in KINDS.values()}),
    },
    "edgeMapping": {
        "EDGE_LABEL": {"type": "PASSTHROUGH", "definition": {"attribute": "kind", "type": "string"}},
        "EDGE_LINE_STYLE": _discrete("basis", {basis.name: basis.cytoscape for basis in BASES.values()}),
    },
}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"
