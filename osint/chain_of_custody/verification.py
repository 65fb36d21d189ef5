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
 6. Each stored disclosure fits one digest of its entry. Digests without a disclosure are counted as withheld. What an
    entry says was erased is not there, and no legal hold covered it.
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

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from osint import render
from osint.chain_of_custody import disclosure
from osint.chain_of_custody.clear_fields import UNNAMED
from osint.chain_of_custody.ledger import Record
from osint.chain_of_custody.reading import Reading, read_record
from osint.chain_of_custody.registry import RegisteredKey
from osint.chain_of_custody.timestamp import Token
from osint.chain_of_custody.trusted import TrustedHead
from osint.chain_of_custody.verification_anchors import Cosignatures, Stamped, Stamps
from osint.chain_of_custody.verification_steps import CheckExhibit, Exhibits, Heads, Lines
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


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What verification has shown. It prints what it has not shown as well.

    Attributes:
        origin: Name of the ledger.
        entries: Number of entries.
        exhibits: Number of evidentiary copies whose bytes were read and fit.
        bytes: Their size together.
        checkpoints: Number of checkpoints.
        checkpoint_size: Entries under the last checkpoint, 0 without one.
        root: Hex root over all entries.
        unanchored: Entries after the last checkpoint.
        withheld: Digests whose disclosure is not there and that no entry says were erased.
        erased: Digests that an entry says were erased.
        purged: Exhibits whose bytes an entry says were destroyed.
        withheld_exhibits: Restricted exhibits that are absent from a package, and for which a derivative stands.
        stopped: Exhibits that are locked away as suspected child sexual abuse material.
        holds: The legal holds in force: position of the entry, and the exhibits it covers, none for all.
        keys: The keys that the ledger introduces.
        names: Who introduced the keys of an entry, as that person was named there, where it is disclosed.
        disputed: Sentences about entries signed with a key that was revoked as unsafe since before.
        clock_set_back: Sentences about the recording machine's clock.
        restores: Entries that declare a restore from a backup.
        stamps: The time stamps that hold.
        stamps_checked: Whether they were checked against authorities that the verifier named.
        outlived: Sentences about time stamps that could not be checked here, or are older than their authority's
            certificate.
        witnessed_size: Entries under the newest checkpoint with a quorum of witnesses, 0 without.
        witnesses: Their names.
        witnesses_checked: Whether the verifier named witnesses.
        evidence_read: Whether there was a store of evidence to compare with.
        warc_checked: Whether the digests inside the exhibits were checked.
        head_size: Entries under the head kept elsewhere, None when none was given.
        head_lost: Whether that head belongs to a course that a declared restore gave up.
        since: Number of entries that an earlier verification vouches for, 0 without one.
        since_time: When that was.
        trusted: What to hand to the next verification as ``since``.
        tables_checked: Whether the working tables were compared with the evidence; None where nobody asked for that,
            False where another release made them.
    """

    origin: str
    entries: int
    exhibits: int
    bytes: int
    checkpoints: int
    checkpoint_size: int
    root: str
    unanchored: int
    withheld: int
    erased: int
    purged: int
    holds: tuple[tuple[int, tuple[str, ...]], ...]
    keys: tuple[RegisteredKey, ...]
    names: Mapping[int, str]
    disputed: tuple[str, ...]
    clock_set_back: tuple[str, ...]
    restores: tuple[int, ...]
    stamps: tuple[Stamped, ...]
    stamps_checked: bool
    outlived: tuple[str, ...]
    witnessed_size: int
    witnesses: tuple[str, ...]
    witnesses_checked: bool
    evidence_read: bool
    warc_checked: bool
    head_size: int | None
    head_lost: bool
    since: int
    since_time: datetime | None
    trusted: TrustedHead
    withheld_exhibits: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    tables_checked: bool | None = None

    @property
    def stamped_size(self) -> int:
        """Entries under the time stamp that reaches furthest, 0 without one."""
        return max((stamped.size for stamped in self.stamps), default=0)

    def shown(self) -> list[str]:
        """Return what others than the holder of the ledger vouch for, in sentences."""
        said = []
        newest = max(self.stamps, key=lambda stamped: (stamped.size, stamped.time), default=None)
        if newest is not None and self.stamps_checked:
            said.append(
                f"{_span(0, newest.size - 1)} existed at {format_instant(newest.time)}: time stamp of "
                f"{newest.authority}, verified by {newest.verified_by}."
            )
        if self.witnessed_size:
            said.append(f"{_span(0, self.witnessed_size - 1)} were seen by the witnesses {', '.join(self.witnesses)}.")
        return said

    def noticed(self) -> list[str]:
        """Return what is no fault of the ledger, and has to be known to whoever relies on it, in sentences."""
        restored = (
            f"Entry {place} declares that the ledger was restored from a backup: what was written after entry "
            f"{place - 1} and before that is not in it."
            for place in self.restores
        )
        erased = f"{_were(self.erased, 'private value', 'private values')} erased, as entries of the ledger record."
        purged = f"{_were(self.purged, 'evidentiary copy', 'evidentiary copies')} destroyed, as the ledger records."
        holds = (f"The legal hold of entry {place} is in force on {_held(exhibits)}." for place, exhibits in self.holds)
        counts = [*([erased] if self.erased else []), *([purged] if self.purged else [])]
        return [*restored, *counts, *holds, *self.disputed, *self.clock_set_back, *self.outlived]

    def not_covered(self) -> list[str]:
        """Return what this verification leaves open, in sentences."""
        said = {
            self._open_head(): self.head_size is None or self.head_size < self.entries or self.head_lost,
            f"{_span(self.checkpoint_size, self.entries - 1)} {'is' if self.unanchored == 1 else 'are'} signed and "
            "chained, but under no checkpoint yet.": self.unanchored > 0,
            self._open_time(): not self.stamps_checked or self.stamped_size < self.entries,
            f"{_span(self.witnessed_size, self.entries - 1)} had no quorum of witnesses.": self.witnesses_checked
            and self.witnessed_size < self.entries,
            f"{_were(self.withheld, 'private value', 'private values')} erased or withheld; the digests are "
            "unbroken.": self.withheld > 0,
            self._open_past(): self.since > 0,
            self._open_withheld(): bool(self.withheld_exhibits),
            f"{', '.join(self.stopped)}: stopped as suspected child sexual abuse material, locked away from everything "
            "that reads, and not compared. No copy of a case holds it.": bool(self.stopped),
            "No evidence was compared, only the ledger.": not self.evidence_read,
            "Another release made the working tables, so they were not compared with the evidence. case.rebuild() makes"
            " them anew; reports and packages never use them.": self.tables_checked is False,
            "The digests inside the evidentiary copies were not checked.": self.evidence_read and not self.warc_checked,
        }
        return [sentence for sentence, holds in said.items() if holds]

    def __str__(self) -> str:
        keys = (f"  {self._introduced(key)}: {key.keyid}" for key in self.keys)
        shown = (f"  shown: {sentence}" for sentence in self.shown())
        noticed = (f"  noticed: {sentence}" for sentence in self.noticed())
        left = (f"  not covered: {sentence}" for sentence in self.not_covered())
        return "\n".join([self._headline, *keys, *shown, *noticed, *left])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        facts: dict[str, object] = {
            "ledger": self.origin,
            "root": self.root,
            "evidence": f"{self.bytes} bytes",
            **{self._introduced(key): key.keyid for key in self.keys},
        }
        said = [
            *(f"Shown: {sentence}" for sentence in self.shown()),
            *(f"Noticed: {sentence}" for sentence in self.noticed()),
            *(f"Not covered: {sentence}" for sentence in self.not_covered()),
        ]
        return render.bundle(
            str(self), render.heading(self._headline) + "".join(map(render.paragraph, said)) + render.facts(facts)
        )

    def _introduced(self, key: RegisteredKey) -> str:
        name = f", {render.shorten(self.names[key.entry], 60)}" if key.entry in self.names else ""
        ended = "" if key.ended is None else f" until entry {key.ended} ({key.reason})"
        return f"{key.role} key since entry {key.entry}{ended}{name}"

    def _open_head(self) -> str:
        if self.head_size is None:
            return (
                "No head kept elsewhere was compared: entries cut from the end, or a history rewritten by someone who "
                "holds both keys, would not have been seen."
            )
        if self.head_lost:
            return (
                f"The head kept elsewhere, over {self.head_size} entries, belongs to a course that was given up when "
                "the ledger was restored from a backup; it vouches for nothing that came after the backup."
            )
        return (
            f"{_span(self.head_size, self.entries - 1)} came after the head kept elsewhere; nothing outside "
            "this machine vouches for them."
        )

    def _open_past(self) -> str:
        when = format_instant(self.since_time) if self.since_time is not None else ""
        return f"{_span(0, self.since - 1)} were verified on {when} or before, and not looked at again."

    def _open_withheld(self) -> str:
        return (
            f"{', '.join(self.withheld_exhibits)}: withheld as restricted or masked, and not compared. A redacted "
            "derivative stands for each below redacted/; it is no evidence, and the original can be asked for."
        )

    def _open_time(self) -> str:
        if not self.stamps:
            return "No time stamp is held: nothing but the clock of the recording machine says when anything was done."
        if not self.stamps_checked:
            return (
                f"Time stamps reach to entry {self.stamped_size - 1}. They were not checked: name the authorities you "
                "rely on."
            )
        return f"{_span(self.stamped_size, self.entries - 1)} came after the newest time stamp."

    @property
    def _headline(self) -> str:
        copies = f"{self.exhibits} evidentiary {'copy' if self.exhibits == 1 else 'copies'}"
        head = f"checkpoint {self.checkpoints}" if self.checkpoints else "no checkpoint"
        return f"Verified: {self.entries} {'entry' if self.entries == 1 else 'entries'}, {copies}, {head}"


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

    Raises:
        IntegrityError: Something is wrong; it carries every finding and names the first entry that is unproven.
        LedgerError: The ledger, or the head kept elsewhere, cannot be read at all.
    """
    present = present or now()
    notes = ledger.checkpoints()
    lines = Lines(fingerprints, since)
    heads = Heads(notes, kept_head, lines, since)
    exhibits = Exhibits(evidence, check_exhibit, lines, since, derivatives)
    stamps = Stamps(ledger.tokens(), notes, anchors, lines, since.anchored if since else None)
    cosignatures = Cosignatures(ledger.cosignatures(), notes, anchors, lines)
    if since is not None:
        _check_continues(ledger, since, lines)
    for line, reading in _readings(ledger, lines, runner):
        lines.take(reading)
        heads.note_root()
        exhibits.take()
        stamps.take(line)
        cosignatures.take()
    lines.finish()
    heads.judge()
    exhibits.finish()
    stamps.finish(present)
    cosignatures.finish()
    _check_erased(ledger, lines)
    if lines.findings:
        raise _integrity_error(lines, heads)
    return Verified(
        origin=lines.origin,
        entries=lines.count,
        exhibits=exhibits.good,
        bytes=exhibits.bytes,
        checkpoints=len(heads.agreed),
        checkpoint_size=heads.last_size,
        root=lines.frontier.root().hex(),
        unanchored=lines.count - heads.last_size,
        withheld_exhibits=tuple(exhibits.withheld),
        stopped=tuple(exhibits.stopped),
        withheld=max(lines.withheld - len(lines.erased), 0),
        erased=len(lines.erased),
        purged=len(lines.purged),
        holds=tuple((place, tuple(sorted(exhibits))) for place, exhibits in lines.holds.values()),
        keys=tuple(lines.registry),
        names=lines.names,
        disputed=tuple(_disputes(lines)),
        clock_set_back=tuple(lines.clock.set_back),
        restores=tuple(lines.restores),
        stamps=tuple(stamps.found),
        stamps_checked=stamps.checked,
        outlived=(*stamps.unjudged, *stamps.outlived),
        witnessed_size=cosignatures.size,
        witnesses=cosignatures.names,
        witnesses_checked=cosignatures.checked,
        evidence_read=evidence is not None,
        warc_checked=check_exhibit is not None,
        head_size=heads.kept.size if heads.kept else None,
        head_lost=heads.lost_to_restore,
        since=since.size if since else 0,
        since_time=since.verified if since else None,
        trusted=TrustedHead(
            size=lines.count,
            leaf=lines.leaf,
            subtrees=lines.frontier.subtrees,
            epochs=tuple(lines.epochs),
            keys=tuple(lines.registry),
            exhibits=exhibits.last,
            heads=tuple(heads.agreed),
            anchored=stamps.newest,
            clock=lines.clock.state,
            verified=present,
            holds=tuple(lines.holds.items()),
        ),
    )


def _readings(ledger: Source, lines: Lines, runner: Runner | None) -> Iterator[tuple[bytes, Reading]]:
    """Yield each line with its reading, in order; disclosures that name no entry go to ``lines``."""
    held: list[bytes] = []

    def records() -> Iterator[Record]:
        for record in ledger.records(lines.first):
            if record.line:
                held.append(record.line)
                yield record
            else:
                lines.stray(record.disclosures)

    source = records()
    first = source if runner is None else islice(source, _BEFORE_SHARING)
    for record in first:
        yield held.pop(0), read_record(record, lines.registry.known)
    if runner is not None:
        known = dict(lines.registry.known)
        for reading in runner.map(partial(read_record, keys=known), source, chunk=_SHARED):
            yield held.pop(0), reading


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


def _were(number: int, one: str, many: str) -> str:
    return f"1 {one} was" if number == 1 else f"{number} {many} were"


def _held(exhibits: Collection[str]) -> str:
    said = ["what it describes" if each == UNNAMED else each for each in exhibits]
    return ", ".join(said) or "the whole case"


def _span(first: int, last: int) -> str:
    return f"Entry {last}" if first == last else f"Entries {first}-{last}"


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
