"""A proof that an entry stands in a ledger, in one small text that is checked without the ledger.

    c2sp.org/tlog-proof@v1
    index 7
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=

    osint/0b1c…
    9
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — osint/0b1c… Az3grlgtzPIC…

Position of the entry, sibling hashes from the leaf upwards, an empty line, the checkpoint with its signatures. The
entry itself is not in it: whoever checks computes the leaf hash from the line of the ledger that was handed over.

Source: https://c2sp.org/tlog-proof.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from osint.chain_of_custody.checkpoint import Checkpoint, verify
from osint.chain_of_custody.cosignature import Cosignature, read_checkpoint
from osint.chain_of_custody.keys import VerifierKey
from osint.chain_of_custody.merkle import read_hash, root_from_path
from osint.chain_of_custody.witness_policy import WitnessPolicy
from osint.errors import LedgerError

SUFFIX = ".tlog-proof"
_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,15})\Z")
_LONGEST_PATH = 63
_LARGEST_PROOF = 1 << 20


class Proven(NamedTuple):
    """What a proof shows: the head that holds the entry, and who of the policy's witnesses saw that head."""

    checkpoint: Checkpoint
    cosignatures: Mapping[str, Cosignature]


@dataclass(frozen=True)
class Proof:
    """A proof as it was read; nothing of it is judged.

    Attributes:
        index: Position of the entry, counted from 0.
        path: Sibling hashes from the leaf upwards, 32 bytes each.
        note: The checkpoint with its signatures.
        extra: Bytes for a purpose of the writer's; no signature covers them.
    """

    index: int
    path: tuple[bytes, ...]
    note: str
    extra: bytes = b""

    def verify(self, leaf: bytes, logs: Iterable[VerifierKey], policy: WitnessPolicy | None = None) -> Proven:
        """Check that an entry stands at this place of a ledger of ours.

        Args:
            leaf: Leaf hash of the entry, 32 bytes, computed from its line.
            logs: Keys of the logs that are trusted; the name of a key is the origin it may sign for.
            policy: The verifier's own; None asks for no witness. Its ``logs`` are not used.

        Raises:
            LedgerError: The checkpoint is not signed by a trusted key for its origin, the policy's quorum did not
                cosign it, or the path leads elsewhere: the entry is not the one, or not at this place.
            WitnessError: A line in the name of a known witness does not fit.
        """
        origin = read_checkpoint(self.note).origin
        head = verify(self.note, [key for key in logs if key.name == origin])
        cosignatures = {} if policy is None else policy.cosignatures(self.note)
        if policy is not None and not policy.satisfied(cosignatures):
            seen = ", ".join(cosignatures) or "none of them"
            raise LedgerError(
                f"The checkpoint of {origin} over {head.size} entries was cosigned by {seen}; your policy asks for "
                f"{policy.rule}. Nothing shows that others were shown the same ledger; ask for a cosigned checkpoint."
            )
        if root_from_path(leaf, self.index, head.size, self.path) != head.root:
            raise LedgerError(
                f"The proof does not lead from this entry to the checkpoint of {origin} over {head.size} entries: it "
                f"is not entry {self.index} of that ledger, or it was altered. Compare with the ledger itself."
            )
        return Proven(head, cosignatures)


def proof_text(index: int, path: Sequence[bytes], note: str, extra: bytes = b"") -> str:
    """Write a proof.

    Args:
        index: Position of the entry, counted from 0.
        path: Its inclusion path in the ledger of the checkpoint, 32 bytes each.
        note: The checkpoint, with whatever cosignatures it has.
        extra: Bytes for a purpose of the writer's, in clear and unsigned.
    """
    opening = [_FIRST_LINE, *([f"extra {_base64(extra)}"] if extra else []), f"index {index}"]
    return "\n".join([*opening, *map(_base64, path), "", note])


def read_proof(text: str) -> Proof:
    """Read a proof without judging it.

    Raises:
        LedgerError: It is larger than 1 MiB or malformed.
    """
    opening, _, note = text.partition("\n\n")
    first, *lines = opening.split("\n")
    extra = _read_extra(lines.pop(0)) if lines and lines[0].startswith("extra ") else b""
    index = _INDEX.match(lines[0]) if lines else None
    if len(text) > _LARGEST_PROOF or first != _FIRST_LINE or not index or len(lines) > _LONGEST_PATH + 1:
        raise LedgerError(
            f"This is no proof: a line '{_FIRST_LINE}', a line 'index NUMBER', at most 63 hashes, an empty line and a "
            "checkpoint."
        )
    read_checkpoint(note)
    return Proof(int(index[1]), tuple(map(read_hash, lines[1:])), note, extra)


def _read_extra(line: str) -> bytes:
    encoded = line.removeprefix("extra ")
    try:
        extra = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise LedgerError("The extra line of the proof is not base64.") from error
    if not extra or _base64(extra) != encoded:
        raise LedgerError("The extra line of the proof is empty, or not spelt in the one usual way.")
    return extra


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
