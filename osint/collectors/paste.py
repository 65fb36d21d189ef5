"""Public pastes: a gist of GitHub or all of an account's, and one paste of Pastebin by its address.

Pastebin shows lists of pastes to paying, registered readers only; one whose address is known is shown to anyone, as
plain text without author or date. Unlisted and private pastes are not looked for. What Pastebin says in place of a
paste, with status 200, is no paste. A gist of which GitHub shows part only is not complete.

Sources: https://docs.github.com/en/rest/gists/gists (2022-11-28), https://pastebin.com/doc_scraping_api
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from osint.activity import Attachment, Post, Record
from osint.capture.exchange import Capture
from osint.collectors.answer import (
    LAWFUL_NEXT_STEP,
    foreign_next_page,
    keep_first,
    next_page,
    read_json,
    refuse,
    reservations,
    warning,
)
from osint.collectors.json_values import object_in, text_in
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import by, missing, published_at, seen
from osint.collectors.text import absolute, well_formed
from osint.collectors.times import instant_of
from osint.errors import QueryError, RateLimitedError, SourceClosedError, SourceGoneError, UnreadableCaptureError
from osint.query import AccountQuery, Query, UrlQuery, host_of

MANIFEST = Manifest(
    name="paste",
    version="1",
    reads="gists of GitHub, one or all of an account's, and one paste of Pastebin",
    queries=(AccountQuery, UrlQuery),
    ways=("api", "public", "file"),
    public="public gists with their files, author and dates; of a paste its text",
    limits="60 requests an hour at GitHub; files above 1 MB are cut there; of Pastebin no author, no date, no lists",
    files="answers of GitHub's interface that somebody saved",
    id_time="none",
    proof="documented",
    home="gist.github.com",
    asks=("api.github.com",),
    page=100,
    documentation="https://docs.github.com/en/rest/gists/gists",
    terms="GitHub's interface may be read without an account; Pastebin forbids automatic reading of its lists.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_EXPECTED = "a gist, a list of gists, or a paste"
_API = "https://api.github.com"
_ACCEPT = "application/vnd.github+json"
_GISTS, _PASTES = "gist.github.com", ("pastebin.com", "www.pastebin.com")
_PAGE = 100
_GIST = re.compile(r"/(?:(?P<name>[\w-]{1,39})/)?(?P<id>[0-9a-f]{20,40})/?", re.ASCII)
_ACCOUNT = re.compile(r"/(?P<name>[A-Za-z\d](?:[A-Za-z\d-]{0,38}))/?")
_PASTE = re.compile(r"/(?:raw/)?(?P<id>[A-Za-z0-9]{8})/?")
_OWN_WORDS = re.compile(r"Error, (this is (a private|not a public)|we cannot find this|this paste)\b", re.IGNORECASE)
_IS_CLOSED = "error, this is"
_LONGEST_WORDS = 300
_NO_ACCOUNTS = frozenset({"discover", "starred", "forked", "search", "join", "login"})
_READ = frozenset(
    {"id", "html_url", "files", "owner", "created_at", "updated_at", "description", "comments", "public", "user"}
)


def query_for(url: str) -> Query | None:
    """Return the gist, the account or the paste of an address."""
    parts = urlsplit(url)
    if parts.hostname in _PASTES:
        return UrlQuery(url=url) if _PASTE.fullmatch(parts.path) else None
    if parts.hostname != _GISTS:
        return None
    if _GIST.fullmatch(parts.path):
        return UrlQuery(url=url)
    account = _ACCOUNT.fullmatch(parts.path)
    if not account or account["name"] in _NO_ACCOUNTS:
        return None
    return AccountQuery(account=f"@{account['name']}@{_GISTS}")


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield each page of an account's gists; or the one gist; or the one paste."""
    if isinstance(query, AccountQuery):
        return (yield from _account(query, get))
    assert isinstance(query, UrlQuery)
    parts = urlsplit(query.url)
    gist, paste = _GIST.fullmatch(parts.path), _PASTE.fullmatch(parts.path)
    if parts.hostname == _GISTS and gist:
        answer = get(f"{_API}/gists/{gist['id']}", accept=_ACCEPT)
    elif parts.hostname in _PASTES and paste:
        answer = get(f"https://{parts.netloc}/raw/{paste['id']}")
    else:
        raise QueryError(f"{query.url} is neither a gist nor a paste; write it as https://gist.github.com/name/id.")
    _refuse(answer, f"the paste {query.url}")
    yield answer
    return Stop.PLATFORM_CAP if gist and _is_cut(read_json(answer, _EXPECTED)) else Stop.EXHAUSTED


