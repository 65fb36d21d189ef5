"""Somebody who holds every key writes the history anew, and keeps the old stamped checkpoints under names of no checkpoint.

The old time stamps then hold for the old text, which nothing compares with the lines.
"""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 13, 8, "was taken out"


def commit(case: Copy) -> None:
    old = {number: case.note(number) for number in (1, 2)}
    renewal = (case.data / "renewal-0001.txt").read_bytes()
    case.rewrite({4: {"outcome": "refused"}})
    for number, letter in ((1, "a"), (2, "b")):
        (case.data / f"checkpoint-{letter}.txt").write_text(old[number], encoding="utf-8", newline="\n")
        for suffix in ("tsr", "tsq", "pem"):
            stamp = case.data / f"checkpoint-000{number}.1.{suffix}"
            stamp.rename(case.data / f"checkpoint-{letter}.1.{suffix}")
    (case.data / "renewal-0001.txt").write_bytes(renewal)
