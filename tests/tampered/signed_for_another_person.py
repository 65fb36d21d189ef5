"""An entry names one person as who acted, and is signed by another."""

from __future__ import annotations

from tampered.sample import AGENT, Copy

STEP, ENTRY, SAYS = 5, 23, "did not sign it"


def commit(case: Copy) -> None:
    case.append("note", performer={"key": AGENT.keyid})
