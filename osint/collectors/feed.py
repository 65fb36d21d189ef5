"""Blogs, news and alert services through their feeds: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed.

**When a run is complete.** A plain feed shows its latest items only, so a run over one ends with ``platform-cap``. It
ends with ``exhausted`` when every page was well-formed and the feed says that it is whole (``fh:complete``), or the
last of a chain of pages (``rel="next"`` or ``"prev-archive"``, JSON Feed ``next_url``) names no further page. Only
addresses that the feed declares are asked for, with one exception: WordPress declares no further page and has them all
the same, at ``?paged=2`` and so on. Where a feed of posts names WordPress as its generator, they are asked for until
WordPress ends them with a 404 that is a feed without entries; any other 404 does not show that there is no more. Its
feeds of comments have no further pages (and the same 404), so they are plain feeds.

**Who wrote it.** An author is a name at the feed's host, ``account:feed:jane example@blog.example``: the same name on
another host is another node. An entry that was taken over from another feed belongs to the author which that names, if
it does. One without an author belongs to the feed itself, ``account:feed:blog.example/news``; the editor of an RSS feed
is not the author of its items. Where several authors are named it is the first, and ``extra["authors"]`` has all.

**Dates** are what the publisher wrote, so their basis is "author-claimed". One without a zone is kept as written and is
no instant.

Source: RSS 2.0, RFC 4287 (Atom), RFC 4685 (thr:in-reply-to), RFC 5005 (paging), https://www.jsonfeed.org/version/1.1/,
https://developer.wordpress.org/reference/classes/wp/handle_404/ (the end of WordPress's pages).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from osint.activity import Absence, Actor, ParseWarning, Post, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import (
    answered_address,
    challenge_in,
    foreign_next_page,
    keep_first,
    next_page,
    refuse,
    reservations,
    warning,
)
from osint.collectors.feed_document import Document, Entry, read_document
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import seen
from osint.collectors.text import absolute, base_of, digits_in, html_to_text, links_in, parse_html
from osint.collectors.times import all_before
from osint.errors import UnreadableCaptureError
from osint.instants import Reading, read_instant
from osint.query import Query, UrlQuery

MANIFEST = Manifest(
    name="feed",
    version="2",
    reads="RSS, Atom and JSON Feed of blogs, news sites and alert services",
    queries=(UrlQuery,),
    ways=("public", "file"),
    public="what the publisher puts in the feed, for anyone",
    limits="latest items only (10 to 50 is usual) unless the feed declares more pages or is WordPress's; "
    "deleted items vanish unmarked",
    files="a feed that somebody saved",
    id_time="none: `published` and `updated` are the publisher's word",
    proof="real server",
    documentation="https://www.rfc-editor.org/rfc/rfc4287",
    terms="Published for automatic reading; the site's own terms govern reuse, so read them for each site.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/json")
_PAGING = frozenset({"page", "paged", "start-index", "offset"})
_MARK = re.compile(rb"<(rss|feed|rdf:RDF)[\s>]|jsonfeed\.org/version/", re.IGNORECASE)
_MOST_EMPTY = 20  # pages without an entry, one after the other
_ADDRESS = re.compile(
    r"/(feed|rss|atom|feeds?/.+|[^/]*\.(rss|atom|rdf)|(rss|atom|feed|index)\.xml|feed\.json)/?\Z", re.IGNORECASE
)
_LOOK = 1 << 12  # bytes in which a document says what it is
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z")


def query_for(url: str) -> Query | None:
    """Return the feed that an address names by its spelling."""
    parts = urlsplit(url)
    return UrlQuery(url=url) if parts.hostname and _ADDRESS.search(parts.path) else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield each document of the feed. A web page leads to the first feed on its host that it declares."""
    assert isinstance(query, UrlQuery)
    address = query.url
    page = get(address)
    refuse(page, f"the feed {address}")
    declared = _declared_feed(page)
    if declared:
        address = declared
        page = get(address)
        refuse(page, f"the feed {address}")
    asked, known, is_declared, is_whole, empty = {page.url, address}, set[str](), False, True, 0
    while True:
        document = read_document(page)
        ids = {_identity(entry, page) for entry in document.entries if isinstance(entry, Entry)}
        yield page
        empty = 0 if ids else empty + 1
        if (ids and ids <= known) or empty > _MOST_EMPTY:
            return Stop.ERROR
        known |= ids
        is_whole &= document.is_whole
        if document.complete and not document.next_url:
            return Stop.EXHAUSTED if is_whole else Stop.PLATFORM_CAP
        if _paged_past(document, query):
            return Stop.UNTIL_DATE
        address = answered_address(page, address) or ""
        older = None if document.next_url or is_declared else _older_on_wordpress(document, address)
        if not document.next_url and not older:
            return Stop.EXHAUSTED if is_declared and is_whole else Stop.PLATFORM_CAP
        following = next_page(page, document.next_url or older)
        if not following or following in asked:
            return Stop.ERROR
        asked.add(following)
        is_declared, address = older is None, following
        page = get(address)
        if older and page.status == 404 and not challenge_in(page):
            return Stop.EXHAUSTED if is_whole and _is_end_of_wordpress(page) else Stop.PLATFORM_CAP
        refuse(page, f"the feed's further page {address}")


