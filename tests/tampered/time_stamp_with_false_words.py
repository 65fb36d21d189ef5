"""An entry is dated two days later than it was made. The words beside the status of a time stamp speak of another time.

Nothing signs those words. A program that reads them in the place of the time believes the entry.
"""

from __future__ import annotations

from tampered.sample import LATER, Copy

STEP, ENTRY, SAYS = 13, 23, "dated forward"
ANCHORS = True


def commit(case: Copy) -> None:
    case.append("note", start_time="2026-05-03T00:00:00.000Z", end_time="2026-05-03T00:00:00.000Z")
    case.stamp_head(LATER, words="Time stamp: May  4 00:00:00 2026 GMT")
