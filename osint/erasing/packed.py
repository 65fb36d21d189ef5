"""Bytes that are packed: read in pieces, member by member, and told by how they begin."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import IO

CHUNK = 1 << 20
CLOSED = (b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!")
"""How bzip2, xz, zstd, 7z and RAR begin, which nothing here opens."""


class Members:
    """The members of a gzip file, one after the other; each is to be read to its end before the next."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._data = stream.read(CHUNK)

    def __iter__(self) -> Iterator[Iterator[bytes]]:
        while self._data:
            yield self._member()

    def _member(self) -> Iterator[bytes]:
        gunzip = zlib.decompressobj(31)
        while not gunzip.eof:
            if not self._data:
                raise EOFError
            piece = gunzip.decompress(self._data, CHUNK)
            self._data = gunzip.unconsumed_tail
            if piece:
                yield piece
            if not self._data and not gunzip.eof:
                self._data = self._stream.read(CHUNK)
        self._data = gunzip.unused_data or self._stream.read(CHUNK)


def chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the rest of a stream in pieces."""
    while chunk := stream.read(CHUNK):
        yield chunk


def unpacked_stream(packed: bytes, most: int) -> bytes:
    """Return what a stream of a PDF holds, packed by Flate alone or in ASCII besides; nothing where it is neither."""
    if packed.rstrip().endswith(b"~>"):
        with suppress(ValueError):
            packed = base64.a85decode(packed.rstrip().removesuffix(b"~>"))
    with suppress(zlib.error):
        return zlib.decompressobj().decompress(packed, most)
    return b""


def is_packed(head: bytes) -> bool:
    """Return whether what begins so is packed, in a way that is opened here or not."""
    return head.startswith((b"\x1f\x8b", b"PK\x03\x04", b"%PDF", *CLOSED))
