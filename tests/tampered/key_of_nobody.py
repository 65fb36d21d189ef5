"""An entry is appended and signed with a key that no entry introduces."""

from __future__ import annotations

from tampered.sample import STRANGER, Copy

STEP, ENTRY, SAYS = 5, 23, "a key that no entry up to here introduces"


def commit(case: Copy) -> None:
    case.append("note", by=[STRANGER])
