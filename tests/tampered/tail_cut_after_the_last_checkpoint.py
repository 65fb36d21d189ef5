"""The last entries are cut off, only those that no checkpoint covers.

What is left is a ledger in good order. A head that was kept elsewhere knows that there was more.
"""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 10, None, "its end was cut off"
KEPT_HEAD = 23


def commit(case: Copy) -> None:
    case.lines = case.lines[:22]
    case.disclosures = [each for each in case.disclosures if each["seq"] < 22]
