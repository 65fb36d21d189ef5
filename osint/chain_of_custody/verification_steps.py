"""The steps of verification, as :mod:`osint.chain_of_custody.verification` numbers them: what each one looks at.

``Lines`` (1-6) joins the readings of the entries once; ``Exhibits`` (8, 9) looks at what each of them took in;
``Heads`` (7, 10) compares the signed heads with the roots on the way. All findings are collected in ``Lines``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any, BinaryIO

from osint.chain_of_custody import checkpoint
from osint.chain_of_custody.checkpoint import Checkpoint
from osint.chain_of_custody.clear_fields import EXHIBIT
from osint.chain_of_custody.clocks import Clock
from osint.chain_of_custody.digests import sha256_stream
from osint.chain_of_custody.entry import NO_ENTRY, Exhibit, restored_head, taken_in
from osint.chain_of_custody.keys import VerifierKey, public_point, signature_holds
from osint.chain_of_custody.merkle import Frontier
from osint.chain_of_custody.reading import Reading
from osint.chain_of_custody.registry import RegisteredKey, Registry
from osint.chain_of_custody.trusted import TrustedHead
from osint.chain_of_custody.withheld import Derivatives, Withholding
from osint.errors import EvidenceError, Finding, LedgerError
from osint.store.blobs import Blobs

CheckExhibit = Callable[[BinaryIO], list[str]]
_MOST_FINDINGS = 1000  # a hostile ledger must fill neither memory nor screen


class Lines:
    """Steps 1 to 6: the readings in order, one pass, with the frontier of the tree as the only memory of them."""

    def __init__(self, fingerprints: Collection[str] | None, trusted: TrustedHead | None = None) -> None:
        self.findings: list[Finding] = []
        self.unlisted = 0
        self.unproven: list[int] = []
        self.broken_links: list[int] = []
        self.withheld = 0
        self.facts: Mapping[str, Any] | None = None
        self.names: dict[int, str] = {}
        self.restores: list[int] = []
        self.erased: dict[str, int] = {}
        self.purged: dict[str, int] = {}
        self.stopped: dict[str, int] = {}
        self.holds: dict[str, tuple[int, frozenset[str]]] = dict(trusted.holds) if trusted else {}
        self.first = trusted.size if trusted else 0
        self.count = self.first
        self.registry = Registry(trusted.keys if trusted else ())
        self.epochs: list[tuple[int, str]] = list(trusted.epochs) if trusted else []
        self.frontier = trusted.frontier() if trusted else Frontier()
        self.clock = Clock(trusted.clock if trusted else None)
        self._fingerprints = fingerprints
        self._previous = trusted.leaf if trusted else bytes.fromhex(NO_ENTRY)
        self._next_seq = self.first
        self._signed: dict[str, list[list[int]]] = {}
        self._leaf_taken = ""

    @property
    def place(self) -> int:
        """Position of the line taken last."""
        return self.count - 1

    @property
    def origin(self) -> str:
        """Name of the ledger as it stands now."""
        return self.epochs[-1][1] if self.epochs else ""

    @property
    def leaf(self) -> bytes:
        """Leaf hash of the line taken last."""
        return self._previous

    def origin_of_head(self, size: int) -> str:
        """Return the name that a head over so many entries has to carry."""
        return next((origin for first, origin in reversed(self.epochs) if first < size), "")

    def find(self, step: int, what: str, entry: int | None = None, unproven_from: int | None = None) -> None:
        """Note a finding; ``unproven_from`` is the first entry that it leaves unproven."""
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(Finding(step=step, what=what, entry=entry))
        else:
            self.unlisted += 1
        if unproven_from is not None:
            self.unproven = [min([unproven_from, *self.unproven])]

    def wrong(self, step: int, what: str) -> None:
        """Note a finding that leaves the line taken last and all after it unproven."""
        self.find(step, what, entry=self.place, unproven_from=self.place)

    def take(self, reading: Reading) -> None:
        """Join one reading to those before it."""
        self.count += 1
        self.facts = reading.facts
        if reading.facts is None:
            self.wrong(1, f"it cannot be read: {reading.error}.")
        else:
            self._check_name(reading.facts)
            self._check_position(reading.facts)
            self._check_link(reading.facts)
            if not reading.canonical:  # (4)
                self.wrong(4, "its payload is not in canonical form, so it was not written by this tool.")
            self._check_keys(reading)
            self._check_disclosures(reading)
            self._leaf_taken = reading.leaf.hex()
            self._note_holds(reading.facts)
            self._note_erasures(reading.facts)
            self._note_stops(reading.facts)
            self.clock.take(reading.facts, self.place)
        self._previous = reading.leaf
        self.frontier.append(reading.leaf)

    def stray(self, disclosures: Sequence[str]) -> None:
        """Note disclosures that name no entry."""
        for text in disclosures:
            self.find(6, f"a disclosure belongs to no entry of this ledger ({text[:20]}…).")

    def finish(self) -> None:
        """Check what holds for the whole."""
        if not self.count:
            self.find(2, "the ledger holds no entry at all; it was emptied.", unproven_from=0)

    def disputed(self) -> list[tuple[RegisteredKey, list[tuple[int, int]]]]:
        """Return the keys that a revocation puts in doubt, with the spans of entries that they signed since then."""
        found = []
        for key in self.registry:
            if key.disputed_from is None or key.role == "log":
                continue
            runs = self._signed.get(key.keyid, [])
            spans = [(max(first, key.disputed_from), last) for first, last in runs if last >= key.disputed_from]
            found.append((key, spans))
        return found

    def _check_name(self, facts: Mapping[str, Any]) -> None:
        name = facts["ledger"]
        if facts["action"] == "restore" and self.epochs and name != self.origin:
            self.epochs.append((self.place, name))
            self.restores.append(self.place)
            if name in [known for _, known in self.epochs[:-1]]:
                self.wrong(2, f"it declares a restore and takes a name again that the ledger had before ({name[:80]}).")
            if facts["object"][:1] != [restored_head(self.frontier.size, self.frontier.root())]:
                self.wrong(2, "it declares a restore to another head than the entries before it have.")
            return
        if not self.epochs:
            self.epochs.append((self.place, name))
        if name != self.origin:
            self.wrong(2, f"it belongs to another ledger ({name[:80]}).")

    def _check_position(self, facts: Mapping[str, Any]) -> None:
        seq = facts["seq"]
        if seq != self._next_seq:  # (2)
            self.wrong(2, f"it is numbered {seq} where {self._next_seq} is due: a line is missing, moved or doubled.")
        self._next_seq = seq + 1

    def _check_link(self, facts: Mapping[str, Any]) -> None:
        if facts["prev"] == self._previous.hex():  # (3)
            return
        what = (
            f"it continues another line than the one before it (recorded {_short(facts['prev'])}, computed "
            f"{_short(self._previous.hex())}): that line was changed afterwards, or lines were removed, added or moved."
        )
        self.find(3, what, entry=self.place)
        self.broken_links.append(self.place)

    def _check_keys(self, reading: Reading) -> None:
        assert reading.facts is not None
        signers = [keyid for keyid, _ in reading.signatures]
        for problem in self.registry.take(reading.facts, self.place, signers, self._fingerprints):  # (5)
            self.wrong(5, problem)
        for name in reading.names:
            self.names[self.place] = name
        performer = reading.facts["performer"]["key"]
        if performer not in signers:
            self.wrong(5, f"the person it names ({_short(performer)}) did not sign it.")
        elif self.registry.person(performer) is None:
            self.wrong(5, f"what it names as a person ({_short(performer)}) is no key of one.")
        late = {each.keyid: each.signature for each in reading.unchecked}
        for keyid, holds in reading.signatures:
            self._check_signature(keyid, holds, late.get(keyid, b""), reading)

    def _check_signature(self, keyid: str, holds: bool | None, signature: bytes, reading: Reading) -> None:
        assert reading.facts is not None
        rotates_log = reading.facts["action"] == "key.rotate"
        key = self.registry.any(keyid) if rotates_log else self.registry.person(keyid)
        if key is None:
            self.wrong(
                5, f"it is signed with {_short(keyid)}, a key that no entry up to here introduces as an actor's."
            )
            return
        if not key.may_sign_entry(self.place):
            self.wrong(5, f"it is signed with {_short(keyid)}, a key that entry {key.ended} ended ({key.reason}).")
        if holds is None:
            holds = signature_holds(key.public, signature, reading.message, key.algorithm)
        if not holds:
            self.wrong(5, f"the signature of {_short(keyid)} does not fit: the entry was changed after signing.")
        runs = self._signed.setdefault(keyid, [])
        if runs and runs[-1][1] >= self.place - 1:
            runs[-1][1] = self.place
        else:
            runs.append([self.place, self.place])

    def _check_disclosures(self, reading: Reading) -> None:
        for problem in reading.disclosure_problems:  # (6)
            self.find(6, f"{problem} What it says is unproven; the entry itself is not touched by this.", self.place)
        self.withheld += reading.withheld

    def _note_holds(self, facts: Mapping[str, Any]) -> None:
        if facts["action"] not in ("hold", "unhold") or facts["outcome"] != "done":
            return
        if facts["action"] == "hold":
            named = frozenset(str(item["exhibit"]) for item in facts["object"] if "exhibit" in item)
            self.holds[self._leaf_taken] = (self.place, named)
        elif self._are_two_signing():
            for leaf in facts["refs"]:
                self.holds.pop(leaf, None)
        else:
            self.wrong(5, "it lifts a legal hold and is not signed by two persons.")

    def _note_erasures(self, facts: Mapping[str, Any]) -> None:
        if facts["action"] not in ("redact", "purge") or facts["outcome"] != "done":
            return
        if not self._are_two_signing():
            self.wrong(5, "it erases something and is not signed by two persons.")
        purges = facts["action"] == "purge"
        exhibits = {str(item["exhibit"]) for item in facts["object"] if "exhibit" in item and purges}
        for place, held in self.holds.values():
            if not held or held & exhibits:
                self.wrong(6, f"it erases what the legal hold of entry {place} covers.")
        for item in facts["object"]:
            if "digest" in item:
                self.erased[str(item["digest"])] = self.place
        self.purged |= dict.fromkeys(exhibits, self.place)

    def _note_stops(self, facts: Mapping[str, Any]) -> None:
        if (facts["action"], facts["outcome"]) == ("stop", "done"):
            self.stopped |= {str(item["exhibit"]): self.place for item in facts["object"] if "exhibit" in item}

    def _are_two_signing(self) -> bool:
        """Return whether two persons signed the line taken last; one key in two spellings is one person."""
        keyids = [keyid for keyid, runs in self._signed.items() if runs[-1][1] == self.place]
        keys = (self.registry.any(keyid) for keyid in keyids)
        return len({_point(key) for key in keys if key is not None}) > 1


class Heads:
    """Steps 7 and 10: the signed heads, against the roots computed on the way."""

    def __init__(
        self, notes: Sequence[str], kept_head: str | None, lines: Lines, trusted: TrustedHead | None = None
    ) -> None:
        self._kept_note = kept_head.replace("\r\n", "\n") if kept_head is not None else None
        self.kept = _read_kept_head(self._kept_note) if self._kept_note is not None else None
        self.agreed: list[tuple[int, int]] = list(trusted.heads) if trusted else []
        self.lost_to_restore = False
        self.kept_before_trusted = False
        self._lines = lines
        read = [(number, note, _checkpoint_or_none(note)) for number, note in enumerate(notes, 1)]
        self._notes = [each for each in read if trusted is None or each[2] is None or each[2].size > trusted.size]
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
        before = self.last_size
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
        if head.origin != self._lines.origin_of_head(head.size):
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
        logs = [key for key in self._lines.registry.logs() if key.may_sign_head(head.size)]
        keys = [VerifierKey(head.origin, key.public) for key in logs]
        try:
            checkpoint.verify(note, keys)
        except LedgerError as error:
            return f"is not signed by the log key: {error}"
        return ""

    def _judge_kept_head(self) -> None:
        if self.kept is None or self._kept_note is None:
            return
        if self._is_lost(self.kept):
            self.lost_to_restore = True
            return
        if self.kept.size <= self._lines.first:
            self.kept_before_trusted = True
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

    def _is_lost(self, head: Checkpoint) -> bool:
        """Return whether a head belongs to a course that a declared restore gave up."""
        return any(
            head.origin == origin and head.size > until for (_, origin), (until, _) in pairwise(self._lines.epochs)
        )


class Exhibits:
    """Steps 8 and 9: each evidentiary copy, as its entry passes by."""

    def __init__(
        self,
        evidence: Blobs | None,
        check_exhibit: CheckExhibit | None,
        lines: Lines,
        trusted: TrustedHead | None = None,
        derivatives: Derivatives | None = None,
    ) -> None:
        self.good = 0
        self.withheld: list[str] = []
        self.stopped: list[str] = []
        self.bytes = 0
        self._before = trusted.exhibits if trusted else 0
        self.last = self._before
        self._evidence = evidence
        self._check = check_exhibit
        self._lines = lines
        self._named = bytearray()  # 32 bytes for each exhibit in turn, for there may be a million
        self._unread: list[tuple[Exhibit, str]] = []
        self._looks_for_strays = trusted is None
        self._derivatives = derivatives
        self._withholding = Withholding()

    def take(self) -> None:
        """Check what the entry taken last took in."""
        facts, place = self._lines.facts, self._lines.place
        exhibit = taken_in(facts, place) if facts else None
        if facts:
            self._withholding.take(facts, place, exhibit.number if exhibit else None)
        if exhibit is None:
            return
        self.last += 1
        if exhibit.number != f"E{self.last:04d}":  # (8)
            self._find(8, exhibit, f"stands where E{self.last:04d} is due: an exhibit is missing or doubled.")
        self._named += bytes.fromhex(exhibit.sha256)
        if self._evidence is not None:
            self._compare(self._evidence, exhibit)

    def finish(self) -> None:
        """Judge what could not be read, now that it is known what was purged; look for what no entry names."""
        for exhibit, why in self._unread:
            if self._lines.purged.get(exhibit.number, -1) > exhibit.entry:
                continue
            if self._lines.stopped.get(exhibit.number, -1) > exhibit.entry:
                self.stopped.append(exhibit.number)
            else:
                self._judge_absent(exhibit, why)
        if self._evidence is None:
            return
        for name in self._derivatives.strangers() if self._derivatives else ():
            self._lines.find(8, f"{name} stands for no exhibit that was withheld.")
        present = set(map(bytes.fromhex, self._evidence.digests()))
        self._check_gone(present, self._lines.purged, "purged")
        self._check_gone(present, self._lines.stopped, "stopped")
        if self._looks_for_strays:
            present.difference_update(bytes(self._named[at : at + 32]) for at in range(0, len(self._named), 32))
            for digest in sorted(present):
                self._lines.find(8, f"the evidentiary copy {digest.hex()} is named by no entry; it is no evidence.")
        for name in self._evidence.strangers():
            self._lines.find(8, f"{name} lies among the evidence and is no evidentiary copy.")

    def _judge_absent(self, exhibit: Exhibit, why: str) -> None:
        """Accept that an exhibit was withheld when a derivative stands for it; anything else is missing."""
        place, sha256 = self._withholding.maps.get(exhibit.number, (-1, ""))
        if self._derivatives is None or place <= exhibit.entry:
            self._find(8, exhibit, f"cannot be read: {why}")
            return
        problems = self._derivatives.problems(exhibit.number, sha256)
        for problem in problems:
            what = f"exhibit {exhibit.number} was withheld, as entry {place} says, and {problem}."
            self._lines.find(8, what, entry=place)
        if not problems:
            self.withheld.append(exhibit.number)

    def _check_gone(self, present: Collection[bytes], gone: Mapping[str, int], how: str) -> None:
        for number, place in gone.items():
            at = 32 * (int(number.removeprefix("E")) - self._before - 1) if EXHIBIT(number) else -1
            if 0 <= at < len(self._named) and bytes(self._named[at : at + 32]) in present:
                self._lines.find(8, f"exhibit {number} is still there, and entry {place} says it was {how}.", place)

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
            self._unread.append((exhibit, str(error)))
            return
        for problem in problems:  # (9)
            self._find(9, exhibit, f"holds a record that does not fit: {problem}")
        self.good += 1
        self.bytes += size

    def _find(self, step: int, exhibit: Exhibit, what: str) -> None:
        self._lines.find(step, f"exhibit {exhibit.number} {what}", entry=exhibit.entry)


def _point(key: RegisteredKey) -> bytes:
    try:
        return public_point(key.public, key.algorithm)
    except LedgerError:  # no signature fits such a key, which is a finding already
        return key.public


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
