"""The bytes of an exhibit are exchanged for others, of the same kind."""

from __future__ import annotations

from report.papers import exchange
from tampered.sample import Copy, make_writable

STEP, ENTRY, SAYS = 8, 5, "changed after it was stored"


def commit(case: Copy) -> None:
    make_writable(case.exhibit("E0001")).write_bytes(exchange(9))
