"""Salted disclosures: personal data beside the ledger, commitments to it inside.

The entry holds the digest of a disclosure, the side table holds the disclosure. Whoever destroys salt and value leaves
a digest that cannot be guessed back, and an entry that still verifies. Source: RFC 9901, section 4.2.
"""

from __future__ import annotations

import binascii
import hashlib
import secrets
from typing import Any, NamedTuple

from osint.chain_of_custody.canonical import canonical, strict_loads
from osint.errors import LedgerError

SALT_BYTES = 16
_RESERVED = {"_sd", "..."}
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")


class Commitment(NamedTuple):
    """A disclosure, the digest by which an entry commits to it, and name and value as they will be read back."""

    digest: str
    disclosure: str
    name: str
    value: Any


def make(name: str, value: Any, salt: bytes | None = None) -> str:
    """Return the disclosure of one named value: base64url of the canonical bytes of ``[salt, name, value]``.

    Args:
        name: What the value is, such as ``url`` or ``query``.
        value: JSON without floats. Text is kept as it is, normalized or not.
        salt: 16 random bytes; drawn here when not given.

    Raises:
        LedgerError: The value cannot be spelt in canonical JSON, or the name is reserved by RFC 9901.
    """
    return _encode(_spell(name, value, salt))


def commit(name: str, value: Any) -> Commitment:
    """Make the disclosure of one named value as :func:`make` does, with all that an entry needs of it.

    Raises:
        LedgerError: As there.
    """
    spelt = _spell(name, value, None)
    made = _encode(spelt)
    return Commitment(digest(made), made, name, value if type(value) is str else strict_loads(spelt)[2])


def digest(disclosure: str) -> str:
    """Return what an entry's ``_sd`` holds for a disclosure: base64url(SHA-256) of its ASCII bytes, 43 characters.

    Raises:
        LedgerError: The disclosure is not ASCII.
    """
    try:
        return _encode(hashlib.sha256(disclosure.encode("ascii")).digest())
    except UnicodeEncodeError as error:
        raise LedgerError("A disclosure holds characters that base64url does not have.") from error


def read(disclosure: str) -> tuple[str, Any]:
    """Return name and value of a disclosure.

    Raises:
        LedgerError: It is no disclosure, or its salt has fewer than 128 bits.
    """
    match strict_loads(_decode(disclosure)):
        case [str(salt), str(name), value]:
            if len(_decode(salt)) < SALT_BYTES:
                raise LedgerError(f"The salt of the disclosure {name!r} has fewer than 128 bits; it could be guessed.")
            return name, value
    raise LedgerError("A disclosure is not a list of salt, name and value.")


def name_of(disclosure: str) -> str:
    """Return the name in a disclosure without judging it, for which :func:`read` is slow; empty where there is none."""
    try:
        return _unpadded(disclosure).split(b'"', 4)[3].decode("utf-8")
    except (IndexError, ValueError):
        return ""


def _spell(name: str, value: Any, salt: bytes | None) -> bytes:
    if name in _RESERVED:
        raise LedgerError(f"a disclosed value cannot be named {name!r}: RFC 9901 reserves that name")
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    try:
        return canonical([_encode(salt), name, value], nfc=False)
    except LedgerError as error:
        raise LedgerError(f"The private value {name!r} cannot be recorded: {error}.") from error


def _encode(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).translate(_TO_URL).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    try:
        data = _unpadded(text)
    except ValueError as error:
        raise LedgerError("A disclosure is not base64url.") from error
    if _encode(data) != text:
        raise LedgerError("A disclosure is not spelt in base64url without padding.")
    return data


def _unpadded(text: str) -> bytes:
    return binascii.a2b_base64(text.encode("ascii").translate(_FROM_URL) + b"==")  # what is too much is passed over
