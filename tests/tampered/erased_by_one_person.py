"""One person orders that a private value be erased, and carries it out."""

from __future__ import annotations

from tampered.sample import Copy, payload_of

STEP, ENTRY, SAYS = 5, 23, "is not signed by two persons"


def commit(case: Copy) -> None:
    case.append("redact", object=[{"digest": payload_of(case.lines[22])["_sd"][0]}])
    case.disclosures = [each for each in case.disclosures if each["seq"] != 22]
