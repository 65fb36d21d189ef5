"""A case that asks a server, and what its evidence says of that: read by us, with every digest checked by warcio."""

from __future__ import annotations

import io
from collections.abc import Mapping

from warcio.archiveiterator import ArchiveIterator

from osint import warc
from osint.capture.errand import Errand
from osint.capture.exchange import Capture
from osint.case import Case
from osint.query import make_query


class Exchanges:
    """A case that asks a server, and what its evidence says of that."""

    def __init__(self, case: Case) -> None:
        self.case = case
        admission = case._gate.admit(make_query(url="http://127.0.0.1/"), "webpage/1")
        self.errand = Errand(search=admission.entry, standing=admission.standing)

    def ask(self, url: str) -> Capture:
        assert self.errand.standing is not None
        return self.case._door.exchange(self.errand, self.errand.standing, url)

    def records(self, exhibit: str = "E0001") -> dict[str, tuple[Mapping[str, str], bytes]]:
        """The records of an exhibit by type: headers and block; warcio finds every digest right."""
        (sha256,) = [each.sha256 for each in self.case._ledger.exhibits() if each.number == exhibit]
        with self.case._blobs.open(sha256) as blob:
            content = blob.read()
        for record in ArchiveIterator(io.BytesIO(content), check_digests=True):
            record.raw_stream.read()
            assert record.digest_checker.passed is True
        return {record.type: (record.headers, record.read()) for record in warc.read(io.BytesIO(content))}

    def failures(self) -> list[str]:
        entries = self.case._ledger.entries()
        return [entry.private["error"] for entry in entries if entry.action == "acquire" and entry.outcome == "failed"]
