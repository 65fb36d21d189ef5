"""An exhibit is replaced by a link to a file outside the package that has the same bytes now.

What it leads to can be exchanged after the package was verified.
"""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 11, None, "is a link"
OWN = 0, -1


def commit(case: Copy) -> None:
    path = case.exhibit("E0001")
    path.rename(case.folder.parent / "elsewhere")
    path.symlink_to(case.folder.parent / "elsewhere")
