"""A time stamp over one checkpoint is kept beside another, which it does not cover."""

from __future__ import annotations

from tampered.sample import LATER, Copy

STEP, ENTRY, SAYS = 13, 23, "made for other bytes"
OWN = 13, -1
ANCHORS = True


def commit(case: Copy) -> None:
    case.stamp_head(LATER)
    case.write_note(4, case.head(24))
