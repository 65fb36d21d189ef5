"""What must hold after any fault: whatever was acknowledged is there, the ledger verifies, and work goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from faults.appender import (
    WITNESSED,
    enroll,
    grow,
    head_of_officer,
    open_as_officer,
    open_or_create,
    request,
    sweep,
    ticking,
    witness,
)
from faults.outside import anchors, published_in
from origin import AUTHORITY

from osint.chain_of_custody import checkpoint
from osint.chain_of_custody.backup import check_backup
from osint.chain_of_custody.export import ExportedLedger
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.merkle import Tree
from osint.chain_of_custody.verification import verify
from osint.chain_of_custody.verified import Verified
from osint.errors import OsintError
from osint.policy.authorization import Authorization
from osint.store.blobs import FolderBlobs

Said = Mapping[str, Any]


class LostError(AssertionError):
    """Something that was acknowledged is not there."""


def reopen_case(folder: Path, said: Sequence[Said]) -> Verified:
    """Open the case as its owner would after a fault, and go on; nothing is repaired by hand.

    Args:
        folder: The case folder.
        said: What the worker said.

    Raises:
        LostError: Something acknowledged is missing, something erased is back, or a head was signed twice with
            different roots.
        OsintError: The case does not open, does not verify, or cannot be continued.
    """
    promised = [each for each in said if "message" not in each]
    heads = published(said)
    folder.mkdir(exist_ok=True)
    _check_erased(folder, promised)
    with open_or_create(folder, ticking()) as ledger:
        blobs = FolderBlobs(folder / "evidence")
        sweep(ledger, blobs)
        _check_entries(ledger, promised)
        _check_evidence(blobs, promised)
        _check_heads([*heads, *ledger.checkpoints()], ledger)
        _check_anchors(ledger, promised)
        trusted = {"kept_head": heads[-1] if heads else None, "anchors": anchors(ledger.origin)}
        verify(ledger, blobs, **trusted)
        size = len(ledger)
        if ledger.append("note").seq != size:
            raise LostError(f"after {size} entries the next one is not number {size}")
        _check_heads([*heads, ledger.cut_checkpoint()], ledger)
        verified = verify(ledger, blobs, **trusted)
        if blobs.leftovers():
            raise LostError(f"an unfinished file was left: {blobs.leftovers()}")
    return verified


def reopen_as_officer(folder: Path, said: Sequence[Said]) -> None:
    """Open a case by its folder alone, as an officer does, verify it and close it.

    Raises:
        LostError: An acknowledged entry, a key or the memory of a head is missing.
        OsintError: The case does not open, does not verify, or cannot be continued.
    """
    promised = [each for each in said if "leaf" in each]
    with open_as_officer(folder) as case:
        _check_entries(case._ledger, promised)
        if head_of_officer(folder, case._ledger) < max((each["remembered"] for each in promised), default=0):
            raise LostError("this workstation forgot the head that it signed")
        if promised and len(case.verify().keys) != 2:
            raise LostError("a key is lost, and another had to be introduced")
        if not any(each.get("step") == "authorize" for each in said):
            case.authorize(Authorization(**AUTHORITY))
    with open_as_officer(folder) as case:
        case.verify()


def reopen_witness(folder: Path, said: Sequence[Said]) -> None:
    """Open the memory of a witness after a fault, and ask it to cosign another history.

    Raises:
        LostError: It forgot what it cosigned, cosigned another history, or refuses to go on with the true one.
        OsintError: Its memory does not open.
    """
    folder.mkdir(exist_ok=True)
    memory = witness(folder)
    enroll(memory)
    kept = max((checkpoint.parse(note).size for note in memory.heads(WITNESSED)), default=0)
    answered = max((each["cosigned"] for each in said if "cosigned" in each), default=0)
    if kept < answered:
        raise LostError(f"it cosigned {answered} entries, and remembers {kept}")
    if kept:
        other = Tree()
        grow(other, kept, b"another")
        for old in (0, kept):
            if memory.add_checkpoint(request(other, old)).status == 200:
                raise LostError(f"it cosigned another history over {kept} entries")
    true = Tree()
    grow(true, kept + 2)
    if memory.add_checkpoint(request(true, kept)).status != 200:
        raise LostError("it refuses the history that it has cosigned so far")


def published(said: Iterable[Said]) -> list[str]:
    """Return the heads that left the worker, the smallest first."""
    notes = [str(each["note"]) for each in said if "note" in each]
    shown = [published_in(bytes.fromhex(each["body"])) for each in said if "ask" in each]
    return sorted({*notes, *filter(None, shown)}, key=lambda note: checkpoint.parse(note).size)


def check_copies(folder: Path, said: Sequence[Said]) -> int:
    """Check that no export or backup passes for whole that is not; return how many are.

    Raises:
        LostError: One that was acknowledged does not verify, or one verifies that lacks what was published before it.
    """
    acknowledged = {str(each[kind]) for each in said for kind in ("export", "backup") if kind in each}
    heads = published(said)
    whole = 0
    for copy in sorted([*folder.parent.glob("export-*"), *folder.parent.glob("backup-*")]):
        try:
            if copy.name.startswith("export"):
                verify(ExportedLedger(copy), kept_head=heads[-1] if heads else None)
            else:
                check_backup(copy)
            whole += 1
        except OsintError as error:
            if copy.name in acknowledged or copy.name.startswith("backup"):
                raise LostError(f"{copy.name} is there and does not verify: {error}") from error
    return whole


def _check_entries(ledger: Ledger, said: Iterable[Said]) -> None:
    leaves = [entry.leaf.hex() for entry in ledger.entries()]
    for each in said:
        if "leaf" in each and leaves[each["seq"] : each["seq"] + 1] != [each["leaf"]]:
            raise LostError(f"the acknowledged entry {each['seq']} ({each['step']}) is lost")


def _check_evidence(blobs: FolderBlobs, said: Iterable[Said]) -> None:
    for each in said:
        if "sha256" in each:
            try:
                blobs.open(each["sha256"], verify=True).close()
            except OsintError as error:
                raise LostError(f"the acknowledged exhibit {each['sha256'][:8]} is lost: {error}") from error


def _check_heads(notes: Iterable[str], ledger: Ledger) -> None:
    kept = set(ledger.checkpoints())
    roots: dict[tuple[str, int], bytes] = {}
    for note in notes:
        head = checkpoint.parse(note)
        if roots.setdefault((head.origin, head.size), head.root) != head.root:
            raise LostError(f"two heads over {head.size} entries have different roots")
        if note not in kept:
            raise LostError(f"the published head over {head.size} entries is lost")


def _check_anchors(ledger: Ledger, said: Iterable[Said]) -> None:
    tokens, lines = [token.sha256 for token in ledger.tokens()], ledger.cosignatures()
    for each in said:
        if "tokens" in each and tokens[: len(each["tokens"])] != each["tokens"]:
            raise LostError("an acknowledged time stamp is lost")
        if not {tuple(line) for line in each.get("cosigned", []) if "tokens" in each} <= set(lines):
            raise LostError("an acknowledged cosignature is lost")


def _check_erased(folder: Path, said: Iterable[Said]) -> None:
    gone = [each["gone"].encode() for each in said if "gone" in each]
    for path in folder.rglob("*") if gone else ():
        if path.is_file() and any(secret in path.read_bytes() for secret in gone):
            raise LostError(f"what was erased is still in {path.name}")
