"""Excel: a workbook of the nodes and the edges in which every cell is text, so that nothing in it is a formula.

Identifiers keep their zeros and phone numbers their plus sign; a label that starts with ``=`` is shown and not
computed. Columns that are counted with come a second time as numbers. Needs openpyxl (``osint[xlsx]``).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from osint.errors import ExportError
from osint.graph.exchange.charted import GRADES, Charted, Entity, Link, charted, count_of, grades, ground, weight_of

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from osint.graph.association import Network

_CELL = 32_767  # characters that a cell holds
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook knows no zone; a real time would make equal graphs differ
_ZIPPED = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")  # openpyxl writes the present there
_FIXED = rb"\g<1>2000-01-01T00:00:00Z"
_ROWS = 1_048_575


def xlsx(network: Network) -> bytes:
    """Return the workbook of a graph: sheets ``Nodes``, ``Edges`` and ``About``.

    Raises:
        ExportError: An edge names no exhibit, an attribute cannot be carried, a sheet would be too long, or openpyxl is
            not installed.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise ExportError("a workbook needs openpyxl: pip install 'osint[xlsx]'. Nothing was written.") from error
    chart = charted(network)
    if max(len(chart.entities), len(chart.links)) > _ROWS:
        raise ExportError("a sheet of Excel ends at 1,048,576 rows; export csv instead. Nothing was written.")
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    _nodes(workbook.create_sheet("Nodes"), chart)
    _edges(workbook.create_sheet("Edges"), chart)
    _about(workbook.create_sheet("About"), chart)
    workbook.properties.creator = "osint"
    workbook.properties.created = _MADE
    written_out = io.BytesIO()
    workbook.save(written_out)
    return _undated(written_out.getvalue())


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
        cell: Any = sheet.cell(row, column)
        cell.value = _fitting(text)
        cell.data_type = "s"  # openpyxl takes "=..." for a formula
        cell.number_format = "@"
        cell.quotePrefix = True


def _fitting(text: str) -> str:
    """Cut a text at what a cell holds; the cut is stated."""
    if len(text) <= _CELL:
        return text
    told = f" … cut, {len(text):,} characters in all; the csv has them"
    return text[: _CELL - len(told)] + told


def _finish(sheet: Worksheet) -> None:
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "A2"
    for column in range(1, sheet.max_column + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 24


def _undated(content: bytes) -> bytes:
    """Return the workbook with a fixed date on each part, so that equal graphs give equal bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as made, zipfile.ZipFile(packed, "w") as again:
        for part in made.infolist():
            member = zipfile.ZipInfo(part.filename, _ZIPPED)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3
            again.writestr(member, _MODIFIED.sub(_FIXED, made.read(part)))
    return packed.getvalue()
