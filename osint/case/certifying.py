"""A case: drafts of what a person signs about its exhibits."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path

from osint.case.producing import CaseProducing


class CaseCertifying(CaseProducing):
    """Drafts of what a person signs about its exhibits."""

    def certificate(
        self,
        kind: str,
        *,
        declarant: str = "",
        exhibits: str | Collection[str] = (),
        trial: str = "",
        to: str = "",
        court: str = "",
    ) -> list[Path]:
        """Draft a certification, an affidavit or a notice for a person to change and sign; returns its files.

        They lie in a folder of their own below ``drafts``: HTML, DOCX and PDF as far as their extras are installed, and
        the list of the records. DRAFT stands on every page. Qualification, personal knowledge and signature stay blank.

        Args:
            kind: ``902-13``, ``902-14``, ``902-11``, ``490-692`` or ``notice``.
            declarant: Who is to sign, by name and badge; by default whoever works here.
            exhibits: What it is about; none for the custody log, with ``902-11`` and ``490-692``.
            trial: The day on which the trial begins, for ``490-692``: it says until when it is served.
            to: Whom a notice is for.
            court: Court and number of the matter.

        Raises:
            CaseError: There is no such kind, or it lacks the day of the trial or its recipient.
            IntegrityError: The case does not verify.
            ExportError: An exhibit has no hash at collection or its copy is gone, the declarant signed no entry, or a
                post by somebody else is offered as the agency's own record. Names every ground; the refusal is in the
                ledger.
            AuthorizationError: An exhibit is locked. The refusal is in the ledger.
        """
        from osint.production.certifying import Certifying

        drafting = Certifying(self.folder, self._ledger, self._gate, self._leaving.guard, self._dossier)
        about = [exhibits] if isinstance(exhibits, str) else list(exhibits)
        step = partial(drafting.draft, kind, declarant=declarant or self.investigator, exhibits=about)
        return self._concluded(partial(step, trial=trial, to=to, court=court))
