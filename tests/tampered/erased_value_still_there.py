"""A private value that two persons ordered to be erased was kept, and is handed over."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 6, 11, "it is still there"


def commit(case: Copy) -> None:
    case.disclosures = [*case.disclosures, case.erased]
