"""Who holds each exhibit now, and every hand it passed through, as a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

import pandas as pd

from osint.chain_of_custody.entry import Entry, Exhibit
from osint.chain_of_custody.erasure import purged_by
from osint.chain_of_custody.hands import Hand, hands
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.transfer import OPEN, transfers
from osint.instants import format_instant

COLUMNS = ("exhibit", "sha256", "state", "held_by", "since", "offered_to", "hands")


def holders(ledger: Ledger, present: datetime) -> pd.DataFrame:
    """Return one row for each exhibit.

    Columns: ``exhibit``; ``sha256`` of the evidentiary copy; ``state``: ``held``, ``released`` (offered to someone who
    has not answered; still with ``held_by``) or ``destroyed``; ``held_by``, nobody when it was destroyed; ``since``
    when it is in this state, UTC; ``offered_to``;
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
    destroyed = {number: entry.end_time for entry in ledger.entries() for number in purged_by(entry)}
    elsewhere = {entry.seq for entry in ledger.entries() if _arrived_elsewhere(entry)}
    rows = [
        _row(exhibit, _ended(passed[exhibit.number], destroyed.get(exhibit.number), elsewhere), offered, destroyed)
        for exhibit in ledger.exhibits()
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    text = ["exhibit", "sha256", "state", "held_by", "offered_to"]
    return frame.astype(dict.fromkeys(text, pd.StringDtype()) | {"since": "datetime64[ms, UTC]"})


def _row(
    exhibit: Exhibit, passed: Sequence[Hand], offered: Mapping[str, str], destroyed: Mapping[str, datetime]
) -> dict[str, object]:
    last = passed[-1]
    return {
        "exhibit": exhibit.number,
        "sha256": exhibit.sha256,
        "state": _state(exhibit.number, offered, destroyed),
        "held_by": last.name if last.until is None else None,
        "since": last.until or last.since,
        "offered_to": offered.get(exhibit.number),
        "hands": [_plain(hand) for hand in passed],
    }


def _ended(passed: Sequence[Hand], destroyed: datetime | None, elsewhere: Collection[int]) -> list[Hand]:
    """Let custody end with the destruction; who took a copy into a ledger of their own still holds that one."""
    *before, last = passed
    return [*before, last if destroyed is None or last.entry in elsewhere else replace(last, until=destroyed)]


def _arrived_elsewhere(entry: Entry) -> bool:
    return entry.action == "receive" and entry.exhibit is None and any("origin" in item for item in entry.object)


def _state(number: str, offered: Mapping[str, str], destroyed: Mapping[str, datetime]) -> str:
    if number in destroyed:
        return "destroyed"
    return "released" if number in offered else "held"


def _plain(hand: Hand) -> dict[str, object]:
    until = format_instant(hand.until) if hand.until is not None else None
    return {**asdict(hand), "since": format_instant(hand.since), "until": until}
