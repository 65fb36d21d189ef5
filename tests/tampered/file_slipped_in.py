"""A file is put into the package that no list names."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 11, None, "is there and not listed"
RELISTED = False


def commit(case: Copy) -> None:
    (case.data / "confession.txt").write_text("It was me.", encoding="utf-8")
