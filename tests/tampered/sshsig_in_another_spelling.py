"""Bytes around the signature of an SSH key are altered which the key itself did not sign.

The last entry that it signed would be another line with the same meaning.
"""

from __future__ import annotations

import base64
import json

from tampered.sample import AGENT, Copy, envelope

STEP, ENTRY, SAYS = 5, 23, "does not fit"


def commit(case: Copy) -> None:
    case.append("note", by=[AGENT])
    content = json.loads(case.lines[23])
    signature = bytearray(base64.b64decode(content["signatures"][0]["sig"]))
    signature[9] = 2  # the version of the form
    content["signatures"][0]["sig"] = base64.b64encode(signature).decode()
    case.change_line(23, lambda _: envelope(content))
