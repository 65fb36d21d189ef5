"""Productions that were begun and did not end, and what they left in hidden folders, which may be anywhere.

A production is written beside its place until it is whole. A run that was killed leaves that folder, with evidence in
it, so that the same call goes on there. What is stopped or destroyed in the case has to go from it, too.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.withheld import PRODUCE
from osint.errors import ExportError
from osint.store.durable import destroy_file, sync_folder
from osint.store.locks import locked_file

DISCARD = "osint discard-production"


def unfinished(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that planned productions of which nothing says how they ended, the newest first."""
    found: dict[str, Entry] = {}
    for entry in (each for each in entries if each.action == PRODUCE):
        if entry.outcome == "allowed" and not any(leaf in found for leaf in entry.refs):
            found[entry.leaf.hex()] = entry
        elif entry.outcome in ("done", "failed"):
            for leaf in entry.refs:
                found.pop(leaf, None)
    return list(reversed(found.values()))


def folder_of(entry: Entry) -> Path | None:
    """Return where a production was to be written; None where that was erased, or never said."""
    said = entry.private.get("folder")
    return Path(said) if isinstance(said, str) else None


def part_of(folder: Path) -> Path:
    """Return where a production is written until it is whole."""
    return folder.with_name(f".{folder.name}.part")


def lock_of(folder: Path) -> Path:
    """Return the file that whoever writes a production keeps locked."""
    return folder.with_name(f".{folder.name}.lock")


def clear(entries: Iterable[Entry]) -> list[Path]:
    """Destroy what productions left under hidden names, and return the folders; :func:`still_there` says what stays."""
    removed = []
    for folder in _begun(entries):
        with suppress(ExportError, OSError):
            if destroy_left(folder):
                removed.append(part_of(folder))
    return removed


def still_there(entries: Sequence[Entry]) -> Iterator[str]:
    """Say of each production where it left something that nobody could destroy, or may have, and what to do about it.

    Args:
        entries: The ledger.
    """
    for folder, seq in _begun(entries).items():
        if part_of(folder).exists():
            yield (
                f"{part_of(folder)}, where the production of entry {seq} was written: it could not be destroyed. A "
                f"process writes there, or the disk refuses. See to that, then: {DISCARD}"
            )
    for entry in unfinished(entries):
        where = folder_of(entry)
        if where is None:
            yield f"what the production of entry {entry.seq} left, if anything: where it was written was erased"
        elif not where.parent.is_dir():
            yield (
                f"{part_of(where)}, where the production of entry {entry.seq} was written: that disk or folder is not "
                f"here. Once it is: {DISCARD}"
            )


def destroy_left(folder: Path) -> bool:
    """Destroy what a production left that was to go into a folder; False where nothing is there.

    Raises:
        ExportError: A process writes there.
        OSError: It cannot be destroyed.
    """
    part = part_of(folder)
    if not part.exists() and not part.is_symlink():
        return False
    with locked_file(lock_of(folder), "a process writes there; it ends before the production gets its name"):
        if part.is_symlink():
            part.unlink()
            return True
        for path in part.rglob("*"):
            if path.is_file() and not path.is_symlink() and path.stat().st_nlink == 1:  # what has two names stays whole
                destroy_file(path)
        shutil.rmtree(part)
        sync_folder(part.parent)
    return True


def _begun(entries: Iterable[Entry]) -> dict[Path, int]:
    """Return where productions were to be written, whatever became of them, each with the newest entry that says so."""
    planned = (each for each in entries if (each.action, each.outcome) == (PRODUCE, "allowed"))
    return {folder: entry.seq for entry in planned if (folder := folder_of(entry))}
