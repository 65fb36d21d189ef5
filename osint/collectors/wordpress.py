"""Blogs and sites made with WordPress, through the interface that it has by itself: posts, pages, comments.

**Where it lies.** A page of a WordPress names its interface, in a header or a ``link``; under plain permalinks that is
``?rest_route=``. Further pages are asked for by number: the ``Link`` that WordPress sends for the next one may lead
elsewhere. Sites at wordpress.com are answered for by another host.

**When a run is complete.** ``exhausted`` means that every list was read to the last page that WordPress counts, and
holds as many as it counts; where it lists fewer than it counts the run ends with ``platform-cap``. A site that has
switched its interface off still has a feed.

**Times.** WordPress gives UTC in ``date_gmt`` and does not write the zone. The date of a post is what its author set;
``updated`` and the dates of comments are the server's clock.

**Who wrote it.** Accounts are named by their ``slug``; a comment without an account has a name that anyone can give.
``extra["gravatar"]`` is a hash of the e-mail address behind a comment: the same hash is the same address.

Sources: https://developer.wordpress.org/rest-api/reference/posts/, /comments/, /users/, /using-the-rest-api/pagination/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from osint.activity import Absence, Actor, Attachment, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import keep_first, read_json, refuse, reservations, warning
from osint.collectors.json_values import count, inside, left_over, list_in, native, objects, text
from osint.collectors.protocol import Get, Manifest, Stop, worst
from osint.collectors.sights import sight, undated
from osint.collectors.text import absolute, html_to_text, links_in, parse_html
from osint.collectors.times import all_before, dated
from osint.collectors.wordpress_site import ANSWERS_FOR_HOSTED, HOSTED, SWITCHED_OFF, Site, declared_links, site_at
from osint.errors import SourceClosedError, SourceError, SourceGoneError, UnreadableCaptureError
from osint.instants import Reading
from osint.query import AccountQuery, Query, ThreadQuery, UrlQuery

MANIFEST = Manifest(
    name="wordpress",
    version="1",
    reads="posts, pages and comments of a WordPress site (url=), one post with its comments (thread=), or one author's",
    queries=(UrlQuery, ThreadQuery, AccountQuery),
    ways=("api", "file"),
    public="published posts and pages with their authors, and approved comments",
    limits="texts behind a password are withheld; a site may switch the interface off or hide its authors; then use "
    "`feed`",
    files="answers of its REST API that somebody saved",
    id_time="none: numbers only rise within a site",
    proof="real server",
    asks=("public-api.wordpress.com",),
    page=100,
    documentation="https://developer.wordpress.org/rest-api/reference/posts/",
    terms="Each site has its own; read them before the first run.",
    terms_checked="unverified",
)

_EXPECTED = "an answer of the WordPress REST API"
_PAGE = 100
_EMBED = "author,wp:term,wp:featuredmedia"
_INTERFACE = re.compile(r"(?P<folder>.*?)/wp-json(?:/.*)?|.*", re.DOTALL)
_HOSTED_POST = re.compile(r"/\d{4}/\d\d/\d\d/[^/]+/?")
_ITEM = re.compile(r"/wp/v2/(?P<kind>posts|pages)/(?P<id>\d+)/?\Z")
_GRAVATAR = re.compile(r"/avatar/([0-9a-f]{32,64})\b")
_TYPES = {"post": "Article", "page": "Page"}
_READ = frozenset({
    "id", "date_gmt", "modified", "modified_gmt", "guid", "link", "title", "content", "excerpt", "_links", "_embedded",
    "type", "author_avatar_urls", "author_name", "meta", "ping_status", "template", "parent", "post", "status",
})  # fmt: skip
_EMBEDDED = {"author": "slug", "wp:term": "name", "wp:featuredmedia": "source_url"}  # each with what it has to hold


def query_for(url: str) -> Query | None:
    """Return the site or the post of an address that only a WordPress has."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host.endswith(HOSTED) and host.count(".") == 2 and host not in ("www.wordpress.com", "public-api.wordpress.com"):
        return ThreadQuery(thread=url) if _HOSTED_POST.fullmatch(parts.path) else UrlQuery(url=url)
    is_interface = "/wp-json" in parts.path or "rest_route=" in parts.query
    return UrlQuery(url=url) if host and is_interface else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield each page of a site's posts, pages and comments; or a post and its comments; or an author and the posts."""
    if isinstance(query, AccountQuery):
        return (yield from _author_posts(query, site_at(f"https://{query.host}/", get)[0]))
    if isinstance(query, ThreadQuery):
        return (yield from _thread(query, get))
    assert isinstance(query, UrlQuery)
    site, _ = site_at(query.url, get)
    ends = set()
    for name in ("posts", "pages", "comments"):
        ends.add((yield from _listed(site, name, query)))
    return worst(ends)


