"""The log key is introduced as the key of a person, so that one key has both powers."""

from __future__ import annotations

from tampered.sample import NEXT_ACTOR, NEXT_LOG, Copy

from osint.chain_of_custody.draft import key_item

STEP, ENTRY, SAYS = 5, 23, "one key must not have both powers"


def commit(case: Copy) -> None:
    case.append("key.add", by=[NEXT_ACTOR, NEXT_LOG], object=[key_item(NEXT_LOG, "actor", "introduced")])
