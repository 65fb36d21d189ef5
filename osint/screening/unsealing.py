"""What was found of a candidate, for whoever may see it: while it is worked on, and later by two named persons only.

Once the filtered copy is released, the originals are sealed. Counsel or an equal-opportunity officer opens one item at
a time, with a reason, and a person who looked signs the same entry. Whoever decides is neither of the two.
"""

from __future__ import annotations

from typing import Any

from osint.chain_of_custody.two_persons import Order
from osint.errors import AuthorizationError, CaseError, RoleConflictError
from osint.screening.records import Candidate
from osint.screening.review import Confirmed, Item, items_of
from osint.screening.roles import LOOKING, is_same_person
from osint.screening.store import Store

UNSEAL = "screen.unseal"
VIEW = "screen.view"


def view(store: Store, role: str, candidate: str) -> list[Item]:
    """Return the items of a candidate while they are worked on; that they were shown is an entry.

    Raises:
        AuthorizationError: The copy is released, so that they are sealed. The refusal is in the ledger.
    """
    one = store.told.candidate(candidate)
    if one.is_sealed:
        message = f"The items of {candidate} are sealed since the copy was released; counsel unseals one with a second"
        store.refuse(VIEW, AuthorizationError(f"{message} person: unseal(...)."), candidate=candidate)
    store.log(VIEW, candidate=candidate, role=role)
    return items(store, one)


def items(store: Store, one: Candidate) -> list[Item]:
    """Return the items of a candidate, for what works on them and shows them to nobody."""
    return items_of(store.posts(), store.media_values(), one.exhibits)


def unseal(store: Store, candidate: str, item: str, order: Order) -> tuple[Item, Confirmed | None]:
    """Return an original and what the screener decided about it; both persons sign the entry, before it is shown.

    Args:
        store: The store.
        candidate: Their random name.
        item: The id of the item.
        order: By what authority, why, who asks, and the second person: one who looked, with the key they looked with.

    Raises:
        RoleConflictError: They are not two, or the second person did not look here, or decides somewhere; or
            authority or reason is missing. The refusal is in the ledger.
        CaseError: There is no such candidate or item.
    """
    one = store.told.candidate(candidate)
    said: dict[str, Any] = {**order.private, "candidate": candidate, "item": item}
    if grounds := [*store.objections(order), *_not_second(store, order)]:
        store.refuse(UNSEAL, RoleConflictError("Nothing was unsealed. The refusal is in the ledger.", grounds), **said)
    found = named(items(store, one), candidate, item)
    store.log(UNSEAL, cosigners=[order.approver], **said)
    return found, one.confirmed.get(item)


def named(found: list[Item], candidate: str, item: str) -> Item:
    """Return the item of an id.

    Raises:
        CaseError: There is none.
    """
    for each in found:
        if each.id == item:
            return each
    raise CaseError(f"There is no item {item!r} of {candidate}.")


def _not_second(store: Store, order: Order) -> list[str]:
    """Return why the second person of an order is none who looked here: by name, and by the key of their session."""
    keys = {
        each.key for each in store.held() if each.role in LOOKING and is_same_person(order.approver_name, each.person)
    }
    if order.approver.keyid in keys:
        return []
    return ["the second person is one who looked here, screener or second reader, with the key they looked with"]
