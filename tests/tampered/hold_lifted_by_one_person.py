"""One person lifts a legal hold, so that what it covers can be erased."""

from __future__ import annotations

from tampered.sample import Copy

from osint.chain_of_custody.merkle import leaf_hash

STEP, ENTRY, SAYS = 5, 24, "lifts a legal hold and is not signed by two persons"


def commit(case: Copy) -> None:
    case.append("hold", result=[{"kind": "hold"}])
    leaf = leaf_hash(case.lines[23][:-1]).hex()
    case.append("unhold", object=[{"kind": "hold", "leaf": leaf}], refs=[leaf])
