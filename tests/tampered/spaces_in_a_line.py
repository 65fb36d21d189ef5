"""The last line is spelt with spaces. It means the same, and is another line.

If this passed, whoever relies on the hash of a line could be shown two of them.
"""

from __future__ import annotations

import json

from tampered.sample import Copy

STEP, ENTRY, SAYS = 1, 22, "spelt in other bytes"


def commit(case: Copy) -> None:
    case.change_line(22, lambda line: json.dumps(json.loads(line)).encode() + b"\n")
