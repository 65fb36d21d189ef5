"""The last entry stands there twice."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 3, 23, "lines were removed, added or moved"


def commit(case: Copy) -> None:
    case.lines = [*case.lines, case.lines[-1]]
