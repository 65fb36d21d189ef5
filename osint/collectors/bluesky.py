"""Bluesky: an account's posts and reposts, a thread, and the signed repository of an account.

**When a run is complete.** An account is ``exhausted`` when the answer names no cursor; an empty page is no end. A
thread is when every post in it has as many replies as it counts and no place in it is withheld. A repository is when
its tree leads to nothing that the file lacks.

**Ids** are ``bluesky:`` and the address of the record, ``at://did/collection/key``. Accounts are keyed by their DID,
since a handle can pass to somebody else; ``author_handle`` is the handle at the time of capture. ``handle.invalid``
means that none is proven, and the DID stands for it.

**Times.** ``createdAt`` is what the author's app claimed, so the basis is "author-claimed". ``indexedAt`` stays in
``extra``: of backdated posts it repeats the claim. The key of a record holds the time at which it was written.

**A repository** hangs together by hashes up to its commit. The signature of the commit is not checked, and a warning
says so: the key stands in the account's DID document, which is another exhibit.

Source: https://docs.bsky.app/docs/category/http-reference, https://atproto.com/specs/repository and the lexicons
app.bsky.feed.defs, app.bsky.richtext.facet, app.bsky.embed.*.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from osint.activity import Absence, Actor, Attachment, Post, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import keep_first, missing_parents, read_json, refuse, reservations, warning
from osint.collectors.car import CarError, Repository, read_repository
from osint.collectors.json_values import count_in, list_in, objects_in, text_in
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.text import absolute, well_formed
from osint.errors import QueryError, SourceClosedError, SourceError, SourceGoneError, UnreadableCaptureError
from osint.instants import Reading, read_instant
from osint.query import AccountQuery, Query, ThreadQuery, UrlQuery, host_of

MANIFEST = Manifest(
    name="bluesky",
    version="1",
    reads="posts, reposts, profiles and signed repositories on Bluesky",
    queries=(AccountQuery, ThreadQuery, UrlQuery),
    ways=("api", "file"),
    public="all posts, reposts, likes and follows; an account may ask apps to show it to signed-in users only",
    limits="no search; of a thread 100 posts above and 100 levels below; deleted posts are missing without a mark",
    files="a repository (`.car`), as its server or its owner exports it; answers of its API that somebody saved",
    id_time="the key of a record (13 characters, base32-sortable): `>> 10` is microseconds since 1970",
    proof="real server",
    home="bsky.app",
    asks=("public.api.bsky.app",),
    page=100,
    documentation="https://docs.bsky.app/docs/category/http-reference",
    terms="The terms of the operator apply to its interface; read them and its guidelines before the first run.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_EXPECTED = "an answer of Bluesky"
_XRPC = "https://public.api.bsky.app/xrpc"
_REPOSITORY = "/xrpc/com.atproto.sync.getRepo"
_PAGE, _DEEPEST, _MOST_EMPTY = 100, 100, 20
_PLAYLIST = "application/vnd.apple.mpegurl"
_HANDLE = r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}|did:[a-z]+:[A-Za-z0-9._:%-]{1,256}"
_PROFILE = re.compile(rf"/profile/(?P<name>{_HANDLE})/?")
_THREAD = re.compile(rf"/profile/(?P<name>{_HANDLE})/post/(?P<key>[A-Za-z0-9._~:-]{{1,512}})/?")
_RECORD = re.compile(r"at://(?P<did>did:[^/\s]{1,300})/(?P<collection>[A-Za-z0-9.-]{1,300})/(?P<key>[^/\s]{1,512})")
_PROFILE_MARK = re.compile(rb'"did"\s*:\s*"did:')
_GONE = {
    "AccountDeactivated": "its owner deactivated it, and may bring it back",
    "AccountTakedown": "the operator suspended it",
    "RepoDeactivated": "its owner deactivated it, and may bring it back",
    "RepoTakendown": "the operator suspended it",
}
_HOLES = {"notFoundPost": "missing", "blockedPost": "hidden"}
_ACTS = {"app.bsky.feed.like": "Like", "app.bsky.graph.follow": "Follow", "app.bsky.graph.block": "Block"}
_COUNTS = {"replies": "replyCount", "announces": "repostCount", "likes": "likeCount"}
# Keys of a post's view and of its record that have a field of their own; all others go to ``extra``.
_READ = frozenset({
    "$type", "uri", "author", "record", "embed", "replyCount", "repostCount", "likeCount", "viewer", "value", "embeds",
})  # fmt: skip
_READ_RECORD = frozenset({"$type", "text", "createdAt", "facets", "reply", "embed", "tags"})


def query_for(url: str) -> Query | None:
    """Return the account, the post or the repository of an address of Bluesky; a repository may lie on any host."""
    parts = urlsplit(url)
    if parts.hostname and parts.path == _REPOSITORY and parse_qs(parts.query).get("did"):
        return UrlQuery(url=url)
    if host_of(url) != "bsky.app":
        return None
    path = unquote(parts.path)
    if account := _PROFILE.fullmatch(path):
        return AccountQuery(account=f"@{account['name']}@bsky.app")
    return ThreadQuery(thread=url) if _THREAD.fullmatch(path) else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the profile and each page of its feed; or a thread; or a repository."""
    if isinstance(query, AccountQuery):
        return (yield from _account(query, get))
    if isinstance(query, ThreadQuery):
        return (yield from _thread(query, get))
    assert isinstance(query, UrlQuery)
    if urlsplit(query.url).path != _REPOSITORY:
        raise QueryError(
            f"{query.url!r} is no repository. Write url='https://HOST{_REPOSITORY}?did=DID'; an account is "
            "account='@handle@bsky.app'."
        )
    page = get(query.url)
    refuse(page, "the repository", _refused(page, "the repository"))
    repository = _repository(page)
    yield page
    return Stop.PLATFORM_CAP if repository.missing or repository.cut or repository.altered else Stop.EXHAUSTED


