"""MySpace: what is left of it. Profiles and pages as web archives took them in, and the card of a page that was saved.

There is no interface and no feed, and its terms forbid to ask for its pages by a program; so nothing is asked of it,
only of the archive. What was uploaded before 2016 was lost in a migration, blogs and comments went in 2013. Everything
here says ``"archival"`` or ``"partial"`` in its ``extra["coverage"]``.

Sources: https://ogp.me/ and those of ``osint.collectors.memento``.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import replace
from urllib.parse import urlsplit

from osint.activity import Post, Record
from osint.capture.exchange import Capture
from osint.collectors import memento
from osint.collectors.answer import keep_first
from osint.collectors.page_card import card_records
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import by
from osint.errors import QueryError
from osint.query import AccountQuery, Query, UrlQuery, host_of

MANIFEST = Manifest(
    name="myspace",
    version="1",
    reads="MySpace profiles and pages (url=) as the Wayback Machine took them in, and the card of a saved page",
    queries=(AccountQuery, UrlQuery),
    ways=("api", "file"),
    public="what the archive holds; nothing is asked of MySpace itself",
    limits="no interface and no feed; what was before 2016 is lost; archives hold some of it",
    files="saved pages",
    id_time="none: only the instant of an archive's capture is known",
    proof="documented",
    home="myspace.com",
    asks=(memento.ARCHIVE,),
    page=1,
    pace=4,
    documentation=memento.DOCUMENTATION,
    terms="MySpace's terms forbid automatic collection of its own pages; the archive's allow research.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_HOSTS = ("myspace.com", "www.myspace.com")
_PROFILE = re.compile(r"/(?P<name>[\w.-]{1,60})/?", re.ASCII)
_NO_PROFILES = frozenset({"pages", "discover", "signin", "signup", "search", "music", "video", "help", "terms"})


def query_for(url: str) -> Query | None:
    """Return the account or the page of an address at MySpace."""
    if urlsplit(url).hostname not in _HOSTS:
        return None
    name = _name(url)
    return AccountQuery(account=f"@{name}@myspace.com") if name else UrlQuery(url=url)


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield what an archive holds of a profile or a page."""
    if query.host not in _HOSTS:
        raise QueryError(f"{query.host!r} is not MySpace; write the account as @name@{MANIFEST.home}.")
    if isinstance(query, AccountQuery):
        return (yield from memento.captures(query, get, f"myspace.com/{query.name}"))
    assert isinstance(query, UrlQuery)
    return (yield from memento.captures(query, get, query.url))


def claims(capture: Capture) -> bool:
    """Say whether it is a page of MySpace, by its address."""
    return host_of(capture.url) in _HOSTS and "html" in capture.media_type


def parse(capture: Capture) -> list[Record]:
    """Read a list of captures, a capture, or a page that somebody saved.

    Raises:
        UnreadableCaptureError: It is none of these.
    """
    if host_of(capture.url) not in _HOSTS and (memento.is_list(capture) or memento.is_taken_in(capture)):
        return keep_first(map(_archival, memento.parse_answer(capture, MANIFEST.name, _COLLECTOR)))
    return card_records(capture, MANIFEST.name, _COLLECTOR, _name)


def _archival(record: Record) -> Record:
    """Say of a post whose profile it is, and that an archive holds it."""
    if not isinstance(record, Post):
        return record
    name = _name(record.url or "")
    return replace(
        record,
        **by(MANIFEST.name, name),
        extra={**record.extra, "coverage": "archival"},
    )


def _name(url: str) -> str | None:
    """Return the name of the profile at an address of MySpace, or None."""
    found = _PROFILE.fullmatch(urlsplit(url).path) if host_of(url) in _HOSTS else None
    return found["name"] if found and found["name"].casefold() not in _NO_PROFILES else None
