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
from collections.abc import Generator, Iterable, Iterator
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from osint.activity import ParseWarning, Post, Record
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
from osint.collectors.json_values import count_in, inside, list_in, native_in, objects, text_in
from osint.collectors.mastodon_records import (
    VERSION,
    Answer,
    basis_of,
    key_of,
    origin_of,
    post_id,
    profile_records,
    quoted_in,
    status_records,
)
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.times import instant_of
from osint.errors import QueryError, SourceError, UnreadableCaptureError
from osint.query import AccountQuery, Query, TextQuery, ThreadQuery

MANIFEST = Manifest(
    name="mastodon",
    version=VERSION,
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

_EXPECTED = "an answer of the Mastodon API"
_PAGE = 40
_CAP_ABOVE, _CAP_BELOW = 40, 60  # what Mastodon shows a visitor of a thread
_MOST_EMPTY = 20  # empty pages one after the other that name a further one
_THREAD = re.compile(
    r"/(?:(?:web|deck)/)?(?:@(?P<name>[^/]+)(?:/statuses)?|users/(?P<user>[^/]+)/statuses|notice|statuses)/(?P<id>\w+)/?"
)
_PROFILE = re.compile(r"/(?:(?:web|deck)/)?(?:@|users/)(?P<name>\w[\w.-]*)(?:@(?P<host>[\w.-]+))?/?")
_CONTEXT = re.compile(r"/api/v1/statuses/(?P<id>[^/]+)/context\Z")
_SINGLE = re.compile(r"/api/v1/statuses/(?P<id>[^/]+)\Z")
_POST = re.compile(r"/(?:(?:web|deck)/)?(?:@[^/]+(?:/statuses)?|users/[^/]+/statuses)/\d+/?")
_DEEPEST_QUOTE = 4


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
    if capture.status >= 400 and (asked := _SINGLE.search(urlsplit(capture.url).path)):
        return [*reservations(capture), _not_shown(unquote(asked["id"]), capture)]
    value, cut = _read(capture)
    records: list[Record] = [*reservations(capture), *foreign_next_page(capture, capture.links.get("next"))]
    if cut:
        what = f"The list breaks off after {len(value)} whole posts."
        records.append(warning(capture, "", what, "The posts beyond are not in the tables."))
    if isinstance(value, dict) and "acct" in value and "account" not in value:
        return [*records, *profile_records(value, capture)]
    placed = _placed(value, capture)
    page = _page(value, placed, capture)
    for pointer, status in placed:
        records += status_records(pointer, status, page)
    return keep_first([*records, *_holes(value, records, capture)])


# What to ask for ---------------------------------------------------------------------------------------------------


def _account(query: AccountQuery, get: Get) -> Generator[Capture, None, Stop]:
    root = f"https://{query.host}/api/v1/accounts"
    lookup = get(f"{root}/lookup", acct=query.name)
    profile = _answer(lookup, f"the account {query.account}")
    account = native_in(profile.get("id")) if isinstance(profile, dict) else None
    if not account:
        raise UnreadableCaptureError(lookup.exhibit, "a Mastodon profile", "it names no account id")
    name = query.name.casefold()
    if str(profile.get("acct", "")).casefold() not in (name, f"{name}@{query.host}"):
        raise _another(query.account, profile.get("acct"), lookup)
    yield lookup
    if profile.get("suspended") is True:  # its lists are empty then, which is not that it wrote nothing
        return Stop.GONE
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
    parent = native_in(status.get("in_reply_to_id"))
    if parent and parent not in {native_in(post.get("id")) for post in objects(inside(thread, "ancestors"))}:
        above = get(f"https://{parts.netloc}/api/v1/statuses/{quote(parent, safe='')}")
        if above.status == 429:
            refuse(above, f"what {query.thread} answers")
        yield above
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
    at_home, everyone = origin_of(status) == host, [status, *objects(above), *objects(below)]
    answered = {parent for post in everyone if (parent := native_in(post.get("in_reply_to_id")))}
    if not answered <= {native_in(post.get("id")) for post in everyone}:
        return False
    return at_home and len(above) < _CAP_ABOVE and len(below) < _CAP_BELOW and counted == len(direct)


def _timeline(query: Query, get: Get, url: str, wanted: str) -> Generator[Capture, None, Stop]:
    """Yield each page. Where a list broke off, no end of the list is one that the source declared."""
    cuts: list[Capture] = []
    stop = yield from _listed(query, get, url, wanted, cuts)
    return Stop.ERROR if cuts else stop


def _listed(query: Query, get: Get, url: str, wanted: str, cuts: list[Capture]) -> Generator[Capture, None, Stop]:
    page = get(url, limit=_PAGE)
    asked, known, empty = {page.url}, set[str](), 0
    while True:
        statuses = _answer(page, wanted)
        if not isinstance(statuses, list):
            raise UnreadableCaptureError(page.exhibit, "a page of Mastodon posts", "it is not a list")
        empty = 0 if statuses else empty + 1
        if not statuses and "next" not in page.links:
            return Stop.EXHAUSTED
        yield page
        cuts += [page] if _read(page)[1] else []
        ids = {str(status.get("id")) for status in statuses if isinstance(status, dict)}
        if empty > _MOST_EMPTY or (statuses and ids <= known):
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
    dated = [(basis_of(s), instant_of(s.get("created_at"))) for s in statuses if isinstance(s, dict)]
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
    placed = [post for post in posts if not post.pointer.endswith(("/reblog", "/quoted_status", "/quote"))]
    root = f"mastodon:{urlsplit(capture.url).netloc}/{unquote(asked['id'])}"
    return missing_parents(capture, placed, root, *(post.id for post in posts))


def _not_shown(local: str, capture: Capture) -> ParseWarning:
    """Name a post that the server does not show: what the post that was asked for answers."""
    host = urlsplit(capture.url).netloc
    what = f"{host} answered {capture.status} for the post mastodon:{host}/{local}."
    return warning(capture, "", what, "It may be deleted, or withheld from visitors. It is a hole in the conversation.")


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
    quoted, where = quoted_in(status)
    if quoted:
        yield from _with_inner(f"{pointer}{where}", quoted, depth + 1)


def _page(value: Any, placed: Iterable[tuple[str, Any]], capture: Capture) -> Answer:
    statuses = [status for _, status in placed if isinstance(status, dict)]
    host = urlsplit(capture.url).netloc
    known = [s["account"] for s in statuses if isinstance(s.get("account"), dict)]
    known += [mention for s in statuses for mention in objects(s.get("mentions"))]
    ancestors = objects(value.get("ancestors")) if isinstance(value, dict) else []
    top = ancestors[0] if ancestors and not ancestors[0].get("in_reply_to_id") else None
    return Answer(
        capture=capture,
        host=host,
        uris={local: post_id(s, host) for s in statuses if (local := native_in(s.get("id")))},
        accounts={local: key for a in known if (local := native_in(a.get("id"))) and (key := key_of(a, host))},
        root=post_id(top, host) if top else None,
    )
