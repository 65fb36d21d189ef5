"""Two persons order an exhibit to be purged that is collected only afterwards; its bytes are missing."""

from __future__ import annotations

import hashlib

from tampered.sample import AGENT, NEXT_ACTOR, Copy

STEP, ENTRY, SAYS = 8, 24, "cannot be read"


def commit(case: Copy) -> None:
    digest = hashlib.sha256(b"never there").hexdigest()
    case.append("purge", by=[NEXT_ACTOR, AGENT], object=[{"kind": "exhibit", "exhibit": "E0004"}])
    case.append("acquire", result=[{"exhibit": "E0004", "sha256": digest, "size": 5, "media": "application/warc"}])
