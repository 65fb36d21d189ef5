"""A file is put among the evidence, under the name that its bytes give, and no entry took it in."""

from __future__ import annotations

from report.papers import exchange
from tampered.sample import Copy

from osint.chain_of_custody.digests import sha256

STEP, ENTRY, SAYS = 8, None, "is named by no entry"


def commit(case: Copy) -> None:
    name = sha256(exchange(9))
    path = case.data / "evidence" / name[:2] / f"{name}.warc.gz"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(exchange(9))
