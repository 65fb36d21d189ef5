"""Blogs, news and alert services through their feeds: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed.

**When a run is complete.** A plain feed shows its latest items only, so a run over one ends with ``platform-cap``. It
ends with ``exhausted`` when the feed says that it is whole (``fh:complete``), or when the last of a chain of pages
(``rel="next"`` or ``"prev-archive"``, JSON Feed ``next_url``) names no further page. Only addresses that the feed
declares are asked for, with one exception: WordPress declares no further page and has them all the same, at
``?paged=2`` and so on. Where a feed of posts names WordPress as its generator, they are asked for until WordPress ends
them with a 404 that is a feed without entries; any other 404 does not show that there is no more. Its feeds of comments
have no further pages (and the same 404), so they are plain feeds.

**Who wrote it.** An author is a name at the feed's host, ``account:feed:jane example@blog.example``: the same name on
another host is another node. An entry without an author belongs to the feed itself, ``account:feed:blog.example/news``.

**Dates** are what the publisher wrote, so their basis is "author-claimed". One without a zone is kept as written and is
no instant.

Source: RSS 2.0, RFC 4287 (Atom), RFC 4685 (thr:in-reply-to), RFC 5005 (paging), https://www.jsonfeed.org/version/1.1/,
https://developer.wordpress.org/reference/classes/wp/handle_404/ (the end of WordPress's pages).
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import feedparser
from feedparser.exceptions import ThingsNobodyCaresAboutButMe

from osint.activity import Absence, Actor, Attachment, ParseWarning, Post, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import (
    answered_address,
    challenge_in,
    foreign_next_page,
    keep_first,
    next_page,
    read_json,
    refuse,
    reservations,
    warning,
)
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.text import absolute, base_of, html_to_text, links_in, parse_html, well_formed
from osint.errors import UnreadableCaptureError
from osint.instants import Reading, read_instant
from osint.query import Query, UrlQuery

MANIFEST = Manifest(
    name="feed",
    version="1",
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
_EXPECTED = "a feed (RSS, Atom or JSON Feed)"
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/json")
_PAGING = frozenset({"page", "paged", "start-index", "offset"})
_WORDPRESS = re.compile(r"\s*(WordPress\b|https?://(www\.)?wordpress\.(org|com)\b)", re.IGNORECASE)
_MARK = re.compile(rb"<(rss|feed|rdf:RDF)[\s>]|jsonfeed\.org/version/", re.IGNORECASE)
_ADDRESS = re.compile(
    r"/(feed|rss|atom|feeds?/.+|[^/]*\.(rss|atom|rdf)|(rss|atom|feed|index)\.xml|feed\.json)/?\Z", re.IGNORECASE
)
_LOOK = 1 << 12  # bytes in which a document says what it is
_DEEPEST = 2_000  # elements; the lenient parser's time grows with the square of the depth
_TAG = re.compile(r"<(/?)[A-Za-z][^<>]*?(/?)>")
_ENTITY = re.compile(r"<!ENTITY[^>]{0,2000}>")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z")
# What feedparser's lenient parser lets escape on bytes that are no feed.
_PARSER_FAILURES = (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError,
                    ThingsNobodyCaresAboutButMe)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """One entry in whatever format, before it becomes a post."""

    pointer: str
    guid: str | None
    link: str | None
    title: str | None
    html: str | None
    plain: str | None
    base: str
    published: str | None
    updated: str | None
    name: str | None
    email: str | None
    profile: str | None
    language: str | None
    categories: tuple[tuple[str, str | None], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    answers: str | None = None
    comments: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Document:
    """One feed document in whatever format."""

    title: str | None
    site: str | None
    summary: str | None
    next_url: str | None
    complete: bool
    is_wordpress: bool = False
    entries: Sequence[_Entry | ParseWarning]
    warnings: Sequence[ParseWarning] = ()


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
    asked, known, is_declared = {page.url, address}, set[str](), False
    while True:
        document = _read(page)
        ids = {_identity(entry, page) for entry in document.entries if isinstance(entry, _Entry)}
        yield page
        if ids and ids <= known:
            return Stop.ERROR
        known |= ids
        if document.complete:
            return Stop.EXHAUSTED
        if _paged_past(document, query):
            return Stop.UNTIL_DATE
        address = answered_address(page, address) or ""
        older = None if document.next_url or is_declared else _older_on_wordpress(document, address)
        if not document.next_url and not older:
            return Stop.EXHAUSTED if is_declared else Stop.PLATFORM_CAP
        following = next_page(page, document.next_url or older)
        if not following or following in asked:
            return Stop.ERROR
        asked.add(following)
        is_declared, address = older is None, following
        page = get(address)
        if older and page.status == 404 and not challenge_in(page):
            return Stop.EXHAUSTED if _is_end_of_wordpress(page) else Stop.PLATFORM_CAP
        refuse(page, f"the feed's further page {address}")


def claims(capture: Capture) -> bool:
    """Say whether it starts like a feed."""
    return "html" not in capture.media_type and _MARK.search(capture.body[:_LOOK]) is not None


def parse(capture: Capture) -> list[Record]:
    """Read one feed document: the feed as an actor, its entries as posts.

    Raises:
        UnreadableCaptureError: The capture is no feed.
    """
    document = _read(capture)
    feed = _feed_actor(document, capture)
    records: list[Record] = [*reservations(capture), *document.warnings]
    records += [*foreign_next_page(capture, document.next_url), feed]
    for entry in document.entries:
        records += [entry] if isinstance(entry, ParseWarning) else _records(entry, feed, capture)
    return keep_first(records)


@lru_cache(maxsize=1)  # ``pages`` and ``parse`` read the same capture one after the other
def _read(capture: Capture) -> _Document:
    if not capture.text.strip("\ufeff\x00 \t\r\n"):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "the body is empty")
    return _read_json_feed(capture) if capture.text.lstrip("\ufeff \t\r\n").startswith("{") else _read_xml(capture)


def _paged_past(document: _Document, query: Query) -> bool:
    since, _ = query.bounds
    readings = [_instant(e.published or e.updated) for e in document.entries if isinstance(e, _Entry)]
    instants = [reading.instant for reading in readings if reading and reading.instant]
    return since is not None and bool(instants) and max(instants) < since


def _older_on_wordpress(document: _Document, address: str) -> str | None:
    """Return the page behind this one in a WordPress feed of posts; None when it is no such feed, or an empty one."""
    entries = [entry for entry in document.entries if isinstance(entry, _Entry)]
    if not document.is_wordpress or not entries or all("#comment-" in (entry.link or "") for entry in entries):
        return None
    parts = urlsplit(address)
    named = parse_qsl(parts.query, keep_blank_values=True)
    number = _count(dict(named).get("paged") or 1)
    if not address or number is None:
        return None
    others = [(name, value) for name, value in named if name != "paged"]
    return parts._replace(query=urlencode([*others, ("paged", max(number, 1) + 1)]), fragment="").geturl()


def _is_end_of_wordpress(page: Capture) -> bool:
    """Say whether a 404 is WordPress's own word that there is no such page: a feed without entries.

    Any other 404 may come from something in between that did not understand the address.
    """
    try:
        document = _read(page)
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


# JSON Feed ---------------------------------------------------------------------------------------------------------


def _read_json_feed(capture: Capture) -> _Document:
    feed = read_json(capture, _EXPECTED)
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "JSON, but without the items of a JSON Feed")
    odd = [] if "jsonfeed.org" in str(feed.get("version")) else ["The document does not say that it is a JSON Feed."]
    return _Document(
        title=_text(feed.get("title")),
        site=absolute(capture.url, feed.get("home_page_url")),
        summary=_text(feed.get("description")),
        next_url=absolute(capture.url, feed.get("next_url")),
        complete=False,
        entries=[_json_entry(item, number, feed, capture) for number, item in enumerate(feed["items"])],
        warnings=[warning(capture, "/version", what, "It was read as one.") for what in odd],
    )


def _json_entry(item: Any, number: int, feed: Mapping[str, Any], capture: Capture) -> _Entry | ParseWarning:
    pointer = f"/items/{number}"
    if not isinstance(item, dict) or not item:
        return warning(capture, pointer, "This item is no object, or an empty one.", "It is not in the tables.")
    author = _first_object(item.get("authors"), item.get("author"), feed.get("authors"), feed.get("author"))
    link = absolute(capture.url, item.get("url")) or absolute(capture.url, item.get("external_url"))
    tags = item.get("tags")
    return _Entry(
        pointer=pointer,
        guid=_native(item.get("id")),
        link=link,
        title=_text(item.get("title")),
        html=_text(item.get("content_html")),
        plain=_text(item.get("content_text")) or _text(item.get("summary")),
        base=link or capture.url,
        published=_text(item.get("date_published")),
        updated=_text(item.get("date_modified")),
        name=_text(author.get("name")),
        email=None,
        profile=absolute(capture.url, author.get("url")),
        language=_text(item.get("language")) or _text(feed.get("language")),
        categories=tuple((tag, None) for tag in tags if _text(tag)) if isinstance(tags, list) else (),
        attachments=tuple(_json_attachments(item, capture)),
        extra={k: item[k] for k in ("summary", "external_url", "banner_image") if _text(item.get(k))},
    )


def _json_attachments(item: Mapping[str, Any], capture: Capture) -> Iterator[Attachment]:
    image = absolute(capture.url, item.get("image"))
    if image:
        yield Attachment(url=image)
    listed = item.get("attachments")
    for file in listed if isinstance(listed, list) else []:
        url = absolute(capture.url, file.get("url")) if isinstance(file, dict) else None
        if url:
            yield Attachment(url=url, media_type=_text(file.get("mime_type")), name=_text(file.get("title")))


def _first_object(*candidates: Any) -> Mapping[str, Any]:
    for candidate in candidates:
        first = candidate[0] if isinstance(candidate, list) and candidate else candidate
        if isinstance(first, dict) and first:
            return first
    return {}


# RSS and Atom ------------------------------------------------------------------------------------------------------


def _read_xml(capture: Capture) -> _Document:
    feed, format_name, entries, problems = _parse_xml(capture)
    if not entries and not format_name:
        reason = f"nothing of a feed was found, served as {capture.media_type}"
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)
    effect = "It was read leniently; entries beyond the fault may be missing or cut."
    relations = {link.get("rel"): link.get("href") for link in reversed(dict.get(feed, "links", []))}
    return _Document(
        title=_plain(feed, "title"),
        site=absolute(capture.url, dict.get(feed, "link")),
        summary=_plain(feed, "subtitle"),
        next_url=absolute(capture.url, relations.get("next") or relations.get("prev-archive")),
        complete="fh_complete" in dict.keys(feed),
        is_wordpress=bool(_WORDPRESS.match(_text(dict.get(feed, "generator")) or "")),
        entries=[_xml_entry(entry, number, feed, format_name, capture) for number, entry in enumerate(entries, 1)],
        warnings=[warning(capture, "", what, effect) for what in problems],
    )


def _parse_xml(capture: Capture) -> tuple[Any, str, list[Any], list[str]]:
    """Return the feed's own data, its format, its entries, and what is wrong with its XML.

    feedparser is handed a stream of bytes, so that it never opens a file or an address. It neither cleans nor rewrites
    markup here: the record keeps what was sent.
    """
    if _depth(capture.text) > _DEEPEST:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, f"nested deeper than {_DEEPEST} elements")
    text, declared = _without_entities(well_formed(capture.text))
    headers = {"content-type": "application/xml; charset=utf-8"}
    body = io.BytesIO(text.encode())
    try:
        read = feedparser.parse(body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except _PARSER_FAILURES as error:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "broken beyond what the feed parser reads") from error
    fault = str(read.get("bozo_exception", "")).removeprefix("<unknown>:") if read.get("bozo") else ""
    problems = [f"The feed is not well-formed XML: {fault}."] if fault else []
    problems += [f"The feed declares {declared} entities of its own, which were not expanded."] if declared else []
    return read["feed"], read.get("version") or "", read["entries"], problems


def _without_entities(text: str) -> tuple[str, int]:
    """Return XML whose head declares no entities, and how many it had declared.

    Entities that name each other blow up to gigabytes, and others name files. Runs of white space become one line end,
    since feedparser's time over the head grows with their square.
    """
    first = re.search(r"<\w", text)
    start = first.start() if first else 0
    head, declared = _ENTITY.subn("", text[:start])
    return re.sub(r"\s+", "\n", head.strip()) + text[start:], declared


def _depth(text: str) -> int:
    depth = deepest = 0
    for closing, empty in _TAG.findall(text):
        depth += -1 if closing else 0 if empty else 1
        deepest = max(deepest, depth)
    return deepest


def _xml_entry(entry: Any, number: int, feed: Any, format_name: str, capture: Capture) -> _Entry:
    link = absolute(capture.url, dict.get(entry, "link"))
    author = next((a for a in [*_authors(entry), *_authors(feed)] if a.get("name") or a.get("email")), {})
    html, plain, content = _body(entry)
    published, updated = _text(dict.get(entry, "published")), _text(dict.get(entry, "updated"))
    if format_name.startswith("rss") and not published:  # dc:date, which RSS uses for the publication
        published, updated = updated, None
    answered = dict.get(entry, "thr_in-reply-to")
    return _Entry(
        pointer=f"(//*[local-name()='item' or local-name()='entry'])[{number}]",
        guid=_native(dict.get(entry, "id")),
        link=link,
        title=_plain(entry, "title"),
        html=html,
        plain=plain,
        base=absolute(capture.url, content.get("base")) or link or capture.url,
        published=published,
        updated=updated,
        name=_text(author.get("name")),
        email=_text(author.get("email")),
        profile=absolute(capture.url, author.get("href")),
        language=_text(content.get("language")) or _text(dict.get(feed, "language")),
        categories=tuple(_categories(entry)),
        attachments=tuple(_xml_attachments(entry, capture)),
        answers=_text(answered.get("ref")) if isinstance(answered, dict) else None,
        comments=_count(dict.get(entry, "thr_total", dict.get(entry, "slash_comments"))),
        extra=_extra(entry, content),
    )


def _authors(context: Any) -> list[Mapping[str, Any]]:
    return [*dict.get(context, "authors", []), dict.get(context, "author_detail", {})]


def _body(entry: Any) -> tuple[str | None, str | None, Mapping[str, Any]]:
    """Return HTML, plain text (one of the two) and feedparser's own record of where they came from."""
    contents = [c for c in dict.get(entry, "content", []) if _text(c.get("value"))]
    content = next((c for c in contents if "html" in str(c.get("type"))), contents[0] if contents else None)
    content = content or dict.get(entry, "summary_detail", {})
    value = _text(content.get("value")) or _text(dict.get(entry, "summary"))
    return (value, None, content) if "html" in str(content.get("type", "html")) else (None, value, content)


