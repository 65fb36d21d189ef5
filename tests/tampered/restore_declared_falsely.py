"""A restore is declared, to a head that the entries before it do not have: what came in between would be explained away."""

from __future__ import annotations

import base64

from tampered.sample import Copy

STEP, ENTRY, SAYS = 2, 23, "declares a restore to another head"


def commit(case: Copy) -> None:
    head = {"kind": "checkpoint", "entries": 19, "root": base64.b64encode(case.root(19)).decode()}
    case.append("restore", ledger="osint/" + "0" * 32, object=[head])
