"""The last entries are cut off, as far back as a checkpoint reaches."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 7, None, "its end was cut off"


def commit(case: Copy) -> None:
    case.lines = case.lines[:18]
    case.disclosures = [each for each in case.disclosures if each["seq"] < 18]
