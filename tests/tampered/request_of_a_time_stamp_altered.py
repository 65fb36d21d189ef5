"""The request that a time stamp answers is exchanged, so that it seems to answer another one."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 13, 8, "was altered"


def commit(case: Copy) -> None:
    (case.data / "checkpoint-0001.1.tsq").write_bytes((case.data / "checkpoint-0002.1.tsq").read_bytes())
