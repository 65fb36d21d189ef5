"""Steps 1 to 6 of verification: the readings of the entries joined, once and in order.

All findings of a verification are collected here. The numbers of the steps are those of
:mod:`osint.chain_of_custody.verification`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from osint.chain_of_custody.clocks import Clock
from osint.chain_of_custody.entry import NO_ENTRY, restored_head
from osint.chain_of_custody.keys import public_point, signature_holds
from osint.chain_of_custody.merkle import Frontier
from osint.chain_of_custody.reading import Reading
from osint.chain_of_custody.registry import RegisteredKey, Registry
from osint.chain_of_custody.trusted import TrustedHead
from osint.errors import Finding, LedgerError

_MOST_FINDINGS = 1000  # a hostile ledger must fill neither memory nor screen


class Lines:
    """Steps 1 to 6: the readings in order, one pass, with the frontier of the tree as the only memory of them."""

    def __init__(
        self, fingerprints: Collection[str] | None, trusted: TrustedHead | None = None, *, complete: bool = False
    ) -> None:
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
        self._complete = complete
        self._missing: dict[str, int] = {}
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
        for digest, place in self._missing.items():
            if digest not in self.erased:
                self.find(6, "a private value of it is gone, and no entry says that it was erased.", entry=place)

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
            f"it continues another line than the one before it (recorded {short_of(facts['prev'])}, computed "
            f"{short_of(self._previous.hex())}): that line was changed afterwards, or lines were removed, added or "
            "moved."
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
            self.wrong(5, f"the person it names ({short_of(performer)}) did not sign it.")
        elif self.registry.person(performer) is None:
            self.wrong(5, f"what it names as a person ({short_of(performer)}) is no key of one.")
        late = (each.signature for each in reading.unchecked)  # in turn: one key may stand in two signatures
        for keyid, holds in reading.signatures:
            self._check_signature(keyid, holds, next(late) if holds is None else b"", reading)

    def _check_signature(self, keyid: str, holds: bool | None, signature: bytes, reading: Reading) -> None:
        assert reading.facts is not None
        rotates_log = reading.facts["action"] == "key.rotate"
        key = self.registry.any(keyid) if rotates_log else self.registry.person(keyid)
        if key is None:
            self.wrong(
                5, f"it is signed with {short_of(keyid)}, a key that no entry up to here introduces as an actor's."
            )
            return
        if not key.may_sign_entry(self.place):
            self.wrong(5, f"it is signed with {short_of(keyid)}, a key that entry {key.ended} ended ({key.reason}).")
        if holds is None:
            holds = signature_holds(key.public, signature, reading.message, key.algorithm)
        if not holds:
            self.wrong(5, f"the signature of {short_of(keyid)} does not fit: the entry was changed after signing.")
        runs = self._signed.setdefault(keyid, [])
        if runs and runs[-1][1] >= self.place - 1:
            runs[-1][1] = self.place
        else:
            runs.append([self.place, self.place])

    def _check_disclosures(self, reading: Reading) -> None:
        for problem in reading.disclosure_problems:  # (6)
            self.find(6, f"{problem} What it says is unproven; the entry itself is not touched by this.", self.place)
        self.withheld += len(reading.withheld)
        if self._complete and not reading.disclosure_problems:
            self._missing.update(dict.fromkeys(reading.withheld, self.place))

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


def _point(key: RegisteredKey) -> bytes:
    try:
        return public_point(key.public, key.algorithm)
    except LedgerError:  # no signature fits such a key, which is a finding already
        return key.public


def short_of(digest: str) -> str:
    """Return a hash as findings name it: its first and last characters."""
    return f"{digest[:4]}…{digest[-2:]}" if digest else "nothing"
