"""A list of hashes names a file twice. Which of the two lines counts is up to the program that reads it."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 11, None, "is listed twice"
RELISTED = False


def commit(case: Copy) -> None:
    path = case.folder / "tagmanifest-sha256.txt"
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(keepends=True)[0])
