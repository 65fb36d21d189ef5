"""What replay programs can show of a case, laid out to be looked at on this machine and removed again."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from osint import warc
from osint.chain_of_custody.entry import taken_in
from osint.chain_of_custody.sensitive_stop import withdrawn_by
from osint.collecting.importing import ACTION as IMPORT
from osint.errors import CaseError
from osint.report.web_archive import pages_of
from osint.store.blobs import Blobs
from osint.wacz.check import Checked
from osint.wacz.package import write_wacz

if TYPE_CHECKING:
    from osint.chain_of_custody.ledger import Ledger


def write_viewing_copy(ledger: Ledger, blobs: Blobs, name: str, path: Path) -> Checked:
    """Write the captures of a case as a web archive that is no hand-over; each was compared with the ledger.

    It holds neither the ledger nor any file that was handed in: no program shows such a file, and some of them may open
    an account.

    Args:
        ledger: The ledger of the case.
        blobs: Its evidentiary copies.
        name: What the case is called.
        path: A file that is not there yet.

    Raises:
        CaseError: There is no capture.
        EvidenceError: A copy is not there although nobody purged it, or its bytes have changed.
        ExportError: The file cannot be written.
    """
    entries = list(ledger.entries())
    purged = {number for entry in entries for number in withdrawn_by(entry)}
    taken = (taken_in(entry.payload, entry.seq) for entry in entries if entry.action != IMPORT)
    exhibits = [each for each in taken if each and each.media == warc.MEDIA_TYPE and each.number not in purged]
    if not exhibits:
        raise CaseError(f"Case {name} holds no capture yet that could be shown again.")
    return write_wacz(
        path,
        {f"{each.number}.warc.gz": partial(blobs.open, each.sha256, verify=True) for each in exhibits},
        [page for each in exhibits for page in pages_of(blobs, each)],
        {},
        created=entries[-1].end_time,
        software="osint",
        title=f"Captures of case {name}",
    )
