"""A case: how it is vouched for, verified and shown as it was captured."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from osint import parts, warc
from osint.capture.held import Held
from osint.capture.preserved import preserved
from osint.case.records import CaseRecords
from osint.chain_of_custody.anchoring import Anchored
from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.keys import read_fingerprint
from osint.chain_of_custody.trusted import TrustedHead
from osint.chain_of_custody.verified import Verified
from osint.errors import CaseError

if TYPE_CHECKING:
    from osint.report.replay import Replay


_ENTRIES_TO_SHARE = 50_000  # below, processes save less time than their start takes, and take 150 MB each


class CaseProof(CaseRecords):
    """How it is vouched for, verified and shown as it was captured."""

    def replay(self, exhibit: str) -> Replay:
        """Show a capture again from evidence alone: its image, its words, the page rebuilt; ``save()`` writes a page.

        Nothing of it runs, and no host is asked for anything.

        Raises:
            CaseError: There is no such exhibit in this case, it is no capture, or it was purged on order.
            EvidenceError: It cannot be read.
        """
        from osint.report.replay import replay

        self._gate.check_shown([exhibit])
        return replay(Held(preserved(self._ledger.entries()), self._blobs), exhibit)

    def checkpoint(self) -> str:
        """Sign the head of the ledger and return it: three lines and a signature, to keep *elsewhere*."""
        return self._ledger.cut_checkpoint()

    def anchor(self) -> Anchored:
        """Have the head of the ledger time-stamped and cosigned by the authorities and witnesses of ``anchors``.

        Every step does so at its end. What does not answer is recorded and caught up with the next time.
        ``case.anchoring`` renews time stamps and asks witnesses by way of files.

        Raises:
            CaseError: No authority and no witness is named.
        """
        self._check_anchors()
        return self.anchoring.anchor()

    def head_page(self, *, pdf: bool = False) -> bytes:
        """Return the signed head on one page, as text and QR code, for the paper file; HTML, or PDF.

        Raises:
            ExportError: The extra for PDF is not installed.
        """
        from osint.report.head_page import head_page, head_page_pdf

        note, made = self.checkpoint(), self._clock()
        keys = [str(item["key"]) for entry in self._ledger.entries() for item in entry.object if "public" in item]
        return (head_page_pdf if pdf else head_page)(note, self.folder.name, made, keys)

    def verify(
        self,
        kept_head: str | None = None,
        *,
        tables: bool = True,
        anchors: Anchors | None = None,
        fingerprints: Collection[str] | None = None,
        since: TrustedHead | None = None,
    ) -> Verified:
        """Check the whole case: ledger, checkpoints, evidence, the digests inside it, and the tables made from it.

        Args:
            kept_head: A checkpoint that was kept elsewhere. Without one, a tail cut off or a rewrite by whoever holds
                the keys cannot be seen, and the result says so.
            tables: Read all evidence again and compare the working tables with what it gives (step 12). Tables that
                another release made are not compared, and what is returned says so.
            anchors: The authorities and witnesses to go by; those of the case when not given.
            fingerprints: The keys that may have signed, as known from elsewhere.
            since: What an earlier verification left as ``trusted``: only what came since is read.

        Raises:
            IntegrityError: Carries every finding, and names the first bad entry.
        """
        from osint.chain_of_custody.verification import verify
        from osint.runner import make_runner

        verified = verify(
            self._ledger,
            self._blobs,
            check_exhibit=warc.check,
            kept_head=kept_head,
            anchors=anchors or self.anchors,
            fingerprints=fingerprints and {read_fingerprint(each) for each in fingerprints},
            since=since,
            runner=make_runner() if len(self._ledger) > _ENTRIES_TO_SHARE else None,
            complete=True,
        )
        for part in parts.parts(self.folder):
            with part.ledger() as ledger:
                verify(ledger, part.blobs, check_exhibit=warc.check, anchors=anchors or self.anchors)
        comparable = self._tables.are_of_this_release
        if tables and comparable:
            self._tables.check()
        return replace(verified, tables_checked=comparable if tables else None)

    def _check_anchors(self) -> None:
        if self.anchors is None:
            raise CaseError(
                "Nobody is named who can vouch for this case: osint.open_case(..., anchors=osint.Anchors.read(path)), "
                "or name the file in OSINT_ANCHORS. Until then its entries rest on this machine alone; keep "
                "case.checkpoint() elsewhere."
            )
