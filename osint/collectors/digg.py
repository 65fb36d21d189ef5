"""Digg: a story's card as the page shows it to a visitor, and older stories as web archives took them in.

Its interface ended long ago; the site of 2004 to 2012, and that of early 2026, are to be found in archives only.

Sources: https://ogp.me/ and those of ``osint.collectors.memento``.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from urllib.parse import urlsplit

from osint.activity import Post, Record
from osint.capture.exchange import Capture
from osint.collectors import memento
from osint.collectors.answer import keep_first, refuse
from osint.collectors.page_card import card_records
from osint.collectors.protocol import Get, Manifest, Stop
from osint.errors import QueryError, SourceGoneError
from osint.query import Query, ThreadQuery, UrlQuery, host_of

MANIFEST = Manifest(
    name="digg",
    version="1",
    reads="the card of a Digg page (url=), and what the Wayback Machine took in of a story (thread=)",
    queries=(UrlQuery, ThreadQuery),
    ways=("public", "file"),
    public="of a page its title, description and picture; diggs and comments of former years only in archives",
    limits="no interface and no feed; the site was begun anew several times, and what was before is gone from it",
    files="saved pages",
    id_time="none",
    proof="documented",
    asks=(memento.ARCHIVE,),
    page=1,
    pace=4,
    documentation=memento.DOCUMENTATION,
    terms="Digg's terms govern its pages; the archive's allow research.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_HOSTS = ("digg.com", "www.digg.com")


def query_for(url: str) -> Query | None:
    """Return the page of an address at Digg."""
    return UrlQuery(url=url) if urlsplit(url).hostname in _HOSTS else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the one page; or what an archive holds of a story."""
    if query.host not in _HOSTS:
        raise QueryError(f"{query.host!r} is not Digg; write url= or thread= with an address at https://digg.com/.")
    if isinstance(query, ThreadQuery):
        return (yield from memento.captures(query, get, query.thread))
    assert isinstance(query, UrlQuery)
    page = get(query.url)
    try:
        refuse(page, f"the page {query.url}")
    except SourceGoneError as gone:
        raise SourceGoneError(f"{gone} What archives hold of it: collect it with thread= instead of url=.") from gone
    yield page
    return Stop.PLATFORM_CAP


def claims(capture: Capture) -> bool:
    """Say whether it is a page of Digg, by its address."""
    return host_of(capture.url) in _HOSTS and "html" in capture.media_type


def parse(capture: Capture) -> list[Record]:
    """Read a list of captures, a capture, or a page.

    Raises:
        UnreadableCaptureError: It is none of these.
    """
    if host_of(capture.url) not in _HOSTS and (memento.is_list(capture) or memento.is_taken_in(capture)):
        return keep_first(map(_archival, memento.parse_answer(capture, MANIFEST.name, _COLLECTOR)))
    return card_records(capture, MANIFEST.name, _COLLECTOR)


def _archival(record: Record) -> Record:
    return replace(record, extra={**record.extra, "coverage": "archival"}) if isinstance(record, Post) else record
