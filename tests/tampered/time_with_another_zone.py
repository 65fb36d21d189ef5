"""An entry tells its time with another zone, and so lies hours away from what its text compares as."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 1, 23, "'end_time'"


def commit(case: Copy) -> None:
    case.append("note", end_time="2026-05-01T01:58:00.000+23:00")
