"""Somebody goes on signing with a key that was replaced."""

from __future__ import annotations

from tampered.sample import ACTOR, Copy

STEP, ENTRY, SAYS = 5, 23, "a key that entry 13 ended (rotated)"


def commit(case: Copy) -> None:
    case.append("note", by=[ACTOR])
