"""A key that was replaced is introduced once more."""

from __future__ import annotations

from tampered.sample import ACTOR, NEXT_ACTOR, Copy

from osint.chain_of_custody.draft import key_item

STEP, ENTRY, SAYS = 5, 23, "a key again that entry 13 had ended"


def commit(case: Copy) -> None:
    case.append("key.add", by=[NEXT_ACTOR, ACTOR], object=[key_item(ACTOR, "actor", "introduced")])
