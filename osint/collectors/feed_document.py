"""Feeds in their formats: RSS, Atom and JSON Feed read into one document with its entries, before they become posts.

Source: RSS 2.0, RFC 4287 (Atom), RFC 4685 (thr:in-reply-to), RFC 5005 (paging), https://www.jsonfeed.org/version/1.1/.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import feedparser
from feedparser.exceptions import ThingsNobodyCaresAboutButMe

from osint.activity import Attachment, ParseWarning
from osint.capture.exchange import Capture
from osint.collectors.answer import (
    read_json,
    warning,
)
from osint.collectors.json_values import inside, list_in
from osint.collectors.text import absolute, digits_in, html_to_text, well_formed
from osint.errors import UnreadableCaptureError

_EXPECTED = "a feed (RSS, Atom or JSON Feed)"
_WORDPRESS = re.compile(r"\s*(WordPress\b|https?://(www\.)?wordpress\.(org|com)\b)", re.IGNORECASE)
_DEEPEST = 2_000  # elements; the lenient parser's time grows with the square of the depth
_TAG = re.compile(r"<(/?)[A-Za-z][^<>]*?(/?)>")
_ENTITY = re.compile(r"<!ENTITY[^>]{0,2000}>")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
# What feedparser's lenient parser lets escape on bytes that are no feed.
_PARSER_FAILURES = (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError,
                    ThingsNobodyCaresAboutButMe)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry in whatever format, before it becomes a post."""

    pointer: str
    guid: str | None
    link: str | None
    title: str | None
    html: str | None
    plain: str | None
    base: str
    published: str | None
    updated: str | None
    name: str | None
    email: str | None
    profile: str | None
    language: str | None
    categories: tuple[tuple[str, str | None], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    answers: str | None = None
    comments: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Document:
    """One feed document in whatever format."""

    title: str | None
    site: str | None
    summary: str | None
    next_url: str | None
    complete: bool
    is_whole: bool = True
    is_wordpress: bool = False
    entries: Sequence[Entry | ParseWarning]
    warnings: Sequence[ParseWarning] = ()


@lru_cache(maxsize=1)  # ``pages`` and ``parse`` read the same capture one after the other
def read_document(capture: Capture) -> Document:
    """Read a feed in whatever format.

    Raises:
        UnreadableCaptureError: The capture is no feed.
    """
    if not capture.text.strip("\ufeff\x00 \t\r\n"):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "the body is empty")
    return _read_json_feed(capture) if capture.text.lstrip("\ufeff \t\r\n").startswith("{") else _read_xml(capture)


def _read_json_feed(capture: Capture) -> Document:
    feed = read_json(capture, _EXPECTED)
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "JSON, but without the items of a JSON Feed")
    odd = [] if "jsonfeed.org" in str(feed.get("version")) else ["The document does not say that it is a JSON Feed."]
    return Document(
        title=_text(feed.get("title")),
        site=absolute(capture.url, feed.get("home_page_url")),
        summary=_text(feed.get("description")),
        next_url=absolute(capture.url, feed.get("next_url")) or _unusable(feed.get("next_url")),
        complete=False,
        entries=[_json_entry(item, number, feed, capture) for number, item in enumerate(feed["items"])],
        warnings=[warning(capture, "/version", what, "It was read as one.") for what in odd],
    )


def _json_entry(item: Any, number: int, feed: Mapping[str, Any], capture: Capture) -> Entry | ParseWarning:
    pointer = f"/items/{number}"
    if not isinstance(item, dict) or not item:
        return warning(capture, pointer, "This item is no object, or an empty one.", "It is not in the tables.")
    author = _first_object(item.get("authors"), item.get("author"), feed.get("authors"), feed.get("author"))
    link = absolute(capture.url, item.get("url")) or absolute(capture.url, item.get("external_url"))
    tags, listed = item.get("tags"), item.get("authors")
    names = [name for each in list_in(listed) if (name := _text(inside(each, "name")))]
    return Entry(
        pointer=pointer,
        guid=_native(item.get("id")),
        link=link,
        title=_text(item.get("title")),
        html=_text(item.get("content_html")),
        plain=_text(item.get("content_text")) or _text(item.get("summary")),
        base=link or capture.url,
        published=_text(item.get("date_published")),
        updated=_text(item.get("date_modified")),
        name=_text(author.get("name")),
        email=None,
        profile=absolute(capture.url, author.get("url")),
        language=_text(item.get("language")) or _text(feed.get("language")),
        categories=tuple((tag, None) for tag in tags if _text(tag)) if isinstance(tags, list) else (),
        attachments=tuple(_json_attachments(item, capture)),
        extra={k: item[k] for k in ("summary", "external_url", "banner_image") if _text(item.get(k))}
        | ({"authors": names} if len(names) > 1 else {}),
    )


