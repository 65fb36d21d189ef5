"""Servers of streams on 127.0.0.1 that send exactly what a test gives them: of NNTP, and a relay of Nostr."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from osint.capture.websocket import Kind, accept_of

Speak = Callable[[socket.socket], None]


@dataclass
class News:
    """A server of NNTP: what it answers to each command, and the commands that it got."""

    port: int
    answers: Mapping[str, bytes]
    greeting: bytes = b"200 welcome\r\n"
    heard: list[str] = field(default_factory=list)

    def speak(self, connection: socket.socket) -> None:
        connection.sendall(self.greeting)
        with connection.makefile("rb") as lines:
            for line in lines:
                command = line.decode().strip()
                self.heard.append(command)
                if command == "QUIT":
                    connection.sendall(b"205 bye\r\n")
                    return
                answer = self.answers.get(command, b"500 what?\r\n")
                for cut in range(0, len(answer), 7):  # in small pieces, so that every mark is cut somewhere
                    connection.sendall(answer[cut : cut + 7])
                if not answer.endswith(b"\n"):
                    return


@contextmanager
def listening(speak: Speak) -> Iterator[int]:
    """Let a function speak on every connection to a port of 127.0.0.1; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer(connection: socket.socket) -> None:
            with connection:
                connection.settimeout(5)
                try:
                    speak(connection)
                except OSError:  # the client is free to go
                    return

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def server_frame(kind: int, payload: bytes, *, last: bool = True) -> bytes:
    """One frame as a server writes it: never masked."""
    head = bytes([(0x80 if last else 0) | kind])
    if len(payload) < 126:
        return head + bytes([len(payload)]) + payload
    if len(payload) < 1 << 16:
        return head + bytes([126]) + len(payload).to_bytes(2, "big") + payload
    return head + bytes([127]) + len(payload).to_bytes(8, "big") + payload


def said_in(frames: bytes) -> Iterator[tuple[int, bytes]]:
    """What a client's frames say, unmasked; each must be masked and whole."""
    while frames:
        assert frames[0] & 0x80
        assert frames[1] & 0x80
        size, start = frames[1] & 0x7F, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(frames[2:start], "big")
        mask, payload = frames[start : start + 4], frames[start + 4 : start + 4 + size]
        yield frames[0] & 0x0F, bytes(each ^ mask[n % 4] for n, each in enumerate(payload))
        frames = frames[start + 4 + size :]


def opened(connection: socket.socket) -> None:
    """Answer the handshake of a WebSocket."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(65536)
    key = re.search(rb"Sec-WebSocket-Key: (\S+)", request)
    assert key
    answer = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    answer += [f"Sec-WebSocket-Accept: {accept_of(key[1].decode())}", "", ""]
    connection.sendall("\r\n".join(answer).encode())


def relay(*answers: bytes, asked: list[list[object]] | None = None) -> Speak:
    """A relay that answers each REQ with the next of these bytes, and then with EOSE."""

    def speak(connection: socket.socket) -> None:
        opened(connection)
        left = list(answers)
        while data := connection.recv(65536):
            for kind, payload in said_in(data):
                if kind != Kind.TEXT:
                    continue
                message = json.loads(payload)
                if asked is not None:
                    asked.append(message)
                if message[0] == "REQ":
                    connection.sendall(left.pop(0) if left else b"")
                    connection.sendall(text_frame("EOSE", message[1]))

    return speak


def text_frame(*message: object) -> bytes:
    """A frame with a message of NIP-01."""
    return server_frame(Kind.TEXT, json.dumps(list(message)).encode())
