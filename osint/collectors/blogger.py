"""Blogs on Blogger, through the feeds of each blog as JSON: posts, pages, comments.

**When a run is complete.** ``exhausted`` means that as many entries came as Blogger counts in
``openSearch$totalResults``; it gives 150 at once at most, whatever is asked for, so the next question starts where the
last answer ended. Fewer entries than are counted end the run with ``platform-cap``.

**Summaries.** A blog may have its feed cut to summaries, or switched off; a warning says so, and `webpage` reads the
pages themselves.

**Times** name their zone. A post bears the date that its author set; ``updated`` is the server's. A comment that was
removed keeps its place, and its text is Blogger's own.

Sources: https://developers.google.com/blogger/docs/2.0/developers_guide_protocol,
https://developers.google.com/gdata/docs/json
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from osint.activity import Absence, Actor, Attachment, Record, Tag
from osint.capture.exchange import Capture
from osint.collectors.answer import keep_first, read_json, refuse, reservations, warning
from osint.collectors.json_values import count, inside, objects, text
from osint.collectors.protocol import Get, Manifest, Stop, worst
from osint.collectors.sights import sight, undated
from osint.collectors.text import absolute, html_to_text, links_in, parse_html
from osint.collectors.times import all_before, dated
from osint.errors import QueryError, SourceError, SourceGoneError, UnreadableCaptureError
from osint.query import Query, ThreadQuery, UrlQuery

MANIFEST = Manifest(
    name="blogger",
    version="1",
    reads="posts, pages and comments of a blog on Blogger (url=), or one post with its comments (thread=)",
    queries=(UrlQuery, ThreadQuery),
    ways=("api", "file"),
    public="published posts with their authors, and approved comments",
    limits="a blog may be private, or cut its feed to summaries; held comments are left out unmarked",
    files="a feed of a blog (`alt=json`) that somebody saved",
    id_time="none",
    proof="documented",
    page=150,
    documentation="https://developers.google.com/blogger/docs/2.0/developers_guide_protocol",
    terms="The feeds are published for automatic reading; Google's terms of service apply.",
    terms_checked="unverified",
)

_EXPECTED = "a feed of Blogger as JSON"
_PAGE = 150
_HOST = re.compile(r"[a-z\d-]+\.blogspot\.(?:com|[a-z]{2}|com?\.[a-z]{2})")
_POST = re.compile(r"/(?:\d{4}/\d\d|p)/[^/]+\.html")
_COMMENTS_OF = re.compile(r"/feeds/(\d+)/comments/default")
_ID = re.compile(r"blog-(\d+)\.(post|page)-(\d+)")
_PROFILE = re.compile(r"/profile/(\d+)")
_REMOVED = "blogger.contentRemoved"


def query_for(url: str) -> Query | None:
    """Return the blog or the post of an address at Blogger; blogs under names of their own cannot be told by it."""
    parts = urlsplit(url)
    if not _HOST.fullmatch(parts.hostname or ""):
        return None
    return ThreadQuery(thread=url) if _POST.fullmatch(parts.path) else UrlQuery(url=url)


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield each page of a blog's posts, pages and comments; or a post and its comments."""
    if isinstance(query, ThreadQuery):
        return (yield from _thread(query, get))
    if not isinstance(query, UrlQuery):
        raise QueryError(f"{query} is no address of a blog; write it as url='https://name.blogspot.com/'.")
    root = _root(query.url)
    ends = set()
    for name in ("posts", "pages", "comments"):
        ends.add((yield from _feed(f"{root}/feeds/{name}/default", query, get)))
    return worst(ends)


def claims(capture: Capture) -> bool:
    """Say whether it looks like a feed of Blogger as JSON."""
    return b"blogger.com,1999:blog" in capture.body and b'"$t"' in capture.body


def parse(capture: Capture) -> list[Record]:
    """Read a page of a feed, or one entry.

    Raises:
        UnreadableCaptureError: It is neither.
    """
    value = read_json(capture, _EXPECTED)
    feed, one = inside(value, "feed"), inside(value, "entry")
    entries = inside(feed, "entry") if isinstance(feed, dict) else [one]
    if entries is None:
        entries = []
    if not isinstance(entries, list) or (feed is None and one is None):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it holds no entries")
    records: list[Record] = [*reservations(capture)]
    for number, entry in enumerate(entries):
        pointer = f"/feed/entry/{number}" if feed is not None else "/entry"
        if isinstance(entry, dict) and _ID.search(_said(entry, "id") or ""):
            records += _entry(entry, pointer, capture)
        else:
            records.append(warning(capture, pointer, "This is no entry: it has no id.", "It is not in the tables."))
    return keep_first(records)


