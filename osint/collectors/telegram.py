"""Telegram: the public page of a channel, one post, and the export that Telegram Desktop makes.

**When a run is complete.** ``exhausted`` means that t.me showed a channel without messages when asked for older ones,
or that number 1 was reached. Numbers that no page shows are listed in a warning: deleted or service posts, and the page
does not say which. One post is never complete, since what answers it is shown in the app alone.

**No preview is not no posts.** A channel may turn its public page off, Telegram may withhold it, and a group or a
person has none. All of these lead to another page, which is an error here.

**Ids** are ``telegram:name/number`` on the web and ``telegram:chat id/number`` in an export, which names no channel.
``extra["chat_id"]`` stands in both and joins them. An album is one post, under the number of its first picture.

**Times** are the server's, with their zone. Of an export ``date_unixtime`` is read; ``date`` alone has no zone.

**Counts** are shortened (``436.6K``), so ``extra["views"]`` gives what was shown and its bounds.

Source: https://core.telegram.org/widgets/post (the parts of the page), and the JSON of Telegram Desktop,
https://github.com/telegramdesktop/tdesktop/blob/dev/Telegram/SourceFiles/export/output/export_output_json.cpp.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from lxml import etree

from osint.activity import Absence, Actor, Attachment, ParseWarning, Post, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import LAWFUL_NEXT_STEP, keep_first, read_json, refuse, reservations, warning
from osint.collectors.json_values import list_in, text_in
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.text import absolute, parse_html, text_of, well_formed
from osint.errors import QueryError, SourceClosedError, SourceError, SourceGoneError, UnreadableCaptureError
from osint.instants import read_instant
from osint.query import AccountQuery, Query, ThreadQuery, host_of

MANIFEST = Manifest(
    name="telegram",
    version="1",
    reads="posts of public Telegram channels",
    queries=(AccountQuery, ThreadQuery),
    ways=("public", "file"),
    public="the posts of channels that have not turned their web page off",
    limits="no groups, no comments, no page for channels that turned it off or that Telegram withholds; deleted posts "
    "leave a gap in the numbers, which a warning lists",
    files="`result.json` of Telegram Desktop, one chat or all; a saved t.me/s page",
    id_time="none: numbers rise within a channel",
    proof="documented",
    home="t.me",
    page=20,
    documentation="https://core.telegram.org/widgets/post",
    terms="The terms of the app govern its public pages too; read them before the first run.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_EXPECTED = "a page or an export of Telegram"
_HOSTS = frozenset({"t.me", "telegram.me"})
_NAME = r"[A-Za-z]\w{2,31}"
_POST = re.compile(rf"/(?:s/)?(?P<name>{_NAME})/(?P<number>\d{{1,18}})/?")
_CHANNEL = re.compile(rf"/(?:s/)?(?P<name>{_NAME})/?")
_DATA_POST = re.compile(rf"(?P<name>{_NAME})/(?P<number>\d{{1,18}})")
_NOT_NAMES = frozenset({"addstickers", "addemoji", "joinchat", "share", "proxy", "socks", "login", "iv", "contact"})
_BACKGROUND = re.compile(r"""background-image:\s*url\(['"]?([^'")]{1,2000})""")
_SHORT = re.compile(r"(\d{1,15})(?:\.(\d))?([KMB]?)")
_STEP = {"": 1, "K": 1_000, "M": 1_000_000, "B": 1_000_000_000}
_MOST_RANGES = 40
_PLAYED = {
    "tgme_widget_message_video": "video/mp4", "tgme_widget_message_roundvideo": "video/mp4",
    "tgme_widget_message_voice": "audio/ogg",
}  # fmt: skip
_KINDS = ("photo_wrap", "video_player", "roundvideo_player", "voice_player", "document_wrap", "sticker_wrap", "poll",
          "location_wrap", "contact_wrap", "link_preview")  # fmt: skip
# Keys of an exported message that have a field of their own; all others go to ``extra`` as they are.
_READ = frozenset({"id", "type", "date_unixtime", "edited_unixtime", "edited", "from", "text", "text_entities"})
_NOT_POSTS = frozenset({"about", "chats", "left_chats"})

_Parts = Mapping[str, list[etree._Element]]


def query_for(url: str) -> Query | None:
    """Return the channel or the post of an address of Telegram."""
    if host_of(url) not in _HOSTS:
        return None
    path = unquote(urlsplit(url).path)
    channel = _CHANNEL.fullmatch(path)
    if channel and channel["name"].casefold() not in _NOT_NAMES:
        return AccountQuery(account=f"@{channel['name']}@t.me")
    post = _POST.fullmatch(path)
    return ThreadQuery(thread=url) if post and post["name"].casefold() not in _NOT_NAMES else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield each page of a channel, the newest first; or one post."""
    if isinstance(query, AccountQuery):
        if query.host not in _HOSTS or not re.fullmatch(_NAME, query.name):
            raise QueryError(f"{query.account!r} is no account of Telegram; write it as @channel@t.me.")
        return (yield from _channel(query, get))
    assert isinstance(query, ThreadQuery)
    return (yield from _one_post(query, get))


def claims(capture: Capture) -> bool:
    """Say whether it is a page with Telegram's messages, or JSON with the field names of its export."""
    body = capture.body
    if body.lstrip()[:1] == b"{":
        return b'"messages"' in body and b'"text"' in body and (b'"date_unixtime"' in body or b'"from_id"' in body)
    return b"tgme_widget_message" in body and b"data-post=" in body


def parse(capture: Capture) -> list[Record]:
    """Read a page of messages, or an export of one chat or of all.

    Raises:
        UnreadableCaptureError: It is neither.
    """
    if capture.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return keep_first([*reservations(capture), *_export(read_json(capture, _EXPECTED), capture)])
    tree = _tree(capture)
    messages = _messages(tree)
    channel = _profile(tree, capture)
    if not messages and channel is None:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, _said(tree) or "neither messages nor a channel")
    records: list[Record] = [*reservations(capture), *([channel] if channel else [])]
    numbers: set[int] = set()
    for message in messages:
        named, parts = _DATA_POST.fullmatch(message.get("data-post") or ""), _parts(message)
        if named is None:
            what = "This is no message: it has no number."
            records.append(warning(capture, _path(message), what, "It is not in the tables."))
            continue
        album = _album(parts, named["name"])
        numbers |= {int(named["number"]), *album}
        records += _message(message, named, parts, album, capture)
    return keep_first([*records, *_page_gaps(tree, numbers, capture)])


