"""Flickr: an account's public photos, photos under a tag, and a photo with its comments, through the keyed interface.

**When a run is complete.** ``exhausted`` means that as many photos came as Flickr counts for the first question. Lists
are asked for newest first and in slices: each further question ends at the oldest upload that was seen, since pages
past some 4,000 photos repeat what was shown before. The public feed of an account, which needs no key, holds 20 photos
and is read by the collector `feed`.

**Times.** ``dates.posted`` is seconds since 1970, and the owner may change it. ``dates.taken`` is the local time of the
camera without a zone: it is kept as written in ``extra["taken"]``, with how exact it is and whether it is known at all,
and is never made an instant.

**Refusals** come with status 200 and ``stat="fail"``.

Sources: https://www.flickr.com/services/api/flickr.photos.search.html, /flickr.photos.getInfo.html,
/flickr.photos.comments.getList.html, /flickr.urls.lookupUser.html, /flickr.people.getInfo.html, /misc.dates.html
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from osint.activity import Actor, Attachment, Record, Tag
from osint.capture.exchange import Capture
from osint.collectors.answer import keep_first, read_json, refuse, reservations, warning
from osint.collectors.json_values import count, inside, left_over, native, object_in, objects, text
from osint.collectors.protocol import Get, Key, Manifest, Stop
from osint.collectors.sights import missing, sight, undated
from osint.collectors.text import absolute, html_to_text, links_in
from osint.collectors.times import of_epoch
from osint.errors import (
    QueryError,
    SourceClosedError,
    SourceError,
    SourceGoneError,
    UnreadableCaptureError,
)
from osint.query import AccountQuery, Query, TextQuery, ThreadQuery, UrlQuery

MANIFEST = Manifest(
    name="flickr",
    version="1",
    reads="an account's photos, photos under a tag, or one photo with its comments",
    queries=(AccountQuery, ThreadQuery, TextQuery, UrlQuery),
    ways=("api", "file"),
    public="public photos with their words, dates, tags and places, and their comments",
    limits="3,600 questions an hour and key; owners hide photos, places and dates; safe search leaves photos out "
    "unmarked",
    files="answers of its interface (`format=json`) that somebody saved",
    id_time="none: numbers only rise",
    proof="documented",
    home="flickr.com",
    asks=("api.flickr.com",),
    page=500,
    pace=1,
    key=Key(
        host="api.flickr.com",
        parameter="api_key",
        how="Ask Flickr for an API key in the App Garden (https://www.flickr.com/services/apps/create/).",
    ),
    documentation="https://www.flickr.com/services/api/flickr.photos.search.html",
    terms="The API's terms are for non-commercial use unless agreed otherwise; photos stay under their owners' "
    "licences.",
    terms_checked="unverified",
)

_EXPECTED = "an answer of the Flickr API (format=json)"
_API = "https://api.flickr.com/services/rest/"
_HOSTS = ("flickr.com", "www.flickr.com", "m.flickr.com")
_PAGE = 500
_REPEATS_BEYOND = 4_000
_EXTRAS = (
    "description,license,date_upload,date_taken,owner_name,last_update,geo,tags,machine_tags,views,media,path_alias,"
    "url_l,url_o"
)
_ALBUM = re.compile(r"/(?:photos|people)/(?P<name>[^/]+)/?")
_PHOTO = re.compile(r"/photos/[^/]+/(?P<id>\d{1,20})(?:/.*)?")
_WRAPPED = re.compile(rb"\s*jsonFlickrApi\((?P<json>.*)\)\s*;?\s*", re.DOTALL)
_SEARCH = "photos.search"  # the numbers of its refusals are its own
_GONE, _GONE_IN_SEARCH = frozenset({1, 5}), frozenset({2, 5})
_CLOSED, _CLOSED_IN_SEARCH = frozenset({2, 99}), frozenset({4, 17, 99})
_KEY = frozenset({98, 100})
_NONE: frozenset[str] = frozenset()
_READ = frozenset({
    "id", "owner", "ownername", "title", "description", "dateupload", "dateuploaded", "dates", "datetaken",
    "datetakengranularity", "datetakenunknown", "tags", "latitude", "longitude", "accuracy", "location", "comments",
    "visibility", "ispublic", "isfriend", "isfamily", "secret", "urls", "url_l", "url_o", "height_l", "width_l",
    "height_o", "width_o", "pathalias", "isfavorite", "editability", "usage", "notes", "publiceditability",
})  # fmt: skip


def query_for(url: str) -> Query | None:
    """Return the account or the photo of an address at Flickr."""
    parts = urlsplit(url)
    if parts.hostname not in _HOSTS:
        return None
    if _PHOTO.fullmatch(parts.path):
        return ThreadQuery(thread=url)
    album = _ALBUM.fullmatch(unquote(parts.path))
    if not album or album["name"] == "tags":
        return None
    # A number such as 12345678@N00 holds the sign that parts a name from its host.
    return UrlQuery(url=url) if "@" in album["name"] else AccountQuery(account=f"@{album['name']}@{MANIFEST.home}")


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the account and each slice of its photos; or each slice under a tag; or the photo and its comments."""
    if isinstance(query, ThreadQuery):
        return (yield from _photo_page(query, get))
    if isinstance(query, TextQuery):
        tag = query.tag.strip().removeprefix("#")
        return (yield from _slices({"tags": tag}, f"the photos under {tag!r}", query, get))
    if isinstance(query, AccountQuery):
        if query.host not in _HOSTS:
            raise QueryError(f"{query.account} is no account of Flickr; write it as @name@{MANIFEST.home}.")
        address = f"https://www.flickr.com/photos/{query.name}/"
    else:
        assert isinstance(query, UrlQuery)
        address = query.url
    found, value = _ask(get, "urls.lookupUser", f"the account {address}", url=address)
    number = text(inside(value, "user", "id"))
    if not number:
        raise UnreadableCaptureError(found.exhibit, _EXPECTED, "it names no account")
    profile, _ = _ask(get, "people.getInfo", f"the account {address}", user_id=number)
    yield profile
    return (yield from _slices({"user_id": number}, f"the photos of {address}", query, get))