def claims(capture: Capture) -> bool:
    """Say whether it looks like a repository, or like JSON with the names of Bluesky's lexicons."""
    body = capture.body
    if body.lstrip()[:1] in (b"{", b"["):
        return b'"app.bsky.' in body or (_PROFILE_MARK.search(body) is not None and b'"handle"' in body)
    return _is_repository(body)


def parse(capture: Capture) -> list[Record]:
    """Read a profile, a page of a feed, a thread, posts, or a repository.

    Raises:
        UnreadableCaptureError: It is none of these.
    """
    if _is_repository(capture.body):
        problems = [warning(capture, "", each, "What lies beyond the fault is not there.") for each in capture.problems]
        return keep_first([*problems, *_kept(_repository(capture), capture)])
    value = read_json(capture, _EXPECTED)
    if not isinstance(value, dict):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "neither profile nor posts")
    return keep_first([*reservations(capture), *_without_repeats(list(_answered(value, capture)))])


# What to ask for ---------------------------------------------------------------------------------------------------


def _account(query: AccountQuery, get: Get) -> Generator[Capture, None, Stop]:
    if query.host != "bsky.app" or not re.fullmatch(_HANDLE, query.name):
        raise QueryError(f"{query.account!r} is no account of Bluesky; write it as @handle@bsky.app.")
    first = get(f"{_XRPC}/app.bsky.actor.getProfile", actor=query.name)
    profile = _answer(first, f"the account {query.account}")
    did = _did(profile)
    if did is None:
        raise UnreadableCaptureError(first.exhibit, "a Bluesky profile", "it names no account")
    if query.name.casefold() not in (did.casefold(), str(profile.get("handle")).casefold()):
        raise _another(query.account, profile.get("handle"), first)
    yield first
    feed_page = partial(
        get, f"{_XRPC}/app.bsky.feed.getAuthorFeed", actor=did, filter="posts_with_replies", limit=_PAGE
    )
    asked, empty, cursor = set[str](), 0, ""
    while True:
        page = feed_page(cursor=cursor) if cursor else feed_page()
        answer = _answer(page, f"the posts of {query.account}")
        feed = answer.get("feed")
        if not isinstance(feed, list):
            raise UnreadableCaptureError(page.exhibit, "a page of a Bluesky feed", "it holds no feed")
        yield page
        empty = 0 if feed else empty + 1
        if feed and _is_before(feed, query):
            return Stop.UNTIL_DATE
        cursor = text_in(answer.get("cursor")) or ""
        if not cursor:
            return Stop.EXHAUSTED
        if cursor in asked or empty > _MOST_EMPTY:
            return Stop.ERROR
        asked.add(cursor)