# What to ask for ---------------------------------------------------------------------------------------------------


def _channel(query: AccountQuery, get: Get) -> Generator[Capture, None, Stop]:
    url = f"https://t.me/s/{query.name}"
    page, oldest = get(url), None
    while True:
        refuse(page, f"the posts of {query.account}")
        tree = _tree(page)
        _check_preview(tree, page, query)
        numbers = _numbers(tree, page, query)
        if not numbers:
            if oldest is None:
                yield page
            return Stop.EXHAUSTED
        if oldest is not None and min(numbers) >= oldest:
            return Stop.ERROR
        yield page
        oldest = min(numbers)
        if _is_before(tree, oldest, query):
            return Stop.UNTIL_DATE
        if oldest == 1:
            return Stop.EXHAUSTED
        page = get(url, before=oldest)


def _one_post(query: ThreadQuery, get: Get) -> Generator[Capture, None, Stop]:
    named = _POST.fullmatch(unquote(urlsplit(query.thread).path))
    if query.host not in _HOSTS or not named:
        raise QueryError(f"{query.thread!r} is no post of Telegram. Write it as https://t.me/channel/number.")
    page = get(f"https://t.me/{named['name']}/{named['number']}", embed=1, mode="tme")
    refuse(page, f"the post {query.thread}")
    tree = _tree(page)
    if not _messages(tree):
        _raise_unshown(_said(tree), page, query.thread)
    found = [_DATA_POST.fullmatch(message.get("data-post") or "") for message in _messages(tree)]
    shown = {(m["name"].casefold(), int(m["number"])) for m in found if m}
    shown |= {(named["name"].casefold(), n) for each in _messages(tree) for n in _album(_parts(each), named["name"])}
    if (named["name"].casefold(), int(named["number"])) not in shown:
        raise SourceError(
            f"{query.thread} was asked for, and t.me answered with another post (exhibit {page.exhibit}). It is "
            "preserved and nothing was read from it: the authority names the post that was asked for."
        )
    yield page
    return Stop.PLATFORM_CAP


