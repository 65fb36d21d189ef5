"""Whoever holds the log key signs a checkpoint over entries that are not there, with a root that is no root."""

from __future__ import annotations

import base64

from tampered.sample import NEXT_LOG, Copy

from osint.chain_of_custody.keys import VerifierKey

STEP, ENTRY, SAYS = 7, None, "checkpoint 4 is damaged"


def commit(case: Copy) -> None:
    origin = case.origin(23)
    text = f"{origin}\n5000\nNone\n"
    signature = VerifierKey(origin, NEXT_LOG.public).note_hash + NEXT_LOG.sign(text.encode())
    note = f"{text}\n— {origin} {base64.b64encode(signature).decode()}\n"
    case.checkpoint(4).write_text(note, encoding="utf-8", newline="\n")
