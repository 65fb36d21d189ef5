"""An entry says that it follows another version of the format, whose rules nobody here knows."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 1, 23, "of a version that this release does not know"
OWN = 2, 23


def commit(case: Copy) -> None:
    case.append("note", v=2)
