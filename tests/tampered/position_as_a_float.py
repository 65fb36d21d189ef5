"""The position of an entry is written as 23.0. Readers disagree about what that is. Whoever wrote it holds the key."""

from __future__ import annotations

from tampered.sample import Copy, signed, spelt

STEP, ENTRY, SAYS = 1, 23, "is not an integer"


def commit(case: Copy) -> None:
    case.append("note")
    case.change_line(23, lambda line: signed(spelt(line).replace(b'"seq":23,', b'"seq":23.0,')))
