"""Workbooks for Excel in which a text is a text: nothing in it is a formula, and no number loses its zeros.

Needs openpyxl (``osint[xlsx]``).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from osint.errors import ExportError

if TYPE_CHECKING:
    from openpyxl import Workbook

ROWS: Final = 1_048_575
"""Rows that a sheet holds below its headings."""
_CELL = 32_767  # characters that a cell holds
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook knows no zone; a real time would make equal tables differ
_ZIPPED = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")  # openpyxl writes the present there
_FIXED = rb"\g<1>2000-01-01T00:00:00Z"


def openpyxl() -> ModuleType:
    """Return the library.

    Raises:
        ExportError: It is not installed.
    """
    try:
        return import_module("openpyxl")
    except ImportError as error:
        raise ExportError("a workbook needs openpyxl: pip install 'osint[xlsx]'. Nothing was written.") from error


def check_rows(rows: int) -> None:
    """Refuse more rows than a sheet holds.

    Raises:
        ExportError: There are more.
    """
    if rows > ROWS:
        raise ExportError("a sheet of Excel ends at 1,048,576 rows; export csv instead. Nothing was written.")


def put_text(cell: Any, text: str) -> None:
    """Put a text into a cell, as a text whatever it looks like."""
    cell.value = fitting(text)
    cell.data_type = "s"  # openpyxl takes "=..." for a formula
    cell.number_format = "@"
    cell.quotePrefix = True


def fitting(text: str) -> str:
    """Cut a text at what a cell holds; the cut is stated."""
    if len(text) <= _CELL:
        return text
    told = f" … cut, {len(text):,} characters in all; the csv has them"
    return text[: _CELL - len(told)] + told


def set_widths(sheet: Any, widths: Sequence[int]) -> None:
    """Give the columns their widths, in characters, and keep the headings in sight."""
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "A2"
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def packed(workbook: Workbook) -> bytes:
    """Return a workbook as a file, with fixed dates, so that equal tables give equal bytes."""
    workbook.properties.creator = "osint"
    workbook.properties.created = _MADE
    written = io.BytesIO()
    workbook.save(written)
    again = io.BytesIO()
    with zipfile.ZipFile(written) as made, zipfile.ZipFile(again, "w") as undated:
        for part in made.infolist():
            member = zipfile.ZipInfo(part.filename, _ZIPPED)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3
            undated.writestr(member, _MODIFIED.sub(_FIXED, made.read(part)))
    return again.getvalue()
