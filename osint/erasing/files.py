"""The files below a case folder that an erasure destroys, beside its ledger and its evidence."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from osint.chain_of_custody import disclosure
from osint.chain_of_custody.export import ExportedLedger
from osint.chain_of_custody.ledger import Ledger
from osint.erasing.tables import TABLES
from osint.erasing.traces import files_holding
from osint.errors import CaseError, LedgerError
from osint.parts import FOLDER as PARTS
from osint.store.blobs import INCOMING, FolderBlobs
from osint.store.durable import destroy_file, sync_folder

_LEDGER = "ledger.sqlite"
_DERIVED = ("working", "charts", "previews", "drafts", "report.html")
_OURS = ("case.json", _LEDGER, f"{_LEDGER}-wal", f"{_LEDGER}-shm", f"{_LEDGER}-journal")


@dataclass(frozen=True, kw_only=True)
class CaseFiles:
    """The files of one case: those of one's own, what is derived, packages, and productions that were begun.

    Attributes:
        folder: The case folder.
        ledger: Its ledger.
        blobs: Its evidence.
    """

    folder: Path
    ledger: Ledger
    blobs: FolderBlobs

    def holding(self, text: str | None, exhibits: Collection[str], keep: Collection[str]) -> list[str]:
        """Return the names of one's own files that hold a text, and of copies of some exhibits, as in quarantine.

        Args:
            text: The text; None for none.
            exhibits: Numbers of the exhibits.
            keep: Files that stay though they hold it, relative to the case folder.

        Raises:
            CaseError: One that is to stay is not there.
        """
        spared = {Path(name).as_posix() for name in keep}
        missing = sorted(name for name in spared if not (self.folder / name).exists())
        if missing:
            raise CaseError(f"Nothing was erased: {', '.join(missing)} is not in the case folder and cannot be kept.")
        digests = self._digests(exhibits)
        held = files_holding(self.folder, [text], self._is_own) if text is not None else set()
        named = (path for path in (self.folder.rglob("*") if digests else ()) if path.name[:64] in digests)
        copies = {path.relative_to(self.folder).as_posix() for path in named}
        return sorted(name for name in (held | copies) - spared if self._is_own(name))

    def remove_own(self, names: Iterable[str]) -> list[str]:
        """Destroy files of one's own; return the names of those that were there."""
        return [name for name in names if self._is_own(name) and _destroy(self.folder / name)]

    def remove_packages(self, digests: Collection[str], exhibits: Collection[str]) -> list[str]:
        """Destroy the packages below the case folder that hold some values or exhibits; return their names.

        Args:
            digests: Digests of the private values.
            exhibits: Numbers of the exhibits.
        """
        from osint.report.hand_over import is_package

        hashes = self._digests(exhibits)
        removed = []
        for folder in [path for path in sorted(self.folder.rglob("*")) if path.is_dir() and is_package(path)]:
            if _package_holds(folder, digests, hashes):
                _destroy_folder(folder)
                removed.append(f"{folder.relative_to(self.folder).as_posix()}/ (a package)")
        return removed

    def remove_made(self) -> list[str]:
        """Destroy whatever can be made again, but the tables; return the names of what was removed."""
        return self._remove_begun() + self._remove_derived()

    def _remove_begun(self) -> list[str]:
        """Destroy what productions left that were begun, wherever it lies; return its names."""
        from osint.report.unfinished import clear

        return [f"{path}/ (a production that was begun)" for path in clear(self.ledger.entries())]

    def _remove_derived(self) -> list[str]:
        """Destroy what is derived, and copies of the ledger that an upgrade left; return the names."""
        files = [*self.folder.glob(f"{_LEDGER}.*"), *self.folder.glob("report.html*")]
        working = self.folder / "working"
        files += [path for path in working.rglob("*") if not path.name.startswith(Path(TABLES).name)]
        removed = [path for path in sorted(files) if not path.is_dir() and _destroy(path)]
        for folder in (self.folder / name for name in ("charts", "previews", "drafts")):
            removed += _destroy_folder(folder)
        return [path.relative_to(self.folder).as_posix() for path in removed]

    def _is_own(self, name: str) -> bool:
        """Return whether a file is neither ledger nor evidence, nor derived, nor part of a package."""
        from osint.report.hand_over import is_package

        path = self.folder / name
        if not name or not (path.is_symlink() or path.is_file()):
            return False
        if name in _OURS or name.startswith("erasing-") or Path(name).parts[0] in (*_DERIVED, PARTS):
            return False
        if any(is_package(parent) for parent in path.parents if parent.is_relative_to(self.folder)):
            return False
        digest, blobs = path.name[:64], self.blobs
        if path.parent == blobs.folder / INCOMING:  # being written, or in quarantine at the next opening
            return False
        return path.name != digest + blobs.suffix or path.parent != blobs.folder / digest[:2]

    def _digests(self, exhibits: Collection[str]) -> set[str]:
        """Return the SHA-256 of some exhibits, hex."""
        return {exhibit.sha256 for exhibit in self.ledger.exhibits() if exhibit.number in exhibits}


def _package_holds(folder: Path, digests: Collection[str], hashes: Collection[str]) -> bool:
    names = {path.name[:64] for path in folder.rglob("*") if path.is_file()}
    if not names.isdisjoint(hashes):
        return True
    place = folder / "data" if (folder / "data").is_dir() else folder
    try:
        kept = (text for record in ExportedLedger(place).records() for text in record.disclosures)
        return any(disclosure.digest(text) in digests for text in kept)
    except LedgerError:  # it is broken; the search that follows says what it holds
        return False


def _destroy(path: Path) -> bool:
    """Destroy a file; of a link, the link alone."""
    if path.is_symlink():
        path.unlink()
        return True
    return destroy_file(path)


def _destroy_folder(folder: Path) -> list[Path]:
    """Destroy a folder with all files in it; return these."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir()]
    removed = [path for path in files if _destroy(path)]
    if folder.is_dir():
        shutil.rmtree(folder)
        sync_folder(folder.parent)
    return removed
