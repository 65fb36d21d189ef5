"""A key is introduced under the fingerprint of somebody else's."""

from __future__ import annotations

from tampered.sample import NEXT_ACTOR, STRANGER, Copy

from osint.chain_of_custody.draft import key_item

STEP, ENTRY, SAYS = 5, 23, "whose fingerprint does not fit"


def commit(case: Copy) -> None:
    item = {**key_item(STRANGER, "actor", "introduced"), "key": "ab" * 32}
    case.append("key.add", by=[NEXT_ACTOR, STRANGER], object=[item])
