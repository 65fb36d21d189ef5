"""A line of three megabytes is appended, to see who reads it whole."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 1, 23, "cannot be read"


def commit(case: Copy) -> None:
    case.lines = [*case.lines, b"x" * (3 << 20) + b"\n"]