def _categories(entry: Any) -> Iterator[tuple[str, str | None]]:
    for tag in dict.get(entry, "tags", []):
        name = _text(tag.get("term")) or _text(tag.get("label"))
        if name:
            yield name, _text(tag.get("scheme"))


def _xml_attachments(entry: Any, capture: Capture) -> Iterator[Attachment]:
    enclosed = [link for link in dict.get(entry, "links", []) if link.get("rel") == "enclosure"]
    for file in [*enclosed, *dict.get(entry, "media_content", [])]:
        url = absolute(capture.url, file.get("href") or file.get("url"))
        if url:
            width, height = _count(file.get("width")), _count(file.get("height"))
            name = _text(file.get("title"))
            yield Attachment(url=url, media_type=_text(file.get("type")), name=name, width=width, height=height)


def _extra(entry: Any, content: Mapping[str, Any]) -> dict[str, Any]:
    summary = _text(dict.get(entry, "summary"))
    told = {
        "summary": html_to_text(summary) if summary and summary != content.get("value") else None,
        "contributors": [name for c in dict.get(entry, "contributors", []) if (name := _text(c.get("name")))],
        "comments_url": _text(dict.get(entry, "comments")),
        "rights": _text(dict.get(entry, "rights")),
    }
    return {name: value for name, value in told.items() if value}


