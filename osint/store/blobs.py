"""Evidence as write-once blobs named by their SHA-256.

A blob is complete or absent. ``put`` takes a finished temporary file and, in this order, syncs its bytes, links it
under its digest (a link never replaces a file), removes the temporary name, takes away the right to write, and syncs
the folders. The ledger entry comes after that, so a kill at any point leaves either an unfinished file in
``.incoming/`` or a whole blob without an entry; :mod:`osint.chain_of_custody.evidence` finds both at the next start.
"""

from __future__ import annotations

import contextlib
import errno
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

from osint.errors import EvidenceError, ExportError

INCOMING = ".incoming"
_LOCK = ".lock"
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL}
_LISTING = "The evidence folder cannot be listed"
_OVERWRITTEN_AT_ONCE = 1 << 20
_MEANING = {
    errno.ENOSPC: "the disk is full; make room and collect again",
    errno.EDQUOT: "the disk quota is used up; make room and collect again",
    errno.EFBIG: "the disk takes no file of that size; collect to another disk",
    errno.EROFS: "the disk is read-only; open the case from a disk that can be written",
    errno.EACCES: "this account may not write there; ask for the right to write to the evidence folder",
    errno.EIO: "the disk reports a fault; stop collecting to it, copy the case to another disk and verify it there",
}


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
                with _explained("An evidentiary copy could not be written", path, only=_MEANING):
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
            with _explained("The evidence folder cannot be locked", path, only=_MEANING):
                _lock(descriptor, shared=shared)
            yield
        finally:
            with _explained("The lock of the evidence folder cannot be let go", path):
                os.close(descriptor)


def link_once(temporary: Path, target: Path) -> bool:
    """Give a finished file its final name, never replacing one; return whether the disk itself made sure of that.

    Where hard links are unknown the name is checked and the file renamed: two writers can then meet between the two.

    Raises:
        FileExistsError: The name is taken.
        OSError: The file cannot be given that name.
    """
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if target.exists():
            raise FileExistsError(errno.EEXIST, "the name is taken", str(target)) from error
        temporary.rename(target)
        return False
    return True


def destroy_file(path: Path) -> bool:
    """Overwrite a file, remove its name and sync the folder; return whether there was one.

    The bytes are overwritten in place, which reaches every other name of the same file too. What a solid-state disk
    keeps in spare blocks, a copy-on-write file system in older versions, a journal or a backup in copies, no program
    can overwrite from here; an encrypted disk guards against that.

    Raises:
        EvidenceError: It is a link or no plain file, which is not followed, or the disk refuses.
    """
    try:
        kind = path.lstat().st_mode
        if not stat.S_ISREG(kind):
            raise EvidenceError(
                f"{path} was to be destroyed and is a link or no plain file. It was not followed: see where it leads, "
                "and remove by hand what is there."
            )
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)
        with path.open("r+b") as stream:
            left = path.stat().st_size
            while left:
                left -= stream.write(bytes(min(left, _OVERWRITTEN_AT_ONCE)))
            stream.flush()
            sync(stream.fileno())
        path.unlink()
        sync_folder(path.parent)
    except FileNotFoundError:
        return False
    except OSError as error:
        meaning = _MEANING.get(error.errno or 0, error.strerror or type(error).__name__)
        raise EvidenceError(
            f"{path} could not be destroyed: {meaning}. It may still be there, whole or in part; close the programs "
            "that use it and repeat the step."
        ) from error
    return True


def sync(descriptor: int) -> None:
    """Have the bytes of an open file reach the disk itself."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync alone leaves them in the drive's cache there
    elif sys.platform == "win32":
        os.fsync(descriptor)
    else:
        os.fdatasync(descriptor)


def sync_folder(folder: Path) -> bool:
    """Have the names in a folder reach the disk; return False where the platform cannot do that."""
    if sys.platform == "win32":
        return False
    else:  # noqa: RET505 - so that a type checker for the other platform sees which half is live
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno in {errno.EINVAL, errno.ENOTSUP}:
                return False
            raise
        finally:
            os.close(descriptor)
        return True


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder, with those above it that are not there, and have their names reach the disk.

    One that this account may pass through and not list cannot be synced, and is left to the system.

    Raises:
        OSError: It cannot be made, or the disk refuses.
    """
    above = [folder.parent, *(each.parent for each in folder.parents if not each.exists())]
    folder.mkdir(mode, parents=True, exist_ok=True)
    for each in above:
        with contextlib.suppress(PermissionError):
            sync_folder(each)


def _lock(descriptor: int, *, shared: bool) -> None:
    """Wait for a shared lock, or take an exclusive one at once (BlockingIOError when it is held)."""
    if sys.platform == "win32":
        import msvcrt

        # Windows locks ranges of bytes, exclusively: a writer takes one byte of many, the sweep takes them all.
        os.lseek(descriptor, secrets.randbelow(1 << 20) if shared else 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK if shared else msvcrt.LK_NBLCK, 1 if shared else 1 << 20)
        except OSError as error:
            raise BlockingIOError(errno.EAGAIN, "the evidence folder is in use") from error
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def locked_file(path: Path, taken: str) -> Iterator[None]:
    """Keep a file locked, which is made for that, until the end or until this process dies.

    Args:
        path: The file; it is removed at the end, except on Windows.
        taken: What it means when another process has it.

    Raises:
        ExportError: Another process has it, or it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ExportError(f"{path} could not be made ({error.strerror}), so nothing was written.") from error
    try:
        if not _is_locked(descriptor, path):
            raise ExportError(f"Nothing was written: {taken}.")
        try:
            yield
        finally:
            if sys.platform != "win32":  # while it is locked, so that nobody locks a file that has no name any more
                path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int, path: Path) -> bool:
    """Lock a file at once; whether this succeeded, and the file still has its name."""
    try:
        _lock(descriptor, shared=False)
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


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
        meaning = _MEANING.get(error.errno or 0, error.strerror or type(error).__name__)
        raise EvidenceError(f"{what} ({path}): {meaning}. Nothing half written was left as evidence.") from error
