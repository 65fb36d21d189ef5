"""A case: what a prosecutor produces to the other side."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from osint.case.handing_over import CaseHandingOver

if TYPE_CHECKING:
    import pandas as pd

    from osint.production.documents import Pages
    from osint.production.produced import Produced
    from osint.production.release import Release


class CaseProducing(CaseHandingOver):
    """What a prosecutor produces to the other side."""

    def produce(
        self,
        folder: str | Path,
        *,
        to: str,
        release: Release,
        include_restricted: bool | Collection[str] = False,
        pages: Pages = "typeset",
    ) -> Produced:
        """Write what a prosecutor produces to the other side into a new folder, and log it.

        A package as :meth:`export` writes it, with numbered documents, load files, lists and pages to read. Every item
        that the case ever stored is produced, withheld, sealed or destroyed, and the package says which; it is judged
        against the ledger before it gets its name. A run that was killed is taken up by the same call.

        Args:
            folder: A new folder.
            to: Who receives it.
            release: What the prosecutor decided: ``osint.Release``.
            include_restricted: As for :meth:`export`.
            pages: ``slip-sheets`` gives every document a slip sheet instead of its pages; needs no extra ``typst``.

        Raises:
            AuthorizationError: Something of the decision is missing, or a rule objects. The refusal is in the ledger.
            ExportError, SecretFoundError, IntegrityError: As for :meth:`disclose`; or the package does not account for
                every item and every entry.
        """
        from osint.production.produce import Producing
        from osint.production.produced import Asked
        from osint.views.progress import counter

        asked = Asked(Path(folder).absolute(), to, release, include_restricted)
        producing = Producing(
            self.folder.name, self.investigator, self._ledger, self._gate, self._masking, self._leaving,
            self._disclosing, partial(self._dossier, with_parts=True),
        )  # fmt: skip
        with counter() as progress:
            return self._concluded(producing.produce, asked, pages, progress)

    def discard_production(self, folder: str | Path) -> None:
        """Destroy what a production left that was begun, as by a kill, and record that it ended; its numbers stay used.

        Args:
            folder: Where it was to be written.

        Raises:
            ExportError: None was begun there and is unfinished, it is whole, or a process writes it.
        """
        from osint.production.discarding import Discarding

        self._concluded(Discarding(self._ledger, self._gate).discard, Path(folder).absolute())

    def productions(self) -> pd.DataFrame:
        """Return the productions of the case, a row each: to whom, when, and which numbers (``docs/columns.md``)."""
        from osint.production.register import register

        return register(self._ledger.entries())
