"""The original, copied and hashed in one go before anything in it is looked at."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from osint.capture.imports.formats import HEAD
from osint.errors import CaseError

LARGEST = 8 << 30
_CHUNK = 1 << 20
_PAGE_FOLDERS = ("_files", "-files", ".files", "_Dateien", "-Dateien", "_bestanden", "_fichiers", "_archivos", "_pliki")


class Copied(NamedTuple):
    """A copy that was made: how long it is, its SHA-256 (32 bytes), and how it starts."""

    size: int
    sha256: bytes
    head: bytes


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that is handed in; a link, a folder and a device are refused.

    Raises:
        CaseError: It is none, or cannot be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        if path.is_symlink() or not stat.S_ISREG(path.stat().st_mode):
            raise CaseError(
                f"{path} is a link, a folder or a device. Nothing was taken in: name the file itself, and each file of "
                "a folder by itself."
            )
        stream = os.fdopen(os.open(path, flags), "rb")
    except OSError as error:
        raise CaseError(f"{path} cannot be read ({error.strerror}). Nothing was taken in.") from error
    with stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):  # it was exchanged a moment ago
            raise CaseError(f"{path} is no plain file any more. Nothing was taken in.")
        yield stream


def copy(source: IO[bytes], target: Path) -> Copied:
    """Copy what is handed in to a file of ours, hashing it on the way.

    Raises:
        CaseError: It is longer than :data:`LARGEST`.
    """
    sha256, size, head = hashlib.sha256(), 0, b""
    with target.open("wb") as out:
        while chunk := source.read(_CHUNK):
            head = head or chunk[:HEAD]
            size += len(chunk)
            if size > LARGEST:
                raise CaseError(
                    f"The file has more than {LARGEST >> 30} GiB. It was not taken in: hand it in in parts."
                )
            sha256.update(chunk)
            out.write(chunk)
    return Copied(size, sha256.digest(), head)


def page_folder(path: Path) -> str:
    """Return the name of the folder that a browser saved beside a page, for its pictures; empty when there is none."""
    beside = (path.with_name(path.stem + ending) for ending in _PAGE_FOLDERS)
    return next((folder.name for folder in beside if folder.is_dir()), "")


def plain_name(path: Path) -> str:
    """Return the name of a file as text that every record can hold, whatever bytes it is made of."""
    return os.fsencode(path.name).decode("utf-8", "replace")[:255]
