"""A head is stamped by an authority of one's own, and that is recorded as it should be.

Whoever can name the authority that counts, can date as he likes. It is for whoever verifies to name it.
"""

from __future__ import annotations

from tampered.sample import LATER, Copy
from tsa import StampingAuthority

STEP, ENTRY, SAYS = 13, 23, "is not signed with the certificate of a pinned authority"
OWN = 13, -1
ANCHORS = True


def commit(case: Copy) -> None:
    case.stamp_head(LATER, StampingAuthority.create(case.folder.parent / "other", secret=40))
