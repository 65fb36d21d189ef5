"""Mastodon and servers that speak its API: an account's posts, a thread, the posts under a tag.

**When a run is complete.** ``exhausted`` means that *this server* named no further page after showing all it has for
visitors; it does not speak for other servers. A thread ends with ``exhausted`` only on the server that the post comes
from, below the caps for visitors, and with no more direct replies counted than shown; otherwise with ``platform-cap``.

**Ids.** ``mastodon:`` and the post's ``uri``, which is the same on every server. What is answered is named by the API
with an id that only the answering server knows. It becomes the parent's ``uri`` when the parent is in the same exhibit;
otherwise ``mastodon:host/local-id``. ``extra`` of every post holds ``server`` and ``local_id``, which join the two.

**Accounts** are ``name@host``; an account without a host belongs to the server that answered.

**Times.** A server dates its own posts, so theirs have the basis "platform"; posts from elsewhere say what their server
claimed.

Source: https://docs.joinmastodon.org/entities/Status/ and /methods/{accounts,statuses,timelines}/.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from osint.activity import Absence, Actor, Attachment, ParseWarning, Post, PublishedBasis, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import (
    foreign_next_page,
    keep_first,
    missing_parents,
    next_page,
    read_json,
    refuse,
    reservations,
    warning,
    whole_items,
)
from osint.collectors.json_values import count_in, list_in, objects_in, text_in
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.text import absolute, html_to_text, links_in
from osint.errors import QueryError, SourceError, UnreadableCaptureError
from osint.instants import Reading, read_instant
from osint.query import AccountQuery, Query, TextQuery, ThreadQuery

MANIFEST = Manifest(
    name="mastodon",
    version="1",
    reads="posts and profiles on Mastodon and servers with its API (GoToSocial, Pleroma, Akkoma, Pixelfed)",
    queries=(AccountQuery, ThreadQuery, TextQuery),
    ways=("api", "file"),
    public="public and unlisted posts, as far as the server shows them to visitors",
    limits="300 requests in 5 minutes; of a thread 40 posts above and 60 below; a server may close any list",
    files="answers of its API that somebody saved",
    id_time="on Mastodon itself `id >> 16` is milliseconds since 1970; ids of other servers are opaque, so it is not "
    "used",
    proof="documented",
    page=40,
    documentation="https://docs.joinmastodon.org/methods/accounts/",
    terms="Each server has its own rules, shown at /about; read them before the first run.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_EXPECTED = "an answer of the Mastodon API"
_PAGE = 40
_CAP_ABOVE, _CAP_BELOW = 40, 60  # what Mastodon shows a visitor of a thread
_THREAD = re.compile(
    r"/(?:(?:web|deck)/)?(?:@(?P<name>[^/]+)(?:/statuses)?|users/(?P<user>[^/]+)/statuses|notice|statuses)/(?P<id>\w+)/?"
)
_PROFILE = re.compile(r"/(?:(?:web|deck)/)?(?:@|users/)(?P<name>\w[\w.-]*)(?:@(?P<host>[\w.-]+))?/?")
_CONTEXT = re.compile(r"/api/v1/statuses/(?P<id>[^/]+)/context\Z")
_POST = re.compile(r"/(?:(?:web|deck)/)?(?:@[^/]+(?:/statuses)?|users/[^/]+/statuses)/\d+/?")
_DEEPEST_QUOTE = 4
# Keys of a status that have a field of their own, or only say what this visitor did; all others go to ``extra``.
_READ = frozenset({
    "id", "uri", "url", "created_at", "edited_at", "account", "content", "language", "visibility", "in_reply_to_id",
    "in_reply_to_account_id", "reblog", "quote", "mentions", "tags", "media_attachments", "replies_count",
    "reblogs_count", "favourites_count", "emojis", "favourited", "reblogged", "muted", "bookmarked", "pinned",
})  # fmt: skip
_COUNTS = {"replies": "replies_count", "announces": "reblogs_count", "likes": "favourites_count"}


@dataclass(frozen=True)
class _Page:
    """What resolves a local id on one page."""

    capture: Capture
    host: str
    uris: Mapping[str, str]  # local id of a status → its post id
    accounts: Mapping[str, str]  # local id of an account → its node key
    root: str | None


def query_for(url: str) -> Query | None:
    """Return the account or the thread of an address like those of Mastodon, which any host may have."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.hostname and (account := _PROFILE.fullmatch(path)):
        return AccountQuery(account=f"@{account['name']}@{account['host'] or parts.netloc}")
    return ThreadQuery(thread=url) if parts.hostname and _POST.fullmatch(path) else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the profile and each page of posts; or the post and its thread; or each page of a tag."""
    if isinstance(query, AccountQuery):
        return (yield from _account(query, get))
    if isinstance(query, ThreadQuery):
        return (yield from _thread(query, get))
    assert isinstance(query, TextQuery)
    tag = quote(query.tag.strip().removeprefix("#"), safe="")
    return (yield from _timeline(query, get, f"https://{query.host}/api/v1/timelines/tag/{tag}", "the posts of a tag"))


def claims(capture: Capture) -> bool:
    """Say whether it looks like a status, a list of them, or a profile."""
    body = capture.body
    marks = (b'"account"', b'"created_at"', b'"uri"')
    return body.lstrip()[:1] in (b"{", b"[") and (
        all(mark in body for mark in marks) or (b'"acct"' in body and b'"username"' in body)
    )


def parse(capture: Capture) -> list[Record]:
    """Read a profile, a status, a thread or a page of statuses.

    Raises:
        UnreadableCaptureError: The capture is no such answer.
    """
    value, cut = _read(capture)
    records: list[Record] = [*reservations(capture), *foreign_next_page(capture, capture.links.get("next"))]
    if cut:
        what = f"The list breaks off after {len(value)} whole posts."
        records.append(warning(capture, "", what, "The posts beyond are not in the tables."))
    if isinstance(value, dict) and "acct" in value and "account" not in value:
        return [*records, *_profile(value, capture)]
    placed = _placed(value, capture)
    page = _page(value, placed, capture)
    for pointer, status in placed:
        records += _records(pointer, status, page)
    return keep_first([*records, *_holes(value, records, capture)])


# What to ask for ---------------------------------------------------------------------------------------------------


def _account(query: AccountQuery, get: Get) -> Generator[Capture, None, Stop]:
    root = f"https://{query.host}/api/v1/accounts"
    lookup = get(f"{root}/lookup", acct=query.name)
    profile = _answer(lookup, f"the account {query.account}")
    account = _native(profile.get("id")) if isinstance(profile, dict) else None
    if not account:
        raise UnreadableCaptureError(lookup.exhibit, "a Mastodon profile", "it names no account id")
    if str(profile.get("acct", "")).partition("@")[0].casefold() != query.name.casefold():
        raise _another(query.account, profile.get("acct"), lookup)
    yield lookup
    return (yield from _timeline(query, get, f"{root}/{quote(account, safe='')}/statuses", f"posts of {query.account}"))


def _thread(query: ThreadQuery, get: Get) -> Generator[Capture, None, Stop]:
    parts = urlsplit(query.thread)
    named = _THREAD.fullmatch(unquote(parts.path))
    if not named:
        raise QueryError(
            f"{query.thread!r} is not the address of a post. Write it as https://host/@name/number or "
            "https://host/users/name/statuses/number."
        )
    root = f"https://{parts.netloc}/api/v1/statuses/{quote(named['id'], safe='')}"
    first = get(root)
    status = _answer(first, f"the post {query.thread}")
    _check_author(status, named["name"] or named["user"], query, first)
    yield first
    around = get(f"{root}/context")
    thread = _answer(around, f"the thread of {query.thread}")
    yield around
    return Stop.EXHAUSTED if _whole_thread(status, thread, query.host) else Stop.PLATFORM_CAP


def _check_author(status: Any, name: str | None, query: ThreadQuery, capture: Capture) -> None:
    """Refuse a post that another account wrote than the address says: a server goes by the number alone."""
    account = status.get("account") if isinstance(status, dict) else None
    acct = str(account.get("acct", "")).casefold() if isinstance(account, dict) else ""
    if name and name.casefold() not in (acct, f"{acct}@{query.host}"):
        raise _another(query.thread, acct, capture)


def _another(asked: str, came: object, capture: Capture) -> SourceError:
    return SourceError(
        f"{asked} was asked for, and the server answered with what belongs to {came!r} (exhibit {capture.exhibit}). "
        "The answer is preserved and nothing was read from it: the authority names the account that was asked for."
    )


def _whole_thread(status: Any, thread: Any, host: str) -> bool:
    if not isinstance(status, dict) or not isinstance(thread, dict):
        return False
    above, below = list_in(thread.get("ancestors")), list_in(thread.get("descendants"))
    direct = [post for post in below if isinstance(post, dict) and post.get("in_reply_to_id") == status.get("id")]
    counted = count_in(status.get("replies_count"))
    at_home, everyone = _origin(status) == host, [status, *objects_in(above), *objects_in(below)]
    answered = {parent for post in everyone if (parent := _native(post.get("in_reply_to_id")))}
    if not answered <= {_native(post.get("id")) for post in everyone}:
        return False
    return at_home and len(above) < _CAP_ABOVE and len(below) < _CAP_BELOW and counted == len(direct)


def _timeline(query: Query, get: Get, url: str, wanted: str) -> Generator[Capture, None, Stop]:
    page = get(url, limit=_PAGE)
    asked, known = {page.url}, set[str]()
    while True:
        statuses = _answer(page, wanted)
        if not isinstance(statuses, list):
            raise UnreadableCaptureError(page.exhibit, "a page of Mastodon posts", "it is not a list")
        if not statuses:
            return Stop.EXHAUSTED
        yield page
        ids = {str(status.get("id")) for status in statuses if isinstance(status, dict)}
        if ids <= known:
            return Stop.ERROR
        known |= ids
        if _paged_past(statuses, query):
            return Stop.UNTIL_DATE
        named = page.links.get("next")
        if not named:  # a full page that names no next one is not an end that the source declared
            return Stop.EXHAUSTED if len(statuses) < _PAGE else Stop.PLATFORM_CAP
        following = next_page(page, named)
        if not following or following in asked or urlsplit(following).path != urlsplit(url).path:
            return Stop.ERROR
        asked.add(following)
        page = get(following)


def _paged_past(statuses: list[Any], query: Query) -> bool:
    """Say whether the period lies behind: by the server's own dates, else when every claimed date does.

    One post from elsewhere may claim any date, so it alone does not end a run.
    """
    since, _ = query.bounds
    dated = [(_basis(s), _instant(s.get("created_at"))) for s in statuses if isinstance(s, dict)]
    instants = [(basis, reading.instant) for basis, reading in dated if reading and reading.instant]
    own = [instant for basis, instant in instants if basis == "platform"]
    if since is None or not instants:
        return False
    return (bool(own) and own[-1] < since) or all(instant < since for _, instant in instants)


def _answer(capture: Capture, wanted: str) -> Any:
    """Return the JSON of an answer that was not refused; a refusal says in its own JSON why."""
    if capture.body.lstrip()[:1] != b"{":
        refuse(capture, wanted)
    value, _ = _read(capture)
    said = text_in(value.get("error")) if isinstance(value, dict) else None
    refuse(capture, wanted, said or "")
    return value


def _read(capture: Capture) -> tuple[Any, bool]:
    """Return the JSON of an answer, and whether it is a list that breaks off: then the whole posts before the break."""
    try:
        return read_json(capture, _EXPECTED), False
    except UnreadableCaptureError:
        whole = whole_items(capture.text)
        if not whole:
            raise
        return whole, True


# Where the statuses stand ------------------------------------------------------------------------------------------


def _holes(value: Any, records: Iterable[Record], capture: Capture) -> list[ParseWarning]:
    """Name what is answered in a thread and is not in it. The post that was asked for is not part of the answer."""
    asked = _CONTEXT.search(urlsplit(capture.url).path)
    if not asked or not isinstance(value, dict) or "descendants" not in value:
        return []
    posts = [record for record in records if isinstance(record, Post)]
    placed = [post for post in posts if not post.pointer.endswith(("/reblog", "/quoted_status"))]
    root = f"mastodon:{urlsplit(capture.url).netloc}/{unquote(asked['id'])}"
    return missing_parents(capture, placed, root, *(post.id for post in posts))


def _placed(value: Any, capture: Capture) -> list[tuple[str, Any]]:
    """Return every status of an answer with its JSON Pointer, those it passes on or quotes after itself."""
    if isinstance(value, list):
        top = [(f"/{number}", status) for number, status in enumerate(value)]
    elif isinstance(value, dict) and "ancestors" in value and "descendants" in value:
        sides = ("ancestors", "descendants")
        top = [(f"/{side}/{n}", status) for side in sides for n, status in enumerate(list_in(value[side]))]
    elif isinstance(value, dict) and "account" in value and ("uri" in value or "id" in value):
        top = [("", value)]
    else:
        reason = "the server refused" if isinstance(value, dict) and "error" in value else "neither profile nor posts"
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)
    return [place for pointer, status in top for place in _with_inner(pointer, status, 0)]


def _with_inner(pointer: str, status: Any, depth: int) -> Iterator[tuple[str, Any]]:
    yield pointer, status
    if not isinstance(status, dict) or depth == _DEEPEST_QUOTE:
        return
    if isinstance(status.get("reblog"), dict):
        yield from _with_inner(f"{pointer}/reblog", status["reblog"], depth + 1)
    quoted = status.get("quote")
    if isinstance(quoted, dict) and isinstance(quoted.get("quoted_status"), dict):
        yield from _with_inner(f"{pointer}/quote/quoted_status", quoted["quoted_status"], depth + 1)


def _page(value: Any, placed: Iterable[tuple[str, Any]], capture: Capture) -> _Page:
    statuses = [status for _, status in placed if isinstance(status, dict)]
    host = urlsplit(capture.url).netloc
    known = [s["account"] for s in statuses if isinstance(s.get("account"), dict)]
    known += [mention for s in statuses for mention in objects_in(s.get("mentions"))]
    ancestors = objects_in(value.get("ancestors")) if isinstance(value, dict) else []
    top = ancestors[0] if ancestors and not ancestors[0].get("in_reply_to_id") else None
    return _Page(
        capture=capture,
        host=host,
        uris={local: _post_id(s, host) for s in statuses if (local := _native(s.get("id")))},
        accounts={local: key for a in known if (local := _native(a.get("id"))) and (key := _account_key(a, host))},
        root=_post_id(top, host) if top else None,
    )


# Records -----------------------------------------------------------------------------------------------------------


def _profile(account: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    handle = _handle(account, urlsplit(capture.url).netloc)
    if not handle:
        raise UnreadableCaptureError(capture.exhibit, "a Mastodon profile", "it names no account")
    created, note = _instant(account.get("created_at")), text_in(account.get("note"))
    yield Actor(
        id=account_key("mastodon", handle),
        platform="mastodon",
        native_id=_native(account.get("id")) or handle,
        handle=handle,
        name=text_in(account.get("display_name")),
        url=absolute(capture.url, account.get("url")),
        summary=html_to_text(note) if note else None,
        published=created.instant if created else None,
        published_raw=created.raw if created else None,
        exhibit=capture.exhibit,
        pointer="",
    )
    for flag in ("suspended", "limited", "moved", "memorial"):
        if account.get(flag):
            what = f"The server marks this account as {flag}{_moved_to(account.get(flag))}."
            yield warning(capture, f"/{flag}", what, "Its posts may be withheld or go on elsewhere.")


def _moved_to(value: Any) -> str:
    return f" to {value['acct']}" if isinstance(value, dict) and text_in(value.get("acct")) else ""


def _records(pointer: str, status: Any, page: _Page) -> Iterator[Record]:
    if not isinstance(status, dict) or not (text_in(status.get("uri")) or _native(status.get("id"))):
        yield warning(page.capture, pointer, "This is no post: it has no id.", "It is not in the tables.")
        return
    published, edited = _instant(status.get("created_at")), _instant(status.get("edited_at"))
    yield _post(pointer, status, page, published, edited)
    for problem in _problems(status, page, published, edited):
        yield warning(page.capture, pointer, problem, "The tables lack it; the exhibit has what was sent.")


def _problems(status: Mapping[str, Any], page: _Page, *dates: Reading | None) -> Iterator[str]:
    yield from (f"{reading.problem}." for reading in dates if reading and reading.instant is None)
    if not status.get("created_at"):
        yield "The post has no date."
    if not text_in(status.get("uri")):
        yield f"The post has no uri, so {page.host} names it."
    if not _account_key(status.get("account"), page.host):
        yield "The post names no author."
    for name in ("content", "language", "visibility", "created_at", "edited_at"):
        if status.get(name) is not None and not isinstance(status[name], str):
            yield f"{name} is not text."
    for name in ("mentions", "tags", "media_attachments"):
        if objects_in(status.get(name)) != (status.get(name) or []):
            yield f"{name} holds what it should not."


def _post(
    pointer: str, status: Mapping[str, Any], page: _Page, published: Reading | None, edited: Reading | None
) -> Post:
    account = status["account"] if isinstance(status.get("account"), dict) else {}
    boosted = status["reblog"] if isinstance(status.get("reblog"), dict) else None
    markup = None if boosted else text_in(status.get("content"))
    parent, parent_author, quoted = _parent(status, page), _parent_author(status, page), _quoted(status, page)
    return Post(
        id=_post_id(status, page.host),
        platform="mastodon",
        native_id=_post_id(status, page.host).removeprefix("mastodon:"),
        type="Announce" if boosted else "Note",
        url=absolute(page.capture.url, status.get("url")),
        attributed_to=_account_key(account, page.host),
        author_handle=_handle(account, page.host),
        author_name=text_in(account.get("display_name")),
        content=html_to_text(markup) if markup else None if boosted else "",
        content_html=markup,
        language=text_in(status.get("language")),
        published=published.instant if published else None,
        published_raw=published.raw if published else None,
        published_basis=_basis(status) if published else "none",
        published_zone_known=bool(published and published.zone_known),
        updated=edited.instant if edited else None,
        in_reply_to=parent,
        in_reply_to_account=parent_author,
        quote_of=quoted,
        announce_of=_post_id(boosted, page.host) if boosted else None,
        announce_of_account=_account_key(boosted.get("account"), page.host) if boosted else None,
        thread_root=page.root,
        tag=() if boosted else tuple(_tags(status, page)),
        attachment=() if boosted else tuple(_attachments(status, page.capture)),
        links=_links(status, markup, page.capture.url) if markup else (),
        **{field: count_in(status.get(name)) for field, name in _COUNTS.items()},
        visibility=text_in(status.get("visibility")),
        exhibit=page.capture.exhibit,
        pointer=pointer,
        collector=_COLLECTOR,
        collected=page.capture.collected,
        absent=_absent(status, published, parent, parent_author, page),
        extra=_extra(status, page),
    )


def _parent(status: Mapping[str, Any], page: _Page) -> str | None:
    local = _native(status.get("in_reply_to_id"))
    return page.uris.get(local, f"mastodon:{page.host}/{local}") if local else None


def _parent_author(status: Mapping[str, Any], page: _Page) -> str | None:
    return page.accounts.get(_native(status.get("in_reply_to_account_id")) or "")


def _quoted(status: Mapping[str, Any], page: _Page) -> str | None:
    quoted = status.get("quote")
    if not isinstance(quoted, dict):
        return None
    whole = quoted.get("quoted_status")
    if isinstance(whole, dict):
        return _post_id(whole, page.host)
    local = _native(quoted.get("quoted_status_id"))
    return page.uris.get(local, f"mastodon:{page.host}/{local}") if local else None


def _absent(
    status: Mapping[str, Any], published: Reading | None, parent: str | None, parent_author: str | None, page: _Page
) -> dict[str, Absence]:
    absent: dict[str, Absence] = {}
    for field, name in _COUNTS.items():
        if count_in(status.get(name)) is None:
            absent[field] = "hidden" if name in status else "missing"
    if status.get("quote") and not _quoted(status, page):
        absent["quote_of"] = "hidden"
    unknown = {
        "published": published is None,
        "attributed_to": not _account_key(status.get("account"), page.host),
        "in_reply_to_account": parent is not None and parent_author is None,
        "thread_root": parent is not None and page.root is None,
        "language": "language" not in status,
        "updated": "edited_at" not in status,
    }
    return absent | {field: "missing" for field, is_unknown in unknown.items() if is_unknown}


def _extra(status: Mapping[str, Any], page: _Page) -> dict[str, Any]:
    kept = {name: value for name, value in status.items() if name not in _READ and value not in (None, "", [], {})}
    kinds = [str(m.get("type")) for m in objects_in(status.get("media_attachments"))]
    quoted = status.get("quote")
    told = {
        "server": page.host,
        "local_id": _native(status.get("id")),
        "in_reply_to_local_id": _native(status.get("in_reply_to_id")),
        "media_types": kinds,
        "quote_state": quoted.get("state") if isinstance(quoted, dict) else None,
        "bot": isinstance(status.get("account"), dict) and status["account"].get("bot") is True,
    }
    return kept | {name: value for name, value in told.items() if value}


def _tags(status: Mapping[str, Any], page: _Page) -> Iterator[Tag]:
    for mention in objects_in(status.get("mentions")):
        name = text_in(mention.get("acct"))
        if name:
            href = absolute(page.capture.url, mention.get("url"))
            yield Tag(type="Mention", name=name, href=href, account=_account_key(mention, page.host))
    for tag in objects_in(status.get("tags")):
        name = text_in(tag.get("name"))
        if name:
            yield Tag(type="Hashtag", name=name.removeprefix("#"), href=absolute(page.capture.url, tag.get("url")))


def _attachments(status: Mapping[str, Any], capture: Capture) -> Iterator[Attachment]:
    for media in objects_in(status.get("media_attachments")):
        url = absolute(capture.url, media.get("url")) or absolute(capture.url, media.get("remote_url"))
        meta = media["meta"] if isinstance(media.get("meta"), dict) else {}
        size = meta["original"] if isinstance(meta.get("original"), dict) else {}
        if url:
            width, height = count_in(size.get("width")), count_in(size.get("height"))
            yield Attachment(url=url, name=text_in(media.get("description")), width=width, height=height)


def _links(status: Mapping[str, Any], markup: str, base: str) -> tuple[str, ...]:
    named = [*objects_in(status.get("mentions")), *objects_in(status.get("tags"))]
    left_out = {absolute(base, item.get("url")) for item in named}
    found = links_in(markup, base, classes_left_out=["mention", "hashtag"])
    return tuple(url for url in found if url not in left_out)


# Values ------------------------------------------------------------------------------------------------------------


def _post_id(status: Mapping[str, Any], host: str) -> str:
    local = f"{host}/{_native(status.get('id'))}"
    return f"mastodon:{text_in(status.get('uri')) or local}"


def _origin(status: Mapping[str, Any]) -> str:
    """Return the host that a status comes from."""
    try:
        return urlsplit(text_in(status.get("uri")) or "").hostname or ""
    except ValueError:
        return ""


def _basis(status: Mapping[str, Any]) -> PublishedBasis:
    account = status.get("account")
    local = isinstance(account, dict) and "@" not in str(account.get("acct", "@"))
    return "platform" if local else "author-claimed"


def _handle(account: Any, host: str) -> str | None:
    acct = text_in(account.get("acct")) if isinstance(account, dict) else None
    return None if acct is None else acct if "@" in acct.removeprefix("@") else f"{acct}@{host}"


def _account_key(account: Any, host: str) -> str | None:
    handle = _handle(account, host)
    return account_key("mastodon", handle) if handle else None


def _instant(written: Any) -> Reading | None:
    text = text_in(written)
    return read_instant(text) if text else None


def _native(value: Any) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text_in(value)
