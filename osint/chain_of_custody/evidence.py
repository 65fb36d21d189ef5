"""What a killed run leaves behind in the evidence folder: found at the next start, logged, and moved aside.

A blob without a ledger entry has no authority and no time, so it is no evidence; it is not thrown away either, since
someone may have to explain it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from osint.chain_of_custody.digests import sha256_file
from osint.chain_of_custody.ledger import Ledger
from osint.errors import EvidenceError
from osint.store.blobs import FolderBlobs


@dataclass(frozen=True)
class Stray:
    """A file in the evidence folder that no ledger entry names.

    Attributes:
        path: Where it was found.
        sha256: Hex SHA-256 of its bytes.
        size: Bytes.
        reason: ``unlogged`` (a whole blob) or ``unfinished`` (a temporary file).
    """

    path: Path
    sha256: str
    size: int
    reason: str

    def item(self) -> dict[str, str | int]:
        """Return how a ledger entry names it."""
        return {"kind": "quarantined", "reason": self.reason, "sha256": self.sha256, "size": self.size}


class Evidence:
    """The evidence folder of a case, and the quarantine folder beside it."""

    def __init__(self, blobs: FolderBlobs, quarantine: Path | None = None) -> None:
        self.blobs = blobs
        self.folder = quarantine or blobs.folder.parent / "quarantine"

    def quarantine(self, ledger: Ledger, log: Callable[[Stray], object]) -> tuple[Stray, ...]:
        """Move what no entry of the ledger names out of evidence; return what was moved.

        While another process has a temporary file open, nothing is looked at and nothing is moved.

        Args:
            ledger: The ledger of the case.
            log: Records one stray in the ledger. It is called before the move, so that a kill between the two leaves
                an entry about a file that is still there and never a file that went without a word.

        Raises:
            EvidenceError: A stray cannot be read or moved.
            LedgerError: It cannot be logged; then it stays where it is.
        """
        with self.blobs.idle() as idle:
            return tuple(self._moved(stray, log) for stray in self._strays(ledger)) if idle else ()

    def _strays(self, ledger: Ledger) -> Iterator[Stray]:
        known = {exhibit.sha256 for exhibit in ledger.exhibits()}
        for digest in list(self.blobs.digests()):
            if digest not in known:
                yield _stray(self.blobs.path(digest), "unlogged")
        for path in self.blobs.leftovers():
            yield _stray(path, "unfinished")

    def _moved(self, stray: Stray, log: Callable[[Stray], object]) -> Stray:
        log(stray)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            stray.path.rename(self._free_name(stray))
        except OSError as error:
            raise EvidenceError(
                f"{stray.path} has no ledger entry and could not be moved to {self.folder}: {error.strerror}. It is no "
                "evidence; move it out of the evidence folder by hand."
            ) from error
        return stray

    def _free_name(self, stray: Stray) -> Path:
        suffix = self.blobs.suffix if stray.reason == "unlogged" else ".unfinished"
        target, copy = self.folder / (stray.sha256 + suffix), 2
        while target.exists():
            target, copy = self.folder / f"{stray.sha256}.{copy}{suffix}", copy + 1
        return target


def _stray(path: Path, reason: str) -> Stray:
    try:
        sha256, size = sha256_file(path)
    except OSError as error:
        raise EvidenceError(
            f"{path} has no ledger entry and cannot be read: {error.strerror}. See who may read the evidence folder."
        ) from error
    return Stray(path, sha256, size, reason)
