"""How a production ends that nobody received: it failed, another one takes its place, or somebody discards it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.withheld import PRODUCE
from osint.errors import ExportError
from osint.gate import Gate
from osint.production.numbering import productions, reservation
from osint.report.hand_over import is_package
from osint.report.unfinished import destroy_left, folder_of, unfinished

_DISCARDED = "discarded: what it left was destroyed"
_REPLACED = "the case leads to another plan by now, or another decision: one made anew takes its place"


@dataclass(frozen=True)
class Discarding:
    """Ends productions without one that is done."""

    ledger: Ledger
    gate: Gate

    def failed(self, entry: Entry, reasons: Sequence[str]) -> None:
        """Record that a production ended so. Its numbers stay used: nobody can say what became of what bore them."""
        own = next(each for each in productions(self.ledger.entries()) if each.entry == entry.seq)
        used = reservation(own.last - own.first + 1)
        private = {"reasons": list(reasons)}
        self.gate.log(PRODUCE, outcome="failed", private=private, result=used, refs=[entry.leaf.hex()])

    def replace(self, folder: Path) -> None:
        """Record of what was begun in a folder, and is not taken up, that it ended."""
        for entry in self._begun(folder):
            self.failed(entry, [_REPLACED])

    def discard(self, folder: Path) -> None:
        """Destroy what a production left that was begun in a folder, and record that it ended.

        Raises:
            ExportError: None was begun there and is unfinished, it is whole, a process writes it, or the disk refuses.
        """
        begun = self._begun(folder)
        if not begun:
            raise ExportError(f"No production to {folder} was begun and is unfinished: case.productions() lists them.")
        if is_package(folder):
            raise ExportError(
                f"The production in {folder} is whole, and only its entry is missing: produce it again with the same "
                "decision, and it is recorded. If it shall not go out, remove the folder first."
            )
        try:
            destroy_left(folder)
        except OSError as error:
            raise ExportError(f"What it left beside {folder} could not be destroyed ({error.strerror}).") from error
        for entry in begun:
            self.failed(entry, [_DISCARDED])

    def _begun(self, folder: Path) -> list[Entry]:
        return [entry for entry in unfinished(self.ledger.entries()) if folder_of(entry) == folder]
