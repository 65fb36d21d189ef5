"""Every line ends with a carriage return as well; some editors do that."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 1, 0, "spelt in other bytes"


def commit(case: Copy) -> None:
    case.lines = [line.replace(b"\n", b"\r\n") for line in case.lines]