def _raise_unshown(said: str, page: Capture, wanted: str) -> None:
    kept = f"The answer is preserved as exhibit {page.exhibit}."
    if "not found" in said.casefold():
        raise SourceGoneError(
            f"t.me says {said[:200]!r} of {wanted}: it does not exist, or no longer. {kept} It does not show that it "
            "never existed; look for copies in web archives."
        )
    raise SourceClosedError(
        f"t.me shows {wanted} in the app only ({said[:200] or 'no reason given'!r}). {kept} {LAWFUL_NEXT_STEP}"
    )


def _check_preview(tree: etree._Element, page: Capture, query: AccountQuery) -> None:
    """Raise when the page is not a channel's: the preview is off, or t.me knows of nothing to show."""
    is_channel = _messages(tree) or _profile(tree, page) or _with_class(tree, "tgme_channel_history")
    if urlsplit(page.url).path.startswith("/s/") and is_channel:
        return
    kept = f"The answer is preserved as exhibit {page.exhibit}."
    title, extra = (next(iter(_with_class(tree, name)), None) for name in ("tgme_page_title", "tgme_page_extra"))
    if title is not None and extra is not None:
        raise SourceClosedError(
            f"t.me shows {query.account} ({text_of(extra)[:80]!r}) without its posts: it is a group or a person, the "
            f"channel turned its web page off, or Telegram withholds it. That is not an empty channel. {kept} "
            f"{LAWFUL_NEXT_STEP}"
        )
    raise SourceError(
        f"t.me shows neither posts nor a name for {query.account}. It answers alike for a name that nobody has and for "
        f"somebody who shows nothing, so this says nothing of whether it exists. {kept} Check the spelling."
    )


def _numbers(tree: etree._Element, page: Capture, query: AccountQuery) -> set[int]:
    found = [_DATA_POST.fullmatch(message.get("data-post") or "") for message in _messages(tree)]
    names = {each["name"] for each in found if each}
    if names and query.name.casefold() not in {name.casefold() for name in names}:
        raise SourceError(
            f"{query.account} was asked for, and t.me answered with posts of {', '.join(sorted(names))} (exhibit "
            f"{page.exhibit}). The answer is preserved and nothing was read from it."
        )
    return {int(each["number"]) for each in found if each}


def _is_before(tree: etree._Element, oldest: int, query: Query) -> bool:
    """Say whether the period lies behind: the oldest message of the page is from before it."""
    since, _ = query.bounds
    message = next(each for each in _messages(tree) if (each.get("data-post") or "").endswith(f"/{oldest}"))
    written = _time(_parts(message))
    instant = read_instant(written).instant if written else None
    return since is not None and instant is not None and instant < since


# A page ------------------------------------------------------------------------------------------------------------


def _tree(capture: Capture) -> etree._Element:
    tree = parse_html(capture.text)
    if tree is None:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it is not HTML")
    return tree


def _messages(tree: etree._Element) -> list[etree._Element]:
    return [element for element in tree.iter("div") if element.get("data-post") is not None]


def _parts(message: etree._Element) -> _Parts:
    """Return the elements of a message by class; what stands inside the preview of an answered post is not its own."""
    found: dict[str, list[etree._Element]] = {}
    walk = etree.iterwalk(message, events=("start",))
    for _, element in walk:
        classes = (element.get("class") or "").split()
        for name in classes:
            found.setdefault(name, []).append(element)
        if element.get("datetime"):
            found.setdefault("time[datetime]", []).append(element)
        if "tgme_widget_message_reply" in classes:
            walk.skip_subtree()
    return found


