"""Cosignatures: what a witness puts below a checkpoint to say that it saw this head, and when.

A cosignature is a signature line of the note, over the text of the checkpoint and the time::

    — witness.example/court jWbPPwAAAABkGFDLEZMHwSRaJNiI…

Ed25519 (``cosignature/v1``) is made and checked; ML-DSA-44 is checked, for witnesses run by others.

Source: https://c2sp.org/tlog-cosignature.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple

from osint.chain_of_custody.checkpoint import Checkpoint, NoteSignature, read_head, read_note
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.keys import Signer, VerifierKey, is_key_name, read_verifier_key, signature_holds
from osint.errors import LedgerError, WitnessError

_LATEST = 253_402_300_799  # the last second of the year 9999, where the calendar of the standard library ends
_KINDS = {32: b"\x04", 1312: b"\x06"}  # bytes of a public key: Ed25519, ML-DSA-44


@dataclass(frozen=True)
class WitnessKey:
    """A public key that verifies cosignatures made under ``name``.

    Attributes:
        name: Name of the witness, such as ``witness.example/court``.
        public: 32 raw bytes of an Ed25519 key, or 1,312 of an ML-DSA-44 key.
    """

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.name) or not self.name.isprintable() or len(self.public) not in _KINDS:
            raise LedgerError(
                f"{self.name!r} with a key of {len(self.public)} bytes is no witness: it needs a name without spaces "
                "or plus signs, and an Ed25519 or ML-DSA-44 key."
            )

    @cached_property
    def note_hash(self) -> bytes:
        """The four bytes by which a cosignature names the key."""
        return bytes.fromhex(sha256(self.name.encode("utf-8") + b"\n" + self._typed))[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.note_hash.hex()}+{base64.b64encode(self._typed).decode('ascii')}"

    @property
    def _typed(self) -> bytes:
        return _KINDS[len(self.public)] + self.public


class Cosignature(NamedTuple):
    """What a cosignature says: by which witness the head was seen, and when by the clock of that witness (UTC)."""

    name: str
    time: datetime


def read_witness_key(text: str) -> WitnessKey:
    """Read the key of a witness in the C2SP form ``name+hash+base64``.

    Raises:
        LedgerError: It is damaged, or of another kind than Ed25519 and ML-DSA-44 cosignature keys.
    """
    name, _, rest = text.partition("+")
    try:
        typed = base64.b64decode(rest.partition("+")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise LedgerError(f"The witness key {_short(text)} is not base64. Copy it again from the witness.") from error
    if typed[:1] != _KINDS.get(len(typed) - 1):
        raise LedgerError(
            f"{_short(text)} is no key of a witness (type 0x04 or 0x06). The key of a log, type 0x01, cannot cosign."
        )
    key = WitnessKey(name, typed[1:])
    if str(key) != text:
        raise LedgerError(f"The witness key {_short(text)} does not carry its own hash; it was mistyped or altered.")
    return key


def read_log_key(text: str) -> VerifierKey:
    """Read the key of a log, of which a witness or a policy takes checkpoints.

    Raises:
        LedgerError: It is damaged, or no Ed25519 key of a log.
    """
    if not text.isprintable():
        raise LedgerError(f"The verifier key {_short(text)} holds characters that cannot be seen; copy it again.")
    return read_verifier_key(text)


def cosign(note: str, witness_name: str, signer: Signer, time: datetime) -> str:
    """Return the cosignature of a checkpoint (``cosignature/v1``, Ed25519): one signature line without its line end.

    Args:
        note: The checkpoint; only its text is signed, whatever signatures stand below it.
        witness_name: Under which name the witness signs.
        signer: An Ed25519 key of the witness, used for nothing else.
        time: When the head was seen, with its zone; kept to the second.

    Raises:
        LedgerError: The note is no checkpoint, or the signer is no Ed25519 key.
    """
    text, seconds = read_checkpoint(note).text, int(time.timestamp())
    key = WitnessKey(witness_name, signer.public)
    signed = key.note_hash + seconds.to_bytes(8, "big") + signer.sign(_ed25519_message(text, seconds))
    return f"— {witness_name} {base64.b64encode(signed).decode('ascii')}"


def check_cosignature(note: str, line: str, key: WitnessKey) -> Cosignature:
    """Check that a line is this witness's cosignature of this checkpoint; return what it says.

    Whether the time makes sense is the caller's question.

    Raises:
        LedgerError: The note is no checkpoint.
        WitnessError: It is not; reason ``bad-cosignature``.
    """
    text = read_checkpoint(note).text
    try:
        taken = read_note(f"{text}\n{line}\n")
    except LedgerError as error:
        raise bad_cosignature(key, "is no signature line") from error
    if taken.text != text or len(taken.signatures) != 1:
        raise bad_cosignature(key, "is no signature line")
    if not is_by(taken.signatures[0], key):
        raise bad_cosignature(key, "was made by another key")
    return read_cosignature(text, taken.signatures[0], key)


def is_by(signature: NoteSignature, key: WitnessKey) -> bool:
    """Return whether a signature line names this key. Whether it holds is another question."""
    return (signature.name, signature.key_hash) == (key.name, key.note_hash)


def read_cosignature(text: str, signature: NoteSignature, key: WitnessKey) -> Cosignature:
    """Check a signature that names a witness's key, over the text of a checkpoint; return what it says.

    Raises:
        WitnessError: It does not hold, or carries no possible time; reason ``bad-cosignature``.
    """
    seconds = int.from_bytes(signature.signature[:8], "big")
    if not 0 < seconds <= _LATEST:
        raise bad_cosignature(key, "carries no possible time")
    if not _holds(text, seconds, signature.signature[8:], key):
        raise bad_cosignature(key, "does not fit the checkpoint")
    return Cosignature(key.name, datetime.fromtimestamp(seconds, UTC))


def read_checkpoint(note: str) -> Checkpoint:
    """Read a checkpoint whose text has no other spelling: what is judged is then exactly what is signed.

    Raises:
        LedgerError: It is no checkpoint, or spelt in another way than we would.
    """
    text = read_note(note).text
    head = read_head(text)
    if head.text != text:
        raise LedgerError("The checkpoint is spelt in an unusual way.")
    return head


def bad_cosignature(key: WitnessKey, why: str) -> WitnessError:
    """Return the error for what came in the name of a witness and is not its cosignature."""
    return WitnessError(
        f"What came as the cosignature of {key.name} {why} and proves nothing. It was not kept; ask again, and compare "
        "the key that is pinned here with the one that the witness publishes.",
        "bad-cosignature",
    )


def _holds(text: str, seconds: int, signature: bytes, key: WitnessKey) -> bool:
    if len(key.public) == 32:
        return signature_holds(key.public, signature, _ed25519_message(text, seconds))
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
    except ImportError as error:
        raise LedgerError(
            f"The cosignature of {key.name} is an ML-DSA-44 one, and the installed cryptography library cannot check "
            "it. Nothing is said about it here; install a newer library."
        ) from error
    try:
        MLDSA44PublicKey.from_public_bytes(key.public).verify(signature, _ml_dsa_message(text, seconds, key.name))
    except (InvalidSignature, ValueError):
        return False
    return True


def _ed25519_message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _ml_dsa_message(text: str, seconds: int, name: str) -> bytes:
    head = read_head(text)
    names = [part.encode("utf-8") for part in (name, head.origin)]
    if max(map(len, names)) > 255:
        raise ValueError("a name is too long")
    witness, origin = (len(part).to_bytes(1, "big") + part for part in names)
    numbers = [number.to_bytes(8, "big") for number in (seconds, 0, head.size)]
    return b"subtree/v1\n\0" + witness + numbers[0] + origin + numbers[1] + numbers[2] + head.root


def _short(text: str) -> str:
    return repr(text if len(text) <= 100 else f"{text[:100]}…")
