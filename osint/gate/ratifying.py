"""After an emergency: a supervisor ratifies what one officer did alone, refuses to, or cannot be reached yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.two_persons import Order, introduce_approver, objections
from osint.errors import AuthorizationError
from osint.gate.standing import RATIFY
from osint.instants import format_instant
from osint.policy.facts import Standing

if TYPE_CHECKING:
    from osint.gate.gate import Gate


def ratify(gate: Gate, ledger: Ledger, order: Order, *, granted: bool = True) -> Entry:
    """Record that a supervisor ratifies the newest emergency that waits for it, or refuses to; both persons sign.

    One that was refused, or was not ratified in time, can still be ratified later; the entries show when.

    Raises:
        AuthorizationError: No emergency waits, the supervisor is no second person, or something is missing. The refusal
            is in the ledger.
        LedgerError: The entry cannot be written.
    """
    waiting = _waiting(gate)
    decision = gate.decide(RATIFY, authority=waiting, reason=order.reason, **order.second_person)
    grounds = [*decision.reasons, *objections(ledger, order)] if not decision.allowed else objections(ledger, order)
    if grounds or waiting is None:
        gate.log(RATIFY, outcome="refused", private={**order.private, "reasons": grounds})
        raise AuthorizationError("Nothing was ratified. The refusal is in the ledger.", grounds)
    introduce_approver(ledger, order)
    return gate.log(
        RATIFY,
        outcome="done" if granted else "failed",
        private=order.private,
        refs=[waiting.entry],
        cosigners=[order.approver],
        **gate.under(waiting),
    )


def defer(gate: Gate, reason: str) -> str:
    """Put the ratification of the newest emergency off, since no supervisor can be reached; return by when it is due.

    Args:
        gate: The gate of the case.
        reason: Who was called, when, and why nobody could be reached.

    Raises:
        AuthorizationError: No emergency waits, its time is over, it was put off as often as the policy allows, or there
            is no reason. The refusal is in the ledger.
    """
    waiting = _waiting(gate)
    decision = gate.decide(RATIFY, authority=waiting, reason=reason, defer=True)
    if not decision.allowed or waiting is None:
        gate.log(RATIFY, outcome="refused", private={"reason": reason, "reasons": list(decision.reasons)})
        raise AuthorizationError("It was not put off. The refusal is in the ledger.", decision.reasons)
    hours = {"kind": "hours", "count": gate.pack.number("emergency_hours")}
    gate.log(
        RATIFY, outcome="nil", private={"reason": reason}, result=[hours], refs=[waiting.entry], **gate.under(waiting)
    )
    due = next(each.ratify_by for each in gate.standing() if each.entry == waiting.entry)
    assert due is not None
    return format_instant(due)


def _waiting(gate: Gate) -> Standing | None:
    return next((each for each in reversed(gate.standing()) if not each.is_ratified), None)
