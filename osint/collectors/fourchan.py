"""4chan: a thread, what a board shows of its threads, and the numbers of archived threads.

**When a run is complete.** A thread's answer holds every post that is left in it: ``exhausted`` when as many replies
came as its first post counts, otherwise ``platform-cap``. A board shows the first post of each live thread and its last
replies, so a board is never complete. Posts that were deleted are missing without a mark, and a thread is pruned within
hours or days: its 404 is normal and says nothing against whoever quoted it.

**Ids** are ``4chan:board/number``; a number is unique on its board only.

**Authors.** Nobody signs in. A tripcode shows that the same secret was typed, so it is an account here, with its letter
case, which matters. The per-thread poster id stays in ``extra``: it names nobody outside its thread.

**Pictures are no attachments.** Attachments are what a case fetches next, and on this site a picture can be illegal to
hold. Address and MD5 stay in ``extra["image"]``: a hash list can be asked first, and an officer may collect the address
by name.

Source: https://github.com/4chan/4chan-API (pages Threads, Catalog, Archive and "API Rules").
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from osint.activity import Absence, Post, Record
from osint.capture.exchange import Capture
from osint.collectors.answer import keep_first, missing_parents, read_json, refuse, reservations, warning
from osint.collectors.json_values import count_in, list_in, objects, text_in
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import published_at, seen
from osint.collectors.text import absolute, html_to_text, links_in
from osint.collectors.times import since_1970
from osint.errors import QueryError, SourceError, SourceGoneError, UnreadableCaptureError
from osint.instants import Reading
from osint.query import Query, ThreadQuery, UrlQuery, host_of

MANIFEST = Manifest(
    name="fourchan",
    version="1",
    reads="threads and boards of 4chan",
    queries=(ThreadQuery, UrlQuery),
    ways=("api", "file"),
    public="all of it, as long as a thread lives or its board archives it",
    limits="a board shows the first post of each thread and its newest replies; threads are pruned within hours or "
    "days; the same thread may be asked for after ten seconds at the earliest, so that is the pace of all requests",
    files="JSON of its interface that somebody saved",
    id_time="none: numbers only rise; `tim`, the time of an upload, is in extra",
    proof="documented",
    asks=("a.4cdn.org",),
    pace=10,
    documentation="https://github.com/4chan/4chan-API",
    terms="Its rules for the interface ask for one request a second at most, a named client, and If-Modified-Since.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_EXPECTED = "an answer of 4chan"
_API = "https://a.4cdn.org"
_HOSTS = frozenset({"boards.4chan.org", "boards.4channel.org", "4chan.org", "www.4chan.org", "a.4cdn.org"})
_THREAD = re.compile(r"/(?P<board>[a-z0-9]{1,10})/(?:thread|res)/(?P<number>\d{1,20})(?:\.json)?(?:/[^/]*)?/?")
_BOARD = re.compile(r"/(?P<board>[a-z0-9]{1,10})(?:/(?:(?P<list>catalog|archive)(?:\.json)?/?)?)?")
_PLACE = re.compile(r"/(?P<board>[a-z0-9]{1,10})(?:/|$)")
_QUOTE = re.compile(r'<a\s[^>]*href="(?P<href>[^"]{1,200})"[^>]*class="quotelink"[^>]*>')
_QUOTED = re.compile(
    r"(?:(?:https?:)?//boards\.4chan(?:nel)?\.org)?(?:/(?P<board>[a-z0-9]+)/thread/\d+)?#p(?P<number>\d+)"
)
_DEAD = re.compile(r'<span class="deadlink">&gt;&gt;(?:&gt;/(?P<board>[a-z0-9]+)/)?(?P<number>\d+)</span>')
# Keys of a post that have a field of their own, or stand under ``image``; all others go to ``extra`` as they are.
_READ = frozenset({"no", "resto", "time", "name", "trip", "com", "sub", "replies", "last_replies"})
_IMAGE = frozenset({
    "tim", "ext", "filename", "md5", "fsize", "w", "h", "tn_w", "tn_h", "filedeleted", "spoiler", "custom_spoiler",
    "m_img",
})  # fmt: skip


@dataclass(frozen=True)
class _Page:
    capture: Capture
    board: str


def query_for(url: str) -> Query | None:
    """Return the thread or the board of an address of 4chan."""
    if host_of(url) not in _HOSTS:
        return None
    path = unquote(urlsplit(url).path)
    if _THREAD.fullmatch(path):
        return ThreadQuery(thread=url)
    return UrlQuery(url=url) if _BOARD.fullmatch(path) else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the thread; or the catalog of a board, or the list of its archived threads."""
    address = query.thread if isinstance(query, ThreadQuery) else query.url if isinstance(query, UrlQuery) else ""
    path = unquote(urlsplit(address).path) if host_of(address) in _HOSTS else ""
    thread, board = _THREAD.fullmatch(path), _BOARD.fullmatch(path)
    if isinstance(query, ThreadQuery) and thread:
        page = get(f"{_API}/{thread['board']}/thread/{thread['number']}.json")
        _refuse_thread(page, f"the thread {address}")
        posts = _posts_of(page, int(thread["number"]))
        yield page
        return Stop.EXHAUSTED if _is_whole(posts) else Stop.PLATFORM_CAP
    if isinstance(query, UrlQuery) and board:
        page = get(f"{_API}/{board['board']}/{board['list'] or 'catalog'}.json")
        refuse(page, f"the board {address}")
        yield page
        return Stop.PLATFORM_CAP
    raise QueryError(
        f"{address!r} is no thread or board of 4chan. Write thread='https://boards.4chan.org/BOARD/thread/NUMBER', or "
        "url='https://boards.4chan.org/BOARD/' for its threads, or that with 'archive' behind it."
    )


