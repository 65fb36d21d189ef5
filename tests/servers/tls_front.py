"""TLS on 127.0.0.1 under the names that collectors ask, in front of plain servers of this machine.

A collector asks ``https://web.archive.org/...``. The server that a test runs speaks HTTP on some port, and may have other
paths; where each question goes, the test says. Answers come back as the server gave them, its content codings included.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from origin import Authority, make_certificate

from osint.capture.network import Network

Route = Callable[[str], str]
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"})


@dataclass(frozen=True)
class TlsFront:
    """The names it answers for, and the authority that vouches for them.

    Attributes:
        asked: Each address that was asked, in order.
    """

    port: int
    names: tuple[str, ...]
    ca: Path
    asked: list[str]

    @property
    def network(self) -> Network:
        """A network in which the names lead here."""
        return Network(hosts=dict.fromkeys(self.names, ("127.0.0.1", self.port)), ca=self.ca, pace=0)


@contextmanager
def tls_front(folder: Path, routes: Mapping[str, Route]) -> Iterator[TlsFront]:
    """Answer for each name; its route turns the path that was asked into an address of a server on this machine."""
    authority = _authority(folder)
    asked: list[str] = []

    class Handler(_Front):
        ways = routes
        log = asked

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = authority.server(*routes).wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield TlsFront(server.server_address[1], tuple(routes), authority.pem, asked)
    finally:
        server.shutdown()
        server.server_close()


class _Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ways: ClassVar[Mapping[str, Route]]
    log: ClassVar[list[str]]

    def do_GET(self) -> None:
        name = (self.headers["Host"] or "").partition(":")[0]
        self.log.append(f"https://{name}{self.path}")
        status, reason, headers, body = self._answered(self.ways[name](self.path))
        self.send_response_only(status, reason)
        for field, value in headers:
            if field.lower() not in _HOP_BY_HOP:
                self.send_header(field, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answered(self, address: str) -> tuple[int, str, list[tuple[str, str]], bytes]:
        parts = urlsplit(address)
        behind = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            sent = {field: self.headers[field] for field in ("Accept", "Accept-Encoding") if self.headers[field]}
            behind.request("GET", address.partition(parts.netloc)[2], headers=sent)
            answer = behind.getresponse()
            return answer.status, answer.reason, answer.getheaders(), answer.read()
        finally:
            behind.close()

    def log_message(self, *_: object) -> None:
        """Write nothing to the terminal."""


def _authority(folder: Path) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    basic = x509.BasicConstraints(ca=True, path_length=0)
    return Authority(key, make_certificate("Test authority", key, name, key, days=1, extensions=[basic]), folder)
