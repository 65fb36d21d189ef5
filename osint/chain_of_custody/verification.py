"""Verification of a ledger and its evidence: all findings, or a summary of what was shown and what was not.

The steps, in this order; their numbers stand at the checks and in the findings:

 1. Every line ends with LF and is one signed envelope around the payload of an entry, in the format's one spelling.
 2. The entries are numbered 0, 1, 2 … without gap, and all name the ledger that entry 0 names.
 3. Each entry holds the leaf hash of the line before it.
 4. Each payload is in canonical form.
 5. Each entry is signed by the key it names as its performer; that key, and any other that signed, was introduced as an
    actor's key by an earlier entry or by this one. With fingerprints given, every key introduced is one of them.
 6. Each stored disclosure fits one digest of its entry. Digests without a disclosure are counted as withheld.
 7. Each checkpoint is signed by the log key, names this ledger, does not go back, and has the root of the lines so far.
    Entries after the last one are counted as unanchored.
 8. Each exhibit's bytes are there, with the size and SHA-256 that its entry states; exhibits are numbered without gap;
    nothing lies among the evidence that no entry names.
 9. The digests inside each exhibit's WARC records fit, as the function handed in finds.
10. The head kept elsewhere fits the lines: same ledger, same root at its size. Without one, a cut tail or a history
    rewritten by someone who holds both keys cannot be seen, and the summary says so.

A package that was handed over has step 11 besides, in :mod:`osint.report.hand_over`: its list of hashes fits its files.
A case has step 12, in :mod:`osint.case`: its tables are those that the evidence gives.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from osint import render
from osint.chain_of_custody import disclosure
from osint.chain_of_custody.entry import INTRODUCING
from osint.chain_of_custody.ledger import Record
from osint.chain_of_custody.verification_steps import CheckExhibit, Exhibits, Heads, IntroducedKey, Lines
from osint.errors import IntegrityError, LedgerError
from osint.store.blobs import Blobs


class Source(Protocol):
    """What can be verified: a ``Ledger``, or an ``ExportedLedger`` in a package."""

    def checkpoints(self) -> list[str]:
        """Return the signed checkpoints, the oldest first."""
        ...

    def records(self) -> Iterator[Record]:
        """Yield the lines with their line ends; a last one with an empty line holds disclosures of no entry."""
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
        withheld: Digests whose disclosure is not there: erased, or not handed over.
        keys: The keys that signed, with the entries that introduce them.
        names: Who introduced the keys of an entry, as that person was named there, where it is disclosed.
        evidence_read: Whether there was a store of evidence to compare with.
        warc_checked: Whether the digests inside the exhibits were checked.
        head_size: Entries under the head kept elsewhere, None when none was given.
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
    keys: tuple[IntroducedKey, ...]
    names: Mapping[int, str]
    evidence_read: bool
    warc_checked: bool
    head_size: int | None

    def not_covered(self) -> list[str]:
        """Return what this verification leaves open, in sentences."""
        head = (
            "No head kept elsewhere was compared: entries cut from the end, or a history rewritten by someone who "
            "holds both keys, would not have been seen."
            if self.head_size is None
            else f"{_span(self.head_size, self.entries - 1)} came after the head kept elsewhere; nothing outside "
            "this machine vouches for them."
        )
        anchor = (
            f"{_span(self.checkpoint_size, self.entries - 1)} {'is' if self.unanchored == 1 else 'are'} signed and "
            "chained, but under no checkpoint yet."
        )
        said = {
            head: self.head_size is None or self.head_size < self.entries,
            anchor: self.unanchored > 0,
            f"{self.withheld} private values were erased or withheld; their digests are unbroken.": self.withheld > 0,
            "No evidence was compared, only the ledger.": not self.evidence_read,
            "The digests inside the evidentiary copies were not checked.": self.evidence_read and not self.warc_checked,
        }
        return [sentence for sentence, holds in said.items() if holds]

    def __str__(self) -> str:
        keys = (f"  {self._introduced(key)}: {key.keyid}" for key in self.keys)
        return "\n".join([self._headline, *keys, *(f"  not covered: {sentence}" for sentence in self.not_covered())])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        facts: dict[str, object] = {
            "ledger": self.origin,
            "root": self.root,
            "evidence": f"{self.bytes} bytes",
            **{self._introduced(key): key.keyid for key in self.keys},
        }
        open_points = "".join(render.paragraph(f"Not covered: {sentence}") for sentence in self.not_covered())
        return render.bundle(str(self), render.heading(self._headline) + open_points + render.facts(facts))

    def _introduced(self, key: IntroducedKey) -> str:
        name = f", {render.shorten(self.names[key.entry], 60)}" if key.entry in self.names else ""
        return f"{key.role} key since entry {key.entry}{name}"

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
) -> Verified:
    """Verify a ledger and its evidence by the steps above.

    Nothing should be collecting meanwhile: a blob stored just now has no entry yet and would be found in step 8.

    Args:
        ledger: A ``Ledger``, or an ``ExportedLedger``.
        evidence: Where the evidentiary copies are; None verifies the ledger alone.
        check_exhibit: Returns what is wrong inside one evidentiary copy, in sentences; ``osint.warc`` has it.
        kept_head: A head kept elsewhere: a whole checkpoint, or its first three lines from paper.
        fingerprints: The keys that may sign, as known from elsewhere: hex SHA-256 of each public key.

    Raises:
        IntegrityError: Something is wrong; it carries every finding and names the first entry that is unproven.
        LedgerError: The ledger, or the head kept elsewhere, cannot be read at all.
    """
    lines = Lines(fingerprints)
    heads = Heads(ledger.checkpoints(), kept_head, lines)
    exhibits = Exhibits(evidence, check_exhibit, lines)
    names: dict[int, str] = {}
    for record in ledger.records():
        lines.take(record)
        if lines.payload and lines.payload["action"] in INTRODUCING:
            names.update((lines.place, name) for name in _named(record.disclosures))
        heads.note_root()
        exhibits.take()
    lines.finish()
    heads.judge()
    exhibits.finish()
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
        withheld=lines.withheld,
        keys=tuple(lines.keys.values()),
        names=names,
        evidence_read=evidence is not None,
        warc_checked=check_exhibit is not None,
        head_size=heads.kept.size if heads.kept else None,
    )


def _named(disclosures: Collection[str]) -> Iterator[str]:
    for text in disclosures:
        with suppress(LedgerError):  # a broken one is a finding of step 6 already
            match disclosure.read(text):
                case "investigator", str(name):
                    yield name


def _span(first: int, last: int) -> str:
    return f"Entry {last}" if first == last else f"Entries {first}-{last}"


def _integrity_error(lines: Lines, heads: Heads) -> IntegrityError:
    findings = sorted(
        lines.findings, key=lambda finding: (finding.step, -1 if finding.entry is None else finding.entry)
    )
    return IntegrityError(_summary(lines, heads), findings)


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
