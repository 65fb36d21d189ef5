"""Time that the writer of a ledger does not choose: RFC 3161 tokens over the file bytes of checkpoints.

A token says that an authority saw the hash of a document at a time. Asking (:func:`stamp`) and verifying
(:func:`check`) use one set of rules, and verifying needs no network:

1. The document, the request and the reply belong together: imprint, nonce, policy.
2. The token was signed with the very certificate that the verifier pinned; a certificate of the same issuer is another
   one. Certificates in the token that the verifier does not know are refused.
3. That certificate and its issuers were valid at the token's time, whatever is true today.
4. The signature holds (:mod:`osint.chain_of_custody.timestamp_signature`).

A token ages: see :mod:`osint.chain_of_custody.timestamp_renewal`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from osint.chain_of_custody import checkpoint
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.exchange import Answer, Exchange
from osint.chain_of_custody.timestamp_format import (
    HASHES,
    Claim,
    Imprint,
    Request,
    issuer_and_serial,
    read_reply,
    read_request,
    write_request,
)
from osint.chain_of_custody.timestamp_renewal import read_renewal
from osint.chain_of_custody.timestamp_signature import CertificatePath, as_pem, certificate_paths, verify_signature
from osint.errors import CaptureError, LedgerError, TimestampError
from osint.instants import format_instant
from osint.render import visible

LIMIT = 1 << 20
"""The longest reply that is read, in bytes."""

_REQUEST_MEDIA = "application/timestamp-query"
_GRANTED = (0, 1)  # PKIStatus granted and grantedWithMods: the two that carry a token
_ALGORITHMS = {"checkpoint": "sha256", "renewal": "sha512"}


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A time-stamping authority as a verifier pins it.

    Attributes:
        name: What it is called in entries and messages.
        url: Where it takes requests.
        certificate: DER of the one certificate that signs its tokens.
        chain: DER of intermediate and root certificates, in any order.
        policy: The policy under which it must stamp, a dotted object identifier.
    """

    name: str
    url: str
    certificate: bytes = field(repr=False)
    chain: tuple[bytes, ...] = field(repr=False)
    policy: str


@dataclass(frozen=True, kw_only=True)
class Token:
    """One reply as it is kept; nothing of it is verified until :func:`check` has done so.

    Attributes:
        covers: ``checkpoint`` or ``renewal``.
        size: Number of ledger entries under what was stamped.
        document: What was stamped: the bytes of a checkpoint file, or a renewal document.
        request: DER ``TimeStampReq``.
        reply: DER ``TimeStampResp``, as it came.
        chain: The authority's certificates at that time as PEM, for other programs; it is not trusted.
    """

    covers: str
    size: int
    document: bytes = field(repr=False)
    request: bytes = field(repr=False)
    reply: bytes = field(repr=False)
    chain: bytes = field(default=b"", repr=False)

    @property
    def sha256(self) -> str:
        """SHA-256 of the reply, 64 hex digits: the name by which entries commit to it."""
        return sha256(self.reply)


@dataclass(frozen=True)
class Stamp:
    """What a verified token shows.

    Attributes:
        time: When the authority saw the document, in UTC.
        accuracy: How far the authority's clock may be off, or None when it does not say.
        authority: Name of the pinned authority.
        verified_by: ``rfc3161-client`` or ``openssl``.
        serial: Number of the token at the authority.
        policy: Under which it was issued.
        sha256: Name of the token, see :attr:`Token.sha256`.
        valid_until: When the first certificate on the authority's chain ends. Renew before that.
        algorithm: Hash of the imprint: ``sha256``, ``sha384`` or ``sha512``.
    """

    time: datetime
    accuracy: timedelta | None
    authority: str
    verified_by: str
    serial: int
    policy: str
    sha256: str
    valid_until: datetime
    algorithm: str


