"""An entry is dated two days later than it was made, by somebody who holds the key. Then the head is stamped.

The entry lies under a time stamp that is older than it says it is.
"""

from __future__ import annotations

from tampered.sample import LATER, Copy

STEP, ENTRY, SAYS = 13, 23, "dated forward"
ANCHORS = True


def commit(case: Copy) -> None:
    case.append("note", start_time="2026-05-03T00:00:00.000Z", end_time="2026-05-03T00:00:00.000Z")
    case.stamp_head(LATER)
