"""An exhibit that would be of use to the other side is taken out."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 8, 5, "cannot be read"


def commit(case: Copy) -> None:
    case.exhibit("E0001").unlink()
