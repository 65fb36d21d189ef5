"""A file is put among the derivatives, as if it stood for an exhibit that was withheld; no entry says so."""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 8, None, "redacted/E0001.warc stands for no exhibit that was withheld"


def commit(case: Copy) -> None:
    (case.data / "redacted").mkdir()
    (case.data / "redacted" / "E0001.warc").write_bytes(b"as if it had been so")
