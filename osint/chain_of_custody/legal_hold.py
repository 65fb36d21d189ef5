"""Legal hold: while one is in force, nothing that it covers is erased.

A hold covers the whole case, exhibits that it names, or whatever fits a description (:data:`DESCRIBES`), also what
comes in after it. The description is a private value, for it may name a person; when that is erased, the hold covers
everything.

One person places a hold, since that only preserves. Two lift it, since that makes destruction possible again: an
entry ``unhold`` with one signature lifts nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase

from osint.chain_of_custody.clear_fields import UNNAMED
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.two_persons import Order, are_two, introduce_approver, objections
from osint.errors import AuthorizationError, LedgerError

DESCRIBES: Mapping[str, str] = {
    "subject": "a person whom the authority is about under which it was collected",
    "platform": "the name of the collector that read it",
    "exhibit": "a pattern of its number, as E00*",
}
_MORE = {"kind": "matching", "exhibit": UNNAMED}  # so that to a verifier the hold never covers the whole case


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A hold in force.

    Attributes:
        entry: Position of the entry that placed it.
        leaf: Leaf hash of that entry, hex.
        since: When it was placed.
        exhibits: What it names; empty where it covers the whole case, or nothing fitted its description yet.
        reason: Why, as far as that is not erased.
        matching: What it describes (:data:`DESCRIBES`), all of which has to fit; empty where it describes nothing.
    """

    entry: int
    leaf: str
    since: datetime
    exhibits: tuple[str, ...]
    reason: str
    matching: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_of_the_whole_case(self) -> bool:
        """Whether it covers everything there is."""
        return not self.exhibits and not self.matching

    def covered(self, entries: Iterable[Entry]) -> frozenset[str]:
        """Return the numbers of the exhibits that it covers now, of those that some entries took in."""
        entries = list(entries)
        if self.is_of_the_whole_case:
            return frozenset(entry.exhibit for entry in entries if entry.exhibit)
        return frozenset(self.exhibits) | (_matching(self.matching, entries) if self.matching else frozenset())

    def __str__(self) -> str:
        described = [f"{name} {value}" for name, value in self.matching.items()]
        covered = ", ".join([*described, *self.exhibits]) or "the whole case"
        return f"hold of entry {self.entry} on {covered}: {self.reason}"


def place_hold(
    ledger: Ledger,
    reason: str,
    *,
    authority: str = "",
    exhibits: Collection[str] = (),
    matching: Mapping[str, str] | None = None,
) -> Entry:
    """Place a hold: from this entry on, nothing that it covers is erased or purged.

    Args:
        ledger: The ledger of the case, open for writing.
        reason: Why, in words, such as "litigation expected in 26-CV-0091".
        authority: What asks for it: a preservation letter, a court order.
        exhibits: Numbers of the exhibits it covers, with the entries that they rest on; none for the whole case.
        matching: What describes more of them, also what comes in later: by the names of :data:`DESCRIBES`.

    Raises:
        LedgerError: There is no such exhibit or no such name, the reason is empty, or the entry cannot be written.
    """
    known = {exhibit.number for exhibit in ledger.exhibits()}
    strange = sorted(set(exhibits) - known)
    if strange:
        raise LedgerError(f"No hold was placed: {', '.join(strange)} is not in this case. Name exhibits as E0003.")
    if not reason.strip():
        raise LedgerError("No hold was placed: say why it is needed.")
    described = {name: value.strip() for name, value in (matching or {}).items()}
    if wrong := [name for name, value in described.items() if name not in DESCRIBES or not value]:
        raise LedgerError(f"No hold was placed: {', '.join(wrong)} describes nothing; give {', '.join(DESCRIBES)}.")
    fitting = _matching(described, list(ledger.entries())) if described else frozenset()
    covered = [{"kind": "exhibit", "exhibit": number} for number in sorted({*exhibits, *fitting})]
    private: dict[str, object] = {"reason": reason, **({"authority": authority} if authority else {})}
    if described:
        covered, private = [*covered, _MORE], {**private, "matching": described}
    return ledger.append("hold", private=private, object=covered, result=[{"kind": "hold"}])


