"""Decisions about a filing, read from a table that a person wrote: no identifier stands in a shell's history."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from osint.errors import ExportError
from osint.media.masked_picture import Box
from osint.production.filing.decided import Redaction

COLUMNS = ("kind", "reason", "text", "exhibit", "page", "boxes", "shown")


def read_redactions(path: Path) -> tuple[Redaction, ...]:
    """Return the decisions of a CSV file in UTF-8, a row each, with columns of :data:`COLUMNS`; most may be left out.

    Rectangles are ``left,top,width,height``, several of them divided by semicolons.

    Raises:
        ExportError: It cannot be read, has other columns, or a number in it is none. No cell is shown.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            strange = set(rows.fieldnames or ["nothing"]) - set(COLUMNS)
            if strange:
                raise ExportError(f"{path.name} has other columns than {', '.join(COLUMNS)}. Nothing was written.")
            return tuple(_read(row, number) for number, row in enumerate(rows, 1))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ExportError(f"{path.name} cannot be read as a CSV file in UTF-8. Nothing was written.") from error


def _read(row: Mapping[str, str | None], number: int) -> Redaction:
    said = {name: (row.get(name) or "").strip() for name in COLUMNS}
    try:
        boxes = tuple(_box(each) for each in said["boxes"].split(";") if each.strip())
        page = int(said["page"] or 0)
    except ValueError as error:
        raise ExportError(f"Row {number}: a page is a number, and a rectangle is LEFT,TOP,WIDTH,HEIGHT.") from error
    texts = {name: said[name] for name in COLUMNS if name not in ("page", "boxes")}
    return Redaction(page=page, boxes=boxes, **texts)


def _box(text: str) -> Box:
    left, top, width, height = map(int, text.split(","))
    return left, top, width, height
