"""The agency's own page at Facebook: its feed and the comments, as Meta's interface gives them to the page's own token.

It is no collector. The run follows Meta's cursors, never the address of its "next", which holds the token. A refusal
says why in its own JSON, whatever the status.

Sources: https://developers.facebook.com/docs/graph-api/reference/page/feed/ and /guides/error-handling
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from osint.activity import ParseWarning, Record
from osint.capture.exchange import Capture
from osint.collectors import meta_export, meta_page
from osint.collectors.answer import read_json, refuse, warning
from osint.collectors.json_values import count, inside, list_in, native, objects, text
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import by, sight, undated
from osint.collectors.times import all_before, dated
from osint.errors import QueryError, RateLimitedError, SourceBlockedError, SourceClosedError, UnreadableCaptureError
from osint.query import UrlQuery

HOST = "graph.facebook.com"
FEED = re.compile(r"/(?P<version>v\d{1,3}\.\d)/(?P<page>[A-Za-z0-9.]{1,80})/(?:feed|posts|published_posts)/?")
COMMENT = "id,message,created_time,from,parent{id},permalink_url,like_count"
FIELDS = (
    "id,message,story,created_time,updated_time,permalink_url,from,is_hidden,shares,"
    "attachments{media_type,title,description,unshimmed_url,media,subattachments},"
    f"comments.filter(stream).limit(100).summary(true){{{COMMENT}}}"
)
A_YEAR = 600  # posts of a year that Meta shows
_EXPECTED = "an answer of Meta's interface"
_LATER, _WITHOUT_RIGHT = frozenset({4, 17, 32, 341, 613, *range(80000, 80015)}), frozenset({3, 10, *range(200, 300)})
_USAGE, _NEARLY_ALL = ("x-app-usage", "x-business-use-case-usage", "x-page-usage"), 95


def own_page(query: UrlQuery, get: Get, key: str) -> Generator[Capture, None, Stop]:
    """Yield each page of the feed of the agency's own page, and the comments that are not in it.

    Args:
        query: The address of the feed.
        get: Asks.
        key: How the key is had, for the message that it is not accepted.

    Raises:
        QueryError: The address is no feed.
        SourceClosedError: The key is not accepted for it, or there is no such page.
        SourceBlockedError: Meta has blocked the key.
        RateLimitedError: The key has asked as much as it may for now.
    """
    found = FEED.fullmatch(urlsplit(query.url).path)
    if not found:
        raise QueryError(f"{query.url} is no feed; write it as https://{HOST}/v23.0/PAGE/feed.")
    root, years = f"https://{HOST}/{found['version']}", Counter[str]()
    since, _ = query.bounds
    after: dict[str, Any] = {}
    known, shown, is_whole = set[str](), set[str | None](), True
    while True:
        page = get(f"{root}/{found['page']}/feed", fields=FIELDS, limit=100, **after)
        value = _answer(page, f"the feed of the page {found['page']}", key)
        yield page
        posts = objects(value.get("data"))
        years.update((text(post.get("created_time")) or "")[:4] for post in posts)
        for post in posts:
            is_whole = (yield from _more_comments(root, post, get, key)) and is_whole
        if all_before(since, (dated(post.get("created_time")) for post in posts)):
            return Stop.UNTIL_DATE
        cursor, numbers = _cursor(value), {native(post.get("id")) for post in posts}
        if not cursor and is_whole:
            return Stop.PLATFORM_CAP if max(years.values(), default=0) >= A_YEAR else Stop.EXHAUSTED
        if not cursor or cursor in known or (numbers and numbers <= shown):
            return Stop.ERROR
        known.add(cursor)
        shown |= numbers
        after = {"after": cursor}


def _more_comments(root: str, post: Mapping[str, Any], get: Get, key: str) -> Generator[Capture, None, bool]:
    """Yield the further pages of the comments on a post; return whether they came to an end that Meta names."""
    number, cursor, known = native(post.get("id")), _cursor(inside(post, "comments")), set[str]()
    while number and cursor and cursor not in known:
        known.add(cursor)
        page = get(f"{root}/{number}/comments", fields=COMMENT, filter="stream", limit=100, after=cursor)
        value = _answer(page, f"the comments on the post {number}", key)
        yield page
        cursor = _cursor(value)
    return cursor is None


def _cursor(value: Any) -> str | None:
    """Return the cursor of the next page, when one is named; its address is not taken, since it holds the token."""
    return text(inside(value, "paging", "cursors", "after")) if text(inside(value, "paging", "next")) else None


def _answer(capture: Capture, wanted: str, key: str) -> dict[str, Any]:
    """Return the JSON of an answer; a refusal says in its own JSON why."""
    try:
        value = read_json(capture, _EXPECTED)
    except UnreadableCaptureError:
        refuse(capture, wanted)
        raise
    error = inside(value, "error")
    if isinstance(error, dict):
        _refuse(error, capture, wanted, key)
    refuse(capture, wanted)
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it holds no list")
    return value


def _refuse(error: Mapping[str, Any], capture: Capture, wanted: str, key: str) -> None:
    code, sub, said = count(error.get("code")), count(error.get("error_subcode")), text(error.get("message")) or ""
    told = f"Meta refuses {wanted} (code {code}{f', {sub}' if sub else ''}: {said[:200]!r}, exhibit {capture.exhibit})"
    if code in _LATER:
        raise RateLimitedError(f"{told}: the key has asked as much as it may for now. Run the same query again later.")
    if code == 368:
        raise SourceBlockedError(f"{told}: Meta has blocked the key for a while. Ask its owner why before you go on.")
    if code in (102, 190):
        raise SourceClosedError(f"{told}: the key has expired or was taken back. {key}")
    if code in _WITHOUT_RIGHT:
        raise SourceClosedError(f"{told}: the key has no right to it; it serves the agency's own pages only.")
    if code == 803 or (code == 100 and sub == 33):
        raise SourceClosedError(
            f"{told}: there is no such page, or it is not the key's own. Meta says the same of both, so this is no "
            "sign that it was removed."
        )


def _usage(capture: Capture) -> Iterator[ParseWarning]:
    """Warn when the answer says that the key has nearly used up what it may ask."""
    most = 0
    for name in _USAGE:
        try:
            told = json.loads(capture.header(name) or "{}")
        except (ValueError, RecursionError):
            continue
        listed = [told, *(each for value in told.values() for each in objects(value))] if isinstance(told, dict) else []
        keys = ("call_count", "total_time", "total_cputime")
        most = max([most, *(count(each.get(key)) or 0 for each in listed for key in keys)])
    if most >= _NEARLY_ALL:
        what = f"Meta says that {most} % of what the key may ask for now is used."
        yield warning(capture, "", what, "Meta may refuse what comes next; that ends a run with the reason 'rate'.")


def records(value: Mapping[str, Any], capture: Capture, manifest: Manifest) -> Iterator[Record]:
    """Yield the posts of a page of the feed with their comments, or those of a page of comments."""
    yield from _usage(capture)
    above = re.fullmatch(r"/v[\d.]+/([\w.]+)/comments/?", urlsplit(capture.url).path)
    for number, item in enumerate(value["data"]):
        pointer = f"/data/{number}"
        if not isinstance(item, dict) or not native(item.get("id")):
            yield from meta_export.not_read(capture, pointer)
        else:
            yield from _post(item, pointer, capture, manifest, above[1] if above else None)
            yield from _comments(item, pointer, capture, manifest)


def _comments(item: Mapping[str, Any], pointer: str, capture: Capture, manifest: Manifest) -> Iterator[Record]:
    """Yield the comments beside their post, and a warning when Meta counts more of them and names no further page."""
    listed = inside(item, "comments", "data")
    comments: list[Any] = list_in(listed)
    if item.get("comments") and not isinstance(listed, list):
        yield from meta_export.not_read(capture, f"{pointer}/comments", "This is no list of comments.")
    for place, comment in enumerate(comments):
        below = f"{pointer}/comments/data/{place}"
        if isinstance(comment, dict) and native(comment.get("id")):
            yield from _post(comment, below, capture, manifest, str(native(item["id"])))
        else:
            yield from meta_export.not_read(capture, below)
    counted = count(inside(item, "comments", "summary", "total_count")) or 0
    if counted > len(comments) and not _cursor(item.get("comments")):
        what = f"Meta counts {counted} comments on this post, shows {len(comments)} and names no further page."
        yield warning(capture, pointer, what, "The others may be hidden, deleted, or of accounts that are gone.")


def _post(
    item: Mapping[str, Any], pointer: str, capture: Capture, manifest: Manifest, root: str | None
) -> Iterator[Record]:
    """Yield a post of the page; or, where ``root`` names one, a comment on it."""
    when, edited = dated(item.get("created_time")), dated(item.get("updated_time"))
    author, attached = native(inside(item, "from", "id")), objects(inside(item, "attachments", "data"))
    parent = native(inside(item, "parent", "id")) or root
    album = [inner for each in attached for inner in objects(inside(each, "subattachments", "data"))]
    shown = [file for each in album or attached for file in meta_page.picture(inside(each, "media", "image", "src"))]
    handle = f"{author}@{manifest.home}" if author else None
    said = text(item.get("message"))
    yield sight(
        capture, manifest, str(native(item.get("id"))), pointer, when,
        type="Note",
        url=text(item.get("permalink_url")),
        **by(manifest.name, handle),
        author_name=text(inside(item, "from", "name")),
        content=said,
        updated=edited.instant if edited and when and edited.instant != when.instant and not root else None,
        in_reply_to=f"facebook:{parent}" if parent else None,
        thread_root=f"facebook:{root}" if root else None,
        attachment=tuple(dict.fromkeys(shown)),
        links=meta_export.links(*(each.get("unshimmed_url") for each in attached)),
        replies=count(inside(item, "comments", "summary", "total_count")),
        announces=count(inside(item, "shares", "count")),
        likes=count(item.get("like_count")),
        visibility="hidden" if item.get("is_hidden") is True else None,
        absent={} if author else {"attributed_to": "hidden"},
        extra={"story": item["story"]} if text(item.get("story")) else {},
    )  # fmt: skip
    yield from undated(capture, pointer, when)
