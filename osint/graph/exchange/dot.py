r"""DOT: Graphviz. Every name and value is quoted; places are in points, y upwards, and hold with ``neato -n``.

In each value a backslash is doubled and a line end is ``\n``: Graphviz reads escapes in some attributes and cannot
write a backslash before a closing quote. A label is drawn short, since Graphviz refuses a node that is too wide; ours
is whole in ``osint_label``.

Source: https://graphviz.org/doc/info/lang.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from osint.graph.exchange.charted import Entity, Link, charted
from osint.graph.exchange.kinds import BASES
from osint.render import shorten

if TYPE_CHECKING:
    from osint.graph.association import Network

_LONGEST = 40


def dot(network: Network) -> bytes:
    """Return the DOT file of a graph.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be carried.
    """
    chart = charted(network)
    legend = ", ".join(f"{basis.name}: {basis.dot}" for basis in BASES.values())
    lines = [
        'digraph "associations" {',
        f'graph [charset="UTF-8", comment={_quoted("Lines: " + legend)}];',
        'node [fontname="sans-serif"];',
        'edge [fontname="sans-serif"];',
        *map(_node, chart.entities),
        *map(_edge, chart.links),
        "}\n",
    ]
    return "\n".join(lines).encode()


def _node(entity: Entity) -> str:
    x, y = entity.place
    drawn = {
        "label": shorten(entity.label, _LONGEST),
        "shape": entity.kind.dot,
        "color": entity.kind.colour,
        "pos": f"{x},{-y}!",
    }
    return f'"{entity.id}" [{_attributes({**_renamed(entity.cells), **drawn})}];'


def _edge(link: Link) -> str:
    drawn = {"label": shorten(link.label, _LONGEST), "style": link.basis.dot, "id": link.id}
    if link.basis.name == "asserted":
        drawn["color"] = "black:invis:black"  # a double line
    return f'"{link.source.id}" -> "{link.target.id}" [{_attributes({**_renamed(link.cells), **drawn})}];'


def _renamed(cells: Mapping[str, str]) -> dict[str, str]:
    """Graphviz knows ``key``, ``weight`` and other names as its own, so ours carry a prefix."""
    return {f"osint_{name}": cell for name, cell in cells.items()}


def _attributes(known: Mapping[str, str]) -> str:
    return ", ".join(f"{_quoted(name)}={_quoted(value)}" for name, value in known.items())


def _quoted(text: str) -> str:
    r"""Quote text: a backslash would start an escape such as ``\N``, which stands for the name of the node."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
