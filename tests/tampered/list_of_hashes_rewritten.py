"""A table is altered and its hash in the list exchanged. The list itself is listed, and its hash was forgotten.

Who also exchanges that one is found out only by the hash of the last list, sent on another way.
"""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 11, None, "is not the file that was listed"
RELISTED = False


def commit(case: Copy) -> None:
    before = (case.folder / "tagmanifest-sha256.txt").read_bytes()
    (case.data / "report.html").write_text("<p>another report</p>", encoding="utf-8")
    case.relist()
    (case.folder / "tagmanifest-sha256.txt").write_bytes(before)
