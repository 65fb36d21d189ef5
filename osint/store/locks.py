"""Files that one process locks until it ends, however it ends."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

from osint.errors import ExportError


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
        lock(descriptor, shared=False)
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def lock(descriptor: int, *, shared: bool) -> None:
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