def claims(capture: Capture) -> bool:
    """Say whether it looks like posts, pages or comments of the interface."""
    body = capture.body
    marks = (b'"date_gmt"', b'"rendered"', b'"_links"')
    return body.lstrip()[:1] in (b"{", b"[") and all(mark in body for mark in marks)


def parse(capture: Capture) -> list[Record]:
    """Read a list of posts, pages, comments or authors, or one of these.

    Raises:
        UnreadableCaptureError: It is none of these.
    """
    value = read_json(capture, _EXPECTED)
    listed = value if isinstance(value, list) else [value]
    if isinstance(value, dict) and _kind(value) is None:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "the server refused" if "code" in value else "no post")
    if not isinstance(value, dict | list):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "neither a list nor a post")
    records: list[Record] = [*reservations(capture)]
    for number, item in enumerate(listed):
        pointer = f"/{number}" if isinstance(value, list) else ""
        read = _kind(item)
        if read:
            records += read(item, pointer, capture)
        else:
            what = "This is neither a post nor a comment."
            records.append(warning(capture, pointer, what, "It is not in the tables."))
    return keep_first(records)


# What to ask for ---------------------------------------------------------------------------------------------------


def _thread(query: ThreadQuery, get: Get) -> Generator[Capture, None, Stop]:
    site, page = site_at(query.thread, get)
    named = [href for rel, href in declared_links(page) if rel == "alternate application/json"] if page else []
    found = next((item for href in named if (item := _ITEM.search(unquote(href)))), None)
    slug = unquote(urlsplit(query.thread).path).rstrip("/").rpartition("/")[2]
    if not found and not slug:
        raise SourceError(f"{query.thread} names no post. Ask for the site with url=, or collect it with `webpage`.")
    if found:
        post = site.ask(f"{found['kind']}/{found['id']}", _embed=_EMBED)
    else:
        post = site.ask("posts", slug=slug, _embed=_EMBED)
    items = _items(post, f"the post {query.thread}")
    items = items if found else [item for item in items if _is_called(item, slug)]
    number = native(items[0].get("id")) if items else None
    if not number:
        raise SourceGoneError(
            f"The site lists no post under {query.thread} (exhibit {post.exhibit}). It was removed, renamed, is not "
            "public, or is no post but a page. Look for copies in web archives; ask the operator by legal process."
        )
    yield post
    return (yield from _listed(site, "comments", query, post=number, order="asc"))


def _author_posts(query: AccountQuery, site: Site) -> Generator[Capture, None, Stop]:
    answer = site.ask("users", slug=query.name)
    listed = _items(answer, f"the author {query.account}")
    found = [item for item in listed if _is_called(item, query.name)]
    number = native(found[0].get("id")) if found else None
    if not number:
        raise SourceGoneError(
            f"The site lists no author {query.account} (exhibit {answer.exhibit}). Authors without published posts are "
            "not listed. Check the spelling against the address of the author's page."
        )
    yield answer
    return (yield from _listed(site, "posts", query, author=number))


def _is_called(item: Mapping[str, Any], slug: str) -> bool:
    return unquote(str(item.get("slug"))).casefold() == slug.casefold()


def _listed(site: Site, name: str, query: Query, **more: str | int) -> Generator[Capture, None, Stop]:
    """Yield each page of a list, newest first unless said; count what came against what WordPress counts."""
    known: set[str] = set()
    total: int | None = None
    since, _ = query.bounds
    number = 1
    while True:
        page = site.ask(name, per_page=_PAGE, page=number, _embed=_EMBED, **more)
        if number > 1 and page.status == 400 and _code(page).endswith("_invalid_page_number"):
            break
        items = _items(page, f"the {name}")
        yield page
        ids = {shown for item in items if (shown := native(item.get("id")))}
        if ids and ids <= known:
            return Stop.ERROR
        known |= ids
        if "order" not in more and all_before(since, map(_when, items)):
            return Stop.UNTIL_DATE
        last, counted = count(page.header("X-WP-TotalPages")), count(page.header("X-WP-Total"))
        total = total if counted is None else counted
        if not items or (last is not None and number >= last):
            break
        number += 1
    return Stop.PLATFORM_CAP if total is not None and len(known) < total else Stop.EXHAUSTED