def claims(capture: Capture) -> bool:
    """Say whether it is JSON with the field names of 4chan, or its list of numbers under an address of its own."""
    body = capture.body
    if body.lstrip()[:1] not in (b"{", b"["):
        return False
    return all(mark in body for mark in (b'"no":', b'"resto":', b'"now":', b'"time":')) or (
        host_of(capture.url) == "a.4cdn.org" and body.lstrip()[:1] == b"["
    )


def parse(capture: Capture) -> list[Record]:
    """Read a thread, an index page, a catalog, or a list of archived threads.

    Raises:
        UnreadableCaptureError: It is none of these, or its address does not name the board.
    """
    value = read_json(capture, _EXPECTED)
    place = _PLACE.match(unquote(urlsplit(capture.url).path)) if host_of(capture.url) in _HOSTS else None
    if place is None:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "its address names no board, and numbers need one")
    records: list[Record] = list(reservations(capture))
    if isinstance(value, list) and value and all(type(number) is int for number in value):
        what = f"The board lists {len(value)} archived threads, by number only."
        return [*records, warning(capture, "", what, "Collect a thread by its address to have its posts.")]
    page = _Page(capture, place["board"])
    for pointer, post in _placed(value, capture):
        records += _records(pointer, post, page)
    is_thread = isinstance(value, dict) and "posts" in value
    return keep_first([*records, *(missing_parents(capture, records) if is_thread else [])])


def _refuse_thread(capture: Capture, wanted: str) -> None:
    if capture.status == 404:
        raise SourceGoneError(
            f"a.4cdn.org answered 404 for {wanted}: pruned is normal, since a thread lives hours or days, and a "
            f"404 does not tell that from a deletion. It is preserved as exhibit {capture.exhibit}. Look for copies "
            "in web archives; ask the operator by legal process what it still holds."
        )
    refuse(capture, wanted)


def _posts_of(page: Capture, number: int) -> list[dict[str, Any]]:
    """Return the posts of a thread.

    Raises:
        SourceError: They are those of another thread.
    """
    value = read_json(page, _EXPECTED)
    posts = objects(value.get("posts")) if isinstance(value, dict) else []
    first = count_in(posts[0].get("resto")) or count_in(posts[0].get("no")) if posts else number
    if first != number:
        raise SourceError(
            f"a.4cdn.org was asked for thread {number} and answered with thread {first}. The answer is preserved as "
            f"exhibit {page.exhibit}, and none of it was read. Run the same query again later."
        )
    return posts


def _is_whole(posts: list[dict[str, Any]]) -> bool:
    """Say whether as many replies came as the first post counts. A cyclic thread drops its oldest."""
    if not posts:
        return False
    replies = {count_in(post.get("no")) for post in posts[1:] if count_in(post.get("resto")) == posts[0].get("no")}
    return count_in(posts[0].get("replies")) == len(replies - {None})


def _placed(value: Any, capture: Capture) -> Iterator[tuple[str, Any]]:
    """Yield every post with its JSON Pointer."""
    if isinstance(value, dict) and isinstance(value.get("posts"), list):
        yield from ((f"/posts/{number}", post) for number, post in enumerate(value["posts"]))
    elif isinstance(value, dict) and isinstance(value.get("threads"), list):
        for number, thread in enumerate(value["threads"]):
            yield from _inside(f"/threads/{number}", thread, "posts")
    elif isinstance(value, list):
        for number, page in enumerate(value):
            for pointer, thread in _inside(f"/{number}", page, "threads"):
                yield from _with_last_replies(pointer, thread)
    else:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "neither posts nor threads")


