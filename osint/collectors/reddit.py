"""Reddit: listings and threads that somebody saved as JSON or as a page, and a person's own data request.

Since 2025 its interface is for approved applications only, and since 2026 neither its JSON nor its feeds are shown to
visitors who are not signed in. Nothing here asks Reddit. An officer opens a thread in a browser and saves the page, or
the address with ``.json`` behind it; a person's own request gives ``posts.csv`` and ``comments.csv``.

**Removed and deleted.** ``[deleted]`` is the author's doing, ``[removed]`` a moderator's; both stay as posts of the
type ``Tombstone``. What a thread folds away ("load more comments") is a warning with the count.

Sources: https://www.reddit.com/dev/api, https://support.reddithelp.com/hc/en-us/articles/360043048352 (data request)
"""

from __future__ import annotations

import html
import re
from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from osint.activity import Absence, Actor, Attachment, Record, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import keep_first, missing_parents, read_json, reservations, warning
from osint.collectors.exports import closed, member, start_of, table
from osint.collectors.json_values import count, inside, left_over, list_in, native, text
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import by, made_at, missing, sight, undated
from osint.collectors.text import absolute, links_in, parse_html, text_of
from osint.collectors.times import dated
from osint.errors import UnreadableCaptureError
from osint.instants import Reading
from osint.query import AccountQuery, Query, ThreadQuery, UrlQuery, host_of

MANIFEST = Manifest(
    name="reddit",
    version="1",
    reads="threads and listings of Reddit that somebody saved, and a person's own data request",
    queries=(AccountQuery, ThreadQuery, UrlQuery),
    ways=("file",),
    public="nothing without signing in, to a program",
    limits="listings end near 1,000 items; threads fold comments away, and a warning counts them.",
    files="an address with `.json` behind it as it was saved; a saved page; `posts.csv` and `comments.csv`",
    id_time="none: ids are running numbers",
    proof="documented",
    home="reddit.com",
    barred="The interface wants Reddit's written approval of the agency's application; until then, import files.",
    documentation="https://www.reddit.com/dev/api",
    terms="Reddit's terms of 2025 forbid reading it by program without its approval.",
    terms_checked="unverified",
)

_EXPECTED = "what somebody saved of Reddit"
_HOSTS = ("reddit.com", "www.reddit.com", "old.reddit.com", "new.reddit.com", "np.reddit.com", "m.reddit.com")
_USER = re.compile(r"/u(?:ser)?/(?P<name>[\w-]{1,30})(?:/(?:submitted|comments|overview))?/?", re.ASCII)
_THREAD = re.compile(r"/(?:r/\w{1,30}/|user/[\w-]{1,30}/)?comments/(?P<id>[a-z0-9]{1,13})(?:/.*)?", re.ASCII)
_GONE = ("[deleted]", "[removed]", "[ Removed by Reddit ]", "[unavailable]")
_BASE, _MEDIA_HOSTS = "https://www.reddit.com/", ("i.redd.it", "v.redd.it", "preview.redd.it")
_DEEPEST = 60
_READ = frozenset({
    "id", "name", "author", "author_fullname", "title", "selftext", "selftext_html", "body", "body_html", "created",
    "created_utc", "edited", "permalink", "parent_id", "link_id", "score", "ups", "num_comments", "replies", "url",
    "preview", "media_metadata", "all_awardings", "gildings", "awarders",
})  # fmt: skip


def query_for(url: str) -> Query | None:
    """Return the account, the thread or the page of an address at Reddit."""
    parts = urlsplit(url)
    if parts.hostname == "redd.it":
        return ThreadQuery(thread=url) if re.fullmatch(r"/[a-z0-9]{1,13}/?", parts.path) else None
    if parts.hostname not in _HOSTS:
        return None
    user = _USER.fullmatch(parts.path)
    if user:
        return AccountQuery(account=f"@{user['name']}@{MANIFEST.home}")
    return ThreadQuery(thread=url) if _THREAD.fullmatch(parts.path) else UrlQuery(url=url)


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:  # noqa: ARG001 - the shape of every collector
    """Refuse: Reddit shows nothing to a program that is not approved."""
    return (yield from closed(f"Nothing was asked of Reddit. {MANIFEST.barred} Read are: {MANIFEST.files}."))


