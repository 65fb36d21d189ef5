"""What Telegram's web pages show: a page of a channel's messages, or one message as it may be embedded.

It is no collector. Counts are shortened there, edits name no time, and the pictures of an album have their numbers in
links alone.

Source: https://core.telegram.org/widgets/post (the parts of the page)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from osint.activity import Actor, Attachment, ParseWarning, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import reservations, warning
from osint.collectors.protocol import Manifest
from osint.collectors.sights import by, sight
from osint.collectors.text import absolute, parse_html, text_of, well_formed
from osint.errors import UnreadableCaptureError
from osint.instants import read_instant
from osint.query import host_of

EXPECTED = "a page or an export of Telegram"
HOSTS = frozenset({"t.me", "telegram.me"})
NAME = r"[A-Za-z]\w{2,31}"
POST = re.compile(rf"/(?:s/)?(?P<name>{NAME})/(?P<number>\d{{1,18}})/?", re.ASCII)
CHANNEL = re.compile(rf"/(?:s/)?(?P<name>{NAME})/?", re.ASCII)
_DATA_POST = re.compile(rf"(?P<name>{NAME})/(?P<number>\d{{1,18}})", re.ASCII)
_BACKGROUND = re.compile(r"""background-image:\s*url\(['"]?([^'")]{1,2000})""")
_SHORT = re.compile(r"(\d{1,15})(?:\.(\d))?([KMB]?)", re.ASCII)
_STEP = {"": 1, "K": 1_000, "M": 1_000_000, "B": 1_000_000_000}
_MOST_RANGES = 40
_BEFORE = re.compile(r"[?&]before=(\d{1,18})(?!\d)", re.ASCII)
_MORE = "tme_messages_more"  # above the messages it leads to older ones, below them to newer ones
_PLAYED = {
    "tgme_widget_message_video": "video/mp4", "tgme_widget_message_roundvideo": "video/mp4",
    "tgme_widget_message_voice": "audio/ogg",
}  # fmt: skip
_KINDS = ("photo_wrap", "video_player", "roundvideo_player", "voice_player", "document_wrap", "sticker_wrap", "poll",
          "location_wrap", "contact_wrap", "link_preview")  # fmt: skip

_Parts = Mapping[str, list[etree._Element]]


def records_of(capture: Capture, manifest: Manifest) -> list[Record]:
    """Read a page of messages: the channel, its messages, and the numbers that it lacks.

    Raises:
        UnreadableCaptureError: It shows neither messages nor a channel.
    """
    tree = tree_of(capture)
    listed, channel = messages(tree), profile(tree, capture)
    if not listed and channel is None and not has_history(tree):
        raise UnreadableCaptureError(capture.exhibit, EXPECTED, said(tree) or "neither messages nor a channel")
    records: list[Record] = [*reservations(capture), *([channel] if channel else [])]
    numbers: set[int] = set()
    for message in listed:
        named, parts = named_in(message), _parts(message)
        if named is None:
            what = "This is no message: it has no number."
            records.append(warning(capture, path_of(message), what, "It is not in the tables."))
            continue
        numbers |= {int(named["number"]), *_album(parts, named["name"])}
        records += _message(message, named, parts, capture, manifest)
    return [*records, *_page_gaps(tree, numbers, capture)]


def named_in(message: etree._Element) -> re.Match[str] | None:
    """Return the ``name`` of the channel and the ``number`` of a message; None when it has none."""
    return _DATA_POST.fullmatch(message.get("data-post") or "")


def numbers_of(message: etree._Element, named: re.Match[str]) -> set[int]:
    """Return the number of a message, with those of the other pictures of its album."""
    return {int(named["number"]), *_album(_parts(message), named["name"])}


def older_than(tree: etree._Element) -> int | None:
    """Return the number before which the page says that there is more; None when it leads to nothing older."""
    asked = (_BEFORE.search(link.get("href") or "") for link in _with_class(tree, _MORE))
    return next((int(found[1]) for found in asked if found), None)


def time_of(message: etree._Element) -> str | None:
    """Return the time of a message as written."""
    return _time(_parts(message))


def said(tree: etree._Element) -> str:
    """Return what a page says in place of a message."""
    places = (each for name in ("tgme_widget_message_error", "err_message") for each in _with_class(tree, name))
    found = next(places, None)
    return " ".join(text_of(found).split()) if found is not None else ""


def words_in(tree: etree._Element, name: str) -> str | None:
    """Return the words of the first element of a class; None when there is none."""
    return next((text_of(each) for each in _with_class(tree, name)), None)


def has_history(tree: etree._Element) -> bool:
    """Say whether a page has the place where the messages of a channel stand."""
    return bool(_with_class(tree, "tgme_channel_history"))


def tree_of(capture: Capture) -> etree._Element:
    """Return a page as a tree.

    Raises:
        UnreadableCaptureError: It is not HTML.
    """
    tree = parse_html(capture.text)
    if tree is None:
        raise UnreadableCaptureError(capture.exhibit, EXPECTED, "it is not HTML")
    return tree


def messages(tree: etree._Element) -> list[etree._Element]:
    """Return the elements of the messages on a page, one without a number too."""
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
    message: etree._Element, named: re.Match[str], parts: _Parts, capture: Capture, manifest: Manifest
) -> Iterator[Record]:
    name, pointer, written = named["name"].casefold(), path_of(message), _time(parts)
    read = read_instant(written) if written else None
    texts = [each for each in parts.get("js-message_text", []) if not _is_inside(each, "js-message_text")]
    handle, author = _author(parts, name)
    forwarded = _forwarded(parts)
    announced, extra = forwarded.get("href"), _extra(message, parts, named["name"], forwarded)
    yield sight(
        capture, manifest, f"{name}/{named['number']}", pointer, read,
        type="Announce" if forwarded else "Note",
        url=f"https://t.me/{named['name']}/{named['number']}",
        **by("telegram", handle),
        author_name=author,
        content="\n".join(text_of(each) for each in texts),
        content_html="".join(map(_inner, texts)) or None,
        in_reply_to=_post_at(_href(parts, "tgme_widget_message_reply")),
        announce_of=_post_at(announced),
        announce_of_account=_account_at(announced),
        tag=tuple(_tags(texts)),
        attachment=tuple(_attachments(parts)),
        links=_links(texts, parts, capture.url),
        visibility="public",
        absent={field: word for field, word in (
            ("published", None if read else "missing"),
            ("attributed_to", None if handle else "hidden"),
            ("announce_of", "hidden" if forwarded and not _post_at(announced) else None),
            ("updated", "hidden" if extra.get("edited") else None),
            ("attachment", "hidden" if "message_media_not_supported" in parts else None),
            ("replies", "missing"),
            ("likes", "missing"),
        ) if word},
        extra=extra,
    )  # fmt: skip
    if read is None or read.instant is None:
        what = f"{read.problem}." if read else "The message has no date."
        yield warning(capture, pointer, what, "The tables lack it; the exhibit has what was sent.")


