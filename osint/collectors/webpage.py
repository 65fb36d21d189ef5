"""One web page: what it says of itself (OpenGraph, JSON-LD, microdata) and its main text.

**When a run is complete.** ``exhausted`` means that the one page asked for was read. It says nothing of further pages.

**Who wrote it.** An author is a name at the page's host, ``account:web:jane example@news.example``; a page that names
none belongs to its host, ``account:web:news.example``.

**Dates** have the basis "page": whoever makes the page writes them. Where its parts disagree, a warning names them all.

Source: https://ogp.me/, https://schema.org/, HTML Living Standard section 5 (microdata).
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urldefrag, urlsplit

import trafilatura
from bs4 import BeautifulSoup
from bs4 import Tag as Element

from osint.activity import Absence, Attachment, ParseWarning, Post, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import LAWFUL_NEXT_STEP, challenge_in, json_value, refuse, reservations, warning
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.text import absolute, html_to_text, links_in, well_formed
from osint.errors import SourceClosedError, UnreadableCaptureError
from osint.instants import Reading, read_instant
from osint.query import Query, UrlQuery, host_of

MANIFEST = Manifest(
    name="webpage",
    version="1",
    reads="one web page: its main text, pictures, links, and what it says of itself",
    queries=(UrlQuery,),
    public="the page as the server sends it to a visitor, before any script runs",
    limits="one page, no scripts: what a page loads later is not in it; challenge and sign-in pages are refused",
    documentation="https://ogp.me/",
    terms="Each site has its own; read them, and its robots.txt, before the first run.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_EXPECTED = "a web page"
_READ_AT_MOST = 1_000_000  # characters of a page; a page is a few hundred thousand
_EXTRA_AT_MOST = 65_536  # characters of structured data kept in ``extra``
_DEEPEST_ITEM, _MOST_ITEMS, _MOST_PROPERTIES = 8, 50, 200  # of microdata; nested items are read once per level
_HTML = re.compile(r"<(!doctype html|html|head|body)\b", re.IGNORECASE)
_SIGN_IN_TITLE = re.compile(r"\W*(log|sign)[ -]?(in|on)\b", re.IGNORECASE)
_SIGN_IN_PATH = re.compile(r"/(login|log-in|signin|sign-in|sign_in|wp-login\.php|checkpoint|sso)\b", re.IGNORECASE)
_NEEDS_SCRIPT = re.compile(r"(enable|requires?|need) (to )?(enable |run )?javascript", re.IGNORECASE)
_TYPES = {
    "article": "Article", "newsarticle": "Article", "blogposting": "Article", "report": "Article", "review": "Article",
    "socialmediaposting": "Note", "discussionforumposting": "Note", "comment": "Note", "videoobject": "Video",
    "imageobject": "Image", "audioobject": "Audio", "event": "Event", "person": "Profile", "profilepage": "Profile",
    "profile": "Profile", "webpage": "Page",
}  # fmt: skip
_DATE_METAS = ("article:published_time", "datepublished", "dc.date", "dcterms.created", "date", "pubdate")
_UPDATED_METAS = ("article:modified_time", "og:updated_time", "datemodified")


@dataclass(frozen=True)
class _Page:
    """One page, opened.

    Attributes:
        nodes: What JSON-LD and microdata describe, flat, in the order of the page.
        about: The node that describes this page, or an empty one.
        main: The element that holds the content, or None for plain text.
    """

    capture: Capture
    text: str
    soup: BeautifulSoup
    metas: Mapping[str, Sequence[str]]
    nodes: Sequence[Mapping[str, Any]]
    about: Mapping[str, Any]
    main: Element | None
    warnings: Sequence[ParseWarning]


@dataclass(frozen=True)
class _Dated:
    """One date that a page names, and where."""

    where: str
    reading: Reading


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the one page."""
    assert isinstance(query, UrlQuery)
    page = get(query.url)
    refuse(page, f"the page {query.url}", "sign in" if _asks_to_sign_in(page) else "")
    if _asks_to_sign_in(page):
        raise SourceClosedError(
            f"{host_of(page.url)} shows a sign-in page instead of {query.url}, so it is shown to signed-in visitors "
            f"only. The page is preserved as exhibit {page.exhibit}. {LAWFUL_NEXT_STEP}"
        )
    yield page
    return Stop.EXHAUSTED


