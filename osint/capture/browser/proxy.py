"""The proxy between a browser and the door, on 127.0.0.1. It connects to nothing: whatever is asked is handed on.

TLS ends here, under a key that lives for one visit. The browser of that visit accepts it by the hash of the key, and
nothing else on this machine learns of it; the servers' certificates are verified by the door, as always.
"""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from osint.capture.browser.traffic import Headers, Reply, Traffic

_TLS_HANDSHAKE = b"\x16"
_DRAINED = 1 << 20  # bytes of a body that is not sent on
_IDLE = 30.0


class Proxy(ThreadingHTTPServer):
    """Runs in a ``with`` block; ``server`` is its address, ``key_hash`` what its browser knows it by."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, traffic: Traffic, folder: Path) -> None:
        """Listen on a free port of the loopback address; ``folder`` holds the key while it is read."""
        self.traffic = traffic
        self.context, self.key_hash = _throw_away_key(folder)
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)
        self._loop = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    @property
    def server(self) -> str:
        """The address of the proxy."""
        return f"http://127.0.0.1:{self.server_port}"

    def server_bind(self) -> None:
        """Bind without asking the name server who 127.0.0.1 is."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.socket.getsockname()[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a browser may hang up at any moment."""

    def keep(self, connection: socket.socket) -> None:
        """Remember a connection, to be ended with the visit."""
        with self._lock:
            self._connections.add(connection)

    def forget(self, connection: socket.socket) -> None:
        """Forget a connection that ended."""
        with self._lock:
            self._connections.discard(connection)

    def __enter__(self) -> Self:
        self._loop.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let every request come to its end, so that nothing is logged after the visit; then hang up."""
        self.traffic.close()
        self.shutdown()
        self.server_close()
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One connection of the browser: requests with whole addresses, or a tunnel and TLS in it."""

    server: Proxy
    protocol_version = "HTTP/1.1"
    timeout = _IDLE

    def setup(self) -> None:
        self._within = ""  # where the tunnel leads, host and port
        self._plain: socket.socket = self.request
        self.server.keep(self._plain)
        super().setup()

    def finish(self) -> None:
        self.server.forget(self._plain)
        with suppress(OSError):
            super().finish()
        if self.connection is not self._plain:
            with suppress(OSError):
                self.connection.close()

    def log_message(self, *_: Any) -> None:
        """Say nothing; what is asked is listed."""

    def do_CONNECT(self) -> None:
        """Open a tunnel to ourselves: TLS ends here, and anything else is refused."""
        if self._within:
            self.close_connection = True
            return
        self.send_response_only(200)
        self.end_headers()
        spoken = self.connection.recv(1, socket.MSG_PEEK)
        if not spoken:  # opened in advance, and never used
            self.close_connection = True
            return
        if spoken != _TLS_HANDSHAKE:
            self._refuse_tunnel("a WebSocket, or a tunnel that holds no TLS")
            return
        try:
            secured = self.server.context.wrap_socket(self.connection, server_side=True)
        except OSError as error:
            self._refuse_tunnel(f"the browser broke TLS off ({error})")
            return
        self._within = self.path.removesuffix(":443")
        self.connection = secured
        self.rfile, self.wfile = secured.makefile("rb"), secured.makefile("wb", buffering=0)  # type: ignore[assignment]
        self.close_connection = False

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):  # every method there is: what may be asked is decided in one place
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        headers = [(name, value) for name, value in self.headers.raw_items()]
        url = f"https://{self._within}{self.path}" if self._within else self.path
        self._drain(headers)
        self._reply(self.server.traffic.answer(self.command, url, headers))

    def _drain(self, headers: Headers) -> None:
        """Read past a body: whoever hangs up on bytes unread resets the connection, and the browser asks again."""
        stated = next((value for name, value in headers if name.casefold() == "content-length"), "0")
        length = int(stated) if stated.isdecimal() and len(stated) < 19 else 0
        self.rfile.read(min(length, _DRAINED))
        if length > _DRAINED or "Transfer-Encoding" in self.headers:
            self.close_connection = True

    def _reply(self, reply: Reply) -> None:
        self.send_response_only(reply.status, "")
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.status not in (204, 304):
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if reply.status not in (204, 304):
            self.wfile.write(reply.body)

    def _refuse_tunnel(self, reason: str) -> None:
        self.close_connection = True
        self.server.traffic.refuse("CONNECT", self.path, reason)


def _throw_away_key(folder: Path) -> tuple[ssl.SSLContext, str]:
    """Return a server context under a fresh key, and the hash that a browser can know the key by.

    One self-signed certificate serves for every host: the browser of the visit goes by the key and not by names.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "osint recording proxy")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "proxy.pem"
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        out.write(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(file)  # the standard library reads it from a file only
    finally:
        file.unlink()
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return context, base64.b64encode(hashlib.sha256(public).digest()).decode()
