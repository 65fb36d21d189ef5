"""What verification has shown, in words for people: what holds, what is to be noticed, and what is left open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from osint import render
from osint.chain_of_custody.clear_fields import UNNAMED
from osint.chain_of_custody.registry import RegisteredKey
from osint.chain_of_custody.trusted import TrustedHead
from osint.chain_of_custody.verification_anchors import Stamped
from osint.instants import format_instant


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
        lists_sha256: SHA-256 of the last list of hashes of a package; empty for a case.
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
    lists_sha256: str = ""

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
            "Reports, tables, charts, texts and pictures of pages are derived, and were not compared with the "
            "evidence. They are those that were handed over if the last list of hashes has the SHA-256 that you were "
            f"given another way; here it is {self.lists_sha256}.": bool(self.lists_sha256),
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
            f"{', '.join(self.withheld_exhibits)}: withheld as restricted, masked or excluded, and not compared. A "
            "redacted derivative stands for each below redacted/; it is no evidence, and the original can be asked for."
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


def _were(number: int, one: str, many: str) -> str:
    return f"1 {one} was" if number == 1 else f"{number} {many} were"


def _held(exhibits: Collection[str]) -> str:
    said = ["what it describes" if each == UNNAMED else each for each in exhibits]
    return ", ".join(said) or "the whole case"


def _span(first: int, last: int) -> str:
    return f"Entry {last}" if first == last else f"Entries {first}-{last}"