def claims(capture: Capture) -> bool:
    """Say whether it looks like photos, a photo or comments of the interface."""
    body = capture.body
    return b'"stat"' in body and any(
        mark in body for mark in (b'"photos"', b'"photo_id"', b'"dateuploaded"', b'"path_alias"', b'"dateupload"')
    )


def parse(capture: Capture) -> list[Record]:
    """Read a list of photos, a photo, its comments, or an account.

    Raises:
        UnreadableCaptureError: It is none of these.
    """
    value = _value(capture)
    if not isinstance(value, dict) or value.get("stat") != "ok":
        reason = "the server refused" if inside(value, "stat") == "fail" else "it does not say that it is one"
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)
    records: list[Record] = [*reservations(capture)]
    if isinstance(value.get("photo"), dict):
        return keep_first([*records, *_photo(value["photo"], "/photo", capture)])
    if isinstance(value.get("person"), dict):
        return [*records, *_account(value["person"], capture)]
    which, kind, read = (
        ("photos", "photo", _photo) if isinstance(value.get("photos"), dict) else ("comments", "comment", _comment)
    )
    if not isinstance(value.get(which), dict):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "neither photos nor comments")
    listed = value[which].get(kind, [])
    for number, item in enumerate(listed if isinstance(listed, list) else [listed]):
        pointer = f"/{which}/{kind}/{number}"
        if isinstance(item, dict) and native(item.get("id")):
            records += read(item, pointer, capture)
        else:
            records.append(warning(capture, pointer, f"This is no {kind}: it has no id.", "It is not in the tables."))
    return keep_first(records)


# What to ask for ---------------------------------------------------------------------------------------------------


