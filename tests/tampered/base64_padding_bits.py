"""The last character of a signature is exchanged for one that differs only in bits which base64 passes over."""

from __future__ import annotations

import json

from tampered.sample import Copy, envelope

STEP, ENTRY, SAYS = 1, 22, "spelt in other bytes"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def commit(case: Copy) -> None:
    content = json.loads(case.lines[22])
    signature = content["signatures"][0]["sig"]
    other = _LETTERS[_LETTERS.index(signature[85]) ^ 1]
    content["signatures"][0]["sig"] = signature[:85] + other + "=="
    case.change_line(22, lambda _: envelope(content))