def parse(capture: Capture) -> list[Record]:
    """Read one page as one post.

    Raises:
        UnreadableCaptureError: The capture is an error page, a challenge, or no page at all.
    """
    _check(capture)
    records: list[Record] = [*reservations(capture)]
    text = well_formed(capture.text)
    if len(text) > _READ_AT_MOST:
        what = f"The page has {len(text)} characters; the first {_READ_AT_MOST} were read."
        records.append(warning(capture, "", what, "What lies beyond is not in the tables; the exhibit is whole."))
    page = _open(capture, text[:_READ_AT_MOST])
    published, updated = _dates(page, "published"), _dates(page, "updated")
    post = _post(page, _chosen(published), _chosen(updated))
    return [*records, *page.warnings, *_date_warnings(page, published, updated), *_script_warnings(page, post), post]


def _check(capture: Capture) -> None:
    start = capture.text[:2_000]
    reason = ""
    if capture.status >= 400:
        reason = f"the server answered {capture.status}"
    elif challenge_in(capture):
        reason = f"it is a challenge or block page: {challenge_in(capture)}"
    elif not capture.text.strip("\ufeff\x00 \t\r\n"):
        reason = "the body is empty"
    elif not (_is_plain(capture) or "html" in capture.media_type or _HTML.search(start)):
        reason = f"it was served as {capture.media_type} and does not look like HTML"
    if reason:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)


def _is_plain(capture: Capture) -> bool:
    return capture.media_type == "text/plain" and not _HTML.search(capture.text[:2_000])


def _asks_to_sign_in(capture: Capture) -> bool:
    """Say whether the page is a form to sign in: asked for by redirect, or titled so, and with a password field."""
    text = capture.text[:_READ_AT_MOST]
    if not re.search(r"<input[^>]{0,300}type\s*=\s*[\"']?password", text, re.IGNORECASE):
        return False
    title = re.search(r"<title[^>]{0,200}>([^<]{0,300})", text, re.IGNORECASE)
    sent_there = capture.via not in ("", capture.url) and _SIGN_IN_PATH.search(urlsplit(capture.url).path)
    return bool(sent_there or (title and _SIGN_IN_TITLE.match(title.group(1).strip())))


# Opening -----------------------------------------------------------------------------------------------------------


def _open(capture: Capture, text: str) -> _Page:
    plain = _is_plain(capture)
    markup = "" if plain else re.sub(r"<\?xml[^<>]{0,500}>", "", text)
    soup = BeautifulSoup(markup, "lxml")
    nodes, problems = _json_ld(soup, capture)
    items = soup.select("[itemscope]:not([itemprop])", limit=_MOST_ITEMS)
    nodes += [node for item in items for node in _flat(_item(item, 0))]
    about = next((node for node in nodes if _type_of(node)), next(iter(nodes), {}))
    main = None if plain else soup.find("article") or soup.find("main") or soup.body
    return _Page(capture, text, soup, _metas(soup), nodes, about, main if isinstance(main, Element) else None, problems)


def _metas(soup: BeautifulSoup) -> dict[str, list[str]]:
    metas: dict[str, list[str]] = {}
    for meta in soup.find_all("meta"):
        name = _attribute(meta, "property") or _attribute(meta, "name") or _attribute(meta, "itemprop")
        content = _attribute(meta, "content")
        if name and content:
            metas.setdefault(name.casefold(), []).append(content)
    return metas


def _json_ld(soup: BeautifulSoup, capture: Capture) -> tuple[list[Mapping[str, Any]], list[ParseWarning]]:
    nodes: list[Mapping[str, Any]] = []
    problems = []
    for number, script in enumerate(soup.find_all("script", type=re.compile("ld\\+json", re.IGNORECASE)), 1):
        pointer = f"(//script[contains(@type, 'ld+json')])[{number}]"
        written = re.sub(r"^\s*(<!--|//\s*<!\[CDATA\[)|(-->|//\s*\]\]>)\s*$", "", script.get_text())
        try:
            nodes += _flat(json_value(written))
        except (ValueError, RecursionError):
            mended = _mended(written)
            nodes += _flat(mended)
            effect = "It was read without them." if mended is not None else "It was not read."
            what = "stray commas" if mended is not None else "what is no JSON"
            problems.append(warning(capture, pointer, f"The structured data (JSON-LD) holds {what}.", effect))
    return nodes, problems