def _slices(asked: Mapping[str, Any], wanted: str, query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield photos newest first; each slice ends at the oldest upload that was seen, and has pages of its own."""
    known: set[str] = set()
    since, until = query.bounds
    bounds: dict[str, Any] = {"min_upload_date": int(since.timestamp())} if since else {}
    bounds |= {"max_upload_date": int(until.timestamp())} if until else {}
    number, total = 1, None
    while True:
        page, value = _ask(
            get, _SEARCH, wanted, **asked, **bounds, sort="date-posted-desc", extras=_EXTRAS, per_page=_PAGE,
            page=number,
        )  # fmt: skip
        yield page
        photos = objects(inside(value, "photos", "photo"))
        ids = {shown for photo in photos if (shown := native(photo.get("id")))}
        left = count(inside(value, "photos", "pages"))
        total = count(inside(value, "photos", "total")) if total is None else total
        known |= ids
        if not photos or left is None or number >= left:
            is_whole = total is not None and len(known) >= total
            return Stop.PLATFORM_CAP if not is_whole else Stop.UNTIL_DATE if since else Stop.EXHAUSTED
        oldest = min((when for photo in photos if (when := count(photo.get("dateupload")))), default=None)
        if oldest is not None and oldest < bounds.get("max_upload_date", oldest + 1):
            bounds["max_upload_date"], number = oldest, 1
        elif number * _PAGE >= _REPEATS_BEYOND:
            return Stop.PLATFORM_CAP
        else:
            number += 1  # more photos of one second than a page holds


def _photo_page(query: ThreadQuery, get: Get) -> Generator[Capture, None, Stop]:
    parts = urlsplit(query.thread)
    found = _PHOTO.fullmatch(parts.path) if parts.hostname in _HOSTS else None
    if not found:
        raise QueryError(f"{query.thread} is no photo; write it as https://www.flickr.com/photos/name/NUMBER/.")
    photo, value = _ask(get, "photos.getInfo", f"the photo {query.thread}", photo_id=found["id"])
    yield photo
    counted = count(inside(value, "photo", "comments", "_content"))
    comments, value = _ask(get, "photos.comments.getList", f"the comments on {query.thread}", photo_id=found["id"])
    yield comments
    came = len(objects(inside(value, "comments", "comment")))
    return Stop.PLATFORM_CAP if counted is not None and came < counted else Stop.EXHAUSTED


def _ask(get: Get, method: str, wanted: str, **asked: Any) -> tuple[Capture, dict[str, Any]]:
    """Ask the interface: the capture, and its JSON.

    Raises:
        SourceGoneError: Flickr says that there is none.
        SourceClosedError: It is not public, or the key is not accepted.
        SourceError: It refuses for another reason.
    """
    answer = get(_API, method=f"flickr.{method}", **asked, format="json", nojsoncallback=1)
    try:
        value = _value(answer)
    except UnreadableCaptureError:
        refuse(answer, wanted)
        raise
    refuse(answer, wanted, text(inside(value, "message")) or "")
    if inside(value, "stat") == "ok":
        return answer, value
    code, said = count(inside(value, "code")), text(inside(value, "message"))
    refused = f"Flickr refuses {wanted} ({code}: {said}; exhibit {answer.exhibit})"
    if code in _KEY:
        raise SourceClosedError(f"{refused}: the key is not accepted. Check it; nothing can be said of what was asked.")
    gone, closed = (_GONE_IN_SEARCH, _CLOSED_IN_SEARCH) if method == _SEARCH else (_GONE, _CLOSED)
    if code in closed:
        raise SourceClosedError(f"{refused}: it is not shown to the public. Ask Flickr by legal process.")
    if code in gone:
        raise SourceGoneError(
            f"{refused}: there is none, or it is not public; Flickr does not say which. Check the spelling; look for "
            "copies in web archives; ask Flickr by legal process."
        )
    if code is None:
        raise UnreadableCaptureError(answer.exhibit, _EXPECTED, "it does not say that it is one")
    raise SourceError(f"{refused}, so nothing can be said of what it holds. Run the same query again later.")


def _value(capture: Capture) -> Any:
    """Return the JSON of an answer; asked for without ``nojsoncallback``, Flickr hands it to a function."""
    wrapped = _WRAPPED.fullmatch(capture.body)
    return read_json(replace(capture, body=wrapped["json"]) if wrapped else capture, _EXPECTED)


# Records -----------------------------------------------------------------------------------------------------------


def _key(number: str) -> str:
    """Return the node key of an account: its number, which no renaming changes."""
    return f"account:{MANIFEST.name}:{number}"


def _content(value: object) -> str | None:
    return text(inside(value, "_content")) if isinstance(value, dict) else text(value)


def _account(person: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    number = native(person.get("nsid")) or native(person.get("id"))
    if not number:
        yield warning(capture, "/person", "This is no account: it has no number.", "It is not in the tables.")
        return
    yield Actor(
        id=_key(number),
        platform=MANIFEST.name,
        native_id=number,
        handle=text(person.get("path_alias")) or number,
        name=_content(person.get("realname")) or _content(person.get("username")),
        url=absolute(capture.url, _content(person.get("profileurl"))),
        summary=html_to_text(_content(person.get("description")) or "") or None,
        exhibit=capture.exhibit,
        pointer="/person",
    )


def _photo(photo: Mapping[str, Any], pointer: str, capture: Capture) -> Iterator[Record]:
    number = native(photo.get("id"))
    if not number:
        yield warning(capture, pointer, "This is no photo: it has no id.", "It is not in the tables.")
        return
    when = of_epoch(inside(photo, "dates", "posted") or photo.get("dateupload") or photo.get("dateuploaded"))
    owner = native(inside(photo, "owner", "nsid")) or native(photo.get("owner"))
    alias = text(inside(photo, "owner", "path_alias")) or text(photo.get("pathalias"))
    title, markup = _content(photo.get("title")), _content(photo.get("description")) or ""
    url = f"https://www.flickr.com/photos/{alias or owner}/{number}/" if alias or owner else None
    yield sight(
        capture, MANIFEST, number, pointer, when,
        type="Video" if photo.get("media") == "video" else "Image",
        url=url,
        attributed_to=_key(owner) if owner else None,
        author_handle=alias or owner,
        author_name=_content(inside(photo, "owner", "username")) or text(photo.get("ownername")),
        content="\n\n".join(filter(None, (title, html_to_text(markup)))),
        content_html=markup or None,
        basis="author-claimed",
        tag=tuple(Tag(type="Hashtag", name=name) for name in _tags(photo)),
        attachment=tuple(_files(photo, capture)),
        links=links_in(markup, url or capture.url),
        replies=count(_content(photo.get("comments"))),
        visibility=_visibility(photo),
        absent=missing(attributed_to=owner),
        extra=left_over(photo, _READ)
        | left_over({"title": title, "taken": _taken(photo), "place": _where(photo)}, _NONE),
    )  # fmt: skip
    yield from undated(capture, pointer, when)


def _taken(photo: Mapping[str, Any]) -> dict[str, Any]:
    """Return when the camera says that it was: local time, as written, with what Flickr says of its worth."""
    dates = object_in(photo.get("dates"))
    local = text(dates.get("taken")) or text(photo.get("datetaken"))
    granularity = count(dates.get("takengranularity", photo.get("datetakengranularity")))
    unknown = count(dates.get("takenunknown", photo.get("datetakenunknown")))
    return {"local": local, "granularity": granularity, "unknown": bool(unknown)} if local else {}


def _where(photo: Mapping[str, Any]) -> dict[str, Any]:
    """Return the place of a photo; an accuracy of 0 means that there is none."""
    told = photo["location"] if isinstance(photo.get("location"), dict) else photo
    if not count(told.get("accuracy")):
        return {}
    return {name: told[name] for name in ("latitude", "longitude", "accuracy", "context") if name in told}


def _tags(photo: Mapping[str, Any]) -> list[str]:
    listed = inside(photo, "tags", "tag")
    if isinstance(listed, list):
        return [name for each in objects(listed) if (name := text(each.get("raw")) or _content(each))]
    return (text(photo.get("tags")) or "").split()


def _visibility(photo: Mapping[str, Any]) -> str | None:
    public = inside(photo, "visibility", "ispublic")
    public = photo.get("ispublic") if public is None else public
    return None if public is None else "public" if count(public) else "not public"


def _files(photo: Mapping[str, Any], capture: Capture) -> Iterator[Attachment]:
    for size in ("o", "l"):
        url = absolute(capture.url, photo.get(f"url_{size}"))
        if url:
            width, height = count(photo.get(f"width_{size}")), count(photo.get(f"height_{size}"))
            yield Attachment(url=url, name="original" if size == "o" else "large", width=width, height=height)
            return


def _comment(comment: Mapping[str, Any], pointer: str, capture: Capture) -> Iterator[Record]:
    when, author = of_epoch(comment.get("datecreate")), native(comment.get("author"))
    markup = _content(comment) or ""
    # A comment's id is that of its photo's owner, its photo and itself.
    photo = str(comment["id"]).split("-")[1:2]
    root = f"{MANIFEST.name}:{photo[0]}" if photo else None
    url = absolute(capture.url, comment.get("permalink"))
    yield sight(
        capture, MANIFEST, str(native(comment["id"])), pointer, when,
        type="Note",
        url=url,
        attributed_to=_key(author) if author else None,
        author_handle=text(comment.get("path_alias")) or author,
        author_name=text(comment.get("authorname")),
        content=html_to_text(markup),
        content_html=markup or None,
        in_reply_to=root,
        thread_root=root,
        links=links_in(markup, url or capture.url),
        absent=missing(attributed_to=author),
        extra={"realname": comment["realname"]} if text(comment.get("realname")) else {},
    )  # fmt: skip
    yield from undated(capture, pointer, when)
