"""The records of a case: stated as entries of its ledger, countersigned where they need a second person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.two_persons import Order, are_two, introduce_approver, objections
from osint.errors import AuthorizationError, CaseError
from osint.gate.standing import LOCATE
from osint.instants import format_instant
from osint.policy.retention import class_for
from osint.records import Notice, Record, Recorded, in_force, read_record

if TYPE_CHECKING:
    from osint.gate.gate import Gate

RECORD: Final = "record"
COUNTERSIGN: Final = "countersign"
_MISSING_PERSON = "missing_person"


def recorded(entries: Iterable[Entry]) -> list[Recorded]:
    """Return every record that entries state, oldest first; one whose words were erased says nothing any more."""
    found: dict[str, Recorded] = {}
    for entry in entries:
        if (entry.action, entry.outcome) == (RECORD, "done") and "record" in entry.private:
            found[entry.leaf.hex()] = Recorded(
                record=read_record(entry.private["record"]),
                entry=entry.seq,
                leaf=entry.leaf.hex(),
                by=str(entry.private.get("by", "(erased)")),
                when=entry.end_time,
            )
        elif (entry.action, entry.outcome) == (COUNTERSIGN, "done") and are_two(entry):
            who = f"{entry.private.get('approver', '(erased)')}, {format_instant(entry.end_time)}"
            found |= {leaf: replace(found[leaf], countersigned=who) for leaf in entry.refs if leaf in found}
    return list(found.values())


def record(gate: Gate, ledger: Ledger, stated: Record, by: str) -> Entry:
    """State a record.

    Raises:
        CaseError: It names an exhibit that is not in this case.
        AuthorizationError: A rule objects. The refusal is in the ledger.
    """
    one = (str(getattr(stated, name, "")) for name in ("exhibit", "picture"))
    named = {*stated.exhibits, *getattr(stated, "concerns", ()), *one} - {""}
    strange = sorted(named - {each.number for each in ledger.exhibits()})
    if strange:
        raise CaseError(f"Exhibit {', '.join(strange)} is not in this case; nothing was recorded.")
    said = {"record": stated.as_dict(), "by": by}
    message = "Nothing was recorded. The refusal is in the ledger."
    gate.require("record", RECORD, message, private=said, notice=stated if isinstance(stated, Notice) else None)
    return gate.log(RECORD, private=said, result=[{"kind": stated.kind}])


def countersign(gate: Gate, ledger: Ledger, number: int, order: Order) -> Entry:
    """Have a second person sign a record: an own page is registered by that, a notice released.

    Args:
        gate: The gate of the case.
        ledger: The ledger of the case, open for writing.
        number: Number of the entry that states the record.
        order: By what permission, why, and both persons.

    Raises:
        AuthorizationError: It does not stand, needs no second person, they are not two, or a rule forbids its release.
            The refusal is in the ledger.
        LedgerError: The entry cannot be written.
    """
    standing = next((each for each in in_force(recorded(ledger.entries())) if each.entry == number), None)
    grounds = [*objections(ledger, order), *gate.decide(COUNTERSIGN, **order.second_person).reasons]
    if standing is None or not standing.record.two_persons:
        grounds.insert(0, f"entry {number} states no record that stands and waits for a second person")
    elif isinstance(standing.record, Notice):
        grounds += _not_releasable(gate, standing.record, order)
    if standing is None or grounds:
        refs = [standing.leaf] if standing else []
        gate.log(COUNTERSIGN, outcome="refused", private={**order.private, "reasons": grounds}, refs=refs)
        raise AuthorizationError("It was not countersigned. The refusal is in the ledger.", grounds)
    introduce_approver(ledger, order)
    kind = [{"kind": standing.record.kind}]
    return gate.log(COUNTERSIGN, private=order.private, result=kind, refs=[standing.leaf], cosigners=[order.approver])


def locate(gate: Gate, ledger: Ledger, exhibit: str, reason: str, identifier: str = "") -> str:
    """Record that a missing person was located: nothing more is collected under that authority.

    Args:
        gate: The gate of the case.
        ledger: The ledger of the case.
        exhibit: The exhibit that shows it; empty where something outside the case does.
        reason: How it is known.
        identifier: The authority, where the case has several about missing persons; by default all of them.

    Returns:
        What is to be done now, in sentences.

    Raises:
        CaseError: There is no such authority or exhibit, or no reason.
    """
    found = [
        each
        for each in gate.standing()
        if each.authorization.purpose == _MISSING_PERSON and identifier in ("", each.authorization.identifier)
    ]
    if not found:
        raise CaseError("No authority of this case looks for a missing person under that number; nothing was recorded.")
    if exhibit and exhibit not in {each.number for each in ledger.exhibits()}:
        raise CaseError(f"Exhibit {exhibit} is not in this case; nothing was recorded.")
    if not reason.strip():
        raise CaseError("Say how it is known that the person was located: reason='seen by Officer Berg at home'.")
    private = {"reason": reason, **({"exhibit": exhibit} if exhibit else {})}
    entry = gate.log(LOCATE, private=private, refs=[each.entry for each in found], purpose=_MISSING_PERSON)
    kept = class_for(gate.pack, _MISSING_PERSON)
    review = entry.end_time + timedelta(days=kept.value)
    names = ", ".join(each.authorization.identifier for each in found)
    to_do = "".join(f"{each} " for each in gate.pack.words("missing_person_located"))
    return f"Collection under {names} has stopped. {to_do}Review on {review.date()} ({kept.id}: {kept.disposition})."


def _not_releasable(gate: Gate, notice: Notice, order: Order) -> list[str]:
    shown = [number for number in (notice.picture, *notice.exhibits) if number]
    decision = gate.decide(
        "disclose",
        notice=notice,
        exhibits=shown,
        recipient=f"the public, by {notice.channel}",
        reason=order.reason,
        right="published by the agency",
        permission=f"{order.authority}: {order.approver_name}",
    )
    return [] if decision.allowed else list(decision.reasons)
