"""The payload of an entry is spelt with spaces. Whoever wrote it holds the key."""

from __future__ import annotations

from tampered.sample import Copy, signed, spelt

STEP, ENTRY, SAYS = 4, 23, "is not in canonical form"
OWN = 1, 23


def commit(case: Copy) -> None:
    case.append("note")
    case.change_line(23, lambda line: signed(spelt(line).replace(b'"seq":', b'"seq": ')))
