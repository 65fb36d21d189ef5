"""A time stamp is forged with a key of one's own; the certificate of the real authority is put inside, beside one's own.

Verifiers have been fooled by this: they looked whether the certificate was there, and checked the signature with another.
"""

from __future__ import annotations

from tampered.sample import LATER, Copy
from tsa import StampingAuthority

STEP, ENTRY, SAYS = 13, 23, "a pinned authority"
OWN = 13, -1
ANCHORS = True


def commit(case: Copy) -> None:
    forger = StampingAuthority.create(case.folder.parent / "forger", secret=42)
    case.stamp_head(LATER, forger, certificates=[forger.signer.der, case.tsa.signer.der, case.tsa.root.der])
