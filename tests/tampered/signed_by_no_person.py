"""A log key takes the place of a person: it rotates itself, and no person signs that."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tampered.sample import NEXT_LOG, Copy

from osint.chain_of_custody.draft import key_item
from osint.chain_of_custody.keys import FileSigner

STEP, ENTRY, SAYS = 5, 23, "is no key of one"


def commit(case: Copy) -> None:
    new = FileSigner("log3", Ed25519PrivateKey.from_private_bytes(bytes(range(90, 122))))
    items = [{"key": NEXT_LOG.keyid, "role": "log"}, key_item(new, "log", "rotated")]
    case.append("key.rotate", by=[NEXT_LOG, new], object=items)
