"""Ed25519 keys and signatures as SSH spells them, and SSHSIG, the signature of a message by such a key.

A key that lives in an ssh-agent or a FIDO token cannot sign the bytes of an entry as they are: a token signs in a form
of its own, and nobody should let a login key sign bytes that another program chose. SSHSIG wraps the hash of the
message and a *namespace*, so a signature made here counts for nothing else and no other counts here. What this module
writes, ``ssh-keygen -Y verify -n osint-custody-entry`` reads, and the other way round.

Sources: RFC 8032 (Ed25519), RFC 4251 section 5 (string, uint32), RFC 8709 (ssh-ed25519), OpenSSH's PROTOCOL.u2f
(sk-ssh-ed25519) and PROTOCOL.sshsig.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from osint.errors import LedgerError

NAMESPACE = b"osint-custody-entry"
PLAIN = b"ssh-ed25519"
TOKEN = b"sk-ssh-ed25519@openssh.com"

_MAGIC = b"SSHSIG"
_VERSION = (1).to_bytes(4, "big")
_HASH = b"sha512"
_USER_PRESENT = 0x01


class SshKey(NamedTuple):
    """A public key as SSH spells it.

    Attributes:
        blob: The spelling itself, as it stands in base64 in a ``.pub`` file.
        kind: ``ssh-ed25519``, or ``sk-ssh-ed25519@openssh.com`` for a key in a FIDO token.
        raw: The 32 bytes of the Ed25519 public key.
        application: What the token binds the key to, usually ``ssh:``; empty for a plain key.
    """

    blob: bytes
    kind: bytes
    raw: bytes
    application: bytes


class Reader:
    """Takes SSH's fields off the front of bytes; a field that is cut short is a ValueError."""

    def __init__(self, data: bytes) -> None:
        self._rest = data

    def take(self, size: int) -> bytes:
        """Return the next ``size`` bytes."""
        taken, self._rest = self._rest[:size], self._rest[size:]
        if len(taken) != size:
            raise ValueError("SSH data is cut short")
        return taken

    def number(self) -> int:
        """Return the next uint32."""
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        """Return the next string: a uint32 that gives its length, and so many bytes."""
        return self.take(self.number())

    def end(self) -> None:
        """Check that nothing is left."""
        if self._rest:
            raise ValueError("SSH data goes on after its end")


def pack(*strings: bytes) -> bytes:
    """Return SSH strings one after the other."""
    return b"".join(len(each).to_bytes(4, "big") + each for each in strings)


def plain_blob(raw: bytes) -> bytes:
    """Spell an Ed25519 public key of 32 raw bytes as SSH does."""
    return pack(PLAIN, raw)


def read_key(blob: bytes) -> SshKey:
    """Read an SSH public key.

    Raises:
        LedgerError: It is damaged, or of another kind than Ed25519.
    """
    try:
        reader = Reader(blob)
        kind = reader.string()
        if kind not in (PLAIN, TOKEN):
            raise LedgerError("An SSH key is of another kind than ssh-ed25519 or sk-ssh-ed25519@openssh.com.")
        raw = reader.string()
        application = reader.string() if kind == TOKEN else b""
        reader.end()
    except ValueError as error:
        raise LedgerError("An SSH public key is damaged.") from error
    if len(raw) != 32:
        raise LedgerError("An SSH key of kind Ed25519 has not 32 bytes.")
    return SshKey(blob, kind, raw, application)


def read_public_line(text: str) -> SshKey:
    """Read the line of a ``.pub`` file: kind, base64, and a comment that counts for nothing.

    Raises:
        LedgerError: It is no such line, or the key is of another kind than Ed25519.
    """
    words = text.split(maxsplit=2)
    if len(text.strip().splitlines()) != 1 or len(words) < 2:
        raise LedgerError("There is not the one line of an SSH public key.")
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError) as error:
        raise LedgerError("The SSH public key is not base64.") from error
    key = read_key(blob)
    if words[0].encode() != key.kind:
        raise LedgerError("The SSH public key is of another kind than its line says.")
    return key


def public_line(blob: bytes, comment: str) -> str:
    """Return the line of a ``.pub`` file, with its line end."""
    kind = read_key(blob).kind.decode("ascii")
    return f"{kind} {base64.b64encode(blob).decode('ascii')} {comment}\n"


def ed25519_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether an Ed25519 signature (64 bytes) over a message was made with a public key (32 raw bytes)."""
    try:
        _public_key(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def to_sign(message: bytes) -> bytes:
    """Return what the key itself signs for an SSHSIG over a message."""
    return _MAGIC + pack(NAMESPACE, b"", _HASH, hashlib.sha512(message).digest())


def envelope(blob: bytes, signature: bytes) -> bytes:
    """Return the SSHSIG around a key's signature over :func:`to_sign`, not armored.

    Args:
        blob: The public key as SSH spells it.
        signature: The signature as SSH spells it, such as an agent returns.
    """
    return _MAGIC + _VERSION + pack(blob, NAMESPACE, b"", _HASH, signature)


def signature_fits(key: SshKey, signature: bytes, data: bytes) -> bool:
    """Return whether a signature, as SSH spells it, was made by a key over the bytes it was given.

    A token signs the hash of its application, a byte of flags, a counter and the hash of the data. Without the flag
    for the presence of a person the signature does not hold: malware could have made it while the token was plugged in.
    """
    try:
        reader = Reader(signature)
        kind, made = reader.string(), reader.string()
        tail = reader.take(5) if key.kind == TOKEN else b""
        reader.end()
    except ValueError:
        return False
    if kind != key.kind:
        return False
    if key.kind == TOKEN:
        if not tail[0] & _USER_PRESENT:
            return False
        data = hashlib.sha256(key.application).digest() + tail + hashlib.sha256(data).digest()
    return ed25519_holds(key.raw, made, data)


def holds(blob: bytes, sshsig: bytes, message: bytes) -> bool:
    """Return whether an SSHSIG over a message, in the one form that the ledger allows, was made by a public key.

    Version 1, our namespace, nothing reserved, SHA-512, nothing after the end; so nobody but the key's holder can
    spell a signature in other bytes. Dates of validity are no part of an SSHSIG; the ledger has its own.
    """
    try:
        key = read_key(blob)
        reader = Reader(sshsig)
        head = reader.take(len(_MAGIC) + len(_VERSION))
        fields = [reader.string() for _ in range(4)]
        signature = reader.string()
        reader.end()
    except (LedgerError, ValueError):
        return False
    if head != _MAGIC + _VERSION or fields != [blob, NAMESPACE, b"", _HASH]:
        return False
    return signature_fits(key, signature, to_sign(message))


@lru_cache(maxsize=64)
def _public_key(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)
