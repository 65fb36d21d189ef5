"""What the whole suite shares: an origin server that sends exactly the bytes it is given, and certificates."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from osint.capture.network import Network

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


def _listen(origin: Origin, listener: socket.socket, context: ssl.SSLContext | None) -> None:
    def speak(connection: socket.socket) -> None:
        with connection:
            try:
                connection.settimeout(5)
                secured = context.wrap_socket(connection, server_side=True) if context else connection
                with secured:
                    request = b""
                    while b"\r\n\r\n" not in request and (data := secured.recv(65536)):
                        request += data
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


@pytest.fixture
def start_origin() -> Iterator[Callable[..., Origin]]:
    """Start origin servers, plain or with a TLS context, and stop them after the test."""
    listeners = []

    def start(context: ssl.SSLContext | None = None) -> Origin:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        origin = Origin(listener.getsockname()[1])
        threading.Thread(target=_listen, args=(origin, listener, context), daemon=True).start()
        return origin

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture
def origin(start_origin: Callable[..., Origin]) -> Origin:
    """A plain origin server."""
    return start_origin()


@pytest.fixture
def loopback() -> Network:
    """A network that may reach the loopback address and does not pause."""
    return Network(allow=("127.0.0.1",), pace=0, read_timeout=2, connect_timeout=2)


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
        certificate = _certificate(
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


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """A throw-away certificate authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    basic = x509.BasicConstraints(ca=True, path_length=0)
    return Authority(key, _certificate("Test authority", key, name, key, days=1, extensions=[basic]), tmp_path)


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _certificate(
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
