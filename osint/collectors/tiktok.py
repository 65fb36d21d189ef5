"""TikTok: one video by its oEmbed answer, a page that was saved in a browser, and the export of an account.

**When a run is complete.** Never: the oEmbed answer shows a video without its comments, so a run ends with
``platform-cap``. Accounts cannot be asked for at all.

**A saved page** holds its data as JSON (``__UNIVERSAL_DATA_FOR_REHYDRATION__``). Programs that drop scripts, as
SingleFile does unless told otherwise, leave nothing of it. What TikTok says instead of a video (``statusCode`` 10204:
removed, or not to be had) becomes a row of type Tombstone. TikTok documents none of this.

**The export** (``user_data_tiktok.json``, ``user_data.json``) has two spellings of its sections. Its times are UTC and
do not say so. A post has the id that its link names, else one made of date and link; a comment has no id and does not
say what it answers. Direct messages, and lists of what was watched, liked or searched for, are no posts: a warning
names them, and nothing in them is read.

Source: https://developers.tiktok.com/doc/embed-videos (oEmbed); for the export
https://support.tiktok.com/en/account-and-privacy/personalized-ads-and-data/requesting-your-data
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from osint.activity import Actor, Attachment, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors import exports
from osint.collectors.answer import json_value, keep_first, read_json, refuse, reservations, warning
from osint.collectors.exports import count, dated, inside, native, objects, of_epoch, text
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.text import absolute
from osint.errors import SourceError, UnreadableCaptureError
from osint.query import AccountQuery, Query, ThreadQuery, without_secrets

MANIFEST = Manifest(
    name="tiktok",
    version="1",
    reads="one video as TikTok gives it for embedding; a saved page of a video or an account; the posts and comments "
    "of an account's export",
    queries=(ThreadQuery, AccountQuery),
    ways=("public", "file"),
    public="single videos of public accounts, by their address",
    limits="oEmbed gives title and author, no date, no counts, no comments; pages are often a challenge, so only saved "
    "ones are read; accounts cannot be asked for",
    files="user_data_tiktok.json or user_data.json of an export, or its ZIP; pages that somebody saved with their "
    "scripts; oEmbed answers",
    id_time="`id >> 32` is seconds since 1970, one second off at most",
    proof="documented",
    asks=("www.tiktok.com",),
    page=1,
    pace=2,
    barred="TikTok's Research API is for academic and non-profit research only, and its Display API shows an account "
    "to itself. For an account use its export, a page saved in a browser, or legal process.",
    documentation="https://developers.tiktok.com/doc/embed-videos",
    terms="The terms of service forbid automated collection of pages; oEmbed is offered for embedding single videos.",
    terms_checked="unverified",
)

_EXPECTED = "an answer, a saved page or an export of TikTok"
_HOSTS = ("www.tiktok.com", "tiktok.com", "m.tiktok.com")
_BASE = "https://www.tiktok.com/"
_NAME = r"[A-Za-z0-9_.]{1,32}"
_POST = re.compile(rf"/@(?P<name>{_NAME})/(?:video|photo)/(?P<id>\d{{5,20}})/?")
_ID = re.compile(r"/(?:video|photo)/(\d{5,20})")
_ISLAND = re.compile(
    r'<script[^>]{0,200}\bid="__UNIVERSAL_DATA_FOR_REHYDRATION__"[^>]{0,200}>(.*?)</script>', re.DOTALL
)
_PROVIDER = re.compile(rb'"provider_url"\s*:\s*"https:\\?/\\?/www\.tiktok\.com')
_SECTIONS = (b'"ProfileMap"', b'"VideoList"', b'"CommentsList"')
_REMOVED = 10204
_READ = frozenset({
    "id", "desc", "createTime", "author", "authorStats", "authorStatsV2", "stats", "statsV2", "textExtra", "video",
    "imagePost", "contents", "challenges", "textLanguage",
})  # fmt: skip
_VIDEO_READ = frozenset({"Date", "Link", "Likes", "Title", "WhoCanView"})


def query_for(url: str) -> Query | None:
    """Return the video or the account of an address on TikTok."""
    parts = urlsplit(url)
    if parts.hostname not in _HOSTS:
        return None
    if _POST.fullmatch(unquote(parts.path)):
        return ThreadQuery(thread=url)
    name = exports.name_in(url, _HOSTS, rf"/@({_NAME})/?")
    return AccountQuery(account=f"@{name}@tiktok.com") if name else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the oEmbed answer for a video.

    Raises:
        SourceClosedError: An account is asked for.
    """
    if not isinstance(query, ThreadQuery):
        return (yield from exports.closed(f"TikTok was not asked for anything. {MANIFEST.barred}"))
    answer = get("https://www.tiktok.com/oembed", url=query.thread)
    value = read_json(answer, _EXPECTED) if answer.body.lstrip()[:1] == b"{" else None
    refuse(answer, f"the video {query.thread}", text(inside(value, "message")) or "")
    asked, number = _ID.search(query.thread), _embedded(read_json(answer, _EXPECTED))
    if not asked or number != asked[1]:
        raise SourceError(
            f"{query.thread} was asked for, and the answer (exhibit {answer.exhibit}) "
            + (f"shows {number}." if number else "shows no video and gives no reason.")
            + " It is preserved and nothing was read from it; that says nothing of whether the video exists."
        )
    yield answer
    return Stop.PLATFORM_CAP


