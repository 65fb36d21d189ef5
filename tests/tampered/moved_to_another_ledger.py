"""An entry gives another ledger's name, and declares no restore."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 2, 23, "it belongs to another ledger"


def commit(case: Copy) -> None:
    case.append("note", ledger="osint/" + "0" * 32)
