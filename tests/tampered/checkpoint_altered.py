"""The root in a checkpoint is altered, to fit other entries."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 7, None, "has another root"


def commit(case: Copy) -> None:
    note = case.note(3)
    case.write_note(3, note.replace(note.split("\n")[2], "A" * 43 + "="))
