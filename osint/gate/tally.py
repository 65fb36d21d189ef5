"""What came of the authorities of a case since they were recorded: bytes collected, and a person who was located.

A run asks this before each request. It is counted once, and read on from there, whoever wrote the entries since.
"""

from __future__ import annotations

from collections import Counter
from threading import Lock

from osint.chain_of_custody.ledger import Ledger
from osint.gate.standing import LOCATE


class Tally:
    """Counts over the entries of one ledger, by the leaf hash of the entry that recorded an authority, hex."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._counted, self._stored, self._located = 0, Counter[str](), set[str]()
        self._counting = Lock()

    def stored(self, authority: str) -> int:
        """Return how many bytes of evidence were collected under an authority; what was purged since counts too."""
        with self._counting:
            self._read_on()
            return self._stored[authority]

    def is_located(self, authority: str) -> bool:
        """Return whether the person whom an authority is about was located."""
        with self._counting:
            self._read_on()
            return authority in self._located

    def _read_on(self) -> None:
        """Read the entries that came since this was called last, whoever wrote them."""
        for entry in self._ledger.entries(self._counted):
            self._counted = entry.seq + 1
            if entry.action == "acquire" and entry.exhibit:
                self._stored[entry.payload["authorization"]] += entry.result[0]["size"]
            elif entry.action == LOCATE:
                self._located.update(entry.refs)
