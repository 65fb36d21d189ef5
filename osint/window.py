"""A part of a file, read as a file of its own."""

from __future__ import annotations

import io
from typing import IO, Any, cast


def window(file: IO[bytes], start: int, length: int) -> IO[bytes]:
    """Return a part of a file as a file of its own, to be read and sought; several may look into one file."""
    return cast("IO[bytes]", _Window(file, start, length))


class _Window(io.RawIOBase):
    def __init__(self, file: IO[bytes], start: int, length: int) -> None:
        self._file, self._start, self._length, self._at = file, start, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int | None = -1, /) -> bytes:
        left = max(0, self._length - self._at)
        self._file.seek(self._start + self._at)  # another window may have moved it
        data = self._file.read(left if size is None or size < 0 else min(size, left))
        self._at += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