def _thread(query: ThreadQuery, get: Get) -> Generator[Capture, None, Stop]:
    named = _THREAD.fullmatch(unquote(urlsplit(query.thread).path))
    if query.host != "bsky.app" or not named:
        raise QueryError(
            f"{query.thread!r} is no post of Bluesky; write it as https://bsky.app/profile/HANDLE/post/KEY."
        )
    uri = f"at://{named['name']}/app.bsky.feed.post/{named['key']}"
    page = get(f"{_XRPC}/app.bsky.feed.getPostThread", uri=uri, depth=_DEEPEST, parentHeight=_DEEPEST)
    thread = _answer(page, f"the post {query.thread}").get("thread")
    kind = _kind(thread)
    if kind == "notFoundPost":
        raise _gone(page, f"the post {query.thread}", "it was deleted, or never existed")
    if kind == "blockedPost":
        raise SourceClosedError(
            f"Bluesky withholds the post {query.thread}: its author blocks whoever asks. The answer is preserved as "
            f"exhibit {page.exhibit}. The author's repository may hold it."
        )
    post = thread.get("post") if isinstance(thread, dict) else None
    author = post.get("author") if isinstance(post, dict) else None
    if not isinstance(thread, dict) or not isinstance(author, dict):
        raise UnreadableCaptureError(page.exhibit, "a Bluesky thread", "it holds no post")
    if named["name"].casefold() not in (str(author.get("handle")).casefold(), str(author.get("did")).casefold()):
        raise _another(query.thread, author.get("handle"), page)
    yield page
    return Stop.EXHAUSTED if _is_whole(thread) else Stop.PLATFORM_CAP


def _is_before(feed: list[Any], query: Query) -> bool:
    """Say whether the period lies behind: everything on the page was indexed before it."""
    since, _ = query.bounds
    items = [item for item in feed if isinstance(item, dict)]
    seen = [_instant(_indexed(item)) for item in items]
    instants = [reading.instant for reading in seen if reading and reading.instant]
    return since is not None and bool(instants) and all(instant < since for instant in instants)


def _indexed(item: Mapping[str, Any]) -> Any:
    reason, post = item.get("reason"), item.get("post")
    source = reason if isinstance(reason, dict) and "indexedAt" in reason else post
    return source.get("indexedAt") if isinstance(source, dict) else None


def _is_whole(thread: Mapping[str, Any]) -> bool:
    """Say whether each post has as many replies as it counts, nothing is withheld, and the first answers nothing."""
    top: Any = thread
    while isinstance(top.get("parent"), dict):
        top = top["parent"]
    post = top.get("post")
    record = post.get("record") if isinstance(post, dict) else None
    if _kind(top) in _HOLES or (isinstance(record, dict) and record.get("reply")):
        return False
    below = [node for _, node, _ in _nodes({**thread, "parent": None}, "")]
    return all(isinstance(node, dict) and _counted(node) == len(list_in(node.get("replies"))) for node in below)


def _counted(node: Mapping[str, Any]) -> int:
    """Return how many replies a place counts; a place that is withheld counts one more than anybody can see."""
    post = node.get("post")
    return (count_in(post.get("replyCount")) or 0) if isinstance(post, dict) else 1


def _answer(capture: Capture, wanted: str) -> dict[str, Any]:
    """Return the JSON of an answer that was not refused."""
    refuse(capture, wanted, _refused(capture, wanted))
    value = read_json(capture, _EXPECTED)
    if not isinstance(value, dict):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "neither profile nor posts")
    return value


def _refused(capture: Capture, wanted: str) -> str:
    """Return what a refusal says in words; raise when it says that the account or the post is not there."""
    if capture.status < 400 or capture.body.lstrip()[:1] != b"{":
        return ""
    told = read_json(capture, _EXPECTED)
    name, said = text_in(told.get("error")) or "", text_in(told.get("message")) or ""
    if name in _GONE:
        raise _gone(capture, wanted, _GONE[name])
    if "not found" in said.casefold() or name in ("NotFound", "RepoNotFound"):
        raise _gone(capture, wanted, f"it says {said[:200]!r}, which it also says of what was deleted")
    return f"{name} {said}".strip()


def _gone(capture: Capture, wanted: str, why: str) -> SourceGoneError:
    return SourceGoneError(
        f"{urlsplit(capture.url).netloc} does not show {wanted}: {why}. The answer is preserved as exhibit "
        f"{capture.exhibit}; it does not show that it never existed. Ask the operator by legal process what it holds."
    )


