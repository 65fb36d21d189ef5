"""What the ledger says of authorities, emergencies and policies: entries in, facts for a decision out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.two_persons import are_two
from osint.instants import parse_instant
from osint.policy.authorization import Authorization
from osint.policy.facts import Ratification, Standing
from osint.query import Query, as_dict

RATIFY: Final = "ratify"
LOCATE: Final = "locate"
POLICY: Final = "policy"
OF_EACH_EXHIBIT: Final = frozenset({"acquire", "annotate", "conclude", "import", "mark", "preserve", "search"})
"""Actions of which there are as many entries as exhibits: no authority, stop, period or approval is in them."""
_TAKEN_OVER = frozenset({"receive"})  # collected and decided in another ledger
_ENDS: Mapping[str, Ratification] = {"done": "granted", "failed": "refused"}


def read_standing(entries: Iterable[Entry]) -> list[Standing]:
    """Return every authority with its extensions and its ratification merged in, oldest first.

    What was erased from the ledger gives no authority any more.
    """
    found: dict[str, Standing] = {}
    for entry in entries:
        if entry.outcome == "refused":
            continue
        if entry.action == "authorize" and "authorization" in entry.private:
            found[entry.leaf.hex()] = _recorded(entry)
        elif entry.action == "extend" and "leads" in entry.private and entry.payload["authorization"] in found:
            base = found[entry.payload["authorization"]]
            found[base.entry] = replace(base, authorization=with_leads(base.authorization, entry.private["leads"]))
        elif entry.action == RATIFY:
            found |= {each: _ratified(found[each], entry) for each in entry.refs if each in found}
        elif entry.action == LOCATE:
            found |= {each: replace(found[each], located=True) for each in entry.refs if each in found}
    return list(found.values())


def about(ledger: Ledger, exhibits: Collection[str]) -> Iterator[Entry]:
    """Yield, in order, all entries but those of other exhibits: what decides how some exhibits stand."""
    numbers = ledger.index.exhibits()
    taken = list(ledger.entries_at(numbers[each] for each in exhibits if each in numbers))
    asked = ledger.index.places({leaf for entry in taken for leaf in entry.refs})
    return ledger.entries_at(sorted({*ledger.index.but(OF_EACH_EXHIBIT), *asked, *(entry.seq for entry in taken)}))


def with_leads(authorization: Authorization, leads: Mapping[str, Sequence[str]]) -> Authorization:
    """Return an authority with leads added.

    Raises:
        AuthorizationError: A lead is not well formed.
    """
    scope: dict[str, Any] = {
        name: tuple(dict.fromkeys((*getattr(authorization, name), *values))) for name, values in leads.items()
    }
    return replace(authorization, **scope)


def reasons_for_others(entries: Iterable[Entry], exhibit: str) -> list[str]:
    """Return the reasons that were given for leads from other exhibits than this one."""
    extended = (entry.private for entry in entries if (entry.action, entry.outcome) == ("extend", "done"))
    return [str(said.get("reason", "")) for said in extended if said.get("exhibit") != exhibit]


def exhibits_under(entries: Iterable[Entry], authorities: Iterable[Standing]) -> frozenset[str]:
    """Return the numbers of the exhibits that were collected under some of the authorities."""
    leaves = {each.entry for each in authorities}
    if not leaves:
        return frozenset()
    return frozenset(entry.exhibit for entry in entries if entry.exhibit and entry.authorization in leaves)


def unlogged(entries: Iterable[Entry]) -> frozenset[str]:
    """Return the numbers of the exhibits that no decision of the gate led to."""
    decided: set[str] = set()
    found = set()
    for entry in entries:
        if entry.outcome == "allowed":
            decided.add(entry.leaf.hex())
        elif entry.exhibit and entry.action not in _TAKEN_OVER and decided.isdisjoint(entry.refs):
            found.add(entry.exhibit)
    return frozenset(found)


def looks(entries: Iterable[Entry], query: Query, since: datetime) -> int:
    """Return how often the same was searched for since an instant; a run that went on counts once."""
    wanted = _aim(as_dict(query))
    return sum(
        entry.action == "search" and entry.outcome == "allowed" and entry.end_time >= since
        and _aim(entry.private.get("query") or {}) == wanted and not _goes_on(entry)
        for entry in entries
    )  # fmt: skip


def policies(entries: Iterable[Entry]) -> list[tuple[int, str]]:
    """Return from which entry on which pack was in force, by its hash, oldest first."""
    found: list[tuple[int, str]] = []
    for entry in entries:
        for item in entry.result:
            if item.get("kind") == POLICY and (not found or found[-1][1] != item["sha256"]):
                found.append((entry.seq, str(item["sha256"])))
    return found


def _aim(query: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in query.items() if name not in ("since", "until", "limit", "render")}


def _goes_on(entry: Entry) -> bool:
    return bool(entry.refs) and not entry.object


def _recorded(entry: Entry) -> Standing:
    authority = Authorization(**entry.private["authorization"])
    due = entry.private.get("ratify_by")
    return Standing(
        authorization=authority,
        entry=entry.leaf.hex(),
        seq=entry.seq,
        ratification="due" if authority.emergency else "",
        ratify_by=parse_instant(due) if due else None,
    )


def _ratified(standing: Standing, entry: Entry) -> Standing:
    """Return an authority after an entry about its ratification; only two persons together end it."""
    if entry.outcome == "nil":
        return replace(standing, deferrals=standing.deferrals + 1, ratify_by=_put_off(standing.ratify_by, entry))
    return replace(standing, ratification=_ENDS[entry.outcome]) if are_two(entry) else standing


def _put_off(due: datetime | None, entry: Entry) -> datetime | None:
    hours = next((item["count"] for item in entry.result if item.get("kind") == "hours"), 0)
    return due and due + timedelta(hours=hours)