def _message(
    message: etree._Element, named: re.Match[str], parts: _Parts, album: list[int], capture: Capture
) -> Iterator[Record]:
    name, pointer = named["name"].casefold(), _path(message)
    written = _time(parts)
    read = read_instant(written) if written else None
    texts = [each for each in parts.get("js-message_text", []) if not _is_inside(each, "js-message_text")]
    handle, author = _author(parts, name)
    forwarded, reply = _forwarded(parts), _href(parts, "tgme_widget_message_reply")
    announced = forwarded.get("href")
    edited = any("edited" in text_of(each).split() for each in parts.get("tgme_widget_message_meta", []))
    yield Post(
        id=f"telegram:{name}/{named['number']}",
        platform="telegram",
        native_id=f"{name}/{named['number']}",
        type="Announce" if forwarded else "Note",
        url=f"https://t.me/{named['name']}/{named['number']}",
        attributed_to=account_key("telegram", handle) if handle else None,
        author_handle=handle,
        author_name=author,
        content="\n".join(text_of(each) for each in texts),
        content_html="".join(map(_inner, texts)) or None,
        published=read.instant if read else None,
        published_raw=read.raw if read else None,
        published_basis="platform" if read else "none",
        published_zone_known=bool(read and read.zone_known),
        in_reply_to=_post_at(reply),
        announce_of=_post_at(announced),
        announce_of_account=_account_at(announced),
        tag=tuple(_tags(texts)),
        attachment=tuple(_attachments(parts)),
        links=_links(texts, parts, capture.url),
        visibility="public",
        exhibit=capture.exhibit,
        pointer=pointer,
        collector=_COLLECTOR,
        collected=capture.collected,
        absent=_absent(
            published=None if read else "missing",
            attributed_to=None if handle else "hidden",
            announce_of="hidden" if forwarded and not _post_at(announced) else None,
            updated="hidden" if edited else None,
            attachment="hidden" if "message_media_not_supported" in parts else None,
            replies="missing",
            likes="missing",
        ),
        extra=_extra(message, parts, album, forwarded, edited=edited),
    )
    if read is None or read.instant is None:
        what = f"{read.problem}." if read else "The message has no date."
        yield warning(capture, pointer, what, "The tables lack it; the exhibit has what was sent.")


def _extra(
    message: etree._Element, parts: _Parts, album: list[int], forwarded: Mapping[str, str], *, edited: bool
) -> dict[str, Any]:
    peer = re.match(r"c?(\d{1,20})", message.get("data-peer") or "")
    views = _first(parts, "tgme_widget_message_views")
    told = {
        "chat_id": peer[1] if peer else None,
        "views": _bounds(views) if views else None,
        "album": [str(number) for number in album],
        "edited": edited,
        "service": "service_message" in parts,
        "forwarded_from": forwarded,
        "signature": _first(parts, "tgme_widget_message_from_author"),
        "answers": _answered(parts),
        "kinds": [kind for kind in _KINDS if f"tgme_widget_message_{kind}" in parts],
        "not_shown": _first(parts, "message_media_not_supported_label"),
        "documents": [" ".join(text_of(each).split()) for each in parts.get("tgme_widget_message_document", [])],
        "poll": _poll(parts),
        "link_preview": _preview(parts),
        "reactions": [" ".join(text_of(each).split()) for each in parts.get("tgme_reaction", [])],
        "location": _href(parts, "tgme_widget_message_location_wrap"),
    }
    return {name: value for name, value in told.items() if value}


def _author(parts: _Parts, channel: str) -> tuple[str | None, str | None]:
    """Return the handle and the name of who wrote it: the channel, but in a group the one who is named."""
    shown = [*parts.get("tgme_widget_message_owner_name", []), *parts.get("tgme_widget_message_author_name", [])]
    if not shown:
        return f"{channel}@t.me", None
    named = _CHANNEL.fullmatch(urlsplit(_web(shown[0].get("href")) or "").path)
    return f"{named['name']}@t.me" if named else None, text_of(shown[0]) or None


def _forwarded(parts: _Parts) -> dict[str, str]:
    from_name = next(iter(parts.get("tgme_widget_message_forwarded_from_name", [])), None)
    if from_name is None:
        return {}
    author = _first(parts, "tgme_widget_message_forwarded_from_author")
    told = {"name": text_of(from_name), "href": _web(from_name.get("href")), "author": author}
    return {name: value for name, value in told.items() if value}


def _answered(parts: _Parts) -> dict[str, str]:
    reply = next(iter(parts.get("tgme_widget_message_reply", [])), None)
    return {"href": _web(reply.get("href")) or "", "preview": text_of(reply)} if reply is not None else {}


