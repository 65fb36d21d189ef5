"""GraphML as yEd draws it: places, shapes, labels, and the line of each basis.

It is the GraphML of :mod:`osint.graph.exchange.graphml` with yEd's own elements beside our attributes, so whoever reads
that reads this. The schema of those elements is not public; the names are those in files that yEd users publish.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from osint.graph.exchange.charted import Entity, Link, charted
from osint.graph.exchange.graphml import decorated
from osint.graph.exchange.xml import attribute, content

if TYPE_CHECKING:
    from osint.graph.association import Network

NAMESPACE = "http://www.yworks.com/xml/graphml"

_KEYS = (
    '<key id="drawn_node" for="node" yfiles.type="nodegraphics"/>',
    '<key id="drawn_edge" for="edge" yfiles.type="edgegraphics"/>',
)
_SIDE = 40


def yed(network: Network) -> bytes:
    """Return the file of a graph for yEd.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be carried.
    """
    chart = charted(network)
    return decorated(
        network,
        f' xmlns:y="{NAMESPACE}"',
        _KEYS,
        [_node(entity) for entity in chart.entities],
        [_edge(link) for link in chart.links],
    )


def _node(entity: Entity) -> str:
    x, y = entity.place
    return (
        f'<data key="drawn_node"><y:ShapeNode><y:Geometry height="{_SIDE}" width="{_SIDE}" x="{x}" y="{y}"/>'
        f'<y:Fill color="{entity.kind.colour}" transparent="false"/>'
        '<y:BorderStyle color="#1B1F23" type="line" width="1"/>'
        f'<y:NodeLabel modelName="sides" modelPosition="s">{content(entity.label)}</y:NodeLabel>'
        f'<y:Shape type="{attribute(entity.kind.yed)}"/></y:ShapeNode></data>'
    )


def _edge(link: Link) -> str:
    return (
        '<data key="drawn_edge"><y:PolyLineEdge>'
        f'<y:LineStyle color="#57606A" type="{link.basis.yed}" width="1"/>'
        f'<y:Arrows source="none" target="standard"/><y:EdgeLabel>{content(link.label)}</y:EdgeLabel>'
        "</y:PolyLineEdge></data>"
    )
