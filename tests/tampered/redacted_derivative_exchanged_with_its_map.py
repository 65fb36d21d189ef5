"""Another derivative is put in with a map that fits it; the entry that was signed names another map."""

from __future__ import annotations

from tampered.sample import Copy
from tampered.withholding import DERIVATIVE, withhold

from osint.chain_of_custody.digests import sha256

STEP, ENTRY, SAYS = 8, 24, "its map is no map of a redaction"


def commit(case: Copy) -> None:
    folder, other = withhold(case), DERIVATIVE.replace(b"GET", b"PUT")
    (folder / "E0001.warc").write_bytes(other)
    told = (folder / "E0001.json").read_text(encoding="ascii")
    (folder / "E0001.json").write_text(told.replace(sha256(DERIVATIVE), sha256(other)), encoding="ascii")
