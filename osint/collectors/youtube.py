"""YouTube: a channel's videos and a video's comments through the Data API, and what a person's own export holds.

**When a run is complete.** ``exhausted`` means that the API named no further page and gave what it counts: the videos
of a channel, the answers to a comment. A channel is read through its list of uploads, never through the search, which
is costly and shows part only. Of a video all comments are asked for, with all answers to each; where comments are
switched off, a warning says so. The feed of a channel, which needs no key, holds its last 15 videos and is read by the
collector ``feed``; it answers 404 for days at a time, which is no sign that a channel is gone.

**Who wrote it.** The key of an account is the channel's id, which no renaming changes.

**Takeout.** A history is what one person looked at: posts of the type ``View``, with the visibility "private".

Sources: https://developers.google.com/youtube/v3/docs, https://developers.google.com/youtube/v3/determine_quota_cost
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from osint.activity import Absence, Actor, Attachment, Record
from osint.capture.exchange import Capture
from osint.collectors import youtube_takeout
from osint.collectors.answer import keep_first, read_json, refuse, reservations, warning
from osint.collectors.exports import member
from osint.collectors.json_values import count, inside, left_over, list_in, native, object_in, objects, text
from osint.collectors.protocol import Get, Key, Manifest, Quota, Stop
from osint.collectors.sights import made_at, missing, sight, undated
from osint.collectors.text import html_to_text
from osint.collectors.times import all_before, dated
from osint.collectors.youtube_takeout import HOSTS, VIDEO, key_of, video_of
from osint.errors import (
    QueryError,
    RateLimitedError,
    SourceClosedError,
    SourceGoneError,
    SourceQuotaError,
    UnreadableCaptureError,
)
from osint.query import AccountQuery, Query, ThreadQuery

MANIFEST = Manifest(
    name="youtube",
    version="1",
    reads="a channel's videos, a video with its comments, and the history and comments of a person's own export",
    queries=(AccountQuery, ThreadQuery),
    ways=("api", "file"),
    public="public videos with their counts, and their comments",
    limits="10,000 units a day; held and removed comments are left out unmarked; ids of private videos stay in lists",
    files="Google Takeout: `watch-history.json`, `search-history.json`, comments as CSV; answers of the API",
    id_time="none: `publishedAt` is YouTube's word",
    proof="documented",
    home="youtube.com",
    asks=("www.googleapis.com",),
    page=50,
    key=Key(
        host="www.googleapis.com",
        parameter="key",
        how="In the agency's Google Cloud console, switch on the YouTube Data API v3 and make an API key.",
    ),
    quota=Quota(units=10_000, each=1, resets="midnight in California"),
    documentation="https://developers.google.com/youtube/v3/docs",
    terms="The API's terms forbid keeping its data beyond 30 days without refreshing it; ask counsel what holds for "
    "evidence. Videos may not be downloaded.",
    terms_checked="unverified",
)

_EXPECTED = "an answer of the YouTube Data API, or a file of Google Takeout"
_API = "https://www.googleapis.com/youtube/v3"
_CHANNEL = re.compile(r"UC[\w-]{22}", re.ASCII)
_HANDLE = re.compile(r"/@(?P<handle>[^/@]{1,60})(?:/(?:videos|shorts|streams|community|about|featured))?/?")
_BY_ID = re.compile(r"/channel/(?P<id>UC[\w-]{22})(?:/\w+)?/?", re.ASCII)
_LISTS = {
    "youtube#channelListResponse": "channel", "youtube#playlistItemListResponse": "playlistItem",
    "youtube#videoListResponse": "video", "youtube#commentThreadListResponse": "commentThread",
    "youtube#commentListResponse": "comment",
}  # fmt: skip
_USED_UP = ("quotaExceeded", "dailyLimitExceeded")
_TOO_FAST = ("rateLimitExceeded", "userRateLimitExceeded")
_FAILED = ("processingFailure", "backendError", "internalError", "SERVICE_UNAVAILABLE")
_WITHHELD = ("private", "privacyStatusUnspecified")  # the second of what was deleted
_STANDS_FOR = ("Private video", "Deleted video")
_READ = frozenset({"kind", "etag", "id", "snippet", "contentDetails", "statistics", "replies"})

_Note = Callable[[Mapping[str, Any]], object]


def query_for(url: str) -> Query | None:
    """Return the channel or the video of an address at YouTube."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.hostname == "youtu.be":
        return ThreadQuery(thread=url) if VIDEO.fullmatch(path.strip("/")) else None
    if parts.hostname not in HOSTS:
        return None
    named = _HANDLE.fullmatch(path) or _BY_ID.fullmatch(path)
    if named:
        return AccountQuery(account=f"@{named[1]}@{MANIFEST.home}")
    return ThreadQuery(thread=url) if video_of(url) else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the channel and each page of its uploads; or the video and each page of its comments."""
    if isinstance(query, AccountQuery):
        return (yield from _channel(query, get))
    assert isinstance(query, ThreadQuery)
    video = video_of(query.thread)
    if not video:
        raise QueryError(f"{query.thread} is no video; write it as https://www.youtube.com/watch?v=...")
    return (yield from _video(query, video, get))


def claims(capture: Capture) -> bool:
    """Say whether it looks like an answer of the API or a file of Takeout."""
    start = capture.body[:4096]
    if b'"youtube#' in start:
        return True
    if b'"header"' in start and b'"YouTube' in start and b'"time"' in capture.body[:65536]:
        return True
    return b"Comment ID" in start and b"Channel ID" in start and (b"Video ID" in start or b"Post ID" in start)


def parse(capture: Capture) -> list[Record]:
    """Read an answer of the API, a history, or a table of comments.

    Raises:
        UnreadableCaptureError: It is none of these.
    """
    if "csv" in capture.media_type or member(capture).casefold().endswith(".csv"):
        return keep_first([*reservations(capture), *youtube_takeout.comments(capture, MANIFEST, _EXPECTED)])
    value = read_json(capture, _EXPECTED)
    if isinstance(value, list):
        return keep_first([*reservations(capture), *youtube_takeout.history(value, _owner(capture), capture, MANIFEST)])
    if _reason(value) == "commentsDisabled":
        what = "Comments are switched off for this video."
        effect = "There are none in the tables; earlier ones may have been removed."
        return [*reservations(capture), warning(capture, "/error", what, effect)]
    kind = _LISTS.get(str(value.get("kind"))) if isinstance(value, dict) else None
    if kind is None:
        said = "the server refused" if _reason(value) else "it is of no kind that is read"
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, said)
    return keep_first([*reservations(capture), *_items(value, kind, capture)])


# What to ask for ---------------------------------------------------------------------------------------------------


def _channel(query: AccountQuery, get: Get) -> Generator[Capture, None, Stop]:
    by: dict[str, Any] = {"id": query.name} if _CHANNEL.fullmatch(query.name) else {"forHandle": f"@{query.name}"}
    answer = get(f"{_API}/channels", part="snippet,statistics,contentDetails,status", **by)
    found = objects(_answer(answer, f"the channel {query.account}").get("items"))
    uploads = text(inside(found[0] if found else None, "contentDetails", "relatedPlaylists", "uploads"))
    if not uploads:
        raise SourceGoneError(
            f"YouTube names no channel for {query.account} (exhibit {answer.exhibit}). One that was closed, suspended "
            "or renamed looks the same. Check the spelling; look for copies in web archives."
        )
    yield answer
    came: set[str | None] = set()
    more = {"part": "snippet,contentDetails,status", "playlistId": uploads, "maxResults": 50}
    wanted = f"the uploads of {query.account} (a channel without public videos may have no such list)"
    stop = yield from _listed(
        get, "playlistItems", more, query, wanted=wanted, note=lambda item: came.add(_native(item, "playlistItem"))
    )
    return _counted(stop, came, count(inside(found[0], "statistics", "videoCount")))


def _video(query: Query, video: str, get: Get) -> Generator[Capture, None, Stop]:
    answer = get(f"{_API}/videos", part="snippet,contentDetails,statistics,status,recordingDetails", id=video)
    if not objects(_answer(answer, f"the video {video}").get("items")):
        raise SourceGoneError(
            f"YouTube shows no video {video} (exhibit {answer.exhibit}): it was removed or is private, or its owner's "
            "account is closed. Look for copies in web archives; ask YouTube by legal process."
        )
    yield answer
    counted: dict[str, int] = {}  # answers to each comment of which the list shows part
    more = {"part": "snippet,replies", "videoId": video, "maxResults": 100, "textFormat": "plainText"}
    wanted = f"the comments on {video}"
    stop = yield from _listed(
        get, "commentThreads", more, query, wanted=wanted, note=lambda item: counted.update(_partial(item))
    )
    for parent, total in counted.items():
        ended = yield from _answers(query, parent, total, get)
        stop = ended if ended is not Stop.EXHAUSTED else stop
    return stop


def _answers(query: Query, parent: str, total: int, get: Get) -> Generator[Capture, None, Stop]:
    came: set[str | None] = set()
    more = {"part": "snippet", "parentId": parent, "maxResults": 100, "textFormat": "plainText"}
    wanted = f"the answers to the comment {parent}"
    stop = yield from _listed(
        get, "comments", more, query, wanted=wanted, note=lambda item: came.add(_native(item, "comment"))
    )
    return _counted(stop, came, total)


def _counted(stop: Stop, came: Collection[str | None], counted: int | None) -> Stop:
    """Return why a list ended: that no further page was named does not mean that it gave all that it counts."""
    return Stop.PLATFORM_CAP if stop is Stop.EXHAUSTED and counted is not None and len(came) < counted else stop


def _listed(
    get: Get, name: str, asked: Mapping[str, Any], query: Query, *, wanted: str, note: _Note
) -> Generator[Capture, None, Stop]:
    """Yield each page of a list; ``note`` takes down what each item says of the whole."""
    tokens: set[str] = set()
    since, _ = query.bounds
    more: dict[str, Any] = {}
    while True:
        page = get(f"{_API}/{name}", **asked, **more)
        value = _answer(page, wanted)
        yield page
        items = objects(value.get("items"))
        for item in items:
            note(item)
        if name == "playlistItems" and all_before(since, (dated(_when(item)) for item in items)):
            return Stop.UNTIL_DATE
        token = value.get("nextPageToken")
        if not isinstance(token, str) or not token:
            return Stop.EXHAUSTED
        if token in tokens:
            return Stop.ERROR
        tokens.add(token)
        more = {"pageToken": token}


def _answer(capture: Capture, wanted: str) -> dict[str, Any]:
    """Return the JSON of an answer; a refusal says in its own JSON why.

    Raises:
        SourceQuotaError: The day's units are used up.
        RateLimitedError: We are too fast.
        SourceClosedError: The key is not accepted, or what was asked for is private.
    """
    try:
        value = read_json(capture, _EXPECTED)
    except UnreadableCaptureError:
        refuse(capture, wanted)
        raise
    reason = _reason(value)
    if reason == "commentsDisabled":
        return {}
    if reason in _USED_UP:
        raise SourceQuotaError(
            f"The units of the key are used up ({reason}, exhibit {capture.exhibit}) until midnight in California. "
            "What was collected stays; go on then with case.resume()."
        )
    if reason in _TOO_FAST:
        raise RateLimitedError(
            f"YouTube asks for more time between questions ({reason}, exhibit {capture.exhibit}). Run the same query "
            "again later."
        )
    if reason and reason not in _FAILED and capture.status in (400, 401, 403):
        raise SourceClosedError(
            f"YouTube refuses {wanted} ({reason}, exhibit {capture.exhibit}): the key is not accepted for it, or it is "
            f"not shown to the public. Check the key; or import a file: {MANIFEST.files}."
        )
    refuse(capture, wanted, reason)
    if not isinstance(value, dict):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it is not an object")
    return value


def _reason(value: object) -> str:
    """Return YouTube's word for why it refuses; empty when it does not."""
    errors = objects(inside(value, "error", "errors"))
    said = errors[0].get("reason") if errors else inside(value, "error", "status")
    return str(said) if said else ""


