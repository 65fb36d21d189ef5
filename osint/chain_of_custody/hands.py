"""Through whose hands an exhibit went: from who took it in to who holds it now, as the ledger tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.transfer import RECEIVED, transfers


@dataclass(frozen=True, kw_only=True)
class Hand:
    """Someone through whose hands an exhibit went.

    Attributes:
        name: Who; ``(erased)`` when that was erased.
        title: Rank or badge.
        contact: How to reach them.
        since: When they took it, UTC.
        until: When they passed it on, UTC, or None.
        purpose: Why they took it.
        place: Where they took it, as they say; empty when they do not.
        condition: How they found it, as they say; empty when they do not.
        entry: Sequence number of the entry that says so.
    """

    name: str
    title: str
    contact: str
    since: datetime
    until: datetime | None
    purpose: str
    place: str
    condition: str
    entry: int


def hands(ledger: Ledger, present: datetime) -> dict[str, list[Hand]]:
    """Return, for each exhibit, everyone through whose hands it went, the present holder last."""
    found: dict[str, list[Hand]] = {}
    named: dict[str, str] = {}
    for entry in ledger.entries():
        if "investigator" in entry.private:
            introduced = [item["key"] for item in entry.object if "public" in item and item.get("role") != "log"]
            named.update(dict.fromkeys(introduced or [entry.performer], str(entry.private["investigator"])))
        if entry.exhibit is not None:
            found[entry.exhibit] = list(_first_hands(entry, named.get(entry.performer, "(erased)")))
    for transfer in transfers(ledger, present):
        if transfer.state == RECEIVED and transfer.answered is not None and transfer.answer is not None:
            for number in transfer.exhibits:
                before = found[number].pop()
                found[number] += [
                    replace(before, until=transfer.answered),
                    _hand(
                        transfer.terms.get("recipient"),
                        transfer.answered,
                        transfer.terms,
                        transfer.said,
                        transfer.answer,
                    ),
                ]
    return found


def _first_hands(entry: Entry, investigator: str) -> Iterator[Hand]:
    """Yield who took an exhibit in; one that was received here came from its sender."""
    if entry.action != "receive":
        yield Hand(
            name=investigator, title="", contact="", since=entry.end_time, until=None, purpose=entry.purpose or "",
            place="", condition="as captured", entry=entry.seq,
        )  # fmt: skip
        return
    terms = entry.private
    yield replace(_hand(terms.get("sender"), entry.end_time, {}, {}, entry.seq), until=entry.end_time)
    yield _hand(terms.get("recipient"), entry.end_time, terms, terms, entry.seq)


def _hand(who: Any, since: datetime, terms: Mapping[str, Any], said: Mapping[str, Any], entry: int) -> Hand:
    person = who if isinstance(who, dict) else {}
    return Hand(
        name=str(person.get("name", "(erased)")),
        title=str(person.get("title", "")),
        contact=str(person.get("contact", "")),
        since=since,
        until=None,
        purpose=str(terms.get("purpose", "")),
        place=str(said.get("place", "")),
        condition=str(said.get("condition", "")),
        entry=entry,
    )