def stamp(
    document: bytes,
    size: int,
    authority: Authority,
    exchange: Exchange,
    *,
    covers: str = "checkpoint",
    algorithm: str = "",
) -> Token:
    """Have a document stamped, and verify what comes back.

    Args:
        document: The bytes of a checkpoint file, or a renewal document.
        size: Number of ledger entries under it.
        authority: Whom to ask.
        exchange: Makes the one request.
        covers: ``checkpoint`` or ``renewal``.
        algorithm: ``sha256``, ``sha384`` or ``sha512``; by default SHA-256, and SHA-512 for a renewal.

    Raises:
        TimestampError: No token that can be relied on came; ``reason`` says why. Nothing is kept of it.
    """
    check_authority(authority)
    imprint = _imprint(document, algorithm or _ALGORITHMS[covers])
    request = write_request(imprint, authority.policy, secrets.randbits(64))
    chain = as_pem([authority.certificate, *authority.chain])
    reply = _ask(authority, request, exchange)
    token = Token(covers=covers, size=size, document=document, request=request, reply=reply, chain=chain)
    check(token, (authority,))
    return token


def check(token: Token, authorities: Sequence[Authority]) -> Stamp:
    """Verify a token at its own time, against authorities that the verifier pinned.

    Raises:
        TimestampError: It is not good, or cannot be judged on this machine (``reason`` is ``no-openssl``).
    """
    claim = _claim(token)
    _check_document(token, claim)
    _check_request(token, claim)
    authority = _signer(token, claim, authorities)
    path = _path(token, claim, authority)
    digest = _imprint(token.document, claim.imprint.algorithm).digest
    program = verify_signature(claim.token, digest, claim.time, path, token.request)
    return Stamp(
        claim.time, claim.accuracy, authority.name, program, claim.serial, claim.policy, token.sha256,
        path.valid_until, claim.imprint.algorithm,
    )  # fmt: skip


def claimed_time(token: Token) -> datetime:
    """Return the time that a token states, in UTC, without verifying anything.

    Raises:
        TimestampError: It holds no time.
    """
    return _claim(token).time


def check_authority(authority: Authority) -> None:
    """Make sure that an authority can be used: its certificate is for time stamps, leads to a root, policy is an OID.

    Raises:
        TimestampError: It cannot; the message says why.
    """
    certificate_paths(authority.certificate, authority.chain)
    try:
        write_request(_imprint(b"", "sha256"), authority.policy, 0)
    except ValueError as error:
        raise TimestampError(f"The policy of {visible(authority.name)}: {error}.", "wrong-policy") from error


def _ask(authority: Authority, request: bytes, exchange: Exchange) -> bytes:
    try:
        answer: Answer = exchange(authority.url, request, _REQUEST_MEDIA)
    except CaptureError as error:
        # An exchange reads no further than its limit; "length" is the WARC word for that.
        reason = "too-large" if error.stop == "length" else "no-answer"
        raise _unanchored(authority, f"gave no usable answer: {error}", reason) from error
    if answer.status != 200:
        raise _unanchored(authority, f"answered with HTTP status {answer.status}", "http-status")
    return answer.body


def _unanchored(authority: Authority, what: str, reason: str) -> TimestampError:
    return TimestampError(
        f"The time-stamping authority {visible(authority.name)} {what}. The ledger stands, and the time of its newest "
        "entries is not anchored yet; ask again later, or ask another authority.",
        reason,
    )


def _claim(token: Token) -> Claim:
    """Read what a reply claims.

    Raises:
        TimestampError: too-large, malformed, or rejected by the authority.
    """
    if len(token.reply) > LIMIT:
        raise _no_proof(token, f"is longer than {LIMIT} bytes, which no time stamp is", "too-large")
    try:
        reply = read_reply(token.reply)
    except ValueError as error:
        raise _no_proof(token, f"cannot be read as RFC 3161 wants it ({visible(error)})", "malformed") from error
    if reply.status not in _GRANTED:
        said = f": {visible(reply.words)}" if reply.words else ""
        raise _no_proof(token, f"is a refusal of the authority (status {reply.status}{said})", "rejected")
    if reply.claim is None:
        raise _no_proof(token, "says that it was granted, and holds no token", "malformed")
    return reply.claim


