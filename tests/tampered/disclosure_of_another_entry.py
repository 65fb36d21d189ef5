"""What one entry discloses is said to belong to another entry."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 6, 5, "a disclosure fits no digest of the entry"


def commit(case: Copy) -> None:
    case.disclosures = [{**each, "seq": 5} if each["seq"] == 4 else each for each in case.disclosures]
