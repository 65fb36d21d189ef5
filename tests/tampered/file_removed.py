"""A file that a list names is taken out of the package."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 11, None, "is listed and not there"
RELISTED = False


def commit(case: Copy) -> None:
    (case.data / "custody_log.csv").unlink()
