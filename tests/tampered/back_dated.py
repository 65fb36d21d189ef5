"""An entry is written as if it had been made a day before, by somebody who holds the key.

It names the newest time stamp held, as it must, and that one is from the day after.
"""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 13, 23, "it was dated back"
ANCHORS = True


def commit(case: Copy) -> None:
    case.append("note", start_time="2026-04-30T08:00:00.000Z", end_time="2026-04-30T08:00:00.000Z")
