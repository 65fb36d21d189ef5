"""The address that an exhibit was fetched from is exchanged for another one."""

from __future__ import annotations

from tampered.sample import Copy

from osint.chain_of_custody import disclosure

STEP, ENTRY, SAYS = 6, 5, "a disclosure fits no digest of the entry"


def commit(case: Copy) -> None:
    forged = {"disclosure": disclosure.make("url", "https://social.example/@dawn"), "seq": 5}
    case.disclosures = [*(each for each in case.disclosures if each["seq"] != 5), forged]
