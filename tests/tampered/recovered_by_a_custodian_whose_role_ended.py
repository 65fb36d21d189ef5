"""A key is introduced as recovered, vouched for by a custodian whose role had been ended."""

from __future__ import annotations

from tampered.sample import NEXT_ACTOR, STRANGER, Copy

from osint.chain_of_custody.draft import key_item

STEP, ENTRY, SAYS = 5, 25, "custodian"


def commit(case: Copy) -> None:
    ended = {"key": NEXT_ACTOR.keyid, "role": "custodian", "reason": "departed", "since": 24}
    case.append("key.add", by=[NEXT_ACTOR], object=[key_item(NEXT_ACTOR, "custodian", "appointed")])
    case.append("key.revoke", by=[NEXT_ACTOR], object=[ended])
    case.append("key.add", by=[NEXT_ACTOR, STRANGER], object=[key_item(STRANGER, "actor", "recovered")])
