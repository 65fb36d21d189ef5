"""Tables as CSV, in two ways: as data, with every cell as it is, and as a sheet that people open by a double click.

Both are UTF-8 with every cell quoted and CRLF at the end of each row (RFC 4180).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_AT_ONCE = 1000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def table_csv(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV: UTF-8, every cell quoted, lists and records as JSON, instants as RFC 3339."""
    nested = [name for name, dtype in frame.dtypes.items() if str(dtype) == "object"]
    flat = frame.assign(**{str(name): frame[name].map(_cell) for name in nested})
    text = flat.to_csv(index=False, quoting=1, lineterminator="\r\n", date_format="%Y-%m-%dT%H:%M:%S.%fZ")
    return text.encode("utf-8", "surrogatepass")


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, list | dict) else value


def rows_csv(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield rows as CSV, some at a time: UTF-8, every cell quoted and as it is, nothing where it is None."""
    rest = iter(rows)
    while chunk := list(islice(rest, _AT_ONCE)):
        written = io.StringIO(newline="")
        csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(chunk)
        yield written.getvalue().encode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class Sheet:
    """A table of texts.

    Attributes:
        headings: One for each column.
        rows: In order. Of a table that is as long as a ledger they are made as it is written, and read once.
    """

    headings: Sequence[str]
    rows: Iterable[Sequence[object]]

    def csv(self) -> bytes:
        """Return it as CSV: UTF-8, every cell quoted, CRLF, nothing in it a formula."""
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """Yield that CSV some rows at a time."""
        return rows_csv([inert(str(cell)) for cell in row] for row in chain([self.headings], self.rows))


def plain(cell: str) -> str:
    """Return the text of a cell that :func:`inert` may have put behind an apostrophe."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def inert(text: str) -> str:
    """Return a text as a cell has it: behind an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