def claims(capture: Capture) -> bool:
    """Say whether it looks like a listing, a page of Reddit, or a table of its data request."""
    start = start_of(capture.body, 4096)
    if start[:1] in (b"{", b"["):
        return b'"kind"' in start and (b'"Listing"' in start or b'"t3"' in start or b'"t1"' in start)
    if "html" in capture.media_type:
        return b"<shreddit-" in capture.body
    return _is_table(capture)


def parse(capture: Capture) -> list[Record]:
    """Read a listing or a thread, a saved page, or a table.

    Raises:
        UnreadableCaptureError: It is none of these.
    """
    records: list[Record] = [*reservations(capture)]
    if "html" in capture.media_type:
        return keep_first([*records, *_page(capture)])
    if "csv" in capture.media_type or member(capture).casefold().endswith(".csv") or _is_table(capture):
        return keep_first([*records, *_table(capture)])
    value = read_json(capture, _EXPECTED)
    listed = value if isinstance(value, list) else [value]
    if not any(isinstance(each, dict) and "kind" in each for each in listed):
        reason = "Reddit refused" if isinstance(value, dict) and "error" in value else "it is no listing"
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)
    for number, each in enumerate(listed):
        records += _things(each, f"/{number}" if isinstance(value, list) else "", capture, 0)
    is_thread = isinstance(value, list)
    return keep_first([*records, *(missing_parents(capture, records) if is_thread else [])])


def _is_table(capture: Capture) -> bool:
    head = start_of(capture.body, 4096).partition(b"\n")[0]
    return head[:1] not in (b"{", b"[", b"<") and b"permalink" in head and b"subreddit" in head and b"," in head


# JSON --------------------------------------------------------------------------------------------------------------


def _things(value: object, pointer: str, capture: Capture, depth: int) -> Iterator[Record]:
    kind, data = inside(value, "kind"), inside(value, "data")
    if kind == "Listing" and isinstance(data, dict):
        children = data.get("children")
        if not isinstance(children, list):
            yield warning(capture, pointer, "This listing holds no list.", "What it should hold is not in the tables.")
        for number, child in enumerate(list_in(children)):
            yield from _things(child, f"{pointer}/data/children/{number}", capture, depth)
        if data.get("after"):
            what = "The listing goes on with a further page."
            yield warning(capture, f"{pointer}/data/after", what, "What is on it is not in this file.")
    elif kind == "more" and isinstance(data, dict):
        named = data.get("children")
        hidden = count(data.get("count")) or len(list_in(named)) or "an unknown number of"
        what = f"The thread folds {hidden} further comments away."
        yield warning(capture, pointer, what, "They are not in this file.")
    elif kind == "t2" and isinstance(data, dict) and text(data.get("name")):
        yield _profile(data, pointer, capture)
    elif kind in ("t1", "t3") and isinstance(data, dict) and native(data.get("id")):
        yield from _post(data, kind, pointer, capture, depth)
    else:
        yield warning(capture, pointer, "This is neither a post nor a comment.", "It is not in the tables.")


