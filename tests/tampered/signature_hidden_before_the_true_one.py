"""Before the signature of a new key, in the entry that introduces it, stands another in its name that does not fit."""

from __future__ import annotations

import base64
import json

from tampered.sample import NEXT_ACTOR, Copy, envelope

STEP, ENTRY, SAYS = 5, 13, "does not fit"


def commit(case: Copy) -> None:
    content = json.loads(case.lines[13])
    false = {"keyid": NEXT_ACTOR.keyid, "sig": base64.b64encode(bytes(64)).decode()}
    content["signatures"].insert(0, false)
    case.change_line(13, lambda _: envelope(content))
