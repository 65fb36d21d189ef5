"""Private keys at rest: OpenSSH's own format, always encrypted, for their owner alone.

``ssh-keygen -p -f FILE`` changes the passphrase of such a file, ``ssh-add FILE`` hands the key to an agent; nothing
about it is ours. The passphrase is stretched by bcrypt (:data:`ROUNDS`) into the key of AES-256.

Source: OpenSSH's PROTOCOL.key (the file), OpenBSD's bcrypt_pbkdf.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from osint.chain_of_custody import sshsig
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.secret import Secret
from osint.chain_of_custody.sshsig import SshKey
from osint.errors import LedgerError
from osint.store.durable import link_once, make_folder, sync, sync_folder

ROUNDS = 64
"""Rounds of bcrypt: about half a second for each guess on a desktop of 2026, four times what ssh-keygen takes."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_LONGEST_PUBLIC = 16 * 1024
_MOST_ROUNDS = 4096
_LONGEST = 64 * 1024
SHORTEST_PASSPHRASE = 8  # NIST SP 800-63B, section 5.1.1.1
_MAGIC = b"openssh-key-v1\0"
_ARMOR = re.compile(rb"\A-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----\s*\Z")


class KeyFile(NamedTuple):
    """A private key as it lies on the disk, and what stands in clear in it.

    Attributes:
        path: Where it lies.
        content: Its bytes.
        public: The 32 raw bytes of the public key, which nothing proves until the file is decrypted.
        encrypted: Whether it is.
    """

    path: Path
    content: bytes
    public: bytes
    encrypted: bool

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the file."""
        return sha256(self.content)

    def __repr__(self) -> str:
        return f"KeyFile({self.path.name!r})"


@dataclass(frozen=True)
class KeyPlaces:
    """Where the parts of a key would lie."""

    folder: Path
    name: str

    def __post_init__(self) -> None:
        if not may_name(self.name):
            raise LedgerError(f"{self.name!r} cannot name a key: use letters, digits, dots, hyphens and underscores.")

    @property
    def private(self) -> Path:
        return self.folder / f"{self.name}.key"

    @property
    def public(self) -> Path:
        return self.folder / f"{self.name}.pub"

    @property
    def address(self) -> Path:
        return self.folder / f"{self.name}.pkcs11"

    @property
    def old(self) -> Path:
        return self.folder / f"{self.name}.pem"

    def read_public(self) -> SshKey | None:
        """Return the public half that lies there, or None."""
        if not self.public.exists():
            return None
        with self.public.open(encoding="utf-8", errors="replace") as stream:
            text = stream.read(_LONGEST_PUBLIC)
        try:
            return sshsig.read_public_line(text)
        except LedgerError as error:
            raise LedgerError(f"{self.public} is no public key that can sign here: {error}") from error

    def write_public(self, public: bytes) -> None:
        if not self.public.exists():
            write_public(self.public, public, f"osint {self.name}")


def read(path: Path) -> KeyFile:
    """Read an encrypted private key file, without decrypting it.

    Raises:
        LedgerError: It is not encrypted, others may read it, or it is no OpenSSH private key of kind Ed25519.
        OSError: It cannot be read.
    """
    file = look(path)
    if not file.encrypted:
        raise not_encrypted(path)
    return file


def not_encrypted(path: Path) -> LedgerError:
    """Return the error about a private key that lies open."""
    return LedgerError(
        f"The private key {path} is not encrypted: whoever copies that file can sign as its owner. Nothing was signed. "
        "Encrypt it with: osint key protect"
    )


def look(path: Path) -> KeyFile:
    """Read a private key file as far as it stands in clear, encrypted or not.

    Raises:
        LedgerError: Others may read it, or it is no OpenSSH private key of kind Ed25519.
        OSError: It cannot be read.
    """
    content = read_private(path)
    try:
        cipher, rounds, key = _clear_part(content)
    except (ValueError, LedgerError) as error:
        raise LedgerError(f"{path} is no OpenSSH private key of kind Ed25519. Restore it from a copy.") from error
    if key.kind != sshsig.PLAIN:
        raise LedgerError(
            f"{path} belongs to a FIDO token. Keep its .pub file here, and load it with: ssh-add '{path}'"
        )
    if rounds > _MOST_ROUNDS:
        raise LedgerError(f"{path} asks for {rounds} rounds of bcrypt, which would take hours. It was not opened.")
    return KeyFile(path, content, key.raw, cipher != b"none")


def read_private(path: Path, longest: int = _LONGEST) -> Secret:
    """Return the bytes of a file that its owner alone may read.

    Raises:
        LedgerError: Other accounts may read or write it, or it is too long.
        OSError: It cannot be read.
    """
    with path.open("rb") as stream:
        if sys.platform != "win32" and os.fstat(stream.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise LedgerError(
                f"{path} can be read by other accounts, so what is signed with it proves nothing. "
                f"If nobody took it, run: chmod 600 '{path}'. Otherwise use a new one."
            )
        content = Secret(stream.read(longest + 1))
    if len(content) > longest:
        raise LedgerError(f"{path} is longer than {longest} bytes; it is not what it should be, and was not used.")
    return content


def decrypt(file: KeyFile, passphrase: bytes) -> Ed25519PrivateKey | None:
    """Return the private key in an encrypted file, or None when the passphrase does not open it.

    Raises:
        LedgerError: The file is damaged or was altered.
    """
    return _load(file, passphrase) if passphrase else None


def read_unencrypted(path: Path) -> Ed25519PrivateKey:
    """Read a key that lies open: PKCS #8 of an earlier release, or an OpenSSH key without a passphrase.

    Raises:
        LedgerError: Others may read it, or it is none.
        OSError: It cannot be read.
    """
    content = read_private(path)
    key: object = None
    if _ARMOR.match(content):
        key = _load(look(path), None)
    else:
        with contextlib.suppress(ValueError, TypeError, UnsupportedAlgorithm):
            key = serialization.load_pem_private_key(content, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise LedgerError(f"{path} holds no unencrypted Ed25519 key. It was left as it is.")
    return key


def make(passphrase: bytes) -> tuple[Ed25519PrivateKey, bytes]:
    """Make a new key; return it, and the content of its file."""
    key = Ed25519PrivateKey.generate()
    return key, encrypt(key, passphrase)


def encrypt(key: Ed25519PrivateKey, passphrase: bytes) -> bytes:
    """Return the content of a private key file.

    Raises:
        LedgerError: The passphrase is empty, too short, or one that cannot be typed.
    """
    if not can_be_new(passphrase):
        raise LedgerError(
            f"A passphrase has at least {SHORTEST_PASSPHRASE} characters that can be typed; several words are easiest "
            "to keep in mind. No key was written."
        )
    form = serialization.PrivateFormat.OpenSSH
    encryption = form.encryption_builder().kdf_rounds(ROUNDS).build(passphrase)
    return key.private_bytes(serialization.Encoding.PEM, form, encryption)


def keep(path: Path, content: bytes) -> None:
    """Write a new private key file, whole or not at all, and never over another.

    Raises:
        FileExistsError: There is one already.
        OSError: It cannot be written.
    """
    with _written(path, content) as temporary:
        link_once(temporary, path)
        sync_folder(path.parent)


def replace(path: Path, key: Ed25519PrivateKey, passphrase: bytes) -> None:
    """Put a newly encrypted file in the place of another that holds the same key; until it is whole, the old one stays.

    The bytes of the old file are overwritten afterwards, where the platform lets an open file be replaced.

    Raises:
        LedgerError: What was written does not read back; the old file stands.
        OSError: It cannot be written.
    """
    with _written(path, encrypt(key, passphrase)) as temporary:
        _read_back(temporary, key, passphrase)
        if sys.platform == "win32":
            temporary.replace(path)
        else:
            with path.open("r+b") as before:
                temporary.replace(path)
                _overwrite(before, path.parent)


def retire(old: Path, new: Path, passphrase: bytes) -> None:
    """Write the encrypted file of a key that lies open in another, read it back, and only then destroy the open one.

    Interrupted anywhere, it leaves at least one of the two whole, and can be done again.

    Raises:
        LedgerError: The new file does not read back, or holds another key; the old one stands.
        OSError: Something cannot be written.
    """
    key = read_unencrypted(old)
    if not new.exists():
        keep(new, encrypt(key, passphrase))
    _read_back(new, key, passphrase)
    destroy(old)


def is_destroyed(path: Path) -> bool:
    """Return whether a file was overwritten by :func:`destroy`, which did not come to remove it."""
    return read_private(path)[:1] == b"\0"


def destroy(path: Path) -> None:
    """Overwrite a file and remove it. Solid-state disks, snapshots and backups may keep the old bytes all the same."""
    with path.open("r+b") as stream:
        _overwrite(stream, path.parent)
    path.unlink()
    sync_folder(path.parent)


def write_public(path: Path, public: bytes, comment: str) -> None:
    """Write the public half of a key beside it, as SSH spells it."""
    line = sshsig.public_line(sshsig.plain_blob(public), comment)
    with contextlib.suppress(FileExistsError):
        keep(path, line.encode("ascii"))


def may_name(name: str) -> bool:
    """Return whether a key may have this name: it stays inside the key folder, on every platform."""
    return _NAME.match(name) is not None


def can_be_new(passphrase: bytes) -> bool:
    """Return whether a passphrase is long enough, and can be typed, to encrypt a key with."""
    text = passphrase.decode("utf-8", "surrogateescape")
    return len(text) >= SHORTEST_PASSPHRASE and text.isprintable()


def _clear_part(content: bytes) -> tuple[bytes, int, SshKey]:
    """Return what stands in clear in an OpenSSH private key: the cipher, the rounds of bcrypt, the public key."""
    armored = _ARMOR.match(content)
    body = Secret(base64.b64decode(b"".join(armored[1].split()) if armored else b"", validate=True))
    reader = sshsig.Reader(body)
    if reader.take(len(_MAGIC)) != _MAGIC:
        raise ValueError("no OpenSSH key")
    cipher, derivation, options = reader.string(), reader.string(), sshsig.Reader(reader.string())
    if reader.number() != 1:
        raise ValueError("several keys in one file")
    key = sshsig.read_key(reader.string())
    if derivation == b"none":
        return cipher, 0, key
    options.string()  # the salt
    return cipher, options.number(), key


def _load(file: KeyFile, passphrase: bytes | None) -> Ed25519PrivateKey | None:
    key = None
    # A ValueError ends here, before anything is raised: its traceback passes through decrypted bytes.
    with contextlib.suppress(ValueError):
        try:
            key = serialization.load_ssh_private_key(file.content, passphrase)
        except UnsupportedAlgorithm as error:
            raise LedgerError(
                f"{file.path} is encrypted in a way that is not known here. Write it again with: "
                f"ssh-keygen -p -Z aes256-ctr -f '{file.path}'"
            ) from error
    if key is None:
        return None
    if not isinstance(key, Ed25519PrivateKey) or key.public_key().public_bytes_raw() != file.public:
        raise LedgerError(f"{file.path} was altered: its two halves do not belong together. Restore it from a copy.")
    return key


@contextlib.contextmanager
def _written(path: Path, content: bytes) -> Iterator[Path]:
    """Write a file for its owner alone under a passing name, and sync it; what is left there afterwards is removed."""
    make_folder(path.parent, 0o700)
    temporary = path.with_name(f".{secrets.token_hex(16)}")
    try:
        with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
            stream.write(content)
            stream.flush()
            sync(stream.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _overwrite(stream: BinaryIO, folder: Path) -> None:
    """Overwrite a file whose successor lies in a folder, once the successor's name is sure to survive a power loss."""
    if sync_folder(folder) or sys.platform == "win32":
        stream.write(bytes(os.fstat(stream.fileno()).st_size))
        stream.flush()
        sync(stream.fileno())


def _read_back(path: Path, key: Ed25519PrivateKey, passphrase: bytes) -> None:
    found = decrypt(read(path), passphrase)
    if found is None or found.public_key().public_bytes_raw() != key.public_key().public_bytes_raw():
        raise LedgerError(
            f"{path} does not hold the key, or not under this passphrase. What lay there before was left as it is."
        )


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn a fault of the disk into an error about a key."""
    try:
        yield
    except OSError as error:
        raise LedgerError(
            f"The private key {path} cannot be used: {error.strerror}. Without it nothing can be signed; "
            "check the folder, or name another one in OSINT_KEYS."
        ) from error
