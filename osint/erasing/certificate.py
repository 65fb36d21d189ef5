"""The certificate of an erasure: what went, on whose order, by whom. It is made from the ledger and repeats nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from osint import render
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import is_order, purged_by
from osint.chain_of_custody.readable import Readable
from osint.errors import LedgerError
from osint.gate.retaining import Kept, kept
from osint.instants import format_instant
from osint.policy.pack import Pack


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate of destruction.

    Attributes:
        ledger: Name of the ledger.
        entry: Number of the entry that orders it.
        leaf: Leaf hash of that entry, hex: what a checkpoint vouches for.
        when: When it was ordered.
        authority: What ordered it.
        reason: Why.
        requester: Who asked for it, and signed.
        approver: Who approved it, and signed.
        exhibits: Number, SHA-256 of the destroyed copy, retention class and its source, of each exhibit.
        commitments: Digests of the private values that were destroyed; each is salted with what was destroyed too.
        to_tell: Recipients who still have to be told.
    """

    ledger: str
    entry: int
    leaf: str
    when: datetime
    authority: str
    reason: str
    requester: str
    approver: str
    exhibits: tuple[tuple[str, str, str], ...]
    commitments: tuple[str, ...]
    to_tell: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [
            "CERTIFICATE OF DESTRUCTION",
            f"Ledger {self.ledger}, entry {self.entry}, {format_instant(self.when)}",
            f"Leaf hash of the entry: {self.leaf}",
            f"Ordered by: {self.authority}",
            f"Reason: {self.reason}",
            f"Requested and signed by: {self.requester}",
            f"Approved and signed by: {self.approver}",
            f"Exhibits whose bytes were destroyed: {len(self.exhibits)}",
            *(f"  {number}  SHA-256 {sha256}  {period}" for number, sha256, period in self.exhibits),
            f"Private values destroyed: {len(self.commitments)}, by their commitments:",
            *(f"  {digest}" for digest in self.commitments),
            *(f"Still to be told: {who}" for who in self.to_tell),
            "What was destroyed stands nowhere in this certificate. The hashes cover random bytes that were destroyed "
            "with it, so that nobody can try values out.",
            "Not reached: spare blocks of a disk, snapshots, backups, copies that left before; see the step's result.",
        ]
        return render.visible_lines("\n".join(lines))

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        first, *rest = str(self).split("\n")
        return render.bundle(str(self), render.heading(first) + "".join(map(render.paragraph, rest)))


def certificate(ledger: Readable, pack: Pack, entry: int, to_tell: Sequence[str] = ()) -> Certificate:
    """Return the certificate of an erasure that was ordered and carried out.

    Args:
        ledger: The ledger of the case.
        pack: The policy pack in force.
        entry: Number of the entry ``purge`` or ``redact``.
        to_tell: Recipients who still have to be told of it.

    Raises:
        LedgerError: That entry orders no erasure.
    """
    entries = list(ledger.entries())
    found = next((each for each in entries if each.seq == entry and is_order(each)), None)
    if found is None:
        raise LedgerError(f"Entry {entry} orders no erasure: case.ledger lists the entries redact and purge.")
    said = {name: str(found.private.get(name, "(erased)")) for name in ("authority", "reason", "requester", "approver")}
    return Certificate(
        ledger=ledger.origin,
        entry=found.seq,
        leaf=found.leaf.hex(),
        when=found.end_time,
        exhibits=_exhibits(ledger, found, {each.exhibit: each for each in kept(entries, pack)}),
        commitments=tuple(str(item["digest"]) for item in found.object if "digest" in item),
        to_tell=tuple(to_tell),
        **said,
    )


def _exhibits(ledger: Readable, order: Entry, periods: dict[str, Kept]) -> tuple[tuple[str, str, str], ...]:
    gone = set(purged_by(order))
    return tuple(
        (each.number, each.sha256, _period(periods[each.number])) for each in ledger.exhibits() if each.number in gone
    )


def _period(record: Kept) -> str:
    period = record.retention
    return f"class {period.id}, {period.title}: {period.citation}" if period else "no retention class"