def claims(capture: Capture) -> bool:
    """Say whether it starts like a feed."""
    return "html" not in capture.media_type and _MARK.search(capture.body[:_LOOK]) is not None


def parse(capture: Capture) -> list[Record]:
    """Read one feed document: the feed as an actor, its entries as posts.

    Raises:
        UnreadableCaptureError: The capture is no feed.
    """
    document = read_document(capture)
    feed = _feed_actor(document, capture)
    records: list[Record] = [*reservations(capture), *document.warnings]
    records += [*_next_page_warnings(document, capture), feed]
    for entry in document.entries:
        records += [entry] if isinstance(entry, ParseWarning) else _records(entry, feed, capture)
    return keep_first(records)


def _next_page_warnings(document: Document, capture: Capture) -> list[ParseWarning]:
    if not document.next_url or document.next_url.startswith(("https://", "http://")):
        return foreign_next_page(capture, document.next_url)
    what = f"What the feed names as its next page is {document.next_url}."
    return [warning(capture, "", what, "It could not be followed, so older posts may be missing.")]


def _paged_past(document: Document, query: Query) -> bool:
    since, _ = query.bounds
    return all_before(since, (_instant(e.published or e.updated) for e in document.entries if isinstance(e, Entry)))


def _older_on_wordpress(document: Document, address: str) -> str | None:
    """Return the page behind this one in a WordPress feed of posts; None when it is no such feed, or an empty one."""
    entries = [entry for entry in document.entries if isinstance(entry, Entry)]
    if not document.is_wordpress or not entries or all("#comment-" in (entry.link or "") for entry in entries):
        return None
    parts = urlsplit(address)
    named = parse_qsl(parts.query, keep_blank_values=True)
    number = digits_in(dict(named).get("paged") or 1)
    if not address or number is None:
        return None
    others = [(name, value) for name, value in named if name != "paged"]
    return parts._replace(query=urlencode([*others, ("paged", max(number, 1) + 1)]), fragment="").geturl()


def _is_end_of_wordpress(page: Capture) -> bool:
    """Say whether a 404 is WordPress's own word that there is no such page: a feed without entries.

    Any other 404 may come from something in between that did not understand the address.
    """
    try:
        document = read_document(page)
    except UnreadableCaptureError:
        return False
    return document.is_wordpress and not document.entries


def _declared_feed(page: Capture) -> str | None:
    """Return the feed that a web page declares on its own host; None when it is no web page or declares none."""
    if "html" not in page.media_type and not re.match(r"\s*(<!doctype html|<html)", page.text[:200], re.IGNORECASE):
        return None
    tree = parse_html(page.text)
    if tree is None:
        return None
    base = base_of(tree, page.url)
    offered: dict[str, str] = {}
    for link in tree.iter("link"):
        kind = (link.get("type") or "").partition(";")[0].strip().casefold()
        is_offered = "alternate" in (link.get("rel") or "").casefold().split() and kind in _FEED_TYPES
        url = next_page(page, absolute(base, link.get("href"))) if is_offered else None
        if url:
            offered.setdefault("feed" if kind != "application/json" else "perhaps a feed", url)
    return offered.get("feed") or offered.get("perhaps a feed")


