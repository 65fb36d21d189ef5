"""What is stated once of a kind of case: records, second signatures, drafts, and that a person was located."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from osint.chain_of_custody.anchoring import Anchoring
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.two_persons import Order
from osint.errors import CaseError
from osint.gate import Gate
from osint.gate.recorded import countersign, locate, record, recorded
from osint.records import Record, in_force
from osint.report.leaks import Guard

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "drafts"


@dataclass(frozen=True)
class Recording:
    """The records of a case."""

    folder: Path
    ledger: Ledger
    gate: Gate
    anchoring: Anchoring
    guard: Callable[[], Guard]
    by: str

    def record(self, stated: Record) -> int:
        """State a record; return the number of its entry.

        Raises:
            CaseError: It names an exhibit that is not in this case.
            AuthorizationError: A rule objects. The refusal is an entry.
        """
        try:
            return record(self.gate, self.ledger, stated, self.by).seq
        finally:
            self.anchoring.anchor()

    def countersign(self, number: int, order: Order) -> int:
        """Have a second person sign a record; return the number of that entry.

        Raises:
            AuthorizationError: As for :func:`osint.gate.recorded.countersign`. The refusal is an entry.
        """
        try:
            return countersign(self.gate, self.ledger, number, order).seq
        finally:
            self.anchoring.anchor()

    def locate(self, exhibit: str, reason: str, identifier: str) -> str:
        """Record that a person was located; return what is to be done now.

        Raises:
            CaseError: There is no such authority or exhibit, or no reason.
        """
        try:
            return locate(self.gate, self.ledger, exhibit, reason, identifier)
        finally:
            self.anchoring.anchor()

    def table(self) -> pd.DataFrame:
        """Return the records that stand, one row each."""
        from osint.report.records_table import records_table

        return records_table(in_force(recorded(self.ledger.entries())), self.gate.pack, self.gate.present)

    def draft(self, number: int) -> Path:
        """Write the page of a record into the folder ``drafts`` of the case, and log it.

        Raises:
            CaseError: No record that stands has this number, or nothing is drafted from one of its kind.
            ExportError: The file cannot be written.
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
        """
        from osint.report.drafts import draft
        from osint.report.files import write_whole

        found = next((each for each in in_force(recorded(self.ledger.entries())) if each.entry == number), None)
        if found is None:
            raise CaseError(f"Entry {number} states no record that stands: case.records() lists these.")
        content = draft(found, self.gate.pack, self.gate.present, self.folder.name)
        path = self.folder / FOLDER / f"{found.record.kind}-{number}.html"
        self.guard().check_bytes(path.name, content)
        self.gate.log("draft", private={"files": [path.name]}, result=[{"kind": found.record.kind}], refs=[found.leaf])
        return write_whole(path, content)
