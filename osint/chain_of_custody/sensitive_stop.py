"""A sensitive stop: exhibits suspected to show the sexual abuse of a child are locked away from everything that reads.

The bytes leave the evidence folder for ``stopped/`` beside it, which no reader, export or backup looks into. From the
entry on they count as absent, as what was purged does, so that a reader which forgets to ask finds nothing. There is no
way back: what the designated unit finds harmless comes back from that unit, as an import.
"""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import purged_by
from osint.chain_of_custody.ledger import Ledger
from osint.errors import EvidenceError
from osint.store.blobs import FolderBlobs
from osint.store.durable import sync_folder

STOP: Final = "stop"
FOLDER: Final = "stopped"


def stopped_by(entry: Entry) -> tuple[str, ...]:
    """Return the numbers of the exhibits that an entry stops."""
    if (entry.action, entry.outcome) != (STOP, "done"):
        return ()
    return tuple(str(item["exhibit"]) for item in entry.object if "exhibit" in item)


def withdrawn_by(entry: Entry) -> tuple[str, ...]:
    """Return the numbers of the exhibits that nobody reads any more after an entry: purged, or stopped."""
    return purged_by(entry) or stopped_by(entry)


def stopped(entries: Iterable[Entry]) -> frozenset[str]:
    """Return the numbers of the exhibits that are locked away; what was purged since is gone for good."""
    found: set[str] = set()
    for entry in entries:
        found.update(stopped_by(entry))
        found.difference_update(purged_by(entry))
    return frozenset(found)


def locked_path(blobs: FolderBlobs, sha256: str) -> Path:
    """Return where the bytes of a stopped exhibit lie, whether or not they are there."""
    return blobs.folder.parent / FOLDER / blobs.path(sha256).name


def lock_away(numbers: Collection[str], ledger: Ledger, blobs: FolderBlobs) -> list[str]:
    """Move what is stopped out of the evidence, and return its numbers; done again, it finds nothing to do.

    Raises:
        EvidenceError: A file could not be moved; it is still among the evidence.
    """
    if not numbers:
        return []
    there = [each for each in ledger.exhibits() if each.number in numbers and blobs.holds(each.sha256)]
    for sha256, number in {each.sha256: each.number for each in there}.items():
        _move(blobs.path(sha256), locked_path(blobs, sha256), number)
    return [each.number for each in there]


def _move(source: Path, target: Path, number: str) -> None:
    try:
        target.parent.mkdir(mode=stat.S_IRWXU, exist_ok=True)
        source.replace(target)
        target.chmod(stat.S_IRUSR)
        sync_folder(target.parent)
        sync_folder(source.parent)
    except OSError as error:
        raise EvidenceError(
            f"Exhibit {number} is stopped in the ledger and could not be locked away ({error.strerror}). Open the case "
            "again to repeat it, and let nobody open the file."
        ) from error
