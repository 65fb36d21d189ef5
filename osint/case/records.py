"""A case: what its kind asks for once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from osint.case.statements import CaseStatements

if TYPE_CHECKING:
    import pandas as pd

    from osint.chain_of_custody.two_persons import Order
    from osint.records import Record


class CaseRecords(CaseStatements):
    """What its kind asks for once."""

    def record(self, record: Record) -> int:
        """State what a kind of case asks for once; one of ``osint.records``: ``Warrant``, ``Consent``, ``Tip``, ...

        To correct it, record it again: the newest of its kind and number stands. Returns the number of its entry.

        Raises:
            CaseError: It names an exhibit that is not in this case.
            AuthorizationError: A rule of the policy objects. The refusal is in the ledger.
        """
        return self._recording.record(record)

    def records(self) -> pd.DataFrame:
        """Return what was recorded and stands, how, and until when; one row each (``docs/columns.md``)."""
        return self._recording.table()

    def countersign(self, record: int, order: Order) -> int:
        """Have a second person sign a record: an own page is registered by that, and a notice released.

        Args:
            record: The number of its entry.
            order: By what permission, why, and both persons.

        Returns:
            The number of the new entry.

        Raises:
            AuthorizationError: They are not two, or a rule forbids the release: a stale confirmation, an identity that
                rests on a name alone, what is no corroborated fact. The refusal is in the ledger.
        """
        return self._recording.countersign(record, order)

    def draft(self, record: int) -> Path:
        """Write the letter of a ``Preservation``, or a ``Notice``, as a page below ``drafts``; return the file.

        DRAFT stands on every page, and the signature is blank. That of a notice says who released it, once two did.

        Raises:
            CaseError: No record that stands has this number, or nothing is drafted from one of its kind.
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
        """
        return self._recording.draft(record)

    def located(self, *, reason: str, exhibit: str = "", identifier: str = "") -> str:
        """Record that the missing person was located: nothing more is collected under that authority.

        Args:
            reason: How it is known.
            exhibit: The exhibit that shows it, if one does.
            identifier: The authority, where the case has several about missing persons; by default all of them.

        Returns:
            What is to be done now: the entry in MULES and NCIC to be cleared, the day of the review.

        Raises:
            CaseError: There is no such authority or exhibit, or no reason.
        """
        return self._recording.locate(exhibit, reason, identifier)
