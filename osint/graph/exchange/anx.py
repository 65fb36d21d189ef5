"""ANX: a chart of i2 Analyst's Notebook as XML, which opens without an import specification.

Each exhibit of a link is a card on it, up to twenty; a last card names the others. The basis of a link is its strength,
which decides its line: observed solid, derived dashed, asserted dotted. Grades stand in the three grade lists,
each with the name of its scale. Analyst's Notebook takes all times for UTC, which ours are. It allows no link from an
entity to itself: what a graph holds of those is a card on the entity, with its exhibits.

Written from public knowledge: the order of elements is that of the schema that parsers of others were made from, and
anxwritter (MIT) writes the same. It was not opened in Analyst's Notebook.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

from osint.graph.exchange.anb_csv import shortened
from osint.graph.exchange.cells import Column, written
from osint.graph.exchange.charted import GRADES, Charted, Entity, Link, charted, evidence_lines, grades
from osint.graph.exchange.kinds import BASES, NO_BASIS, i2_type
from osint.graph.exchange.xml import DECLARATION, attribute

if TYPE_CHECKING:
    from osint.graph.association import Network

MOST_CARDS = 20

_LISTS = ("GradeOne", "GradeTwo", "GradeThree")
_NO_GRADE = "-"  # the entry at index 0, which an item without an index would have
_TYPES = {"integer": "AttNumber", "double": "AttNumber", "boolean": "AttFlag", "instant": "AttTime"}
_SOURCE = "Open source"


def anx(network: Network, ledger_entries: Mapping[str, int] | None = None) -> bytes:
    """Return the ANX file of a graph.

    Args:
        network: Graph to write.
        ledger_entries: Ledger entry of each exhibit number, for the cards.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be carried.
    """
    return _Writer(charted(network), ledger_entries or {}).file()


class _Writer:
    """Numbers the parts of one chart, since every ``Id`` stands once in the file."""

    def __init__(self, chart: Charted, entries: Mapping[str, int]) -> None:
        self.chart = chart
        self.entries = entries
        self.links = [link for link in chart.links if link.source.id != link.target.id]
        self.loops = [link for link in chart.links if link.source.id == link.target.id]
        self.last = 0
        self.scales = [_scale(part, [*chart.entities, *chart.links]) for part in GRADES]
        self.strengths = {basis.i2_strength: self._id() for basis in (*BASES.values(), NO_BASIS)}
        self.attributes = {name: (self._id(), kind) for name, kind in _attribute_types(chart).items()}
        self.entity_types = {name: self._id() for name in _used(i2_type(each.known) for each in chart.entities)}
        self.link_types = {name: self._id() for name in _used(link.relation.capitalize() for link in self.links)}
        self.connection = self._id()

    def _id(self) -> str:
        self.last += 1
        return f"ID{self.last}"

    def file(self) -> bytes:
        lines = [
            f"{DECLARATION}<Chart>",
            '<ApplicationVersion Major="9" Minor="0" Point="0" Build="0"/>',
            *self._grade_lists(),
            *_within("SourceHints", _within("StringCollection", [self._string(_SOURCE)])),
            *_within("StrengthCollection", self._strengths()),
            *_within("AttributeClassCollection", self._classes()),
            *_within("EntityTypeCollection", self._entity_types()),
            *_within(
                "LinkTypeCollection", (_tag("LinkType", Id=id_, Name=name) for name, id_ in self.link_types.items())
            ),
            *_within("Summary", self._summary()),
            *_within("ChartItemCollection", self._items()),
            *_within("ConnectionCollection", self._connections()),
            "</Chart>\n",
        ]
        return "\n".join(lines).encode()

    def _grade_lists(self) -> Iterator[str]:
        for name, scale in zip(_LISTS, self.scales, strict=True):
            yield from _within(name, _within("StringCollection", map(self._string, scale)))

    def _string(self, text: str) -> str:
        return _tag("String", Id=self._id(), Text=text)

    def _strengths(self) -> Iterator[str]:
        for basis in (*BASES.values(), NO_BASIS):
            yield _tag("Strength", Id=self.strengths[basis.i2_strength], Name=basis.i2_strength, DotStyle=basis.i2_dots)

    def _classes(self) -> Iterator[str]:
        for name, (id_, kind) in self.attributes.items():
            known = {"IsUser": "true", "UserCanAdd": "true", "UserCanRemove": "true", "ShowValue": "false"}
            yield _tag("AttributeClass", Id=id_, Name=name, Type=kind, **known)

    def _entity_types(self) -> Iterator[str]:
        icons = {i2_type(each.known): each.kind.i2_icon for each in self.chart.entities}
        for name, id_ in self.entity_types.items():
            yield _tag("EntityType", Id=id_, Name=name, IconFile=icons[name])

    def _summary(self) -> Iterator[str]:
        told = "; ".join(f"{name}: {cell}" for name, cell in self.chart.about.items())
        yield from _within("FieldCollection", [_tag("Field", Type="SummaryFieldComments", Field=told)] if told else [])

    def _items(self) -> Iterator[str]:
        for number, entity in enumerate(self.chart.entities, 1):
            yield from self._entity(entity, number)
        for link in self.links:
            yield from self._link(link)

    def _entity(self, entity: Entity, number: int) -> Iterator[str]:
        x, y = entity.place
        name = i2_type(entity.known)
        yield self._item(entity.known, entity.label)
        yield _open("End", X=x, Y=y, Z=0)
        yield _open("Entity", EntityId=number, Identity=entity.key, LabelIsIdentity="false")
        yield f"<Icon>{_tag('IconStyle', Type=name, EntityTypeReference=self.entity_types[name])}</Icon>"
        own = [card for link in self.loops if link.source.id == entity.id for card in self._loop_cards(link)]
        yield from _within("CardCollection", [*self._cards(entity.known), *own])
        yield "</Entity></End>"
        yield from self._cells(entity.cells)
        yield "</ChartItem>"

    def _link(self, link: Link) -> Iterator[str]:
        relation = link.relation.capitalize()
        ends = {"End1Id": link.source.id, "End2Id": link.target.id}
        numbers = {name: int(id_[1:]) + 1 for name, id_ in ends.items()}
        yield self._item(link.known, link.label)
        yield _open("Link", ConnectionReference=self.connection, **numbers)
        yield from _within("CardCollection", self._cards(link.known))
        yield _tag(
            "LinkStyle",
            Strength=link.basis.i2_strength,
            ArrowStyle="ArrowOnHead",
            Type=relation,
            LinkTypeReference=self.link_types[relation],
        )
        yield "</Link>"
        yield from self._cells(link.cells)
        yield "</ChartItem>"

    def _item(self, known: Mapping[str, Any], label: str) -> str:
        exhibits = [written(str(exhibit)) for exhibit in known.get("exhibits", ())]
        source = {"SourceReference": shortened(exhibits), "SourceType": _SOURCE} if exhibits else {}
        return _open("ChartItem", Id=self._id(), Label=label, **_date(known), **source, **self._grades(known))

    def _grades(self, known: Mapping[str, Any]) -> dict[str, int]:
        """Return the index of each grade in its list."""
        given = grades(known)
        return {
            f"{name}Index": scale.index(given.get(part, _NO_GRADE))
            for name, part, scale in zip(_LISTS, GRADES, self.scales, strict=True)
        }

    def _cards(self, known: Mapping[str, Any]) -> Iterator[str]:
        lines = list(evidence_lines(known, self.entries))
        for exhibit, text in lines[:MOST_CARDS]:
            yield self._card(f"Exhibit {exhibit}", exhibit, text)
        rest = [exhibit for exhibit, _ in lines[MOST_CARDS:]]
        if rest:
            yield self._card(f"and {len(rest)} more exhibits", shortened(rest), "; ".join(rest))

    def _loop_cards(self, link: Link) -> Iterator[str]:
        summary = f"{link.label}, to itself, {link.basis.i2_strength.lower()}"
        yield self._card(summary, shortened(link.exhibits), "; ".join(link.exhibits))

    def _card(self, summary: str, reference: str, text: str) -> str:
        none = {f"{name}Index": 0 for name in _LISTS}
        return _tag("Card", Summary=summary, **none, SourceReference=reference, SourceType=_SOURCE, Text=text)

    def _cells(self, cells: Mapping[str, str]) -> Iterator[str]:
        yield from _within(
            "AttributeCollection",
            (
                _tag(
                    "Attribute",
                    AttributeClass=name,
                    AttributeClassReference=self.attributes[name][0],
                    Value=cell if self.attributes[name][1] != "AttTime" else _time(cell),
                )
                for name, cell in cells.items()
                if name in self.attributes
            ),
        )

    def _connections(self) -> Iterator[str]:
        """Parallel links stay apart, each with its own exhibits."""
        if self.links:
            style = _tag("ConnectionStyle", Multiplicity="MultiplicityMultiple")
            yield f"{_open('Connection', Id=self.connection)}{style}</Connection>"


def _scale(part: str, items: Iterable[Entity | Link]) -> list[str]:
    return [_NO_GRADE, *sorted({grades(item.known)[part] for item in items if part in grades(item.known)})]


def _attribute_types(chart: Charted) -> dict[str, str]:
    """Return one type per class name, over entities and links; what fits no type of Analyst's Notebook is text."""
    types: dict[str, str] = {}
    for columns, items in ((chart.entity_columns, chart.entities), (chart.link_columns, chart.links)):
        for column in columns:
            kind = _attribute_type(column, items)
            types[column.name] = kind if types.get(column.name, kind) == kind else "AttText"
    return {name: kind for name, kind in types.items() if name not in ("key", "label")}


def _attribute_type(column: Column, items: Sequence[Entity] | Sequence[Link]) -> str:
    kind = _TYPES.get(column.type, "AttText")
    cells = [item.cells[column.name] for item in items if column.name in item.cells]
    if column.type == "double" and not all(isfinite(float(cell)) for cell in cells):
        return "AttText"
    return kind


def _used(names: Iterable[str]) -> list[str]:
    return sorted(set(names))


def _date(known: Mapping[str, Any]) -> dict[str, str]:
    first = known.get("first")
    return {"DateTime": _moment(first), "DateSet": "true", "TimeSet": "true"} if isinstance(first, datetime) else {}


def _time(cell: str) -> str:
    return _moment(datetime.fromisoformat(cell))


def _moment(instant: datetime) -> str:
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


def _within(name: str, lines: Iterable[str]) -> list[str]:
    """Return an element around others; without any it is left out."""
    inner = list(lines)
    return [f"<{name}>", *inner, f"</{name}>"] if inner else []


def _tag(name: str, **known: object) -> str:
    return _open(name, **known).removesuffix(">") + "/>"


def _open(name: str, **known: object) -> str:
    attributes = "".join(f' {key}="{attribute(str(value))}"' for key, value in known.items())
    return f"<{name}{attributes}>"
