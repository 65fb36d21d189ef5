"""A key is introduced with a byte behind it that programs pass over, so that one key has two fingerprints."""

from __future__ import annotations

from typing import NamedTuple

from tampered.sample import NEXT_ACTOR, STRANGER, Copy

from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.draft import key_item

STEP, ENTRY, SAYS = 5, 23, "whose fingerprint does not fit"


class Longer(NamedTuple):
    """A signer whose public key is spelt with one byte more."""

    name = "longer"
    algorithm = "ed25519"
    public = STRANGER.public + b"\0"
    keyid = sha256(public)
    sign = staticmethod(STRANGER.sign)


def commit(case: Copy) -> None:
    case.append("key.add", by=[NEXT_ACTOR, Longer()], object=[key_item(Longer(), "actor", "introduced")])
