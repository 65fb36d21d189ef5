"""The signature of one entry is put in the place of another entry's."""

from __future__ import annotations

import json

from tampered.sample import Copy, envelope

STEP, ENTRY, SAYS = 5, 22, "does not fit"


def commit(case: Copy) -> None:
    content = json.loads(case.lines[22])
    content["signatures"] = json.loads(case.lines[21])["signatures"]
    case.change_line(22, lambda _: envelope(content))
