"""The payload of an entry is not UTF-8. Whoever wrote it holds the key."""

from __future__ import annotations

from tampered.sample import Copy, signed, spelt

STEP, ENTRY, SAYS = 1, 23, "not UTF-8"


def commit(case: Copy) -> None:
    case.append("note")
    case.change_line(23, lambda line: signed(spelt(line).replace(b'"v":1', b'"v":1,"x":"\xff"')))
