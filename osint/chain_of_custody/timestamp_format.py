"""The messages of RFC 3161: the request is written, request and reply are read. Nothing is judged here.

A reply holds a status and, when granted, a token: a CMS ``SignedData`` (RFC 5652) around a ``TSTInfo``. Only what the
standard allows is read, so that no two readers can see different things in the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from osint.chain_of_custody import der
from osint.chain_of_custody.der import Members, Value

HASHES: Mapping[str, str] = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
"""Hash algorithms that may carry a time stamp, by object identifier."""

_OIDS = {name: oid for oid, name in HASHES.items()}
_SIGNED_DATA = "1.2.840.113549.1.7.2"
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"  # RFC 2634: SHA-1 of the certificate
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"  # RFC 5035
_FIRST, _SECOND = 0xA0, 0xA1  # context tags of constructed members
_WORDS_AT_MOST = 300


class Imprint(NamedTuple):
    """What is stamped: the name of a hash and its value. A hash that may not carry a stamp has its OID as name."""

    algorithm: str
    digest: bytes


class Request(NamedTuple):
    """What was asked; ``policy`` and ``nonce`` are None where the request left them open."""

    imprint: Imprint
    policy: str | None
    nonce: int | None
    wants_certificate: bool


class Claim(NamedTuple):
    """What a token says, and who says so. Nothing of it is verified.

    Attributes:
        token: The bytes of the token alone.
        policy: Under which policy, dotted.
        imprint: What was stamped.
        serial: Number of the token at its authority.
        time: When, in UTC, to the microsecond.
        accuracy: How far the clock may be off, or None when unstated.
        nonce: The number that binds it to a request, or None.
        certificates: The certificates inside, DER.
        issuer: Issuer of the signer's certificate, a DER name.
        issued: Serial number of the signer's certificate.
        digest: Hash under the signature, named as in :class:`Imprint`.
        fingerprints: Hashes of the signer's certificate that the signature covers; at least one.
    """

    token: bytes
    policy: str
    imprint: Imprint
    serial: int
    time: datetime
    accuracy: timedelta | None
    nonce: int | None
    certificates: tuple[bytes, ...]
    issuer: bytes
    issued: int
    digest: str
    fingerprints: tuple[Imprint, ...]


class Reply(NamedTuple):
    """What came back: PKIStatus (0 granted, 1 granted with changes), the reasons in words, and the token if any."""

    status: int
    words: str
    claim: Claim | None


def write_request(imprint: Imprint, policy: str, nonce: int) -> bytes:
    """Spell a request that names policy and nonce and asks for the certificate.

    Raises:
        KeyError: The hash may not carry a time stamp.
        ValueError: The policy is no object identifier.
    """
    algorithm = der.write(der.SEQUENCE, [der.write_identifier(_OIDS[imprint.algorithm]), der.write(der.NULL, b"")])
    return der.write(
        der.SEQUENCE,
        [
            der.write_number(1),
            der.write(der.SEQUENCE, [algorithm, der.write(der.OCTETS, imprint.digest)]),
            der.write_identifier(policy),
            der.write_number(nonce),
            der.write(der.BOOLEAN, b"\xff"),
        ],
    )


def read_request(data: bytes) -> Request:
    """Read a request.

    Raises:
        ValueError: It is none, or asks for an extension.
    """
    request = Members(der.read(data))
    _version(request)
    imprint = _imprint(request)
    policy = request.perhaps(der.OID)
    nonce = request.perhaps(der.INTEGER)
    wanted = request.perhaps(der.BOOLEAN)
    request.end()
    return Request(
        imprint,
        der.identifier(policy) if policy else None,
        der.number(nonce) if nonce else None,
        der.truth(wanted) if wanted else False,
    )


def read_reply(data: bytes) -> Reply:
    """Read a reply, and the token in it.

    Raises:
        ValueError: It is no reply, or its token is none.
    """
    reply = Members(der.read(data))
    status, words = _status(Members(reply.take(der.SEQUENCE)))
    token = reply.perhaps(der.SEQUENCE)
    reply.end()
    return Reply(status, words, _claim(token) if token else None)


def issuer_and_serial(certificate: bytes) -> tuple[bytes, int]:
    """Return the issuer, as its DER bytes, and the serial number of a certificate.

    Raises:
        ValueError: It is no certificate.
    """
    body = Members(Members(der.read(certificate)).take(der.SEQUENCE))
    body.perhaps(_FIRST)  # version
    serial = der.number(body.take(der.INTEGER))
    body.take(der.SEQUENCE)  # signature algorithm
    return body.take(der.SEQUENCE).raw, serial


def _status(info: Members) -> tuple[int, str]:
    status = der.number(info.take(der.INTEGER))
    words = info.perhaps(der.SEQUENCE)
    info.perhaps(0x03)  # failInfo, a BIT STRING
    info.end()
    texts = [each.content.decode("utf-8") for each in words.inside()] if words else []
    return status, " ".join(texts)[:_WORDS_AT_MOST]


def _claim(token: Value) -> Claim:
    content = Members(token)
    _expect(content, _SIGNED_DATA)
    signed = Members(_only(content.take(_FIRST)))
    content.end()
    signed.take(der.INTEGER)  # version
    signed.take(der.SET)  # digest algorithms, named again beside the signature
    info = _content(Members(signed.take(der.SEQUENCE)))
    held = signed.perhaps(_FIRST)
    signed.perhaps(_SECOND)  # revocation lists
    signer = Members(_only(signed.take(der.SET)))
    signed.end()
    certificates = tuple(each.raw for each in held.inside() if each.tag == der.SEQUENCE) if held else ()
    return Claim(token.raw, *_stamped(Members(der.read(info))), certificates, *_signer(signer))


def _content(encapsulated: Members) -> bytes:
    _expect(encapsulated, _TST_INFO)
    octets = _only(encapsulated.take(_FIRST))
    encapsulated.end()
    if octets.tag != der.OCTETS:
        raise ValueError("the token holds no time-stamp information")
    return octets.content


def _stamped(info: Members) -> tuple[str, Imprint, int, datetime, timedelta | None, int | None]:
    _version(info)
    policy = der.identifier(info.take(der.OID))
    imprint = _imprint(info)
    serial = der.number(info.take(der.INTEGER))
    time = der.instant(info.take(der.TIME))
    accuracy = info.perhaps(der.SEQUENCE)
    info.perhaps(der.BOOLEAN)  # ordering
    nonce = info.perhaps(der.INTEGER)
    info.perhaps(_FIRST)  # name of the authority
    extensions = info.perhaps(_SECOND)
    info.end()
    if extensions and any(_is_critical(Members(each)) for each in extensions.inside()):
        raise ValueError("the token carries an extension that must be understood, and is not")
    return policy, imprint, serial, time, _accuracy(accuracy), der.number(nonce) if nonce else None


def _is_critical(extension: Members) -> bool:
    extension.take(der.OID)
    critical = extension.perhaps(der.BOOLEAN)
    return bool(critical and der.truth(critical))


def _accuracy(value: Value | None) -> timedelta | None:
    if not value:
        return None
    accuracy = Members(value)
    parts = [accuracy.perhaps(tag) for tag in (der.INTEGER, 0x80, 0x81)]
    accuracy.end()
    seconds, millis, micros = (der.number(part) if part else 0 for part in parts)
    if not (0 <= seconds < 10**9 and 0 <= millis < 1000 and 0 <= micros < 1000):
        raise ValueError("the stated accuracy cannot be")
    return timedelta(seconds=seconds, milliseconds=millis, microseconds=micros)


def _signer(signer: Members) -> tuple[bytes, int, str, tuple[Imprint, ...]]:
    _version(signer)
    named = Members(signer.take(der.SEQUENCE))
    issuer, issued = named.take(der.SEQUENCE).raw, der.number(named.take(der.INTEGER))
    named.end()
    digest = _algorithm(signer.take(der.SEQUENCE))
    attributes = _attributes(signer.take(_FIRST))
    signer.take(der.SEQUENCE)  # signature algorithm
    signer.take(der.OCTETS)  # signature
    signer.perhaps(_SECOND)  # unsigned attributes
    signer.end()
    content_type = attributes.get(_CONTENT_TYPE)
    if not content_type or content_type.tag != der.OID or der.identifier(content_type) != _TST_INFO:
        raise ValueError("the signature is not one over time-stamp information")
    fingerprints = tuple(
        _fingerprint(Members(attributes[oid]), modern=oid == _SIGNING_CERTIFICATE_V2)
        for oid in (_SIGNING_CERTIFICATE, _SIGNING_CERTIFICATE_V2)
        if oid in attributes
    )
    if not fingerprints:
        raise ValueError("the signature does not name the certificate it was made with")
    return issuer, issued, digest, fingerprints


def _attributes(value: Value) -> dict[str, Value]:
    """Return signed attributes by OID, each with its one value; one that has several is passed over."""
    found: dict[str, Value] = {}
    for each in value.inside():
        attribute = Members(each)
        oid = der.identifier(attribute.take(der.OID))
        values = attribute.take(der.SET).inside()
        attribute.end()
        if oid in found:
            raise ValueError(f"the signed attribute {oid} stands there twice")
        if len(values) == 1:
            found[oid] = values[0]
    return found


def _fingerprint(attribute: Members, *, modern: bool) -> Imprint:
    first = Members(Members(attribute.take(der.SEQUENCE)).take(der.SEQUENCE))
    stated = first.perhaps(der.SEQUENCE) if modern else None
    algorithm = _algorithm(stated) if stated else "sha256" if modern else "sha1"
    return Imprint(algorithm, first.take(der.OCTETS).content)


def _imprint(members: Members) -> Imprint:
    imprint = Members(members.take(der.SEQUENCE))
    algorithm, digest = _algorithm(imprint.take(der.SEQUENCE)), imprint.take(der.OCTETS).content
    imprint.end()
    return Imprint(algorithm, digest)


def _algorithm(value: Value) -> str:
    members = Members(value)
    oid = der.identifier(members.take(der.OID))
    parameters = members.perhaps(der.NULL)
    members.end()
    if parameters and parameters.content:
        raise ValueError("a hash algorithm has parameters")
    return HASHES.get(oid, oid)


def _version(members: Members) -> None:
    if der.number(members.take(der.INTEGER)) != 1:
        raise ValueError("the version is not 1")


def _expect(members: Members, oid: str) -> None:
    found = der.identifier(members.take(der.OID))
    if found != oid:
        raise ValueError(f"the content is of type {found} instead of {oid}")


def _only(value: Value) -> Value:
    held = value.inside()
    if len(held) != 1:
        raise ValueError(f"{len(held)} values stand where one belongs")
    return held[0]