def _extra(message: etree._Element, parts: _Parts, channel: str, forwarded: Mapping[str, str]) -> dict[str, Any]:
    peer = re.match(r"c?(\d{1,20})", message.get("data-peer") or "")
    views = _first(parts, "tgme_widget_message_views")
    told = {
        "chat_id": peer[1] if peer else None,
        "views": _bounds(views) if views else None,
        "album": [str(number) for number in _album(parts, channel)],
        "edited": any("edited" in text_of(each).split() for each in parts.get("tgme_widget_message_meta", [])),
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
    url = web(shown[0].get("href"))
    named = CHANNEL.fullmatch(urlsplit(url).path) if url and host_of(url) in HOSTS else None
    return f"{named['name']}@t.me" if named else None, text_of(shown[0]) or None


def _forwarded(parts: _Parts) -> dict[str, str]:
    from_name = next(iter(parts.get("tgme_widget_message_forwarded_from_name", [])), None)
    if from_name is None:
        return {}
    author = _first(parts, "tgme_widget_message_forwarded_from_author")
    told = {"name": text_of(from_name), "href": web(from_name.get("href")), "author": author}
    return {name: value for name, value in told.items() if value}


def _answered(parts: _Parts) -> dict[str, str]:
    reply = next(iter(parts.get("tgme_widget_message_reply", [])), None)
    return {"href": web(reply.get("href")) or "", "preview": text_of(reply)} if reply is not None else {}


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
        if url := web(found[1] if found else None):
            yield Attachment(url=url)
    for name, media_type in _PLAYED.items():
        for element in parts.get(name, []):
            if url := web(element.get("src")):
                yield Attachment(url=url, media_type=media_type)


def _tags(texts: Iterable[etree._Element]) -> Iterator[Tag]:
    for link in (a for text in texts for a in text.iter("a")):
        href, shown = link.get("href") or "", text_of(link)
        if shown.startswith("#") and "q=" in href:
            yield Tag(type="Hashtag", name=shown.removeprefix("#"))
        elif shown.startswith("@") and (account := _account_at(href)):
            yield Tag(type="Mention", name=shown.removeprefix("@"), href=web(href), account=account)


def _links(texts: Iterable[etree._Element], parts: _Parts, base: str) -> tuple[str, ...]:
    anchors = (a for text in texts for a in text.iter("a") if not text_of(a).startswith(("#", "@")))
    found = [absolute(base, a.get("href")) for a in anchors]
    return tuple(dict.fromkeys(url for url in [*found, _href(parts, "tgme_widget_message_link_preview")] if url))


def _album(parts: _Parts, name: str) -> list[int]:
    """Return the numbers of the pictures of an album, which stand nowhere but in the addresses of each by itself."""
    hrefs = (urlsplit(web(each.get("href")) or "") for each in parts.get("grouped_media_wrap", []))
    found = (POST.fullmatch(href.path) for href in hrefs)
    return [int(each["number"]) for each in found if each and each["name"].casefold() == name.casefold()]


def profile(tree: etree._Element, capture: Capture) -> Actor | None:
    """Return the channel that a page shows, or None."""
    info = next(iter(_with_class(tree, "tgme_channel_info")), tree)
    parts = _parts(info) if info is not tree else {}
    handle = (_first(parts, "tgme_channel_info_header_username") or "").removeprefix("@")
    if not re.fullmatch(NAME, handle):
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
        pointer=path_of(info),
    )


