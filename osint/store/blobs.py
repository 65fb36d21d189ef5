"""Evidence as write-once blobs named by their SHA-256.

A blob is complete or absent. ``put`` takes a finished temporary file and, in this order, syncs its bytes, links it
under its digest (a link never replaces a file), removes the temporary name, takes away the right to write, and syncs
the folders. The ledger entry comes after that, so a kill at any point leaves either an unfinished file in
``.incoming/`` or a whole blob without an entry; :mod:`osint.chain_of_custody.evidence` finds both at the next start.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import stat
import sys
from collections.abc import Collection, Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Protocol

from osint.errors import EvidenceError
from osint.store.durable import MEANING, destroy_file, link_once, sync, sync_folder
from osint.store.locks import lock

INCOMING = ".incoming"
_LOCK = ".lock"
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_LISTING = "The evidence folder cannot be listed"


class Blobs(Protocol):
    """Where evidence is kept: what is once in cannot be changed or taken out through here."""

    folder: Path

    def temporary(self) -> contextlib.AbstractContextManager[Path]:
        """Give a path to write one blob to; what is left there afterwards is removed."""
        ...

    def put(self, temporary: Path) -> str:
        """Take in a finished temporary file; return the hex SHA-256 under which it is now kept."""
        ...

    def open(self, digest: str, *, verify: bool = False) -> BinaryIO:
        """Open a blob for reading; with ``verify`` only after its bytes gave its digest again."""
        ...

    def holds(self, digest: str) -> bool:
        """Return whether there is a blob of that digest."""
        ...

    def digests(self) -> Iterator[str]:
        """Yield the hex SHA-256 of every blob, sorted."""
        ...

    def size(self, digest: str) -> int:
        """Return the size of a blob in bytes."""
        ...

    def strangers(self) -> Iterator[str]:
        """Yield the names of things kept there that are no blob."""
        ...

    @property
    def durability(self) -> str:
        """What is promised about a stored blob, as far as seen until now."""
        ...


class FolderBlobs:
    """Blobs in a folder: ``ab/abcd….warc.gz`` below ``folder``, where ``abcd…`` is the SHA-256 of the bytes.

    Args:
        folder: The evidence folder, on a local disk. It is made by the first ``temporary()``.
        suffix: What follows the digest in every file name.
    """

    def __init__(self, folder: Path, suffix: str = ".warc.gz") -> None:
        self.folder = Path(folder)
        self.suffix = suffix
        self._weaker = {"this platform cannot sync a folder"} if sys.platform == "win32" else set[str]()
        self._is_named = False

    @property
    def durability(self) -> str:
        """What this disk and platform promise about a stored blob, as far as seen until now."""
        return "; ".join(["bytes synced", *sorted(self._weaker)]) if self._weaker else "bytes and folders synced"

    @contextlib.contextmanager
    def temporary(self) -> Iterator[Path]:
        """Yield the path of a fresh empty file to write to; whatever was not ``put`` is removed at the end.

        Append the ledger entry before leaving the context: while it is open, no other process takes the new blob for
        a leftover.

        Raises:
            EvidenceError: The file cannot be made, or the disk refused what was written to it.
        """
        incoming = self.folder / INCOMING
        with _explained("A temporary file for evidence cannot be made", incoming):
            incoming.mkdir(parents=True, exist_ok=True)
        with self._locked(shared=True):
            path = incoming / secrets.token_hex(16)
            with _explained("A temporary file for evidence cannot be made", path):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            try:
                with _explained("An evidentiary copy could not be written", path, only=MEANING):
                    yield path
            finally:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)

    def put(self, temporary: Path) -> str:
        """Take in a finished temporary file; return the hex SHA-256 under which it is now kept.

        Bytes that are already there are compared, never written again.

        Raises:
            EvidenceError: The blob is not safely stored; nothing half written is visible.
        """
        with _explained("An evidentiary copy could not be stored", temporary):
            with temporary.open("r+b") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
                sync(stream.fileno())
            target = self.path(digest)
            target.parent.mkdir(parents=True, exist_ok=True)
            self._keep(temporary, target, digest)
            target.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
            self._sync_folders(target.parent)
        return digest

    def open(self, digest: str, *, verify: bool = False) -> BinaryIO:
        """Open a blob for reading, at its start; with ``verify`` only after its bytes gave its digest again.

        Raises:
            EvidenceError: There is no such blob, it cannot be read, or its bytes have changed.
        """
        with _explained("An evidentiary copy cannot be read", self.path(digest)):
            stream = self.path(digest).open("rb")
        if verify:
            try:
                self._confirm(stream, digest)
            except BaseException:
                stream.close()
                raise
        return stream

    def holds(self, digest: str) -> bool:
        """Return whether there is a blob of that digest.

        Raises:
            EvidenceError: The disk does not say.
        """
        with _explained("An evidentiary copy cannot be looked for", self.path(digest)):
            return self.path(digest).is_file()

    def digests(self) -> Iterator[str]:
        """Yield the hex SHA-256 of every blob, sorted.

        Raises:
            EvidenceError: The folder cannot be listed.
        """
        for path in self._files():
            if self._is_blob(path):
                yield path.name[:64]

    def size(self, digest: str) -> int:
        """Return the size of a blob in bytes.

        Raises:
            EvidenceError: There is no such blob.
        """
        with _explained("An evidentiary copy cannot be read", self.path(digest)):
            return self.path(digest).stat().st_size

    def destroy(self, digest: str) -> bool:
        """Destroy a blob on order; return whether there was one.

        This is no part of :class:`Blobs`: evidence is write-once for everyone who collects. It is for
        :mod:`osint.chain_of_custody.erasure`, after the order is in the ledger. An interrupted call is repeated.

        Raises:
            EvidenceError: The bytes could not be destroyed, or the name leads out of the evidence folder.
        """
        path = self.path(digest)
        if not destroy_file(path):
            return False
        with contextlib.suppress(OSError):  # others may lie there, or come at this moment
            path.parent.rmdir()
        return True

    def strangers(self) -> Iterator[str]:
        """Yield the paths, relative to the folder, of files there that are no blob (leftovers not counted).

        Raises:
            EvidenceError: The folder cannot be listed.
        """
        for path in self._files():
            if not self._is_blob(path):
                yield path.relative_to(self.folder).as_posix()

    def leftovers(self) -> list[Path]:
        """Return the temporary files that a run left behind, sorted.

        Raises:
            EvidenceError: The folder cannot be listed.
        """
        incoming = self.folder / INCOMING
        with _explained(_LISTING, incoming):
            return sorted(path for path in incoming.iterdir() if path.name != _LOCK) if incoming.is_dir() else []

    def path(self, digest: str) -> Path:
        """Return where a blob of that digest is kept, whether or not it is there.

        Raises:
            EvidenceError: That is no hex SHA-256.
        """
        if not _DIGEST.match(digest):
            raise EvidenceError(f"{digest!r} is no SHA-256 in lower-case hex, so no evidentiary copy has that name.")
        return self.folder / digest[:2] / (digest + self.suffix)

    @contextlib.contextmanager
    def idle(self) -> Iterator[bool]:
        """Hold off new temporary files; yield False at once when some process is working on one now.

        Raises:
            EvidenceError: The folder cannot be looked into.
        """
        with _explained(_LISTING, self.folder):
            is_unused = not (self.folder / INCOMING).is_dir()
        if is_unused:
            yield True
            return
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(self._locked(shared=False))
            except BlockingIOError:
                yield False
            else:
                yield True

    def _files(self) -> list[Path]:
        with _explained(_LISTING, self.folder):
            found = sorted(self.folder.rglob("*")) if self.folder.is_dir() else []
            outside = (path for path in found if INCOMING not in path.relative_to(self.folder).parts)
            return [path for path in outside if path.is_symlink() or not path.is_dir()]

    def _is_blob(self, path: Path) -> bool:
        digest = path.name[:64]
        if not _DIGEST.match(digest) or path != self.path(digest):
            return False
        with _explained(_LISTING, path):
            return path.is_file() and not path.is_symlink()

    def _keep(self, temporary: Path, target: Path, digest: str) -> None:
        try:
            if not link_once(temporary, target):
                self._weaker.add("this disk knows no hard links")
        except FileExistsError:
            with target.open("rb") as stream:
                self._confirm(stream, digest)
        temporary.unlink(missing_ok=True)

    def _confirm(self, stream: BufferedReader, digest: str) -> None:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        if found != digest:
            raise EvidenceError(
                f"The evidentiary copy {digest}{self.suffix} changed after it was stored (its bytes now give {found}). "
                "It proves nothing any more; restore it from a kept copy and verify the case."
            )

    def _sync_folders(self, folder: Path) -> None:
        # Whoever made the evidence folder may not have come to sync its name yet, so each process does it for itself.
        above = () if self._is_named else (self.folder.parent,)
        for place in (folder, self.folder, *above):
            if not sync_folder(place):
                self._weaker.add("this platform cannot sync a folder")
        self._is_named = True

    @contextlib.contextmanager
    def _locked(self, *, shared: bool) -> Iterator[None]:
        path = self.folder / INCOMING / _LOCK
        with _explained("The evidence folder cannot be locked", path):
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            with _explained("The evidence folder cannot be locked", path, only=MEANING):
                lock(descriptor, shared=shared)
            yield
        finally:
            with _explained("The lock of the evidence folder cannot be let go", path):
                os.close(descriptor)


@contextlib.contextmanager
def _explained(what: str, path: Path, only: Collection[int] | None = None) -> Iterator[None]:
    """Turn errors of the disk into one that says what they mean; with ``only``, none but those of these numbers."""
    try:
        yield
    except OSError as error:
        if only is not None and error.errno not in only:
            raise
        if isinstance(error, FileNotFoundError):
            raise EvidenceError(f"{what}: {path} is not there. Look for it in the kept copies of the case.") from error
        meaning = MEANING.get(error.errno or 0, error.strerror or type(error).__name__)
        raise EvidenceError(f"{what} ({path}): {meaning}. Nothing half written was left as evidence.") from error
