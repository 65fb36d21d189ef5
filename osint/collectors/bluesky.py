"""Bluesky: an account's posts and reposts, a thread, and the signed repository of an account.

**When a run is complete.** An account is ``exhausted`` when the answer names no cursor; an empty page is no end. A
thread is when every post in it has as many replies as it counts and no place in it is withheld. A repository is when
its tree leads to nothing that the file lacks.

**Ids** are ``bluesky:`` and the address of the record, ``at://did/collection/key``. Accounts are keyed by their DID,
since a handle can pass to somebody else; ``author_handle`` is the handle at the time of capture. ``handle.invalid``
means that none is proven, and the DID stands for it.

**Times.** ``createdAt`` is what the author's app claimed, so the basis is "author-claimed". ``indexedAt`` stays in
``extra``: of backdated posts it repeats the claim. A feed dates a repost by such an instant alone, so that is a claim,
too. The key of a record holds the time at which it was written.

**A repository** hangs together by hashes up to its commit. The signature of the commit is checked with the key in the
account's DID document, which the run asks for and which is another exhibit; without it a warning says "key not known".

Source: https://docs.bsky.app/docs/category/http-reference, https://atproto.com/specs/repository and the lexicons
app.bsky.feed.defs, app.bsky.richtext.facet, app.bsky.embed.*.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from osint.activity import Absence, Post, Record
from osint.capture.exchange import Capture
from osint.collectors.answer import keep_first, missing_parents, read_json, refuse, reservations, warning
from osint.collectors.bluesky_records import (
    COLLECTOR,
    VERSION,
    account_of,
    act_records,
    did_in,
    handle_of,
    is_act,
    is_post,
    kind_of,
    post_records,
    profile_records,
    quoted_view,
    record_at,
)
from osint.collectors.bluesky_repository import is_repository, open_repository, records_of
from osint.collectors.did_key import DIRECTORY, document_address
from osint.collectors.json_values import count_in, inside, list_in, objects, text_in
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import missing, published_at, seen
from osint.collectors.times import all_before, instant_of
from osint.errors import (
    AuthorizationError,
    CaptureError,
    QueryError,
    SourceClosedError,
    SourceError,
    SourceGoneError,
    UnreadableCaptureError,
)
from osint.query import AccountQuery, Query, ThreadQuery, UrlQuery, host_of

MANIFEST = Manifest(
    name="bluesky",
    version=VERSION,
    reads="posts, reposts, profiles and signed repositories on Bluesky",
    queries=(AccountQuery, ThreadQuery, UrlQuery),
    ways=("api", "file"),
    public="all posts, reposts, likes and follows; an account may ask apps to show it to signed-in users only",
    limits="no search; of a thread 100 posts above and 100 levels below; deleted posts are missing without a mark",
    files="a repository (`.car`), as its server or its owner exports it; answers of its API that somebody saved",
    id_time="the key of a record (13 characters, base32-sortable): `>> 10` is microseconds since 1970",
    proof="real server",
    home="bsky.app",
    asks=("public.api.bsky.app", DIRECTORY),
    page=100,
    documentation="https://docs.bsky.app/docs/category/http-reference",
    terms="The terms of the operator apply to its interface; read them and its guidelines before the first run.",
    terms_checked="unverified",
)

_EXPECTED = "an answer of Bluesky"
_XRPC = "https://public.api.bsky.app/xrpc"
_REPOSITORY = "/xrpc/com.atproto.sync.getRepo"
_PAGE, _DEEPEST, _MOST_EMPTY = 100, 100, 20
_HANDLE = r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}|did:[a-z]+:[A-Za-z0-9._:%-]{1,256}"
_PROFILE = re.compile(rf"/profile/(?P<name>{_HANDLE})/?")
_THREAD = re.compile(rf"/profile/(?P<name>{_HANDLE})/post/(?P<key>[A-Za-z0-9._~:-]{{1,512}})/?")
_PROFILE_MARK = re.compile(rb'"did"\s*:\s*"did:')
_GONE = {
    "AccountDeactivated": "its owner deactivated it, and may bring it back",
    "AccountTakedown": "the operator suspended it",
    "RepoDeactivated": "its owner deactivated it, and may bring it back",
    "RepoTakendown": "the operator suspended it",
}
_HOLES = {"notFoundPost": "missing", "blockedPost": "hidden"}


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
    repository = open_repository(page)
    if [repository.did] != parse_qs(urlsplit(query.url).query).get("did"):
        raise _another(query.url, repository.did, page)
    yield replace(page, beside=_did_document(repository.did, get))
    return Stop.PLATFORM_CAP if repository.missing or repository.cut or repository.altered else Stop.EXHAUSTED


def claims(capture: Capture) -> bool:
    """Say whether it looks like a repository, or like JSON with the names of Bluesky's lexicons."""
    body = capture.body
    if body.lstrip()[:1] in (b"{", b"["):
        return b'"app.bsky.' in body or (_PROFILE_MARK.search(body) is not None and b'"handle"' in body)
    return is_repository(body)