def _mended(written: str) -> Any:
    try:
        return json_value(re.sub(r",(\s*[}\]])", r"\1", written))
    except (ValueError, RecursionError):
        return None


def _flat(value: Any) -> list[Mapping[str, Any]]:
    """Return the nodes of JSON-LD: a node, a list of nodes, or a ``@graph`` of nodes."""
    if isinstance(value, list):
        return [node for item in value for node in ([item] if isinstance(item, dict) else [])]
    if isinstance(value, dict) and isinstance(value.get("@graph"), list):
        return [node for node in value["@graph"] if isinstance(node, dict)]
    return [value] if isinstance(value, dict) and value else []


def _item(element: Element, depth: int) -> dict[str, Any]:
    """Read one microdata item in the shape of a JSON-LD node."""
    item: dict[str, Any] = {"@type": (_attribute(element, "itemtype") or "").rstrip("/").rpartition("/")[2]}
    if depth == _DEEPEST_ITEM:
        return item
    for child in element.select("[itemprop]", limit=_MOST_PROPERTIES):
        owner = child.find_parent(attrs={"itemscope": True})
        if owner is not element:
            continue
        value = _item(child, depth + 1) if child.has_attr("itemscope") else _value(child)
        for name in (_attribute(child, "itemprop") or "").split():
            item.setdefault(name, value)
    return item


def _value(element: Element) -> str:
    for name in ("content", "datetime", "href", "src", "data", "value"):
        if element.has_attr(name):
            return _attribute(element, name) or ""
    return " ".join(text[:2_000] for text in islice(element.stripped_strings, 200))


# The post ----------------------------------------------------------------------------------------------------------


def _post(page: _Page, published: _Dated | None, updated: _Dated | None) -> Post:
    capture, host = page.capture, urlsplit(page.capture.url).netloc
    url = _address(page)
    author, author_url = _author(page)
    handle = f"{author}@{host}" if author else host
    replies = _count(page.about.get("commentCount"))
    offered = {"published": published, "updated": updated, "replies": replies, "language": _language(page)}
    absent: dict[str, Absence] = {name: "missing" for name, value in offered.items() if value is None}
    return Post(
        id=f"web:{url}",
        platform="web",
        native_id=url,
        type=_type(page),
        url=url,
        attributed_to=account_key("web", handle),
        author_handle=handle,
        author_name=author or _first(page, "og:site_name"),
        content=_content(page),
        language=_language(page),
        published=published.reading.instant if published else None,
        published_raw=published.reading.raw if published else None,
        published_basis="page" if published else "none",
        published_zone_known=bool(published and published.reading.zone_known),
        updated=updated.reading.instant if updated else None,
        tag=tuple(Tag(type="Hashtag", name=name) for name in _keywords(page)),
        attachment=tuple(_attachments(page)),
        links=_links(page),
        replies=replies,
        exhibit=capture.exhibit,
        pointer="" if page.main is None else "/html",
        collector=_COLLECTOR,
        collected=capture.collected,
        absent=absent | {"announces": "missing", "likes": "missing"},
        extra=_extra(page, author_url, updated),
    )


def _address(page: _Page) -> str:
    """Return the page's canonical address when it lies on the host that answered, else the address asked for."""
    link = page.soup.select_one('link[rel~="canonical" i][href]')
    declared = absolute(page.capture.url, _attribute(link, "href") if link else None)
    same_host = declared and host_of(declared) == host_of(page.capture.url)
    return urldefrag(declared if declared and same_host else page.capture.url).url


def _type(page: _Page) -> str:
    declared = _type_of(page.about) or _TYPES.get((_first(page, "og:type") or "").casefold().partition(".")[0])
    return "Document" if page.main is None else declared or "Page"


