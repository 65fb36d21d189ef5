"""Working copies for programs of others: named by their SHA-256 in a private folder, read-only, gone afterwards.

No program sees the name that somebody gave a file: as an argument such a name may be an option, a pipe, an address or
two lines. The file itself is opened for reading here and handed to no one.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from osint.media import identity

FILES_TO_A_BATCH = 200
BYTES_TO_A_BATCH = 2 << 30
_PIECE = 1 << 20


@dataclass(frozen=True)
class Copies:
    """The copies of one batch: their folder, and the media type of each by its first bytes, by SHA-256."""

    folder: Path
    types: dict[str, str]

    def path(self, sha256: str) -> Path:
        return self.folder / sha256

    def of_type(self, *starts: str) -> tuple[str, ...]:
        """Return those whose media type begins with one of these, sorted."""
        return tuple(sorted(name for name, kind in self.types.items() if kind.startswith(starts)))


def batches(files: Iterable[Path]) -> Iterator[list[Path]]:
    """Yield the files in batches, small enough that a program that dies costs little and a disk holds the copies."""
    batch: list[Path] = []
    size = 0
    for file in files:
        length = file.stat().st_size
        if batch and (len(batch) >= FILES_TO_A_BATCH or size + length > BYTES_TO_A_BATCH):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += length
    if batch:
        yield batch


@contextmanager
def working_copies(files: Iterable[Path]) -> Iterator[Copies]:
    """Copy files into a private folder, each content once, and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="osint-") as made:
        folder = Path(made).resolve()
        yield Copies(folder, dict(_copied(file, folder) for file in files))


def _copied(file: Path, folder: Path) -> tuple[str, str]:
    """Copy one file; the digest is that of the bytes that were copied."""
    digest, head, part = hashlib.sha256(), b"", folder / "part"
    with file.open("rb") as source, part.open("wb") as target:
        while piece := source.read(_PIECE):
            head = head or piece[: identity.HEAD]
            digest.update(piece)
            target.write(piece)
    name = digest.hexdigest()
    if not (folder / name).exists():  # the same content under two names is asked about once
        part.rename(folder / name).chmod(0o400)
    return name, identity.sniff(head)
