"""A case to look at: its ledger and its tables, without a key and without an entry."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from osint import case_mark
from osint.capture.network import Network
from osint.case import Case
from osint.chain_of_custody.ledger import Ledger
from osint.errors import CaseError, LedgerError
from osint.gate.standing import OF_EACH_EXHIBIT
from osint.instants import now


class CaseToRead(Case):
    """A case that is only read. Whatever would write an entry raises a ``LedgerError``."""

    def __init__(self, folder: Path) -> None:
        """Open the case in a folder.

        Raises:
            CaseError: The folder holds no case, or its tables are not there.
            LedgerError: The file is no ledger, or one of a newer release.
            PurposeLimitError: It is the store of a background check.
        """
        case_mark.check_store(folder, case_mark.INVESTIGATION)
        ledger, named = Ledger.read(folder / "ledger.sqlite"), ["not named"]
        if not (folder / "working" / "tables.sqlite").is_file():
            ledger.close()
            raise CaseError(
                f"The working tables of {folder} are not there. Evidence and ledger are not affected; make the tables "
                "again with case.rebuild()."
            )
        with suppress(LedgerError):  # a damaged entry is for verification to name
            telling = (each.private for each in ledger.entries_but(OF_EACH_EXHIBIT))
            named += [said["investigator"] for said in telling if "investigator" in said]
        super().__init__(folder, named[-1], ledger, Network(), now)

    def close(self) -> None:
        """Let go of the files."""
        self._store.close()
        self._ledger.close()

    def _take_stock(self) -> None:
        """Leave evidence that no entry names where it is: whoever works on the case quarantines and logs it."""
