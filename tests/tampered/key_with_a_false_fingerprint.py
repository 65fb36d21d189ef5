"""A log key is introduced under a fingerprint that is not its own, so that paper and ledger seem to agree."""

from __future__ import annotations

from tampered.sample import STRANGER, Copy

from osint.chain_of_custody.draft import key_item

STEP, ENTRY, SAYS = 5, 23, "whose fingerprint does not fit"


def commit(case: Copy) -> None:
    item = {**key_item(STRANGER, "log", "introduced"), "key": "ab" * 32}
    case.append("key.add", object=[item])