def _partial(thread: Mapping[str, Any]) -> dict[str, int]:
    """Return the id of a comment with the number of its answers, where part of them is shown beside it."""
    total, shown = count(inside(thread, "snippet", "totalReplyCount")), objects(inside(thread, "replies", "comments"))
    parent = text(thread.get("id"))
    return {parent: total} if parent and total and total > len(shown) else {}


def _owner(capture: Capture) -> str | None:
    query = query_for(capture.url) if capture.url else None
    return key_of(query.name) if isinstance(query, AccountQuery) else None


# Records -----------------------------------------------------------------------------------------------------------


def _items(value: Mapping[str, Any], kind: str, capture: Capture) -> Iterator[Record]:
    items = value.get("items", [])
    if not isinstance(items, list):
        yield warning(capture, "/items", "Its items are no list.", "Nothing of it is in the tables.")
    for number, item in enumerate(list_in(items)):
        pointer = f"/items/{number}"
        if not isinstance(item, dict) or not _native(item, kind):
            yield warning(capture, pointer, "This is nothing with an id.", "It is not in the tables.")
        elif kind == "channel":
            yield _profile(item, pointer, capture)
        elif kind == "commentThread":
            yield from _thread(item, pointer, capture)
        else:
            yield from (_comment if kind == "comment" else _one_video)(item, pointer, capture)


