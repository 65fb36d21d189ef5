"""The number of an exhibit stands among the digests of private values; two persons then purge the exhibit, and it stays."""

from __future__ import annotations

from tampered.sample import AGENT, NEXT_ACTOR, Copy

STEP, ENTRY, SAYS = 8, 24, "is still there"


def commit(case: Copy) -> None:
    case.append("note", _sd=["E0001"])
    case.append("purge", by=[NEXT_ACTOR, AGENT], object=[{"kind": "exhibit", "exhibit": "E0001"}])