# Records -----------------------------------------------------------------------------------------------------------


def _feed_actor(document: _Document, capture: Capture) -> Actor:
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


def _feed_handle(document: _Document, capture: Capture) -> str:
    """Name a feed the same on each of its pages: by its site, else by its address without page numbers."""
    site = document.site if document.site and next_page(capture, document.site) else None
    parts = urlsplit(site or capture.url)
    named = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([(name, value) for name, value in named if name.casefold() not in _PAGING])
    return (parts.netloc + parts.path).rstrip("/") + (f"?{query}" if query else "")


def _identity(entry: _Entry, capture: Capture) -> str:
    """Return the post's id. A guid that is no IRI means something inside its own feed only: the host goes with it."""
    native = _native_id(entry)
    return f"feed:{native}" if _IRI.match(native) else f"feed:{urlsplit(capture.url).netloc}#{native}"


def _native_id(entry: _Entry) -> str:
    if entry.guid or entry.link:
        return str(entry.guid or entry.link)
    told = "\n".join([entry.title or "", entry.published or "", entry.html or entry.plain or ""])
    return "sha256:" + hashlib.sha256(told.encode()).hexdigest()


def _records(entry: _Entry, feed: Actor, capture: Capture) -> list[Record]:
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
        exhibit=capture.exhibit,
        pointer=entry.pointer,
        collector=_COLLECTOR,
        collected=capture.collected,
        absent=_absent(entry),
        extra=_told(entry),
    )
    return [post, *_date_warnings(entry, (published, updated), capture)]


