"""Two persons redact a value whose digest is the number of an exhibit, and the exhibit is gone."""

from __future__ import annotations

from tampered.sample import AGENT, NEXT_ACTOR, Copy

STEP, ENTRY, SAYS = 8, 5, "cannot be read"
OWN = 8, 5


def commit(case: Copy) -> None:
    case.append("redact", by=[NEXT_ACTOR, AGENT], object=[{"digest": "E0001"}])
    case.exhibit("E0001").unlink()
