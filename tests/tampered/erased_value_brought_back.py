"""An officer lists the digest of an erased value again in a later entry, and hands the value over under that."""

from __future__ import annotations

import base64
import hashlib

from tampered.sample import Copy

STEP, ENTRY, SAYS = 6, 11, "erased"


def commit(case: Copy) -> None:
    digest = base64.urlsafe_b64encode(hashlib.sha256(str(case.erased["disclosure"]).encode()).digest())
    case.append("note", _sd=[digest.decode().rstrip("=")])
    case.disclosures = [*case.disclosures, {**case.erased, "seq": 23}]
