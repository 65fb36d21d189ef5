"""A line is put below a checkpoint that looks like the signature of a witness. No entry records it."""

from __future__ import annotations

from tampered.sample import START, STRANGER, Copy

from osint.chain_of_custody.cosignature import cosign

STEP, ENTRY, SAYS = 14, None, "is recorded by no entry"
OWN = 13, -1


def commit(case: Copy) -> None:
    line = cosign(case.note(2), "prosecutor.example", STRANGER, START)
    (case.data / "checkpoint-0002.cosigned.txt").write_text(f"{case.note(2)}{line}\n", encoding="utf-8", newline="\n")