def claims(capture: Capture) -> bool:
    """Say whether it is an oEmbed answer, a page with TikTok's data, or an export."""
    body = capture.body
    if body.lstrip()[:1] == b"{":
        is_export = b'"Profile"' in body and b'Activity"' in body and any(mark in body for mark in _SECTIONS)
        return is_export or (b'"html"' in body and _PROVIDER.search(body) is not None)
    return b"__UNIVERSAL_DATA_FOR_REHYDRATION__" in body and b"__DEFAULT_SCOPE__" in body


def parse(capture: Capture) -> list[Record]:
    """Read an answer, a saved page or an export.

    Raises:
        UnreadableCaptureError: It is none of them.
    """
    records: list[Record] = [*reservations(capture)]
    if capture.text.lstrip("\ufeff \t\r\n")[:1] != "{":
        return keep_first([*records, *_page(capture)])
    value = read_json(capture, _EXPECTED)
    read = _oembed if "provider_url" in value else _export
    return keep_first([*records, *read(value, capture)])


# oEmbed --------------------------------------------------------------------------------------------------------------


def _embedded(value: Any) -> str | None:
    """Return the id of the video that an answer shows."""
    number = native(inside(value, "embed_product_id"))
    quoted = _ID.search(text(inside(value, "html")) or "")
    return number if number and number.isdecimal() else quoted[1] if quoted else None


def _oembed(value: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    number = _embedded(value)
    if not number:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it names no video")
    name = text(value.get("author_unique_id")) or _name_in(text(value.get("author_url")) or "")
    cover = absolute(_BASE, value.get("thumbnail_url"))
    yield exports.sight(
        capture,
        MANIFEST,
        number,
        "",
        None,
        type="Video",
        url=f"{_BASE}@{name}/video/{number}" if name else None,
        **_author(name, text(value.get("author_name"))),
        content=text(value.get("title")) or "",
        content_html=text(value.get("html")),
        attachment=(Attachment(url=cover, name="cover"),) if cover else (),
        absent=dict.fromkeys(("published", "replies", "announces", "likes", "visibility"), "missing"),
    )


# Saved pages ---------------------------------------------------------------------------------------------------------


def _page(capture: Capture) -> Iterator[Record]:
    island = _ISLAND.search(capture.text)
    try:
        scope = inside(json_value(island[1]) if island else None, "__DEFAULT_SCOPE__")
    except (ValueError, RecursionError) as error:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "its data are no JSON") from error
    video, user = inside(scope, "webapp.video-detail"), inside(scope, "webapp.user-detail")
    if not isinstance(video, dict) and not isinstance(user, dict):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it shows neither a video nor an account")
    where = "/__DEFAULT_SCOPE__"
    if isinstance(video, dict):
        yield from _detail(f"{where}/webapp.video-detail", video, capture)
    if isinstance(user, dict):
        yield from _user_detail(f"{where}/webapp.user-detail", user, capture)


