"""Excel: a workbook of the nodes and the edges in which every cell is text, so that nothing in it is a formula.

Identifiers keep their zeros and phone numbers their plus sign; a label that starts with ``=`` is shown and not
computed. Columns that are counted with come a second time as numbers. Needs openpyxl (``osint[xlsx]``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from osint import workbook as workbooks
from osint.graph.exchange.charted import GRADES, Charted, Entity, Link, charted, count_of, grades, ground, weight_of

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from osint.graph.association import Network

_WIDTH = 24


def xlsx(network: Network) -> bytes:
    """Return the workbook of a graph: sheets ``Nodes``, ``Edges`` and ``About``.

    Raises:
        ExportError: An edge names no exhibit, an attribute cannot be carried, a sheet would be too long, or openpyxl is
            not installed.
    """
    library, chart = workbooks.openpyxl(), charted(network)
    workbooks.check_rows(max(len(chart.entities), len(chart.links)))
    workbook = library.Workbook()
    workbook.remove(workbook.worksheets[0])
    _nodes(workbook.create_sheet("Nodes"), chart)
    _edges(workbook.create_sheet("Edges"), chart)
    _about(workbook.create_sheet("About"), chart)
    return workbooks.packed(workbook)


def _nodes(sheet: Worksheet, chart: Charted) -> None:
    names = [column.name for column in chart.entity_columns]
    _row(sheet, ["type", *names, *(f"grade {part}" for part in GRADES)])
    for entity in chart.entities:
        _row(sheet, [entity.kind.i2_type, *_cells(entity, names), *_graded(entity)])
    _finish(sheet)


def _edges(sheet: Worksheet, chart: Charted) -> None:
    names = [column.name for column in chart.link_columns]
    ends = ["source", "source label", "target", "target label"]
    _row(sheet, [*ends, *names, "ground", *(f"grade {part}" for part in GRADES), "posts counted", "weight counted"])
    for link in chart.links:
        both = [link.source.key, link.source.label, link.target.key, link.target.label]
        _row(sheet, [*both, *_cells(link, names), ground(link.known), *_graded(link)])
        for column, number in ((1, count_of(link.known)), (2, weight_of(link.known))):
            cell = sheet.cell(sheet.max_row, len(both) + len(names) + 1 + len(GRADES) + column)
            cell.value = number
    _finish(sheet)


def _about(sheet: Worksheet, chart: Charted) -> None:
    _row(sheet, ["what", "value"])
    facts = {
        "nodes": str(len(chart.entities)),
        "edges": str(len(chart.links)),
        **chart.about,
        "note": "An association is not guilt: an edge says what posts show, and nothing about why.",
    }
    for name, fact in facts.items():
        _row(sheet, [name, fact])
    _finish(sheet)


def _cells(item: Entity | Link, names: Sequence[str]) -> list[str]:
    return [item.cells.get(name, "") for name in names]


def _graded(item: Entity | Link) -> list[str]:
    given = grades(item.known)
    return [given.get(part, "") for part in GRADES]


def _row(sheet: Worksheet, cells: Sequence[str]) -> None:
    row = sheet.max_row + 1 if sheet.max_row > 1 or sheet.cell(1, 1).value is not None else 1
    for column, text in enumerate(cells, 1):
        workbooks.put_text(sheet.cell(row, column), text)


def _finish(sheet: Worksheet) -> None:
    workbooks.set_widths(sheet, [_WIDTH] * sheet.max_column)
