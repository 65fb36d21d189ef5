"""The runs of a case as its ledger tells them: what was asked, why each ended, and which one goes on with which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import purged_by
from osint.chain_of_custody.ledger import Ledger
from osint.collectors.protocol import Stop
from osint.gate.standing import OF_EACH_EXHIBIT
from osint.query import Query, make_query

REVISIT = "revisit"
"""Kind of the ``object`` of a search that visits an exhibit again, and names it."""

ASKED_AGAIN = "ask-again"
"""Kind of the ``object`` of a search that goes on and asks once more for what the named exhibit answered."""

_MAY_GO_ON = (Stop.CANCELLED, Stop.RATE, Stop.QUOTA, Stop.ERROR)


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run as the ledger tells it.

    Attributes:
        id: ``run-14``, after the number of the entry that allowed it.
        collector: Name of its collector.
        query: What was asked.
        search: The entry that allowed it.
        before: Leaf hashes of the entries that allowed the runs it continued, oldest first.
        stop: Why it ended; None when it was interrupted and wrote no ending.
        continued_by: The run that went on with it, or None.
        purged: Numbers of its exhibits, and of those of the runs before it, that were purged on order.
        revisits: The exhibit that it visited again; empty when it collected.
    """

    id: str
    collector: str
    query: Query
    search: Entry
    before: tuple[str, ...]
    stop: Stop | None
    continued_by: str | None
    purged: tuple[str, ...] = ()
    revisits: str = ""

    @property
    def may_go_on(self) -> bool:
        """Whether there is something to go on with. What was purged on order is not fetched again by the way."""
        if self.continued_by is not None or self.purged or self.revisits:
            return False
        return self.stop is None or self.stop in _MAY_GO_ON


def runs_in(ledger: Ledger) -> list[Run]:
    """Return every run the gate allowed, oldest first, as the ledger tells them."""
    entries = list(ledger.entries_but(OF_EACH_EXHIBIT - {"search", "conclude"}))
    endings = {entry.refs[0]: Stop(entry.result[0]["stop"]) for entry in entries if entry.action == "conclude"}
    allowed = [entry for entry in entries if entry.action == "search" and entry.outcome == "allowed"]
    # A query whose disclosure was erased can be neither shown nor asked again.
    known = [entry for entry in allowed if "query" in entry.private]
    continued = {ref: f"run-{entry.seq}" for entry in allowed for ref in entry.refs}
    gone = _purged_by_search(entries, ledger)
    return [
        Run(
            id=f"run-{entry.seq}",
            collector=collector_of(entry),
            query=make_query(**entry.private["query"]),
            search=entry,
            before=entry.refs,
            stop=endings.get(entry.leaf.hex()),
            continued_by=continued.get(entry.leaf.hex()),
            purged=tuple(number for leaf in (*entry.refs, entry.leaf.hex()) for number in gone.get(leaf, ())),
            revisits=visited_again(entry),
        )
        for entry in known
    ]


def _purged_by_search(entries: Iterable[Entry], ledger: Ledger) -> dict[str, list[str]]:
    """Return the numbers of exhibits that were purged, by the entries that allowed to ask for them."""
    purged = {number for entry in entries for number in purged_by(entry)}
    found: dict[str, list[str]] = {}
    for entry in ledger.entries() if purged else ():
        if (number := entry.exhibit) in purged:
            for leaf in entry.refs:
                found.setdefault(leaf, []).append(str(number))
    return found


def visited_again(search: Entry) -> str:
    """Return the exhibit that a search visits again; empty when it collects."""
    return next((str(item["exhibit"]) for item in search.object if item.get("kind") == REVISIT), "")


def asked_again(search: Entry) -> list[Mapping[str, Any]]:
    return [item for item in search.object if item.get("kind") == ASKED_AGAIN]


def collector_of(search: Entry) -> str:
    return str(search.payload["instrument"]["collector"].partition("/")[0])
