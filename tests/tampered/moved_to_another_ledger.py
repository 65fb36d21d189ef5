"""An entry gives another ledger's name, and names the head before it as a restore would; it declares no restore."""

from __future__ import annotations

import base64

from tampered.sample import Copy

STEP, ENTRY, SAYS = 2, 23, "it belongs to another ledger"


def commit(case: Copy) -> None:
    head = {"kind": "checkpoint", "entries": 23, "root": base64.b64encode(case.root(23)).decode()}
    case.append("note", ledger="osint/" + "0" * 32, object=[head])
