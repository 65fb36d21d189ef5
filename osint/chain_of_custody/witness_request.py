"""What is asked of a witness, as it goes over the network or on a stick.

    old 20852014
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=

    example.com/behind-the-sofa
    …

The size from which the ledger went on, the consistency path, an empty line, the checkpoint.

Source: https://c2sp.org/tlog-witness@v1.0.0, add-checkpoint.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import NamedTuple

from osint.chain_of_custody.cosignature import read_checkpoint
from osint.chain_of_custody.merkle import read_hash
from osint.errors import LedgerError

LARGEST_REQUEST = 1 << 16
_LONGEST_PATH = 63
_OLD_SIZE = re.compile(r"old (0|[1-9][0-9]{0,15})\Z")


class Request(NamedTuple):
    """What is asked of a witness: to go on from a size to a checkpoint, and the consistency path between them."""

    old_size: int
    path: list[bytes]
    note: str


def request_body(old_size: int, path: Sequence[bytes], note: str) -> bytes:
    """Write the body of a request.

    Args:
        old_size: Size of the head that the witness has, 0 when it has none.
        path: Consistency path from there to the checkpoint, 32 bytes each; empty from size 0, and for the same size.
        note: The checkpoint, signed by the log.
    """
    lines = [f"old {old_size}", *(base64.b64encode(node).decode("ascii") for node in path), ""]
    return ("\n".join(lines) + f"\n{note}").encode("utf-8")


def read_request(body: bytes) -> Request:
    """Read the body of a request without judging it.

    Raises:
        LedgerError: It is larger than 64 KiB or malformed.
    """
    if len(body) > LARGEST_REQUEST:
        raise LedgerError(f"The request has {len(body)} bytes; {LARGEST_REQUEST} are accepted.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LedgerError("The request is not UTF-8.") from error
    opening, _, note = text.partition("\n\n")
    first, *hashes = opening.split("\n")
    old_size = _OLD_SIZE.match(first)
    if not old_size or len(hashes) > _LONGEST_PATH:
        raise LedgerError(
            "The request is malformed: a line 'old SIZE', at most 63 hashes, an empty line and the checkpoint."
        )
    read_checkpoint(note)
    return Request(int(old_size[1]), [read_hash(line) for line in hashes], note)