def _native(item: Mapping[str, Any], kind: str) -> str | None:
    if kind == "playlistItem":
        return native(inside(item, "contentDetails", "videoId")) or native(
            inside(item, "snippet", "resourceId", "videoId")
        )
    return native(item.get("id"))


def _profile(item: Mapping[str, Any], pointer: str, capture: Capture) -> Actor:
    snippet = object_in(item.get("snippet"))
    created = dated(snippet.get("publishedAt"))
    handle = (text(snippet.get("customUrl")) or str(item["id"])).removeprefix("@")
    return Actor(
        id=key_of(item["id"]),
        platform=MANIFEST.name,
        native_id=str(item["id"]),
        handle=handle,
        name=text(snippet.get("title")),
        url=f"https://www.youtube.com/channel/{item['id']}",
        summary=text(snippet.get("description")),
        **made_at(created),
        exhibit=capture.exhibit,
        pointer=pointer,
    )


def _one_video(item: Mapping[str, Any], pointer: str, capture: Capture) -> Iterator[Record]:
    snippet = object_in(item.get("snippet"))
    video = str(_native(item, "playlistItem") or item.get("id"))
    private, published = inside(item, "status", "privacyStatus"), inside(item, "contentDetails", "videoPublishedAt")
    hidden = private in _WITHHELD or (
        text(snippet.get("title")) in _STANDS_FOR and "resourceId" in snippet and not published
    )
    # Of what is withheld a list gives the instant of its own entry, which is none of the video.
    when = dated(published if hidden else _when(item))
    owner = native(snippet.get("videoOwnerChannelId")) or native(snippet.get("channelId"))
    said = "\n\n".join(filter(None, (text(snippet.get("title")), text(snippet.get("description")))))
    absent: dict[str, Absence] = {"content": "hidden", "published": "hidden"} if hidden else {}
    yield sight(
        capture, MANIFEST, video, pointer, when,
        type="Tombstone" if hidden else "Video",
        url=f"https://www.youtube.com/watch?v={video}",
        attributed_to=key_of(owner) if owner else None,
        author_name=text(snippet.get("videoOwnerChannelTitle")) or text(snippet.get("channelTitle")),
        content=None if hidden else said or "",
        language=text(snippet.get("defaultAudioLanguage")) or text(snippet.get("defaultLanguage")),
        attachment=tuple(_pictures(snippet)),
        replies=count(inside(item, "statistics", "commentCount")),
        likes=count(inside(item, "statistics", "likeCount")),
        visibility=text(private),
        absent=absent,
        extra={
            "tags": snippet.get("tags"), "views": count(inside(item, "statistics", "viewCount")),
            "duration": inside(item, "contentDetails", "duration"), **left_over(item, _READ),
            **({"listed": snippet.get("publishedAt"), "stands_for_it": said} if hidden else {}),
        },
    )  # fmt: skip
    if not hidden:
        yield from undated(capture, pointer, when)


