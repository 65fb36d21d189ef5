"""Results on stdout, as text or as one JSON document.

Whatever was captured passes :mod:`osint.render` on the way, so that it cannot steer the terminal; JSON is plain ASCII.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osint import render
from osint.cli.shell import for_the_shell

if TYPE_CHECKING:
    import pandas as pd

    from osint.collecting.run import Collected

AS_JSON = "osint.json"
ZONE = "osint.zone"
_WIDEST_CELL = 60


def wants_json() -> bool:
    return bool(click.get_current_context().meta[AS_JSON])


def print_result(text: str, data: Any) -> None:
    """Print a result in the form that was asked for. JSON is plain ASCII, so no captured byte reaches the terminal."""
    click.echo(json.dumps(plain(data)) if wants_json() else render.visible_lines(text))


def print_table(frame: pd.DataFrame, shown: Sequence[str], csv: Path | None, notes: Sequence[str] = ()) -> None:
    if locked := frame.attrs.get("locked"):
        left_out = (
            f"Left out, for it is locked: {', '.join(locked)}. It is kept; osint ratify opens what an emergency left."
        )
        click.echo(left_out, err=True)
    frame, shown = _with_local(frame, shown, machine=bool(csv) or wants_json())
    if csv:
        from osint.report.csv_tables import table_csv

        path = write(csv, table_csv(frame))
        print_result(f"{count(len(frame), 'row')}: {path}", {"file": path, "rows": len(frame)})
        return
    records = plain(frame.astype(object).where(frame.notna(), None).to_dict("records"))
    rows = [[cell(record[name]) for name in shown] for record in records]
    print_result("\n".join([render.columns([shown, *rows]), count(len(rows), "row"), *notes]), records)


def _with_local(frame: pd.DataFrame, shown: Sequence[str], *, machine: bool) -> tuple[pd.DataFrame, Sequence[str]]:
    """Put local time beside UTC, by the zone that was asked for; what people read, by that of the case as well."""
    from osint.phases.local_time import instants, local_name, with_local

    zone = click.get_current_context().meta.get(ZONE) or ("" if machine else _zone_of_the_case())
    if not zone:
        return frame, shown
    beside = {name: local_name(name, zone) for name in instants(frame)}
    names = [each for name in shown for each in (name, beside.get(name, ""))]
    return with_local(frame, zone), [name for name in names if name]


def _zone_of_the_case() -> str:
    from osint.cli.opening import ledger_path, ledger_to_read
    from osint.phases.local_time import recorded_zone

    folder = click.get_current_context().params.get("case")
    if not isinstance(folder, Path) or not ledger_path(folder).is_file():
        return ""
    with ledger_to_read(folder) as ledger:
        return recorded_zone(ledger)


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def write(path: Path, data: bytes) -> Path:
    from osint.report.files import write_whole

    return write_whole(path, data)


def cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.7g}"
    return render.shorten(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value), _WIDEST_CELL)


def plain(value: Any) -> Any:
    """Return a value as JSON has it: instants as RFC 3339, bytes as hex, what is not known as null."""
    from osint.instants import format_instant

    if isinstance(value, type):
        value = value.__name__
    elif is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    elif hasattr(value, "item"):  # a number of numpy
        value = value.item()
    elif isinstance(value, bytes):
        value = value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else str(value)


def run_text(case: Path, found: Collected) -> str:
    return for_the_shell(case, str(found))


def run_facts(found: Collected) -> dict[str, Any]:
    from osint.query import as_dict

    facts = {field.name: plain(getattr(found, field.name)) for field in fields(found) if field.name != "error"}
    return facts | {"query": as_dict(found.query), "statement": found.statement}
