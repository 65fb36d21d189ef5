"""An origin server that sends exactly the bytes it is given, certificates, and the shapes of answers it can send."""

from __future__ import annotations

import datetime as dt
import gzip
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from osint.capture.client import ask
from osint.capture.network import Network
from osint.capture.wire import Wire
from osint.case import Case

Answer = bytes | Callable[[socket.socket], None]


@dataclass
class Origin:
    """A server on 127.0.0.1 that answers each path with given bytes, or lets a function speak on the socket.

    A path with several answers gives them in turn, the last one for ever. ``requests`` holds the raw requests.
    """

    port: int
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[bytes] = field(default_factory=list)

    def serve(self, path: str, *answers: Answer) -> str:
        self.answers[path] = list(answers)
        return f"http://127.0.0.1:{self.port}{path}"

    def answer(self, request: bytes) -> Answer:
        path = request.split(b" ", 2)[1].decode("latin-1")
        known = self.answers.get(path, [http(b"not here", status="404 Not Found")])
        return known.pop(0) if len(known) > 1 else known[0]

    @property
    def paths(self) -> list[str]:
        return [request.split(b" ", 2)[1].decode("latin-1") for request in self.requests]


def http(body: bytes, *headers: str, status: str = "200 OK", length: bool = True) -> bytes:
    """Spell an HTTP/1.1 answer."""
    lines = [f"HTTP/1.1 {status}", *headers, *([f"Content-Length: {len(body)}"] if length else [])]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def receive(connection: socket.socket) -> bytes:
    """Read a request with its whole body: whoever closes a connection with bytes unread resets it."""
    request = bytearray()
    while b"\r\n\r\n" not in request and (data := connection.recv(65536)):
        request += data
    head = bytes(request).partition(b"\r\n\r\n")[0]
    stated = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    whole = len(head) + 4 + int(stated[1]) if stated else 0
    while len(request) < whole and (data := connection.recv(65536)):
        request += data
    return bytes(request)


def listen(origin: Origin, listener: socket.socket, context: ssl.SSLContext | None) -> None:
    def speak(connection: socket.socket) -> None:
        with connection:
            try:
                connection.settimeout(5)
                secured = context.wrap_socket(connection, server_side=True) if context else connection
                with secured:
                    request = receive(secured)
                    if request:
                        origin.requests.append(request)
                        answer = origin.answer(request)
                        if callable(answer):
                            answer(secured)
                        else:
                            secured.sendall(answer)
            except OSError:
                return

    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=speak, args=(connection,), daemon=True).start()


@dataclass
class Authority:
    """A certificate authority that lives for one test."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    folder: Path

    @property
    def pem(self) -> Path:
        path = self.folder / "ca.pem"
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def server(self, *names: str, days: int = 1) -> ssl.SSLContext:
        """Return a server context for these names; negative ``days`` make its certificate an expired one."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = make_certificate(
            names[0], key, self.certificate.subject, self.key, days=days,
            extensions=[x509.SubjectAlternativeName([_name(name) for name in names])],
        )  # fmt: skip
        path = self.folder / f"{names[0]}-{days}.pem"
        pem = serialization.Encoding.PEM
        path.write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + certificate.public_bytes(pem)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def make_certificate(
    subject: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Name, signer: ec.EllipticCurvePrivateKey, *,
    days: int, extensions: list[x509.ExtensionType],
) -> x509.Certificate:  # fmt: skip
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=10))
        .not_valid_after(now + dt.timedelta(days=days))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return builder.sign(signer, hashes.SHA256())


def drip(*pieces: bytes, pause: float = 0.0, reset: bool = False) -> Callable[[socket.socket], None]:
    """Return an answer that comes in pieces, and ends in a reset when asked."""

    def speak(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")

    return speak


AUTHORITY = {
    "identifier": "MP-2026-0417", "type": "missing-person report", "purpose": "missing_person", "place": "Westmere",
    "expires": "2026-12-31",
}  # fmt: skip
NOON = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC)


CHUNKED = b"5\r\nhello\r\n6;name=value\r\n world\r\n0\r\nTrailer: yes\r\n\r\n"

SHAPES = {
    "plain": http(b"hello"),
    "empty": http(b""),
    "until close": http(b"hello until close", length=False),
    "chunked with extension and trailer": http(CHUNKED, "Transfer-Encoding: chunked", length=False),
    "gzip": http(gzip.compress(b"hello" * 100), "Content-Encoding: gzip"),
    "damaged gzip": http(b"\x1f\x8b\x08not gzip", "Content-Encoding: gzip"),
    "repeated headers": http(b"x", "Set-Cookie: a=1", "Set-Cookie: b=2", "X-Odd:   spaces   "),
    "latin-1 header": http(b"x", "X-Name: Ren\xe9"),
    "folded header": b"HTTP/1.1 200 OK\r\nX-Long: one\r\n two\r\nContent-Length: 1\r\n\r\nx",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi",
    "not found": http(b"gone", status="404 Not Found"),
    "too many": http(b"later", "Retry-After: 9", status="429 Too Many Requests"),
    "no content": http(b"", status="204 No Content", length=False),
    "large header": http(b"x", "X-Big: " + "y" * 60_000),
    "binary body": http(bytes(range(256)) * 40),
    "http 1.0": b"HTTP/1.0 200 OK\r\n\r\nold",
}


def recorded(url: str, network: Network) -> Wire:
    wire = Wire(network)
    ask(url, wire, network, "osint-test")
    return wire


def after_the_wait(case: Case) -> Case:
    """The case, with what its hosts asked us to wait for behind it."""
    case._pacer._clock = lambda: time.time() + 86_400
    return case