def _items(capture: Capture, wanted: str) -> list[dict[str, Any]]:
    """Return the objects of an answer that was not refused.

    Raises:
        SourceClosedError: The interface wants a visitor to sign in.
        SourceError: There is no such interface.
    """
    code = _code(capture)
    refused = f"The site refuses {wanted} ({code or capture.status}, exhibit {capture.exhibit})."
    if code == "rest_cannot_read_post":
        raise SourceClosedError(f"{refused} They are kept for those who have the post's password, as its text is.")
    if capture.status in (401, 403) and code:
        raise SourceClosedError(f"{refused} {SWITCHED_OFF}")
    if capture.status == 404 and code != "rest_post_invalid_id":
        raise SourceError(f"{refused} {SWITCHED_OFF}")
    refuse(capture, wanted, code)
    value = read_json(capture, _EXPECTED)
    if not isinstance(value, dict | list):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "neither a list nor a post")
    return objects(value if isinstance(value, list) else [value])


def _code(capture: Capture) -> str:
    """Return the word for a refusal; empty when there is none."""
    if capture.status < 400 or capture.body.lstrip()[:1] != b"{":
        return ""
    try:
        return text(inside(read_json(capture, _EXPECTED), "code")) or ""
    except UnreadableCaptureError:
        return ""


# Records -----------------------------------------------------------------------------------------------------------

_Reader = Callable[[Mapping[str, Any], str, Capture], Iterator[Record]]


def _kind(item: object) -> _Reader | None:
    if not isinstance(item, dict) or not native(item.get("id")):
        return None
    if "author_name" in item and "post" in item:
        return _comment
    if "content" in item and "date_gmt" in item:
        return _post
    return _author if text(item.get("slug")) and text(item.get("name")) and "taxonomy" not in item else None


def _place(capture: Capture) -> str:
    """Return what tells a site from others: its host, and its folder if it has one."""
    parts = urlsplit(capture.url)
    if capture.url.startswith(f"{ANSWERS_FOR_HOSTED}/"):
        return capture.url.removeprefix(f"{ANSWERS_FOR_HOSTED}/").partition("/")[0]
    found = _INTERFACE.fullmatch(parts.path)
    folder = found["folder"] if found else None
    if folder is None and "rest_route=" in parts.query:
        folder = parts.path.removesuffix("index.php").rstrip("/")
    return parts.netloc + (folder or "")


def _post(item: Mapping[str, Any], pointer: str, capture: Capture) -> Iterator[Record]:
    place, when = _place(capture), _when(item)
    hidden = inside(item, "content", "protected") is True
    markup = _markup(item)
    edited = dated(item.get("modified_gmt"), utc=True)
    later = edited and edited.instant and when and when.instant and edited.instant > when.instant
    url = absolute(capture.url, item.get("link"))
    terms = [term for group in list_in(inside(item, "_embedded", "wp:term")) for term in objects(group)]
    yield sight(
        capture, MANIFEST, f"{place}/{native(item['id'])}", pointer, when,
        type=_TYPES.get(str(item.get("type")), "Article"),
        url=url,
        **_written_by(item, place),
        content=html_to_text(markup) if _has_text(item) and not hidden else None,
        content_html=None if hidden else markup,
        basis="author-claimed",
        updated=edited.instant if edited and later else None,
        in_reply_to=f"{MANIFEST.name}:{place}/{item['parent']}" if native(item.get("parent") or None) else None,
        tag=tuple(_tags(terms)),
        attachment=tuple(_attachments(item, markup, url or capture.url)),
        links=links_in(markup, url or capture.url),
        visibility="password" if hidden else text(item.get("status")),
        absent=_absent(item, place, hidden),
        extra=left_over({
            **{name: each for name, each in item.items() if name not in _READ},
            "title": html_to_text(text(inside(item, "title", "rendered")) or ""),
            "guid": inside(item, "guid", "rendered"),
            "category_names": [term.get("name") for term in terms if term.get("taxonomy") == "category"],
        }, frozenset()),
    )  # fmt: skip
    yield from undated(capture, pointer, when)
    yield from _embedded_author(item, pointer, capture)


def _comment(item: Mapping[str, Any], pointer: str, capture: Capture) -> Iterator[Record]:
    place, when = _place(capture), _when(item)
    markup = _markup(item)
    url = absolute(capture.url, item.get("link"))
    answered, post = native(item.get("parent") or None), native(item.get("post") or None)
    root = f"{MANIFEST.name}:{place}/{post}" if post else None
    avatar = _GRAVATAR.search(str(item.get("author_avatar_urls")))
    yield sight(
        capture, MANIFEST, f"{place}/comment/{native(item['id'])}", pointer, when,
        type="Note",
        url=url,
        **{**_written_by(item, place), "author_name": text(item.get("author_name"))},
        content=html_to_text(markup) if _has_text(item) else None,
        content_html=markup,
        in_reply_to=f"{MANIFEST.name}:{place}/comment/{answered}" if answered else root,
        thread_root=root,
        links=links_in(markup, url or capture.url),
        visibility=text(item.get("status")),
        absent=_absent(item, place, hidden=False),
        extra=left_over({"gravatar": avatar[1] if avatar else None, **item}, _READ),
    )  # fmt: skip
    yield from undated(capture, pointer, when)
    yield from _embedded_author(item, pointer, capture)