def _post(data: Mapping[str, Any], kind: str, pointer: str, capture: Capture, depth: int) -> Iterator[Record]:
    said = text(data.get("selftext" if kind == "t3" else "body")) or ""
    markup = text(data.get("selftext_html" if kind == "t3" else "body_html"))
    title, author, when = text(data.get("title")), text(data.get("author")), _created(data.get("created_utc"))
    gone = said in _GONE or author == "[deleted]"
    known = author if author != "[deleted]" else None
    edited = _created(data.get("edited"))
    parent, root = text(data.get("parent_id")), text(data.get("link_id"))
    absent: dict[str, Absence] = {"content": "hidden"} if said in _GONE else {}
    if not known:
        absent["attributed_to"] = "hidden" if gone else "missing"
    yield sight(
        capture, MANIFEST, f"{kind}_{data['id']}", f"{pointer}/data", when,
        type="Tombstone" if gone else "Note" if kind == "t1" or not title else "Article",
        url=absolute("https://www.reddit.com/", data.get("permalink")),
        **by(MANIFEST.name, known),
        content=html.unescape("\n\n".join(filter(None, (title, "" if said in _GONE else said)))) or None,
        content_html=html.unescape(markup) if markup else None,
        updated=edited.instant if edited else None,
        in_reply_to=f"reddit:{parent}" if parent else None,
        thread_root=f"reddit:{root}" if root else f"reddit:{kind}_{data['id']}" if kind == "t3" else None,
        announce_of=f"reddit:{data['crosspost_parent']}" if text(data.get("crosspost_parent")) else None,
        attachment=tuple(_attachments(data)),
        links=tuple(dict.fromkeys(_links(data, markup))),
        replies=count(data.get("num_comments")),
        likes=count(data.get("score")),
        absent=absent,
        extra=left_over(data, _READ) | ({"edited": True} if data.get("edited") is True else {}),
    )  # fmt: skip
    yield from undated(capture, pointer, when)
    if isinstance(data.get("replies"), dict):
        if depth == _DEEPEST:
            yield warning(capture, pointer, "The answers go deeper than is read.", "They are not in the tables.")
        else:
            yield from _things(data["replies"], f"{pointer}/data/replies", capture, depth + 1)
    elif data.get("replies"):
        yield warning(capture, f"{pointer}/data/replies", "These are no answers.", "They are not in the tables.")


def _profile(data: Mapping[str, Any], pointer: str, capture: Capture) -> Actor:
    created = _created(data.get("created_utc"))
    return Actor(
        id=account_key(MANIFEST.name, data["name"]),
        platform=MANIFEST.name,
        native_id=native(data.get("id")) or data["name"],
        handle=data["name"],
        url=f"https://www.reddit.com/user/{data['name']}",
        summary=text(inside(data, "subreddit", "public_description")),
        **made_at(created),
        exhibit=capture.exhibit,
        pointer=pointer,
    )


def _links(data: Mapping[str, Any], markup: str | None) -> Iterator[str]:
    """Yield where a post leads that is a link, and where its text leads; a post of words has its own address there."""
    link = _linked(data)
    own = absolute(_BASE, data.get("permalink"))
    if link and host_of(link) not in _MEDIA_HOSTS and urlsplit(link).path != urlsplit(own or "").path:
        yield link
    if markup:
        yield from links_in(html.unescape(markup), _BASE)


def _linked(data: Mapping[str, Any]) -> str | None:
    link = text(data.get("url_overridden_by_dest")) or text(data.get("url"))
    return absolute(_BASE, html.unescape(link)) if link else None


def _attachments(data: Mapping[str, Any]) -> Iterator[Attachment]:
    """Yield the picture or the video that a post shows: its link to Reddit's own hosts, or each of an album."""
    link = _linked(data)
    if link and host_of(link) in _MEDIA_HOSTS:
        yield Attachment(url=link)
    album = data.get("media_metadata")
    for each in album.values() if isinstance(album, dict) else ():
        url = absolute("https://i.redd.it/", html.unescape(text(inside(each, "s", "u")) or ""))
        if url:
            yield Attachment(url=url, media_type=text(inside(each, "m")))


