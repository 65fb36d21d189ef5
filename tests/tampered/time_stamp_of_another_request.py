"""A time stamp is kept beside another request than the one it answers, with another number.

It could be an old one, shown again.
"""

from __future__ import annotations

import hashlib

from tampered.sample import LATER, Copy
from tsa import POLICY

from osint.chain_of_custody.timestamp_format import Imprint, write_request

STEP, ENTRY, SAYS = 13, 23, "answers another one"
OWN = 13, -1
ANCHORS = True


def commit(case: Copy) -> None:
    imprint = Imprint("sha256", hashlib.sha256(case.head(23).encode()).digest())
    case.stamp_head(LATER, request=write_request(imprint, POLICY, 1))
