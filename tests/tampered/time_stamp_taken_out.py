"""A time stamp is taken away with all that belongs to it, so that nobody sees how late a head was stamped."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 13, 8, "is not there"


def commit(case: Copy) -> None:
    for suffix in ("tsr", "tsq", "pem"):
        (case.data / f"checkpoint-0001.1.{suffix}").unlink()
