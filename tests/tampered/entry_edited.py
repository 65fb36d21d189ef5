"""An entry is edited in the file, by somebody who holds no key.

A search that was allowed is made to look refused. The signature was made over other bytes.
"""

from __future__ import annotations

import base64
import json

from tampered.sample import Copy, envelope, payload_of

from osint.chain_of_custody.canonical import canonical

STEP, ENTRY, SAYS = 5, 4, "the entry was changed after signing"


def commit(case: Copy) -> None:
    said = {**payload_of(case.lines[4]), "outcome": "refused"}
    content = json.loads(case.lines[4])
    content["payload"] = base64.b64encode(canonical(said)).decode()
    case.change_line(4, lambda _: envelope(content))