def _another(asked: str, came: object, capture: Capture) -> SourceError:
    return SourceError(
        f"{asked} was asked for, and Bluesky answered with what belongs to {came!r} (exhibit {capture.exhibit}). "
        "The answer is preserved and nothing was read from it: the authority names the account that was asked for."
    )


# Answers -----------------------------------------------------------------------------------------------------------


def _answered(value: dict[str, Any], capture: Capture) -> Iterator[Record]:
    if isinstance(value.get("feed"), list):
        for number, item in enumerate(value["feed"]):
            yield from _item(f"/feed/{number}", item, capture)
    elif isinstance(value.get("thread"), dict):
        nodes = _nodes(value["thread"], "/thread")
        found = [record for pointer, node, answered in nodes for record in _node(pointer, node, answered, capture)]
        yield from found
        placed = [record for record in found if not record.pointer.endswith("/embed")]
        yield from missing_parents(capture, placed, *(record.id for record in found if isinstance(record, Post)))
    elif isinstance(value.get("posts"), list):
        for number, post in enumerate(value["posts"]):
            yield from _view(f"/posts/{number}", post, capture)
        yield from _fewer(value["posts"], capture)
    elif isinstance(value.get("records"), list):
        for number, listed in enumerate(value["records"]):
            yield from _view(f"/records/{number}", listed, capture)
    elif _did(value):
        yield from _profile(value, capture)
    else:
        reason = "the server refused" if "error" in value else "neither profile nor posts"
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)


def _without_repeats(records: list[Record]) -> Iterator[Record]:
    """Leave out the quoted sight of a post that the answer also holds by itself: it is the same, with fewer counts."""
    whole = {record.id for record in records if isinstance(record, Post) and not record.pointer.endswith("/embed")}
    for record in records:
        if not (isinstance(record, Post) and record.pointer.endswith("/embed") and record.id in whole):
            yield record


def _fewer(posts: list[Any], capture: Capture) -> Iterator[Record]:
    """Yield which of the posts that were asked for by name did not come: they are left out without a word."""
    asked = parse_qs(urlsplit(capture.url).query).get("uris", [])
    came = {text_in(post.get("uri")) for post in posts if isinstance(post, dict)}
    lacking = [uri for uri in asked if uri not in came]
    if lacking:
        what = f"{len(lacking)} of {len(asked)} posts that were asked for did not come: {', '.join(lacking)[:1000]}."
        yield warning(capture, "/posts", what, "They were deleted, or are withheld; the answer does not say which.")


def _item(pointer: str, item: Any, capture: Capture) -> Iterator[Record]:
    reason = item.get("reason") if isinstance(item, dict) else None
    post = item.get("post") if isinstance(item, dict) else None
    if isinstance(reason, dict) and _kind(reason) == "reasonRepost":
        yield from _repost(pointer, reason, post, capture)
    yield from _view(f"{pointer}/post", post, capture)


def _repost(pointer: str, reason: Mapping[str, Any], post: Any, capture: Capture) -> Iterator[Record]:
    by, subject = _did(reason.get("by")), _record_of(post.get("uri")) if isinstance(post, dict) else None
    if not by or not subject:
        what = "This is no repost: it names nobody, or no post."
        yield warning(capture, f"{pointer}/reason", what, "It is not in the tables.")
        return
    own = _record_of(reason.get("uri"))
    native = own[0] if own else f"{by} reposted {subject[0]}"
    indexed = _instant(reason.get("indexedAt"))
    yield Post(
        id=f"bluesky:{native}",
        platform="bluesky",
        native_id=native,
        type="Announce",
        attributed_to=_account_of(by),
        author_handle=_handle(reason["by"]),
        author_name=text_in(reason["by"].get("displayName")),
        published=indexed.instant if indexed else None,
        published_raw=indexed.raw if indexed else None,
        published_basis="platform" if indexed else "none",
        published_zone_known=bool(indexed and indexed.zone_known),
        announce_of=f"bluesky:{subject[0]}",
        announce_of_account=_account_of(subject[1]),
        visibility="public",
        exhibit=capture.exhibit,
        pointer=f"{pointer}/reason",
        collector=_COLLECTOR,
        collected=capture.collected,
        absent={} if indexed else {"published": "missing"},
        extra={"cid": reason["cid"]} if text_in(reason.get("cid")) else {},
    )


