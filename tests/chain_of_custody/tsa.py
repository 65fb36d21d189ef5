"""A time-stamping authority for tests: its certificates, tokens made here byte by byte, and OpenSSL's behind HTTP.

Tokens made here carry any time and any fault; they need no program and no clock. ``openssl ts -reply`` stamps with the
present time; it stands for a real authority.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from osint.chain_of_custody import der
from osint.chain_of_custody.exchange import Answer, Exchange
from osint.chain_of_custody.timestamp import Authority
from osint.chain_of_custody.timestamp_format import Imprint, Request, read_request

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
POLICY, OTHER_POLICY = "1.3.6.1.4.1.99999.1", "1.3.6.1.4.1.99999.2"
DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
STAMPS_ONLY = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed on this machine")

ORDERS = {
    # The order of the certificates in a token decides who can read it; see StampingAuthority.create.
    "sorted": lambda certificates: sorted(certificates, key=lambda each: (len(each), each)),
    "unsorted": lambda certificates: sorted(certificates, key=lambda each: (-len(each), each)),
}

_HASHES = {"sha1": "1.3.14.3.2.26", "sha256": "2.16.840.1.101.3.4.2.1", "sha512": "2.16.840.1.101.3.4.2.3"}
_SEQUENCE, _SET, _OCTETS, _FIRST = der.SEQUENCE, der.SET, der.OCTETS, 0xA0


def note(size: int = 8) -> bytes:
    """Return the file of a checkpoint. Its signature is none; stamping does not judge it."""
    root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    return f"osint/invented\n{size}\n{root}\n\n— osint/invented Az3grlgtzPIC\n".encode()


@dataclass(frozen=True)
class Identity:
    """A certificate and its key."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(DER)


def identity(
    subject: str,
    secret: int,
    issuer: Identity | None = None,
    *,
    since: datetime = datetime(2000, 1, 1, tzinfo=UTC),
    until: datetime = datetime(2090, 1, 1, tzinfo=UTC),
    usage: x509.ExtendedKeyUsage | None = None,
    critical: bool = True,
    serial: int = 0,
) -> Identity:
    """Issue a certificate; one without extended key usage is a certificate authority's."""
    key = ec.derive_private_key(secret, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(serial or secret + 1000)
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=usage is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if usage:
        builder = builder.add_extension(usage, critical=critical)
    signer = issuer.key if issuer else key
    return Identity(key, builder.sign(signer, hashes.SHA256(), ecdsa_deterministic=True))


@dataclass(frozen=True)
class StampingAuthority:
    """An authority under a root of its own; ``folder`` takes the files of ``openssl ts``."""

    folder: Path
    root: Identity
    signer: Identity
    name: str = "Westmere time stamps"

    @classmethod
    def create(cls, folder: Path, secret: int = 1, **signer: Any) -> StampingAuthority:
        folder.mkdir(parents=True, exist_ok=True)
        root = identity(f"Root {secret}", secret)
        # The longer name puts this certificate behind its issuer's in a sorted set.
        stamps = identity(f"Time stamps of Westmere, unit {secret}", secret + 1, root, usage=STAMPS_ONLY, **signer)
        return cls(folder, root, stamps)

    def another(self, secret: int, **signer: Any) -> StampingAuthority:
        """Return a second authority under the same root."""
        stamps = identity(f"Time stamps of Eastmere, unit {secret}", secret, self.root, usage=STAMPS_ONLY, **signer)
        folder = self.folder / str(secret)
        folder.mkdir(exist_ok=True)
        return replace(self, folder=folder, signer=stamps, name=f"Eastmere {secret}")

    def pinned(self, url: str = "http://tsa.example/") -> Authority:
        """Return what a verifier pins."""
        return Authority(name=self.name, url=url, certificate=self.signer.der, chain=(self.root.der,), policy=POLICY)

    def exchange(self, time: datetime = NOON, **changes: Any) -> Exchange:
        """Return a network on which this authority answers."""
        return lambda url, body, content_type: Answer(200, self.reply(body, time, **changes))

    def reply(
        self,
        request: bytes,
        time: datetime = NOON,
        *,
        status: int = 0,
        words: str = "",
        certificates: Sequence[bytes] | None = None,
        **changes: Any,
    ) -> bytes:
        """Answer a request; ``changes`` are faults, see :func:`_info` and :func:`_signed`."""
        info = _info(read_request(request), time, changes)
        told = [der.write_number(status)]
        if words:
            told.append(der.write(_SEQUENCE, [der.write(der.UTF8, words.encode())]))
        held = [self.signer.der] if certificates is None else list(certificates)
        parts = [der.write(_SEQUENCE, told)]
        if status in (0, 1):
            parts.append(_signed(info, self.signer, held, **changes))
        return der.write(_SEQUENCE, parts)

    def openssl_reply(self, request: bytes, *, certs: Sequence[bytes] = (), policy: str = POLICY) -> bytes:
        """Let ``openssl ts -reply`` answer, now, with further certificates behind its own."""
        key = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        files = {
            "tsa.cnf": _CONFIGURATION.format(policy=policy, certs="certs = certs.pem" if certs else "").encode(),
            "tsa.pem": self.signer.certificate.public_bytes(PEM),
            "tsa.key": self.signer.key.private_bytes(PEM, *key),
            "certs.pem": b"".join(x509.load_der_x509_certificate(each).public_bytes(PEM) for each in certs),
            "query.tsq": request,
        }
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
        subprocess.run(
            ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-signer", "tsa.pem", "-inkey",
             "tsa.key", "-out", "reply.tsr"],
            cwd=self.folder, check=True, capture_output=True,
        )  # fmt: skip
        return (self.folder / "reply.tsr").read_bytes()


