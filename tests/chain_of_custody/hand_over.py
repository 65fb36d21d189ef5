"""A small case, as it is handed over, for tests to read and to damage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.export import LINES, ExportedLedger
from osint.chain_of_custody.keys import Signer
from osint.chain_of_custody.ledger import Ledger
from osint.store.blobs import FolderBlobs

MEDIA = "application/warc"


def take_in(ledger: Ledger, blobs: FolderBlobs, data: bytes, **private: str) -> Entry:
    with blobs.temporary() as temporary:
        temporary.write_bytes(data)
        digest = blobs.put(temporary)
        exhibit = {"sha256": digest, "size": len(data), "media": MEDIA}
        return ledger.append("acquire", exhibit=exhibit, private=private)


@dataclass
class Package:
    """A case as it is handed over: ledger as text, checkpoints, disclosures, evidence."""

    folder: Path
    actor: Signer
    log: Signer

    @property
    def ledger(self) -> ExportedLedger:
        return ExportedLedger(self.folder)

    @property
    def blobs(self) -> FolderBlobs:
        return FolderBlobs(self.folder / "evidence")

    @property
    def lines(self) -> list[bytes]:
        return (self.folder / LINES).read_bytes().splitlines(keepends=True)

    @lines.setter
    def lines(self, lines: list[bytes]) -> None:
        (self.folder / LINES).write_bytes(b"".join(lines))

    def checkpoint(self, number: int) -> Path:
        return self.folder / f"checkpoint-{number:04d}.txt"
