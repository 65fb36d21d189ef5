"""Maltego: a table for its import, and its own file format as an experiment.

The table is the documented way: one row per link, and a row with one end for an entity that has none. Map the columns
once and save the mapping.

The other file (MTGX) is a zip archive with a GraphML inside. Its maker documents it nowhere and may change it; the
names here are those in files and programs that others publish. It was not opened in Maltego.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from osint.graph.exchange.charted import Entity, Link, charted, grades, ground, spelt, weight_of
from osint.graph.exchange.xml import DECLARATION, attribute, content

if TYPE_CHECKING:
    from osint.graph.association import Network

NAMESPACE = "http://maltego.paterva.com/xml/mtgx"
COLUMNS = (
    "SrcType",
    "SrcValue",
    "SrcId",
    "DstType",
    "DstValue",
    "DstId",
    "LinkLabel",
    "LinkBasis",
    "LinkNotes",
    "LinkWeight",
    "Date",
    "Evidence",
)

_GRAPHML = "http://graphml.graphdrawing.org/xmlns"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip archive knows; equal graphs give equal bytes
_KEYS = (("d0", "node", "MaltegoEntity"), ("d1", "node", "EntityRenderer"), ("d2", "edge", "MaltegoLink"))


def maltego_csv(network: Network) -> bytes:
    """Return the table for Maltego's import of comma separated text.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be carried.
    """
    chart = charted(network)
    tied = {end.id for link in chart.links for end in (link.source, link.target)}
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    rows = [*map(_row, chart.links), *(_alone(entity) for entity in chart.entities if entity.id not in tied)]
    writer.writerows([_one_line(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _row(link: Link) -> Sequence[str]:
    return [
        *_end(link.source),
        *_end(link.target),
        link.label,
        link.basis.name,
        _notes(link),
        repr(weight_of(link.known)),
        spelt(link.known.get("first")),
        "; ".join(link.exhibits),
    ]


def _alone(entity: Entity) -> Sequence[str]:
    return [*_end(entity), *[""] * (len(COLUMNS) - 3)]


def _end(entity: Entity) -> Sequence[str]:
    return [entity.kind.maltego_type, entity.label, entity.key]


def _notes(link: Link) -> str:
    return "; ".join(filter(None, [link.basis.name, ground(link.known), *grades(link.known).values()]))


def _one_line(text: str) -> str:
    return text.replace("\n", "⟨U+000A⟩").replace("\t", "⟨U+0009⟩")


def mtgx(network: Network) -> bytes:
    """Return an archive as Maltego saves its graphs; experimental.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be carried.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("version.properties", _VERSION), ("Graphs/Graph1.graphml", _graph(network))):
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # else it would name the system it was made on
            archive.writestr(member, text.encode())
    return packed.getvalue()


_VERSION = "maltego.client.version=4.0.0\nmaltego.graph.version=1.2\n"


def _graph(network: Network) -> str:
    chart = charted(network)
    lines = [f'{DECLARATION}<graphml xmlns="{_GRAPHML}" xmlns:mtg="{NAMESPACE}">']
    lines += [f'<key id="{id_}" for="{domain}" attr.name="{name}"/>' for id_, domain, name in _KEYS]
    lines += ['<graph id="G" edgedefault="directed">', *map(_node, chart.entities), *map(_edge, chart.links)]
    return "\n".join([*lines, "</graph>\n</graphml>\n"])


def _node(entity: Entity) -> str:
    x, y = entity.place
    value = (entity.kind.maltego_property, entity.kind.i2_type, "string", entity.label)
    own = ((f"osint.{name}", name, "string", cell) for name, cell in entity.cells.items() if name != "label")
    return (
        f'<node id="{entity.id}"><data key="d0"><mtg:MaltegoEntity type="{entity.kind.maltego_type}">'
        f"{_properties([value, *own])}</mtg:MaltegoEntity></data>"
        f'<data key="d1"><mtg:EntityRenderer><mtg:Position x="{x}.0" y="{y}.0"/></mtg:EntityRenderer></data></node>'
    )


def _edge(link: Link) -> str:
    known = [
        ("maltego.link.manual.type", "Label", "string", link.label),
        ("maltego.link.label", "Label", "string", link.label),
        ("maltego.link.style", "Style", "int", link.basis.maltego),
        *((f"osint.{name}", name, "string", cell) for name, cell in link.cells.items()),
    ]
    return (
        f'<edge id="{link.id}" source="{link.source.id}" target="{link.target.id}"><data key="d2">'
        f'<mtg:MaltegoLink type="maltego.link.manual-link">{_properties(known)}</mtg:MaltegoLink></data></edge>'
    )


def _properties(known: Iterable[tuple[str, str, str, str]]) -> str:
    return f"<mtg:Properties>{''.join(_property(*each) for each in known)}</mtg:Properties>"


def _property(name: str, shown: str, type_: str, value: str) -> str:
    return (
        f'<mtg:Property name="{attribute(name)}" displayName="{attribute(shown)}" type="{type_}" hidden="false" '
        f'nullable="true" readonly="false"><mtg:Value>{content(value)}</mtg:Value></mtg:Property>'
    )
