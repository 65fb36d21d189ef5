"""Blogs on Tumblr, through the first version of its interface, which needs no key.

**When a run is complete.** ``exhausted`` means that as many posts came as Tumblr counts in ``posts-total``. The feed of
a blog (``/rss``) holds its last 20 posts and is read by the collector `feed`.

**Accounts are hosts.** ``@jane@tumblr.com`` is the blog at jane.tumblr.com, and that host is asked: an authority has to
name it. A blog that is shown to signed-in visitors alone answers with a page, or leads away; that is no empty blog.

**Reblogs** are of the type ``Announce``. Their text holds what others wrote, so it stays as Tumblr gives it.

**Times** are seconds since 1970; ``extra["date"]`` is the blog's own clock. An author may set the date of a post.

Source: https://www.tumblr.com/docs/en/api/v1
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from osint.activity import Actor, Attachment, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import json_value, keep_first, refuse, reservations, warning
from osint.collectors.json_values import count, inside, left_over, native, objects, text
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import missing, sight, undated
from osint.collectors.text import absolute, html_to_text, links_in
from osint.collectors.times import all_before, of_epoch
from osint.errors import QueryError, SourceClosedError, SourceError, SourceGoneError, UnreadableCaptureError
from osint.query import AccountQuery, Query, ThreadQuery, UrlQuery

MANIFEST = Manifest(
    name="tumblr",
    version="1",
    reads="posts and reblogs of a blog on Tumblr, or one post (thread=)",
    queries=(AccountQuery, ThreadQuery, UrlQuery),
    ways=("api", "file"),
    public="posts of blogs that are shown to everyone, with their tags and the number of notes",
    limits="no notes and no replies; blogs may be for signed-in visitors alone; the authority has to "
    "name the host of the blog",
    files="answers of `/api/read/json` that somebody saved",
    id_time="none that is documented",
    proof="documented",
    home="tumblr.com",
    page=50,
    documentation="https://www.tumblr.com/docs/en/api/v1",
    terms="Tumblr's terms govern its interface; it has announced a newer version, which wants a key.",
    terms_checked="unverified",
)

_EXPECTED = "an answer of Tumblr's /api/read/json"
_PAGE = 50
_NAME = re.compile(r"[a-z\d](?:[a-z\d-]{0,30}[a-z\d])?")
_NO_BLOGS = frozenset({"www", "api", "assets", "embed", "help", "media", "blog", "engineering", "support"})
_PATH = re.compile(r"/(?:post/)?(?P<id>\d{5,20})(?:/[^/]*)?/?")
_ASSIGNED = re.compile(r"\s*var\s+tumblr_api_read\s*=\s*(?P<json>\{.*\})\s*;?\s*", re.DOTALL)
_TEXTS = (
    "regular-title", "regular-body", "photo-caption", "quote-text", "quote-source", "link-text", "link-description",
    "conversation-title", "conversation-text", "video-caption", "audio-caption", "question", "answer",
)  # fmt: skip
_SOURCES = re.compile(r"photo-url-(\d+)")
_READ = frozenset({
    "id", "url", "url-with-slug", "unix-timestamp", "tags", "note-count", "tumblelog", "photos", "conversation", "slug",
    "like-button", "reblog-button", "reblog-key", "bookmarklet", "mobile", "feed-item", "from-feed-id", "format",
    *_TEXTS,
})  # fmt: skip


def query_for(url: str) -> Query | None:
    """Return the blog or the post of an address at Tumblr."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    name, _, rest = host.partition(".")
    path = parts.path
    if host in ("www.tumblr.com", "tumblr.com"):
        # Not a post's page there: its host is not the one that answers for the blog.
        name, rest, path = path.strip("/"), MANIFEST.home, "/"
    if rest != MANIFEST.home or name in _NO_BLOGS or not _NAME.fullmatch(name):
        return None
    if _PATH.fullmatch(path):
        return ThreadQuery(thread=url)
    return AccountQuery(account=f"@{name}@{MANIFEST.home}") if path in ("", "/", "/archive") else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield each page of a blog's posts, newest first; or the one post."""
    if isinstance(query, AccountQuery):
        if query.host != MANIFEST.home or not _NAME.fullmatch(query.name.lower()):
            raise QueryError(f"{query.account} is no blog of Tumblr; write it as @name@{MANIFEST.home}.")
        return (yield from _blog(f"https://{query.name.lower()}.{MANIFEST.home}", query, get))
    if isinstance(query, ThreadQuery):
        found, parts = _PATH.fullmatch(urlsplit(query.thread).path), urlsplit(query.thread)
        if not found:
            raise QueryError(f"{query.thread} is no post; write it as https://name.tumblr.com/post/NUMBER.")
        page = get(f"{parts.scheme}://{parts.netloc}/api/read/json", id=found["id"])
        listed = _ids(_answer(page, f"the post {query.thread}"))
        if not listed:
            raise SourceGoneError(f"Tumblr shows no post {query.thread} (exhibit {page.exhibit}), or no longer.")
        if found["id"] not in listed:
            raise SourceError(
                f"{query.thread} was asked for, and Tumblr answered with other posts (exhibit {page.exhibit}). They "
                "are preserved and nothing was read from them: the authority names the post that was asked for."
            )
        yield page
        return Stop.EXHAUSTED
    assert isinstance(query, UrlQuery)
    parts = urlsplit(query.url)
    return (yield from _blog(f"{parts.scheme}://{parts.netloc}", query, get))


