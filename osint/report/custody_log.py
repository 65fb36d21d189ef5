"""The custody log: every ledger entry in the order it was written, for a table, a spreadsheet and a reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from osint import render
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.instants import format_instant
from osint.report.page import page

COLUMNS = (
    "entry", "time", "action", "outcome", "exhibit", "details", "sha256", "performer", "authorization", "purpose",
    "instrument", "leaf",
)  # fmt: skip
_COUNTED = ("kind", "reason", "status", "captures", "posts", "warnings", "stop", "size", "count")
_ERASED = "(erased)"


def custody_frame(ledger: Ledger) -> pd.DataFrame:
    """Return the custody log as a table, one row for each entry, in order.

    Columns: number, UTC time at which the step began, action, outcome, exhibit taken in, details in words, SHA-256 of
    the exhibit, the person (from the newest entry that names the key), authority, purpose, instrument, leaf hash.
    """
    return pd.DataFrame(list(_rows(ledger)), columns=list(COLUMNS), dtype=pd.StringDtype()).astype({"entry": "int64"})


def custody_csv(ledger: Ledger) -> bytes:
    """Return the custody log as CSV: UTF-8, every cell quoted, cells exactly as in the ledger."""
    return custody_frame(ledger).to_csv(index=False, quoting=1, lineterminator="\r\n").encode("utf-8")


def custody_html(ledger: Ledger, title: str, verdict: str) -> bytes:
    """Return the custody log as one HTML page that needs nothing else."""
    frame = custody_frame(ledger)
    head = ledger.checkpoints()[-1:] or ["(no checkpoint yet)"]
    body = (
        render.paragraph(verdict)
        + render.heading("Newest checkpoint; compare it with the one kept elsewhere")
        + f"<pre>{render.escape_lines(head[0])}</pre>"
        + render.table(frame.drop(columns=["leaf", "sha256"]).fillna("").itertuples(index=False), COLUMNS_SHOWN)
        + render.heading("Hashes")
        + render.table(
            frame[["entry", "exhibit", "sha256", "leaf"]].fillna("").itertuples(index=False),
            ("entry", "exhibit", "SHA-256 of the exhibit", "leaf hash of the entry"),
        )
    )
    return page(title, body)


COLUMNS_SHOWN = tuple(name for name in COLUMNS if name not in ("leaf", "sha256"))


def _rows(ledger: Ledger) -> Iterator[tuple[Any, ...]]:
    people: dict[str, str] = {}
    authorities: dict[str, str] = {}
    for entry in ledger.entries():
        if "investigator" in entry.private:
            people[entry.performer] = entry.private["investigator"]
        if entry.action == "authorize":
            authorities[entry.leaf.hex()] = entry.private.get("authorization", {}).get("identifier", _ERASED)
        exhibit = entry.result[0] if entry.exhibit else {}
        yield (
            str(entry.seq),
            format_instant(entry.start_time),
            entry.action,
            entry.outcome,
            entry.exhibit,
            describe(entry),
            exhibit.get("sha256"),
            people.get(entry.performer, entry.performer),
            authorities.get(entry.authorization or ""),
            entry.purpose,
            " ".join(str(value) for value in entry.payload["instrument"].values()),
            entry.leaf.hex(),
        )


def describe(entry: Entry) -> str:
    """Return what an entry records, in words: its disclosed values and the counts that stand in clear."""
    said = [f"{name}: {_words(value)}" for name, value in entry.private.items() if name != "investigator"]
    counted = [f"{name}: {item[name]}" for item in entry.result for name in _COUNTED if name in item]
    if not entry.private and entry.payload["_sd"]:
        said = [_ERASED]
    return "; ".join(said + counted)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return str(value)
