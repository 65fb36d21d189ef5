"""Somebody introduces a key that is not theirs, so as to blame its owner: the owner did not sign."""

from __future__ import annotations

from tampered.sample import STRANGER, Copy

from osint.chain_of_custody.draft import key_item

STEP, ENTRY, SAYS = 5, 23, "nobody has shown to hold that key"


def commit(case: Copy) -> None:
    case.append("key.add", object=[key_item(STRANGER, "actor", "introduced")])
