"""``signedData``: the two signatures that a package may carry over the hash of its manifest.

An anonymous signature names a key and nobody: it proves that nothing changed since that key signed, and no more. A
domain signature names whoever held a certificate, and a time stamp says when; neither root is judged here, for trust
belongs to whoever reads. Whatever the form, somebody who remakes a package can sign it anew; only what lies outside it
(a ledger, a deposited head) tells the two apart.

Our signatures follow RFC 6979, so that the same package and key give the same bytes. The anonymous one is ECDSA over
P-384 as r and s, 48 bytes each, the one form that ReplayWeb.page verifies; the domain one is DER, as authsign has it.

Source: https://specs.webrecorder.net/wacz-auth/0.1.0/
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

VERSION = "0.1.0"
_P384_BYTES = 48
_STAMPED_WITHIN = timedelta(minutes=10)
_SHARED = {"hash", "created", "software", "version", "signature"}
_ANONYMOUS = _SHARED | {"publicKey"}
_DOMAIN = _SHARED | {"domain", "domainCert", "timeSignature", "timestampCert"}
_OPTIONAL = {"crossSignedCert"}

Stamp = Callable[[bytes], tuple[bytes, Sequence[bytes]]]
"""From the bytes to be stamped to the RFC 3161 reply and the certificates of the authority, all DER, its own first."""


class SignatureError(ValueError):
    """The signature does not hold, or is none; the message says why."""


class Signer(Protocol):
    """What can sign a package."""

    def sign(self, digest: str, created: str, software: str) -> dict[str, str]:
        """Return ``signedData`` over the hash of a manifest, written ``sha256:`` and hex."""
        ...


@dataclass(frozen=True)
class Signature:
    """A signature that holds.

    Attributes:
        form: ``anonymous`` or ``domain``.
        signer: SHA-256 of the public key in hex, or the domain.
        stamped: Instant of the time stamp, where there is one.
        roots: SHA-256 of the certificates that it leads to, hex: that of the signer, that of the authority.
        proves: What it proves, in a sentence for a person.
    """

    form: str
    signer: str
    proves: str
    stamped: datetime | None = None
    roots: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnonymousSigner:
    """Signs with a P-384 key that nobody's name is tied to."""

    key: ec.EllipticCurvePrivateKey

    def sign(self, digest: str, created: str, software: str) -> dict[str, str]:
        """Return ``signedData`` with the public key."""
        if not isinstance(self.key.curve, ec.SECP384R1):
            raise SignatureError(
                f"an anonymous signature is made with a P-384 key, and this one is {self.key.curve.name}"
            )
        r, s = decode_dss_signature(_sign(self.key, digest))
        public = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return {
            **_shared(digest, created, software),
            "signature": _base64(r.to_bytes(_P384_BYTES) + s.to_bytes(_P384_BYTES)),
            "publicKey": _base64(public),
        }


@dataclass(frozen=True)
class DomainSigner:
    """Signs with the key of a certificate for a domain, and has the signature stamped.

    Attributes:
        key: The private key of the first certificate.
        domain: A name that the first certificate holds.
        chain: Certificates in DER, each issued by the next.
        stamp: Gets a time stamp; how it reaches an authority is the caller's business.
    """

    key: ec.EllipticCurvePrivateKey
    domain: str
    chain: Sequence[bytes]
    stamp: Stamp

    def sign(self, digest: str, created: str, software: str) -> dict[str, str]:
        """Return ``signedData`` with certificates and time stamp."""
        signature = _base64(_sign(self.key, digest))
        reply, authority = self.stamp(signature.encode())
        return {
            **_shared(digest, created, software),
            "signature": signature,
            "domain": self.domain,
            "domainCert": _pem(self.chain),
            "timeSignature": _base64(reply),
            "timestampCert": _pem(authority),
        }


def verify_signature(signed: Mapping[str, Any], digest: str, created: str) -> Signature:
    """Verify ``signedData`` against the hash and the creation time of the manifest it should be over.

    Raises:
        SignatureError: It does not hold, or holds other fields than one of the two forms.
    """
    fields = set(signed)
    if not all(isinstance(value, str) for value in signed.values()):
        raise SignatureError("the signature holds a field that is no text")
    if signed.get("hash") != digest:
        raise SignatureError(f"the signature is over {signed.get('hash')}, and the manifest gives {digest}")
    if signed.get("created") != created:
        raise SignatureError(f"the signature says it was made {signed.get('created')}, the manifest says {created}")
    if signed.get("version") != VERSION:
        raise SignatureError(f"the signature has the form {signed.get('version')}, and {VERSION} is read")
    if fields == _ANONYMOUS:
        return _verify_anonymous(signed, digest)
    if fields - _OPTIONAL == _DOMAIN:
        return _verify_domain(signed, digest)
    raise SignatureError(f"the signature has the fields {', '.join(sorted(fields))}, which is neither of the two forms")


