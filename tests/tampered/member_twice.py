"""An entry names its outcome twice. One reader takes the first, another the last. Whoever wrote it holds the key."""

from __future__ import annotations

from tampered.sample import Copy, signed, spelt

STEP, ENTRY, SAYS = 1, 23, "names the same member twice"
OWN = 1, 23


def commit(case: Copy) -> None:
    case.append("note")
    case.change_line(
        23, lambda line: signed(spelt(line).replace(b'"outcome":"done"', b'"outcome":"nil","outcome":"done"'))
    )