def _poll(parts: _Parts) -> dict[str, Any]:
    question = _first(parts, "tgme_widget_message_poll_question")
    if question is None:
        return {}
    names, shares = (
        [" ".join(text_of(each).split()) for each in parts.get(f"tgme_widget_message_poll_option_{part}", [])]
        for part in ("text", "percent")
    )
    options = [{"text": name, "share": share} for name, share in zip(names, shares, strict=False)]
    kind, votes = _first(parts, "tgme_widget_message_poll_type"), _first(parts, "tgme_widget_message_voters")
    return {"question": question, "type": kind, "options": options, "votes": _bounds(votes) if votes else None}


def _preview(parts: _Parts) -> dict[str, str]:
    told = {name: _first(parts, f"link_preview_{name}") for name in ("site_name", "title", "description")}
    told["href"] = _href(parts, "tgme_widget_message_link_preview")
    return {name: value for name, value in told.items() if value}


def _attachments(parts: _Parts) -> Iterator[Attachment]:
    for picture in parts.get("tgme_widget_message_photo_wrap", []):
        found = _BACKGROUND.search(picture.get("style") or "")
        if url := _web(found[1] if found else None):
            yield Attachment(url=url)
    for name, media_type in _PLAYED.items():
        for element in parts.get(name, []):
            if url := _web(element.get("src")):
                yield Attachment(url=url, media_type=media_type)


def _tags(texts: Iterable[etree._Element]) -> Iterator[Tag]:
    for link in (a for text in texts for a in text.iter("a")):
        href, shown = link.get("href") or "", text_of(link)
        if shown.startswith("#") and "q=" in href:
            yield Tag(type="Hashtag", name=shown.removeprefix("#"))
        elif shown.startswith("@") and (account := _account_at(href)):
            yield Tag(type="Mention", name=shown.removeprefix("@"), href=_web(href), account=account)


def _links(texts: Iterable[etree._Element], parts: _Parts, base: str) -> tuple[str, ...]:
    anchors = (a for text in texts for a in text.iter("a") if not text_of(a).startswith(("#", "@")))
    found = [absolute(base, a.get("href")) for a in anchors]
    return tuple(dict.fromkeys(url for url in [*found, _href(parts, "tgme_widget_message_link_preview")] if url))


def _album(parts: _Parts, name: str) -> list[int]:
    """Return the numbers of the pictures of an album, which stand nowhere but in the addresses of each by itself."""
    hrefs = (urlsplit(_web(each.get("href")) or "") for each in parts.get("grouped_media_wrap", []))
    found = (_POST.fullmatch(href.path) for href in hrefs)
    return [int(each["number"]) for each in found if each and each["name"].casefold() == name.casefold()]


def _profile(tree: etree._Element, capture: Capture) -> Actor | None:
    info = next(iter(_with_class(tree, "tgme_channel_info")), tree)
    parts = _parts(info) if info is not tree else {}
    handle = (_first(parts, "tgme_channel_info_header_username") or "").removeprefix("@")
    if not re.fullmatch(_NAME, handle):
        return None
    return Actor(
        id=account_key("telegram", f"{handle}@t.me"),
        platform="telegram",
        native_id=handle.casefold(),
        handle=f"{handle}@t.me",
        name=_first(parts, "tgme_channel_info_header_title"),
        url=f"https://t.me/{handle}",
        summary=_first(parts, "tgme_channel_info_description"),
        exhibit=capture.exhibit,
        pointer=_path(info),
    )


def _page_gaps(tree: etree._Element, numbers: set[int], capture: Capture) -> Iterator[ParseWarning]:
    """Yield the numbers that a page lacks: between its messages, and from its newest to the one it was asked before."""
    if not urlsplit(capture.url).path.startswith("/s/") or not numbers:
        return
    before = parse_qs(urlsplit(capture.url).query).get("before", [""])[0]
    edge = {int(before)} if before.isdecimal() and len(before) < 19 else set()
    start = set() if _with_class(tree, "tme_messages_more") else {0}
    yield from _gaps(numbers | {each for each in edge if each > max(numbers)} | start, capture, "")


def _gaps(numbers: set[int], capture: Capture, pointer: str) -> Iterator[ParseWarning]:
    ranges = [(a + 1, b - 1) for a, b in pairwise(sorted(numbers)) if b - a > 1]
    if ranges:
        count = sum(last - first + 1 for first, last in ranges)
        named = ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in ranges[:_MOST_RANGES])
        more = f" and {len(ranges) - _MOST_RANGES} more ranges" if len(ranges) > _MOST_RANGES else ""
        what = f"{count} number{' is' if count == 1 else 's are'} not shown: {named}{more}."
        yield warning(
            capture, pointer, what, "They were deleted, are service posts, or were never used; nothing says which."
        )