def _detail(pointer: str, detail: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    item = inside(detail, "itemInfo", "itemStruct")
    if isinstance(item, dict) and native(item.get("id")):
        yield from _item(f"{pointer}/itemInfo/itemStruct", item, capture)
        return
    code, said = detail.get("statusCode"), text(detail.get("statusMsg"))
    what = f"TikTok shows no video and says {code}" + (f" ({said[:100]!r})" if said else "") + "."
    yield warning(capture, pointer, what, "That is no proof that it never existed; ask TikTok by legal process.")
    number = _ID.search(capture.url)
    if number and code == _REMOVED:
        yield exports.sight(
            capture,
            MANIFEST,
            number[1],
            pointer,
            None,
            type="Tombstone",
            url=capture.url,
            **_author(_name_in(capture.url)),
            absent={"content": "hidden", "published": "hidden", "attachment": "hidden"},
            extra={"status_code": code},
        )


def _item(pointer: str, item: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    author, when = item.get("author"), of_epoch(item.get("createTime"))
    name, number = text(inside(author, "uniqueId")), str(native(item.get("id")))
    stats = {**_numbers(item.get("stats")), **_numbers(item.get("statsV2"))}
    is_photo = isinstance(item.get("imagePost"), dict)
    duet = native(inside(item, "duetInfo", "duetFromId"))
    plays = {"plays": stats["playCount"]} if "playCount" in stats else {}
    yield exports.sight(
        capture,
        MANIFEST,
        number,
        pointer,
        when,
        type="Image" if is_photo else "Video",
        url=f"{_BASE}@{name}/{'photo' if is_photo else 'video'}/{number}" if name else None,
        **_author(name, text(inside(author, "nickname"))),
        content=text(item.get("desc")) or "",
        language=text(item.get("textLanguage")),
        quote_of=f"tiktok:{duet}" if duet and duet != "0" else None,
        tag=tuple(_tags(item)),
        attachment=tuple(_media(item)),
        replies=stats.get("commentCount"),
        announces=stats.get("shareCount"),
        likes=stats.get("diggCount"),
        absent={} if when else {"published": "missing"},
        extra=exports.left_over(item, _READ) | plays,
    )
    yield from exports.undated(capture, pointer, when)
    if actor := _user(f"{pointer}/author", author, capture):
        yield actor


def _numbers(stats: Any) -> dict[str, int]:
    pairs = stats.items() if isinstance(stats, dict) else ()
    return {name: number for name, value in pairs if (number := count(value)) is not None}


def _tags(item: Mapping[str, Any]) -> Iterator[Tag]:
    for each in objects(item.get("textExtra")):
        if name := text(each.get("hashtagName")):
            yield Tag(type="Hashtag", name=name, href=f"{_BASE}tag/{name}")
        elif name := text(each.get("userUniqueId")):
            yield Tag(type="Mention", name=f"{name}@tiktok.com", href=f"{_BASE}@{name}", account=_key(name))


def _media(item: Mapping[str, Any]) -> Iterator[Attachment]:
    for image in objects(inside(item, "imagePost", "images")):
        listed = inside(image, "imageURL", "urlList")
        url = absolute(_BASE, listed[0]) if isinstance(listed, list) and listed else None
        if url:
            size = count(image.get("imageWidth")), count(image.get("imageHeight"))
            yield Attachment(url=url, width=size[0], height=size[1])
    video = item.get("video")
    size = count(inside(video, "width")), count(inside(video, "height"))
    if url := absolute(_BASE, inside(video, "playAddr")):
        yield Attachment(url=url, media_type="video/mp4", width=size[0], height=size[1])
    if url := absolute(_BASE, inside(video, "cover")):
        yield Attachment(url=url, name="cover", width=size[0], height=size[1])


def _user_detail(pointer: str, detail: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    actor = _user(f"{pointer}/userInfo/user", inside(detail, "userInfo", "user"), capture)
    if actor:
        yield actor
    else:
        what = f"TikTok shows no account and says {detail.get('statusCode')}."
        yield warning(capture, pointer, what, "That is no proof that it never existed; ask TikTok by legal process.")


def _user(pointer: str, user: Any, capture: Capture) -> Actor | None:
    name, created = text(inside(user, "uniqueId")), of_epoch(inside(user, "createTime"))
    if not name:
        return None
    return Actor(
        id=_key(name),
        platform="tiktok",
        native_id=native(inside(user, "id")) or name,
        handle=f"{name}@tiktok.com",
        name=text(inside(user, "nickname")),
        url=f"{_BASE}@{name}",
        summary=text(inside(user, "signature")),
        published=created.instant if created else None,
        published_raw=created.raw if created else None,
        exhibit=capture.exhibit,
        pointer=pointer,
    )


# The export ----------------------------------------------------------------------------------------------------------


def _export(value: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    profile = _first(value, ("Profile", "Profile Info"), ("Profile", "Profile Information"))
    name = text(inside(profile[1], "ProfileMap", "userName")) or _name_in(capture.url)
    known = [_first(value, *paths) for paths in _POSTS]
    if not any(isinstance(found, dict) for _, found in (profile, *known)):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it has no section that is known")
    if actor := _owner(profile[0], profile[1], capture):
        yield actor
    if not name:
        what = "Neither the export nor the declared address names the account."
        yield warning(capture, "", what, "The posts have no author. Import the file again with the profile's address.")
    for (where, found), listed, read in zip(known, ("VideoList", "CommentsList"), (_video, _comment), strict=True):
        entries = inside(found, listed)
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            pointer = f"{where}/{listed}/{number}"
            if isinstance(entry, dict):
                yield from read(pointer, entry, name, capture)
            else:
                yield warning(capture, pointer, "This is no post.", "It is not in the tables.")
    yield from _not_read(value, capture)


_POSTS = (
    (("Post", "Posts"), ("Post", "Videos"), ("Video", "Videos"), ("Video", "Posts")),
    (("Comment", "Comments"), ("Comment",)),
)


def _first(value: Any, *paths: tuple[str, ...]) -> tuple[str, Any]:
    """Return the first of some sections that is there, behind its JSON Pointer."""
    found = ((path, inside(value, *path)) for path in paths)
    path, section = next((each for each in found if isinstance(each[1], dict)), (paths[0], None))
    return "/" + "/".join(path), section


def _video(pointer: str, entry: Mapping[str, Any], name: str | None, capture: Capture) -> Iterator[Record]:
    link, when = without_secrets(text(entry.get("Link")) or ""), dated(entry.get("Date"), utc=True)
    found = _ID.search(link)
    number = found[1] if found else f"export-{exports.made_id(entry.get('Date'), link)}"
    address = f"{_BASE}@{name}/video/{number}" if found and name else absolute(_BASE, link)
    yield exports.sight(
        capture,
        MANIFEST,
        number,
        pointer,
        when,
        type="Video",
        url=address,
        **_author(name),
        content=text(entry.get("Title")),
        likes=count(entry.get("Likes")),
        visibility=text(entry.get("WhoCanView")),
        absent=_absent(entry, name, content="Title", likes="Likes", visibility="WhoCanView", published="Date")
        | dict.fromkeys(("replies", "announces", "attachment"), "missing"),
        extra=exports.left_over(entry, _VIDEO_READ) | ({"link": link} if link else {}),
    )
    yield from exports.undated(capture, pointer, when)


def _comment(pointer: str, entry: Mapping[str, Any], name: str | None, capture: Capture) -> Iterator[Record]:
    entry = {key.casefold(): value for key, value in entry.items()}
    written, when = text(entry.get("comment")), dated(entry.get("date"), utc=True)
    answered = _ID.search(text(entry.get("url")) or text(entry.get("link")) or "")
    yield exports.sight(
        capture,
        MANIFEST,
        f"comment-{exports.made_id(entry.get('date'), written, pointer)}",
        pointer,
        when,
        type="Note",
        **_author(name),
        content=written,
        in_reply_to=f"tiktok:{answered[1]}" if answered else None,
        absent=_absent(entry, name, content="comment", published="date")
        | ({} if answered else {"in_reply_to": "missing"})
        | dict.fromkeys(("url", "replies", "announces", "likes", "visibility"), "missing"),
        extra=exports.left_over(entry, frozenset({"comment", "date"})),
    )
    yield from exports.undated(capture, pointer, when)


def _absent(entry: Mapping[str, Any], name: str | None, **fields: str) -> dict[str, str]:
    missing = {field: "missing" for field, key in fields.items() if not text(entry.get(key))}
    return missing | ({} if name else {"attributed_to": "missing"})


def _owner(pointer: str, profile: Any, capture: Capture) -> Actor | None:
    told = inside(profile, "ProfileMap")
    user = {"uniqueId": inside(told, "userName"), "signature": inside(told, "bioDescription")}
    return _user(f"{pointer}/ProfileMap", user, capture)


def _not_read(value: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    if messages := sorted(name for name in value if name.casefold().startswith("direct message")):
        what = "The export holds direct messages."
        yield warning(capture, f"/{messages[0]}", what, "They are no public posts, so nothing in them was read.")
    others = sorted(set(value) - {"Profile", "Post", "Video", "Comment", *messages})
    if others:
        what = f"Sections that hold no posts: {', '.join(name[:60] for name in others[:40])}."
        yield warning(capture, "", what, "Nothing in them was read; the exhibit has them.")


# Small things --------------------------------------------------------------------------------------------------------


def _author(name: str | None, shown: str | None = None) -> dict[str, Any]:
    handle = f"{name}@tiktok.com" if name else None
    return {"attributed_to": _key(name) if name else None, "author_handle": handle, "author_name": shown}


def _name_in(url: str) -> str | None:
    return exports.name_in(url, _HOSTS, rf"/@({_NAME})(?:/.*)?")


def _key(name: str) -> str:
    return account_key("tiktok", f"{name}@tiktok.com")
