"""An entry is taken out, and nothing else is touched."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 2, 5, "a line is missing, moved or doubled"


def commit(case: Copy) -> None:
    case.lines = case.lines[:5] + case.lines[6:]
