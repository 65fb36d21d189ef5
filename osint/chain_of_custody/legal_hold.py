"""Legal hold: while one is in force, nothing that it covers is erased.

One person places a hold, since that only preserves. Two lift it, since that makes destruction possible again: an
entry ``unhold`` with one signature lifts nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.two_persons import Order, are_two, introduce_approver, objections
from osint.errors import AuthorizationError, LedgerError


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A hold in force.

    Attributes:
        entry: Position of the entry that placed it.
        leaf: Leaf hash of that entry, hex.
        since: When it was placed.
        exhibits: What it covers; empty for the whole case.
        reason: Why, as far as that is not erased.
    """

    entry: int
    leaf: str
    since: datetime
    exhibits: tuple[str, ...]
    reason: str

    def __str__(self) -> str:
        covered = ", ".join(self.exhibits) or "the whole case"
        return f"hold of entry {self.entry} on {covered}: {self.reason}"


def place_hold(ledger: Ledger, reason: str, *, authority: str = "", exhibits: Collection[str] = ()) -> Entry:
    """Place a hold: from this entry on, nothing that it covers is erased or purged.

    Args:
        ledger: The ledger of the case, open for writing.
        reason: Why, in words, such as "litigation expected in 26-CV-0091".
        authority: What asks for it: a preservation letter, a court order.
        exhibits: Numbers of the exhibits it covers, with the entries that they rest on; none for the whole case.

    Raises:
        LedgerError: There is no such exhibit, the reason is empty, or the entry cannot be written.
    """
    known = {exhibit.number for exhibit in ledger.exhibits()}
    strange = sorted(set(exhibits) - known)
    if strange:
        raise LedgerError(f"No hold was placed: {', '.join(strange)} is not in this case. Name exhibits as E0003.")
    if not reason.strip():
        raise LedgerError("No hold was placed: say why it is needed.")
    covered = [{"kind": "exhibit", "exhibit": number} for number in sorted(set(exhibits))]
    private = {"reason": reason, **({"authority": authority} if authority else {})}
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
            found[entry.leaf.hex()] = Hold(
                entry=entry.seq,
                leaf=entry.leaf.hex(),
                since=entry.end_time,
                exhibits=tuple(item["exhibit"] for item in entry.object if "exhibit" in item),
                reason=str(entry.private.get("reason", "(erased)")),
            )
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


def _covers(hold: Hold, ledger: Ledger, exhibits: Collection[str], concerned: Collection[int]) -> bool:
    if not hold.exhibits:
        return bool(exhibits or concerned)
    return not set(hold.exhibits).isdisjoint(exhibits) or not _rests_on(hold.exhibits, ledger).isdisjoint(concerned)


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