def _type_of(node: Mapping[str, Any]) -> str | None:
    declared = node.get("@type")
    names = declared if isinstance(declared, list) else [declared]
    return next((found for name in names if (found := _TYPES.get(str(name).rpartition("/")[2].casefold()))), None)


def _author(page: _Page) -> tuple[str | None, str | None]:
    """Return the author's name and address, from the first place that names one."""
    declared = page.about.get("author") or page.about.get("creator")
    first = declared[0] if isinstance(declared, list) and declared else declared
    node = first if isinstance(first, dict) else {"name": first}
    named = [node.get("name"), _first(page, "author"), _first(page, "article:author"), _first(page, "dc.creator")]
    names = [text for value in named if (text := _text(value)) and not absolute("", text)]
    addresses = [node.get("url"), _first(page, "article:author")]
    base = page.capture.url
    urls = [url for value in addresses if (text := _text(value)) and "/" in text and (url := absolute(base, text))]
    return next(iter(names), None), next(iter(urls), None)


def _content(page: _Page) -> str | None:
    if page.main is None:
        return page.text.strip("\ufeff \t\r\n") or None
    return _main_text(page.text) or html_to_text(str(page.main)) or None


def _main_text(markup: str) -> str:
    """Return what trafilatura takes for the main text. It is handed the text of the page, and fetches nothing."""
    try:
        return trafilatura.extract(markup, include_comments=False, deduplicate=False, with_metadata=False) or ""
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        RecursionError,
    ):  # what it lets escape on no page at all
        return ""


def _language(page: _Page) -> str | None:
    html = page.soup.html
    metas = [_first(page, name) for name in ("og:locale", "content-language")]
    declared = [_attribute(html, "lang") if html else None, *metas, _text(page.about.get("inLanguage"))]
    return next(filter(None, declared), None)


def _keywords(page: _Page) -> list[str]:
    declared = page.about.get("keywords")
    listed = declared if isinstance(declared, list) else _split(declared)
    found = [*page.metas.get("article:tag", []), *listed, *_split(_first(page, "keywords"))]
    return list(dict.fromkeys(text for value in found if (text := _text(value))))[:100]


def _split(value: Any) -> list[str]:
    return value.split(",") if isinstance(value, str) else []


def _attachments(page: _Page) -> Iterator[Attachment]:
    seen = set[str]()
    for attachment in _media(page):
        if attachment.url not in seen:
            seen.add(attachment.url)
            yield attachment


def _media(page: _Page) -> Iterator[Attachment]:
    base = page.capture.url
    shown = _first(page, "og:image:alt")
    for name in ("og:image", "og:image:secure_url", "twitter:image", "og:video", "og:audio"):
        for written in page.metas.get(name, []):
            url = absolute(base, written)
            if url:
                yield Attachment(url=url, name=shown if "image" in name else None)
    for element in page.soup.find_all(["img", "video", "audio", "source"]):
        for source in (_attribute(element, "src"), _attribute(element, "data-src"), _widest(element)):
            url = absolute(base, source)
            if url:
                width, height = _count(_attribute(element, "width")), _count(_attribute(element, "height"))
                kind, text = _attribute(element, "type"), _attribute(element, "alt")
                yield Attachment(url=url, media_type=kind, name=text, width=width, height=height)


def _widest(element: Element) -> str | None:
    """Return the largest picture of a ``srcset``."""
    candidates = [part.split() for part in (_attribute(element, "srcset") or "").split(", ") if part.strip()]
    sized = [(_size(words[1]) if len(words) > 1 else 1.0, words[0].strip(",")) for words in candidates]
    return max(sized)[1] if sized else None


def _size(descriptor: str) -> float:
    return float(descriptor[:-1]) if re.fullmatch(r"\d{1,6}(\.\d{1,6})?[wx]", descriptor) else 0.0


def _links(page: _Page) -> tuple[str, ...]:
    if page.main is None:
        return ()
    links = links_in(str(page.main), page.capture.url)
    if page.main.name != "body":
        return links
    around = "".join(str(part) for part in page.main.find_all(["nav", "header", "footer", "aside"]))
    left_out = set(links_in(around, page.capture.url))
    return tuple(link for link in links if link not in left_out)


