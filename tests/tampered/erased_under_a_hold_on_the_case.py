"""Two persons erase a private value while a legal hold covers the whole case."""

from __future__ import annotations

from tampered.sample import AGENT, NEXT_ACTOR, Copy, payload_of

STEP, ENTRY, SAYS = 6, 24, "it erases what the legal hold of entry 23 covers"


def commit(case: Copy) -> None:
    case.append("hold", result=[{"kind": "hold"}])
    digests = payload_of(case.lines[22])["_sd"]
    case.append("redact", by=[NEXT_ACTOR, AGENT], object=[{"digest": each} for each in digests])
    case.disclosures = [each for each in case.disclosures if each["seq"] != 22]
