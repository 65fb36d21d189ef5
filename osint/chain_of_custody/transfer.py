"""Custody passed from hand to hand: release by one, receive or refuse by the other, each signed by who does it.

In one room, both sign one entry of one ledger; across two ledgers, see :mod:`osint.chain_of_custody.consignment`. That
somebody sent something is never custody: until a receive is recorded, the sender holds it.

Fields: NIST SP 800-61r2, section 3.3.2 (identifying information; name, title and phone number of each who handled it;
time and date with time zone; location), and the definition of the chain of custody in NIST SP 800-72 (purpose).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from osint.chain_of_custody.digests import sha256_stream
from osint.chain_of_custody.draft import NOTHING
from osint.chain_of_custody.entry import Entry, Exhibit, format_milliseconds
from osint.chain_of_custody.keys import Signer
from osint.chain_of_custody.ledger import Ledger
from osint.errors import EvidenceError, LedgerError
from osint.instants import parse_instant
from osint.store.blobs import FolderBlobs

OPEN, RECEIVED, REFUSED, EXPIRED = "open", "received", "refused", "expired"


@dataclass(frozen=True, kw_only=True)
class Handler:
    """A person who handles exhibits: name, title (rank, badge), and how to reach them (phone, address)."""

    name: str
    title: str
    contact: str

    def __post_init__(self) -> None:
        """Refuse a person of whom something is missing.

        Raises:
            LedgerError: Name, title or contact is empty.
        """
        missing = [name for name, value in asdict(self).items() if not value.strip()]
        if missing:
            raise LedgerError(f"Nothing was recorded: a transfer names each person with {', '.join(missing)} too.")


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """One release and what became of it, as the ledger of the sender tells it.

    Attributes:
        release: Sequence number of the release.
        leaf: Its leaf hash, hex: how the recipient refers to it.
        exhibits: Numbers of the exhibits.
        recipient_key: Fingerprint of the key that may receive them.
        terms: Sender, recipient, purpose, place, condition, medium and seal, as far as they were not erased.
        released: When, UTC.
        expires: Until when it may be answered, UTC, or None.
        state: ``open``, ``received``, ``refused`` or ``expired``.
        answer: Sequence number of the entry that answered it, or None.
        answered: When, UTC, or None.
        said: What the answer says in private values: condition, place, reason.
    """

    release: int
    leaf: str
    exhibits: tuple[str, ...]
    recipient_key: str
    terms: Mapping[str, Any]
    released: datetime
    expires: datetime | None
    state: str
    answer: int | None
    answered: datetime | None
    said: Mapping[str, Any]


# -- releasing -------------------------------------------------------------------------------------------------------


def release(
    ledger: Ledger,
    exhibits: Sequence[str],
    *,
    sender: Handler,
    recipient: Handler,
    recipient_key: str,
    purpose: str,
    place: str,
    condition: str,
    medium: str = "",
    seal: str = "",
    expires: datetime | None = None,
    restricted: Sequence[str] = (),
    stated: Mapping[str, Any] = NOTHING,
    present: datetime,
) -> Entry:
    """Record that exhibits are offered to someone; until they receive them, the sender holds them.

    Args:
        ledger: The sender's ledger.
        exhibits: Numbers, ``E0003``.
        sender: Who releases.
        recipient: To whom.
        recipient_key: Fingerprint of the recipient's key, learnt from the recipient: only that key can receive.
        purpose: Why, in words.
        place: Where, in words.
        condition: Of the exhibits, in words.
        medium: On what they travel: a disk with its serial number.
        seal: Number of the seal.
        expires: Until when it may be received.
        restricted: Which of them may open an account, and leave as they are because somebody said so.
        stated: By what right and whose permission, and what else is to be recorded of it, in private values.
        present: The present instant, with its zone.

    Raises:
        LedgerError: An exhibit is unknown, already released or passed on; a field is empty; the time is past.
    """
    taken = {exhibit.number: exhibit for exhibit in ledger.exhibits()}
    check_terms(purpose=purpose, place=place, condition=condition)
    problems = _objections(ledger, exhibits, taken, expires, present)
    if problems:
        raise LedgerError(f"Nothing was released: {'; '.join(problems)}.")
    items = [exhibit_item(taken[number]) for number in exhibits]
    terms = {"kind": "recipient", "key": recipient_key, **({"time": format_milliseconds(expires)} if expires else {})}
    said = {"purpose": purpose, "place": place, "condition": condition, "medium": medium, "seal": seal}
    named = {"restricted": list(restricted)} if restricted else {}
    return ledger.append(
        "release",
        object=[*items, terms],
        private={
            "sender": asdict(sender),
            "recipient": asdict(recipient),
            **{k: v for k, v in said.items() if v},
            **named,
            **stated,
        },
    )


def _objections(
    ledger: Ledger, exhibits: Sequence[str], taken: Collection[str], expires: datetime | None, present: datetime
) -> list[str]:
    """Say what is in the way of releasing some exhibits; nothing where they can be released."""
    problems = [f"{number} is not in this ledger" for number in exhibits if number not in taken]
    problems += [
        f"{each} is named twice" for each in {number for number in exhibits if list(exhibits).count(number) > 1}
    ]
    if expires is not None and expires <= present:
        problems.append("the time until which it may be received is past")
    for transfer in transfers(ledger, present):
        if transfer.state in (OPEN, RECEIVED):
            problems += [
                f"{number} was released by entry {transfer.release} already ({transfer.state})"
                for number in transfer.exhibits
                if number in exhibits
            ]
    return problems or ([] if exhibits else ["no exhibit is named"])


def receive(
    ledger: Ledger,
    released: str,
    blobs: FolderBlobs,
    *,
    recipient: Signer,
    place: str,
    condition: str,
    present: datetime,
) -> Entry:
    """Receive in the sender's presence: every hash is computed anew, and both sign one entry.

    Args:
        ledger: The ledger of the release.
        released: Leaf hash of the release, hex.
        blobs: Where the exhibits are.
        recipient: The recipient's key, the one that the release names.
        place: Where, in words.
        condition: In which the exhibits were found, in words.
        present: The present instant, with its zone.

    Raises:
        LedgerError: The release is not open, or is for another key.
        EvidenceError: An exhibit is not what was released; that is recorded, and the release stays open.
    """
    transfer = open_transfer(ledger, released, present)
    check_terms(place=place, condition=condition)
    _check_recipient(transfer, recipient)
    taken = {exhibit.number: exhibit for exhibit in ledger.exhibits()}
    for number in transfer.exhibits:
        with blobs.open(taken[number].sha256) as stream:
            found = sha256_stream(stream)
        if found != (taken[number].sha256, taken[number].size):
            reason = f"exhibit {number} gives SHA-256 {found[0]} over {found[1]} bytes"
            ledger.append("receive", outcome="failed", refs=[released], private={"reason": reason})
            raise EvidenceError(
                f"Nothing was received: {reason}, and another was released. The release stays open; restore the "
                "exhibit from a kept copy, or refuse it."
            )
    _make_known(ledger, recipient, transfer)
    return ledger.append(
        "receive",
        refs=[released],
        object=[exhibit_item(taken[number]) for number in transfer.exhibits],
        private={"recipient": transfer.terms.get("recipient", {}), "place": place, "condition": condition},
        cosigners=[recipient],
    )


def refuse(ledger: Ledger, released: str, *, recipient: Signer, reason: str, present: datetime) -> Entry:
    """Refuse in the sender's presence, with a reason; both sign one entry, and the sender goes on holding.

    Raises:
        LedgerError: The release is not open, is for another key, or no reason is given.
    """
    transfer = open_transfer(ledger, released, present)
    check_terms(reason=reason)
    _check_recipient(transfer, recipient)
    _make_known(ledger, recipient, transfer)
    return ledger.append("refuse", refs=[released], private={"reason": reason}, cosigners=[recipient])


# -- reading ---------------------------------------------------------------------------------------------------------


def transfers(ledger: Ledger, present: datetime) -> list[Transfer]:
    """Return every release of a ledger with what became of it, oldest first."""
    releases: dict[str, Entry] = {}
    answers: dict[str, Entry] = {}
    for entry in ledger.entries():
        if entry.outcome == "done" and entry.action == "release":
            releases[entry.leaf.hex()] = entry
        elif entry.outcome == "done" and entry.action in ("receive", "refuse"):
            for leaf in entry.refs:
                answers.setdefault(leaf, entry)
    return [transfer_of(entry, answers.get(leaf), present) for leaf, entry in releases.items()]


def transfer_of(entry: Entry, answer: Entry | None, present: datetime) -> Transfer:
    terms = next((item for item in entry.object if item.get("kind") == "recipient"), {})
    expires = parse_instant(terms["time"]) if "time" in terms else None
    state = OPEN if expires is None or present <= expires else EXPIRED
    if answer is not None:
        state = RECEIVED if answer.action == "receive" else REFUSED
    return Transfer(
        release=entry.seq,
        leaf=entry.leaf.hex(),
        exhibits=tuple(item["exhibit"] for item in entry.object if "exhibit" in item),
        recipient_key=str(terms.get("key", "")),
        terms=entry.private,
        released=entry.end_time,
        expires=expires,
        state=state,
        answer=answer.seq if answer else None,
        answered=answer.end_time if answer else None,
        said=answer.private if answer else {},
    )


def open_transfer(ledger: Ledger, leaf: str, present: datetime) -> Transfer:
    found = next((each for each in transfers(ledger, present) if each.leaf == leaf), None)
    if found is None or found.state != OPEN:
        state = f"it is {found.state}" if found else "there is no such release in this ledger"
        raise LedgerError(f"The release {leaf[:16]}… cannot be answered: {state}. Nothing was recorded; release anew.")
    return found


def _check_recipient(transfer: Transfer, recipient: Signer) -> None:
    if recipient.keyid != transfer.recipient_key:
        raise LedgerError(
            f"The release names the key {transfer.recipient_key[:16]}… of its recipient, and this is "
            f"{recipient.keyid[:16]}…. Nothing was recorded."
        )


def check_terms(**terms: str) -> None:
    missing = [name for name, value in terms.items() if not value.strip()]
    if missing:
        raise LedgerError(f"Nothing was recorded: a transfer states {', '.join(missing)} in words.")


def _make_known(ledger: Ledger, recipient: Signer, transfer: Transfer) -> None:
    who = transfer.terms.get("recipient", {})
    ledger.introduce(recipient, private={"investigator": f"{who['name']}, {who['title']}"} if who else {})


def exhibit_item(exhibit: Exhibit) -> dict[str, Any]:
    return {"exhibit": exhibit.number, "sha256": exhibit.sha256, "size": exhibit.size, "media": exhibit.media}