def _absent(entry: _Entry) -> dict[str, Absence]:
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


def _told(entry: _Entry) -> dict[str, Any]:
    named = {"title": entry.title, "author_email": entry.email, "author_url": entry.profile}
    raw = {"updated_raw": entry.updated}
    return {name: value for name, value in (named | raw).items() if value} | dict(entry.extra)


def _date_warnings(entry: _Entry, dates: Iterable[Reading | None], capture: Capture) -> Iterator[ParseWarning]:
    effect = "The time is kept as written; it is no instant in the tables."
    for reading in dict.fromkeys(dates):
        if reading and reading.instant is None:
            yield warning(capture, entry.pointer, f"{reading.problem}.", effect)


# Values ------------------------------------------------------------------------------------------------------------


def _instant(written: str | None) -> Reading | None:
    return read_instant(written) if written else None


def _text(value: Any) -> str | None:
    return well_formed(value.strip()) or None if isinstance(value, str) else None


def _plain(context: Any, name: str) -> str | None:
    """Return a title as text: an HTML one loses its markup."""
    value = _text(dict.get(context, name))
    detail = dict.get(context, f"{name}_detail", {})
    return (html_to_text(value) or None) if value and "html" in str(detail.get("type")) else value


def _native(value: Any) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)


def _count(value: Any) -> int | None:
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