def _created(value: object) -> Reading | None:
    """Read seconds since 1970, which Reddit writes with a fraction; ``edited`` may be False."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or not value:
        return None
    if isinstance(value, str) or not 0 < value < 1 << 33:
        written = repr(value)[:40] if isinstance(value, float) else str(value)[:40]
        return Reading(written, None, False, f"{written!r} is no number of seconds since 1970 as Reddit writes them")
    return Reading(repr(value), datetime.fromtimestamp(value, tz=UTC), True)


# Pages and tables --------------------------------------------------------------------------------------------------


def _page(capture: Capture) -> Iterator[Record]:
    tree = parse_html(capture.text)
    found = [] if tree is None else [*tree.iter("shreddit-post", "shreddit-comment")]
    if not found:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "the page shows no post")
    for element in found:
        pointer = element.getroottree().getpath(element)
        identifier = element.get("thingid") or element.get("id") or ""
        if re.fullmatch(r"t[13]_[a-z0-9]{1,13}", identifier):
            yield from _shown(element, identifier, pointer, capture)
        else:
            yield warning(capture, pointer, "This post has no id.", "It is not in the tables.")
    yield from _folded(found, capture)


def _folded(found: list[etree._Element], capture: Capture) -> Iterator[Record]:
    """Warn when the page of a thread counts more comments than it shows: the others load by script."""
    threads = [element for element in found if element.tag == "shreddit-post"]
    shown, counted = len(found) - len(threads), count(threads[0].get("comment-count")) if len(threads) == 1 else None
    if counted and shown < counted and (shown or _THREAD.fullmatch(urlsplit(capture.url).path)):
        what = f"The page counts {counted} comments and shows {shown}."
        yield warning(capture, "", what, "The others are not in this file, or were removed.")


def _shown(element: etree._Element, identifier: str, pointer: str, capture: Capture) -> Iterator[Record]:
    author = element.get("author") or ""
    known = author if author and author != "[deleted]" else None
    when = dated(element.get("created-timestamp") or element.get("created"))
    parent = element.get("parentid")
    body = next((each for each in element if each.get("slot") in ("text-body", "comment")), None)
    said = text_of(body) if body is not None else None
    yield sight(
        capture, MANIFEST, identifier, pointer, when,
        type="Tombstone" if said in _GONE or author == "[deleted]" else "Note",
        url=absolute("https://www.reddit.com/", element.get("permalink")),
        **by(MANIFEST.name, known),
        content="\n\n".join(filter(None, (element.get("post-title"), said))) or None,
        in_reply_to=f"reddit:{parent}" if parent else None,
        replies=count(element.get("comment-count")),
        likes=count(element.get("score")),
        absent={} if known else {"attributed_to": "hidden"},
    )  # fmt: skip
    yield from undated(capture, pointer, when)


def _table(capture: Capture) -> Iterator[Record]:
    """Read ``posts.csv`` or ``comments.csv``; the account is that of the request."""
    owner = query_for(capture.url) if capture.url else None
    name = owner.name if isinstance(owner, AccountQuery) else None
    rows, misfits = table(capture, _EXPECTED, "id", "permalink", "date", "subreddit")
    yield from misfits
    if rows and not name:
        what = "The file names no author, and the declared address names no account."
        yield warning(capture, "", what, "Its posts have no author. Import the file again with the profile's address.")
    for pointer, row in rows:
        permalink, is_comment = row.get("permalink", ""), "link" in row
        identifier = native(row.get("id"))
        if not identifier:
            yield warning(capture, pointer, "This is no post: it has no id.", "It is not in the tables.")
            continue
        when = dated(row.get("date"))
        above = _THREAD.fullmatch(urlsplit(absolute(_BASE, row.get("link")) or "").path) if is_comment else None
        root = f"reddit:t3_{above['id']}" if above else None
        parent = (native(row.get("parent")) or "").removeprefix("t1_") if is_comment else None
        yield sight(
            capture, MANIFEST, f"{'t1' if is_comment else 't3'}_{identifier}", pointer, when,
            type="Note",
            url=absolute(_BASE, permalink),
            **by(MANIFEST.name, name),
            content="\n\n".join(filter(None, (text(row.get("title")), text(row.get("body"))))) or None,
            in_reply_to=f"reddit:t1_{parent}" if parent else root,
            thread_root=root,
            links=tuple(link for link in (absolute(_BASE, row.get("url")),) if link),
            absent=missing(attributed_to=name),
            extra={"subreddit": row.get("subreddit")},
        )  # fmt: skip
        yield from undated(capture, pointer, when)