def _json_attachments(item: Mapping[str, Any], capture: Capture) -> Iterator[Attachment]:
    image = absolute(capture.url, item.get("image"))
    if image:
        yield Attachment(url=image)
    listed = item.get("attachments")
    for file in list_in(listed):
        url = absolute(capture.url, file.get("url")) if isinstance(file, dict) else None
        if url:
            yield Attachment(url=url, media_type=_text(file.get("mime_type")), name=_text(file.get("title")))


def _unusable(next_url: Any) -> str | None:
    """Return what stands where the next page should be named and is no address: a page without one is the last."""
    return None if next_url in (None, "") else f"no address ({str(next_url)[:100]})"


def _first_object(*candidates: Any) -> Mapping[str, Any]:
    for candidate in candidates:
        first = candidate[0] if isinstance(candidate, list) and candidate else candidate
        if isinstance(first, dict) and first:
            return first
    return {}


def _read_xml(capture: Capture) -> Document:
    feed, format_name, entries, problems = _parse_xml(capture)
    if not entries and not format_name:
        reason = f"nothing of a feed was found, served as {capture.media_type}"
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)
    effect = "It was read leniently; entries beyond the fault may be missing or cut."
    relations: dict[Any, Any] = {link.get("rel"): link.get("href") for link in reversed(dict.get(feed, "links", []))}
    further = relations.get("next") or relations.get("prev-archive")
    return Document(
        title=_plain(feed, "title"),
        site=absolute(capture.url, dict.get(feed, "link")),
        summary=_plain(feed, "subtitle"),
        next_url=absolute(capture.url, further) or _unusable(further),
        complete="fh_complete" in dict.keys(feed),
        is_whole=not problems,
        is_wordpress=bool(_WORDPRESS.match(_text(dict.get(feed, "generator")) or "")),
        entries=[_xml_entry(entry, number, feed, format_name, capture) for number, entry in enumerate(entries, 1)],
        warnings=[warning(capture, "", what, effect) for what in problems],
    )


def _parse_xml(capture: Capture) -> tuple[Any, str, list[Any], list[str]]:
    """Return the feed's own data, its format, its entries, and what is wrong with its XML.

    feedparser is handed a stream of bytes, so that it never opens a file or an address. It neither cleans nor rewrites
    markup here: the record keeps what was sent.
    """
    if _depth(capture.text) > _DEEPEST:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, f"nested deeper than {_DEEPEST} elements")
    text, declared = _without_entities(well_formed(capture.text))
    headers = {"content-type": "application/xml; charset=utf-8"}
    body = io.BytesIO(text.encode())
    try:
        read = feedparser.parse(body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except _PARSER_FAILURES as error:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "broken beyond what the feed parser reads") from error
    fault = str(read.get("bozo_exception", "")).removeprefix("<unknown>:") if read.get("bozo") else ""
    problems = [f"The feed is not well-formed XML: {fault}."] if fault else []
    problems += [f"The feed declares {declared} entities of its own, which were not expanded."] if declared else []
    return read["feed"], read.get("version") or "", read["entries"], problems


def _without_entities(text: str) -> tuple[str, int]:
    """Return XML whose head declares no entities, and how many it had declared.

    Entities that name each other blow up to gigabytes, and others name files. Runs of white space become one line end,
    since feedparser's time over the head grows with their square.
    """
    first = re.search(r"<\w", text)
    start = first.start() if first else 0
    head, declared = _ENTITY.subn("", text[:start])
    return re.sub(r"\s+", "\n", head.strip()) + text[start:], declared


def _depth(text: str) -> int:
    depth = deepest = 0
    for closing, empty in _TAG.findall(text):
        depth += -1 if closing else 0 if empty else 1
        deepest = max(deepest, depth)
    return deepest


