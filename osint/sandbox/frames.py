"""Messages with their length before them, over a pipe."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

LENGTH = struct.Struct(">Q")
LONGEST_ANSWER = 16 * 2**20  # JSON of this length can take twenty times as much memory in the reader of it

# What the server says of a call, before the message.
LAYERS, ANSWER, DEATH = b"L", b"A", b"D"


def framed(message: bytes) -> bytes:
    return LENGTH.pack(len(message)) + message


def read_framed(stream: BinaryIO | Any) -> bytes | None:
    """Return the next message of a peer that is trusted, or None at the end."""
    header = stream.read(LENGTH.size)
    if len(header) < LENGTH.size:
        return None
    length = LENGTH.unpack(header)[0]
    data: bytes = stream.read(length)
    return data if len(data) == length else None
