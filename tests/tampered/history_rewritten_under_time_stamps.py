"""Somebody who holds every key writes the history anew, and keeps the old time stamps beside the new checkpoints.

Without the authority's certificate at hand nothing shows it: what an entry names is there. The authority stamped other
bytes.
"""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 13, 8, "made for other bytes"
OWN = 13, -1
ANCHORS = True


def commit(case: Copy) -> None:
    case.rewrite({4: {"outcome": "refused"}})