def _verify_anonymous(signed: Mapping[str, str], digest: str) -> Signature:
    spki, pair = _bytes(signed, "publicKey"), _bytes(signed, "signature")
    try:
        key = serialization.load_der_public_key(spki)
    except ValueError as error:
        raise SignatureError("the public key of the signature cannot be read") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP384R1):
        raise SignatureError("the public key of the signature is not one of P-384")
    if len(pair) != 2 * _P384_BYTES:
        raise SignatureError("the signature has not the length of one by P-384")
    halves = int.from_bytes(pair[:_P384_BYTES]), int.from_bytes(pair[_P384_BYTES:])
    _verify(key, encode_dss_signature(*halves), digest)
    name = hashlib.sha256(spki).hexdigest()
    return Signature(
        "anonymous", name, f"Nothing changed since the key with the SHA-256 {name} signed. It names nobody: whoever "
        "remakes a package can sign it with a key of their own, so compare with the ledger.",
    )  # fmt: skip


def _verify_domain(signed: Mapping[str, str], digest: str) -> Signature:
    chain, authority = _chain(signed, "domainCert"), _chain(signed, "timestampCert")
    for name in {"signature", *(_OPTIONAL & set(signed))}:
        first = chain[0] if name == "signature" else _chain(signed, name)[0]
        _verify(first.public_key(), _bytes(signed, "signature"), digest)
    domain = signed["domain"]
    if domain not in _names(chain[0]):
        raise SignatureError(f"the certificate of the signature is not one for {domain}")
    stamped = _verify_stamp(signed, authority)
    made = _instant(signed["created"])
    if not made <= stamped <= made + _STAMPED_WITHIN:
        raise SignatureError(f"the signature says {signed['created']}, and its time stamp {stamped.isoformat()}")
    if not chain[0].not_valid_before_utc <= made <= chain[0].not_valid_after_utc:
        raise SignatureError("the certificate of the signature was not valid when it was made")
    roots = tuple(each[-1].fingerprint(hashes.SHA256()).hex() for each in (chain, authority))
    return Signature(
        "domain", domain, f"Whoever held a certificate for {domain} signed at {stamped.isoformat()} at the latest, "
        f"as far as you trust the roots {roots[0]} and {roots[1]}.", stamped, roots,
    )  # fmt: skip


def _verify_stamp(signed: Mapping[str, str], authority: Sequence[x509.Certificate]) -> datetime:
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    verifier = VerifierBuilder().tsa_certificate(authority[0]).add_root_certificate(authority[-1])
    for intermediate in authority[1:-1]:
        verifier = verifier.add_intermediate_certificate(intermediate)
    try:
        reply = decode_timestamp_response(_bytes(signed, "timeSignature"))
        verifier.build().verify_message(reply, signed["signature"].encode())
    except (ValueError, VerificationError) as error:
        raise SignatureError(f"the time stamp of the signature does not hold ({error})") from error
    return reply.tst_info.gen_time


def _verify(key: Any, signature: bytes, digest: str) -> None:
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, digest.encode(), ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, digest.encode(), padding.PKCS1v15(), hashes.SHA256())
        else:
            raise SignatureError("the key of the signature is neither of ECDSA nor of RSA")
    except InvalidSignature as error:
        raise SignatureError("the signature is not one by its key over the hash of the manifest") from error


def _chain(signed: Mapping[str, str], field: str) -> list[x509.Certificate]:
    try:
        chain = x509.load_pem_x509_certificates(signed[field].encode())
        for certificate, issuer in pairwise(chain):
            certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise SignatureError(f"{field} is no chain of certificates each issued by the next") from error
    return chain


def _names(certificate: x509.Certificate) -> list[str]:
    common = [str(each.value) for each in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    try:
        others = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return common
    return [*common, *others.get_values_for_type(x509.DNSName)]


def _instant(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise SignatureError(f"the signature was made at {text!r}, which is no instant") from error


def _bytes(signed: Mapping[str, str], field: str) -> bytes:
    try:
        return base64.b64decode(signed[field], validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureError(f"{field} of the signature is not base64") from error


def _shared(digest: str, created: str, software: str) -> dict[str, str]:
    return {"hash": digest, "created": created, "software": software, "version": VERSION}


def _sign(key: ec.EllipticCurvePrivateKey, digest: str) -> bytes:
    return key.sign(digest.encode(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _pem(chain: Sequence[bytes]) -> str:
    """Spell certificates with an empty line between them, at which ReplayWeb.page splits."""
    certificates = map(x509.load_der_x509_certificate, chain)
    return "\n".join(each.public_bytes(serialization.Encoding.PEM).decode("ascii") for each in certificates)