def _author(item: Mapping[str, Any], pointer: str, capture: Capture) -> Iterator[Record]:
    handle = f"{item['slug']}@{_place(capture)}"
    yield Actor(
        id=account_key(MANIFEST.name, handle),
        platform=MANIFEST.name,
        native_id=f"{_place(capture)}/{native(item['id'])}",
        handle=handle,
        name=text(item.get("name")),
        url=absolute(capture.url, item.get("link")),
        summary=text(item.get("description")),
        exhibit=capture.exhibit,
        pointer=pointer,
    )


def _embedded_author(item: Mapping[str, Any], pointer: str, capture: Capture) -> Iterator[Record]:
    """Yield the account of the author; warn of what came along with the item and is not what it is said to be."""
    authors = objects(inside(item, "_embedded", "author"))[:1]
    if authors and _kind(authors[0]) is _author:
        yield from _author(authors[0], f"{pointer}/_embedded/author/0", capture)
    came = [(name, inside(item, "_embedded", name), needed) for name, needed in _EMBEDDED.items()]
    unread = [name for name, value, needed in came if value is not None and not _is_known(value, needed)]
    if unread or not isinstance(item.get("_embedded", {}), dict | list | None):
        what = f"What comes along with it cannot be read: {', '.join(unread) or 'all of it'}."
        effect = "Its author, tags or picture may be missing in the tables; the exhibit has what was sent."
        yield warning(capture, f"{pointer}/_embedded", what, effect)


def _is_known(value: object, needed: str) -> bool:
    """Say whether a list holds what it should; for what it withholds, WordPress puts the ``code`` of a refusal."""
    if isinstance(value, list):
        return all(_is_known(each, needed) for each in value)
    return isinstance(value, dict) and bool(text(value.get(needed)) or text(value.get("code")))


def _written_by(item: Mapping[str, Any], place: str) -> dict[str, Any]:
    authors = objects(inside(item, "_embedded", "author"))[:1]
    slug = text(authors[0].get("slug")) if authors else None
    return {
        "attributed_to": account_key(MANIFEST.name, f"{slug}@{place}") if slug else None,
        "author_handle": slug,
        "author_name": text(authors[0].get("name")) if authors else None,
    }


def _absent(item: Mapping[str, Any], place: str, hidden: bool) -> dict[str, Absence]:
    absent: dict[str, Absence] = {"content": "hidden", "content_html": "hidden"} if hidden else {}
    if not hidden and not _has_text(item):
        absent["content"] = "missing"
    if not _written_by(item, place)["attributed_to"]:
        absent["attributed_to"] = "hidden" if item.get("author") else "missing"
    return absent


def _markup(item: Mapping[str, Any]) -> str:
    return text(inside(item, "content", "rendered")) or ""


def _has_text(item: Mapping[str, Any]) -> bool:
    """Say whether an item comes with its text; one without words does, too."""
    return isinstance(inside(item, "content", "rendered"), str)


def _when(item: Mapping[str, Any]) -> Reading | None:
    return dated(item.get("date_gmt"), utc=True) or dated(item.get("date"))


def _tags(terms: list[dict[str, Any]]) -> Iterator[Tag]:
    for term in terms:
        name = text(term.get("name"))
        if name and term.get("taxonomy") == "post_tag":
            yield Tag(type="Hashtag", name=html_to_text(name), href=absolute("", term.get("link")))


def _attachments(item: Mapping[str, Any], markup: str, base: str) -> Iterator[Attachment]:
    """Name the picture of a post and those in its text; one on another host is named in its HTML only."""
    named = {}
    for media in objects(inside(item, "_embedded", "wp:featuredmedia")):
        url = absolute(base, media.get("source_url"))
        if url:
            sizes = media.get("media_details")
            named[url] = Attachment(
                url=url, media_type=text(media.get("mime_type")), name=text(media.get("alt_text")),
                width=count(inside(sizes, "width")), height=count(inside(sizes, "height")),
            )  # fmt: skip
    tree = parse_html(markup) if "<img" in markup else None
    for image in tree.iter("img") if tree is not None else ():
        url = absolute(base, image.get("src"))
        if url and urlsplit(url).netloc == urlsplit(base).netloc:
            named.setdefault(url, Attachment(url=url, name=text(image.get("alt"))))
    yield from named.values()
