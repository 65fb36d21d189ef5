"""Whether a token was signed by one certificate, and that certificate was good, at the time the token states.

rfc3161-client answers first. It reads strict DER only, and some authorities write a SET in the wrong order; what it
cannot read is given to ``openssl ts -verify``. A token that it reads and refuses stays refused. Both see the pinned
certificate and one path from it to a root, and nothing else to trust.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from osint.chain_of_custody import der
from osint.errors import TimestampError
from osint.render import shorten, visible

if TYPE_CHECKING:
    from cryptography import x509

LIBRARY, OPENSSL = "rfc3161-client", "openssl"

_LONGEST_PATH = 8
_OPENSSL_SECONDS = 60


class CertificatePath(NamedTuple):
    """A signer's certificate, the issuers above it, and the self-signed root at the end."""

    certificates: tuple[x509.Certificate, ...]

    @property
    def signer(self) -> x509.Certificate:
        """The certificate of the authority's signing key."""
        return self.certificates[0]

    @property
    def root(self) -> x509.Certificate:
        """The self-signed certificate that the path ends in."""
        return self.certificates[-1]

    @property
    def valid_until(self) -> datetime:
        """When the first of the certificates ends."""
        return min(each.not_valid_after_utc for each in self.certificates)

    def is_valid_at(self, moment: datetime) -> bool:
        """Say whether every certificate was valid at a moment; as OpenSSL has it, the last second is none of it."""
        return all(each.not_valid_before_utc <= moment < each.not_valid_after_utc for each in self.certificates)


def certificate_paths(certificate: bytes, chain: Sequence[bytes]) -> list[CertificatePath]:
    """Return every path from an authority's certificate to a root, the longest valid first.

    Args:
        certificate: DER of the certificate that signs time stamps.
        chain: DER of intermediate and root certificates, in any order.

    Raises:
        TimestampError: A certificate cannot be read, the first is not for time stamps alone, or no path ends in a root.
    """
    try:
        signer, *issuers = (one for each in (certificate, *chain) for one in read_certificates(each))
        _check_purpose(signer)
    except ValueError as error:
        raise TimestampError(
            f"The certificates of the time-stamping authority cannot be used: {error}.", "wrong-certificate"
        ) from error
    found = [CertificatePath(tuple(each)) for each in _paths([signer], issuers)]
    if not found:
        raise TimestampError(
            f"No chain of certificates leads from {_name(signer)} to a root, so nothing it signs can be verified. Put "
            "the authority's intermediate and root certificates into its chain file.",
            "wrong-certificate",
        )
    return sorted(found, key=lambda path: path.valid_until, reverse=True)


def verify_signature(token: bytes, digest: bytes, moment: datetime, path: CertificatePath, request: bytes) -> str:
    """Verify the signature of a token, and the certificates on the path, at the time that the token states.

    Args:
        token: The token alone, DER.
        digest: Hash of what was stamped; its algorithm is the token's.
        moment: The token's time.
        path: From the pinned certificate to a root.
        request: The request that the token answers, DER.

    Returns:
        Which program verified it: ``rfc3161-client`` or ``openssl``.

    Raises:
        TimestampError: The signature or a certificate does not hold, or there is no program that can tell.
    """
    # The status around a token is not signed, and the library knows one of the two that carry a token.
    granted = der.write(der.SEQUENCE, [der.write(der.SEQUENCE, [der.write_number(0)]), token])
    if _holds_by_library(granted, digest, path):
        return LIBRARY
    _check_by_openssl(granted, moment, path, request)
    return OPENSSL


def as_pem(certificates: Sequence[bytes]) -> bytes:
    """Return DER certificates as PEM, one after the other.

    Raises:
        ValueError: One is no certificate.
    """
    return _pem([one for each in certificates for one in read_certificates(each)])