def parse(capture: Capture) -> list[Record]:
    """Read a profile, a page of a feed, a thread, posts, or a repository.

    Raises:
        UnreadableCaptureError: It is none of these.
    """
    if is_repository(capture.body):
        problems = [warning(capture, "", each, "What lies beyond the fault is not there.") for each in capture.problems]
        return keep_first([*problems, *records_of(open_repository(capture), capture)])
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
    did = did_in(profile)
    if did is None:
        raise UnreadableCaptureError(first.exhibit, "a Bluesky profile", "it names no account")
    if query.name.casefold() not in (did.casefold(), str(profile.get("handle")).casefold()):
        raise _another(query.account, profile.get("handle"), first)
    yield first
    feed_page = partial(
        get, f"{_XRPC}/app.bsky.feed.getAuthorFeed", actor=did, filter="posts_with_replies", limit=_PAGE
    )
    asked, known, empty, cursor = set[str](), set[str](), 0, ""
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
        sights = {str([inside(item, "post", "uri"), inside(item, "reason", "uri")]) for item in feed}
        if answer.get("cursor") in (None, ""):
            return Stop.EXHAUSTED
        cursor = text_in(answer.get("cursor")) or ""
        if not cursor or cursor in asked or empty > _MOST_EMPTY or (feed and sights <= known):
            return Stop.ERROR
        asked.add(cursor)
        known |= sights


def _did_document(did: str, get: Get) -> tuple[Capture, ...]:
    """Return the document that states the account's key; none where its host may not be asked, or gives none."""
    address = document_address(did)
    if address is None:
        return ()
    try:
        document = get(address)
    except (CaptureError, AuthorizationError):  # the attempt is an entry, and each row says "key not known"
        return ()
    return (document,) if document.status == 200 else ()


def _thread(query: ThreadQuery, get: Get) -> Generator[Capture, None, Stop]:
    named = _THREAD.fullmatch(unquote(urlsplit(query.thread).path))
    if query.host != "bsky.app" or not named:
        raise QueryError(
            f"{query.thread!r} is no post of Bluesky; write it as https://bsky.app/profile/HANDLE/post/KEY."
        )
    uri = f"at://{named['name']}/app.bsky.feed.post/{named['key']}"
    page = get(f"{_XRPC}/app.bsky.feed.getPostThread", uri=uri, depth=_DEEPEST, parentHeight=_DEEPEST)
    thread = _answer(page, f"the post {query.thread}").get("thread")
    kind = kind_of(thread)
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
    own = record_at(inside(post, "uri"))
    if own is None or own.key != named["key"]:
        raise _another(query.thread, inside(post, "uri"), page)
    yield page
    return Stop.EXHAUSTED if _is_whole(thread) else Stop.PLATFORM_CAP


def _is_before(feed: list[Any], query: Query) -> bool:
    """Say whether the period lies behind: everything on the page was indexed before it."""
    since, _ = query.bounds
    items = [item for item in feed if isinstance(item, dict)]
    return all_before(since, (instant_of(_indexed(item)) for item in items))


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
    if kind_of(top) in _HOLES or (isinstance(record, dict) and record.get("reply")):
        return False
    below = [node for _, node, _ in _nodes({**thread, "parent": None}, "")]
    return all(isinstance(node, dict) and _counted(node) == len(list_in(node.get("replies"))) for node in below)


def _counted(node: Mapping[str, Any]) -> int | None:
    """Return how many replies a place counts; a place that is withheld counts one more than anybody can see."""
    post = node.get("post")
    return count_in(post.get("replyCount")) if isinstance(post, dict) else 1


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
            yield from _listed(f"/records/{number}", listed, capture)
    elif did_in(value):
        yield from profile_records(value, capture)
    else:
        reason = "the server refused" if "error" in value else "neither profile nor posts"
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)


