"""Something is appended to an exhibit."""

from __future__ import annotations

from report.papers import exchange
from tampered.sample import Copy, make_writable

STEP, ENTRY, SAYS = 8, 5, "changed after it was stored"


def commit(case: Copy) -> None:
    path = make_writable(case.exhibit("E0001"))
    path.write_bytes(path.read_bytes() + exchange(9))
