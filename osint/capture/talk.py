"""A conversation over a connection of its own: what was said, what came, and when, recorded as it goes."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field
from typing import Literal

from osint.capture.wire import CutError, Wire

_CHUNK = 1 << 16
_MOST_CHUNKS = 100_000  # of both directions: each is a line of the exhibit, and a server may send byte by byte


@dataclass(kw_only=True)
class Talk:
    """What was said, and how it ended.

    Attributes:
        protocol: ``nntp`` or ``websocket``.
        chunks: Of each piece of bytes its direction, where it starts in that direction, its length, and milliseconds
            since the connection was asked for.
        status: 200 when the server took the conversation up, else 0: it is no status of HTTP.
    """

    protocol: Literal["nntp", "websocket"]
    chunks: list[tuple[Literal["sent", "received"], int, int, int]] = field(default_factory=list)
    status: int = 0


class GoneError(Exception):
    """The server ended the connection."""


class Line:
    """One connection, both of whose directions are recorded."""

    def __init__(self, connection: socket.socket, wire: Wire, talk: Talk, started: float, seconds: float) -> None:
        self._connection, self._wire, self._started, self._seconds = connection, wire, started, seconds
        self._spoken = 0
        self.talk = talk

    def say(self, data: bytes) -> None:
        """Send bytes. Of what fails nobody can say how much went, so it is recorded too.

        Raises:
            CutError: A limit is reached: a server that takes its time to listen is waited for no longer than another.
        """
        if time.monotonic() - self._started > self._seconds:
            raise CutError("time")
        try:
            self._connection.sendall(data)
        finally:
            self._wire.sent.write(data)
            self._note("sent", self._spoken, len(data))
            self._spoken += len(data)

    def hear(self) -> bytes:
        """Return what came next.

        Raises:
            GoneError: The server ended the connection.
            CutError: A limit is reached.
        """
        data = self._connection.recv(_CHUNK)
        if not data:
            raise GoneError("it ended the connection")
        before = self._wire.size
        try:
            self._wire.keep(data)
        finally:
            self._note("received", before, self._wire.size - before)
        return data

    def _note(self, direction: Literal["sent", "received"], offset: int, length: int) -> None:
        milliseconds = round((time.monotonic() - self._started) * 1000)
        self.talk.chunks.append((direction, offset, length, milliseconds))
        if len(self.talk.chunks) >= _MOST_CHUNKS:
            raise CutError("length")
