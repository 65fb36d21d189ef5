"""The members of the last line are put in another order. It means the same, and is another line."""

from __future__ import annotations

import json

from tampered.sample import Copy, envelope

STEP, ENTRY, SAYS = 1, 22, "spelt in other bytes"


def commit(case: Copy) -> None:
    case.change_line(22, lambda line: envelope(dict(reversed(json.loads(line).items()))))
