"""Signed heads of a ledger: what to keep elsewhere, so that a cut tail or a rewritten history shows.

A checkpoint is three lines (origin, number of entries, base64 of the root) in a signed note::

    osint/0b1c…
    21
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — osint/0b1c… Az3grlgtzPIC…

Sources: https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note. The name of the key is the origin.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from osint.chain_of_custody.keys import Signer, VerifierKey, is_key_name, signature_holds
from osint.errors import LedgerError

_LARGEST_NOTE = 1 << 20
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile(r"(0|[1-9][0-9]{0,15})\Z")


class NoteSignature(NamedTuple):
    """One signature line of a note: key name, the four bytes naming the key, the signature."""

    name: str
    key_hash: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    """A signed note taken apart. ``text`` ends with a line end and is what was signed."""

    text: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True)
class Checkpoint:
    """The head of a ledger.

    Attributes:
        origin: Which ledger.
        size: Number of its entries.
        root: 32-byte root over them.
        extensions: Further lines of the body; this project writes none.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The body of the note: what is signed, and what a printed head shows."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode("ascii"), *self.extensions)
        return "".join(line + "\n" for line in lines)


def make(origin: str, size: int, root: bytes, signer: Signer) -> str:
    """Return the signed checkpoint of a ledger, under the ledger's origin as key name."""
    return sign_note(Checkpoint(origin, size, root).text, origin, signer)


def parse(note: str) -> Checkpoint:
    """Read a signed checkpoint without judging its signatures.

    Raises:
        LedgerError: It is no signed note, or its text no checkpoint.
    """
    return read_head(read_note(note).text)


def verify(note: str, keys: Iterable[VerifierKey]) -> Checkpoint:
    """Read a checkpoint that at least one of the keys has signed.

    Raises:
        LedgerError: None of them signed it, one of them is named in a signature that does not fit, or it is damaged.
    """
    return read_head(verify_note(note, keys).text)


def read_head(text: str) -> Checkpoint:
    """Read the unsigned lines of a checkpoint, as a printed head shows them.

    Raises:
        LedgerError: They are no checkpoint.
    """
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines) or not _SIZE.match(lines[1]):
        raise LedgerError("A checkpoint has three lines: origin, number of entries, root. This text does not.")
    root = _from_base64(lines[2])
    if len(root) != 32:
        raise LedgerError(f"The checkpoint of {lines[0]} holds a root of {len(root)} bytes instead of 32.")
    return Checkpoint(lines[0], int(lines[1]), root, tuple(lines[3:]))


def sign_note(text: str, name: str, signer: Signer) -> str:
    """Return a signed note.

    Raises:
        LedgerError: The text does not end with a line end or holds control characters, or the name cannot name a key.
    """
    if not is_key_name(name) or not _is_note_text(text):
        raise LedgerError(
            "This text cannot be signed as a note: it needs a key name, whole lines, no control characters."
        )
    signed = VerifierKey(name, signer.public).note_hash + signer.sign(text.encode("utf-8"))
    return f"{text}\n— {name} {base64.b64encode(signed).decode('ascii')}\n"


def read_note(note: str) -> Note:
    """Take a signed note apart.

    Raises:
        LedgerError: It is larger than 1 MiB, or not in the form of a signed note.
    """
    text, separator, tail = note.rpartition("\n\n")
    text += "\n"
    if len(note) > _LARGEST_NOTE or not separator or not tail.endswith("\n") or not _is_note_text(note):
        raise LedgerError("This is no signed note: a text, an empty line and signature lines, each with its line end.")
    return Note(text, tuple(map(_read_signature, tail.removesuffix("\n").split("\n"))))


def verify_note(note: str, keys: Iterable[VerifierKey]) -> Note:
    """Take a signed note apart after checking it; signatures of unknown keys are passed over, as C2SP wants.

    Raises:
        LedgerError: No key of ours signed it, or a signature in the name of one of them does not fit.
    """
    taken = read_note(note)
    known = {(key.name, key.note_hash): key for key in keys}
    ours = [(line, known[line.name, line.key_hash]) for line in taken.signatures if (line.name, line.key_hash) in known]
    if not ours:
        raise LedgerError("No known key signed this note.")
    for line, key in ours:
        if not signature_holds(key.public, line.signature, taken.text.encode("utf-8")):
            raise LedgerError(f"The signature of {key.name} does not fit the note: the note was altered.")
    return taken


def _is_note_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return text.endswith("\n") and not _CONTROL.search(text)


def _read_signature(line: str) -> NoteSignature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    data = _from_base64(encoded)
    if dash != "—" or not is_key_name(name) or len(data) < 5:
        raise LedgerError("A signature line of the note is malformed.")
    return NoteSignature(name, data[:4], data[4:])


def _from_base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise LedgerError("The note holds damaged base64.") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise LedgerError("The note holds base64 that is not spelt in the one usual way.")
    return data