def _nodes(node: Any, pointer: str) -> Iterator[tuple[str, Any, str | None]]:
    """Yield each place of a thread with its JSON Pointer and the address of what it answers, without recursion."""
    waiting: list[tuple[str, Any, str | None]] = [(pointer, node, None)]
    while waiting:
        place, each, answered = waiting.pop()
        yield place, each, answered
        if isinstance(each, dict):
            own = each["post"].get("uri") if isinstance(each.get("post"), dict) else None
            replies = list(enumerate(list_in(each.get("replies"))))
            waiting += [(f"{place}/replies/{n}", reply, text_in(own)) for n, reply in reversed(replies)]
            if isinstance(each.get("parent"), dict):
                waiting.append((f"{place}/parent", each["parent"], None))


def _node(pointer: str, node: Any, answered: str | None, capture: Capture) -> Iterator[Record]:
    kind = _kind(node)
    if kind not in _HOLES:
        yield from _view(f"{pointer}/post", node.get("post") if isinstance(node, dict) else None, capture)
        return
    record = _record_of(node.get("uri"))
    what = "A post in this thread was deleted or never existed" if kind == "notFoundPost" else (
        "A post in this thread is withheld, since somebody blocks somebody"
    )  # fmt: skip
    yield warning(
        capture, pointer, f"{what}: {str(node.get('uri'))[:300]}.", "Its place is kept; its words are not there."
    )
    if record is None:
        return
    parent = _record_of(answered)
    absent: Absence = "hidden" if kind == "blockedPost" else "missing"
    yield Post(
        id=f"bluesky:{record[0]}",
        platform="bluesky",
        native_id=record[0],
        type="Tombstone",
        attributed_to=_account_of(record[1]),
        in_reply_to=f"bluesky:{parent[0]}" if parent else None,
        exhibit=capture.exhibit,
        pointer=pointer,
        collector=_COLLECTOR,
        collected=capture.collected,
        absent={"content": absent, "published": absent, "author_handle": absent},
    )


