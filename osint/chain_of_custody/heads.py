"""What this workstation signed last, kept apart from the cases: it shows when a case went back to an older copy.

One file for each ledger, beside the keys. It guards against mistakes (an old backup copied over the case) and against
whoever can write the case folder and not this one; a witness or a time stamp guards against more.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from osint.chain_of_custody.checkpoint import parse
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.merkle import Frontier, leaf_hash
from osint.errors import LedgerError
from osint.store.durable import make_folder, sync, sync_folder

if TYPE_CHECKING:
    from osint.chain_of_custody.ledger import Ledger


class HeadStore:
    """The newest checkpoint of each ledger, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def remember(self, note: str) -> None:
        """Keep a checkpoint that was signed here, if it reaches further than the one kept.

        Raises:
            LedgerError: It cannot be written.
        """
        head = parse(note)
        kept = self.newest(head.origin)
        if kept is not None and parse(kept).size >= head.size:
            return
        path = self._path(head.origin)
        part = path.with_name(f".{secrets.token_hex(8)}")
        try:
            if not self.folder.is_dir():
                make_folder(self.folder, 0o700)
            with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
                stream.write(note.encode("utf-8"))
                stream.flush()
                sync(stream.fileno())
            part.replace(path)
            sync_folder(self.folder)
        except OSError as error:
            with contextlib.suppress(OSError):  # a disk that refuses to write refuses this too
                part.unlink(missing_ok=True)
            raise LedgerError(
                f"The head of the ledger could not be noted in {self.folder} ({error.strerror}). The checkpoint itself "
                "is in the ledger; make room or see who may write there, and repeat the step."
            ) from error

    def newest(self, origin: str) -> str | None:
        """Return the newest checkpoint kept of a ledger, or None.

        Raises:
            LedgerError: It is there and cannot be read.
        """
        try:
            return self._path(origin).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise LedgerError(f"The head kept in {self._path(origin)} cannot be read: {error}.") from error

    def check(self, ledger: Ledger) -> None:
        """Check that a ledger still holds everything under the newest head kept of it.

        Raises:
            LedgerError: It does not: it is an older copy, or another history.
        """
        note = self.newest(ledger.origin)
        if note is None:
            return
        head = parse(note)
        if head.size > len(ledger):
            raise LedgerError(
                f"{ledger.path} went back: this workstation signed a head over {head.size} entries, and there are "
                f"{len(ledger)}. It is an older copy, or its end was cut. Nothing was written. Put the newest copy "
                "back; if only this one is left, declare that with: osint restore."
            )
        if _root_at(ledger, head.size) != head.root:
            raise LedgerError(
                f"{ledger.path} holds another history than the one whose head over {head.size} entries this "
                f"workstation signed. Nothing was written. Verify it against that head: {self._path(ledger.origin)}"
            )

    def _path(self, origin: str) -> Path:
        return self.folder / f"{sha256(origin.encode('utf-8'))[:32]}.txt"


def _root_at(ledger: Ledger, size: int) -> bytes:
    kept = {head.size: head for head in map(parse, ledger.checkpoints())}
    if size in kept:
        return kept[size].root
    frontier = Frontier()
    for _, record in zip(range(size), ledger.records(), strict=False):
        frontier.append(leaf_hash(record.line.removesuffix(b"\n")))
    return frontier.root()
