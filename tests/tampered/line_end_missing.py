"""The line end of the last line is gone. Whatever is appended would join it."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 1, 22, "the line has no end"


def commit(case: Copy) -> None:
    case.change_line(22, lambda line: line[:-1])
