"""Steps 7 and 10 of verification: the signed heads, against the roots computed on the way.

The numbers of the steps are those of :mod:`osint.chain_of_custody.verification`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from osint.chain_of_custody import checkpoint
from osint.chain_of_custody.checkpoint import Checkpoint
from osint.chain_of_custody.keys import VerifierKey
from osint.chain_of_custody.trusted import TrustedHead
from osint.chain_of_custody.verification_lines import Lines, short_of
from osint.errors import LedgerError


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
                f"has another root over its {head.size} entries (recorded {short_of(head.root.hex())}, computed "
                f"{short_of(computed.hex())}): an entry under it was changed, or the checkpoint was."
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


def _checkpoint_or_none(note: str) -> Checkpoint | None:
    try:
        return checkpoint.parse(note)
    except LedgerError:
        return None


def _read_kept_head(text: str) -> Checkpoint:
    """Read a head kept elsewhere: a signed checkpoint, or its three lines as printed."""
    return checkpoint.parse(text) if "\n— " in text else checkpoint.read_head(text.strip() + "\n")
