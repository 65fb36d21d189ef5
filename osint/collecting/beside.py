"""What decides beside the bytes how answers are read, a site's profile for one: kept in the ledger with each exhibit.

It stands in the private values of the entry that took the exhibit in. A run that is read again takes it from there, and
not from what the folder of this machine holds on that day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from osint.capture.exchange import Capture
from osint.chain_of_custody.entry import Entry
from osint.collectors.protocol import Manifest
from osint.instants import parse_instant
from osint.query import Query

_KEPT = "profile"
_NO_INSTANT = parse_instant("1970-01-01T00:00:00Z")  # a file of this machine was captured at none


def beside_now(manifest: Manifest, query: Query, on: date) -> tuple[Capture, ...]:
    """Return what decides on a day how the answers to a query are read."""
    told = manifest.profile(query, on) if manifest.profile else None
    return _captures({"file": told[0], "text": told[1]}) if told else ()


def kept_beside(entries: Iterable[Entry], searches: Collection[str]) -> tuple[Capture, ...]:
    """Return what was kept with the exhibits of a run.

    Args:
        entries: Entries of the ledger.
        searches: Leaf hashes of the entries that allowed the run, and those that it went on with, hex.
    """
    of_run = (entry for entry in entries if entry.action == "acquire" and not set(searches).isdisjoint(entry.refs))
    kept = next((entry.private[_KEPT] for entry in of_run if _KEPT in entry.private), None)
    return _captures(kept) if kept else ()


def told_of(beside: tuple[Capture, ...]) -> Mapping[str, Any]:
    """Return what the entry of each exhibit says of it, in private values."""
    return {_KEPT: {"file": beside[0].part, "text": beside[0].body.decode()}} if beside else {}


def _captures(kept: Mapping[str, str]) -> tuple[Capture, ...]:
    body = kept["text"].encode()
    return (Capture(
        exhibit="", url="", status=200, headers=(), body=body, collected=_NO_INSTANT, made="imported",
        part=kept["file"],
    ),)  # fmt: skip