def _xml_entry(entry: Any, number: int, feed: Any, format_name: str, capture: Capture) -> Entry:
    link = absolute(capture.url, dict.get(entry, "link"))
    taken_over = dict.get(entry, "source") or {}
    inherited = [*_authors(taken_over), *(_authors(feed) if format_name.startswith("atom") else [])]
    author = next(iter([*_authors(entry), *inherited]), {})
    html, plain, content = _body(entry)
    published, updated = _text(dict.get(entry, "published")), _text(dict.get(entry, "updated"))
    if format_name.startswith("rss") and not published:  # dc:date, which RSS uses for the publication
        published, updated = updated, None
    answered = dict.get(entry, "thr_in-reply-to")
    return Entry(
        pointer=f"(//*[local-name()='item' or local-name()='entry'])[{number}]",
        guid=_native(dict.get(entry, "id")),
        link=link,
        title=_plain(entry, "title"),
        html=html,
        plain=plain,
        base=absolute(capture.url, content.get("base")) or link or capture.url,
        published=published,
        updated=updated,
        name=_text(author.get("name")),
        email=_text(author.get("email")),
        profile=absolute(capture.url, author.get("href")),
        language=_text(content.get("language")) or _text(dict.get(feed, "language")),
        categories=tuple(_categories(entry)),
        attachments=tuple(_xml_attachments(entry, capture)),
        answers=_text(answered.get("ref")) if isinstance(answered, dict) else None,
        comments=digits_in(dict.get(entry, "thr_total", dict.get(entry, "slash_comments"))),
        extra=_extra(entry, content),
    )


def _authors(context: Any) -> list[Mapping[str, Any]]:
    """Return the authors that a feed or an entry names.

    RSS has "address (name)" in one text, and feedparser tears an address apart behind four letters of its last part.
    """
    told = [a for a in dict.get(context, "authors", []) or [dict.get(context, "author_detail", {})] if _name(a)]
    written = _text(dict.get(context, "author")) or ""
    whole = _EMAIL.search(written)
    if len(told) > 1:  # what is written is that of the last one only
        return sorted(told, key=_may_be_torn)
    if not told or not whole or whole[0] == told[0].get("email"):
        return told
    return [{**told[0], "email": whole[0], "name": written.replace(whole[0], "").strip(" ()<>,")}]


def _may_be_torn(author: Mapping[str, Any]) -> bool:
    """Say whether a name may be the rest of an address: of ``jane@blog.museum`` it is ``um``."""
    return bool(author.get("email") and re.match(r"[a-z0-9-]+( \(|\Z)", str(author.get("name"))))


def _name(author: Mapping[str, Any]) -> str | None:
    return _text(author.get("name")) or _text(author.get("email"))


def _body(entry: Any) -> tuple[str | None, str | None, Mapping[str, Any]]:
    """Return HTML, plain text (one of the two) and feedparser's own record of where they came from."""
    contents = [c for c in dict.get(entry, "content", []) if _text(c.get("value"))]
    content = next((c for c in contents if "html" in str(c.get("type"))), contents[0] if contents else None)
    content = content or dict.get(entry, "summary_detail", {})
    value = _text(content.get("value")) or _text(dict.get(entry, "summary"))
    return (value, None, content) if "html" in str(content.get("type", "html")) else (None, value, content)


def _categories(entry: Any) -> Iterator[tuple[str, str | None]]:
    for tag in dict.get(entry, "tags", []):
        name = _text(tag.get("term")) or _text(tag.get("label"))
        if name:
            yield name, _text(tag.get("scheme"))


def _xml_attachments(entry: Any, capture: Capture) -> Iterator[Attachment]:
    enclosed = [link for link in dict.get(entry, "links", []) if link.get("rel") == "enclosure"]
    for file in [*enclosed, *dict.get(entry, "media_content", [])]:
        url = absolute(capture.url, file.get("href") or file.get("url"))
        if url:
            width, height = digits_in(file.get("width")), digits_in(file.get("height"))
            name = _text(file.get("title"))
            yield Attachment(url=url, media_type=_text(file.get("type")), name=name, width=width, height=height)


def _extra(entry: Any, content: Mapping[str, Any]) -> dict[str, Any]:
    summary = _text(dict.get(entry, "summary"))
    source = dict.get(entry, "source") or {}
    authors = list(dict.fromkeys(name for each in _authors(entry) if (name := _name(each))))
    told = {
        "summary": html_to_text(summary) if summary and summary != content.get("value") else None,
        "authors": authors if len(authors) > 1 else [],
        "source": {name: said for name in ("title", "href", "link", "id") if (said := _text(source.get(name)))},
        "contributors": [name for c in dict.get(entry, "contributors", []) if (name := _text(c.get("name")))],
        "comments_url": _text(dict.get(entry, "comments")),
        "rights": _text(dict.get(entry, "rights")),
    }
    return {name: value for name, value in told.items() if value}


def _text(value: Any) -> str | None:
    return well_formed(value.strip()) or None if isinstance(value, str) else None


def _plain(context: Any, name: str) -> str | None:
    """Return a title as text: an HTML one loses its markup."""
    value = _text(dict.get(context, name))
    detail = dict.get(context, f"{name}_detail", {})
    return (html_to_text(value) or None) if value and "html" in str(detail.get("type")) else value


def _native(value: Any) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)