def claims(capture: Capture) -> bool:
    """Say whether it looks like an answer of the interface."""
    return b"tumblr_api_read" in capture.body[:200] or (
        b'"tumblelog"' in capture.body and b'"unix-timestamp"' in capture.body
    )


def parse(capture: Capture) -> list[Record]:
    """Read an answer with posts.

    Raises:
        UnreadableCaptureError: It is no such answer.
    """
    value = _value(capture)
    posts = value.get("posts")
    if not isinstance(posts, list):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it holds no posts")
    records: list[Record] = [*reservations(capture), *_profile(value, capture)]
    for number, post in enumerate(posts):
        pointer = f"/posts/{number}"
        if isinstance(post, dict) and native(post.get("id")):
            records += _post(post, _blog_of(value, capture), pointer, capture)
        else:
            records.append(warning(capture, pointer, "This is no post: it has no id.", "It is not in the tables."))
    return keep_first(records)


# What to ask for ---------------------------------------------------------------------------------------------------


def _blog(root: str, query: Query, get: Get) -> Generator[Capture, None, Stop]:
    known: set[str] = set()
    since, _ = query.bounds
    start = 0
    while True:
        page = get(f"{root}/api/read/json", start=start, num=_PAGE)
        value = _answer(page, f"the blog {root}")
        yield page
        posts = objects(value.get("posts"))
        ids = _ids(value)
        if ids and ids <= known:
            return Stop.ERROR
        known |= ids
        total = count(value.get("posts-total"))
        if all_before(since, (of_epoch(post.get("unix-timestamp")) for post in posts)):
            return Stop.UNTIL_DATE
        start += len(posts)
        if total is not None and len(known) >= total:
            return Stop.EXHAUSTED
        if not posts:
            return Stop.PLATFORM_CAP


def _ids(value: Mapping[str, Any]) -> set[str]:
    return {number for post in objects(value.get("posts")) if (number := native(post.get("id")))}


def _answer(capture: Capture, wanted: str) -> dict[str, Any]:
    """Return what an answer assigns.

    Raises:
        SourceClosedError: Tumblr shows a page where the answer should be.
    """
    refuse(capture, wanted)
    if "html" in capture.media_type:
        raise SourceClosedError(
            f"Tumblr shows a page instead of {wanted} (exhibit {capture.exhibit}): the blog may be for signed-in "
            "visitors alone, or marked as adult. That says nothing of whether it has posts. Ask Tumblr by legal "
            "process, or import a page that somebody saved."
        )
    return _value(capture)


