"""An empty line is put between two entries."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 1, 22, "cannot be read"


def commit(case: Copy) -> None:
    case.lines = [*case.lines[:22], b"\n", case.lines[22]]
