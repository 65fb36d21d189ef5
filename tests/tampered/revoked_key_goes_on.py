"""Somebody goes on signing with a key that was revoked."""

from __future__ import annotations

from tampered.sample import SECOND, Copy

STEP, ENTRY, SAYS = 5, 23, "a key that entry 14 ended (departed)"


def commit(case: Copy) -> None:
    case.append("note", by=[SECOND])
