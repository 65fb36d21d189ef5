"""Facebook: the export of an account, Meta's answer to a legal request, a public page's card, the agency's own pages.

**What is collected.** To a visitor Facebook shows the card of a page at most, and mostly a sign-in; so the file is the
way that works. Meta's interface gives other people's content to nobody who enforces the law, so it is not asked for
that.

**The agency's own page** is read through its own Page token: ``url=https://graph.facebook.com/v23.0/PAGE/feed``, under
an authority with the purpose ``own_pages`` that names this address. Posts come with their comments. The run follows
Meta's cursors, never the address of its "next", which holds the token. Meta shows some 600 posts of a year, so a year
that reaches this ends the run with ``platform-cap``.

**Closed or gone.** Facebook says the same of what was deleted and of what only some may see. So does this collector.

**Ids.** Exports of before 2024 have none; one is made of what an entry says. An id that starts with ``pfbid`` is made
anew for each visitor, so it does not join two sights of one post.

Sources: https://developers.facebook.com/docs/graph-api/reference/page/feed/ and /guides/error-handling, and those of
the ``meta_*`` modules beside this one
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from osint.activity import Absence, Record, Tag
from osint.capture.exchange import Capture
from osint.collectors import meta_export, meta_graph, meta_page, meta_return
from osint.collectors.addresses import path_in
from osint.collectors.answer import keep_first, read_json, reservations
from osint.collectors.exports import Export, of_another, other_members, start_of
from osint.collectors.json_values import inside, native, objects, text
from osint.collectors.protocol import Get, Key, Manifest, Stop
from osint.collectors.sights import account, by_name, missing, sight, undated
from osint.errors import QueryError, UnreadableCaptureError
from osint.query import AccountQuery, Query, UrlQuery, host_of

MANIFEST = Manifest(
    name="facebook",
    version="1",
    reads="the export of an account, Meta's answer to a legal request, the card of a public page, and the posts of the "
    "agency's own page",
    queries=(UrlQuery, AccountQuery),
    ways=("file", "public", "api"),
    public="the card of some public pages (name, summary, picture); mostly a sign-in",
    limits="no posts of others without a file; 'not available' means closed or gone, and nobody can say which; of "
    "one's own page some 600 posts of a year. Meta documents its interface, and no field of exports and returns",
    files="the ZIP of an export in the JSON format; records.html and preservation-N.html of a legal return, or its "
    "ZIP; saved pages",
    id_time="none: its ids say nothing of the time",
    proof="documented",
    home="facebook.com",
    asks=("www.facebook.com", "graph.facebook.com"),
    page=100,
    pace=2,
    key=Key(
        host="graph.facebook.com",
        parameter="access_token",
        how="For pages that belong to the agency only: an administrator of the page makes a Page access token with "
        "pages_read_engagement and pages_read_user_content in Meta's developer console.",
    ),
    barred="Meta's interface gives the content of others to approved businesses and to academic research only, and its "
    "terms forbid its use for surveillance; so it is asked for the agency's own pages alone. For others use an export, "
    "a saved page, or legal process.",
    documentation="https://developers.facebook.com/docs/graph-api/reference/page/feed/",
    terms="The terms forbid automated collection without Meta's permission; so one page at a time is asked for.",
    terms_checked="unverified",
)

_EXPECTED = "an export, a legal return or a page of Facebook"
_HOSTS = ("facebook.com", "www.facebook.com", "m.facebook.com", "web.facebook.com", "mbasic.facebook.com")
_NAMED = re.compile(r"/(?:people/[^/]{1,120}/)?(?P<name>[A-Za-z0-9.]{3,60})/?")
_OWNED = re.compile(r"/(?P<name>[A-Za-z0-9.]{3,60})/(?:posts|videos|photos|reels)(?:/.*)?")
_POST_ID = re.compile(
    r"(?:/posts/|/videos/|/reel/|story_fbid=|fbid=|[?&]v=|/permalink/)(?:[\w.-]*/)?(pfbid\w{20,}|\d{6,20})"
)
_NO_NAMES = re.compile(
    r"(?:login|logout|signup|groups|events|watch|marketplace|photo|photos|story|stories|permalink|pages|people|help|"
    r"privacy|policies|sharer|share|reel|reels|hashtag|gaming|ads|business|media|search|plugins|dialog|settings|profile|"
    r"recover|directory|public|videos|notes|home|legal|r|l|careers|about|business|messages|friends|saved)(?:\.php)?",
    re.IGNORECASE,
)
_LISTS = {
    "comments_v2": "comment", "group_comments_v2": "comment", "group_posts_v2": "post", "archived_stories_v2": "post",
    "videos_v2": "file", "other_photos_v2": "file", "photos": "file",
}  # fmt: skip
_MARK = re.compile(
    rb'"(?:comments_v2|group_comments_v2|group_posts_v2|archived_stories_v2|videos_v2|other_photos_v2|profile_v2|'
    rb'cover_photo)"\s*:'
)
_OLD_POSTS = re.compile(rb'"(?:update_timestamp|post|external_context|media)"\s*:')
_POST_FOLDERS = "posts|comments_and_reactions|groups|stories|reels"
_ATTACHED = ("place", "event", "life_event", "poll", "for_sale_item", "fundraiser")


def query_for(url: str) -> Query | None:
    """Return the account or the page of an address at Facebook, or the feed of a page in Meta's interface."""
    parts = urlsplit(url)
    if parts.hostname == meta_graph.HOST:
        return UrlQuery(url=url) if meta_graph.FEED.fullmatch(parts.path) else None
    if parts.hostname not in _HOSTS or not parts.path.strip("/"):
        return None
    name = _name_in(url)
    if name and not _OWNED.fullmatch(parts.path):
        return AccountQuery(account=f"@{name}@{MANIFEST.home}")
    return UrlQuery(url=url)


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield one public page; or, of the agency's own page, each page of its feed with the comments.

    Raises:
        QueryError: The address is not Facebook's.
        SourceClosedError: It asks to sign in, is closed or gone, or the key is not accepted for it.
    """
    if isinstance(query, UrlQuery) and query.host == meta_graph.HOST:
        return (yield from meta_graph.own_page(query, get, MANIFEST.key.how if MANIFEST.key else ""))
    if query.host not in _HOSTS:
        raise QueryError(f"{query.host} is not Facebook's; write the account as @name@{MANIFEST.home}.")
    if isinstance(query, UrlQuery):
        asked, wanted, name = query.url, f"the page {query.url}", None
    else:
        assert isinstance(query, AccountQuery)
        name = query.name
        asked, wanted = _address(name), f"the account {query.account}"
    page = get(asked)
    shown = meta_page.own_address(page, _HOSTS)
    meta_page.refuse_page(page, wanted, _HOSTS, is_shown=shown is not None, ambiguous=True)
    found = _name_in(shown or "") or str(shown)
    if name and not name.isdecimal() and found.casefold() != name.casefold():
        raise meta_page.another(name, found, page)
    yield page
    return Stop.PLATFORM_CAP


def claims(capture: Capture) -> bool:
    """Say whether it is a file of an export, a legal return, a saved page, or an answer of the interface."""
    if "html" in capture.media_type:
        return meta_page.is_page_of(MANIFEST.name, _HOSTS, capture)
    start = start_of(capture.body)
    is_ours = meta_export.is_export_of(MANIFEST.name, capture, _POST_FOLDERS)
    if is_ours is not None:
        return is_ours
    if start[:1] == b"[":
        return b'"timestamp"' in start and b'"data"' in start and _OLD_POSTS.search(start) is not None
    is_answer = b'"data"' in start and b'"created_time"' in start and b"facebook.com" in capture.body
    return start[:1] == b"{" and (is_answer or _MARK.search(start) is not None)


def parse(capture: Capture) -> list[Record]:
    """Read a file of an export, a legal return, a page, or an answer of Meta's interface.

    Raises:
        UnreadableCaptureError: It is none of them.
    """
    read = _page if "html" in capture.media_type else _json
    return keep_first([*reservations(capture), *read(capture)])


# Pages and returns ---------------------------------------------------------------------------------------------------


def _page(capture: Capture) -> Iterator[Record]:
    if meta_return.service(capture):
        yield from meta_return.records(capture, MANIFEST, lambda number, _: number, _name_in(capture.url))
        return
    if meta_export.is_html(capture):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, meta_export.AS_HTML)
    url = meta_page.own_address(capture, _HOSTS)
    if not url:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it names no address of its own, as a sign-in does")
    name, number = _name_in(url), _POST_ID.search(url)
    if name and not number and not _OWNED.fullmatch(urlsplit(url).path):
        yield from meta_page.profile(capture, MANIFEST, name, url)
        return
    handle = f"{name}@{MANIFEST.home}" if name else None
    yield meta_page.post(capture, MANIFEST, number[1] if number else url, handle, type="Note" if number else "Page")


# Exports -------------------------------------------------------------------------------------------------------------


def _json(capture: Capture) -> Iterator[Record]:
    if meta_export.is_private(capture):
        yield meta_export.withheld_messages(capture)
        return
    value, warnings = meta_export.read(capture, _EXPECTED)
    if isinstance(value, dict) and isinstance(value.get("data"), list) and "label_values" not in value:
        yield from meta_graph.records(read_json(capture, _EXPECTED), capture, MANIFEST)
        return
    yield from warnings
    for key in ("profile_v2", "profile"):
        if isinstance(inside(value, key), dict):
            yield from _profile(value[key], f"/{key}", capture)
            return
    lists = _lists(value)
    if not lists:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it holds no list that is known")
    export = Export(capture, _name_in(capture.url))
    if not export.owner:
        yield meta_export.unnamed(capture)
    for where, kind, entries in lists:
        for number, entry in enumerate(entries):
            pointer = f"{where}/{number}"
            if isinstance(entry, dict):
                yield from _entry(entry, kind, pointer, export)
            else:
                yield from meta_export.not_read(capture, pointer)
    entries = [entry for _, _, listed in lists for entry in listed if isinstance(entry, dict)]
    unknown = sum("label_values" in entry and not meta_export.text_in(meta_export.labels(entry)) for entry in entries)
    yield from meta_export.unknown_labels(capture, unknown)
    if isinstance(value, dict) and "label_values" not in value:
        yield from other_members(value, _LISTS, capture, "cover_photo")


def _lists(value: Any) -> list[tuple[str, str, list[Any]]]:
    """Return the lists of entries, each with its place and the kind of its entries."""
    if isinstance(value, list):
        return [("", "post", value)]
    if not isinstance(value, dict):
        return []
    if "label_values" in value:
        return [("", "post", [value])]
    return [(f"/{key}", kind, value[key]) for key, kind in _LISTS.items() if isinstance(value.get(key), list)]


def _entry(entry: Mapping[str, Any], kind: str, pointer: str, export: Export) -> Iterator[Record]:
    capture, when = export.capture, meta_export.when(entry, "timestamp", "creation_timestamp")
    told = _labelled(entry) if "label_values" in entry else _READERS[kind](entry)
    media = told.pop("media")
    names, title = meta_export.files(*media), text(entry.get("title"))
    extra = told.pop("extra", {}) | ({"title": title} if title else {}) | ({"files": names} if names else {})
    if not (when or told.get("content") or names or told.get("links") or extra):
        yield from meta_export.not_read(capture, pointer)
        return
    number, said = native(entry.get("fbid")), told.get("content")
    basis = (said, *names, *told.get("links", ())) if said or names else (title, str(extra))
    yield sight(
        capture, MANIFEST, number or export.id_of(kind, when and when.raw, *basis), pointer, when,
        **{
            "type": "Note",
            **by_name(MANIFEST, export.owner),
            "attachment": tuple(each for item in media for each in meta_page.picture(inside(item, "uri"))),
            "absent": _absent(export.owner, when, kind),
            "extra": extra,
            **told,
        },
    )  # fmt: skip
    yield from undated(capture, pointer, when)


def _post(entry: Mapping[str, Any]) -> dict[str, Any]:
    data, attached = objects(entry.get("data")), _attached(entry)
    said = [found for each in data if (found := text(each.get("post")))]
    notes = [note for each in attached if isinstance(note := each.get("note"), dict)]
    said = said or [found for note in notes for key in ("title", "text") if (found := text(note.get(key)))]
    said = said or [found for each in attached if (found := text(each.get("text")))]
    edited = next((at for each in data if (at := meta_export.when(each, "update_timestamp"))), None)
    backdated = next((at for each in data if (at := meta_export.when(each, "backdated_timestamp"))), None)
    first = meta_export.when(entry, "timestamp")
    places = {key: each[key] for key in _ATTACHED for each in attached if isinstance(each.get(key), dict)}
    outside = [context for each in attached if isinstance(context := each.get("external_context"), dict)]
    named = [
        name for each in outside for key in ("name", "url", "source") if (name := meta_export.shown(each.get(key)))
    ]
    tagged = [each.get("name") for each in objects(entry.get("tags"))]
    is_edited = edited and first and edited.instant != first.instant
    return {
        "content": "\n\n".join(said) or None,
        "updated": edited.instant if edited and is_edited else None,
        "links": meta_export.links(*(each.get("url") for each in outside)),
        "tag": tuple(Tag(type="Mention", name=str(name)) for name in tagged if text(name)),
        "media": [*_media(attached), *(item for note in notes for item in objects(note.get("media")))],
        "extra": places | ({"shared": named} if named else {}) | ({"backdated_to": backdated.raw} if backdated else {}),
    }


def _comment(entry: Mapping[str, Any]) -> dict[str, Any]:
    found = [each["comment"] for each in objects(entry.get("data")) if isinstance(each.get("comment"), dict)]
    comment, attached = found[0] if found else {}, _attached(entry)
    group = text(comment.get("group"))
    outside = (inside(each, "external_context", "url") for each in attached)
    return {
        "content": text(comment.get("comment")),
        "author_name": text(comment.get("author")),
        "links": meta_export.links(*outside),
        "media": _media(attached),
        "extra": {"group": group} if group else {},
    }


def _file(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": meta_export.kind_of_file(text(entry.get("uri")) or ""),
        "content": text(entry.get("description")),
        "media": [entry],
    }


def _labelled(entry: Mapping[str, Any]) -> dict[str, Any]:
    labels = meta_export.labels(entry)
    said = meta_export.text_in(labels)
    others = {label: each for label, each in labels.items() if each != said}
    return {
        "content": said,
        "links": meta_export.links(*(each for each in others.values() if each.startswith("http"))),
        "media": meta_export.labelled_media(entry),
        "extra": {"labels": others} if others else {},
    }


_READERS = {"post": _post, "comment": _comment, "file": _file}


def _attached(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [each for group in objects(entry.get("attachments")) for each in objects(group.get("data"))]


def _media(attached: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each["media"] for each in attached if isinstance(each.get("media"), dict)]


def _profile(told: Mapping[str, Any], pointer: str, capture: Capture) -> Iterator[Record]:
    username = text(told.get("username")) or _name_in(text(told.get("profile_uri")) or "")
    declared, created = _name_in(capture.url), meta_export.when(told, "registration_timestamp")
    name = username or declared
    if not _are_one(declared, username):
        yield from of_another(capture, declared, username)
    if not name:
        yield meta_export.unnamed(capture)
        return
    yield account(
        capture,
        MANIFEST,
        name,
        pointer,
        created=created,
        name=text(inside(told, "name", "full_name")) or text(told.get("name")),
        url=_address(name),
        summary=text(told.get("about_me")) or text(told.get("intro_bio")),
    )


# Small things --------------------------------------------------------------------------------------------------------


def _absent(owner: str | None, when: object, kind: str) -> dict[str, Absence]:
    told = missing(attributed_to=owner, published=when, in_reply_to=kind != "comment")
    return told | dict.fromkeys(("url", "replies", "announces", "likes", "visibility"), "missing")


def _are_one(one: str | None, other: str | None) -> bool:
    """Say whether two names may be those of one account: dots in them do not count, and some have a number beside."""
    if not one or not other or one.isdecimal() != other.isdecimal():
        return True
    return one.replace(".", "").casefold() == other.replace(".", "").casefold()


def _address(name: str) -> str:
    return f"https://www.facebook.com/profile.php?id={name}" if name.isdecimal() else f"https://www.facebook.com/{name}"


def _name_in(url: str) -> str | None:
    """Return the account in an address: its name, or its number where it has none."""
    if host_of(url) not in _HOSTS:
        return None
    parts = urlsplit(url)
    if parts.path == "/profile.php":
        number = parse_qs(parts.query).get("id", [""])[0]
        return number if number.isdecimal() else None
    found = path_in(url, _HOSTS, _NAMED) or path_in(url, _HOSTS, _OWNED)
    return found["name"] if found and not _NO_NAMES.fullmatch(found["name"]) else None