# Records -----------------------------------------------------------------------------------------------------------


def _feed_actor(document: Document, capture: Capture) -> Actor:
    handle = _feed_handle(document, capture)
    return Actor(
        id=account_key("feed", handle),
        platform="feed",
        native_id=handle,
        handle=handle,
        name=document.title,
        url=document.site,
        summary=document.summary,
        exhibit=capture.exhibit,
        pointer="",
    )


def _feed_handle(document: Document, capture: Capture) -> str:
    """Name a feed the same on each of its pages: by its site, else by its address without page numbers."""
    site = document.site if document.site and next_page(capture, document.site) else None
    parts = urlsplit(site or capture.url)
    named = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([(name, value) for name, value in named if name.casefold() not in _PAGING])
    return (parts.netloc + parts.path).rstrip("/") + (f"?{query}" if query else "")


def _identity(entry: Entry, capture: Capture) -> str:
    """Return the post's id. A guid that is no IRI means something inside its own feed only: the host goes with it."""
    native = _native_id(entry)
    return f"feed:{native}" if _IRI.match(native) else f"feed:{urlsplit(capture.url).netloc}#{native}"


def _native_id(entry: Entry) -> str:
    if entry.guid or entry.link:
        return str(entry.guid or entry.link)
    told = "\n".join([entry.title or "", entry.published or "", entry.html or entry.plain or ""])
    return "sha256:" + hashlib.sha256(told.encode()).hexdigest()


def _records(entry: Entry, feed: Actor, capture: Capture) -> list[Record]:
    host = urlsplit(capture.url).netloc
    author = entry.name or entry.email
    published, updated = _instant(entry.published), _instant(entry.updated)
    content = html_to_text(entry.html) if entry.html else entry.plain
    post = Post(
        id=_identity(entry, capture),
        platform="feed",
        native_id=_native_id(entry),
        type="Article",
        url=entry.link,
        attributed_to=account_key("feed", f"{author}@{host}") if author else feed.id,
        author_handle=f"{author}@{host}" if author else feed.handle,
        author_name=author or feed.name,
        content=content or entry.title,
        content_html=entry.html,
        language=entry.language,
        published=published.instant if published else None,
        published_raw=entry.published,
        published_basis="author-claimed" if entry.published else "none",
        published_zone_known=bool(published and published.zone_known),
        updated=updated.instant if updated else None,
        in_reply_to=f"feed:{entry.answers}" if entry.answers else None,
        tag=tuple(Tag(type="Hashtag", name=term, href=absolute(entry.base, at)) for term, at in entry.categories),
        attachment=entry.attachments,
        links=links_in(entry.html, entry.base) if entry.html else (),
        replies=entry.comments,
        **seen(capture, entry.pointer, _COLLECTOR),
        absent=_absent(entry),
        extra=_told(entry),
    )
    return [post, *_date_warnings(entry, (published, updated), capture)]


def _absent(entry: Entry) -> dict[str, Absence]:
    offered = {
        "published": entry.published,
        "updated": entry.updated,
        "language": entry.language,
        "url": entry.link,
        "in_reply_to_account": None if entry.answers else "",
        "replies": entry.comments,
        "announces": None,
        "likes": None,
    }
    return {name: "missing" for name, value in offered.items() if value is None}


def _told(entry: Entry) -> dict[str, Any]:
    named = {"title": entry.title, "author_email": entry.email, "author_url": entry.profile}
    raw = {"updated_raw": entry.updated}
    return {name: value for name, value in (named | raw).items() if value} | dict(entry.extra)


def _date_warnings(entry: Entry, dates: Iterable[Reading | None], capture: Capture) -> Iterator[ParseWarning]:
    effect = "The time is kept as written; it is no instant in the tables."
    for reading in dict.fromkeys(dates):
        if reading and reading.instant is None:
            yield warning(capture, entry.pointer, f"{reading.problem}.", effect)


# Values ------------------------------------------------------------------------------------------------------------


def _instant(written: str | None) -> Reading | None:
    return read_instant(written) if written else None