def lift_hold(ledger: Ledger, hold: int, order: Order) -> Entry:
    """Lift a hold; the approver signs with the requester.

    Args:
        ledger: The ledger of the case, open for writing.
        hold: Position of the entry that placed it.
        order: Why it may be lifted, and who says so.

    Raises:
        AuthorizationError: It is not in force, or the order lacks something; carries every ground. The refusal is in
            the ledger.
        LedgerError: The entry cannot be written.
    """
    found = next((each for each in holds_in_force(ledger.entries()) if each.entry == hold), None)
    grounds = objections(ledger, order)
    if found is None:
        grounds.insert(0, f"entry {hold} placed no hold that is in force")
    if found is None or grounds:
        refs = [found.leaf] if found else []
        ledger.append("unhold", outcome="refused", private={**order.private, "reasons": grounds}, refs=refs)
        raise AuthorizationError("The hold was not lifted. The refusal is in the ledger.", grounds)
    introduce_approver(ledger, order)
    return ledger.append(
        "unhold",
        private=order.private,
        object=[{"kind": "hold", "leaf": found.leaf}],
        refs=[found.leaf],
        cosigners=[order.approver],
    )


def holds_in_force(entries: Iterable[Entry]) -> list[Hold]:
    """Return the holds that were placed and not lifted by two persons, oldest first."""
    found: dict[str, Hold] = {}
    for entry in entries:
        if (entry.action, entry.outcome) == ("hold", "done"):
            found[entry.leaf.hex()] = _placed(entry)
        elif (entry.action, entry.outcome) == ("unhold", "done") and are_two(entry):
            for leaf in entry.refs:
                found.pop(leaf, None)
    return list(found.values())


def standing_in_the_way(ledger: Ledger, exhibits: Collection[str], concerned: Collection[int]) -> list[Hold]:
    """Return the holds that forbid an erasure.

    Args:
        ledger: The ledger of the case.
        exhibits: Numbers of the exhibits whose bytes would go.
        concerned: Positions of the entries whose private values would go.
    """
    return [hold for hold in holds_in_force(ledger.entries()) if _covers(hold, ledger, exhibits, concerned)]


def _placed(entry: Entry) -> Hold:
    named = tuple(item["exhibit"] for item in entry.object if "exhibit" in item and item["kind"] != _MORE["kind"])
    describes = _MORE in entry.object
    described = entry.private.get("matching", {})
    return Hold(
        entry=entry.seq,
        leaf=entry.leaf.hex(),
        since=entry.end_time,
        exhibits=() if describes and not described else named,  # of an erased description nobody knows what it covers
        reason=str(entry.private.get("reason", "(erased)")),
        matching=described,
    )


def _matching(described: Mapping[str, str], entries: Collection[Entry]) -> frozenset[str]:
    about = _plain(described.get("subject", ""))
    authorities = {entry.leaf.hex() for entry in entries if about in map(_plain, _subjects(entry))}
    asked = {entry.leaf.hex() for entry in entries if _collector(entry) == described.get("platform")}
    return frozenset(
        entry.exhibit
        for entry in entries
        if entry.exhibit
        and (not about or entry.authorization in authorities)
        and ("platform" not in described or not asked.isdisjoint((entry.leaf.hex(), *entry.refs)))
        and fnmatchcase(entry.exhibit, described.get("exhibit", "*"))
    )


def _subjects(entry: Entry) -> Iterable[str]:
    stated = entry.private.get("authorization") if entry.action == "authorize" else None
    return stated.get("subjects", ()) if isinstance(stated, Mapping) else ()


def _collector(entry: Entry) -> str:
    return str(entry.payload["instrument"].get("collector", "")).partition("/")[0]


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _covers(hold: Hold, ledger: Ledger, exhibits: Collection[str], concerned: Collection[int]) -> bool:
    if hold.is_of_the_whole_case:
        return bool(exhibits or concerned)
    covered = hold.covered(ledger.entries())
    return not covered.isdisjoint(exhibits) or not _rests_on(covered, ledger).isdisjoint(concerned)


def _rests_on(exhibits: Collection[str], ledger: Ledger) -> set[int]:
    """Return the entries that exhibits rest on: what took them in, the decision before it, the authority with leads."""
    taking = [entry for entry in ledger.entries() if entry.exhibit in exhibits]
    decided = {leaf for entry in taking for leaf in entry.refs}
    authorities = {entry.authorization for entry in taking} - {None}
    found = {entry.seq for entry in taking}
    for entry in ledger.entries():
        leads = entry.action == "extend" and entry.authorization in authorities
        if leads or entry.leaf.hex() in decided | authorities:
            found.add(entry.seq)
    return found