def _profile(profile: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    created, handle = _instant(profile.get("createdAt")), _handle(profile)
    yield Actor(
        id=_account_of(str(_did(profile))),
        platform="bluesky",
        native_id=str(_did(profile)),
        handle=handle,
        name=text_in(profile.get("displayName")),
        url=f"https://bsky.app/profile/{_did(profile)}",
        summary=text_in(profile.get("description")),
        published=created.instant if created else None,
        published_raw=created.raw if created else None,
        exhibit=capture.exhibit,
        pointer="",
    )
    for label in _labels(profile):
        what = f"The account bears the label {label!r}."
        wish = "It asks apps to show it to signed-in users only." if label == "!no-unauthenticated" else ""
        yield warning(capture, "/labels", what, wish or "Its posts may be hidden or marked in apps.")


def _view(pointer: str, post: Any, capture: Capture) -> Iterator[Record]:
    """Yield a post as the API shows it, and the post that it quotes."""
    record = _record_of(post.get("uri")) if isinstance(post, dict) else None
    value = post.get("record", post.get("value")) if record else None
    if not record or not isinstance(value, dict):
        yield warning(capture, pointer, "This is no post: it has no address or no record.", "It is not in the tables.")
        return
    yield from _post(pointer, post, value, record, capture)
    quoted = _quoted_view(post.get("embed"))
    if quoted is not None and _kind(quoted) == "viewRecord" and _is_post(quoted.get("uri")):
        embeds = objects_in(quoted.get("embeds"))
        shown = {**quoted, "record": quoted.get("value"), **({"embed": embeds[0]} if embeds else {})}
        # One level: what a quoted post quotes is named, not shown.
        yield from _post(f"{pointer}/embed", shown, shown["record"], _record_of(quoted["uri"]) or ("", "", ""), capture)


def _post(
    pointer: str, view: Mapping[str, Any], value: Any, record: tuple[str, str, str], capture: Capture
) -> Iterator[Record]:
    value = value if isinstance(value, dict) else {}
    author = view["author"] if isinstance(view.get("author"), dict) else {}
    uri, did, key = record
    created, text = _instant(value.get("createdAt")), text_in(value.get("text")) or ""
    reply = value["reply"] if isinstance(value.get("reply"), dict) else {}
    parent, root = (_record_of(reply[side].get("uri")) if isinstance(reply.get(side), dict) else None
                    for side in ("parent", "root"))  # fmt: skip
    tags, links, faults = _facets(value, text)
    embed, languages = view.get("embed"), [lang for lang in list_in(value.get("langs")) if text_in(lang)]
    external = _external(embed) or _external(value.get("embed"))
    links += [external["uri"]] if external and absolute("", external.get("uri")) else []
    quoted = _quoted(value.get("embed"))
    yield Post(
        id=f"bluesky:{uri}",
        platform="bluesky",
        native_id=uri,
        type="Note",
        url=f"https://bsky.app/profile/{did}/post/{key}",
        attributed_to=_account_of(did),
        author_handle=_handle(author) if author else None,
        author_name=text_in(author.get("displayName")),
        content=text,
        language=languages[0] if languages else None,
        published=created.instant if created else None,
        published_raw=created.raw if created else None,
        published_basis="author-claimed" if created else "none",
        published_zone_known=bool(created and created.zone_known),
        in_reply_to=f"bluesky:{parent[0]}" if parent else None,
        in_reply_to_account=_account_of(parent[1]) if parent else None,
        quote_of=f"bluesky:{quoted}" if quoted else None,
        thread_root=f"bluesky:{root[0]}" if root else None,
        tag=tuple(tags),
        attachment=tuple(_attachments(embed, capture)),
        links=tuple(dict.fromkeys(links)),
        replies=count_in(view.get("replyCount")),
        announces=count_in(view.get("repostCount")),
        likes=count_in(view.get("likeCount")),
        visibility="public",
        exhibit=capture.exhibit,
        pointer=pointer,
        collector=_COLLECTOR,
        collected=capture.collected,
        absent=_absent(view, created, has_author=bool(author)),
        extra=_extra(view, value, key, external),
    )
    if not created or created.instant is None:
        faults.append(f"{created.problem}." if created else "The post has no date.")
    for fault in faults:
        yield warning(capture, pointer, fault, "The tables lack it; the exhibit has what was sent.")


def _absent(view: Mapping[str, Any], created: Reading | None, *, has_author: bool) -> dict[str, Absence]:
    absent: dict[str, Absence] = {
        field: "missing" for field, name in _COUNTS.items() if count_in(view.get(name)) is None
    }  # fmt: skip
    if not created:
        absent["published"] = "missing"
    if not has_author:
        absent["author_handle"] = "missing"
    return absent


def _extra(
    view: Mapping[str, Any], value: Mapping[str, Any], key: str, external: Mapping[str, Any] | None
) -> dict[str, Any]:
    kept = {name: item for name, item in {**value, **view}.items() if name not in _READ | _READ_RECORD}
    quoted = _quoted_view(view.get("embed"))
    state = _kind(quoted) if quoted is not None else ""
    told = {
        "key": key,
        "embed": _embed_name(value.get("embed")),
        "external": external,
        "blobs": list(_blobs(value.get("embed"))),
        "quote_state": state.removeprefix("view").lower() if state not in ("", "viewRecord") else None,
    }
    return {name: item for name, item in (kept | told).items() if item not in (None, "", [], {})}


# Rich text and embeds ----------------------------------------------------------------------------------------------


def _facets(record: Mapping[str, Any], text: str) -> tuple[list[Tag], list[str], list[str]]:
    """Return tags, links and faults. A facet counts bytes of the text in UTF-8, not characters."""
    raw = text.encode()
    tags = [Tag(type="Hashtag", name=name) for name in list_in(record.get("tags")) if isinstance(name, str) and name]
    links: list[str] = []
    faults: list[str] = []
    for facet in objects_in(record.get("facets")):
        index = facet["index"] if isinstance(facet.get("index"), dict) else {}
        start, end = count_in(index.get("byteStart")), count_in(index.get("byteEnd"))
        if start is None or end is None or not start <= end <= len(raw):
            faults.append("A facet names bytes that the text does not have.")
            continue
        words = raw[start:end].decode("utf-8", "replace")
        for feature in objects_in(facet.get("features")):
            tag, link = _feature(feature, words)
            tags += [tag] if tag else []
            links += [link] if link else []
    return tags, links, faults


def _feature(feature: Mapping[str, Any], words: str) -> tuple[Tag | None, str | None]:
    kind, did = _kind(feature), _did(feature)
    if kind == "mention" and did:
        href = f"https://bsky.app/profile/{did}"
        return Tag(type="Mention", name=words.removeprefix("@"), href=href, account=_account_of(did)), None
    if kind == "tag" and text_in(feature.get("tag")):
        return Tag(type="Hashtag", name=str(text_in(feature["tag"]))), None
    return None, absolute("", feature.get("uri")) if kind == "link" else None


def _attachments(embed: Any, capture: Capture) -> Iterator[Attachment]:
    for shown in _media(embed):
        for image in objects_in(shown.get("images")):
            if url := absolute(capture.url, image.get("fullsize")):
                width, height = _size(image)
                yield Attachment(url=url, name=text_in(image.get("alt")), width=width, height=height)
        if url := absolute(capture.url, shown.get("playlist")):
            width, height = _size(shown)
            yield Attachment(url=url, media_type=_PLAYLIST, name=text_in(shown.get("alt")), width=width, height=height)


def _media(embed: Any) -> list[dict[str, Any]]:
    """Return an embed, and the media inside one that also quotes."""
    return objects_in([embed, embed.get("media")]) if isinstance(embed, dict) else []


def _size(shown: Mapping[str, Any]) -> tuple[int | None, int | None]:
    ratio = shown["aspectRatio"] if isinstance(shown.get("aspectRatio"), dict) else {}
    return count_in(ratio.get("width")), count_in(ratio.get("height"))


def _external(embed: Any) -> dict[str, Any] | None:
    found = (each["external"] for each in _media(embed) if isinstance(each.get("external"), dict))
    told: dict[str, Any] = next(found, {})
    return {name: told[name] for name in ("uri", "title", "description") if text_in(told.get(name))} or None


def _blobs(embed: Any) -> Iterator[dict[str, Any]]:
    """Yield the files of a record by their identifiers; where they can be had, its server knows."""
    for each in _media(embed):
        for shown in [*objects_in(each.get("images")), each]:
            for name in ("image", "video"):
                blob = shown.get(name)
                ref = blob.get("ref") if isinstance(blob, dict) else None
                if isinstance(blob, dict) and isinstance(ref, dict) and text_in(ref.get("$link")):
                    told = {"cid": ref["$link"], "media_type": blob.get("mimeType"), "alt": shown.get("alt")}
                    yield {field: item for field, item in told.items() if item}


def _quoted(embed: Any) -> str | None:
    """Return the address of the post that a record quotes; lists and feeds are embedded alike, and are no posts."""
    quoted = embed.get("record") if isinstance(embed, dict) else None
    quoted = quoted.get("record", quoted) if isinstance(quoted, dict) else None
    uri = quoted.get("uri") if isinstance(quoted, dict) else None
    found = _record_of(uri) if _is_post(uri) else None
    return found[0] if found else None


def _quoted_view(embed: Any) -> dict[str, Any] | None:
    quoted = embed.get("record") if isinstance(embed, dict) else None
    if isinstance(quoted, dict) and "uri" not in quoted and isinstance(quoted.get("record"), dict):
        quoted = quoted["record"]
    return quoted if isinstance(quoted, dict) else None


def _embed_name(embed: Any) -> str:
    kind = str(embed.get("$type")) if isinstance(embed, dict) else ""
    return kind.removeprefix("app.bsky.embed.") if kind.startswith("app.bsky.embed.") else ""


# A repository ------------------------------------------------------------------------------------------------------


def _is_repository(body: bytes) -> bool:
    return b"eroots" in body[:120] and b"gversion" in body[:120]


def _repository(capture: Capture) -> Repository:
    try:
        return read_repository(capture.body)
    except CarError as error:
        raise UnreadableCaptureError(capture.exhibit, "a repository of the AT Protocol", str(error)) from error


def _kept(repository: Repository, capture: Capture) -> Iterator[Record]:
    did, others = repository.did, dict[str, int]()
    for path, cid, value in repository.records:
        collection = path.partition("/")[0]
        record = _record_of(f"at://{did}/{path}")
        kind = value.get("$type") if isinstance(value, dict) else None
        if record is None or kind != collection:
            yield warning(capture, f"/{path}", "This is no record of its collection.", "It is not in the tables.")
        elif collection == "app.bsky.feed.post":
            yield from _post(f"/{path}", {"cid": cid}, value, record, capture)
        elif collection == "app.bsky.feed.repost" or collection in _ACTS:
            yield _act(path, cid, value, record, capture)
        elif path == "app.bsky.actor.profile/self":
            yield from _profile({**value, "did": did, "handle": None}, capture)
        else:
            others[collection] = others.get(collection, 0) + 1
    yield from _repository_warnings(repository, others, capture)


def _act(path: str, cid: str, value: Mapping[str, Any], record: tuple[str, str, str], capture: Capture) -> Post:
    collection, created = path.partition("/")[0], _instant(value.get("createdAt"))
    subject = value.get("subject")
    about = _record_of(subject.get("uri")) if isinstance(subject, dict) else None
    is_repost = collection not in _ACTS
    return Post(
        id=f"bluesky:{record[0]}",
        platform="bluesky",
        native_id=record[0],
        type=_ACTS.get(collection, "Announce"),
        attributed_to=_account_of(record[1]),
        published=created.instant if created else None,
        published_raw=created.raw if created else None,
        published_basis="author-claimed" if created else "none",
        published_zone_known=bool(created and created.zone_known),
        announce_of=f"bluesky:{about[0]}" if about and is_repost else None,
        announce_of_account=_account_of(about[1]) if about and is_repost else None,
        visibility="public",
        exhibit=capture.exhibit,
        pointer=f"/{path}",
        collector=_COLLECTOR,
        collected=capture.collected,
        absent={"author_handle": "missing"},
        extra={"cid": cid, "key": record[2], "subject": subject},
    )


def _repository_warnings(repository: Repository, others: Mapping[str, int], capture: Capture) -> Iterator[Record]:
    what = f"The signature of the commit (revision {repository.rev[:40]}) was not checked."
    effect = "The key stands in the account's DID document. Hashes lead from every record to the commit."
    yield warning(capture, "", what, effect)
    if others:
        named = ", ".join(f"{count} {name}" for name, count in sorted(others.items())[:40])
        yield warning(capture, "", f"The repository also holds {named}.", "These are no posts and not in the tables.")
    if repository.cut:
        yield warning(capture, "", "The file breaks off.", "The tables hold what its tree led to before the break.")
    if repository.altered:
        what = f"Blocks that do not have the hash that names them: {repository.altered}."
        yield warning(capture, "", what, "They were left out: somebody altered them, or they were damaged.")
    if repository.missing:
        what = f"Blocks that the tree names and the file lacks: {len(repository.missing)}."
        yield warning(capture, "", what, "Those records, or branches of records, are not in the tables.")
    if repository.unreached:
        what = f"Blocks that lie in the file, and the commit does not lead to: {repository.unreached}."
        effect = "Part of the tree is missing, so nobody can say whether" if repository.missing else "It is not so that"
        yield warning(capture, "", what, f"{effect} the account signed them. They are not in the tables.")


# Values ------------------------------------------------------------------------------------------------------------


def _record_of(uri: Any) -> tuple[str, str, str] | None:
    """Return the address of a record, its account and its key; None when it is no such address."""
    found = _RECORD.fullmatch(well_formed(uri)) if isinstance(uri, str) else None
    return (found[0], found["did"], found["key"]) if found else None


def _is_post(uri: Any) -> bool:
    return isinstance(uri, str) and "/app.bsky.feed.post/" in uri


def _kind(value: Any) -> str:
    """Return the last part of a lexicon type, ``reasonRepost`` of ``app.bsky.feed.defs#reasonRepost``."""
    kind = value.get("$type") if isinstance(value, dict) else None
    return kind.rpartition("#")[2] if isinstance(kind, str) and "#" in kind else ""


def _did(value: Any) -> str | None:
    did = value.get("did") if isinstance(value, dict) else None
    return well_formed(did) if isinstance(did, str) and did.startswith("did:") else None


def _account_of(did: str) -> str:
    return account_key("bluesky", did)


def _handle(author: Mapping[str, Any]) -> str:
    handle = text_in(author.get("handle"))
    return f"{handle if handle and handle != 'handle.invalid' else _did(author)}@bsky.app"


def _labels(value: Mapping[str, Any]) -> Iterable[str]:
    found = (text_in(label.get("val")) for label in objects_in(value.get("labels")) if not label.get("neg"))
    return sorted({label for label in found if label})


def _instant(written: Any) -> Reading | None:
    text = text_in(written)
    return read_instant(text) if text else None
