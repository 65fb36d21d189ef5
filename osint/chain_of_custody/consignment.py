"""Custody passed between two ledgers: what a sender gives to the recipient, and what comes back.

A *consignment* is a folder with the release, its proof of inclusion under a signed checkpoint (C2SP tlog-proof), the
public keys, and the exhibits. The recipient computes every hash anew, takes the exhibits into a ledger of their own,
and sends back a *receipt* of the same kind, which the sender's ledger records.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from osint.chain_of_custody.digests import sha256_file
from osint.chain_of_custody.entry import Entry, Exhibit
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.proven import read_proven, write_proven
from osint.chain_of_custody.transfer import EXPIRED, check_terms, exhibit_item, open_transfer, transfer_of
from osint.chain_of_custody.withheld import RESTRICTED
from osint.errors import EvidenceError, LedgerError
from osint.store.blobs import FolderBlobs

_EVIDENCE = "evidence"
_RECEIVED = ("place", "condition")


class Consignment(NamedTuple):
    """What a sender hands to the recipient, verified: the release, the ledger it stands in, its exhibits."""

    release: Entry
    origin: str
    proof: str
    exhibits: tuple[Exhibit, ...]


def write_consignment(ledger: Ledger, released: str, blobs: FolderBlobs, folder: Path) -> Path:
    """Write what the recipient of a release needs into a new folder: release, proof, public keys, exhibits.

    Raises:
        LedgerError: There is no such release, or the folder is there already or cannot be written.
        EvidenceError: An exhibit cannot be read, or is not what the ledger says.
    """
    entry = _find(ledger, released, "release")
    part = folder.with_name(f".{folder.name}.part")
    try:
        if folder.exists():
            raise LedgerError(f"{folder} is there already. Nothing was written; name a new folder.")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        write_proven(ledger, [entry], part)
        kept = FolderBlobs(part / _EVIDENCE)
        for item in entry.object:
            if "exhibit" in item:
                target = kept.path(item["sha256"])
                target.parent.mkdir(parents=True, exist_ok=True)
                with blobs.open(item["sha256"], verify=True) as stream, target.open("xb") as copy:
                    shutil.copyfileobj(stream, copy)
        part.rename(folder)
    except OSError as error:
        raise LedgerError(f"The consignment could not be written to {folder}: {error.strerror}.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def read_consignment(folder: Path, known: Collection[str]) -> Consignment:
    """Read and verify a consignment: the sender's signature, inclusion under a signed checkpoint, each exhibit's hash.

    Args:
        folder: As it was received.
        known: Fingerprints of the sender's key and log key, learnt from the sender on another way.

    Raises:
        LedgerError: It is no consignment, a signature or proof does not fit, or a key is none of the known ones.
        EvidenceError: An exhibit is missing or is not what the release says.
    """
    (entry, origin, proof), *more = read_proven(folder, known)
    if more or entry.action != "release" or entry.outcome != "done":
        raise LedgerError(f"{folder} holds no consignment: its entry is not one release.")
    exhibits = tuple(
        Exhibit(item["exhibit"], item["sha256"], item["size"], item["media"], entry.seq)
        for item in entry.object
        if "exhibit" in item
    )
    for exhibit in exhibits:
        path = FolderBlobs(folder / _EVIDENCE).path(exhibit.sha256)
        found = sha256_file(path) if path.is_file() and not path.is_symlink() else ("nothing", 0)
        if found != (exhibit.sha256, exhibit.size):
            raise EvidenceError(
                f"Exhibit {exhibit.number} of the consignment is not what was released (found {found[0][:16]}, "
                f"{found[1]} bytes). Refuse the consignment, or ask the sender for another copy."
            )
    return Consignment(entry, origin, proof, exhibits)


def take_in(
    ledger: Ledger,
    blobs: FolderBlobs,
    folder: Path,
    *,
    known: Collection[str],
    key: str,
    place: str,
    condition: str,
    present: datetime,
) -> list[Entry]:
    """Receive a consignment into a ledger of one's own; one entry for each exhibit, which gets a number here.

    An interrupted call is repeated: exhibits that were received are not received twice.

    Args:
        ledger: The recipient's ledger.
        blobs: The recipient's evidence.
        folder: The consignment.
        known: Fingerprints of the sender's key and log key.
        key: Fingerprint of the recipient's key, the one that signs this ledger.
        place: Where, in words.
        condition: In which the exhibits were found, in words.
        present: The present instant, with its zone.

    Raises:
        LedgerError, EvidenceError: As :func:`read_consignment`; or it is for another key, or has expired. That is
            recorded here.
    """
    check_terms(place=place, condition=condition)
    try:
        consignment = read_consignment(folder, known)
        _check_addressed(consignment.release, key, present)
    except (LedgerError, EvidenceError) as error:
        ledger.append("receive", outcome="failed", private={"reason": str(error)})
        raise
    leaf = consignment.release.leaf.hex()
    there = {item["exhibit"] for entry in received_here(ledger, leaf) for item in entry.object if "exhibit" in item}
    said = {
        "sender": consignment.release.private.get("sender", {}),
        "recipient": consignment.release.private.get("recipient", {}),
        "purpose": consignment.release.private.get("purpose", ""),
        "place": place,
        "condition": condition,
        "release": consignment.release.line.decode("ascii"),
        "proof": consignment.proof,
    }
    for exhibit in consignment.exhibits:
        if exhibit.number not in there:
            copy = FolderBlobs(folder / _EVIDENCE).path(exhibit.sha256)
            _take_one_in(ledger, blobs, exhibit, copy, of=consignment, said=said)
    return received_here(ledger, leaf)


def _take_one_in(
    ledger: Ledger, blobs: FolderBlobs, exhibit: Exhibit, copy: Path, *, of: Consignment, said: Mapping[str, Any]
) -> None:
    """Store one exhibit of a consignment and record that it was received.

    Raises:
        EvidenceError: Its bytes changed since they were verified.
    """
    restricted = of.release.private.get("restricted", ())
    with blobs.temporary() as temporary:
        shutil.copyfile(copy, temporary)
        if blobs.put(temporary) != exhibit.sha256:
            raise EvidenceError(f"Exhibit {exhibit.number} changed meanwhile; nothing was recorded of it.")
        ledger.append(
            "receive",
            object=[
                exhibit_item(exhibit),
                {"leaf": of.release.leaf.hex()},
                {"origin": of.origin},
                *([{"kind": RESTRICTED}] if exhibit.number in restricted else []),
            ],
            exhibit={"sha256": exhibit.sha256, "size": exhibit.size, "media": exhibit.media},
            private=said,
        )


def received_here(ledger: Ledger, leaf: str) -> list[Entry]:
    """Return the entries of this ledger that received exhibits of a release elsewhere."""
    return [
        entry
        for entry in ledger.entries()
        if entry.action == "receive" and entry.outcome == "done" and {"leaf": leaf} in entry.object
    ]


def release_of(ledger: Ledger, exhibit: str) -> str:
    """Return the leaf hash of the release that an exhibit of this ledger came with.

    Raises:
        LedgerError: It did not come with a consignment.
    """
    for entry in ledger.entries():
        if entry.exhibit == exhibit and entry.action == "receive":
            return str(next(item["leaf"] for item in entry.object if set(item) == {"leaf"}))
    raise LedgerError(f"Exhibit {exhibit} did not come with a consignment; there is nothing to acknowledge.")


def write_receipt(ledger: Ledger, leaf: str, folder: Path) -> Path:
    """Write what the sender needs to see that a consignment was received: the entries, proofs, public keys.

    Of the private values it tells where the exhibits were received, and in which condition.

    Raises:
        LedgerError: Nothing of that release was received here, or the folder cannot be written.
    """
    entries = received_here(ledger, leaf)
    if not entries:
        raise LedgerError(f"This ledger received nothing of the release {leaf}; there is nothing to acknowledge.")
    try:
        folder.mkdir(parents=True)
        write_proven(ledger, entries, folder, _RECEIVED)
    except OSError as error:
        raise LedgerError(f"The receipt could not be written to {folder}: {error.strerror}.") from error
    return folder


def acknowledge(ledger: Ledger, folder: Path, *, known: Collection[str], present: datetime) -> Entry:
    """Record in the sender's ledger that a consignment was received; custody has passed.

    Args:
        ledger: The sender's ledger.
        folder: The receipt.
        known: Fingerprints of the recipient's key and log key.
        present: The present instant, with its zone.

    Raises:
        LedgerError: The receipt does not fit the release: another key, other exhibits, a proof or signature that does
            not hold, or the release is not open.
    """
    proven = read_proven(folder, known)
    leaves = {item["leaf"] for entry, _, _ in proven for item in entry.object if set(item) == {"leaf"}}
    if len(leaves) != 1:
        raise LedgerError(f"{folder} holds no receipt of one release.")
    transfer = open_transfer(ledger, leaves.pop(), present)
    received = {item["exhibit"]: item["sha256"] for entry, _, _ in proven for item in entry.object if "exhibit" in item}
    taken = {exhibit.number: exhibit for exhibit in ledger.exhibits()}
    due = {number: taken[number].sha256 for number in transfer.exhibits}
    mine = {
        number: item["sha256"]
        for entry, _, _ in proven
        for number, item in zip(_named(entry), entry.result, strict=True)
    }
    if received != due or mine != due:
        raise LedgerError("The receipt is for other exhibits than were released; the release stays open.")
    if any(entry.performer != transfer.recipient_key or entry.action != "receive" for entry, _, _ in proven):
        raise LedgerError("The receipt is by another key than the release names; the release stays open.")
    first, origin, _ = proven[0]
    elsewhere = {"leaf": first.leaf.hex(), "origin": origin}
    return ledger.append(
        "receive",
        refs=[transfer.leaf],
        object=[
            *(exhibit_item(taken[number]) for number in transfer.exhibits),
            elsewhere,
        ],
        private={
            "recipient": transfer.terms.get("recipient", {}),
            **_told([entry for entry, _, _ in proven]),
            "receipt": [entry.line.decode("ascii") for entry, _, _ in proven],
            "proof": [proof for _, _, proof in proven],
        },
    )


def _told(entries: Sequence[Entry]) -> dict[str, str]:
    """Return what a receipt tells of place and condition, each wording once; nothing where it was erased."""
    told = {
        name: dict.fromkeys(str(each.private[name]) for each in entries if name in each.private) for name in _RECEIVED
    }
    return {name: "; ".join(words) for name, words in told.items() if words}


def _find(ledger: Ledger, leaf: str, action: str) -> Entry:
    for entry in ledger.entries():
        if entry.leaf.hex() == leaf and entry.action == action:
            return entry
    raise LedgerError(f"There is no {action} {leaf[:16]}… in this ledger.")


def _check_addressed(entry: Entry, key: str, present: datetime) -> None:
    transfer = transfer_of(entry, None, present)
    if transfer.recipient_key != key:
        raise LedgerError(f"The consignment is for the key {transfer.recipient_key[:16]}…, and yours is {key[:16]}….")
    if transfer.state == EXPIRED:
        raise LedgerError("The consignment has expired. Ask the sender to release it anew.")


def _named(entry: Entry) -> list[str]:
    return [item["exhibit"] for item in entry.object if "exhibit" in item]
