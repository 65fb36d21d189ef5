"""A head is stamped by another authority that the same root certifies.

The root alone is not enough: the one certificate that signs has to be known.
"""

from __future__ import annotations

from tampered.sample import LATER, Copy

STEP, ENTRY, SAYS = 13, 23, "is not signed with the certificate of a pinned authority"
OWN = 13, -1
ANCHORS = True


def commit(case: Copy) -> None:
    case.stamp_head(LATER, case.tsa.another(41))
