"""The bytes of an exhibit that two persons ordered to be destroyed were kept, and are handed over."""

from __future__ import annotations

from report.papers import exchange
from tampered.sample import Copy

STEP, ENTRY, SAYS = 8, 12, "is still there"


def commit(case: Copy) -> None:
    case.put_back("E0002", exchange(2))
