"""What writer, checker and reader of a package share: the names of its parts, and its WARC files read with care."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO

from osint import warc
from osint.wacz import cdxj

WACZ_VERSION = "1.1.1"
PROFILE = "data-package"
ARCHIVE = "archive/"
INDEX = "indexes/index.cdx.gz"
IDX = "indexes/index.idx"
PAGES = "pages/pages.jsonl"
MANIFEST = "datapackage.json"
DIGEST = "datapackage-digest.json"
RESERVED = ("archive", "indexes", "pages")


def seconds(instant: datetime) -> str:
    """Spell an instant to the second; fractions are dropped, not rounded.

    Raises:
        ValueError: The time is naive.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no zone, so it is not an instant")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def page_key(url: str, timestamp: str) -> tuple[str, str]:
    """Return what ties a page to a record: the address without its fragment, and the second."""
    return url.partition("#")[0], timestamp


def record_key(record: warc.Record) -> tuple[str, str]:
    """Return by what a page names a record."""
    return page_key(record.headers.get("warc-target-uri", ""), cdxj.timestamp(record.headers.get("warc-date", "")))


def members(stream: IO[bytes]) -> Iterator[warc.Record]:
    """Yield the records of a WARC file; a bomb is refused before it grows.

    Raises:
        warc.WarcError: See :func:`osint.warc.read`; or there is no record.
    """
    record = None
    for record in warc.read(stream, bounded=True):
        yield record
    if record is None:
        raise warc.WarcError("it holds no record")
