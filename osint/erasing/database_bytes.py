"""The bytes of a SQLite file that others have open, page by page as they follow one another."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from osint.erasing import packed

_PIPED = "import shutil, sys; shutil.copyfileobj(open(sys.argv[1], 'rb'), sys.stdout.buffer, 1 << 20)"
_CAT = shutil.which("cat", path=os.defpath)  # starts ten times as fast as Python, and a case has a dozen databases


@contextmanager
def piped(path: Path) -> Iterator[IO[bytes]]:
    """Read a file in another process.

    Raises:
        OSError: It could not be read to its end.
    """
    reader = [sys.executable, "-I", "-S", "-c", _PIPED] if _CAT is None else [_CAT, "--"]
    command = [*reader, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        assert process.stdout is not None
        yield process.stdout
    if process.returncode:
        raise OSError(f"{path} could not be read to its end")


def shape_of_pages(head: bytes) -> tuple[int, int, int] | None:
    """Return how long the head of a SQLite file is, that of each page with the pointer to the next, and a page."""
    if head.startswith(b"SQLite format 3\0"):
        size = int.from_bytes(head[16:18], "big")
        shape = (0, 4, 65536 if size == 1 else size)
    elif head[:4] in (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"):  # a write-ahead log: a head before each page
        size = int.from_bytes(head[8:12], "big")
        shape = (32, 28, size + 24)
    else:
        return None
    return shape if shape[2] > shape[1] else None


def joined_pages(stream: IO[bytes], head: int, lead: int, page: int) -> Iterator[bytes]:
    stream.read(head)
    many = max(1, packed.CHUNK // page)
    while data := stream.read(many * page):
        yield b"".join(data[start + lead : start + page] for start in range(0, len(data), page))
