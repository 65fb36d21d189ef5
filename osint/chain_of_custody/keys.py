"""Ed25519 keys: who signs, where private keys are kept, how a public key is written.

A key is known by its fingerprint, ``keyid``: the SHA-256 of the 32 raw bytes of the public key in hex. It names no
person. The actor's key signs entries; the log key, another one, signs checkpoints. Private keys live in the user's key
folder, never in a case, so that a copied case carries no power to sign.

A *verifier key* is the text form of the C2SP signed note: ``name+hash+base64``, where ``hash`` is the first four bytes
of SHA-256 over name, LF, 0x01 and the public key. Source: https://c2sp.org/signed-note.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
import secrets
import stat
import sys
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import platformdirs
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from osint.chain_of_custody.digests import sha256
from osint.errors import LedgerError
from osint.store.blobs import link_once, sync

_ED25519 = b"\x01"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


@dataclass(frozen=True)
class Signer:
    """A private key under a local name. The name stays on this machine; ledgers carry the ``keyid``."""

    name: str
    key: Ed25519PrivateKey = field(repr=False)

    @cached_property
    def public(self) -> bytes:
        """The 32 raw bytes of the public key."""
        return self.key.public_key().public_bytes_raw()

    @cached_property
    def keyid(self) -> str:
        """The fingerprint of the public key: SHA-256 over its raw bytes, 64 hex digits."""
        return sha256(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature over a message."""
        return self.key.sign(message)

    def verifier_key(self, name: str) -> VerifierKey:
        """Return the public half under the name it signs notes with."""
        return VerifierKey(name, self.public)


@dataclass(frozen=True)
class VerifierKey:
    """A public Ed25519 key that verifies signed notes under ``name``; ``public`` has 32 raw bytes."""

    name: str
    public: bytes

    @cached_property
    def note_hash(self) -> bytes:
        """The four bytes by which a note's signature line names the key."""
        return bytes.fromhex(sha256(self.name.encode("utf-8") + b"\n" + _ED25519 + self.public))[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.note_hash.hex()}+{base64.b64encode(_ED25519 + self.public).decode('ascii')}"


def read_verifier_key(text: str) -> VerifierKey:
    """Read a verifier key in the C2SP form ``name+hash+base64``.

    Raises:
        LedgerError: It is damaged, or of another kind than Ed25519.
    """
    name, _, rest = text.partition("+")
    note_hash, _, encoded = rest.partition("+")
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise LedgerError(f"The verifier key {text!r} is not base64.") from error
    if not is_key_name(name) or data[:1] != _ED25519 or len(data) != 33:
        raise LedgerError(f"The verifier key {text!r} is no Ed25519 key in the form name+hash+base64.")
    key = VerifierKey(name, data[1:])
    if str(key) != text or key.note_hash.hex() != note_hash:
        raise LedgerError(f"The verifier key {text!r} does not carry its own hash; it was mistyped or altered.")
    return key


def is_key_name(name: str) -> bool:
    """Return whether a note may be signed under this name: not empty, no space, no ``+`` (C2SP signed note)."""
    return bool(name) and "+" not in name and not any(char.isspace() for char in name)


def signature_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether an Ed25519 signature (64 bytes) over a message was made with this public key (32 bytes)."""
    try:
        _public_key(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=64)
def _public_key(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)


def key_folder() -> Path:
    """Return where this user's private keys are kept: ``OSINT_KEYS``, or the platform's folder for a user's data."""
    named = os.environ.get("OSINT_KEYS")
    return Path(named) if named else platformdirs.user_data_path("osint", appauthor=False) / "keys"


def load_or_create(folder: Path, name: str) -> Signer:
    """Return the signer whose private key is ``<name>.pem`` in a folder; make folder and key when they are not there.

    Args:
        folder: Usually :func:`key_folder`. Made with access for its owner only.
        name: Letters, digits, ``.``, ``_``, ``-``; such as ``actor`` or ``log``.

    Raises:
        LedgerError: The key cannot be read or made, others may read it, or it is no Ed25519 key.
    """
    if not _NAME.match(name):
        raise LedgerError(f"{name!r} cannot name a key: use letters, digits, dots, hyphens and underscores.")
    path = folder / f"{name}.pem"
    try:
        if not path.exists():
            _create(path)
        return Signer(name, _load(path))
    except OSError as error:
        raise LedgerError(
            f"The private key {path} cannot be used: {error.strerror}. Without it nothing can be signed; "
            "check the folder, or name another one in OSINT_KEYS."
        ) from error


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    temporary = path.with_name(f".{secrets.token_hex(16)}")
    with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
        stream.write(pem)
        stream.flush()
        sync(stream.fileno())
    try:
        with contextlib.suppress(FileExistsError):  # another process was first; its key is the one
            link_once(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _load(path: Path) -> Ed25519PrivateKey:
    if sys.platform != "win32" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise LedgerError(
            f"The private key {path} can be read by other accounts, so its signatures prove nothing. "
            f"If nobody took it, run: chmod 600 '{path}'. Otherwise use a new key."
        )
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise LedgerError(f"{path} holds no unencrypted PKCS #8 private key. Restore it from a copy.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise LedgerError(f"{path} holds a private key of another kind than Ed25519.")
    return key
