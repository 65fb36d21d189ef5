"""CSV for the import wizard of i2 Analyst's Notebook: one file of links, one of entities.

UTF-8 with a byte order mark, a heading row, ISO dates in UTC, one line per row. In the wizard, assign each column to
the field of the same name; the identity decides which entities are one. ``Source_Reference`` is shortened to what fits
the field; ``Evidence_Ids`` holds every exhibit number. ``Grade1`` to ``Grade3`` hold what a person judged, each with
the name of its scale, and are empty without. ``Strength`` is the basis of the link: observed, derived or asserted. A
third file tells the steps of the wizard.

Analyst's Notebook allows no link from an entity to itself. What a graph holds of those stands in the column
``Self_Links`` of the entities, with its exhibits.

This follows IBM's and i2's public documents; it was not opened in Analyst's Notebook.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from osint.graph.drawing.styles import support
from osint.graph.exchange.cells import written
from osint.graph.exchange.charted import GRADES, grades, ground
from osint.graph.exchange.columns import require_exhibits
from osint.graph.exchange.kinds import BASES, basis_of, i2_type
from osint.instants import format_instant

if TYPE_CHECKING:
    from osint.graph.association import Network

LINKS, ENTITIES, RECIPE = "-anb-links.csv", "-anb-entities.csv", "-anb-recipe.txt"

LINK_COLUMNS = (
    "From_Identity",
    "From_Type",
    "From_Label",
    "To_Identity",
    "To_Type",
    "To_Label",
    "Link_Type",
    "Link_Label",
    "Direction",
    "Date",
    "Time",
    "Description",
    "Source_Reference",
    "Source_Type",
    "Grade1",
    "Grade2",
    "Grade3",
    "Weight",
    "First_Seen",
    "Last_Seen",
    "Evidence_Ids",
    "Ledger_Entry",
    "Strength",
    "Ground",
)
ENTITY_COLUMNS = (
    "Identity",
    "Type",
    "Label",
    "Platform",
    "First_Seen",
    "Last_Seen",
    "Evidence_Ids",
    "Ledger_Entry",
    "Self_Links",
    "Grade1",
    "Grade2",
    "Grade3",
)

_REFERENCE_LENGTH = 255


def anb_csv(network: Network, ledger_entries: Mapping[str, int] | None = None) -> dict[str, bytes]:
    """Return the files by the end of their names: ``-anb-links.csv``, ``-anb-entities.csv``, ``-anb-recipe.txt``.

    Args:
        network: Graph to write.
        ledger_entries: Ledger entry of each exhibit number, for the column ``Ledger_Entry``.

    Raises:
        ExportError: An edge names no exhibit.
    """
    require_exhibits(network)
    entries = ledger_entries or {}
    own = {(source, target) for source, target in network.edges() if source == target}
    links = (
        _link(network, source, target, known, entries)
        for source, target, known in network.edges(data=True)
        if (source, target) not in own
    )
    entities = (_entity(network, node, known, entries) for node, known in network.nodes(data=True))
    return {LINKS: _csv(LINK_COLUMNS, links), ENTITIES: _csv(ENTITY_COLUMNS, entities), RECIPE: _recipe().encode()}


def _link(
    network: Network, source: str, target: str, known: Mapping[str, Any], entries: Mapping[str, int]
) -> dict[str, str]:
    exhibits = known["exhibits"]
    kind, count, first = str(known.get("kind", "")), known.get("count", 1), known.get("first")
    return {
        **_end("From", source, network.nodes[source]),
        **_end("To", target, network.nodes[target]),
        "Link_Type": kind.capitalize(),
        "Link_Label": f"{kind} ({count})",
        "Direction": "Forward",
        "Date": first.strftime("%Y-%m-%d") if isinstance(first, datetime) else "",
        "Time": first.strftime("%H:%M:%S") if isinstance(first, datetime) else "",
        "Description": _described(known),
        "Source_Reference": shortened(exhibits),
        "Source_Type": "Open source",
        "Weight": str(count),
        "Strength": basis_of(known).i2_strength,
        "Ground": ground(known),
        **_grades(known),
        **_provenance(known, entries),
    }


def _described(known: Mapping[str, Any]) -> str:
    posts = "; ".join(known.get("posts", ()))
    return f"{support(known)}: {posts}" if posts else support(known)


def _entity(network: Network, node: str, known: Mapping[str, Any], entries: Mapping[str, int]) -> dict[str, str]:
    loops = [network.edges[node, node, key] for key in network.succ[node].get(node, ())]
    return {
        "Identity": node,
        "Type": i2_type(known),
        "Label": str(known.get("label", node)),
        "Platform": str(known.get("platform", "")),
        **_grades(known),
        **_provenance(known, entries),
        "Self_Links": "; ".join(
            f"{loop.get('kind', '')} ({loop.get('count', 1)}): {', '.join(loop['exhibits'])}" for loop in loops
        ),
    }


def _end(side: str, node: str, known: Mapping[str, Any]) -> dict[str, str]:
    return {f"{side}_Identity": node, f"{side}_Type": i2_type(known), f"{side}_Label": str(known.get("label", node))}


def _provenance(known: Mapping[str, Any], entries: Mapping[str, int]) -> dict[str, str]:
    exhibits = known.get("exhibits", ())
    return {
        "First_Seen": _spelt(known.get("first")),
        "Last_Seen": _spelt(known.get("last")),
        "Evidence_Ids": "; ".join(exhibits),
        "Ledger_Entry": "; ".join(str(entries[exhibit]) for exhibit in exhibits if exhibit in entries),
    }


def _grades(known: Mapping[str, Any]) -> dict[str, str]:
    given = grades(known)
    return {f"Grade{number}": given.get(part, "") for number, part in enumerate(GRADES, 1)}


def _spelt(instant: datetime | None) -> str:
    return "" if instant is None else format_instant(instant)


def shortened(exhibits: Sequence[str]) -> str:
    """Name as many exhibits as the field holds, and say how many more there are."""
    whole = "; ".join(exhibits)
    if len(whole) <= _REFERENCE_LENGTH:
        return whole
    room = _REFERENCE_LENGTH - len(f" and {len(exhibits)} more")
    shown = whole[:room].rpartition("; ")[0]
    return f"{shown} and {len(exhibits) - shown.count(';') - 1} more"


def _recipe() -> str:
    fields = "\n".join(f"   {column:17} {_FIELDS[column]}" for column in LINK_COLUMNS if column in _FIELDS)
    return _RECIPE.format(fields=fields)


_FIELDS = {
    "From_Identity": "first entity: identity",
    "From_Type": "first entity: type",
    "From_Label": "first entity: label",
    "To_Identity": "second entity: identity",
    "To_Type": "second entity: type",
    "To_Label": "second entity: label",
    "Link_Type": "link: type",
    "Link_Label": "link: label",
    "Direction": "link: direction (Forward is from the first to the second)",
    "Date": "link: date, year-month-day",
    "Time": "link: time; the zone is UTC",
    "Description": "link: description",
    "Source_Reference": "link: source reference",
    "Source_Type": "link: source type",
    "Grade1": "link: grade 1 (source)",
    "Grade2": "link: grade 2 (information)",
    "Grade3": "link: grade 3 (handling)",
    "Weight": "link: attribute, number",
    "First_Seen": "link: attribute, text",
    "Last_Seen": "link: attribute, text",
    "Evidence_Ids": "link: attribute, text; every exhibit number",
    "Ledger_Entry": "link: attribute, text",
    "Strength": f"link: strength; draw {', '.join(f'{each.i2_strength} {each.dot}' for each in BASES.values())}",
    "Ground": "link: attribute, text; the rule, or the analyst and the reason",
}

_RECIPE = """How to bring these files into i2 Analyst's Notebook

The steps follow the vendor's public documents; they were not tried in the program. Names of buttons may differ.

1. Import the file that ends in -anb-entities.csv first, so that entities without a link arrive too. Data, Import from
   file; a new import specification; text, comma separated, text in double quotes, UTF-8; the first row holds headings.
2. Choose the design with one entity. Assign Identity to identity, Type to type, Label to label, Grade1 to Grade3 to the
   grades, and every other column to an attribute of type text. Save the specification.
3. Import the file that ends in -anb-links.csv with a second specification: the design with two entities and a link.
   Assign the columns:

{fields}

4. Keep "Multiple" as the multiplicity of connections: links between the same two entities have exhibits of their own.
5. Import the columns as text wherever the program asks. Let it trim nothing: identities that differ in case differ.
6. Compare the number of entities and links that arrived with the number of rows, less one, of each file.

The identity decides which entities are one: importing a newer chart adds to an older one.
An association is not guilt: a link says what posts show, and nothing about why.
"""


def _csv(headings: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, headings, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows({name: _one_line(cell) for name, cell in row.items()} for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _one_line(cell: str) -> str:
    return written(cell).replace("\n", "⟨U+000A⟩").replace("\t", "⟨U+0009⟩")
