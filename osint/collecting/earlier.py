"""An exhibit that is to be visited again: what it shows, how it came to be, and whether its address can be asked.

It is read from the ledger and the evidence alone; nothing is asked here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import IO

from osint import warc
from osint.capture.exchange import Capture
from osint.capture.ranges import assemble
from osint.capture.read_back import read_capture, read_head
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.sensitive_stop import withdrawn_by
from osint.collecting.importing import ACTION as IMPORT
from osint.collecting.reading_imports import page_in_import
from osint.collectors import load
from osint.collectors.protocol import Collector, Manifest
from osint.errors import CaseError
from osint.query import REPLACED, Query, UrlQuery, host_of, make_query
from osint.store.blobs import Blobs
from osint.store.store import Store

_PART = 206


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """An exhibit, and how it came to be.

    Attributes:
        entry: The entry that took it in.
        capture: What it shows.
        address: What is asked for again; it may lack a secret where posts tell the whole of it.
        collector: What reads it; None for a file that posts show.
        query: The question it answered; None likewise.
        joined: SHA-256 of the file that it is a part of; None when its own bytes are all of it.
    """

    entry: Entry
    capture: Capture
    address: str
    collector: Collector | None = None
    query: Query | None = None
    joined: str | None = None


class Exhibits:
    """The exhibits of a case, as far as they can be visited again."""

    def __init__(self, ledger: Ledger, blobs: Blobs, store: Store) -> None:
        """Look into one case."""
        self._ledger, self._blobs, self._store = ledger, blobs, store

    def find(self, exhibit: str) -> Earlier:
        """Return what there is of an exhibit, and how it came to be.

        Raises:
            CaseError: There is no such exhibit in this case, it was purged on order, it states no address that can be
                asked again, or it is a saved page of a source whose own pages are not asked for.
        """
        entries = list(self._ledger.entries())
        entry = next((each for each in entries if each.exhibit == exhibit), None)
        if entry is None or entry.action not in ("acquire", IMPORT):
            raise CaseError(f"{exhibit} is no capture of this case; case.ledger lists the exhibits and what they hold.")
        if any(exhibit in withdrawn_by(each) for each in entries):
            raise CaseError(f"{exhibit} was purged on order, and is not visited again. The ledger says on whose order.")
        if entry.action == IMPORT:
            return self._imported(entry)
        asked = next(each for each in entries if each.leaf.hex() in entry.refs)
        return self._captured(entry, asked)

    def _captured(self, entry: Entry, asked: Entry) -> Earlier:
        """Return what a request gave, with the question it answered; a page's own files answer for themselves."""
        read = read_head if asked.action == "preserve" else read_capture  # a file of a post may be large
        capture, address = self._read(entry, read), entry.private.get("url")
        if address is None:
            raise CaseError(
                f"The address of {entry.exhibit} was erased from the ledger, so nothing can be asked again."
            )
        if asked.action == "preserve":
            return self._file(entry, capture, address)
        _check_address(entry, address)
        query: Query = UrlQuery(url=address, render=capture.made == "rendered")
        name = "webpage"
        if asked.action == "search":
            name = asked.payload["instrument"]["collector"].partition("/")[0]
            query = make_query(**asked.private["query"]) if "query" in asked.private else query
        return Earlier(entry=entry, capture=capture, address=address, collector=load(name), query=query)

    def _file(self, entry: Entry, capture: Capture, address: str) -> Earlier:
        """Return a file that posts show; of one that came in parts, all of it, whichever part is visited again."""
        files = (body for body in self._store.records("media") if body.get("parts"))
        file = next((body for body in files if {"exhibit": entry.exhibit} in body["parts"]), None)
        if file is None:
            part = ("It holds a part of a file, and the others are not there.",) if capture.status == _PART else ()
            capture = replace(capture, problems=(*capture.problems, *part))
            return Earlier(entry=entry, capture=capture, address=address)
        digests = {each.number: each.sha256 for each in self._ledger.exhibits()}
        whole = assemble(self._head(digests[part["exhibit"]], part["exhibit"]) for part in file["parts"])
        capture = replace(capture, problems=whole.problems)
        return Earlier(entry=entry, capture=capture, address=address, joined=file["facts"]["sha256"])

    def _head(self, stored: str, exhibit: str) -> Capture:
        with self._blobs.open(stored) as blob:
            return read_head(blob, exhibit)

    def _imported(self, entry: Entry) -> Earlier:
        """Return the page that a file holds of its address."""
        with self._blobs.open(entry.result[0]["sha256"]) as blob:
            page = page_in_import(blob, str(entry.exhibit))
        if page is None:
            raise CaseError(
                f"{entry.exhibit} was handed in and holds no page with an address, so there is nothing to ask again "
                "and to compare. Collect the address itself: case.collect('webpage', url=...)."
            )
        capture, name = page
        _check_address(entry, capture.url)
        collector, query = load(name), UrlQuery(url=capture.url)
        _check_may_be_asked(entry, capture, collector.MANIFEST)
        return Earlier(entry=entry, capture=capture, address=capture.url, collector=collector, query=query)

    def _read(self, entry: Entry, read: Callable[[IO[bytes], str], Capture]) -> Capture:
        """Return an exhibit as a capture.

        Raises:
            CaseError: Its address alone asks for something else.
        """
        stored = entry.result[0]["sha256"]
        with self._blobs.open(stored) as blob:
            _check_asked_by_address(entry, blob)
        with self._blobs.open(stored) as blob:
            return read(blob, str(entry.exhibit))


def _check_asked_by_address(entry: Entry, blob: IO[bytes]) -> None:
    """Refuse an exhibit for which more was said than its address.

    Raises:
        CaseError: It is one.
    """
    instead = "Collect it again, and compare the rows of case.posts(versions=True)."
    for record in warc.read(blob):
        if record.type == "request" and not record.read().startswith(b"GET "):
            raise CaseError(
                f"{entry.exhibit} answers a request with a body, and its address alone asks for something else. "
                f"{instead}"
            )
        if record.headers.get("warc-target-uri", "").startswith("urn:sent:"):
            raise CaseError(
                f"{entry.exhibit} is a conversation with a newsgroup or a relay, and a stream is not asked again. "
                f"{instead}"
            )


def _check_address(entry: Entry, address: str) -> None:
    """Refuse an address from which the ledger keeps a secret out: it would ask for something else.

    Raises:
        CaseError: It is one.
    """
    if REPLACED in address:
        raise CaseError(
            f"The address of {entry.exhibit} held what may be a secret, which was sent and not kept. Ask for it with "
            "case.collect(...) again, and compare the rows of case.posts(versions=True)."
        )


def _check_may_be_asked(entry: Entry, page: Capture, manifest: Manifest) -> None:
    """Refuse a page that somebody saved of a source whose own pages no collector asks for.

    Raises:
        CaseError: It is one.
    """
    if "public" in manifest.ways or "html" not in page.media_type or host_of(page.url) in manifest.asks:
        return
    raise CaseError(
        f"{entry.exhibit} was handed in, and pages of {manifest.name} are not asked for: {manifest.terms} Import the "
        "page again as it stands now, and compare the rows of case.posts(versions=True)."
    )
