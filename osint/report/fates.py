"""What later visits to an exhibit's address found, as the ledger records it."""

from __future__ import annotations

from collections.abc import Iterable

from osint.chain_of_custody.entry import Entry
from osint.collecting.outcome import Outcome
from osint.collecting.runs import REVISIT
from osint.instants import format_instant


def fates(entries: Iterable[Entry]) -> dict[str, list[str]]:
    """Return what was found by the exhibit that was visited again, in words; that it was unchanged is none of it."""
    found: dict[str, list[str]] = {}
    for entry in entries:
        if entry.action != "conclude":
            continue
        for item in entry.payload["object"]:
            outcome = str(entry.result[1]["kind"]) if item.get("kind") == REVISIT and len(entry.result) > 1 else ""
            if outcome and outcome != Outcome.UNCHANGED:
                told = f"{outcome} when visited again, {format_instant(entry.end_time)}"
                found.setdefault(str(item["exhibit"]), []).append(told)
    return found