# An export ---------------------------------------------------------------------------------------------------------


def _export(value: Any, capture: Capture) -> Iterator[Record]:
    if isinstance(value, dict) and isinstance(value.get("messages"), list):
        yield from _chat(value, "", capture)
        return
    sides = [side for side in ("chats", "left_chats") if isinstance(value, dict) and isinstance(value.get(side), dict)]
    if not sides:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "neither messages nor chats")
    for side in sides:
        for number, chat in enumerate(list_in(value[side].get("list"))):
            yield from _chat(chat, f"/{side}/list/{number}", capture)
    others = sorted(set(value) - _NOT_POSTS)
    if others:
        what = f"The export also holds {', '.join(name[:40] for name in others[:20])}."
        yield warning(capture, "", what, "These are no posts and are not in the tables; the exhibit has them.")


def _chat(chat: Any, pointer: str, capture: Capture) -> Iterator[Record]:
    if not isinstance(chat, dict) or not isinstance(chat.get("messages"), list) or _native(chat.get("id")) is None:
        yield warning(capture, pointer, "This is no chat: it has no id or no messages.", "It is not in the tables.")
        return
    undated, numbers = 0, set[int]()
    for number, message in enumerate(chat["messages"]):
        place = f"{pointer}/messages/{number}"
        if not isinstance(message, dict) or _native(message.get("id")) is None:
            yield warning(capture, place, "This is no message: it has no id.", "It is not in the tables.")
            continue
        post = _exported(message, chat, place, capture)
        undated += post.published is None
        numbers |= {message["id"]} if isinstance(message["id"], int) and message["id"] > 0 else set()
        yield post
    if undated:
        what = f"{undated} of {len(chat['messages'])} messages have no date_unixtime, and date names no zone."
        yield warning(capture, pointer, what, "They have no instant in the tables; published_raw has what is written.")
    if any(kind in str(chat.get("type")) for kind in ("channel", "supergroup")):
        yield from _gaps(numbers, capture, pointer)


def _exported(message: Mapping[str, Any], chat: Mapping[str, Any], pointer: str, capture: Capture) -> Post:
    chat_id, written = _native(chat["id"]), text_in(message.get("date"))
    published = _unix(message.get("date_unixtime"))
    raw = str(message["date_unixtime"]) if published else written
    sender = _native(message.get("from_id")) or _native(message.get("actor_id"))
    answered, forwarded = _native(message.get("reply_to_message_id")), "forwarded_from" in message
    pieces = list(_pieces(message.get("text")))
    elsewhere = _native(message.get("reply_to_peer_id"))
    peer = re.sub(r"\D", "", elsewhere) if elsewhere else chat_id
    kept = {name: item for name, item in message.items() if name not in _READ and item not in (None, "", [], {})}
    return Post(
        id=f"telegram:{chat_id}/{_native(message['id'])}",
        platform="telegram",
        native_id=f"{chat_id}/{_native(message['id'])}",
        type="Announce" if forwarded else "Note",
        attributed_to=account_key("telegram", sender) if sender else None,
        author_handle=sender,
        author_name=text_in(message.get("from")) or text_in(message.get("actor")),
        content="".join(text for _, text, _ in pieces),
        published=published,
        published_raw=raw,
        published_basis="platform" if raw else "none",
        published_zone_known=published is not None,
        updated=_unix(message.get("edited_unixtime")),
        in_reply_to=f"telegram:{peer}/{answered}" if answered and peer else None,
        tag=tuple(_entity_tags(pieces)),
        links=tuple(dict.fromkeys(url for kind, text, href in pieces if (url := _linked(kind, text, href)))),
        visibility=text_in(chat.get("type")),
        exhibit=capture.exhibit,
        pointer=pointer,
        collector=_COLLECTOR,
        collected=capture.collected,
        absent=_absent(
            published=None if published else "missing",
            attributed_to=None if sender else "missing",
            announce_of="missing" if forwarded else None,
            url="missing",
        ),
        extra=kept
        | {"chat_id": chat_id, "chat_type": text_in(chat.get("type")), "chat_name": text_in(chat.get("name"))}
        | ({"service": True} if message.get("type") == "service" else {}),
    )