def read_certificates(data: bytes) -> tuple[x509.Certificate, ...]:
    """Read certificates, one as DER or one and more as PEM, their extensions included.

    Raises:
        ValueError: There is none, or one holds what no certificate may.
    """
    from cryptography import x509

    try:
        is_text = b"-----BEGIN" in data
        found = x509.load_pem_x509_certificates(data) if is_text else [x509.load_der_x509_certificate(data)]
        _ = [each.extensions for each in found]
    except (x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise ValueError(f"{error}") from error
    return tuple(found)


def _check_purpose(certificate: x509.Certificate) -> None:
    """Refuse a certificate that may sign anything else than time stamps (RFC 3161, 2.3)."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        raise ValueError(f"{_name(certificate)} is not marked for time stamping") from None
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise ValueError(f"{_name(certificate)} is not marked, critically, for time stamping and nothing else")


def _paths(path: list[x509.Certificate], issuers: Sequence[x509.Certificate]) -> Iterator[list[x509.Certificate]]:
    if _issued(path[-1], path[-1]):
        yield path
    elif len(path) < _LONGEST_PATH:
        for issuer in dict.fromkeys(issuers):
            if issuer not in path and _issued(path[-1], issuer):
                yield from _paths([*path, issuer], issuers)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _holds_by_library(reply: bytes, digest: bytes, path: CertificatePath) -> bool:
    """Let rfc3161-client verify; False when it cannot read the token, an error when it refuses it."""
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    verifier = VerifierBuilder(
        tsa_certificate=path.signer, intermediates=list(path.certificates[1:-1]), roots=[path.root]
    ).build()
    try:
        verifier.verify(decode_timestamp_response(reply), digest)
    except VerificationError as error:
        raise _refused(f"{error}", LIBRARY) from error
    except ValueError:  # it reads in steps, and some of them only while it verifies
        return False
    return True


def _check_by_openssl(reply: bytes, moment: datetime, path: CertificatePath, request: bytes) -> None:
    """Let ``openssl ts -verify`` judge, at the token's time, with nothing trusted but the root of the path."""
    program = _openssl()
    if not program:
        raise TimestampError(
            "This time stamp is not spelt as rfc3161-client wants it, and there is no openssl on this machine to "
            "verify it with. It is neither good nor bad until then: install OpenSSL, or verify on another machine.",
            "no-openssl",
        )
    command = [
        str(program), "ts", "-verify", "-queryfile", "request", "-in", "reply", "-CAfile", "root",
        "-untrusted", "others", "-attime", str(int(moment.timestamp())),
    ]  # fmt: skip
    files = {"request": request, "reply": reply, "root": _pem([path.root]), "others": _pem(path.certificates)}
    try:
        with tempfile.TemporaryDirectory(prefix="osint-") as folder:
            for name, content in files.items():
                (Path(folder) / name).write_bytes(content)
            run = subprocess.run(  # noqa: S603 - fixed words and file names of our own
                command, cwd=folder, capture_output=True, timeout=_OPENSSL_SECONDS, check=False,
                env={**os.environ, "LC_ALL": "C"}, stdin=subprocess.DEVNULL,
            )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unable(f"{error}") from error
    said = run.stdout.decode("utf-8", "replace").split("\n")
    if run.returncode == 0 and "Verification: OK" in said:
        return
    complaint = run.stderr.decode("utf-8", "replace")
    if "Verification: FAILED" not in said:
        raise _unable(complaint)
    raise _refused(complaint, OPENSSL)


def _openssl() -> Path | None:
    # Not shutil.which: on Windows it looks into the current folder first, which may be a package of someone else.
    name = "openssl.exe" if os.name == "nt" else "openssl"
    places = (Path(folder) / name for folder in os.get_exec_path() if Path(folder).is_absolute())
    return next((place for place in places if place.is_file() and os.access(place, os.X_OK)), None)


def _refused(complaint: str, program: str) -> TimestampError:
    return TimestampError(
        f"The signature of the time stamp does not hold, says {program} ({_short(complaint)}). It was altered after it "
        "was made, or was not made by the pinned authority: it proves no time. Compare it with the copy that was kept "
        "elsewhere, or ask the authority.",
        "bad-signature",
    )


def _unable(complaint: str) -> TimestampError:
    return TimestampError(
        "This time stamp is not spelt as rfc3161-client wants it, and the openssl of this machine cannot verify it "
        f"({_short(complaint)}). It is neither good nor bad until then: use OpenSSL 3, or verify on another machine.",
        "no-openssl",
    )


def _short(complaint: str) -> str:
    return shorten(visible(complaint), 300)


def _name(certificate: x509.Certificate) -> str:
    return shorten(visible(certificate.subject.rfc4514_string() or "a certificate without a name"), 120)


def _pem(certificates: Sequence[x509.Certificate]) -> bytes:
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)
