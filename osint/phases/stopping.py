"""A sensitive stop: what may show the sexual abuse of a child is locked away at once, and handed to one unit alone.

Nothing here looks for such material, and nothing compares it with anything. An officer saw it, and says so.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from osint import render
from osint.chain_of_custody.digests import sha256_file
from osint.chain_of_custody.entry import Entry, Exhibit
from osint.chain_of_custody.sensitive_stop import STOP, lock_away, locked_path, stopped
from osint.chain_of_custody.two_persons import Order, introduce_approver, objections
from osint.erasing.case_folder import CaseFolder
from osint.erasing.elsewhere import copies_elsewhere, still_begun
from osint.errors import AuthorizationError, CaseError, EvidenceError, ExportError
from osint.policy.pack import Value
from osint.store.durable import sync_folder

HAND_OVER: Final = "stop.handover"
UNIT: Final = "sensitive_material_unit"
_DIGESTS = "manifest-sha256.txt"


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """What a stop did, and what a person has to do now.

    Attributes:
        entry: The ledger entry.
        exhibits: Numbers of the exhibits that are locked away.
        removed: What was made from them and is destroyed.
        elsewhere: Copies that left the case before, or that no program reaches.
        checklist: What to do and whom to call, from the policy pack.
        source: Where that list comes from, and whether somebody verified it.
    """

    entry: int
    exhibits: tuple[str, ...]
    removed: tuple[str, ...]
    elsewhere: tuple[str, ...]
    checklist: tuple[str, ...]
    source: str

    def __str__(self) -> str:
        lines = [
            f"STOPPED: {', '.join(self.exhibits)} by ledger entry {self.entry}. Do not open it again, print it, "
            "photograph it or send it.",
            *(f"  {number}. {step}" for number, step in enumerate(self.checklist, 1)),
            f"  (from {self.source})",
            *(f"  removed: {name}" for name in self.removed),
            *(f"  out of reach: {said}" for said in self.elsewhere),
        ]
        return render.visible_lines("\n".join(lines))

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return render.headed_bundle(str(self))


@dataclass(frozen=True)
class Stopping:
    """Stopping in a case that is open for writing."""

    case: CaseFolder

    def stop(self, exhibits: Collection[str]) -> Stopped:
        """Lock exhibits away, with all that has the same bytes; one person does, since that only preserves.

        Whatever was made from the case is destroyed and made again without them.

        Raises:
            CaseError: There is no such exhibit, or it is gone already.
            EvidenceError, LedgerError: A file could not be moved or destroyed; the stop stands, and the next opening of
                the case repeats it.
        """
        named = self._with_equal_bytes(exhibits)
        entry = self.case.gate.log(STOP, object=_items(named))
        lock_away(stopped(self.case.ledger.entries()), self.case.ledger, self.case.blobs)
        removed = self.case.forget(named)
        copies = copies_elsewhere(self.case.folder, self.case.ledger, entry, named)
        pack = self.case.gate.pack
        steps = pack.values["sensitive_stop_checklist"]
        return Stopped(
            entry=entry.seq,
            exhibits=tuple(named),
            removed=tuple(removed),
            elsewhere=(
                *(f"{place} holds it: tell the unit" for place in copies),
                *still_begun(self.case.ledger),
                "saved notebooks, screenshots and the browser's own store: no program finds these from here",
            ),
            checklist=pack.words(steps.name),
            source=self._source(steps),
        )

    def hand_over(self, exhibits: Collection[str], order: Order, folder: Path) -> Entry:
        """Copy stopped exhibits into a new folder for the designated unit; two persons sign. They stay locked here.

        Raises:
            AuthorizationError: They are not two, something is missing, an exhibit is not stopped, or the profile names
                no unit. The refusal is in the ledger.
            ExportError: The folder is there already, or cannot be written.
            EvidenceError: What is locked away is not there, or has changed.
        """
        named = sorted(set(exhibits))
        if folder.exists() or folder.is_symlink():
            raise ExportError(f"{folder} is there already. Nothing was written: it goes into a folder of its own.")
        unit = str(self.case.gate.profile.get(UNIT, "")).strip()
        grounds = [*self._in_the_way(named, unit), *objections(self.case.ledger, order)]
        said = {**order.private, "unit": unit, "folder": str(folder)}
        if grounds:
            self.case.gate.log(HAND_OVER, outcome="refused", private={**said, "reasons": grounds}, object=_items(named))
            raise AuthorizationError("Nothing was handed over. The refusal is in the ledger.", grounds)
        sealed = [self._sealed(each) for each in self.case.ledger.exhibits() if each.number in named]
        introduce_approver(self.case.ledger, order)
        entry = self.case.gate.log(HAND_OVER, private=said, object=_items(named), cosigners=[order.approver])
        _copy(sealed, folder)
        return entry

    def _with_equal_bytes(self, exhibits: Collection[str]) -> list[str]:
        there = {each.number: each.sha256 for each in self.case.ledger.exhibits() if self.case.blobs.holds(each.sha256)}
        strange = sorted(set(exhibits) - there.keys())
        if strange or not exhibits:
            raise CaseError(
                f"Nothing was stopped: {', '.join(strange) or 'no exhibit is named, and one'} is not in this case, or "
                "is gone already. Name exhibits as E0003, as the custody log numbers them."
            )
        same = {there[number] for number in exhibits}
        return sorted(number for number, sha256 in there.items() if sha256 in same)

    def _in_the_way(self, exhibits: Sequence[str], unit: str) -> list[str]:
        strange = sorted(set(exhibits) - stopped(self.case.ledger.entries()))
        return [
            *([f"{', '.join(strange) or 'nothing'} is stopped"] if strange or not exhibits else []),
            *([] if unit else [f"{UNIT} is missing: the profile names the one unit that may have it"]),
        ]

    def _sealed(self, exhibit: Exhibit) -> tuple[Exhibit, Path]:
        path = locked_path(self.case.blobs, exhibit.sha256)
        if not path.is_file() or sha256_file(path) != (exhibit.sha256, exhibit.size):
            raise EvidenceError(
                f"Exhibit {exhibit.number} is not locked away here as it was collected: it is missing or has changed. "
                "A restored case does not have it; it lies where the case was stopped."
            )
        return exhibit, path

    def _source(self, value: Value) -> str:
        pack = self.case.gate.pack
        today = self.case.gate.present.date()
        return f"{pack}: {value.citation}; {value.standing(today, pack.number('verified_months'))}"


def _items(exhibits: Sequence[str]) -> list[dict[str, str]]:
    return [{"kind": "exhibit", "exhibit": number} for number in exhibits]


def _copy(sealed: Sequence[tuple[Exhibit, Path]], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, mode=0o700)
        for exhibit, path in sealed:
            shutil.copyfile(path, folder / f"{exhibit.number}.warc.gz")
        listed = "".join(f"{exhibit.sha256}  {exhibit.number}.warc.gz\n" for exhibit, _ in sealed)
        (folder / _DIGESTS).write_text(listed, encoding="ascii", newline="\n")
        sync_folder(folder)
    except OSError as error:
        raise ExportError(f"{folder} could not be written ({error.strerror}). Lock away what is in it.") from error
