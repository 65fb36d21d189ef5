"""The case is taken back to an old backup, and nobody says so.

It is in good order, as it was then. A head that was kept elsewhere since knows of more.
"""

from __future__ import annotations

from report.papers import exchange
from tampered.sample import Copy, make_writable

STEP, ENTRY, SAYS = 10, None, "its end was cut off"
KEPT_HEAD = 15


def commit(case: Copy) -> None:
    for name in ("checkpoint-0002", "checkpoint-0003", "renewal-0001"):
        for path in case.data.glob(f"{name}*"):
            path.unlink()
    case.exhibit("E0003").unlink()
    case.lines = case.lines[:10]
    case.disclosures = [*(each for each in case.disclosures if each["seq"] < 10), case.erased]
    make_writable(case.put_back("E0002", exchange(2)))
