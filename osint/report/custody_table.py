"""The custody log as a table that shows which entries are anchored outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osint.report.anchored import read_anchoring
from osint.report.custody_log import custody_frame
from osint.views.ledger import LedgerTable, ledger_table

if TYPE_CHECKING:
    from osint.chain_of_custody.anchors import Anchors
    from osint.chain_of_custody.ledger import Ledger


def custody_table(ledger: Ledger, anchors: Anchors | None = None) -> LedgerTable:
    """Return the custody log as a table that shows which entries are anchored.

    Args:
        ledger: The ledger.
        anchors: The authorities and witnesses whom the reader trusts; without them, times are shown as claims.
    """
    with ledger.unchanging():
        log = custody_frame(ledger)
        return ledger_table(log, read_anchoring(ledger, len(log), anchors))