def _inside(pointer: str, value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield what is listed in a value, or the value itself where it lists nothing, which is no post either."""
    if isinstance(value, dict) and isinstance(value.get(name), list):
        yield from ((f"{pointer}/{name}/{n}", each) for n, each in enumerate(value[name]))
    else:
        yield pointer, value


def _with_last_replies(pointer: str, thread: Any) -> Iterator[tuple[str, Any]]:
    yield pointer, thread
    replies = thread.get("last_replies") if isinstance(thread, dict) else None
    yield from ((f"{pointer}/last_replies/{n}", reply) for n, reply in enumerate(list_in(replies)))


def _records(pointer: str, post: Any, page: _Page) -> Iterator[Record]:
    if not isinstance(post, dict) or count_in(post.get("no")) is None:
        yield warning(page.capture, pointer, "This is no post: it has no number.", "It is not in the tables.")
        return
    yield _post(pointer, post, page)
    lacking = [name for name in ("com", "name", "trip", "sub") if not isinstance(post.get(name, ""), str)]
    lacking += [] if _instant(post.get("time")) else ["time"]
    for name in lacking:
        what = f"{name} is missing." if post.get(name) is None else f"{name} is not what it should be."
        yield warning(page.capture, pointer, what, "The tables lack it; the exhibit has what was sent.")


def _post(pointer: str, post: Mapping[str, Any], page: _Page) -> Post:
    native = f"{page.board}/{post['no']}"
    root = f"{page.board}/{post['resto']}" if count_in(post.get("resto")) else None
    markup, trip, published = text_in(post.get("com")), text_in(post.get("trip")), _instant(post.get("time"))
    quotes = list(_quotes(markup or "", page.board))
    thread = f"https://boards.4chan.org/{page.board}/thread/{(root or native).partition('/')[2]}"
    answered = next((quote for quote in quotes if quote.startswith(f"{page.board}/")), root) if root else None
    return Post(
        id=f"4chan:{native}",
        platform="4chan",
        native_id=native,
        type="Note",
        url=f"{thread}#p{post['no']}" if root else thread,
        attributed_to=f"account:4chan:{trip}" if trip else None,  # not account_key: "!Abc" and "!abc" are two secrets
        author_handle=trip,
        author_name=text_in(post.get("name")),
        content=html_to_text(markup) if markup else "",
        content_html=markup,
        **published_at(Reading(str(post["time"]), published, True) if published else None),
        in_reply_to=f"4chan:{answered}" if answered else None,
        thread_root=f"4chan:{root or native}",
        links=_links(markup, thread) if markup else (),
        replies=count_in(post.get("replies")),
        visibility="public",
        **seen(page.capture, pointer, _COLLECTOR),
        absent=_absent(trip, published),
        extra=_extra(post, page, markup or "", quotes),
    )


def _absent(trip: str | None, published: datetime | None) -> dict[str, Absence]:
    absent: dict[str, Absence] = {}
    if not trip:
        absent["attributed_to"] = "hidden"
    if not published:
        absent["published"] = "missing"
    return absent


def _quotes(markup: str, board: str) -> Iterator[str]:
    """Yield the posts that a text quotes, ``board/number``, each once."""
    hrefs = (_QUOTED.fullmatch(link["href"]) for link in _QUOTE.finditer(markup))
    yield from dict.fromkeys(f"{quoted['board'] or board}/{quoted['number']}" for quoted in hrefs if quoted)


def _links(markup: str, base: str) -> tuple[str, ...]:
    return links_in(markup, base, classes_left_out=["quotelink"])


def _extra(post: Mapping[str, Any], page: _Page, markup: str, quotes: list[str]) -> dict[str, Any]:
    kept = {name: value for name, value in post.items() if name not in _READ | _IMAGE and value not in (None, "")}
    dead = [f"{found['board'] or page.board}/{found['number']}" for found in _DEAD.finditer(markup)]
    told = {"title": _title(post), "quotes": quotes, "quotes_gone": dead, "image": _image(post, page)}
    return kept | {name: value for name, value in told.items() if value}


def _title(post: Mapping[str, Any]) -> str | None:
    subject = text_in(post.get("sub"))
    return html_to_text(subject) if subject else None


def _image(post: Mapping[str, Any], page: _Page) -> dict[str, Any]:
    """Return what the site says of the picture, with its address and its MD5 in hexadecimal; nothing fetches it."""
    told = {name: post[name] for name in sorted(_IMAGE) if post.get(name) not in (None, "")}
    tim, ext = count_in(post.get("tim")), text_in(post.get("ext"))
    if tim is not None and ext and not post.get("filedeleted"):
        told["address"] = absolute("https://i.4cdn.org/", f"/{page.board}/{tim}{ext}")
    digest = _md5(post.get("md5"))
    return told | ({"md5_hex": digest} if digest else {})


def _md5(written: Any) -> str | None:
    try:
        digest = base64.b64decode(written, validate=True) if isinstance(written, str) else b""
    except (binascii.Error, ValueError):
        return None
    return digest.hex() if len(digest) == 16 else None


def _instant(value: Any) -> datetime | None:
    seconds = count_in(value)
    return since_1970(seconds) if seconds else None
