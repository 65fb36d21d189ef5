"""Tables that leave a case as a spreadsheet: for Excel, or as CSV, with a sheet that says where they come from.

A text is a text, whatever it looks like. An instant stands twice: as text with its zone, and as a date of Excel, which
knows no zone; and a third time by the clocks of the case's zone where one was recorded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osint import render
from osint import workbook as workbooks
from osint.chain_of_custody.checkpoint import parse
from osint.chain_of_custody.ledger import Ledger
from osint.errors import ExportError
from osint.gate import Gate
from osint.instants import format_instant
from osint.phases.leaving import Leaving
from osint.report.files import plain_name, write_whole

if TYPE_CHECKING:
    import pandas as pd

_MOST_DIGITS = 10**15  # a larger number would lose its last digits in Excel
_WIDTHS = {"content": 60, "snippet": 60, "says": 60, "note": 40, "url": 40, "id": 36}
_WIDTH = 20


@dataclass(frozen=True)
class Exporting:
    """The way out of a case for one table.

    Attributes:
        name: Of the case's folder.
        ledger: Its ledger.
        gate: Its gate.
        leaving: Its way out.
        by: Who works on it.
        zone: The zone recorded for it; empty where none was.
    """

    name: str
    ledger: Ledger
    gate: Gate
    leaving: Leaving
    by: str
    zone: str

    def table(self, frame: pd.DataFrame, path: Path, title: str) -> Path:
        """Write a table, log that it left, and return the file.

        Raises:
            ExportError: The name ends in neither ``.xlsx`` nor ``.csv``, openpyxl is not installed, a sheet would be
                too long, or the file cannot be written.
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
            AuthorizationError: Something of it is locked, or was collected in an emergency that nobody has ratified.
        """
        name, kind = plain_name(path.name), path.suffix.lower()
        if kind not in _WRITTEN:
            raise ExportError(f"{path.name} ends in neither .xlsx nor .csv; nothing was written.")
        self.leaving.check({"file": name, "title": title})
        self.gate.check_shown(sorted(_exhibits(frame)))
        about = self._about(frame, title)
        written = _WRITTEN[kind](frame, about, self.zone)
        files = {path.with_name(path.stem + ending): content for ending, content in written.items()}
        for each, content in files.items():
            self.leaving.guard().check_bytes(each.name, content)
        said = {"files": [each.name for each in files], "title": title,
                "sha256": [sha256(content).hexdigest() for content in files.values()]}  # fmt: skip
        self.gate.log("export", private=said, result=[{"kind": "table", "count": len(frame)}])
        for each, content in files.items():
            write_whole(each, content)
        return path

    def _about(self, frame: pd.DataFrame, title: str) -> dict[str, str]:
        """Return where a table comes from: the case, its head, its evidence, and what is left out."""
        exhibits = "".join(f"{each.number} {each.sha256}\n" for each in self.ledger.exhibits())
        heads = self.ledger.checkpoints()
        head = parse(heads[-1]) if heads else None
        locked = frame.attrs.get("locked", ())
        return {
            "case": self.name,
            "table": title,
            "rows": str(len(frame)),
            "made": format_instant(self.gate.present),
            "made by": self.by,
            "ledger": self.ledger.origin,
            "newest head": f"{head.size} entries, root {head.root.hex()}" if head else "none",
            "exhibits": str(exhibits.count("\n")),
            "SHA-256 of their list": f"{sha256(exhibits.encode()).hexdigest()} (lines of number, space, SHA-256)",
            "left out, for it is locked": ", ".join(locked) or "nothing",
            "zone beside UTC": self.zone or "none was recorded",
            "note": "Derived from the evidence, which alone is authoritative. Characters that hide or reorder text are "
            "spelt as ⟨U+202E⟩ in a workbook; the csv has them as they are.",
        }


def table_workbook(frame: pd.DataFrame, about: Mapping[str, str], zone: str = "") -> bytes:
    """Return a table as a workbook: the sheets ``Table`` and ``About``; equal tables give equal bytes.

    Args:
        frame: Any table of a case.
        about: What the second sheet says, by name.
        zone: The zone whose clocks are shown beside UTC; empty for none.

    Raises:
        ExportError: There are more rows than a sheet holds, or openpyxl is not installed.
        CaseError: There is no such zone.
    """
    from openpyxl.cell import WriteOnlyCell

    from osint.phases.local_time import with_local

    workbooks.check_rows(len(frame))
    workbook = workbooks.openpyxl().Workbook(write_only=True)
    shown = with_local(frame, zone) if zone else frame
    columns = [column for name in shown.columns for column in _columns(shown, str(name))]
    sheet = workbook.create_sheet("Table")
    workbooks.set_widths(sheet, [column.width for column in columns])
    cells = [WriteOnlyCell(sheet) for _ in columns]
    _append_texts(sheet, cells, [column.heading for column in columns])
    prepared = [WriteOnlyCell(sheet) for _ in columns]
    for row in zip(*(column.values for column in columns), strict=True):
        for cell, value, column in zip(prepared, row, columns, strict=True):
            column.put(cell, value)
        sheet.append(prepared)
    told = workbook.create_sheet("About")
    workbooks.set_widths(told, (28, 100))
    pair = [WriteOnlyCell(told), WriteOnlyCell(told)]
    for name, value in {"what": "value", **about}.items():
        _append_texts(told, pair, [name, value])
    return workbooks.packed(workbook)


@dataclass(frozen=True)
class _Column:
    """A column of the sheet: its heading, its width, its values, and how one is put into a cell."""

    heading: str
    width: int
    values: Sequence[Any]
    put: Callable[[Any, Any], None]


def _columns(frame: pd.DataFrame, name: str) -> list[_Column]:
    """Return a column as it stands in the sheet; an instant as text, and once more as a date."""
    values, dtype = frame[name].astype(object).where(frame[name].notna(), None).tolist(), str(frame[name].dtype)
    if dtype.startswith("datetime64["):
        instants = [None if each is None else each.to_pydatetime() for each in values]
        texts = [None if each is None else format_instant(each) for each in instants]
        dates = [None if each is None else each.replace(tzinfo=None) for each in instants]
        return [_Column(name, 26, texts, _put_text), _Column(f"{name} (date, UTC)", 20, dates, _put_date)]
    put = _put_number if dtype.lower().startswith(("int", "uint", "float", "bool")) else _put_text
    return [_Column(name, _WIDTHS.get(name, _WIDTH), values, put)]


def _put_text(cell: Any, value: Any) -> None:
    if value is None:
        cell.value = None
    else:
        workbooks.put_text(cell, render.visible_lines(_spelt(value)))


def _put_number(cell: Any, value: Any) -> None:
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, int | float) and abs(plain) >= _MOST_DIGITS:
        _put_text(cell, plain)
    else:
        cell.value = plain


def _put_date(cell: Any, value: datetime | None) -> None:
    cell.value = value
    cell.number_format = "yyyy-mm-dd hh:mm:ss"


def _spelt(value: Any) -> str:
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return str(value)


def _append_texts(sheet: Any, cells: Sequence[Any], texts: Sequence[str]) -> None:
    for cell, text in zip(cells, texts, strict=True):
        _put_text(cell, text)
    sheet.append(cells)


def _as_workbook(frame: pd.DataFrame, about: Mapping[str, str], zone: str) -> dict[str, bytes]:
    return {".xlsx": table_workbook(frame, about, zone)}


def _as_csv(frame: pd.DataFrame, about: Mapping[str, str], zone: str) -> dict[str, bytes]:
    """Return the table, with every cell as it is, and the sheet about it as a second file."""
    from osint.phases.local_time import with_local
    from osint.report.csv_tables import Sheet, table_csv

    told = Sheet(("what", "value"), list(about.items())).csv()
    return {".csv": table_csv(with_local(frame, zone) if zone else frame), ".about.csv": told}


_WRITTEN: Mapping[str, Callable[[pd.DataFrame, Mapping[str, str], str], dict[str, bytes]]] = {
    ".xlsx": _as_workbook,
    ".csv": _as_csv,
}


def _exhibits(frame: pd.DataFrame) -> set[str]:
    """Return the exhibits that a table names in its columns ``exhibit`` and ``exhibits``."""
    one = {str(each) for each in frame["exhibit"].dropna()} if "exhibit" in frame else set()
    return one.union(*frame["exhibits"]) if "exhibits" in frame else one
