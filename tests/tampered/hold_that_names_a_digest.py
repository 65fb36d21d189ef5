"""A legal hold names a private value and no exhibit, which holds the whole case; an exhibit is purged under it."""

from __future__ import annotations

from tampered.sample import AGENT, NEXT_ACTOR, Copy, payload_of

STEP, ENTRY, SAYS = 6, 24, "legal hold of entry 23"


def commit(case: Copy) -> None:
    case.append("hold", object=[{"digest": payload_of(case.lines[4])["_sd"][0]}])
    case.append("purge", by=[NEXT_ACTOR, AGENT], object=[{"kind": "exhibit", "exhibit": "E0001"}])
    case.exhibit("E0001").unlink()
