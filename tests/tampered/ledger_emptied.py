"""Every entry is taken out, and everything that refers to one."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 2, None, "the ledger holds no entry at all"


def commit(case: Copy) -> None:
    for path in (*case.data.glob("checkpoint-*"), *case.data.glob("renewal-*"), *case.data.glob("evidence/*/*")):
        path.unlink()
    case.lines, case.disclosures = [], []
