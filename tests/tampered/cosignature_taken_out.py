"""The signature of a witness under a checkpoint is taken away, so that nobody asks the witness."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 14, 9, "is not there"
OWN = 13, 9


def commit(case: Copy) -> None:
    (case.data / "checkpoint-0001.cosigned.txt").unlink()
