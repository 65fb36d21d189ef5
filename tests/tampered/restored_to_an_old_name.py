"""A restore takes a name that the ledger had before: every head kept under that name would count as given up."""

from __future__ import annotations

import base64

from tampered.sample import Copy, payload_of

STEP, ENTRY, SAYS = 2, 24, "takes a name again"


def commit(case: Copy) -> None:
    def head(size: int) -> dict[str, object]:
        return {"kind": "checkpoint", "entries": size, "root": base64.b64encode(case.root(size)).decode()}

    name = payload_of(case.lines[-1])["ledger"]
    case.append("restore", ledger="osint/" + "cd" * 16, object=[head(23)])
    case.append("restore", ledger=name, object=[head(24)])
