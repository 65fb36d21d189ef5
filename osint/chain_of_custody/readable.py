"""A ledger as its readers need it: open, packed for a hand-over, or as it was at one head."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from osint.chain_of_custody.checkpoint import parse
from osint.chain_of_custody.entry import Entry, Exhibit
from osint.chain_of_custody.ledger_rows import Record
from osint.errors import LedgerError

if TYPE_CHECKING:
    from osint.chain_of_custody.timestamp import Token


class Readable(Protocol):
    """A ledger that can be read, in whatever form it is kept."""

    def __len__(self) -> int:
        """Return how many entries it holds."""
        ...

    @property
    def origin(self) -> str:
        """Its name."""
        ...

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """Yield the entries from a position on, in order, with what their stored disclosures say."""
        ...

    def entry(self, seq: int) -> Entry:
        """Return one entry."""
        ...

    def records(self, start: int = 0) -> Iterator[Record]:
        """Yield the stored lines from a position on, with their line ends and disclosures."""
        ...

    def exhibits(self) -> list[Exhibit]:
        """Return what was taken in, by exhibit number."""
        ...

    def checkpoints(self) -> list[str]:
        """Return the signed checkpoints, the oldest first."""
        ...

    def tokens(self) -> list[Token]:
        """Return the time stamps, the oldest first."""
        ...

    def cosignatures(self) -> list[tuple[int, str]]:
        """Return each cosignature with the size of its checkpoint."""
        ...

    def cosigned(self, size: int) -> str:
        """Return the checkpoint over so many entries with the lines of the witnesses below."""
        ...

    def unchanging(self) -> AbstractContextManager[None]:
        """See it as it is now, for several steps of reading."""
        ...


class AsOf:
    """A ledger as it was at one head, whatever is appended meanwhile. What is made of it is of one moment.

    Args:
        ledger: The ledger; it stays open as long as this is read.
        size: How many entries it had then; as many as it has now where nothing is said.
    """

    def __init__(self, ledger: Readable, size: int | None = None) -> None:
        self.ledger = ledger
        self._size = len(ledger) if size is None else size

    def __len__(self) -> int:
        return self._size

    @property
    def origin(self) -> str:
        """Its name, as the newest entry bears it."""
        return str(self.entry(self._size - 1).payload["ledger"])

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """Yield the entries from a position on, in order, with what their stored disclosures say."""
        return islice(self.ledger.entries(start), max(0, self._size - start))

    def entry(self, seq: int) -> Entry:
        """Return one entry.

        Raises:
            LedgerError: There was none at that position, or it is damaged.
        """
        if seq >= self._size:
            raise LedgerError(f"There was no ledger entry {seq}; the ledger held {self._size} entries then.")
        return self.ledger.entry(seq)

    def records(self, start: int = 0) -> Iterator[Record]:
        """Yield the stored lines from a position on, with their line ends and disclosures."""
        return islice(self.ledger.records(start), max(0, self._size - start))

    def exhibits(self) -> list[Exhibit]:
        """Return what had been taken in, by exhibit number."""
        return [each for each in self.ledger.exhibits() if each.entry < self._size]

    def checkpoints(self) -> list[str]:
        """Return the signed checkpoints, the oldest first."""
        return [note for note in self.ledger.checkpoints() if parse(note).size <= self._size]

    def tokens(self) -> list[Token]:
        """Return the time stamps over what there was, the oldest first."""
        return [token for token in self.ledger.tokens() if token.size <= self._size]

    def cosignatures(self) -> list[tuple[int, str]]:
        """Return each cosignature with the size of its checkpoint."""
        return [(size, line) for size, line in self.ledger.cosignatures() if size <= self._size]

    def cosigned(self, size: int) -> str:
        """Return the checkpoint over so many entries with the lines of the witnesses below."""
        return self.ledger.cosigned(size)

    def unchanging(self) -> AbstractContextManager[None]:
        """See it as it is now, for several steps of reading."""
        return self.ledger.unchanging()


def as_of_now(ledger: Readable) -> AsOf:
    """Return a ledger as it is now, whatever head it was shown as of."""
    return AsOf(ledger.ledger if isinstance(ledger, AsOf) else ledger)
