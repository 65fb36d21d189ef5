"""Verification of a ledger and its evidence: all findings, or a summary of what was shown and what was not.

The steps; their numbers stand at the checks and in the findings:

 1. Every line ends with LF and is one signed envelope around the payload of an entry, in the format's one spelling.
 2. The entries are numbered 0, 1, 2 … without gap, and all name the ledger that entry 0 names. From a ``restore`` on
    they name a new one, and that entry names the head it was restored to.
 3. Each entry holds the leaf hash of the line before it.
 4. Each payload is in canonical form.
 5. Each entry is signed by the key it names as its performer; every key that signed was introduced as a person's key
    by an earlier entry or by this one, and has not been rotated or revoked before. With fingerprints given, every key
    introduced is one of them. What erases, or lifts a legal hold, is signed by two persons.
 6. Each stored disclosure fits one digest of its entry. Digests without a disclosure are counted as withheld in a
    package; in a case an entry says that they were erased. What an entry says was erased is not there, and no legal
    hold covered it.
 7. Each checkpoint is signed by the log key, names this ledger, does not go back, and has the root of the lines so far.
    Entries after the last one are counted as unanchored.
 8. Each exhibit's bytes are there, with the size and SHA-256 that its entry states, or were purged or stopped by an
    entry; exhibits are numbered without gap; nothing lies among the evidence that no entry names. In a package, a
    restricted exhibit may be absent when an ``export`` entry names the map of a derivative, and map and derivative
    stand.
 9. The digests inside each exhibit's WARC records fit, as the function handed in finds.
10. The head kept elsewhere fits the lines: same ledger, same root at its size. Without one, a cut tail or a history
    rewritten by someone who holds both keys cannot be seen, and the summary says so.
13. Each time stamp recorded is there and covers its checkpoint; each entry names the newest one before it. With
    authorities given, each verifies at its own time, and no entry is dated before the one it names or after the first
    one over it.
14. Each cosignature recorded is there. With witnesses given, theirs hold.

A package that was handed over has step 11 besides, in :mod:`osint.report.hand_over`: its list of hashes fits its files.
A case has step 12, in :mod:`osint.case`: its tables are those that the evidence gives.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from osint.chain_of_custody import disclosure
from osint.chain_of_custody.ledger_rows import Record
from osint.chain_of_custody.reading import Reading, read_record
from osint.chain_of_custody.timestamp import Token
from osint.chain_of_custody.trusted import TrustedHead
from osint.chain_of_custody.verification_anchors import Cosignatures, Stamps
from osint.chain_of_custody.verification_exhibits import CheckExhibit, Exhibits
from osint.chain_of_custody.verification_heads import Heads
from osint.chain_of_custody.verification_lines import Lines
from osint.chain_of_custody.verified import Verified
from osint.chain_of_custody.withheld import Derivatives
from osint.errors import IntegrityError, LedgerError
from osint.instants import format_instant, now
from osint.runner import Runner
from osint.store.blobs import Blobs

if TYPE_CHECKING:
    from osint.chain_of_custody.anchors import Anchors

_BEFORE_SHARING = 64
_SHARED = 256


class Source(Protocol):
    """What can be verified: a ``Ledger``, or an ``ExportedLedger`` in a package."""

    def checkpoints(self) -> list[str]:
        """Return the signed checkpoints, the oldest first."""
        ...

    def records(self, start: int = 0) -> Iterator[Record]:
        """Yield the lines with their line ends from a position on.

        A last record with an empty line holds disclosures of no entry.
        """
        ...

    def tokens(self) -> list[Token]:
        """Return the time stamps, the oldest first."""
        ...

    def cosignatures(self) -> list[tuple[int, str]]:
        """Return each cosignature with the size of its checkpoint."""
        ...


def verify(
    ledger: Source,
    evidence: Blobs | None = None,
    *,
    check_exhibit: CheckExhibit | None = None,
    kept_head: str | None = None,
    fingerprints: Collection[str] | None = None,
    anchors: Anchors | None = None,
    since: TrustedHead | None = None,
    runner: Runner | None = None,
    present: datetime | None = None,
    derivatives: Derivatives | None = None,
    complete: bool = False,
) -> Verified:
    """Verify a ledger and its evidence by the steps above.

    Nothing should be collecting meanwhile: a blob stored just now has no entry yet and would be found in step 8.

    Args:
        ledger: A ``Ledger``, or an ``ExportedLedger``.
        evidence: Where the evidentiary copies are; None verifies the ledger alone.
        check_exhibit: Returns what is wrong inside one evidentiary copy, in sentences; ``osint.warc`` has it.
        kept_head: A head kept elsewhere: a whole checkpoint, or its first three lines from paper.
        fingerprints: The keys that may sign, as known from elsewhere: hex SHA-256 of each public key.
        anchors: The time-stamping authorities and witnesses that the verifier relies on; never those of a bundle.
        since: What an earlier verification left as ``trusted``; entries under it are not read again.
        runner: Shares the work on the lines among processes; by default this one does it alone.
        present: The instant of verification, with a zone; now by default.
        derivatives: What stands for withheld exhibits, in a package; a case withholds nothing.
        complete: Whether every private value is to be there that no entry says was erased, as in a case.

    Raises:
        IntegrityError: Something is wrong; it carries every finding and names the first entry that is unproven.
        LedgerError: The ledger, or the head kept elsewhere, cannot be read at all.
    """
    present = present or now()
    notes = ledger.checkpoints()
    lines = Lines(fingerprints, since, complete=complete)
    steps = _Steps(
        lines=lines,
        heads=Heads(notes, kept_head, lines, since),
        exhibits=Exhibits(evidence, check_exhibit, lines, since, derivatives),
        stamps=Stamps(ledger.tokens(), notes, anchors, lines, since.anchored if since else None),
        cosignatures=Cosignatures(ledger.cosignatures(), notes, anchors, lines),
    )
    if since is not None:
        _check_continues(ledger, since, lines)
    for line, reading in _readings(ledger, lines, runner):
        steps.take(line, reading)
    steps.finish(present)
    _check_erased(ledger, lines)
    if lines.findings:
        raise _integrity_error(lines, steps.heads)
    trusted = steps.trusted(present)
    return steps.shown(since, trusted, evidence_read=evidence is not None, warc_checked=check_exhibit is not None)


@dataclass(frozen=True, kw_only=True)
class _Steps:
    """The steps of one verification, and what they have seen."""

    lines: Lines
    heads: Heads
    exhibits: Exhibits
    stamps: Stamps
    cosignatures: Cosignatures

    def take(self, line: bytes, reading: Reading) -> None:
        """Look at the next line of the ledger."""
        self.lines.take(reading)
        self.heads.note_root()
        self.exhibits.take()
        self.stamps.take(line)
        self.cosignatures.take()

    def finish(self, present: datetime) -> None:
        """Look at what only the end shows."""
        self.lines.finish()
        self.heads.judge()
        self.exhibits.finish()
        self.stamps.finish(present)
        self.cosignatures.finish()

    def trusted(self, present: datetime) -> TrustedHead:
        """Return what a later verification goes on from."""
        return TrustedHead(
            size=self.lines.count,
            leaf=self.lines.leaf,
            subtrees=self.lines.frontier.subtrees,
            epochs=tuple(self.lines.epochs),
            keys=tuple(self.lines.registry),
            exhibits=self.exhibits.last,
            heads=tuple(self.heads.agreed),
            anchored=self.stamps.newest,
            clock=self.lines.clock.state,
            verified=present,
            holds=tuple(self.lines.holds.items()),
        )

    def shown(
        self, since: TrustedHead | None, trusted: TrustedHead, *, evidence_read: bool, warc_checked: bool
    ) -> Verified:
        """Return the summary of a verification that found nothing."""
        lines, heads = self.lines, self.heads
        return Verified(
            origin=lines.origin,
            entries=lines.count,
            exhibits=self.exhibits.good,
            bytes=self.exhibits.bytes,
            checkpoints=len(heads.agreed),
            checkpoint_size=heads.last_size,
            root=lines.frontier.root().hex(),
            unanchored=lines.count - heads.last_size,
            withheld_exhibits=tuple(self.exhibits.withheld),
            stopped=tuple(self.exhibits.stopped),
            withheld=max(lines.withheld - len(lines.erased), 0),
            erased=len(lines.erased),
            purged=len(lines.purged),
            holds=tuple((place, tuple(sorted(exhibits))) for place, exhibits in lines.holds.values()),
            keys=tuple(lines.registry),
            names=lines.names,
            disputed=tuple(_disputes(lines)),
            clock_set_back=tuple(lines.clock.set_back),
            restores=tuple(lines.restores),
            stamps=tuple(self.stamps.found),
            stamps_checked=self.stamps.checked,
            outlived=(*self.stamps.unjudged, *self.stamps.outlived),
            witnessed_size=self.cosignatures.size,
            witnesses=self.cosignatures.names,
            witnesses_checked=self.cosignatures.checked,
            evidence_read=evidence_read,
            warc_checked=warc_checked,
            head_size=heads.kept.size if heads.kept else None,
            head_lost=heads.lost_to_restore,
            since=since.size if since else 0,
            since_time=since.verified if since else None,
            trusted=trusted,
        )


def _readings(ledger: Source, lines: Lines, runner: Runner | None) -> Iterator[tuple[bytes, Reading]]:
    """Yield each line with its reading, in order; disclosures that name no entry go to ``lines``."""
    held: list[bytes] = []
    strays: list[str] = []

    def records() -> Iterator[Record]:
        for record in ledger.records(lines.first):
            if record.line:
                held.append(record.line)
                yield record
            else:
                strays.extend(record.disclosures)

    source = records()
    first = source if runner is None else islice(source, _BEFORE_SHARING)
    for record in first:
        yield held.pop(0), read_record(record, lines.registry.known)
    if runner is not None:
        known = dict(lines.registry.known)
        for reading in runner.map(partial(read_record, keys=known), source, chunk=_SHARED):
            yield held.pop(0), reading
    lines.stray(strays)  # last, as they lie there: workers read ahead of what was found


def _check_continues(ledger: Source, since: TrustedHead, lines: Lines) -> None:
    """Check that the last entry verified before is still the last before the new ones."""
    last = next(iter(ledger.records(since.size - 1)), None)
    if last is None or not last.line or read_record(last, {}).leaf != since.leaf:
        what = (
            f"entry {since.size - 1} is not the one that was verified on {format_instant(since.verified)}: the ledger "
            "was cut, rewritten, or taken back to an older copy since."
        )
        lines.find(10, what, unproven_from=0)


def _check_erased(ledger: Source, lines: Lines) -> None:
    """Check that what was erased is not there (6); needs a second look at the disclosures, where anything was."""
    for record in ledger.records(0) if lines.erased else ():
        for text in record.disclosures:
            place = lines.erased.get(_digest(text))
            if place is not None:
                lines.find(6, f"entry {place} says that a private value was erased, and it is still there.", place)


def _digest(text: str) -> str:
    try:
        return disclosure.digest(text)
    except LedgerError:  # a damaged one is a finding already
        return ""


def _disputes(lines: Lines) -> Iterator[str]:
    for key, spans in lines.disputed():
        where = ", ".join(f"{first}-{last}" if first != last else str(first) for first, last in spans)
        signed = f"entries signed with it since then: {where}" if spans else "it signed nothing since then"
        yield (
            f"The {key.role} key {key.keyid[:16]}… was revoked ({key.reason}) as unsafe from entry "
            f"{key.disputed_from} on; {signed}. They stand, and need other support."
        )


def _integrity_error(lines: Lines, heads: Heads) -> IntegrityError:
    findings = sorted(
        lines.findings, key=lambda finding: (finding.step, -1 if finding.entry is None else finding.entry)
    )
    more = f" {lines.unlisted} more findings are not listed." if lines.unlisted else ""
    return IntegrityError(_summary(lines, heads) + more, findings)


def _summary(lines: Lines, heads: Heads) -> str:
    number, size = heads.agreed[-1] if heads.agreed else (0, 0)
    first = _first_unproven(lines, heads)
    if first is None:
        anchor = f"; entries 0-{size - 1} agree with checkpoint {number}" if size else ""
        return f"The {lines.count} ledger entries are unbroken{anchor}. What is wrong concerns the items named below."
    if first == 0:
        return "The ledger is unproven from entry 0 onwards. Compare it with a copy and a head kept elsewhere."
    number, size = max((head for head in heads.agreed if head[1] <= first), default=(0, 0))
    agree = f"Entries 0-{size - 1} agree with checkpoint {number}. " if size else ""
    chained = (
        f"Entries {size}-{first - 1} are signed and chained, under no checkpoint that agrees. " if size < first else ""
    )
    return (
        f"{agree}{chained}Treat {first} onwards as unproven and compare with "
        f"{'the copy deposited with that checkpoint' if size else 'a kept copy'}."
    )


def _first_unproven(lines: Lines, heads: Heads) -> int | None:
    """Return the first entry not to rely on.

    Where a link breaks, whoever holds the actor's key may have rewritten any number of lines before it, as far back as
    the last checkpoint that agrees.
    """
    sizes = [0, *(size for _, size in heads.agreed)]
    before = (place if place <= max(sizes) else max(sizes) for place in lines.broken_links)
    return min([*lines.unproven, *before], default=None)
