"""A second signature is put beside the first one, in the same name, and does not fit."""

from __future__ import annotations

import base64
import json

from tampered.sample import Copy, envelope

STEP, ENTRY, SAYS = 5, 22, "does not fit"


def commit(case: Copy) -> None:
    content = json.loads(case.lines[22])
    content["signatures"].append({**content["signatures"][0], "sig": base64.b64encode(bytes(64)).decode()})
    case.change_line(22, lambda _: envelope(content))
