"""Somebody who holds every key writes the history anew: entries, links, signatures, checkpoints.

What comes out is in good order, and nothing in it can show the forgery. A head that was kept elsewhere does.
"""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 10, None, "has another root"
KEPT_HEAD = 8


def commit(case: Copy) -> None:
    case.rewrite({4: {"outcome": "refused"}})
