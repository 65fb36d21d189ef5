"""A checkpoint is signed by the person who acts, in the place of the log."""

from __future__ import annotations

from tampered.sample import NEXT_ACTOR, Copy

STEP, ENTRY, SAYS = 7, None, "is not signed by the log key"


def commit(case: Copy) -> None:
    case.write_note(3, case.head(19, by=NEXT_ACTOR))
