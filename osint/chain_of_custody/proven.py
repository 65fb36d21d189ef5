"""Entries that travel without their ledger: each with its proof, and the public keys they are checked with."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from osint.chain_of_custody.checkpoint import parse as parse_note
from osint.chain_of_custody.checkpoint import read_note
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.disclosure import digest
from osint.chain_of_custody.disclosure import read as read_disclosure
from osint.chain_of_custody.entry import LONGEST_LINE, Entry, open_envelope, parse, pre_authentication
from osint.chain_of_custody.export import read_bounded
from osint.chain_of_custody.keys import VerifierKey, signature_holds
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.proof import SUFFIX, proof_text, read_proof
from osint.errors import LedgerError

_KEYS = "keys.txt"
_LARGEST_TEXT = 4 << 20


class Proven(NamedTuple):
    """An entry that was checked, the name of its ledger, and the text of its proof."""

    entry: Entry
    origin: str
    proof: str


def write_proven(
    ledger: Ledger, entries: Sequence[Entry], folder: Path, private: Collection[str] | None = None
) -> None:
    """Write entries with their proofs under the present checkpoint, and the public keys they are checked with.

    Of the private values those that are named go along; without names, all.
    """
    note = ledger.cut_checkpoint()
    size, tree = parse_note(note).size, ledger.tree()
    for entry in entries:
        record = next(ledger.records(entry.seq))
        (folder / f"entry-{entry.seq}.jsonl").write_bytes(record.line)
        told = [each for each in record.disclosures if private is None or read_disclosure(each)[0] in private]
        lines = "".join(f"{each}\n" for each in told)
        (folder / f"entry-{entry.seq}.disclosures.txt").write_text(lines, encoding="ascii")
        proof = proof_text(entry.seq, tree.inclusion_path(entry.seq, size), note)
        (folder / f"entry-{entry.seq}{SUFFIX}").write_text(proof, encoding="utf-8")
    keys = [item for entry in ledger.entries() for item in entry.object if "public" in item]
    public = (f"{item['role']} {item.get('algorithm', 'ed25519')} {item['public']}\n" for item in keys)
    (folder / _KEYS).write_text("".join(public), encoding="ascii")


def read_proven(folder: Path, known: Collection[str]) -> list[Proven]:
    """Read entries that came with proofs, and check each: signature, place in its ledger, private values.

    Args:
        folder: As it was received.
        known: Fingerprints of the other side's key and log key, learnt on another way.

    Raises:
        LedgerError: A file is missing or damaged, a signature or proof does not fit, or a key is none of the known.
    """
    keys = list(_read_keys(folder, known))
    found = []
    for path in sorted(folder.glob("entry-*.jsonl"), key=lambda each: (len(each.name), each.name)):
        line = read_bounded(path, LONGEST_LINE + 1).removesuffix(b"\n")
        beside = path.with_name(path.stem + ".disclosures.txt")
        disclosures = read_bounded(beside, _LARGEST_TEXT).decode("ascii", "replace").split() if beside.exists() else []
        entry = parse(line, 0, disclosures)
        text = read_bounded(path.with_name(path.stem + SUFFIX), _LARGEST_TEXT).decode("utf-8", "replace")
        proof = read_proof(text)
        origin = parse_note(proof.note).origin
        logs = [VerifierKey(origin, public) for role, _, public in keys if role == "log"]
        if {key.note_hash for key in logs}.isdisjoint(line.key_hash for line in read_note(proof.note).signatures):
            raise _not_known("log key of their case")
        proof.verify(entry.leaf, logs)
        people = {sha256(public): (algorithm, public) for role, algorithm, public in keys if role != "log"}
        _check_signed(entry, people)
        if entry.payload["ledger"] != origin or proof.index != entry.seq:
            raise LedgerError("The entry says that it stands elsewhere than its proof does.")
        _check_disclosed(entry, disclosures)
        found.append(Proven(entry, origin, text))
    if not found:
        raise LedgerError(f"{folder} holds no entry of a ledger.")
    return found


def _check_signed(entry: Entry, people: Mapping[str, tuple[str, bytes]]) -> None:
    envelope = open_envelope(entry.line)
    message = pre_authentication(envelope.payload)
    signed = dict(envelope.signatures)
    if entry.performer not in people:
        raise _not_known("actor key")
    algorithm, public = people[entry.performer]
    if not signature_holds(public, signed.get(entry.performer, b""), message, algorithm):
        raise LedgerError(
            "Nothing was received: the entry is not signed by the key that it names, so it was altered. Ask the other "
            "side for another copy."
        )


def _not_known(key: str) -> LedgerError:
    return LedgerError(
        f"Nothing was received: the {key} with which the other side signed is not among the fingerprints given. Both "
        "are needed, their actor key and the log key of their case. Have them tell you both on another way than this "
        "folder came: osint verify prints them there."
    )


def _check_disclosed(entry: Entry, disclosures: Sequence[str]) -> None:
    if not {digest(text) for text in disclosures} <= set(entry.payload["_sd"]):
        raise LedgerError("What came with the entry does not fit it: a private value was exchanged.")


def _read_keys(folder: Path, known: Collection[str]) -> Iterator[tuple[str, str, bytes]]:
    """Yield the keys whose fingerprints are known; the others of the file count for nothing."""
    for line in read_bounded(folder / _KEYS, _LARGEST_TEXT).decode("ascii", "replace").splitlines():
        role, _, rest = line.partition(" ")
        algorithm, _, encoded = rest.partition(" ")
        try:
            public = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise LedgerError(f"{_KEYS} of the consignment is damaged.") from error
        if sha256(public) in known:
            yield role, algorithm, public
