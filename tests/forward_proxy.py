"""A forward proxy on 127.0.0.1, as agencies run them: absolute-form, CONNECT, a password, and TLS taken apart on demand."""

from __future__ import annotations

import base64
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from origin import Authority, http

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@dataclass
class ForwardProxy:
    """A proxy that knows some names, and asks for a password when it has one.

    Attributes:
        names: Where names lead; whatever is not among them is "502 Bad Gateway".
        password: ``user:password`` that it demands, or nothing.
        intercepting: The authority under which it takes TLS apart, or None: it passes it on untouched.
        upstream: How it talks TLS to the origin where it takes it apart.
        heads: The heads of the requests that it read, as they came.
        inside: What it read inside tunnels that it took apart.
    """

    names: Mapping[str, tuple[str, int]]
    password: str = ""
    intercepting: Authority | None = None
    upstream: ssl.SSLContext | None = None
    tunnel_answer: bytes = ESTABLISHED
    heads: list[bytes] = field(default_factory=list)
    inside: list[bytes] = field(default_factory=list)

    def start(self) -> ForwardProxy:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(10)
            head, body = _read_request(connection)
            if not head:
                return
            self.heads.append(head + body)
            method, target, _ = head.split(b" ", 2)
            if self.password and self._credentials(head) != self.password:
                challenge = 'Proxy-Authenticate: Basic realm="agency"'
                connection.sendall(http(b"who are you?", challenge, status="407 Proxy Authentication Required"))
            elif method == b"CONNECT":
                self._tunnel(connection, target.decode())
            else:
                self._forward(connection, target.decode(), head, body)

    @staticmethod
    def _credentials(head: bytes) -> str:
        stated = re.search(rb"(?i)\r\nproxy-authorization: basic (\S+)", head)
        return base64.b64decode(stated[1]).decode() if stated else ""

    def _forward(self, connection: socket.socket, target: str, head: bytes, body: bytes) -> None:
        found = re.fullmatch(r"http://([^/:]+)(?::\d+)?(/.*)", target)
        where = self.names.get(found[1]) if found else None
        if found is None or where is None:
            connection.sendall(http(b"the proxy knows no such host", status="502 Bad Gateway"))
            return
        head = re.sub(rb"(?i)\r\nproxy-[^\r]*", b"", head.replace(target.encode(), found[2].encode(), 1))
        with socket.create_connection(where, 10) as origin:
            origin.sendall(head + body)
            _pour(origin, connection)

    def _tunnel(self, connection: socket.socket, target: str) -> None:
        host = target.rpartition(":")[0]
        where = self.names.get(host)
        if where is None:
            connection.sendall(http(b"the proxy knows no such host", status="502 Bad Gateway"))
            return
        connection.sendall(self.tunnel_answer)
        with socket.create_connection(where, 10) as origin:
            if self.intercepting is None:
                threading.Thread(target=_pour, args=(connection, origin), daemon=True).start()
                _pour(origin, connection)
                return
            with self.intercepting.server(host).wrap_socket(connection, server_side=True) as clear:
                self.inside.append(b"".join(_read_request(clear)))
                context = self.upstream or ssl.create_default_context()
                with context.wrap_socket(origin, server_hostname=host) as secured:
                    secured.sendall(self.inside[-1])
                    _pour(secured, clear)


def _read_request(connection: socket.socket) -> tuple[bytes, bytes]:
    request = bytearray()
    while b"\r\n\r\n" not in request and (data := connection.recv(65536)):
        request += data
    head, blank, body = bytes(request).partition(b"\r\n\r\n")
    stated = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    while stated and len(body) < int(stated[1]) and (data := connection.recv(65536)):
        body += data
    return head + blank, body


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
