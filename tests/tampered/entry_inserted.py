"""An entry of before is put in a second time, further down, where it would be of use."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 2, 10, "a line is missing, moved or doubled"


def commit(case: Copy) -> None:
    case.lines = [*case.lines[:10], case.lines[4], *case.lines[10:]]
