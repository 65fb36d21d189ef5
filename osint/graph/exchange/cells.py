"""One attribute of nodes or edges as a column of text cells: its type, what an absent cell means, and the way back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast, get_args

from osint.errors import ExportError, GraphError
from osint.instants import format_instant, parse_instant
from osint.render import visible

ColumnType = Literal["string", "integer", "double", "boolean", "instant", "json"]
Absent = Literal["never", "none", "missing"]
Record = dict[str, Any]

_CODE_POINT = re.compile("⟨U\\+([0-9A-F]{4,6})⟩")
_LOOKS_WRITTEN = re.compile("⟨(?=U\\+[0-9A-F]{4,6}⟩)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_LONG = range(-(2**63), 2**63)


@dataclass(frozen=True)
class Column:
    """One attribute of all nodes or all edges.

    Attributes:
        name: Name of the attribute; ``key`` is the node key or the edge key.
        type: ``instant`` is RFC 3339 in UTC, ``json`` is for lists and for values of several types.
        absent: What an absent cell stands for: None, or an attribute that this node or edge does not have.
    """

    name: str
    type: ColumnType
    absent: Absent

    @property
    def description(self) -> str:
        """What a file says about the column, for :func:`described`: ``instant; absent: none``."""
        return f"{self.type}; absent: {self.absent}"


def described(name: str, description: str | None) -> Column:
    """Return the column that a file describes.

    Raises:
        GraphError: The file has no such description, so it was not written by this package.
    """
    type_, _, absent = (description or "").partition("; absent: ")
    if type_ not in get_args(ColumnType) or absent not in get_args(Absent):
        raise GraphError(
            f"the column {name!r} is not described as this package does it ({description!r}); export again"
        )
    return Column(name, cast("ColumnType", type_), cast("Absent", absent))


def column_of(name: str, records: Sequence[Record], empty_is_absent: bool) -> Column:
    """Return the column that holds an attribute of all records.

    Raises:
        ExportError: Its name or its values are such that no exchange format carries them.
    """
    if not _NAME.match(name):
        raise ExportError(f"the attribute name {name!r} has characters that GraphML refuses; use letters, digits and _")
    values = [record[name] for record in records if name in record]
    known = [value for value in values if value is not None]
    missing, none = len(values) < len(records), len(known) < len(values)
    types = {_type_of(value) for value in known}
    if "instant" in types and types != {"instant"}:
        raise ExportError(
            f"the attribute {name!r} mixes instants with other values; use one kind. Nothing was written."
        )
    blurred = empty_is_absent and (missing or none) and "" in known
    if len(types) > 1 or (missing and none) or blurred:
        return Column(name, "json", "missing")
    return Column(name, types.pop() if types else "string", "missing" if missing else "none" if none else "never")


def _type_of(value: object) -> ColumnType:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) and value in _LONG:
        return "integer"
    for python, ours in _TYPES.items():
        if isinstance(value, python):
            return ours
    return "json"


_TYPES: dict[type, ColumnType] = {float: "double", str: "string", datetime: "instant"}


def cell_in(column: Column, record: Record) -> str | None:
    """Return the cell of a record in a column, None for an absent one.

    Raises:
        ExportError: The value would come back as something else.
    """
    if column.name not in record:
        return None
    value = record[column.name]
    if column.type == "json":
        refuse_what_json_changes(value, column.name)
        return to_json(value)
    return None if value is None else _WRITE[column.type](value)


def record_of(columns: Sequence[Column], row: Sequence[str | None]) -> Record:
    """Undo :func:`cell_in` for all cells of a row.

    Raises:
        GraphError: A cell does not hold what its column declares.
    """
    record: Record = {}
    for column, cell in zip(columns, row, strict=True):
        if cell is not None:
            record[column.name] = _read(column, cell)
        elif column.absent == "none":
            record[column.name] = None
    return record


def _read(column: Column, cell: str) -> Any:
    try:
        return _READ[column.type](cell)
    except (ValueError, KeyError) as error:
        raise GraphError(f"the column {column.name} holds {cell!r}, which is no {column.type}") from error


def _write_instant(instant: datetime) -> str:
    try:
        return format_instant(instant)
    except ValueError as error:
        raise ExportError(f"{error}; give the time its zone. Nothing was written.") from error


def _write_double(number: float) -> str:
    return repr(float(number)).replace("inf", "INF").replace("nan", "NaN")


def written(text: str) -> str:
    """Return text that any format can carry; :func:`unwritten` gives back the original, whatever it was."""
    return visible(_LOOKS_WRITTEN.sub("⟨U+27E8⟩", text))


def unwritten(text: str) -> str:
    """Undo :func:`written`."""
    return _CODE_POINT.sub(lambda match: chr(min(int(match.group(1), 16), 0x10FFFF)), text)


def to_json(value: Any) -> str:
    """Return JSON text, one line, every character spelt so that any format can carry it."""
    return written(json.dumps(value, ensure_ascii=False, allow_nan=False))


def from_json(text: str) -> Any:
    """Undo :func:`to_json`.

    Raises:
        GraphError: The text is not JSON.
    """
    try:
        return json.loads(unwritten(text))
    except ValueError as error:
        raise GraphError(f"a cell does not hold the JSON it declares: {error}") from error


def refuse_what_json_changes(value: Any, name: str) -> None:
    """Refuse a value that would come back from JSON as something else.

    Raises:
        ExportError: The value, or something in it, is not plain text, number, truth value, None, list or dict.
    """
    try:
        same = _plain(value)
    except RecursionError:
        same = False
    if not same:
        raise ExportError(
            f"the attribute {name!r} holds a {type(value).__name__} that no exchange format carries unchanged. Nothing "
            "was written: use text, numbers, instants with their zone, or lists of text and numbers, one kind per name."
        )


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_plain, value))
    if isinstance(value, dict):
        return all(isinstance(name, str) for name in value) and all(map(_plain, value.values()))
    finite = not isinstance(value, float) or abs(value) < float("inf")
    return finite and (value is None or isinstance(value, (str, int, float)))


_WRITE: dict[ColumnType, Callable[[Any], str]] = {
    "string": written,
    "integer": str,
    "double": _write_double,
    "boolean": lambda value: str(value).lower(),
    "instant": _write_instant,
}
_READ: dict[ColumnType, Callable[[str], Any]] = {
    "string": unwritten,
    "integer": int,
    "double": float,
    "boolean": {"true": True, "false": False}.__getitem__,
    "instant": parse_instant,
    "json": from_json,
}
