"""A disclosure is put in that belongs to an entry which does not exist."""

from __future__ import annotations

from tampered.sample import Copy

from osint.chain_of_custody import disclosure

STEP, ENTRY, SAYS = 6, None, "belongs to no entry"
OWN = 6, 99


def commit(case: Copy) -> None:
    case.disclosures = [*case.disclosures, {"disclosure": disclosure.make("text", "confessed"), "seq": 99}]
