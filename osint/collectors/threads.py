"""Threads: the posts and answers in an account's export, and the card that it shows of a profile or a post.

**What is collected.** One page: the card of a post or of a profile. Answers to it load by script and are not in it, so
a run ends with ``platform-cap``.

**The export** comes with that of Instagram (``threads/threads_and_replies.json``). It marks answers and does not say
what they answer, and names no id; one is made of what an entry says. An account has the same name as at Instagram, so
an address of either names the owner.

**Ids.** A post of a page has its short code, and its time can be told from that.

Meta documents no field of the export, so this is ``unverified``: compare the first rows with the file itself before you
rely on them.

Sources: https://help.instagram.com/181231772500920 (how to ask for the export), https://ogp.me/,
https://developers.facebook.com/docs/threads (what is barred), and those of the ``meta_*`` modules beside this one
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from osint.activity import Record
from osint.capture.exchange import Capture
from osint.collectors import meta_export, meta_page
from osint.collectors.addresses import path_in
from osint.collectors.answer import keep_first, reservations
from osint.collectors.exports import Export, of_another, other_members, start_of
from osint.collectors.json_values import inside, objects, text
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import account, by_name, missing, sight, undated
from osint.errors import QueryError, UnreadableCaptureError
from osint.query import AccountQuery, Query, UrlQuery, host_of

MANIFEST = Manifest(
    name="threads",
    version="1",
    reads="the posts and answers in an account's export, and the card of a post or a profile",
    queries=(UrlQuery, AccountQuery),
    ways=("file", "public"),
    public="the card of a post or a profile: name, text, picture",
    limits="no list of an account's posts and no answers without a file; a card has no date",
    files="threads_and_replies.json of an export of Instagram or Threads in the JSON format, or its ZIP; saved pages",
    id_time="of a post's short code: `id >> 23` is milliseconds since 2011-08-24; none in exports",
    proof="unverified",
    home="threads.net",
    asks=("www.threads.com", "www.threads.net"),
    page=1,
    pace=2,
    barred="Meta's interface for Threads serves the account of its own user, and approved apps of businesses. Use an "
    "export, a saved page, or legal process.",
    documentation="https://help.instagram.com/181231772500920",
    terms="The terms forbid automated collection without Meta's permission; so one page at a time is asked for.",
    terms_checked="unverified",
)

_EXPECTED = "an export or a page of Threads"
_HOSTS = ("threads.net", "www.threads.net", "threads.com", "www.threads.com")
_SISTERS = ("instagram.com", "www.instagram.com")
_BASE = "https://www.threads.com/"
_NAME = r"[A-Za-z0-9_.]{1,30}"
_POST = re.compile(rf"/(?:@(?P<name>{_NAME})/post|t)/(?P<code>[\w-]{{5,40}})(?:/.*)?", re.ASCII)
_PROFILE = re.compile(rf"/@(?P<name>{_NAME})/?(?:replies/?|media/?|reposts/?)?")
_SISTER = re.compile(rf"/(?P<name>{_NAME})/?")
_POSTS, _PROFILES = "text_post_app_text_posts", ("text_post_app_text_post_app_profile", "text_post_app_profile")
_MARK = re.compile(rb'"text_post_app_(?:text_posts|text_post_app_profile|profile)"\s*:')
_USERNAME = frozenset({"username", "gebruikersnaam", "benutzername", "nom d'utilisateur", "nombre de usuario"})


def query_for(url: str) -> Query | None:
    """Return the post or the account of an address at Threads."""
    if urlsplit(url).hostname not in _HOSTS:
        return None
    if path_in(url, _HOSTS, _POST):
        return UrlQuery(url=url)
    name = _name_in(url)
    return AccountQuery(account=f"@{name}@{MANIFEST.home}") if name else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the page of a post or of a profile.

    Raises:
        QueryError: The address is not one of Threads.
        SourceClosedError: It asks to sign in, or is closed or gone.
        SourceGoneError: It says that there is none.
    """
    if query.host not in _HOSTS:
        raise QueryError(f"{query.host} is not one of Threads; write the account as @name@{MANIFEST.home}.")
    post = path_in(query.url, _HOSTS, _POST) if isinstance(query, UrlQuery) else None
    if isinstance(query, UrlQuery):
        asked, wanted, key = query.url, f"the page {query.url}", post["code"] if post else _name_in(query.url)
    else:
        assert isinstance(query, AccountQuery)
        asked, wanted, key = f"{_BASE}@{query.name}", f"the account {query.account}", query.name
    page = get(asked)
    shown = meta_page.own_address(page, _HOSTS)
    meta_page.refuse_page(page, wanted, _HOSTS, is_shown=shown is not None, ambiguous=False)
    found = path_in(shown or "", _HOSTS, _POST)
    named = found["code"] if found else (_name_in(shown or "") or "").casefold()
    if key and named != (key if post else key.casefold()):
        raise meta_page.another(key, named or str(shown), page)
    yield page
    return Stop.PLATFORM_CAP


