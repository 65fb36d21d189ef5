"""Writing broke off in the last line, or somebody tore it."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 1, 22, "cannot be read"


def commit(case: Copy) -> None:
    case.change_line(22, lambda line: line[:-40])