def _page_gaps(tree: etree._Element, numbers: set[int], capture: Capture) -> Iterator[ParseWarning]:
    """Yield the numbers that a page lacks: between its messages, up to the one it was asked before, and down to 1."""
    asked = urlsplit(capture.url)
    before = _BEFORE.search(f"?{asked.query}")
    edge = {int(before[1])} if before else set()
    known = numbers | {each for each in edge if each > max(numbers, default=0)}
    if asked.path.startswith("/s/") and known:
        oldest = older_than(tree)
        start = {0} if oldest is None else {oldest - 1} if not numbers else set()
        yield from gaps(known | start, capture, "")


def gaps(numbers: set[int], capture: Capture, pointer: str) -> Iterator[ParseWarning]:
    """Yield a warning that lists the numbers which lie between these and are not among them."""
    ranges = [(a + 1, b - 1) for a, b in pairwise(sorted(numbers)) if b - a > 1]
    if ranges:
        count = sum(last - first + 1 for first, last in ranges)
        named = ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in ranges[:_MOST_RANGES])
        more = f" and {len(ranges) - _MOST_RANGES} more ranges" if len(ranges) > _MOST_RANGES else ""
        what = f"{count} number{' is' if count == 1 else 's are'} not shown: {named}{more}."
        yield warning(
            capture, pointer, what, "They were deleted, are service posts, or were never used; nothing says which."
        )


def _bounds(shown: str) -> dict[str, Any]:
    """Return a shortened count as shown, with the least and the most it may stand for, rounded or cut off."""
    written = _SHORT.fullmatch(shown.strip().split(" ")[0])
    if written is None:
        return {"shown": shown}
    whole, tenth, unit = written.groups()
    step = _STEP[unit] // (10 if tenth else 1) or 1
    count = int(whole) * _STEP[unit] + int(tenth or 0) * step
    return {"shown": shown, "at_least": max(count - step // 2, 0), "at_most": count + step - 1}


def _with_class(tree: etree._Element, name: str) -> list[etree._Element]:
    return [element for element in tree.iter() if name in (element.get("class") or "").split()]


def _first(parts: _Parts, name: str) -> str | None:
    return next((text_of(each) for each in parts.get(name, [])), None) or None


def _href(parts: _Parts, name: str) -> str | None:
    return next((web(each.get("href")) for each in parts.get(name, [])), None)


def _time(parts: _Parts) -> str | None:
    """Return the time of the message itself, which stands last: lengths of videos have no ``datetime``."""
    times = parts.get("time[datetime]")
    return times[-1].get("datetime") if times else None


def _is_inside(element: etree._Element, name: str) -> bool:
    return any(name in (above.get("class") or "").split() for above in element.iterancestors())


def _inner(element: etree._Element) -> str:
    inner = "".join(etree.tostring(child, encoding="unicode", method="html") for child in element)
    return well_formed((element.text or "") + inner)


def path_of(element: etree._Element) -> str:
    """Return where an element stands in its page."""
    return element.getroottree().getpath(element)


def _post_at(href: str | None) -> str | None:
    url = web(href)
    post = POST.fullmatch(urlsplit(url).path) if url and host_of(url) in HOSTS else None
    return f"telegram:{post['name'].casefold()}/{post['number']}" if post else None


def _account_at(href: str | None) -> str | None:
    url = web(href)
    if not url or host_of(url) not in HOSTS:
        return None
    named = POST.fullmatch(urlsplit(url).path) or CHANNEL.fullmatch(urlsplit(url).path)
    return account_key("telegram", f"{named['name']}@t.me") if named else None


def web(href: Any) -> str | None:
    """Return the address that a link of Telegram names in full, or None."""
    return absolute("https://t.me/", href) if isinstance(href, str) and re.match(r"(https?:)?//", href) else None