# What to ask for ---------------------------------------------------------------------------------------------------


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _thread(query: ThreadQuery, get: Get) -> Generator[Capture, None, Stop]:
    page = get(query.thread)
    refuse(page, f"the post {query.thread}")
    named = _named_on(page)
    if not named:
        raise SourceError(
            f"{query.thread} names no feed of comments (exhibit {page.exhibit}), so it is no post of Blogger, or its "
            "blog has switched its feeds off. Collect the page with `webpage`."
        )
    root, number = _root(query.thread), named[1]
    post = get(f"{root}/feeds/posts/default/{number}", alt="json")
    if post.status == 404:
        # What stands outside the posts, "About me" for one, is a page.
        post = get(f"{root}/feeds/pages/default/{number}", alt="json")
    entry = inside(_answer(post, f"the post {query.thread}"), "entry")
    own = _link(entry, "alternate", post) if isinstance(entry, dict) else None
    if own and unquote(urlsplit(own).path) != unquote(urlsplit(query.thread).path):
        raise SourceError(
            f"{query.thread} names the comments of another post, {own} (exhibit {post.exhibit}). It is preserved and "
            "nothing was read from it: the authority names the post that was asked for."
        )
    yield post
    return (yield from _feed(f"{root}/feeds/{number}/comments/default", query, get))


def _named_on(page: Capture) -> re.Match[str] | None:
    """Return the ``link`` of a page to the feed of its comments; what readers write into it is none."""
    tree = parse_html(page.text)
    found = (_COMMENTS_OF.search(link.get("href") or "") for link in (tree.iter("link") if tree is not None else ()))
    return next((match for match in found if match), None)


