"""Who holds each exhibit now, and every hand it passed through, as a table."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import pandas as pd

from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.transfer import OPEN, Hand, hands, transfers
from osint.instants import format_instant

COLUMNS = ("exhibit", "sha256", "state", "held_by", "since", "offered_to", "hands")


def holders(ledger: Ledger, present: datetime) -> pd.DataFrame:
    """Return one row for each exhibit.

    Columns: ``exhibit``; ``sha256`` of the evidentiary copy; ``state``: ``held``, ``released`` (offered to someone who
    has not answered; still with ``held_by``) or ``destroyed``; ``held_by``; ``since`` when, UTC; ``offered_to``;
    ``hands``: everyone who held it, oldest first, each a dict with name, title, contact, since, until (RFC 3339 in
    UTC), purpose, place, condition and the number of the ledger entry.
    """
    passed = hands(ledger, present)
    offered = {
        number: transfer.terms.get("recipient", {}).get("name", "(erased)")
        for transfer in transfers(ledger, present)
        if transfer.state == OPEN
        for number in transfer.exhibits
    }
    destroyed = {
        item["exhibit"]
        for entry in ledger.entries()
        if entry.action == "purge" and entry.outcome == "done"
        for item in entry.object
        if "exhibit" in item
    }
    rows = [
        {
            "exhibit": exhibit.number,
            "sha256": exhibit.sha256,
            "state": _state(exhibit.number, offered, destroyed),
            "held_by": passed[exhibit.number][-1].name,
            "since": passed[exhibit.number][-1].since,
            "offered_to": offered.get(exhibit.number),
            "hands": [_plain(hand) for hand in passed[exhibit.number]],
        }
        for exhibit in ledger.exhibits()
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    text = ["exhibit", "sha256", "state", "held_by", "offered_to"]
    return frame.astype(dict.fromkeys(text, pd.StringDtype()) | {"since": "datetime64[ms, UTC]"})


def _state(number: str, offered: dict[str, str], destroyed: set[str]) -> str:
    if number in destroyed:
        return "destroyed"
    return "released" if number in offered else "held"


def _plain(hand: Hand) -> dict[str, object]:
    until = format_instant(hand.until) if hand.until is not None else None
    return {**asdict(hand), "since": format_instant(hand.since), "until": until}
