"""An order that two persons sign: what erases evidence, or makes that possible again, is never the act of one.

The requester acts with the ledger's own key, the approver signs the same envelope with another one. Two keys of one
person are one person: keys are compared by what they are, persons by the names the ledger knows them by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.keys import Signer, check_roles, load_or_create
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.registry import PEOPLE
from osint.chain_of_custody.unlocking import Unlock, session_passphrase
from osint.errors import LedgerError


@dataclass(frozen=True, kw_only=True)
class Order:
    """On what a step rests that needs two persons, and who they are.

    Attributes:
        authority: What orders or allows it: the court order, the statute, the section of the policy.
        reason: Why, in words.
        requester: Name and badge of the person at this workstation, who signs with the ledger's key.
        approver: Key of the second person.
        approver_name: Name and badge of the second person.
    """

    authority: str
    reason: str
    requester: str
    approver: Signer = field(repr=False)
    approver_name: str

    @property
    def private(self) -> dict[str, str]:
        """What the entry says of it, in private values."""
        return {
            "authority": self.authority,
            "reason": self.reason,
            "requester": self.requester,
            "approver": self.approver_name,
        }

    @property
    def second_person(self) -> dict[str, Any]:
        """What a decision of the gate is told of the second person."""
        return {"approver": self.approver_name, "approver_key": self.approver.keyid}


def approver_from(folder: Path, unlock: Unlock = session_passphrase) -> Signer:
    """Return the key of a second person from that person's own key folder, such as one on a stick. None is made.

    Args:
        folder: The key folder.
        unlock: Gives the passphrase; the person is asked by default.

    Raises:
        LedgerError: There is no key, or it cannot be unlocked.
    """
    if not any((folder / f"actor{kind}").exists() for kind in (".key", ".pub", ".pkcs11", ".pem")):
        raise LedgerError(
            f"{folder} holds no key of a person. Nothing was signed: a second person signs with a key of their own, "
            "made on their own account; name the folder it is kept in."
        )
    return load_or_create(folder, "actor", unlock)


def objections(ledger: Ledger, order: Order) -> list[str]:
    """Return why an order cannot be carried out as it stands, in sentences; the texts in it are not repeated.

    Raises:
        LedgerError: The ledger was opened for reading.
    """
    said = {"authority": order.authority, "reason": order.reason, "approver_name": order.approver_name}
    missing = [f"{name} is missing: an order names its authority, its reason and both persons" for name in said]
    grounds = [ground for ground, text in zip(missing, said.values(), strict=True) if not text.strip()]
    requester, log = ledger.signers()
    try:
        check_roles(requester=requester, log=log, approver=order.approver)
    except LedgerError as error:
        grounds.append(f"the approver is not a second person. {error}")
    known = names(ledger.entries()).get(order.approver.keyid)
    if known is not None and _plain(known) != _plain(order.approver_name):
        grounds.append("the ledger knows the approver's key under another name than the one given")
    if _plain(order.approver_name) == _plain(order.requester):
        grounds.append("requester and approver bear the same name: one person with two keys is one person")
    return grounds


def introduce_approver(ledger: Ledger, order: Order) -> None:
    """Make the approver's key known to the ledger, if it is not; the approver signs that entry too.

    Raises:
        LedgerError: The entry cannot be written.
    """
    if order.approver.keyid not in names(ledger.entries()):
        ledger.introduce(order.approver, private={"investigator": order.approver_name})


def names(entries: Iterable[Entry]) -> Mapping[str, str]:
    """Return the name of the person behind each key, by fingerprint: from the newest entry that discloses one.

    A name in an entry that introduces keys of persons is that of these keys, otherwise that of whoever performed it.
    """
    found: dict[str, str] = {}
    for entry in entries:
        if "investigator" in entry.private:
            made = [item["key"] for item in entry.object if "public" in item and item.get("role") in PEOPLE]
            found |= dict.fromkeys(made or [entry.performer], str(entry.private["investigator"]))
    return found


def are_two(entry: Entry) -> bool:
    """Return whether an entry bears the signatures of two persons; verification says whether they fit."""
    return len(set(entry.signers)) > 1


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
