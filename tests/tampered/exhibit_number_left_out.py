"""An exhibit gets a number that leaves one out, as if there had been another one."""

from __future__ import annotations

from tampered.sample import Copy, payload_of

STEP, ENTRY, SAYS = 8, 23, "an exhibit is missing or doubled"


def commit(case: Copy) -> None:
    item = next(item for item in payload_of(case.lines[5])["result"] if "exhibit" in item)
    case.append("acquire", result=[{**item, "exhibit": "E0005"}])