def _check_document(token: Token, claim: Claim) -> None:
    """Make sure that the document is what the token says was stamped, of the kind and size it is kept under."""
    try:
        size = _stated_size(token)
    except (LedgerError, ValueError) as error:
        raise _no_proof(token, f"is kept with a document that is no {token.covers}: {error}", "malformed") from error
    if size != token.size:
        raise _no_proof(token, f"is kept with a document over {size} entries instead", "wrong-imprint")
    wanted = ("sha512",) if token.covers == "renewal" else tuple(HASHES.values())
    if claim.imprint.algorithm not in wanted:
        raise _no_proof(token, f"uses the hash {claim.imprint.algorithm}, not {' or '.join(wanted)}", "wrong-imprint")
    if claim.imprint != _imprint(token.document, claim.imprint.algorithm):
        raise _no_proof(token, "was made for other bytes than the document kept with it", "wrong-imprint")


def _stated_size(token: Token) -> int:
    if token.covers == "renewal":
        return read_renewal(token.document).size
    if token.covers != "checkpoint":
        raise LedgerError("there are checkpoints and renewals.")
    return checkpoint.parse(token.document.decode("utf-8")).size


def _check_request(token: Token, claim: Claim) -> None:
    """Make sure that the token answers the request kept with it."""
    try:
        request: Request = read_request(token.request)
    except ValueError as error:
        raise _no_proof(token, f"is kept with a request that cannot be read ({visible(error)})", "malformed") from error
    if request.imprint != claim.imprint:
        raise _no_proof(token, "is kept with a request for another document", "wrong-imprint")
    if request.nonce is None or request.nonce != claim.nonce:
        raise _no_proof(token, "does not carry the number of its request: it answers another one", "wrong-nonce")
    if request.policy not in (None, claim.policy):
        raise _no_proof(token, f"is under policy {claim.policy}; {request.policy} was asked for", "wrong-policy")
    if not request.wants_certificate:
        raise _no_proof(token, "answers a request that did not ask for the authority's certificate", "malformed")


def _signer(token: Token, claim: Claim, authorities: Sequence[Authority]) -> Authority:
    """Return the authority whose pinned certificate the token names as its signer's."""
    named = [each for each in authorities if _names(claim, each)]
    if not named:
        known = ", ".join(visible(each.name) for each in authorities) or "none"
        raise _no_proof(
            token, f"is not signed with the certificate of a pinned authority (pinned: {known})", "wrong-certificate"
        )
    fitting = [each for each in named if each.policy == claim.policy]
    if not fitting:
        wanted = " or ".join(each.policy for each in named)
        raise _no_proof(token, f"is under policy {claim.policy} instead of {wanted}", "wrong-policy")
    strangers = set(claim.certificates).difference(*((each.certificate, *each.chain) for each in fitting))
    if strangers:
        raise _no_proof(
            token,
            f"carries {len(strangers)} certificates that {visible(fitting[0].name)} is not known by. If it confirms "
            "them, add them to its chain file",
            "wrong-certificate",
        )
    return fitting[0]


def _names(claim: Claim, authority: Authority) -> bool:
    """Say whether a token names this very certificate: inside it, as signer, and in what is signed."""
    try:
        return (
            issuer_and_serial(authority.certificate) == (claim.issuer, claim.issued)
            and authority.certificate in claim.certificates
            and all(each == _imprint(authority.certificate, each.algorithm) for each in claim.fingerprints)
        )
    except ValueError:  # a certificate that is none, or a hash that nobody here knows
        return False


def _path(token: Token, claim: Claim, authority: Authority) -> CertificatePath:
    """Return the path of certificates that was valid at the token's time."""
    if claim.digest not in HASHES.values():
        raise _no_proof(token, f"is signed over the hash {claim.digest}, which is not relied on", "bad-signature")
    paths = certificate_paths(authority.certificate, authority.chain)
    valid = next((each for each in paths if each.is_valid_at(claim.time)), None)
    if valid is None:
        raise _no_proof(
            token,
            f"states {format_instant(claim.time)}, when the certificates of {visible(authority.name)} were not valid "
            f"(they end {format_instant(paths[0].valid_until)})",
            "expired",
        )
    return valid


def _no_proof(token: Token, what: str, reason: str) -> TimestampError:
    return TimestampError(
        f"The time stamp over {token.size} entries ({token.sha256[:8]}…) {what}. It proves no time; entries are dated "
        "by the other time stamps, or by the clock of their machine alone.",
        reason,
    )


def _imprint(document: bytes, algorithm: str) -> Imprint:
    return Imprint(algorithm, hashlib.new(algorithm, document).digest())
