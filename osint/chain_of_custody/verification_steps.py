"""The steps of verification, as :mod:`osint.chain_of_custody.verification` numbers them: what each one looks at.

``Lines`` (1-6) goes through the entries once; ``Exhibits`` (8, 9) looks at what each of them took in; ``Heads`` (7, 10)
compares the signed heads with the roots on the way. All findings are collected in ``Lines``.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from osint.chain_of_custody import checkpoint, disclosure
from osint.chain_of_custody.canonical import is_canonical
from osint.chain_of_custody.checkpoint import Checkpoint
from osint.chain_of_custody.digests import sha256, sha256_stream
from osint.chain_of_custody.entry import (
    INTRODUCING,
    NO_ENTRY,
    Envelope,
    Exhibit,
    open_envelope,
    pre_authentication,
    read_payload,
    taken_in,
)
from osint.chain_of_custody.keys import VerifierKey, signature_holds
from osint.chain_of_custody.ledger import Record
from osint.chain_of_custody.merkle import Frontier, leaf_hash
from osint.errors import EvidenceError, Finding, LedgerError
from osint.store.blobs import Blobs

CheckExhibit = Callable[[BinaryIO], list[str]]


@dataclass(frozen=True)
class IntroducedKey:
    """A public key as the ledger introduces it.

    Attributes:
        keyid: Fingerprint: hex SHA-256 of ``public``. Compare it with the one on paper.
        role: ``actor`` or ``log``.
        public: 32 raw bytes.
        entry: Sequence number of the entry that introduces it.
    """

    keyid: str
    role: str
    public: bytes
    entry: int


class Lines:
    """Steps 1 to 6: the lines in order, one pass, with the frontier of the tree as the only memory of them."""

    def __init__(self, fingerprints: Collection[str] | None) -> None:
        self.findings: list[Finding] = []
        self.unproven: list[int] = []
        self.broken_links: list[int] = []
        self.count = 0
        self.withheld = 0
        self.origin = ""
        self.frontier = Frontier()
        self.keys: dict[tuple[str, str], IntroducedKey] = {}
        self.payload: Mapping[str, Any] | None = None
        self._fingerprints = fingerprints
        self._previous = bytes.fromhex(NO_ENTRY)
        self._next_seq = 0

    @property
    def place(self) -> int:
        """Position of the line taken last."""
        return self.count - 1

    def find(self, step: int, what: str, entry: int | None = None, unproven_from: int | None = None) -> None:
        """Note a finding; ``unproven_from`` is the first entry that it leaves unproven."""
        self.findings.append(Finding(step=step, what=what, entry=entry))
        if unproven_from is not None:
            self.unproven.append(unproven_from)

    def take(self, record: Record) -> None:
        """Check one line."""
        self.payload = None
        if not record.line:
            for text in record.disclosures:
                self.find(6, f"a disclosure belongs to no entry of this ledger ({text[:20]}…).")
            return
        self.count += 1
        line = record.line.removesuffix(b"\n")
        try:
            envelope, self.payload = _read_line(record.line)  # (1)
        except LedgerError as error:
            self._wrong(1, f"it cannot be read: {error}.")
        else:
            self._check_position(self.payload)
            self._check_link(self.payload)
            self._check_spelling(envelope, self.payload)
            self._introduce(self.payload)
            self._check_signatures(envelope, self.payload)
            self._check_disclosures(self.payload, record.disclosures)
        self._previous = leaf_hash(line)
        self.frontier.append(self._previous)

    def finish(self) -> None:
        """Check what holds for the whole."""
        if not self.count:
            self.find(2, "the ledger holds no entry at all; it was emptied.", unproven_from=0)

    @property
    def log_keys(self) -> list[IntroducedKey]:
        """The log keys that the ledger introduces; asked for after the last line."""
        return [key for key in self.keys.values() if key.role == "log"]

    def _wrong(self, step: int, what: str) -> None:
        self.find(step, what, entry=self.place, unproven_from=self.place)

    def _check_position(self, payload: Mapping[str, Any]) -> None:
        seq = payload["seq"]
        if seq != self._next_seq:  # (2)
            self._wrong(2, f"it is numbered {seq} where {self._next_seq} is due: a line is missing, moved or doubled.")
        self._next_seq = seq + 1
        self.origin = self.origin or payload["ledger"]
        if payload["ledger"] != self.origin:
            self._wrong(2, f"it belongs to another ledger ({payload['ledger'][:80]}).")

    def _check_link(self, payload: Mapping[str, Any]) -> None:
        if payload["prev"] == self._previous.hex():  # (3)
            return
        what = (
            f"it continues another line than the one before it (recorded {_short(payload['prev'])}, computed "
            f"{_short(self._previous.hex())}): that line was changed afterwards, or lines were removed, added or moved."
        )
        self.find(3, what, entry=self.place)
        self.broken_links.append(self.place)

    def _check_spelling(self, envelope: Envelope, payload: Mapping[str, Any]) -> None:
        if not is_canonical(envelope.payload, payload):  # (4)
            self._wrong(4, "its payload is not in canonical form, so it was not written by this tool.")

    def _introduce(self, payload: Mapping[str, Any]) -> None:
        for item in payload["object"] if payload["action"] in INTRODUCING else ():
            key = _read_key(item, self.place)
            if key is None:
                self._wrong(5, "it introduces a key whose fingerprint does not fit.")
            elif self._fingerprints is not None and key.keyid not in self._fingerprints:
                self._wrong(
                    5, f"it introduces the {key.role} key {key.keyid}, which is none of the fingerprints given."
                )
            else:
                self.keys.setdefault((key.keyid, key.role), key)

    def _check_signatures(self, envelope: Envelope, payload: Mapping[str, Any]) -> None:
        message = pre_authentication(envelope.payload)
        performer = payload["performer"]["key"]
        if performer not in [keyid for keyid, _ in envelope.signatures]:  # (5)
            self._wrong(5, f"the person it names ({_short(performer)}) did not sign it.")
        for keyid, signature in envelope.signatures:
            key = self.keys.get((keyid, "actor"))
            if key is None:
                self._wrong(
                    5, f"it is signed with {_short(keyid)}, a key that no entry up to here introduces as an actor's."
                )
            elif not signature_holds(key.public, signature, message):
                self._wrong(5, f"the signature of {_short(keyid)} does not fit: the entry was changed after signing.")

    def _check_disclosures(self, payload: Mapping[str, Any], disclosures: Sequence[str]) -> None:
        left = Counter(payload["_sd"])
        for text in disclosures:
            problem = _disclosure_problem(text, left)  # (6)
            if problem:
                self.find(
                    6, f"{problem} What it says is unproven; the entry itself is not touched by this.", self.place
                )
        self.withheld += left.total()


class Heads:
    """Steps 7 and 10: the signed heads, against the roots computed on the way."""

    def __init__(self, notes: Sequence[str], kept_head: str | None, lines: Lines) -> None:
        self._kept_note = kept_head.replace("\r\n", "\n") if kept_head is not None else None
        self.kept = _read_kept_head(self._kept_note) if self._kept_note is not None else None
        self.agreed: list[tuple[int, int]] = []
        self._lines = lines
        self._notes = [(number, note, _checkpoint_or_none(note)) for number, note in enumerate(notes, 1)]
        self._roots: dict[int, bytes] = {}
        self._wanted = {head.size for _, _, head in self._notes if head} | ({self.kept.size} if self.kept else set())

    @property
    def last_size(self) -> int:
        """Entries under the last checkpoint that agrees."""
        return self.agreed[-1][1] if self.agreed else 0

    def note_root(self) -> None:
        """Keep the root over the lines so far when some head is of this size."""
        if self._lines.frontier.size in self._wanted:
            self._roots[self._lines.frontier.size] = self._lines.frontier.root()

    def judge(self) -> None:
        """Check every checkpoint, then the head kept elsewhere."""
        before = 0
        for number, note, head in self._notes:
            problem = self._problem(note, head, before)  # (7)
            if problem:
                self._lines.find(
                    7, f"checkpoint {number} {problem}", unproven_from=min(self.last_size, self._lines.count)
                )
            elif head:
                self.agreed.append((number, head.size))
            before = max(before, head.size if head else 0)
        self._judge_kept_head()

    def _problem(self, note: str, head: Checkpoint | None, before: int) -> str:
        if head is None:
            return "is damaged; it proves nothing. Compare with the copy deposited elsewhere."
        if head.size <= before:
            return f"goes back: it covers {head.size} entries after one that covered {before}. An old one was put in."
        return self._mismatch(head) or self._signature_problem(note, head)

    def _mismatch(self, head: Checkpoint) -> str:
        if head.origin != self._lines.origin:
            return f"belongs to another ledger ({head.origin[:80]})."
        if head.size > self._lines.count:
            return (
                f"covers {head.size} entries, and the ledger holds {self._lines.count}: its end was cut off. Restore "
                "the ledger from a kept copy."
            )
        computed = self._roots.get(head.size, b"")
        if head.root != computed:
            return (
                f"has another root over its {head.size} entries (recorded {_short(head.root.hex())}, computed "
                f"{_short(computed.hex())}): an entry under it was changed, or the checkpoint was."
            )
        return ""

    def _signature_problem(self, note: str, head: Checkpoint) -> str:
        keys = [VerifierKey(head.origin, key.public) for key in self._lines.log_keys if key.entry < head.size]
        try:
            checkpoint.verify(note, keys)
        except LedgerError as error:
            return f"is not signed by the log key: {error}"
        return ""

    def _judge_kept_head(self) -> None:
        if self.kept is None or self._kept_note is None:
            return
        problem = self._mismatch(self.kept)  # (10)
        if not problem and "\n— " in self._kept_note:
            problem = self._signature_problem(self._kept_note, self.kept)
        if problem:
            what = f"the head kept elsewhere {problem} What was kept elsewhere cannot have been altered here."
            cut = self.kept.size > self._lines.count and self.kept.origin == self._lines.origin
            if cut:
                what += " In a copy or a package that was made before that head was taken, this is to be expected."
            self._lines.find(10, what, unproven_from=self._lines.count if cut else 0)


class Exhibits:
    """Steps 8 and 9: each evidentiary copy, as its entry passes by."""

    def __init__(self, evidence: Blobs | None, check_exhibit: CheckExhibit | None, lines: Lines) -> None:
        self.good = 0
        self.bytes = 0
        self._evidence = evidence
        self._check = check_exhibit
        self._lines = lines
        self._named: set[bytes] = set()
        self._next = 1

    def take(self) -> None:
        """Check what the entry taken last took in."""
        exhibit = taken_in(self._lines.payload, self._lines.place) if self._lines.payload else None
        if exhibit is None:
            return
        if exhibit.number != f"E{self._next:04d}":  # (8)
            self._find(8, exhibit, f"stands where E{self._next:04d} is due: an exhibit is missing or doubled.")
        self._next += 1
        self._named.add(bytes.fromhex(exhibit.sha256))
        if self._evidence is not None:
            self._compare(self._evidence, exhibit)

    def finish(self) -> None:
        """Look for what no entry names."""
        if self._evidence is None:
            return
        for digest in self._evidence.digests():
            if bytes.fromhex(digest) not in self._named:
                self._lines.find(8, f"the evidentiary copy {digest} is named by no entry; it is no evidence.")
        for name in self._evidence.strangers():
            self._lines.find(8, f"{name} lies among the evidence and is no evidentiary copy.")

    def _compare(self, evidence: Blobs, exhibit: Exhibit) -> None:
        try:
            with evidence.open(exhibit.sha256) as stream:
                digest, size = sha256_stream(stream)
                if (digest, size) != (exhibit.sha256, exhibit.size):
                    self._find(
                        8,
                        exhibit,
                        f"changed after it was stored (recorded {_short(exhibit.sha256)}, {exhibit.size} bytes; found "
                        f"{_short(digest)}, {size} bytes). Restore it from a kept copy.",
                    )
                    return
                stream.seek(0)
                problems = self._check(stream) if self._check else []
        except (EvidenceError, OSError) as error:
            self._find(8, exhibit, f"cannot be read: {error}")
            return
        for problem in problems:  # (9)
            self._find(9, exhibit, f"holds a record that does not fit: {problem}")
        self.good += 1
        self.bytes += size

    def _find(self, step: int, exhibit: Exhibit, what: str) -> None:
        self._lines.find(step, f"exhibit {exhibit.number} {what}", entry=self._lines.place)


def _read_line(line: bytes) -> tuple[Envelope, dict[str, Any]]:
    if not line.endswith(b"\n"):
        raise LedgerError("the line has no end; writing broke off, or its end was cut")
    envelope = open_envelope(line.removesuffix(b"\n"))
    return envelope, read_payload(envelope.payload)


def _read_key(item: Mapping[str, Any], entry: int) -> IntroducedKey | None:
    match item:
        case {"key": str(keyid), "public": str(encoded), "role": "actor" | "log" as role}:
            try:
                public = base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError):
                return None
            return IntroducedKey(keyid, role, public, entry) if sha256(public) == keyid else None
    return None


def _disclosure_problem(text: str, left: Counter[str]) -> str:
    try:
        disclosure.read(text)
        digest = disclosure.digest(text)
    except LedgerError as error:
        return f"a disclosure is damaged: {error}"
    if not left[digest]:
        return "a disclosure fits no digest of the entry: it was altered, exchanged or doubled."
    left[digest] -= 1
    return ""


def _checkpoint_or_none(note: str) -> Checkpoint | None:
    try:
        return checkpoint.parse(note)
    except LedgerError:
        return None


def _read_kept_head(text: str) -> Checkpoint:
    """Read a head kept elsewhere: a signed checkpoint, or its three lines as printed."""
    return checkpoint.parse(text) if "\n— " in text else checkpoint.read_head(text.strip() + "\n")


def _short(digest: str) -> str:
    return f"{digest[:4]}…{digest[-2:]}" if digest else "nothing"