def _without_repeats(records: list[Record]) -> Iterator[Record]:
    """Leave out the quoted sight of a post that the answer also holds by itself: it is the same, with fewer counts."""
    posts = [record for record in records if isinstance(record, Post)]
    whole = {_said(post) for post in posts if not post.pointer.endswith("/embed")}
    for record in records:
        if not (isinstance(record, Post) and record.pointer.endswith("/embed") and _said(record) in whole):
            yield record


def _said(post: Post) -> tuple[str, str | None, str | None]:
    return post.id, post.content, post.published_raw


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
    if isinstance(reason, dict) and kind_of(reason) == "reasonRepost":
        yield from _repost(pointer, reason, post, capture)
    yield from _view(f"{pointer}/post", post, capture)


def _repost(pointer: str, reason: Mapping[str, Any], post: Any, capture: Capture) -> Iterator[Record]:
    by, subject = did_in(reason.get("by")), record_at(post.get("uri")) if isinstance(post, dict) else None
    if not by or not subject:
        what = "This is no repost: it names nobody, or no post."
        yield warning(capture, f"{pointer}/reason", what, "It is not in the tables.")
        return
    own = record_at(reason.get("uri"))
    native = own[0] if own else f"{by} reposted {subject[0]}"
    indexed = instant_of(reason.get("indexedAt"))
    yield Post(
        id=f"bluesky:{native}",
        platform="bluesky",
        native_id=native,
        type="Announce",
        attributed_to=account_of(by),
        author_handle=handle_of(reason["by"]),
        author_name=text_in(reason["by"].get("displayName")),
        **published_at(indexed, "author-claimed"),  # it may repeat what the record claims
        announce_of=f"bluesky:{subject[0]}",
        announce_of_account=account_of(subject[1]),
        visibility="public",
        **seen(capture, f"{pointer}/reason", COLLECTOR),
        absent=missing(published=indexed),
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
    kind = kind_of(node)
    if kind not in _HOLES:
        yield from _view(f"{pointer}/post", node.get("post") if isinstance(node, dict) else None, capture)
        return
    record = record_at(node.get("uri"))
    what = "A post in this thread was deleted or never existed" if kind == "notFoundPost" else (
        "A post in this thread is withheld, since somebody blocks somebody"
    )  # fmt: skip
    yield warning(
        capture, pointer, f"{what}: {str(node.get('uri'))[:300]}.", "Its place is kept; its words are not there."
    )
    if record is None:
        return
    parent = record_at(answered)
    absent: Absence = "hidden" if kind == "blockedPost" else "missing"
    yield Post(
        id=f"bluesky:{record[0]}",
        platform="bluesky",
        native_id=record[0],
        type="Tombstone",
        attributed_to=account_of(record[1]),
        in_reply_to=f"bluesky:{parent[0]}" if parent else None,
        **seen(capture, pointer, COLLECTOR),
        absent={"content": absent, "published": absent, "author_handle": absent},
    )


def _listed(pointer: str, listed: Any, capture: Capture) -> Iterator[Record]:
    """Yield a record of a list of one collection, whatever that is."""
    record = record_at(listed.get("uri")) if isinstance(listed, dict) else None
    value = listed.get("value") if record else None
    if record and isinstance(value, dict) and is_act(record):
        yield from act_records(pointer, str(listed.get("cid") or ""), value, record, capture)
    else:
        yield from _view(pointer, listed, capture)


def _view(pointer: str, post: Any, capture: Capture) -> Iterator[Record]:
    """Yield a post as the API shows it, and the post that it quotes."""
    record = record_at(post.get("uri")) if isinstance(post, dict) else None
    value = post.get("record", post.get("value")) if record else None
    if not record or not is_post(record.uri) or not isinstance(value, dict):
        yield warning(capture, pointer, "This is no post: it has no address or no record.", "It is not in the tables.")
        return
    yield from post_records(pointer, post, value, record, capture)
    quoted = quoted_view(post.get("embed"))
    if quoted is not None and kind_of(quoted) == "viewRecord" and is_post(quoted.get("uri")):
        embeds = objects(quoted.get("embeds"))
        shown, inner = {**quoted, **({"embed": embeds[0]} if embeds else {})}, record_at(quoted["uri"])
        if inner is None or not isinstance(quoted.get("value"), dict):
            what = "What this post quotes is no post: it has no address or no record."
            yield warning(capture, f"{pointer}/embed", what, "It is not in the tables.")
            return
        # One level: what a quoted post quotes is named, not shown.
        yield from post_records(f"{pointer}/embed", shown, quoted["value"], inner, capture)
