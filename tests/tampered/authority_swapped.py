"""A time stamp is exchanged for one of another authority, and history written anew so that its entry names that one.

Whoever can name the authority that counts, can date as he likes. It is for whoever verifies to name it.
"""

from __future__ import annotations

from tampered.sample import Copy
from tsa import StampingAuthority

STEP, ENTRY, SAYS = 13, 8, "is not signed with the certificate of a pinned authority"
OWN = 13, -1
ANCHORS = True


def commit(case: Copy) -> None:
    case.exchange_time_stamp(StampingAuthority.create(case.folder.parent / "other", secret=40))
