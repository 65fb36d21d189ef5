"""A thief replaces the officer's key by one of their own. The officer's key did not sign that."""

from __future__ import annotations

from tampered.sample import NEXT_ACTOR, STRANGER, Copy

from osint.chain_of_custody.draft import key_item

STEP, ENTRY, SAYS = 5, 23, "did not both sign it"


def commit(case: Copy) -> None:
    items = [{"key": NEXT_ACTOR.keyid, "role": "actor"}, key_item(STRANGER, "actor", "rotated")]
    case.append("key.rotate", by=[STRANGER], object=items)
