"""Steps 13 and 14 of verification: what others than the holder of the ledger vouch for, and how far it reaches.

``Stamps`` looks at the time stamps and at the times that the entries state between them, ``Cosignatures`` at the
witnesses. Both go by the verifier's own list of authorities and witnesses, never by one that came with the ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from osint.chain_of_custody.checkpoint import parse
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.timestamp import Stamp, Token, check, claimed_time
from osint.chain_of_custody.timestamp_renewal import lapsed, read_renewal
from osint.chain_of_custody.verification_lines import Lines
from osint.errors import LedgerError, TimestampError
from osint.instants import format_instant, parse_instant

if TYPE_CHECKING:
    from osint.chain_of_custody.anchors import Anchors


@dataclass(frozen=True, kw_only=True)
class Stamped:
    """A time stamp over a head.

    Attributes:
        size: Entries under it.
        time: Instant that the authority states, UTC.
        authority: Name of the authority in the verifier's list; empty when it was not checked against one.
        verified_by: The program that verified it; empty likewise.
        sha256: Of the reply, hex.
    """

    size: int
    time: datetime
    authority: str
    verified_by: str
    sha256: str


class Stamps:
    """Step 13: every time stamp recorded is there and fits, and the entries lie between them."""

    def __init__(
        self, tokens: Sequence[Token], notes: Sequence[str], anchors: Anchors | None, lines: Lines, newest: str | None
    ) -> None:
        self.found: list[Stamped] = []
        self.outlived: list[str] = []
        self.unjudged: list[str] = []
        self._tokens = {token.sha256: token for token in tokens}
        self._anchors = anchors if anchors is not None and anchors.timestamps else None
        self._lines = lines
        self._newest = newest
        self._recorded: dict[str, int] = {}
        self._stamps: dict[str, Stamp] = {}
        self._heads = _by_size(notes)
        self._running = hashlib.sha512() if any(token.covers == "renewal" for token in tokens) else None
        self._sha512_at: dict[int, str] = {}
        self._renewed_sizes = {token.size for token in tokens if token.covers == "renewal"}
        self._wrong: list[tuple[str, str]] = []
        for token in tokens:
            self._look_at(token)
        self._bounds = sorted((stamped.size, stamped.time) for stamped in self.found)

    @property
    def newest(self) -> str | None:
        """SHA-256 of the newest time stamp recorded, which the next entry has to name."""
        return self._newest

    @property
    def size(self) -> int:
        """Entries under the time stamp that reaches furthest."""
        return max((stamped.size for stamped in self.found), default=0)

    @property
    def checked(self) -> bool:
        """Whether the verifier named authorities to check against."""
        return self._anchors is not None

    def take(self, line: bytes) -> None:
        """Check what the entry taken last says of time; ``line`` is its stored line with the line end."""
        if self._running is not None:
            self._running.update(line)
            if self._lines.count in self._renewed_sizes:
                self._sha512_at[self._lines.count] = self._running.hexdigest()
        facts, place = self._lines.facts, self._lines.place
        if facts is None:
            return
        if facts.get("after") != self._newest:
            what = "it does not name the newest time stamp recorded before it: one was taken out, exchanged or put in."
            self._lines.wrong(13, what)
        if self._anchors is not None:
            self._check_bracket(facts, place)
        if facts["action"] == "anchor" and facts["outcome"] == "done":
            self._note(facts, place)

    def finish(self, present: datetime) -> None:
        """Judge the time stamps, now that the ledger is known."""
        for digest, token in self._tokens.items():
            place = self._recorded.get(digest)
            if place is None and self._lines.first == 0:
                self._find(f"a time stamp over {token.size} entries is recorded by no entry; it was put in.", None)
            self._check_document(token, place)
        for digest, problem in self._wrong:
            self._find(problem, self._recorded.get(digest))
        for digest, place in self._recorded.items():
            if digest not in self._tokens:
                self._find(f"the time stamp that entry {place} records is not there; it was taken out.", place)
        held = [(self._tokens[digest], stamp) for digest, stamp in self._stamps.items()]
        for token in lapsed(held, present) if not self._wrong else ():
            stamp = self._stamps[token.sha256]
            self.outlived.append(
                f"The certificate behind the time stamp of {format_instant(stamp.time)} ({stamp.authority}) ended on "
                f"{format_instant(stamp.valid_until)}, and it was not renewed before."
            )

    def _look_at(self, token: Token) -> None:
        try:
            if self._anchors is None:
                stamped = Stamped(
                    size=token.size, time=claimed_time(token), authority="", verified_by="", sha256=token.sha256
                )
            else:
                stamp = check(token, self._anchors.timestamps)
                self._stamps[token.sha256] = stamp
                stamped = Stamped(
                    size=token.size,
                    time=stamp.time,
                    authority=stamp.authority,
                    verified_by=stamp.verified_by,
                    sha256=token.sha256,
                )
        except TimestampError as error:
            if error.reason == "no-openssl":
                self.unjudged.append(f"A time stamp over {token.size} entries was NOT CHECKED: {error}")
            else:
                self._wrong.append((token.sha256, f"a time stamp over {token.size} entries does not hold: {error}"))
            return
        self.found.append(stamped)

    def _note(self, facts: Mapping[str, Any], place: int) -> None:
        for item in facts["result"]:
            if item.get("kind") == "token":
                self._newest = str(item.get("sha256"))
                self._recorded[self._newest] = place
        token = self._tokens.get(self._newest or "")
        stated = {item["kind"]: item.get("sha256") for item in facts["result"] if isinstance(item.get("kind"), str)}
        if token is not None and "token" in stated:
            for kind, data in (("request", token.request), ("chain", token.chain)):
                if stated.get(kind) != sha256(data):
                    self._find(f"the {kind} kept with the time stamp that entry {place} records was altered.", place)

    def _check_bracket(self, facts: Mapping[str, Any], place: int) -> None:
        assert self._anchors is not None
        stated = parse_instant(facts["end_time"])
        below = next((each.time for each in self.found if each.sha256 == facts.get("after")), None)
        above = min((time for size, time in self._bounds if size > place), default=None)
        if below is not None and stated < below - self._anchors.tolerance:
            self._lines.wrong(
                13,
                f"it says {format_instant(stated)}, and was written after the time stamp of {format_instant(below)} "
                "that it names: it was dated back, or the clock was wrong.",
            )
        if above is not None and stated > above + self._anchors.tolerance:
            self._lines.wrong(
                13,
                f"it says {format_instant(stated)}, and lies under the time stamp of {format_instant(above)}: it was "
                "dated forward, or the clock was wrong.",
            )

    def _check_document(self, token: Token, place: int | None) -> None:
        if token.size <= self._lines.first:
            return
        if token.covers == "checkpoint":
            if token.document.decode("utf-8", "replace") != self._heads.get(token.size):
                self._find(f"a time stamp over {token.size} entries covers no checkpoint of this ledger.", place)
            return
        if not self._renews(token):
            self._find(f"a renewal over {token.size} entries does not fit this ledger and its time stamps.", place)

    def _renews(self, token: Token) -> bool:
        try:
            renewal = read_renewal(token.document)
        except LedgerError:
            return False
        held = {hashlib.sha512(each.reply).hexdigest() for each in self._tokens.values()}
        fits = renewal.origin == self._lines.origin_of_head(renewal.size) and held.issuperset(renewal.replies)
        return fits and renewal.size == token.size and renewal.lines == self._sha512_at.get(renewal.size)

    def _find(self, what: str, place: int | None) -> None:
        self._lines.find(13, what, place)


class Cosignatures:
    """Step 14: every cosignature recorded is there and fits; how far a quorum of witnesses reaches."""

    def __init__(
        self,
        cosignatures: Sequence[tuple[int, str]],
        notes: Sequence[str],
        anchors: Anchors | None,
        lines: Lines,
    ) -> None:
        self.size = 0
        self.names: tuple[str, ...] = ()
        self.latest: datetime | None = None
        self._lines = lines
        self._policy = anchors.witnesses if anchors is not None else None
        self._recorded: dict[str, int] = {}
        self._lines_kept = {sha256(line.encode("utf-8")): (size, line) for size, line in cosignatures}
        self._heads = _by_size(notes)

    @property
    def checked(self) -> bool:
        """Whether the verifier named witnesses to check against."""
        return self._policy is not None

    def take(self) -> None:
        """Learn which cosignatures the entry taken last records."""
        facts = self._lines.facts
        if facts is not None and facts["action"] == "anchor" and facts["outcome"] == "done":
            for item in facts["result"]:
                if item.get("kind") == "cosignature":
                    self._recorded[str(item.get("sha256"))] = self._lines.place

    def finish(self) -> None:
        """Judge the cosignatures, now that the ledger is known."""
        for digest, place in self._recorded.items():
            if digest not in self._lines_kept:
                self._find(f"the cosignature that entry {place} records is not there; it was taken out.", place)
        lines: dict[int, list[str]] = {}
        for digest, (size, line) in self._lines_kept.items():
            if digest not in self._recorded and self._lines.first == 0:
                self._find(f"a cosignature over {size} entries is recorded by no entry; it was put in.", None)
            lines.setdefault(size, []).append(line)
        for size in sorted(lines):
            self._check(size, lines[size])

    def _check(self, size: int, lines: Sequence[str]) -> None:
        note = self._heads.get(size)
        if note is None:
            self._find(f"a cosignature is over {size} entries, and no checkpoint is.", None)
            return
        if self._policy is None:
            return
        try:
            by_name = self._policy.cosignatures(note + "".join(f"{line}\n" for line in lines))
        except LedgerError as error:
            self._find(f"a cosignature over {size} entries does not hold: {error}", None)
            return
        if by_name and self._policy.satisfied(by_name):
            self.size, self.names = size, tuple(sorted(by_name))
            self.latest = max(cosignature.time for cosignature in by_name.values())

    def _find(self, what: str, place: int | None) -> None:
        self._lines.find(14, what, place)


def _by_size(notes: Sequence[str]) -> dict[int, str]:
    heads = {}
    for note in notes:
        try:
            heads[parse(note).size] = note
        except LedgerError:  # a damaged checkpoint is a finding of step 7
            continue
    return heads
