"""A checkpoint is signed with the log key of before, which an entry under it has replaced."""

from __future__ import annotations

from tampered.sample import LOG, Copy

STEP, ENTRY, SAYS = 7, None, "is not signed by the log key"


def commit(case: Copy) -> None:
    case.write_note(3, case.head(19, by=LOG))
