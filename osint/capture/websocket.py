"""The frames of a WebSocket, as a client writes and reads them; no network, no clock.

Only text is read, and nothing that extensions would change: none are offered. A server's frames are refused where the
standard has the connection failed, so that nobody reads a meaning into bytes that have none.

Source: RFC 6455; the section numbers below are its own.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

LONGEST_MESSAGE = 4 << 20
_LONGEST_HEAD = 1 << 14
_LONGEST_CONTROL = 125
_MOST_PIECES = 10_000
_MOST_MESSAGES = 200_000  # those about the connection included: two bytes may be one
_ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Kind(IntEnum):
    """What a frame is (5.2)."""

    MORE = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class Message(NamedTuple):
    """What came: text, or a frame that is about the connection."""

    kind: Kind
    payload: bytes


class BrokenFrameError(ValueError):
    """The bytes are no frames of a server; the message says why."""


def handshake(host: str, target: str, key: str, user_agent: str) -> bytes:
    """Return the request that asks for a WebSocket (4.1)."""
    lines = [
        f"GET {target} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", f"User-Agent: {user_agent}", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode("latin-1", "replace")


def accept_of(key: str) -> str:
    """Return what a server has to answer to a key (4.2.2)."""
    return base64.b64encode(hashlib.sha1(key.encode() + _ACCEPT, usedforsecurity=False).digest()).decode()


def split_head(received: bytes) -> tuple[int, dict[str, str], int]:
    """Return the status of the server's answer, its headers in lower case, and where the frames start.

    Where the answer has not come to its end, status and place are 0.

    Raises:
        BrokenFrameError: It is no answer of HTTP.
    """
    end = received.find(b"\r\n\r\n", 0, _LONGEST_HEAD)
    if end < 0:
        if len(received) >= _LONGEST_HEAD:
            raise BrokenFrameError("its headers do not come to an end")
        return 0, {}, 0
    status, *lines = received[:end].decode("latin-1").split("\r\n")
    words = status.split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or not re.fullmatch(r"[1-9]\d\d", words[1], re.ASCII):
        raise BrokenFrameError("it does not answer in HTTP")
    headers = {name.strip().casefold(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(words[1]), headers, end + 4


def frame(kind: Kind, payload: bytes, mask: bytes) -> bytes:
    """Return one whole frame of a client, masked with four bytes (5.3)."""
    size = len(payload)
    if size <= _LONGEST_CONTROL:
        head = bytes([0x80 | kind, 0x80 | size])
    elif size < 1 << 16:
        head = bytes([0x80 | kind, 0x80 | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([0x80 | kind, 0x80 | 127]) + size.to_bytes(8, "big")
    return head + mask + _masked(payload, mask)


class Frames:
    """The frames of a server, put together into messages as their bytes come."""

    def __init__(self) -> None:
        """Begin behind the handshake."""
        self._bytes = bytearray()
        self._pieces: list[bytes] | None = None
        self._length = 0
        self._count = 0

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take bytes in; yield each message that they complete.

        Raises:
            BrokenFrameError: They are no frames of a server, or a message is longer than is read.
        """
        self._bytes += data
        while (found := self._frame()) is not None:
            message = self._joined(*found)
            if message is not None:
                self._count += 1
                if self._count > _MOST_MESSAGES:
                    raise BrokenFrameError(f"it sends more than {_MOST_MESSAGES} messages")
                yield message

    @property
    def is_inside(self) -> bool:
        """Whether bytes of a message came that has not come to its end."""
        return bool(self._bytes) or self._pieces is not None

    def _frame(self) -> tuple[bool, Kind, bytes] | None:
        """Return the next whole frame, or None as long as it is not there (5.2)."""
        if len(self._bytes) < 2:
            return None
        first, second = self._bytes[0], self._bytes[1]
        if first & 0x70:
            raise BrokenFrameError("a frame uses an extension that was not agreed on")
        if first & 0x0F not in set(Kind):
            raise BrokenFrameError("a frame is of no kind that is known")
        if second & 0x80:
            raise BrokenFrameError("the server masks its frames")
        kind, is_last, size, start = Kind(first & 0x0F), bool(first & 0x80), second & 0x7F, 2
        if kind >= Kind.CLOSE and (not is_last or size > _LONGEST_CONTROL):
            raise BrokenFrameError("a frame about the connection is cut in pieces, or too long")
        if size > _LONGEST_CONTROL:
            start = 4 if size == 126 else 10
            if len(self._bytes) < start:
                return None
            size = int.from_bytes(self._bytes[2:start], "big")
        if size > LONGEST_MESSAGE:
            raise BrokenFrameError(f"a frame is longer than {LONGEST_MESSAGE} bytes")
        if len(self._bytes) < start + size:
            return None
        payload = bytes(self._bytes[start : start + size])
        del self._bytes[: start + size]
        return is_last, kind, payload

    def _joined(self, is_last: bool, kind: Kind, payload: bytes) -> Message | None:
        """Return the message that a frame completes (5.4)."""
        if kind >= Kind.CLOSE:
            return Message(kind, payload)
        if (kind is Kind.MORE) != (self._pieces is not None):
            raise BrokenFrameError("a message is cut in pieces that do not belong together")
        if kind is Kind.BINARY:
            raise BrokenFrameError("it sends what is no text")
        pieces = self._pieces if self._pieces is not None else []
        pieces.append(payload)
        self._length += len(payload)
        if self._length > LONGEST_MESSAGE or len(pieces) > _MOST_PIECES:
            raise BrokenFrameError(f"a message is longer than {LONGEST_MESSAGE} bytes, or in too many pieces")
        self._pieces = None if is_last else pieces
        if not is_last:
            return None
        self._length = 0
        return Message(Kind.TEXT, b"".join(pieces))


def texts(received: bytes) -> tuple[list[str], str]:
    """Return the texts of all that a server sent, from its handshake on, and what is wrong with the rest, if anything.

    A text that is not UTF-8 fails the connection (8.1), and ends the list.
    """
    found: list[str] = []
    frames = Frames()
    try:
        status, _, start = split_head(received)
        if status != 101:
            return [], f"it answered {status}, and opened no WebSocket" if status else "its answer breaks off"
        messages = frames.feed(received[start:])
        found.extend(message.payload.decode() for message in messages if message.kind is Kind.TEXT)
    except UnicodeDecodeError:
        return found, "a text is not UTF-8"
    except BrokenFrameError as error:
        return found, str(error)
    return found, "its last frame breaks off" if frames.is_inside else ""


def _masked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
