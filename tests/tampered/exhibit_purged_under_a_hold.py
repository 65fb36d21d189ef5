"""Two persons destroy an exhibit that a legal hold covers."""

from __future__ import annotations

from tampered.sample import AGENT, NEXT_ACTOR, Copy

STEP, ENTRY, SAYS = 6, 24, "it erases what the legal hold of entry 23 covers"


def commit(case: Copy) -> None:
    item = {"kind": "exhibit", "exhibit": "E0001"}
    case.append("hold", object=[item], result=[{"kind": "hold"}])
    case.append("purge", by=[NEXT_ACTOR, AGENT], object=[item])
    case.exhibit("E0001").unlink()
