"""A case: what a custodian of records does with it: answering requests for records, and retrieving an item."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from osint.case.keeping import CaseKeeping

if TYPE_CHECKING:
    import pandas as pd

    from osint.answering import Answering
    from osint.phases.disclosing import Disclosure
    from osint.records import RecordsRequest
    from osint.report.records_found import RecordsAnswer, Responsive
    from osint.retrieving import Retrieved


class CaseCustodian(CaseKeeping):
    """Answering requests for records, and retrieving an item."""

    def sunshine(self, request: RecordsRequest | str) -> Responsive:
        """Record a request for open records, or look at one by its number: what answers it, what is open, until when.

        The search is an entry of the ledger, also when it finds nothing. Nothing goes out by this.

        Args:
            request: ``osint.RecordsRequest``; record it again under its number to correct it, or to state a delay.

        Raises:
            CaseError: There is no such request, or it names an exhibit that is not in this case.
            PolicyError: The policy names no such law of open records.
        """
        return self._concluded(self._answering.ask, request)

    def decide_records(
        self,
        request: str,
        exhibits: Collection[str],
        *,
        decision: str,
        reason: str,
        record_class: str = "",
        basis: str = "",
        order: str = "",
    ) -> int:
        """Record what a person decided about exhibits that answer a request. Returns the number of the entry.

        Args:
            request: The number of the request.
            exhibits: Their numbers.
            decision: ``release``, ``redact`` (a copy without what is masked), ``withhold`` or ``not responsive``.
            reason: Why, in words.
            record_class: ``arrest``, ``incident``, ``investigative`` or ``other``; without it they stay closed.
            basis: The ground of a denial, as ``osint policy show`` names it: ``us-mo.investigative``.
            order: The order of a court by which a closed record goes out.

        Raises:
            CaseError: They do not answer it, or the decision cannot be meant; names everything at once.
        """
        said = {
            "decision": decision, "reason": reason, "record_class": record_class, "basis": basis, "order": order,
        }  # fmt: skip
        return self._concluded(self._answering.decide, request, exhibits, said)

    def release_records(self, request: str, folder: str | Path, release: Disclosure) -> RecordsAnswer:
        """Write the answer to a request: what goes out, a draft of the letter, the index of what does not.

        Args:
            request: The number of the request.
            folder: A new folder.
            release: The written permission, and what else a disclosure needs; the recipient is the requester.

        Raises:
            AuthorizationError: An item is undecided, a denial lacks its ground, a closed record would go out, the
                permission is missing, or a rule objects. The refusal is in the ledger.
            ExportError, SecretFoundError: As for :meth:`disclose`.
        """
        return self._concluded(self._answering.release, request, Path(folder), release)

    def draft_denial(self, request: str) -> Path:
        """Write the statement of the grounds of a denial below ``drafts``, a provision for each; return the file.

        Raises:
            CaseError: There is no such request, or something is withheld without a ground.
        """
        return self._concluded(self._answering.denial, request)

    def records_requests(self) -> pd.DataFrame:
        """Return the requests for open records, until when each is due, and how it stands; one row each."""
        return self._answering.table()

    def retrieve(self, by: str, *, kind: str = "", to: str | Path | None = None) -> Retrieved:
        """Find items by number, address, hash, account, day or words, hash each again, and say how it stands.

        Unlike :meth:`search` it gives items, not places in a text, with custody, retention and what productions say of
        them; unlike :meth:`find` it looks into no bytes.

        Args:
            by: An exhibit, ``E0003``; a number of a production, ``DOE000012``; a SHA-256 of an exhibit or of what it
                holds; an address; ``@jane@social.example``; a day, ``2026-05-30``; or words.
            kind: ``exhibit``, ``bates``, ``hash``, ``url``, ``handle``, ``date`` or ``text``, where that is not clear.
            to: A new folder, into which the files are written; that is logged as an export.

        Raises:
            QueryError: It cannot be meant.
            AuthorizationError: Something is written out that may not leave. The refusal is in the ledger.
            ExportError: The folder is not new, or cannot be written; or an item may open an account.
        """
        from osint.retrieving import Retrieving, Seeking

        seeking = Seeking(self._ledger, self._blobs, self._store, self._searching)
        retrieving = Retrieving(self._ledger, self._gate, self._blobs, seeking, self._leaving, self._retention)
        found = retrieving.retrieve(by, kind)
        return found if to is None else self._concluded(retrieving.write, found, Path(to))

    @property
    def _answering(self) -> Answering:
        from osint.answering import Answering

        return Answering(
            self.folder, self._ledger, self._blobs, self._gate, self._recording, self._searching, self._masking,
            self._leaving, self.investigator,
        )  # fmt: skip
