"""A number is larger than every reader can hold: some see another one. Whoever wrote it holds the key."""

from __future__ import annotations

from tampered.sample import Copy, signed, spelt

STEP, ENTRY, SAYS = 1, 23, "lies beyond 2^53-1"
OWN = 1, 23


def commit(case: Copy) -> None:
    case.append("note")
    case.change_line(23, lambda line: signed(spelt(line).replace(b'"id":', b'"extra":9007199254740993,"id":')))
