"""One exchange becomes an exhibit: written, stored, logged as ``acquire``, and only then read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from osint.capture.entity import ENTITY_LIMIT
from osint.capture.errand import Errand
from osint.capture.exchange import Capture
from osint.capture.network import Network
from osint.capture.preserve import Asked, software
from osint.capture.read_back import read_capture
from osint.chain_of_custody.entry import Entry
from osint.gate import Gate
from osint.policy.facts import Standing
from osint.store.blobs import Blobs
from osint.warc import MEDIA_TYPE

Write = Callable[[IO[bytes], Asked], int]
"""Writes an exhibit to a stream and returns the HTTP status it shows, 0 when it shows none."""


@dataclass(frozen=True, kw_only=True)
class Acquiring:
    """What takes exhibits into one case.

    Attributes:
        blobs: Where evidence goes.
        gate: Where every request is logged.
        ledger: Identifier of the ledger, which stands for the case in the evidence.
        clock: Tells the instant.
    """

    blobs: Blobs
    gate: Gate
    ledger: str
    clock: Callable[[], datetime]

    def asked(
        self, errand: Errand, standing: Standing, url: str, *, via: str, started: datetime, network: Network
    ) -> Asked:
        """Return what the evidence says of a request that ended now."""
        return Asked(
            url=url,
            via=via,
            started=started,
            ended=self.clock(),
            entry=self.gate.new_id(),
            case=self.ledger,
            authorization=standing.entry,
            network=network.described(),
            software=software(),
            unpacked=None if errand.media else ENTITY_LIMIT,
            continues=errand.rest.continues if errand.rest else "",
        )

    def preserve(self, errand: Errand, standing: Standing, asked: Asked, write: Write, *, told: str = "") -> Entry:
        """Store one exhibit and log it.

        The entry is written while the temporary file is still held: until then another process that opens the case
        must not take the blob for a stranger. ``told`` is the address that the entry says, where it is another.
        """
        with self.blobs.temporary() as temporary:
            with temporary.open("wb") as out:
                status = write(out, asked)
            size = temporary.stat().st_size
            exhibit = {"sha256": self.blobs.put(temporary), "size": size, "media": MEDIA_TYPE}
            result = [{"status": status}] if 100 <= status <= 599 else []
            what: dict[str, Any] = {"id": asked.entry, "exhibit": exhibit, "result": result}
            return self.log(errand, standing, told or asked.url, asked.started, **what)

    def read(self, entry: Entry, read: Callable[[IO[bytes], str], Capture] = read_capture) -> Capture:
        """Return what an entry took in, from the evidentiary copy."""
        assert entry.exhibit is not None
        with self.blobs.open(entry.result[0]["sha256"]) as blob:
            return read(blob, entry.exhibit)

    def log(
        self, errand: Errand, standing: Standing, url: str, started: datetime, *, error: str = "", **said: Any
    ) -> Entry:
        """Log a request that ended now, whatever became of it."""
        return self.gate.log(
            "acquire",
            private=errand.private(url, error),
            start_time=started,
            end_time=self.clock(),
            refs=[errand.search.leaf.hex()],
            **Gate.under(standing),
            **said,
        )
