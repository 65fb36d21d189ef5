"""A key is revoked that the ledger does not know, so that it seems to have been in use."""

from __future__ import annotations

from tampered.sample import STRANGER, Copy

STEP, ENTRY, SAYS = 5, 23, "revokes a key that no entry introduces"


def commit(case: Copy) -> None:
    item = {"key": STRANGER.keyid, "role": "actor", "reason": "stolen", "since": 3}
    case.append("key.revoke", object=[item])
