"""Drafting a certification for exhibits of a case: decided, written below ``drafts``, and an entry of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from osint.chain_of_custody.ledger import Ledger
from osint.errors import CaseError, ExportError
from osint.gate import Gate
from osint.phases.recording import FOLDER
from osint.production.certificates import Asked, Basis, Kind, draft_files, kind_of
from osint.production.numbering import productions
from osint.report.dossier import Dossier
from osint.report.files import write_whole
from osint.report.leaks import Guard


@dataclass(frozen=True)
class Certifying:
    """What drafts for people to sign are made with.

    Attributes:
        folder: The folder of the case.
        ledger: Its ledger.
        gate: Its gate.
        guard: Returns what looks for secrets in everything that is written.
        dossier: Verifies the case and gathers its state.
    """

    folder: Path
    ledger: Ledger
    gate: Gate
    guard: Callable[[], Guard]
    dossier: Callable[[], Dossier]

    def draft(
        self, name: str, *, declarant: str, exhibits: Sequence[str], trial: str = "", to: str = "", court: str = ""
    ) -> list[Path]:
        """Write a draft into a new folder below ``drafts``, and log it; return its files.

        Args:
            name: The kind: see :data:`osint.production.certificates.KINDS`.
            declarant: Who is to sign, by name and badge.
            exhibits: What it is about; none for the custody log, where the kind is about the agency's own records.
            trial: The day on which the trial begins.
            to: Whom a notice is for.
            court: Court and number of the matter.

        Raises:
            CaseError: There is no such kind, or it lacks the day of the trial or its recipient.
            IntegrityError: The case does not verify; nothing is drafted of it.
            ExportError: It cannot be drafted; names every ground. The refusal is in the ledger.
            AuthorizationError: An exhibit is locked. The refusal is in the ledger.
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
        """
        kind = kind_of(name)
        self.gate.check_shown(exhibits)
        asked = Asked(
            declarant=declarant, exhibits=tuple(exhibits), trial=_day(kind, trial), to=_to(kind, to), court=court
        )
        try:
            files = draft_files(kind, self._basis(), asked)
        except ExportError as error:
            self.gate.log("draft", outcome="refused", private={"file": kind.file, "reasons": [str(error)]})
            raise
        return self._written(kind, asked, files)

    def _basis(self) -> Basis:
        entries = list(self.ledger.entries())
        given: dict[str, str] = {}
        for made in (each for each in productions(entries) if each.done):
            given |= {
                number: "-".join(dict.fromkeys(map(made.numbers.label, ends))) for number, ends in made.labels.items()
            }
        return Basis(
            dossier=self.dossier(),
            ledger=self.ledger,
            pack=self.gate.pack,
            numbers=lambda number: given.get(number, ""),
        )

    def _written(self, kind: Kind, asked: Asked, files: dict[str, bytes]) -> list[Path]:
        guard, folder = self.guard(), self._new(kind)
        for file, content in files.items():
            guard.check_bytes(file, content)
        said = {"files": [f"{folder.name}/{file}" for file in files], "declarant": asked.declarant}
        about = [{"exhibit": each} for each in asked.exhibits]
        self.gate.log("draft", private=said, object=about, result=[{"kind": "certificate"}])
        return [write_whole(folder / file, content) for file, content in files.items()]

    def _new(self, kind: Kind) -> Path:
        """Return a folder that is not there yet: somebody may have gone on writing in an earlier draft."""
        number = 1
        while (folder := self.folder / FOLDER / f"{kind.file}-{number}").exists():
            number += 1
        return folder


def _day(kind: Kind, trial: str) -> date | None:
    """Return the day of the trial, which an affidavit that is served before it cannot do without."""
    if not trial and not kind.served:
        return None
    try:
        return date.fromisoformat(trial)
    except ValueError as error:
        said = f" and not {trial!r}" if trial else ""
        raise CaseError(
            f"Name the day on which the trial begins (trial), as 2026-11-30{said}: the affidavit is served some days "
            "before it. Nothing was drafted."
        ) from error


def _to(kind: Kind, to: str) -> str:
    if kind.about == "notice" and not to.strip():
        raise CaseError("A notice goes to somebody: name them (to='counsel of the defence'). Nothing was drafted.")
    return to
