"""A letter in the last line is written as an escape. It means the same, and is another line."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 1, 22, "spelt in other bytes"


def commit(case: Copy) -> None:
    case.change_line(22, lambda line: line.replace(b'"payload"', b'"p\\u0061yload"'))
