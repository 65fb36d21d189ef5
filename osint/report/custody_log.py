"""The custody log: every ledger entry in the order it was written, for a table, a spreadsheet and a reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from osint import render
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.instants import format_instant
from osint.report.page import page, table
from osint.report.page import verdict as verdict_lines

COLUMNS = (
    "entry", "time", "action", "outcome", "exhibit", "details", "sha256", "performer", "authorization", "purpose",
    "instrument", "leaf",
)  # fmt: skip
_COUNTED = ("kind", "reason", "status", "captures", "posts", "warnings", "stop", "size", "count")
_SAID = (
    "investigator", "network", "authorization", "leads", "exhibit", "query", "url", "attachments", "folder", "files",
    "file", "reason", "reasons", "detail",
)  # fmt: skip
_ERASED = "(erased)"
_SHOWN_OF_KEY = 16


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
        verdict_lines(verdict)
        + render.heading("Newest checkpoint; compare it with the one kept elsewhere")
        + f"<pre>{render.escape_lines(head[0])}</pre>"
        + table(frame[list(COLUMNS_SHOWN)].fillna("").itertuples(index=False), COLUMNS_SHOWN)
        + render.heading("Hashes and instruments")
        + table(
            frame[["entry", "exhibit", "sha256", "leaf", "instrument"]].fillna("").itertuples(index=False),
            ("entry", "exhibit", "SHA-256 of the exhibit", "leaf hash of the entry", "instrument"),
        )
    )
    return page(title, body)


COLUMNS_SHOWN = tuple(name for name in COLUMNS if name not in ("leaf", "sha256", "instrument"))


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
    """Return what an entry records, in words: its disclosed values and the counts that stand in clear.

    The order is that of ``_SAID``, then by name: what was asked stands before why it was refused.
    """
    names = [*(name for name in _SAID if name in entry.private), *sorted(entry.private.keys() - set(_SAID))]
    said = [f"{name}: {_words(entry.private[name])}" for name in names]
    keys = [_key(item) for item in entry.object if "key" in item]
    counted = [f"{name}: {item[name]}" for item in entry.result for name in _COUNTED if name in item]
    if not entry.private and entry.payload["_sd"]:
        said = [_ERASED]
    return "; ".join(said + keys + counted)


def _key(item: Mapping[str, Any]) -> str:
    return f"{item.get('role', 'signing')} key {item['key'][:_SHOWN_OF_KEY]}… {item.get('basis', '')}".rstrip()


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return str(value)
