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

from osint.activity import Attachment, Record, Tag
from osint.capture.exchange import Capture
from osint.collectors import tiktok_export
from osint.collectors.addresses import name_in
from osint.collectors.answer import json_value, keep_first, read_json, refuse, reservations, warning
from osint.collectors.exports import closed, script_in, start_of
from osint.collectors.json_values import count, inside, left_over, native, objects, text
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import missing, sight, undated
from osint.collectors.text import absolute
from osint.collectors.tiktok_export import BASE, HOSTS, ID, NAME, account, account_in, by, key_of
from osint.collectors.times import of_epoch
from osint.errors import SourceError, UnreadableCaptureError
from osint.query import AccountQuery, Query, ThreadQuery

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
_POST = re.compile(rf"/@(?P<name>{NAME})/(?:video|photo)/(?P<id>\d{{5,20}})/?")
_ISLAND = re.compile(r'<script[^>]{0,200}\bid="__UNIVERSAL_DATA_FOR_REHYDRATION__"[^>]{0,200}>')
_PROVIDER = re.compile(rb'"provider_url"\s*:\s*"https:\\?/\\?/www\.tiktok\.com')
_SECTIONS = (b'"ProfileMap"', b'"VideoList"', b'"CommentsList"')
_REMOVED = 10204
_READ = frozenset({
    "id", "desc", "createTime", "author", "authorStats", "authorStatsV2", "stats", "statsV2", "textExtra", "video",
    "imagePost", "contents", "challenges", "textLanguage",
})  # fmt: skip


def query_for(url: str) -> Query | None:
    """Return the video or the account of an address on TikTok."""
    parts = urlsplit(url)
    if parts.hostname not in HOSTS:
        return None
    if _POST.fullmatch(unquote(parts.path)):
        return ThreadQuery(thread=url)
    name = name_in(url, HOSTS, rf"/@({NAME})/?")
    return AccountQuery(account=f"@{name}@tiktok.com") if name else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the oEmbed answer for a video.

    Raises:
        SourceClosedError: An account is asked for.
    """
    if not isinstance(query, ThreadQuery):
        return (yield from closed(f"TikTok was not asked for anything. {MANIFEST.barred}"))
    answer = get("https://www.tiktok.com/oembed", url=query.thread)
    value = read_json(answer, _EXPECTED) if answer.body.lstrip()[:1] == b"{" else None
    refuse(answer, f"the video {query.thread}", text(inside(value, "message")) or "")
    asked, number = ID.search(query.thread), _embedded(read_json(answer, _EXPECTED))
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
    if start_of(body)[:1] == b"{":
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
    if "provider_url" in value:
        return keep_first([*records, *_oembed(value, capture)])
    return keep_first([*records, *tiktok_export.records(value, capture, MANIFEST, _EXPECTED)])


# oEmbed --------------------------------------------------------------------------------------------------------------


def _embedded(value: Any) -> str | None:
    """Return the id of the video that an answer shows."""
    number = native(inside(value, "embed_product_id"))
    quoted = ID.search(text(inside(value, "html")) or "")
    return number if number and number.isdecimal() else quoted[1] if quoted else None


def _oembed(value: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    number = _embedded(value)
    if not number:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it names no video")
    name = text(value.get("author_unique_id")) or account_in(text(value.get("author_url")) or "")
    cover = absolute(BASE, value.get("thumbnail_url"))
    yield sight(
        capture,
        MANIFEST,
        number,
        "",
        None,
        type="Video",
        url=f"{BASE}@{name}/video/{number}" if name else None,
        **by(name, text(value.get("author_name"))),
        content=text(value.get("title")) or "",
        content_html=text(value.get("html")),
        attachment=(Attachment(url=cover, name="cover"),) if cover else (),
        absent=dict.fromkeys(("published", "replies", "announces", "likes", "visibility"), "missing"),
    )


# Saved pages ---------------------------------------------------------------------------------------------------------


def _page(capture: Capture) -> Iterator[Record]:
    island = next(script_in(capture.text, _ISLAND), None)
    try:
        scope = inside(json_value(island) if island else None, "__DEFAULT_SCOPE__")
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
    number = ID.search(capture.url)
    if number and code == _REMOVED:
        yield sight(
            capture,
            MANIFEST,
            number[1],
            pointer,
            None,
            type="Tombstone",
            url=capture.url,
            **by(account_in(capture.url)),
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
    yield sight(
        capture,
        MANIFEST,
        number,
        pointer,
        when,
        type="Image" if is_photo else "Video",
        url=f"{BASE}@{name}/{'photo' if is_photo else 'video'}/{number}" if name else None,
        **by(name, text(inside(author, "nickname"))),
        content=text(item.get("desc")) or "",
        language=text(item.get("textLanguage")),
        quote_of=f"tiktok:{duet}" if duet and duet != "0" else None,
        tag=tuple(_tags(item)),
        attachment=tuple(_media(item)),
        replies=stats.get("commentCount"),
        announces=stats.get("shareCount"),
        likes=stats.get("diggCount"),
        absent=missing(published=when),
        extra=left_over(item, _READ) | plays,
    )
    yield from undated(capture, pointer, when)
    if actor := account(f"{pointer}/author", author, capture):
        yield actor


def _numbers(stats: Any) -> dict[str, int]:
    pairs = stats.items() if isinstance(stats, dict) else ()
    return {name: number for name, value in pairs if (number := count(value)) is not None}


def _tags(item: Mapping[str, Any]) -> Iterator[Tag]:
    for each in objects(item.get("textExtra")):
        if name := text(each.get("hashtagName")):
            yield Tag(type="Hashtag", name=name, href=f"{BASE}tag/{name}")
        elif name := text(each.get("userUniqueId")):
            yield Tag(type="Mention", name=f"{name}@tiktok.com", href=f"{BASE}@{name}", account=key_of(name))


def _media(item: Mapping[str, Any]) -> Iterator[Attachment]:
    for image in objects(inside(item, "imagePost", "images")):
        listed = inside(image, "imageURL", "urlList")
        url = absolute(BASE, listed[0]) if isinstance(listed, list) and listed else None
        if url:
            size = count(image.get("imageWidth")), count(image.get("imageHeight"))
            yield Attachment(url=url, width=size[0], height=size[1])
    video = item.get("video")
    size = count(inside(video, "width")), count(inside(video, "height"))
    if url := absolute(BASE, inside(video, "playAddr")):
        yield Attachment(url=url, media_type="video/mp4", width=size[0], height=size[1])
    if url := absolute(BASE, inside(video, "cover")):
        yield Attachment(url=url, name="cover", width=size[0], height=size[1])


def _user_detail(pointer: str, detail: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    actor = account(f"{pointer}/userInfo/user", inside(detail, "userInfo", "user"), capture)
    if actor:
        yield actor
    else:
        what = f"TikTok shows no account and says {detail.get('statusCode')}."
        yield warning(capture, pointer, what, "That is no proof that it never existed; ask TikTok by legal process.")
