"""An entry is edited by its own author, who signs it again.

The signature fits. The next entry holds the leaf hash of the line as it was.
"""

from __future__ import annotations

from tampered.sample import Copy

STEP, ENTRY, SAYS = 3, 5, "it continues another line than the one before it"


def commit(case: Copy) -> None:
    case.change_payload(4, outcome="refused")
