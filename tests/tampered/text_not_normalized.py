"""A name is written in another form of Unicode, so that two texts look alike and are not. Whoever wrote it holds the key."""

from __future__ import annotations

from tampered.sample import Copy, signed, spelt

STEP, ENTRY, SAYS = 4, 23, "is not in canonical form"
OWN = 1, 23


def commit(case: Copy) -> None:
    case.append("note")
    case.change_line(23, lambda line: signed(spelt(line).replace(b'"v":1', b'"v":1,"\xc3\xa9":"e\xcc\x81"')))
