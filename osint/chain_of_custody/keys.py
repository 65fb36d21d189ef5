"""Ed25519 keys: who signs, where private keys are kept, how a public key is written.

A key is known by its fingerprint, ``keyid``: the SHA-256 of the bytes of the public key in hex. It names no person.
The actor's key signs entries; the log key, another one for each case, signs checkpoints; a witness has a third. Private
keys live in the user's key folder, never in a case, so that a copied case carries no power to sign.

What lies in the key folder says where a key is kept; ``actor`` is the person's, ``log-<id>`` that of one case:

============== ======================================================================================================
``NAME.key``   an encrypted private key in OpenSSH's format, made here. An ssh-agent that holds it signs in its place.
``NAME.pub``   the public half. Alone, without a private file: a key that only an ssh-agent or a FIDO token holds, such
               as an officer's ``id_ed25519_sk.pub`` copied to ``actor.pub``. It signs as ``sshsig``.
``NAME.pkcs11``  the address (RFC 7512) of a key in a smart card or hardware module: :mod:`.pkcs11`.
``NAME.pem``   a key of an earlier release, not encrypted: refused until :func:`.key_care.protect` has encrypted it.
============== ======================================================================================================

The passphrase is asked for once per working session: :mod:`.unlocking` for a process, :func:`.key_care.unlock` for a
desktop.

A *verifier key* is the text form of the C2SP signed note: ``name+hash+base64``, where ``hash`` is the first four bytes
of SHA-256 over name, LF, 0x01 and the public key. Source: https://c2sp.org/signed-note.
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NoReturn, Protocol

import platformdirs
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from osint.chain_of_custody import key_files, pkcs11, ssh_agent, sshsig, unlocking
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.key_files import KeyPlaces, explained
from osint.chain_of_custody.secret import Secret
from osint.chain_of_custody.ssh_agent import AgentSigner, SshsigSigner
from osint.chain_of_custody.unlocking import Unlock, session_passphrase
from osint.errors import LedgerError
from osint.settings import setting

_ED25519 = b"\x01"
_FINGERPRINT = re.compile(r"[0-9a-f]{64}\Z")

_lock = threading.RLock()


class Signer(Protocol):
    """Whoever signs: a private key in a file, an agent or a token. The name stays here; ledgers carry the ``keyid``."""

    @property
    def name(self) -> str:
        """Local name of the key."""
        ...

    @property
    def public(self) -> bytes:
        """The public key: 32 raw bytes, or for ``sshsig`` its SSH spelling."""
        ...

    @property
    def keyid(self) -> str:
        """The fingerprint: SHA-256 over :attr:`public`, 64 hex digits."""
        ...

    @property
    def algorithm(self) -> str:
        """``ed25519``, or ``sshsig``."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return a signature over a message: 64 bytes, or an SSHSIG."""
        ...


@dataclass(frozen=True)
class FileSigner:
    """A private key that was read from its file."""

    name: str
    key: Ed25519PrivateKey = field(repr=False)
    algorithm = "ed25519"

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

    def __reduce__(self) -> NoReturn:
        raise TypeError("A signer does not leave the process that holds it.")


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


def read_fingerprint(text: str) -> str:
    """Read a fingerprint as people write it down: capitals count as small letters, spaces between groups for nothing.

    Raises:
        LedgerError: It is none.
    """
    written = "".join(text.split()).lower()
    if not _FINGERPRINT.match(written):
        raise LedgerError(
            f"{text!r} is not a fingerprint, which has 64 digits 0-9 and a-f; this has {len(written)} characters. "
            "Nothing was checked or recorded. Ask whose key it is to read it out again: osint key list prints it there."
        )
    return written


def is_key_name(name: str) -> bool:
    """Return whether a note may be signed under this name: printable, no space, no ``+`` (C2SP signed note)."""
    return bool(name) and "+" not in name and " " not in name and name.isprintable()  # no other blank is printable


def signature_holds(public: bytes, signature: bytes, message: bytes, algorithm: str = "ed25519") -> bool:
    """Return whether a signature over a message was made with this public key.

    Args:
        public: 32 raw bytes; for ``sshsig`` the public key as SSH spells it.
        signature: 64 bytes; for ``sshsig`` an SSHSIG that is not armored.
        message: What was signed.
        algorithm: ``ed25519`` or ``sshsig``; by any other, no signature holds.
    """
    if algorithm == "ed25519":
        return sshsig.ed25519_holds(public, signature, message)
    return algorithm == "sshsig" and sshsig.holds(public, signature, message)


