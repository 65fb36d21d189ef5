"""SHA-256 of bytes, streams and files, in lower-case hex."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1 << 20


def sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes, as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_stream(stream: BinaryIO) -> tuple[str, int]:
    """Read a stream to its end, 1 MiB at a time; return the SHA-256 as 64 hex digits and the number of bytes."""
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def sha256_file(path: Path) -> tuple[str, int]:
    """Return the SHA-256 of a file as 64 hex digits, and its size in bytes."""
    with path.open("rb") as stream:
        return sha256_stream(stream)