_CONFIGURATION = """
[ tsa ]
default_tsa = stamps
[ stamps ]
serial = serial.txt
crypto_device = builtin
signer_digest = sha256
default_policy = {policy}
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500, microsecs:100
ordering = yes
tsa_name = yes
ess_cert_id_alg = sha256
{certs}
"""


@contextmanager
def serve(answer: Callable[[bytes], tuple[int, bytes]]) -> Iterator[str]:
    """Answer every POST on loopback by a function from the body to status and body; give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:  # whoever asked has hung up
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


_serials = count(4096)


def _info(request: Request, time: datetime, changes: dict[str, Any]) -> bytes:
    """Spell a TSTInfo. Faults: imprint, policy, nonce (None leaves it out), accuracy, extension (its criticality)."""
    imprint: Imprint = changes.pop("imprint", request.imprint)
    nonce = changes.pop("nonce", request.nonce)
    critical = changes.pop("extension", None)
    parts = [
        der.write_number(1),
        der.write_identifier(changes.pop("policy", POLICY)),
        der.write(_SEQUENCE, [_algorithm(imprint.algorithm), der.write(_OCTETS, imprint.digest)]),
        der.write_number(next(_serials)),
        der.write(der.TIME, changes.pop("spelt", time.strftime("%Y%m%d%H%M%SZ")).encode()),
        changes.pop("accuracy", der.write(_SEQUENCE, [der.write_number(1), der.write(0x80, b"\x01")])),
    ]
    if nonce is not None:
        parts.append(der.write_number(nonce))
    if critical is not None:
        flag = [der.write(der.BOOLEAN, b"\xff")] if critical else []
        extension = [der.write_identifier("1.3.6.1.5.5.7.1.3"), *flag, der.write(_OCTETS, b"\x30\x00")]
        parts.append(der.write(0xA1, [der.write(_SEQUENCE, extension)]))
    return der.write(_SEQUENCE, parts)


def _signed(
    info: bytes,
    signer: Identity,
    certificates: Sequence[bytes],
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    fingerprint: bytes | None = None,
    fingerprint_hash: str = "sha256",
    old_fingerprint: bool = False,
    content_type: str = "1.2.840.113549.1.9.16.1.4",
    signed: bytes | None = None,
    digest: str = "sha256",
    attributes: Sequence[str] = ("type", "digest", "certificate"),
    signers: int = 1,
) -> bytes:
    """Spell a token. Faults: another key, fingerprint, content type, signed content, hash; attributes left out."""
    certificate = signer.der
    hashed = fingerprint or hashlib.new(fingerprint_hash, certificate).digest()
    named = [] if old_fingerprint or fingerprint_hash == "sha256" else [_algorithm(fingerprint_hash)]
    essence = der.write(_SEQUENCE, [*named, der.write(_OCTETS, hashed)])
    known = {
        "type": _attribute("1.2.840.113549.1.9.3", der.write_identifier(content_type)),
        "digest": _attribute("1.2.840.113549.1.9.4", der.write(_OCTETS, hashlib.new(digest, signed or info).digest())),
        "certificate": _attribute(
            f"1.2.840.113549.1.9.16.2.{12 if old_fingerprint else 47}",
            der.write(_SEQUENCE, [der.write(_SEQUENCE, [essence])]),
        ),
    }
    held = b"".join(sorted(known[each] for each in attributes))
    curve_hash = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256()}[digest]
    signature = (key or signer.key).sign(der.write(_SET, held), ec.ECDSA(curve_hash, deterministic_signing=True))
    issuer = signer.certificate.issuer.public_bytes()
    one = der.write(
        _SEQUENCE,
        [
            der.write_number(1),
            der.write(_SEQUENCE, [issuer, der.write_number(signer.certificate.serial_number)]),
            _algorithm(digest),
            *([der.write(_FIRST, held)] if attributes else []),
            der.write(_SEQUENCE, [der.write_identifier("1.2.840.10045.4.3.2")]),
            der.write(_OCTETS, signature),
        ],
    )
    content = [
        der.write_number(3),
        der.write(_SET, [_algorithm(digest)]),
        der.write(
            _SEQUENCE,
            [der.write_identifier("1.2.840.113549.1.9.16.1.4"), der.write(_FIRST, [der.write(_OCTETS, info)])],
        ),
        *([der.write(_FIRST, list(certificates))] if certificates else []),
        der.write(_SET, [one] * signers),
    ]
    return der.write(
        _SEQUENCE,
        [der.write_identifier("1.2.840.113549.1.7.2"), der.write(_FIRST, [der.write(_SEQUENCE, content)])],
    )


def _attribute(oid: str, value: bytes) -> bytes:
    return der.write(_SEQUENCE, [der.write_identifier(oid), der.write(_SET, [value])])


def _algorithm(name: str) -> bytes:
    return der.write(_SEQUENCE, [der.write_identifier(_HASHES.get(name, name)), der.write(der.NULL, b"")])
