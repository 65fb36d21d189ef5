"""A list of hashes names a file outside the package, so that a careless program reads it, or writes it."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 11, None, "names something outside the package"
RELISTED = False


def commit(case: Copy) -> None:
    case.relist()
    path = case.folder / "manifest-sha256.txt"
    path.write_bytes(path.read_bytes() + b"0" * 64 + b"  ../../../etc/passwd\n")
