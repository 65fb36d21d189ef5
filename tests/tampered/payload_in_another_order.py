"""The members of an entry's payload stand in another order than the format wants. Whoever wrote it holds the key."""

from __future__ import annotations

import json

from tampered.sample import Copy, payload_of, signed

STEP, ENTRY, SAYS = 4, 23, "is not in canonical form"
OWN = 1, 23


def commit(case: Copy) -> None:
    case.append("note")
    said = dict(reversed(payload_of(case.lines[23]).items()))
    case.change_line(23, lambda _: signed(json.dumps(said, separators=(",", ":")).encode()))
