"""Targets in bulk: a table of accounts and addresses, whose scope is checked first, with an outcome for each row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pandas as pd

from osint import render
from osint.collecting.collection import Collection
from osint.collecting.run import Collected
from osint.collecting.runs import Run
from osint.collectors import from_url, load, names
from osint.collectors.protocol import Stop
from osint.errors import AuthorizationError, CaptureError, OsintError, QueryError, SourceError
from osint.gate import Gate
from osint.query import AccountQuery, Query, as_dict, describe, make_query

COLUMNS: Mapping[str, str] = {
    "collector": "the collector; may be left out where target is an address, or an account at a host of one source",
    "target": "an account, @name@host, or an address",
    "account": "an account, as in case.collect", "thread": "as in case.collect", "url": "as in case.collect",
    "tag": "as in case.collect", "search": "as in case.collect", "host": "as in case.collect",
    "since": "as in case.collect", "until": "as in case.collect", "limit": "as in case.collect",
}  # fmt: skip
OUTCOMES: Mapping[str, str] = {
    "row": "number of the row, from 1",
    "collector": "the collector that was taken",
    "asked": "what was asked, or the text of the row where that cannot be read",
    "outcome": "why the run ended, as in case.collect; or refused, unreadable, failed, done earlier, not asked",
    "captures": "number of captures",
    "posts": "number of posts",
    "run": "the run, run-14",
    "detail": "the reason, in words",
}
_SPREADSHEETS = (".xlsx", ".xlsm")


@dataclass(frozen=True, kw_only=True)
class Target:
    """One row of the table: what it asks for, or why it cannot be read."""

    row: int
    text: str
    collector: str = ""
    query: Query | None = None
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class CollectedMany:
    """What came of a table of targets; ``outcomes`` has a row for each, with the columns of :data:`OUTCOMES`."""

    outcomes: pd.DataFrame

    def __str__(self) -> str:
        counts = self.outcomes["outcome"].value_counts().sort_index()
        told = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
        rows = [
            f"{row['row']}. {row['outcome']}: {row['collector']} {row['asked']}" + _indented(row["detail"])
            for row in self.outcomes.to_dict("records")
        ]
        posts = self.outcomes["posts"].sum()
        return render.visible_lines("\n".join([f"{len(rows)} targets ({told or 'none'}); {posts} posts", *rows]))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.headed_bundle(str(self))

    __repr__ = __str__


def read_targets(table: pd.DataFrame | str | Path) -> list[Target]:
    """Return the rows of a DataFrame, a CSV file (UTF-8) or a spreadsheet (its first sheet; extra ``osint[xlsx]``).

    Rows without any text are left out. A row that cannot be read says why, and costs no other.

    Raises:
        QueryError: The file cannot be read, or its columns are not those of :data:`COLUMNS`.
    """
    frame = table if isinstance(table, pd.DataFrame) else _read_file(Path(table))
    frame = frame.rename(columns=lambda name: str(name).strip().casefold())
    strange = [name for name in frame.columns if name not in COLUMNS]
    if strange or frame.columns.empty or not frame.columns.is_unique:
        raise QueryError(
            f"The table of targets has columns that are unknown, missing or doubled ({', '.join(strange) or 'none'}). "
            f"There are: {', '.join(COLUMNS)}. Nothing was asked of any host."
        )
    rows = (
        {str(name): text for name, value in row.items() if (text := _text(value))} for row in frame.to_dict("records")
    )
    return [_target(number, row) for number, row in enumerate(rows, 1) if row]


def _read_file(path: Path) -> pd.DataFrame:
    try:
        if path.suffix.casefold() in _SPREADSHEETS:
            return pd.read_excel(path, dtype=object)
        return pd.read_csv(path, dtype=str, keep_default_na=False, sep=_separator(path), encoding="utf-8-sig")
    except ImportError as error:
        raise QueryError(f"{path.name} is a spreadsheet: pip install 'osint[xlsx]', or save it as CSV.") from error
    except Exception as error:  # the readers of pandas raise whatever their parsers do
        raise QueryError(
            f"The targets in {path.name} cannot be read ({error}). Nothing was asked of any host."
        ) from error


def _separator(path: Path) -> str:
    """Return what parts the columns, as the first line tells: office programs write semicolons in many countries."""
    with path.open(encoding="utf-8-sig") as lines:
        first = lines.readline()
    return max(",;\t", key=first.count)


def _text(value: object) -> str:
    """Return a cell as text; a day that a spreadsheet keeps as an instant loses its midnight."""
    if pd.isna(cast("Any", value)):
        return ""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(cast("float", value)) if whole else value).strip().removesuffix(" 00:00:00")


def _target(number: int, row: Mapping[str, str]) -> Target:
    text = " ".join(f"{name}={value}" for name, value in row.items())
    try:
        collector, query = _asked(dict(row))
    except (QueryError, ValueError) as error:
        return Target(row=number, text=text, collector=row.get("collector", ""), problem=str(error))
    return Target(row=number, text=text, collector=collector, query=query)


def _asked(row: dict[str, Any]) -> tuple[str, Query]:
    collector, target = row.pop("collector", ""), row.pop("target", "")
    if "limit" in row:
        row["limit"] = int(row["limit"].removesuffix(".0"))
    if "://" in target:
        found, query = from_url(target, **row)
        if collector in ("", found):
            return found, query
        row["url"] = target
    elif target:
        row["account"] = target
    query = make_query(**row)
    if collector:
        load(collector)
    return collector or _collector_at(query), query


def _collector_at(query: Query) -> str:
    """Return the collector whose accounts are at the host of a query.

    Raises:
        QueryError: No source is known by that host alone.
    """
    found = next((name for name in names() if query.host and load(name).MANIFEST.home == query.host), None)
    if found is None or not isinstance(query, AccountQuery):
        raise QueryError("Which collector is meant? Any host may keep this: name it in the column collector.")
    return found


def collect_many(
    collection: Collection,
    gate: Gate,
    targets: list[Target],
    *,
    again: bool,
    shown: Callable[[Iterable[Target]], Iterator[Target]] = iter,
) -> CollectedMany:
    """Collect each target in turn: those out of scope are refused first, before any host is asked.

    Args:
        collection: Collects.
        gate: Decides.
        targets: The rows.
        again: Ask again for what an equal run has finished; without it such a row is done, and one whose run was
            interrupted goes on from there.
        shown: Shows how far it is.
    """
    outcomes = {target.row: _refusal(collection, gate, target) for target in targets}
    waiting = [target for target in targets if outcomes[target.row] is None]
    earlier = {} if again else _earlier(collection.runs())
    for target in shown(waiting):
        outcome = _collect(collection, gate, target, earlier)
        outcomes[target.row] = outcome
        if outcome["outcome"] == Stop.CANCELLED:
            break
    unasked = {"outcome": "not asked", "detail": "The table was cancelled before its turn."}
    rows = [_row(target, outcomes[target.row] or unasked) for target in targets]
    frame = pd.DataFrame(rows, columns=list(OUTCOMES))
    return CollectedMany(outcomes=frame.astype({"captures": "Int64", "posts": "Int64"}))


def _refusal(collection: Collection, gate: Gate, target: Target) -> dict[str, Any] | None:
    """Return the outcome of a row that asks nothing of any host; None for one that may be asked."""
    if target.query is None:
        return {"outcome": "unreadable", "detail": target.problem}
    if gate.judge(target.query).allowed:
        return None
    try:
        collection.collect(target.collector, target.query)
    except AuthorizationError as refused:
        return {"outcome": "refused", "detail": str(refused)}
    except QueryError as error:
        return {"outcome": "unreadable", "detail": str(error)}
    return None


def _collect(
    collection: Collection, gate: Gate, target: Target, earlier: Mapping[tuple[str, str], Run]
) -> dict[str, Any]:
    assert target.query is not None
    run = earlier.get((target.collector, _spelt(gate.judge(target.query).query or target.query)))
    if run is not None and not run.may_go_on:
        return {"outcome": "done earlier", "run": run.id, "detail": f"It ended with {run.stop}; 'again' asks anew."}
    try:
        found = collection.resume(run.id) if run else collection.collect(target.collector, target.query)
    except QueryError as error:
        return {"outcome": "unreadable", "detail": str(error)}
    except AuthorizationError as refused:  # before it began, or on the way
        return _told(refused.result, refused) if refused.result else {"outcome": "refused", "detail": str(refused)}
    except (SourceError, CaptureError) as error:
        return _told(error.result, error)
    except OsintError as error:
        return {"outcome": "failed", "detail": str(error)}
    return _told(found, None)


def _told(found: Any, error: OsintError | None) -> dict[str, Any]:
    if not isinstance(found, Collected):
        return {"outcome": "failed", "detail": str(error)}
    return {
        "outcome": str(found.stop),
        "captures": found.captures,
        "posts": found.posts,
        "run": found.run,
        "detail": found.detail or found.statement,
    }


def _earlier(runs: Iterable[Run]) -> dict[tuple[str, str], Run]:
    """Return the newest run of each question."""
    return {(run.collector, _spelt(run.query)): run for run in runs if run.continued_by is None}


def _spelt(query: Query) -> str:
    return json.dumps(as_dict(query), sort_keys=True)


def _row(target: Target, outcome: Mapping[str, Any]) -> dict[str, Any]:
    asked = describe(target.query) if target.query else target.text
    told = {"row": target.row, "collector": target.collector, "asked": asked, "captures": 0, "posts": 0, "run": ""}
    return {**told, **outcome}


def _indented(detail: str) -> str:
    return f" ({' '.join(detail.split())})" if detail else ""