def _value(capture: Capture) -> dict[str, Any]:
    assigned = _ASSIGNED.fullmatch(capture.text)
    try:
        value = json_value(assigned["json"] if assigned else capture.text)
    except (ValueError, RecursionError) as error:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it assigns no JSON") from error
    if not isinstance(value, dict):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it is not an object")
    return value


# Records -----------------------------------------------------------------------------------------------------------


def _blog_of(value: Mapping[str, Any], capture: Capture) -> str | None:
    name = text(inside(value, "tumblelog", "name"))
    host = urlsplit(capture.url).hostname or ""
    return name or (host.partition(".")[0] if host.endswith(f".{MANIFEST.home}") else None)


def _key(name: str) -> str:
    return account_key(MANIFEST.name, f"{name}@{MANIFEST.home}")


def _profile(value: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    name = text(inside(value, "tumblelog", "name"))
    if name:
        yield Actor(
            id=_key(name),
            platform=MANIFEST.name,
            native_id=name,
            handle=f"{name}@{MANIFEST.home}",
            name=text(inside(value, "tumblelog", "title")),
            url=f"https://{name}.{MANIFEST.home}/",
            summary=html_to_text(text(inside(value, "tumblelog", "description")) or "") or None,
            exhibit=capture.exhibit,
            pointer="/tumblelog",
        )


def _post(post: Mapping[str, Any], blog: str | None, pointer: str, capture: Capture) -> Iterator[Record]:
    when = of_epoch(post.get("unix-timestamp"))
    markup = "\n".join(part for name in _TEXTS if (part := text(post.get(name))))
    url = absolute(capture.url, post.get("url-with-slug")) or absolute(capture.url, post.get("url"))
    passed_on = text(post.get("reblogged-from-name"))
    source, root = (_named(post.get(f"reblogged-{which}-url")) for which in ("from", "root"))
    linked = absolute(capture.url, post.get("link-url"))
    yield sight(
        capture, MANIFEST, str(native(post["id"])), pointer, when,
        type="Announce" if passed_on or source else "Note",
        url=url,
        attributed_to=_key(blog) if blog else None,
        author_handle=blog,
        content=html_to_text(markup),
        content_html=markup or None,
        basis="author-claimed",
        announce_of=source,
        announce_of_account=_key(passed_on) if passed_on else None,
        thread_root=root,
        tag=tuple(Tag(type="Hashtag", name=tag) for tag in _texts(post.get("tags"))),
        attachment=tuple(_pictures(post, capture)),
        links=tuple(dict.fromkeys([*([linked] if linked else []), *links_in(markup, url or capture.url)])),
        absent=missing(attributed_to=blog),
        extra=left_over({
            "notes": count(post.get("note-count")),
            **{name: each for name, each in post.items() if not name.startswith("photo-url")},
        }, _READ),
    )  # fmt: skip
    yield from undated(capture, pointer, when)


def _named(url: object) -> str | None:
    """Return the id of the post that an address of Tumblr names."""
    try:
        found = _PATH.fullmatch(urlsplit(url).path) if isinstance(url, str) else None
    except ValueError:
        return None
    return f"{MANIFEST.name}:{found['id']}" if found else None


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str) and each] if isinstance(value, list) else []


def _pictures(post: Mapping[str, Any], capture: Capture) -> Iterator[Attachment]:
    """Name the largest size of each picture of a post; an album names its first one twice."""
    seen: set[str] = set()
    for picture in [post, *objects(post.get("photos"))]:
        sizes = {int(size[1]): each for name, each in picture.items() if (size := _SOURCES.fullmatch(name))}
        url = absolute(capture.url, sizes[max(sizes)]) if sizes else None
        if url and url not in seen:
            seen.add(url)
            yield Attachment(
                url=url, name=text(picture.get("caption")), width=count(picture.get("width")),
                height=count(picture.get("height")),
            )  # fmt: skip
