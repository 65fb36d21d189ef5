"""An exhibit that would be of use to the other side is taken out, and nobody ever said that it was withheld."""

from __future__ import annotations

from tampered.sample import Copy
from tampered.withholding import withhold

STEP, ENTRY, SAYS = 8, 5, "cannot be read"


def commit(case: Copy) -> None:
    withhold(case)
    case.lines = case.lines[:23]
