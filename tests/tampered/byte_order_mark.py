"""A byte-order mark is put in front of the first line; some editors do that."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 1, 0, "cannot be read"


def commit(case: Copy) -> None:
    case.change_line(0, lambda line: b"\xef\xbb\xbf" + line)
