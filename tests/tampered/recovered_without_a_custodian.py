"""A key is introduced as the successor of one that was lost, and no custodian vouches for it."""

from __future__ import annotations

from tampered.sample import NEXT_ACTOR, STRANGER, Copy

from osint.chain_of_custody.draft import key_item

STEP, ENTRY, SAYS = 5, 23, "no custodian signed it"


def commit(case: Copy) -> None:
    case.append("key.add", by=[NEXT_ACTOR, STRANGER], object=[key_item(STRANGER, "actor", "recovered")])
