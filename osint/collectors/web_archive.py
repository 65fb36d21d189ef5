"""What the Wayback Machine holds of an address: its list of captures, and each of them as it was taken in.

**When a run is complete.** ``exhausted`` means that the archive named no further capture of that address within the
period, and showed each that it named; it holds what it happened to take in. Captures with the same content as the one
before are listed by the archive once, and those of error answers are not asked for; a warning counts them.

**Times.** ``extra["archived"]`` is when the archive took a page in. It is not when the page was written, so
``published`` is empty, and since and until go by the archive's instant.

Sources: as in ``osint.collectors.memento``.
"""

from __future__ import annotations

from collections.abc import Generator
from urllib.parse import urlsplit

from osint.activity import Record
from osint.capture.exchange import Capture
from osint.collectors import memento
from osint.collectors.answer import keep_first
from osint.collectors.protocol import Get, Manifest, Stop
from osint.query import Query, UrlQuery, host_of

MANIFEST = Manifest(
    name="web_archive",
    version="1",
    reads="what the Wayback Machine took in of an address: the list, and each capture as it was",
    queries=(UrlQuery,),
    ways=("api", "file"),
    public="all that the archive shows; a site's owner may have had it withheld",
    limits="one request in 4 s; it may answer 429 or 503; it holds what it happened to take in",
    files="captures of the archive that somebody saved (`/web/20260501000000id_/...`)",
    id_time="none: the number in the address is when the archive took it in",
    proof="documented",
    asks=(memento.ARCHIVE,),
    page=1,
    pace=4,
    documentation=memento.DOCUMENTATION,
    terms="The Internet Archive's terms allow research; the content stays its owners'.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"


def query_for(url: str) -> Query | None:
    """Return the address that a link into the archive is about."""
    parts = urlsplit(url)
    if parts.hostname != memento.ARCHIVE:
        return None
    original = memento.original_of(url)
    return UrlQuery(url=original) if original else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the lists of captures, and each capture."""
    assert isinstance(query, UrlQuery)
    return (yield from memento.captures(query, get, query.url))


def claims(capture: Capture) -> bool:
    """Say whether it is a capture of the archive, by its address."""
    return host_of(capture.url) == memento.ARCHIVE and (memento.is_taken_in(capture) or memento.is_list(capture))


def parse(capture: Capture) -> list[Record]:
    """Read a list, or a capture as one post.

    Raises:
        UnreadableCaptureError: It is neither.
    """
    return keep_first(memento.parse_answer(capture, "web", _COLLECTOR))