def _feed(address: str, query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield each page of a feed, newest first; count what came against what Blogger counts."""
    known: set[str] = set()
    since, _ = query.bounds
    start = 1
    while True:
        asked: dict[str, Any] = {"alt": "json", "orderby": "published", "start-index": start, "max-results": _PAGE}
        page = get(address, **asked)
        feed = inside(_answer(page, f"the feed {address}"), "feed")
        if not isinstance(feed, dict):
            raise UnreadableCaptureError(page.exhibit, _EXPECTED, "it holds no feed")
        yield page
        entries = objects(feed.get("entry"))
        ids = {found[0] for entry in entries if (found := _ID.search(_said(entry, "id") or ""))}
        if ids and ids <= known:
            return Stop.ERROR
        known |= ids
        total = count(_said(feed, "openSearch$totalResults"))
        if all_before(since, (dated(_said(each, "published")) for each in entries)):
            return Stop.UNTIL_DATE
        start += len(entries)
        if not entries or (total is not None and len(known) >= total):
            return Stop.EXHAUSTED if total is not None and len(known) >= total else Stop.PLATFORM_CAP


def _answer(capture: Capture, wanted: str) -> Any:
    """Return the JSON of an answer that was not refused.

    Raises:
        SourceGoneError: There is no such blog, or its feeds are switched off.
    """
    if capture.status in (400, 404):
        raise SourceGoneError(
            f"Blogger answered {capture.status} for {wanted} (exhibit {capture.exhibit}): there is no such blog or "
            "post any longer, or the blog has switched its feeds off. Collect the page with `webpage`; look for copies "
            "in web archives; ask Google by legal process."
        )
    refuse(capture, wanted)
    return read_json(capture, _EXPECTED)


# Records -----------------------------------------------------------------------------------------------------------


def _said(value: Mapping[str, Any], name: str) -> str | None:
    return text(inside(value, name, "$t"))


def _entry(entry: Mapping[str, Any], pointer: str, capture: Capture) -> Iterator[Record]:
    found = _ID.search(_said(entry, "id") or "")
    assert found is not None
    blog, kind, number = found.groups()
    when, edited = dated(_said(entry, "published")), dated(_said(entry, "updated"))
    later = edited and edited.instant and when and when.instant and edited.instant > when.instant
    root, parent = _above(entry, blog)
    removed = _is_removed(entry)
    whole = _said(entry, "content")
    markup = whole or _said(entry, "summary") or ""
    author = _author(entry, pointer, capture)
    name = _said(objects(entry.get("author"))[0], "name") if objects(entry.get("author")) else None
    base = _link(entry, "alternate", capture) or capture.url
    yield sight(
        capture, MANIFEST, f"blog-{blog}.{kind}-{number}", pointer, when,
        type="Tombstone" if removed else "Note" if root else "Page" if kind == "page" else "Article",
        url=_link(entry, "alternate", capture),
        attributed_to=author.id if author else None,
        author_handle=author.handle if author else None,
        author_name=name,
        content=None if removed else html_to_text(markup),
        content_html=None if removed else markup or None,
        basis="platform" if root else "author-claimed",
        updated=edited.instant if edited and later else None,
        in_reply_to=parent or root,
        thread_root=root,
        tag=tuple(_labels(entry)),
        attachment=tuple(_attachments(entry, capture)),
        links=links_in(markup, base),
        replies=count(_said(entry, "thr$total")),
        absent=_absent(removed, bool(markup), author is not None),
        extra=_extra(entry, blog, has_account=author is not None),
    )  # fmt: skip
    if author:
        yield author
    yield from undated(capture, pointer, when)
    if whole is None and not removed:
        what = "The blog gives this entry as a summary, or without its text."
        yield warning(capture, pointer, what, "Its content is not whole in the tables; collect its page.")


def _extra(entry: Mapping[str, Any], blog: str, *, has_account: bool) -> dict[str, Any]:
    told = {
        "title": html_to_text(_said(entry, "title") or ""),
        "blog": blog,
        "summary_only": _said(entry, "content") is None and _said(entry, "summary") is not None,
        "author_address": None if has_account else _address(entry),
    }
    return {name: each for name, each in told.items() if each}


def _is_removed(entry: Mapping[str, Any]) -> bool:
    """Say whether a comment only keeps its place; what then stands in it is Blogger's own."""
    marks = objects(entry.get("gd$extendedProperty"))
    return any(each.get("name") == _REMOVED and each.get("value") == "true" for each in marks)


def _labels(entry: Mapping[str, Any]) -> Iterator[Tag]:
    for each in objects(entry.get("category")):
        if (label := text(each.get("term"))) and not str(each.get("scheme")).endswith("#kind"):
            yield Tag(type="Hashtag", name=label)


def _above(entry: Mapping[str, Any], blog: str) -> tuple[str | None, str | None]:
    """Return the post that a comment stands under, and the comment that it answers."""
    under = _ID.search(str(inside(entry, "thr$in-reply-to", "ref")))
    root = f"{MANIFEST.name}:{under[0]}" if under else None
    related = next((str(each.get("href")) for each in objects(entry.get("link")) if each.get("rel") == "related"), "")
    number = related.rstrip("/").rpartition("/")[2]
    parent = f"{MANIFEST.name}:blog-{blog}.post-{number}" if root and number.isdigit() else None
    return root, parent


def _author(entry: Mapping[str, Any], pointer: str, capture: Capture) -> Actor | None:
    """Return the account of an author; whoever comments without one has a name alone."""
    authors = objects(entry.get("author"))[:1]
    profile = _PROFILE.search(_said(authors[0], "uri") or "") if authors else None
    if not profile:
        return None
    return Actor(
        id=f"account:{MANIFEST.name}:{profile[1]}",
        platform=MANIFEST.name,
        native_id=profile[1],
        handle=profile[1],
        name=_said(authors[0], "name"),
        url=absolute(capture.url, _said(authors[0], "uri")),
        exhibit=capture.exhibit,
        pointer=f"{pointer}/author/0",
    )


def _address(entry: Mapping[str, Any]) -> str | None:
    """Return the address that an author gave who has no profile; anyone can give any."""
    return next((_said(author, "uri") for author in objects(entry.get("author"))[:1]), None)


def _absent(removed: bool, told: bool, named: bool) -> dict[str, Absence]:
    absent: dict[str, Absence] = {"content": "hidden"} if removed else {} if told else {"content": "missing"}
    return absent if named else {**absent, "attributed_to": "missing"}


def _link(entry: Mapping[str, Any], relation: str, capture: Capture) -> str | None:
    links = (each for each in objects(entry.get("link")) if each.get("rel") == relation)
    return next((url for each in links if (url := absolute(capture.url, each.get("href")))), None)


def _attachments(entry: Mapping[str, Any], capture: Capture) -> Iterator[Attachment]:
    picture = inside(entry, "media$thumbnail")
    url = absolute(capture.url, picture.get("url")) if isinstance(picture, dict) else None
    if url and isinstance(picture, dict):
        yield Attachment(
            url=url, name="thumbnail", width=count(picture.get("width")), height=count(picture.get("height"))
        )