def public_point(public: bytes, algorithm: str) -> bytes:
    """Return the 32 bytes of the Ed25519 point of a public key, by which one key in two spellings is one key.

    Raises:
        LedgerError: It is no Ed25519 key.
    """
    return public if algorithm == "ed25519" else sshsig.read_key(public).raw


def check_roles(**signers: Signer) -> None:
    """Check that every role has a key of its own: ``check_roles(actor=…, log=…, witness=…)``.

    Whoever could sign entries and heads alike, or a head and its cosignature, would vouch for themselves. Keys are
    compared by their Ed25519 point, since the same key spelt as an SSH key has another fingerprint.

    Raises:
        LedgerError: One key has two roles, or a key other than the actor's is one that signs as ``sshsig``.
    """
    roles: dict[bytes, str] = {}
    for role, signer in signers.items():
        plain = signer.algorithm == "ed25519"
        if not plain and role in ("log", "witness"):
            raise LedgerError(f"The {role} key signs notes, which an SSH key cannot. Use a key file for it.")
        point = public_point(signer.public, signer.algorithm)
        if point in roles:
            raise LedgerError(
                f"One key serves as {roles[point]} and as {role}. Use two keys: each role vouches for the others."
            )
        roles[point] = role


def key_folder() -> Path:
    """Return where this user's private keys are kept: ``OSINT_KEYS``, or the platform's folder for a user's data."""
    named = setting("OSINT_KEYS")
    return Path(named) if named else platformdirs.user_data_path("osint", appauthor=False) / "keys"


# -- using keys --------------------------------------------------------------------------------------------------------


def load_or_create(folder: Path, name: str, unlock: Unlock = session_passphrase) -> Signer:
    """Return the signer of a name in a key folder; make folder and key, encrypted, when there is none.

    A key that this process opened before, or that a running ssh-agent holds, asks for nothing.

    Args:
        folder: Usually :func:`key_folder`. Made with access for its owner only.
        name: Letters, digits, ``.``, ``_``, ``-``; such as ``actor`` or ``log-…``.
        unlock: Asked for the passphrase, or the PIN of a token, by the path of the file.

    Raises:
        LedgerError: The key cannot be unlocked, read or made, others may read it, or it is no Ed25519 key.
    """
    places = KeyPlaces(folder, name)
    with _lock, explained(places.private):
        if places.old.exists():
            raise key_files.not_encrypted(places.old)
        # In this order: whoever makes a key just now writes the private half before the public one.
        public, private, address = (each.exists() for each in (places.public, places.private, places.address))
        if private and address:
            raise LedgerError(f"{places.private} and {places.address} both claim to be the key. Take one of them away.")
        if address:
            return _in_token(places, unlock)
        if private:
            return _in_file(places, unlock)
        if public:
            return _in_agent_only(places)
        return _made(places, unlock)


# -- where it is kept --------------------------------------------------------------------------------------------------


def _in_file(places: KeyPlaces, unlock: Unlock) -> Signer:
    file = key_files.read(places.private)
    written = places.read_public()
    if written is not None and written.raw != file.public:
        raise LedgerError(
            f"{places.public} is not the public half of {places.private}. Nothing was signed. Find out which of the "
            "two was exchanged, and restore it from a copy."
        )
    key = unlocking.opened_before(file)
    if key is None:
        agent = ssh_agent.running()
        if agent is not None and sshsig.plain_blob(file.public) in ssh_agent.held_by(agent):
            return AgentSigner(places.name, file.public, agent)
        key = unlocking.open_file(file, unlock)
    places.write_public(file.public)
    return FileSigner(places.name, key)


def _in_agent_only(places: KeyPlaces) -> Signer:
    public = places.read_public()
    assert public is not None
    agent = ssh_agent.running()
    if agent is None or not agent.holds(public.blob):
        raise LedgerError(
            f"{places.public} lies there without a private key, and no ssh-agent holds that key, so nothing can be "
            "signed. Load it with ssh-add, with its token plugged in; if its file was lost, restore it from a copy."
        )
    return SshsigSigner(places.name, public.blob, agent)


def _in_token(places: KeyPlaces, unlock: Unlock) -> Signer:
    known = places.read_public()
    signer = pkcs11.open_token(places.name, places.address, known.raw if known else None, unlock)
    places.write_public(signer.public)
    return signer


def _made(places: KeyPlaces, unlock: Unlock) -> Signer:
    passphrase = Secret(unlock(str(places.private)))
    key, content = key_files.make(passphrase)
    try:
        key_files.keep(places.private, content)
    except FileExistsError:  # another process was first; its key is the one
        return _in_file(places, unlock)
    unlocking.note_opened(key_files.read(places.private), key, passphrase)
    places.write_public(key.public_key().public_bytes_raw())
    return FileSigner(places.name, key)
