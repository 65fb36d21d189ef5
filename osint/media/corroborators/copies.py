"""Working copies for programs of others: named by their SHA-256 in a private folder, read-only, gone afterwards.

No program sees the name that somebody gave a file: as an argument such a name may be an option, a pipe, an address or
two lines. The file itself is opened for reading here and handed to no one, except where it is a working copy already.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from osint.media import identity

FILES_TO_A_BATCH = 200
BYTES_TO_A_BATCH = 2 << 30
_PIECE = 1 << 18  # stays in the processor's cache between reading, hashing and writing


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
def working_copies(files: Iterable[Path], *, ours: bool = False) -> Iterator[Copies]:
    """Put copies of files into a private folder, each content once, and remove it at the end.

    Args:
        files: The files.
        ours: They are working copies of the caller's already: they are made read-only and get a second name there,
            where the file system has such, instead of another copy. Their digests are taken here all the same.
    """
    with tempfile.TemporaryDirectory(prefix="osint-") as made:
        folder = Path(made).resolve()
        yield Copies(folder, dict(_placed(file, folder, ours=ours) for file in files))


def _placed(file: Path, folder: Path, *, ours: bool) -> tuple[str, str]:
    """Put one file there; the digest is that of the bytes that are there."""
    part = folder / "part"
    linked = ours and _linked(file, part)
    name, head = _read(part, None) if linked else _read(file, part)
    if (folder / name).exists():  # the same content under two names is asked about once
        part.unlink()
    else:
        part.rename(folder / name).chmod(0o400)
    return name, identity.sniff(head)


def _linked(file: Path, name: Path) -> bool:
    try:
        name.hardlink_to(file)
    except OSError:  # on another disk, or on one that knows no second names
        return False
    return True


def _read(file: Path, copy: Path | None) -> tuple[str, bytes]:
    """Return the SHA-256 of a file and its first bytes, and write a copy of it on the way."""
    digest, head, buffer = hashlib.sha256(), b"", memoryview(bytearray(_PIECE))
    with file.open("rb", buffering=0) as source, copy.open("wb", buffering=0) if copy else nullcontext() as target:
        while length := source.readinto(buffer):
            piece = buffer[:length]
            head = head or bytes(piece[: identity.HEAD])
            digest.update(piece)
            while target is not None and piece:
                piece = piece[target.write(piece) :]
    return digest.hexdigest(), head