def claims(capture: Capture) -> bool:
    """Say whether it is a list of posts or a profile of an export, or a saved page of Threads."""
    if "html" in capture.media_type:
        return host_of(capture.url) in _HOSTS and b"property=" in capture.body and not meta_export.is_html(capture)
    start = start_of(capture.body)
    return start[:1] == b"{" and _MARK.search(start) is not None


def parse(capture: Capture) -> list[Record]:
    """Read a file of an export, or a page.

    Raises:
        UnreadableCaptureError: It is none of them.
    """
    read = _page if "html" in capture.media_type else _json
    return keep_first([*reservations(capture), *read(capture)])


def _page(capture: Capture) -> Iterator[Record]:
    url = meta_page.own_address(capture, _HOSTS)
    if not url:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it names no address of its own, as a sign-in does")
    post, name = path_in(url, _HOSTS, _POST), _name_in(url)
    if post:
        yield meta_page.post(capture, MANIFEST, post["code"], f"{name}@{MANIFEST.home}" if name else None)
    elif name:
        yield from meta_page.profile(capture, MANIFEST, name, url)
    else:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it is neither a post nor a profile")


def _json(capture: Capture) -> Iterator[Record]:
    value, warnings = meta_export.read(capture, _EXPECTED)
    yield from warnings
    posts = value.get(_POSTS) if isinstance(value, dict) else None
    users = next((value[key] for key in _PROFILES if isinstance(inside(value, key), list)), None)
    if isinstance(posts, list):
        yield from _posts(posts, capture)
        yield from other_members(value, (_POSTS,), capture)
    elif users is not None:
        yield from _profile(objects(users), capture)
    else:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it holds no posts and no profile")


def _posts(entries: list[Any], capture: Capture) -> Iterator[Record]:
    export = Export(capture, _name_in(capture.url))
    if not export.owner:
        yield meta_export.unnamed(capture)
    for number, entry in enumerate(entries):
        pointer = f"/{_POSTS}/{number}"
        media = objects(entry.get("media")) if isinstance(entry, dict) else []
        told = [title for each in media if (title := text(each.get("title")))]
        said = text(entry.get("title")) if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not (said or told or meta_export.files(*media)):
            yield from meta_export.not_read(capture, pointer)
            continue
        yield from _post(entry, media, list(filter(None, (said, *told))), pointer, export)


def _post(
    entry: Mapping[str, Any], media: list[dict[str, Any]], titles: list[str], pointer: str, export: Export
) -> Iterator[Record]:
    """Yield one post: its text is the first title of it and its pictures; others that differ stand beside it."""
    capture, owner, said = export.capture, export.owner, titles[0] if titles else None
    others = list(dict.fromkeys(title for title in titles if title != said))
    when = meta_export.first_instant(meta_export.when(each, "creation_timestamp") for each in (entry, *media))
    names = meta_export.files(*media)
    told = [each["text_app_post"] for each in media if isinstance(each.get("text_app_post"), dict)]
    about: dict[str, Any] = told[0] if told else {}
    is_reply = about.get("is_reply") is True
    allowed = text(about.get("reply_control"))
    yield sight(
        capture, MANIFEST, export.id_of("post", when and when.raw, said, *names), pointer, when,
        type="Note",
        **by_name(MANIFEST, owner),
        content=said,
        attachment=tuple(each for item in media for each in meta_page.picture(item.get("uri"))),
        absent=missing(attributed_to=owner, published=when, in_reply_to=not is_reply)
        | dict.fromkeys(("url", "replies", "announces", "likes", "visibility"), "missing"),
        extra={"is_reply": is_reply}
        | ({"reply_control": allowed} if allowed else {})
        | ({"titles": others} if others else {})
        | ({"files": names} if names else {}),
    )  # fmt: skip
    yield from undated(capture, pointer, when)


def _profile(users: list[dict[str, Any]], capture: Capture) -> Iterator[Record]:
    values = meta_export.said_of(users[0] if users else None)
    told = next((said for label, said in values.items() if label in _USERNAME), None)
    name, declared = told or _name_in(capture.url), _name_in(capture.url)
    yield from of_another(capture, declared, told)
    if not name:
        yield meta_export.unnamed(capture)
        return
    yield account(
        capture,
        MANIFEST,
        name,
        f"/{_PROFILES[0]}/0",
        name=values.get("name"),
        url=f"{_BASE}@{name}",
        summary=values.get("bio"),
    )


def _name_in(url: str) -> str | None:
    """Return the account in an address of Threads, or of Instagram, where it has the same name."""
    found = path_in(url, _HOSTS, _PROFILE) or path_in(url, _HOSTS, _POST) or path_in(url, _SISTERS, _SISTER)
    return found["name"] if found else None