def _when(item: Mapping[str, Any]) -> object:
    return inside(item, "contentDetails", "videoPublishedAt") or inside(item, "snippet", "publishedAt")


def _thread(item: Mapping[str, Any], pointer: str, capture: Capture) -> Iterator[Record]:
    top = inside(item, "snippet", "topLevelComment")
    if isinstance(top, dict) and native(top.get("id")):
        yield from _comment(top, f"{pointer}/snippet/topLevelComment", capture)
    else:
        effect = "It is not in the tables; what answers it is."
        yield warning(capture, pointer, "This thread has no comment.", effect)
    answers = inside(item, "replies", "comments")
    for number, answer in enumerate(list_in(answers)):
        place = f"{pointer}/replies/comments/{number}"
        if isinstance(answer, dict) and native(answer.get("id")):
            yield from _comment(answer, place, capture)
        else:
            yield warning(capture, place, "This is no comment: it has no id.", "It is not in the tables.")


def _comment(item: Mapping[str, Any], pointer: str, capture: Capture) -> Iterator[Record]:
    snippet = object_in(item.get("snippet"))
    author, when = native(inside(snippet, "authorChannelId", "value")), dated(snippet.get("publishedAt"))
    edited = dated(snippet.get("updatedAt"))
    parent, video = native(snippet.get("parentId")), native(snippet.get("videoId"))
    answered = parent or video
    plain = text(snippet.get("textOriginal")) or html_to_text(text(snippet.get("textDisplay")) or "")
    is_edited = edited is not None and when is not None and edited.instant != when.instant
    yield sight(
        capture, MANIFEST, str(item["id"]), pointer, when,
        type="Note",
        url=f"https://www.youtube.com/watch?v={video}&lc={item['id']}" if video else None,
        attributed_to=key_of(author) if author else None,
        author_handle=(text(snippet.get("authorDisplayName")) or "").removeprefix("@") or None,
        author_name=text(snippet.get("authorDisplayName")),
        content=plain,
        updated=edited.instant if edited and is_edited else None,
        in_reply_to=f"youtube:{answered}" if answered else None,
        thread_root=f"youtube:{video}" if video else None,
        likes=count(snippet.get("likeCount")),
        absent=missing(attributed_to=author),
        extra=left_over(item, _READ),
    )  # fmt: skip
    yield from undated(capture, pointer, when)


def _pictures(snippet: Mapping[str, Any]) -> Iterator[Attachment]:
    sizes = snippet.get("thumbnails")
    found = [each for each in sizes.values() if isinstance(each, dict)] if isinstance(sizes, dict) else []
    largest = max(found, key=lambda each: count(each.get("width")) or 0, default=None)
    url = text(largest.get("url")) if largest else None
    if largest and url and url.startswith("https://"):
        yield Attachment(
            url=url, name="thumbnail", width=count(largest.get("width")), height=count(largest.get("height"))
        )