def claims(capture: Capture) -> bool:
    """Say whether it looks like a gist or a list of gists."""
    body = capture.body
    return body.lstrip()[:1] in (b"{", b"[") and all(
        mark in body for mark in (b'"git_pull_url"', b'"files"', b'"html_url"')
    )


def parse(capture: Capture) -> list[Record]:
    """Read a gist, a list of gists, or a paste.

    Raises:
        UnreadableCaptureError: It is none of these.
    """
    if host_of(capture.url) in _PASTES:
        return [*reservations(capture), _paste(capture)]
    value = read_json(capture, _EXPECTED)
    listed = value if isinstance(value, list) else [value]
    if isinstance(value, dict) and "files" not in value:
        raise UnreadableCaptureError(
            capture.exhibit, _EXPECTED, "the server refused" if "message" in value else "no gist"
        )
    records: list[Record] = [*reservations(capture), *foreign_next_page(capture, capture.links.get("next"))]
    for number, gist in enumerate(listed):
        pointer = f"/{number}" if isinstance(value, list) else ""
        if isinstance(gist, dict) and isinstance(gist.get("id"), str) and gist["id"]:
            records += _gist(pointer, gist, capture)
        else:
            records.append(warning(capture, pointer, "This is no gist: it has no id.", "It is not in the tables."))
    return keep_first(records)


def _account(query: AccountQuery, get: Get) -> Generator[Capture, None, Stop]:
    if query.host != _GISTS:
        raise QueryError(f"{query.account} is no account of gists; write it as @name@{_GISTS}.")
    page = get(f"{_API}/users/{quote(query.name, safe='')}/gists", accept=_ACCEPT, per_page=_PAGE)
    asked: set[str] = {page.url}
    while True:
        _refuse(page, f"the gists of {query.account}")
        gists = read_json(page, _EXPECTED)
        if not isinstance(gists, list):
            raise UnreadableCaptureError(page.exhibit, _EXPECTED, "it is not a list")
        yield page
        named = page.links.get("next")
        if not named:
            return Stop.EXHAUSTED
        following = next_page(page, named)
        if not following or following in asked:
            return Stop.ERROR
        asked.add(following)
        page = get(following, accept=_ACCEPT)


def _refuse(capture: Capture, wanted: str) -> None:
    """Raise what an answer refuses with: GitHub's limit is no ban, and Pastebin refuses with status 200."""
    kept = f"The answer is preserved as exhibit {capture.exhibit}."
    is_limit = capture.header("X-RateLimit-Remaining") == "0" or capture.header("Retry-After")
    if capture.status == 403 and is_limit and host_of(capture.url) == urlsplit(_API).hostname:
        raise RateLimitedError(
            f"GitHub answered 403 for {wanted}: its limit of requests an hour is used up. {kept} That says nothing of "
            "whether it exists. Run the same query again in an hour."
        )
    refuse(capture, wanted, _said(capture))
    said = _own_words(capture)
    if said and said.casefold().startswith(_IS_CLOSED):
        raise SourceClosedError(f"Pastebin says {said!r} instead of {wanted}. {kept} {LAWFUL_NEXT_STEP}")
    if said:
        raise SourceGoneError(
            f"Pastebin says {said!r} instead of {wanted}. {kept} It does not show that it never existed. "
            f"{LAWFUL_NEXT_STEP}"
        )