def _extra(page: _Page, author_url: str | None, updated: _Dated | None) -> dict[str, Any]:
    title = page.soup.title
    described = {name: values for name, values in page.metas.items() if ":" in name}
    structured = {"meta": described, "structured": list(page.nodes)}
    size = len(json.dumps(structured))
    told = {
        "title": (title and _text(title.get_text())) or _first(page, "og:title"),
        "description": _first(page, "og:description") or _first(page, "description"),
        "site_name": _first(page, "og:site_name"),
        "author_url": author_url,
        "declared_type": page.about.get("@type") or _first(page, "og:type"),
        "asked_url": page.capture.url if _address(page) != page.capture.url else None,
        "updated_raw": updated.reading.raw if updated else None,
    }
    left_out = {"structured_left_out": f"{size} characters of structured data; see the exhibit"}
    return {k: v for k, v in told.items() if v} | (left_out if size > _EXTRA_AT_MOST else structured)


# Dates and reservations --------------------------------------------------------------------------------------------


def _dates(page: _Page, which: str) -> list[_Dated]:
    """Return every date of publication (or of the last change) that the page names, the most telling first."""
    metas, key = (_DATE_METAS, "datePublished") if which == "published" else (_UPDATED_METAS, "dateModified")
    named: list[tuple[str, Any]] = [(f"meta {name}", value) for name in metas for value in page.metas.get(name, [])[:3]]
    named += [(f"structured data {key}", node.get(key)) for node in page.nodes if _type_of(node) and node.get(key)]
    if which == "published":
        marked = page.soup.select("time[pubdate][datetime]", limit=3)
        named += [("time pubdate", _attribute(time, "datetime")) for time in marked]
        times = page.main.select("time[datetime]", limit=2) if page.main else []
        named += [("the only time element", _attribute(times[0], "datetime"))] if len(times) == 1 and not named else []
    return [_Dated(where, read_instant(text)) for where, value in named if (text := _text(value))]


def _chosen(dates: Sequence[_Dated]) -> _Dated | None:
    return next((dated for dated in dates if dated.reading.instant), next(iter(dates), None))


def _date_warnings(page: _Page, *fields: Sequence[_Dated]) -> Iterator[ParseWarning]:
    for dates in fields:
        chosen = _chosen(dates)
        if chosen and chosen.reading.instant is None:
            effect = "The time is kept as written; it is no instant in the tables."
            yield warning(page.capture, "", f"{chosen.reading.problem} ({chosen.where}).", effect)
        instants = [dated.reading.instant for dated in dates if dated.reading.instant]
        if instants and (max(instants) - min(instants)).total_seconds() > 60:
            told = "; ".join(f"{dated.where}: {dated.reading.raw}" for dated in dates[:8])
            effect = f"The tables have the first that is an instant, {chosen.where if chosen else ''}."
            yield warning(page.capture, "", f"The page contradicts itself on its date ({told}).", effect)


def _script_warnings(page: _Page, post: Post) -> Iterable[ParseWarning]:
    if page.main is None or len(post.content or "") > 200 or not page.soup.find("script", src=True):
        return []
    root = page.soup.select_one("#root, #app, #__next, #__nuxt, app-root, [data-reactroot]")
    asks = any(_NEEDS_SCRIPT.search(told.get_text()) for told in page.soup.find_all("noscript"))
    if not asks and (root is None or root.get_text(strip=True)):
        return []
    what = "The page shows its content by script only, so it needs a browser."
    effect = "Its text and pictures are not in the tables: save the page in a browser and import the file."
    return [warning(page.capture, "", what, effect)]


# Values ------------------------------------------------------------------------------------------------------------


def _first(page: _Page, name: str) -> str | None:
    return _text(next(iter(page.metas.get(name, [])), None))


def _attribute(element: Element, name: str) -> str | None:
    value = element.get(name)
    return _text(" ".join(value) if isinstance(value, list) else value)


def _text(value: Any) -> str | None:
    return well_formed(" ".join(value.split())) or None if isinstance(value, str) else None


def _count(value: Any) -> int | None:
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
