"""The last two entries change places, so that one seems to come of the other."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 2, 21, "a line is missing, moved or doubled"


def commit(case: Copy) -> None:
    *others, before, last = case.lines
    case.lines = [*others, last, before]
