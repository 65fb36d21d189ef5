"""In the derivative that stands for a withheld exhibit, a word outside the replaced bytes is exchanged."""

from __future__ import annotations

from tampered.sample import Copy
from tampered.withholding import DERIVATIVE, withhold

STEP, ENTRY, SAYS = 8, 24, "its derivative is not the file that its map names"
OWN = 8, 24


def commit(case: Copy) -> None:
    (withhold(case) / "E0001.warc").write_bytes(DERIVATIVE.replace(b"GET", b"PUT"))