def _own_words(capture: Capture) -> str:
    """Return what Pastebin says in place of a paste; empty for a paste."""
    text = capture.text.strip() if host_of(capture.url) in _PASTES and len(capture.body) <= _LONGEST_WORDS else ""
    return text if _OWN_WORDS.match(text) else ""


def _is_cut(gist: Any) -> bool:
    """Say whether GitHub shows part of a gist only: not all of its files, or not all of one."""
    if not isinstance(gist, dict):
        return False
    files = gist["files"].values() if isinstance(gist.get("files"), dict) else ()
    return gist.get("truncated") is True or any(isinstance(file, dict) and file.get("truncated") for file in files)


def _said(capture: Capture) -> str:
    """Return the reason that GitHub gives for a refusal."""
    if "json" not in capture.media_type:
        return ""
    try:
        value = read_json(capture, _EXPECTED)
    except UnreadableCaptureError:
        return ""
    return str(value.get("message", "")) if isinstance(value, dict) else ""


def _gist(pointer: str, gist: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    files = object_in(gist.get("files"))
    owner = object_in(gist.get("owner"))
    login = text_in(owner.get("login"))
    created, updated = instant_of(gist.get("created_at")), instant_of(gist.get("updated_at"))
    texts = [
        file["content"] for file in files.values() if isinstance(file, dict) and isinstance(file.get("content"), str)
    ]
    yield Post(
        id=f"gist:{gist['id']}",
        platform="gist",
        native_id=gist["id"],
        type="Note",
        url=absolute(capture.url, gist.get("html_url")),
        **by("gist", login),
        content="\n\n".join(texts) if texts else text_in(gist.get("description")),
        **published_at(created),
        updated=updated.instant if updated and updated.raw != (created.raw if created else None) else None,
        attachment=tuple(_attachments(files, capture)),
        replies=gist["comments"] if type(gist.get("comments")) is int else None,
        visibility=None if gist.get("public") is None else "public" if gist["public"] else "unlisted",
        **seen(capture, pointer, _COLLECTOR),
        absent=missing(content=texts),
        extra={
            "description": text_in(gist.get("description")),
            "files": sorted(files),
            **{name: value for name, value in gist.items() if name not in _READ},
        },
    )
    yield from _lacking(pointer, gist, files, capture)


def _lacking(pointer: str, gist: Mapping[str, Any], files: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    """Yield a warning for what GitHub does not show of a gist."""
    if gist.get("truncated") is True:
        what = "GitHub shows part of the gist's files only."
        yield warning(capture, f"{pointer}/truncated", what, "The others are not in the tables; clone the gist.")
    cut = sorted(name for name, file in files.items() if isinstance(file, dict) and file.get("truncated"))
    if cut:
        what = f"GitHub cut these files of the gist: {', '.join(cut)}."
        yield warning(
            capture, f"{pointer}/files", what, "Their text is not whole in the tables; attachments name them."
        )


def _attachments(files: Mapping[str, Any], capture: Capture) -> Iterator[Attachment]:
    for name, file in files.items():
        raw = absolute(capture.url, file.get("raw_url")) if isinstance(file, dict) else None
        if raw:
            yield Attachment(url=raw, media_type=text_in(file.get("type")), name=name)


def _paste(capture: Capture) -> Post:
    if said := _own_words(capture):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, f"Pastebin says {said!r} in its place")
    named = _PASTE.fullmatch(urlsplit(capture.url).path)
    if not named or "html" in capture.media_type:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, f"it is {capture.media_type}, and no text of a paste")
    return Post(
        id=f"pastebin:{named['id']}",
        platform="pastebin",
        native_id=named["id"],
        type="Note",
        url=f"https://pastebin.com/{named['id']}",
        content=well_formed(capture.text),
        **seen(capture, "", _COLLECTOR),
        absent={"attributed_to": "missing", "published": "missing", "updated": "missing"},
    )
