"""A consistent copy of a case while it is worked on, and the check that it could be restored.

A backup is a case folder like any other: its ledger was copied in one step of SQLite's own, then the evidence that this
copy names. What can be made again (working tables) and what no entry names is left out.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from osint import render
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.ledger_file import connect_to_read, explained
from osint.chain_of_custody.verification import verify
from osint.chain_of_custody.verification_exhibits import CheckExhibit
from osint.chain_of_custody.verified import Verified
from osint.errors import CaseError
from osint.store.blobs import FolderBlobs
from osint.store.durable import sync, sync_folder

_LEDGER, _EVIDENCE = "ledger.sqlite", "evidence"
_PARTS = "parts"
_ALSO = ("charts", "report.html", "quarantine")


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A backup that was made and verified.

    Attributes:
        folder: Where it is.
        verified: What its verification showed.
    """

    folder: Path
    verified: Verified

    def __str__(self) -> str:
        return f"Backup in {self.folder}\n{self.verified}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.lines_bundle(str(self))


def write_backup(case: Path, folder: Path, check_exhibit: CheckExhibit | None = None) -> Backup:
    """Copy a case, which may be in use, into a new folder; it appears whole and verified, or not at all.

    Args:
        case: The case folder.
        folder: A new folder, better on another disk.
        check_exhibit: Looks inside one evidentiary copy; ``osint.warc`` has it.

    Raises:
        CaseError: The folder is there already, or cannot be written.
        IntegrityError: The copy does not verify; it was removed again.
        LedgerError: The ledger cannot be read.
    """
    if folder.exists() or folder.is_symlink():
        raise CaseError(f"{folder} is there already. Nothing was written: a backup goes into a folder of its own.")
    part = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        shutil.copyfile(case / "case.json", part / "case.json")
        _copy_ledger(case / _LEDGER, part / _LEDGER)
        _copy_evidence(case / _EVIDENCE, part)
        for own in sorted((case / _PARTS).glob("*/")):
            kept = part / _PARTS / own.name
            kept.mkdir(parents=True)
            _copy_ledger(own / _LEDGER, kept / _LEDGER)
            _copy_evidence(own / _EVIDENCE, kept)
        for name in _ALSO:
            _copy_if_there(case / name, part / name)
        verified = check_backup(part, check_exhibit)
        part.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise CaseError(
            f"The backup could not be written to {folder} ({error.strerror}), and nothing half written was left. The "
            "case is not affected: free some space or choose another disk, and repeat."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Backup(folder=folder, verified=verified)


def check_backup(folder: Path, check_exhibit: CheckExhibit | None = None) -> Verified:
    """Verify a backup where it lies: that it could be restored. Nothing is written.

    Raises:
        CaseError: The folder holds no case.
        IntegrityError: It does not verify.
        LedgerError: The ledger cannot be read.
    """
    if not (folder / "case.json").is_file() or not (folder / _LEDGER).is_file():
        raise CaseError(f"{folder} holds no backup of a case: there is no case.json or no {_LEDGER} in it.")
    for own in sorted((folder / _PARTS).glob("*/")):
        with Ledger.read(own / _LEDGER) as ledger:
            verify(ledger, FolderBlobs(own / _EVIDENCE), check_exhibit=check_exhibit)
    with Ledger.read(folder / _LEDGER) as ledger:
        return verify(ledger, FolderBlobs(folder / _EVIDENCE), check_exhibit=check_exhibit)


def put_back(backup: Path, folder: Path) -> None:
    """Copy a backup into a new case folder; the backup itself stays as it is.

    Raises:
        CaseError: The folder is there already, or cannot be written.
    """
    if folder.exists() or folder.is_symlink():
        raise CaseError(
            f"{folder} is there already. Nothing was written: move the damaged case aside, keep it, and restore into a "
            "new folder."
        )
    part = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(backup, part)
        for path in part.rglob("*"):
            if path.is_file():
                _sync(path)
        part.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise CaseError(
            f"The case could not be restored to {folder} ({error.strerror}), and nothing half written was left. The "
            "backup is not affected: free some space or choose another disk, and repeat."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _copy_ledger(source: Path, target: Path) -> None:
    with explained(source):
        live, copy = connect_to_read(source), apsw.Connection(str(target))
        try:
            with copy.backup("main", live, "main") as step:
                step.step()
            copy.pragma("journal_mode", "delete")
        finally:
            copy.close()
            live.close()
    _sync(target)


def _copy_evidence(source: Path, case: Path) -> None:
    """Copy what the copied ledger names; a purged exhibit is not there, and verification knows."""
    blobs, kept = FolderBlobs(source), FolderBlobs(case / _EVIDENCE)
    with Ledger.read(case / _LEDGER) as ledger:
        for digest in sorted({exhibit.sha256 for exhibit in ledger.exhibits()}):
            if blobs.holds(digest):
                target = kept.path(digest)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(blobs.path(digest), target)
                _sync(target)
                target.chmod(0o444)


def _copy_if_there(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.is_file():
        shutil.copyfile(source, target)


def _sync(path: Path) -> None:
    with path.open("rb") as stream:
        sync(stream.fileno())