def _pieces(text: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield the pieces of a text: what it is, its words, and where it leads; a plain text is one piece."""
    for piece in text if isinstance(text, list) else [text]:
        if isinstance(piece, str):
            yield "plain", well_formed(piece), None
        elif isinstance(piece, dict) and isinstance(piece.get("text"), str):
            yield str(piece.get("type")), well_formed(piece["text"]), piece.get("href") or piece.get("user_id")


def _entity_tags(pieces: Iterable[tuple[str, str, Any]]) -> Iterator[Tag]:
    for kind, text, leads in pieces:
        if kind == "hashtag":
            yield Tag(type="Hashtag", name=text.removeprefix("#"))
        elif kind == "mention":
            name = text.removeprefix("@")
            yield Tag(type="Mention", name=name, account=account_key("telegram", f"{name}@t.me"))
        elif kind == "mention_name" and (user := _native(leads)):
            yield Tag(type="Mention", name=text, account=account_key("telegram", f"user{user}"))


def _linked(kind: str, text: str, leads: Any) -> str | None:
    if kind == "text_link":
        return _web(leads)
    return (_web(text) or _web(f"https://{text}")) if kind == "link" else None


# Values ------------------------------------------------------------------------------------------------------------


def _bounds(shown: str) -> dict[str, Any]:
    """Return a shortened count as shown, with the least and the most it may stand for, rounded or cut off."""
    written = _SHORT.fullmatch(shown.strip().split(" ")[0])
    if written is None:
        return {"shown": shown}
    whole, tenth, unit = written.groups()
    step = _STEP[unit] // (10 if tenth else 1) or 1
    count = int(whole) * _STEP[unit] + int(tenth or 0) * step
    return {"shown": shown, "at_least": max(count - step // 2, 0), "at_most": count + step - 1}


def _absent(**fields: Absence | None) -> dict[str, Absence]:
    return {name: word for name, word in fields.items() if word}


def _said(tree: etree._Element) -> str:
    """Return what a page says in place of a message."""
    found = next(
        (each for name in ("tgme_widget_message_error", "err_message") for each in _with_class(tree, name)), None
    )
    return " ".join(text_of(found).split()) if found is not None else ""


def _with_class(tree: etree._Element, name: str) -> list[etree._Element]:
    return [element for element in tree.iter() if name in (element.get("class") or "").split()]


def _first(parts: _Parts, name: str) -> str | None:
    return next((text_of(each) for each in parts.get(name, [])), None) or None


def _href(parts: _Parts, name: str) -> str | None:
    return next((_web(each.get("href")) for each in parts.get(name, [])), None)


def _time(parts: _Parts) -> str | None:
    """Return the time of the message itself, which stands last: lengths of videos have no ``datetime``."""
    times = parts.get("time[datetime]")
    return times[-1].get("datetime") if times else None


def _is_inside(element: etree._Element, name: str) -> bool:
    return any(name in (above.get("class") or "").split() for above in element.iterancestors())


def _inner(element: etree._Element) -> str:
    inner = "".join(etree.tostring(child, encoding="unicode", method="html") for child in element)
    return well_formed((element.text or "") + inner)


def _path(element: etree._Element) -> str:
    return element.getroottree().getpath(element)


def _post_at(href: str | None) -> str | None:
    url = _web(href)
    post = _POST.fullmatch(urlsplit(url).path) if url and host_of(url) in _HOSTS else None
    return f"telegram:{post['name'].casefold()}/{post['number']}" if post else None


def _account_at(href: str | None) -> str | None:
    url = _web(href)
    if not url or host_of(url) not in _HOSTS:
        return None
    named = _POST.fullmatch(urlsplit(url).path) or _CHANNEL.fullmatch(urlsplit(url).path)
    return account_key("telegram", f"{named['name']}@t.me") if named else None


def _web(href: Any) -> str | None:
    return absolute("https://t.me/", href) if isinstance(href, str) and re.match(r"(https?:)?//", href) else None


def _unix(seconds: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC) if isinstance(seconds, str | int) and seconds else None
    except (ValueError, OverflowError, OSError):
        return None


def _native(value: Any) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text_in(value)
