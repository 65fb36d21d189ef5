"""A time stamp that no entry records is put beside a checkpoint."""

from __future__ import annotations

from tampered.sample import START, Copy

from osint.chain_of_custody.timestamp import stamp

STEP, ENTRY, SAYS = 13, None, "is recorded by no entry"
OWN = 13, -1


def commit(case: Copy) -> None:
    token = stamp(case.note(3).encode(), 19, case.tsa.pinned(), case.tsa.exchange(START))
    for suffix, content in (("tsr", token.reply), ("tsq", token.request), ("pem", token.chain)):
        (case.data / f"checkpoint-0003.1.{suffix}").write_bytes(content)
