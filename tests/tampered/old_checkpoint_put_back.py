"""The newest checkpoint is exchanged for an older one, so that entries since then can be dropped or exchanged."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 7, None, "goes back"


def commit(case: Copy) -> None:
    case.write_note(3, case.note(2))
