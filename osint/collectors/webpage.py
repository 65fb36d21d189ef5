"""One web page: what it says of itself (OpenGraph, JSON-LD, microdata) and its main text.

**When a run is complete.** ``exhausted`` means that the one page asked for was read. It says nothing of further pages.

**Who wrote it.** An author is a name at the page's host, ``account:web:jane example@news.example``; a page that names
none belongs to its host, ``account:web:news.example``.

**What is the page's own.** Its text, dates, links and pictures are those of its content. What readers wrote below it is
not its author's, so comments are left out, and ``extra`` says so. The pictures of readers and those of the frame around
the content (footer, sidebar, counting pixels) often lie with a third party that would learn of the visit: they are no
attachments, and ``extra["images_left_out"]`` lists them. A picture that the page itself names as its own (``og:image``)
is always one.

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
from lxml import etree

from osint.activity import Absence, Attachment, ParseWarning, Post, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import LAWFUL_NEXT_STEP, challenge_in, json_value, refuse, reservations, warning
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.quality import Quality, asks_to_sign_in, judge
from osint.collectors.regions import AVATAR, COMMENTS, CONTENT, DEEPEST, Element, Layout, lay_out
from osint.collectors.text import absolute, base_of, parse_html, text_of, well_formed, without_floods
from osint.errors import SourceClosedError, UnreadableCaptureError
from osint.instants import Reading, read_instant
from osint.query import Query, UrlQuery, host_of

MANIFEST = Manifest(
    name="webpage",
    version="3",
    reads="one web page: its main text, pictures, links, and what it says of itself",
    queries=(UrlQuery,),
    ways=("public", "file"),
    public="the page as the server sends it to a visitor; with render=True as a browser shows it",
    limits="one page; without render=True nothing that scripts load; challenge and sign-in pages are refused",
    files="a page that somebody saved",
    id_time="none: dates are the page's word",
    proof="real server",
    page=1,
    most=1,
    documentation="https://ogp.me/",
    terms="Each site has its own; read them, and its robots.txt, before the first run.",
    terms_checked="unverified",
    made=("wire", "rendered"),
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_SAVED = re.compile(rb"<!--\s*(?:saved from url=|Page saved with SingleFile)")
_PAGE = re.compile(rb"<(!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_LOOK = 1 << 12  # bytes in which a document says what it is
_EXPECTED = "a web page"
_READ_AT_MOST = 1_000_000  # characters of a page; a page is a few hundred thousand
_MOST_TAGS = 50_000  # elements of a page; a long encyclopedia article has 20,000
_MOST_FOR_MAIN_TEXT = 10_000  # elements; trafilatura takes a fifth of a millisecond for each
_LONGEST_NAME = 100  # characters of an author's name
_MOST_LEFT_OUT = 100  # pictures listed in ``extra``
_EXTRA_AT_MOST = 65_536  # characters of structured data kept in ``extra``
_DEEPEST_ITEM, _MOST_ITEMS, _MOST_PROPERTIES = 8, 50, 200  # of microdata: levels, items, properties of each
_MOST_SCRIPTS = 50  # blocks of JSON-LD
_HTML = re.compile(r"<(!doctype html|html|head|body)\b", re.IGNORECASE)
_NEEDS_SCRIPT = re.compile(r"(enable|requires?|need) (to )?(enable |run )?javascript", re.IGNORECASE)
_LITTLE_TEXT = 200  # characters; a page that says more has content of its own
_SCRIPT_ROOTS = ("root", "app", "__next", "__nuxt")  # where React, Vue, Next and Nuxt put what they draw
_TYPES = {
    "article": "Article", "newsarticle": "Article", "blogposting": "Article", "report": "Article", "review": "Article",
    "socialmediaposting": "Note", "discussionforumposting": "Note", "comment": "Note", "videoobject": "Video",
    "imageobject": "Image", "audioobject": "Audio", "event": "Event", "person": "Profile", "profilepage": "Profile",
    "profile": "Profile", "webpage": "Page",
}  # fmt: skip
_OF_READERS = ("comment", "usercomments")  # types of what readers wrote
_DATE_METAS = ("article:published_time", "datepublished", "dc.date", "dcterms.created", "date", "pubdate")
_UPDATED_METAS = ("article:modified_time", "og:updated_time", "datemodified")
_PUBLISHED_NAMES = frozenset(["entry-date", "published", "dt-published", "post-date", "datePublished"])
_UPDATED_NAMES = frozenset(["updated", "dt-updated", "modified", "dateModified"])
_AUTHOR_NAME = re.compile(r"(p-author|(.*[-_])?author[-_]{0,2}name)\Z", re.IGNORECASE)
# What trafilatura lets escape on what is no page at all.
_EXTRACTOR_FAILURES = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
_START_TAG = re.compile(r"<[A-Za-z]")


@dataclass(frozen=True)
class _Page:
    """One page, opened.

    Attributes:
        base: Where its relative links start from.
        layout: Its parts; None for plain text, which has none.
        nodes: What JSON-LD and microdata describe, flat, in the order of the page.
        about: The node that describes this page, or an empty one.
        content: Its text, without what readers wrote below it.
    """

    capture: Capture
    base: str
    tree: Element
    layout: Layout | None
    metas: Mapping[str, Sequence[str]]
    nodes: Sequence[Mapping[str, Any]]
    about: Mapping[str, Any]
    content: str | None
    warnings: Sequence[ParseWarning]

    def own(self, *tags: str) -> Iterator[Element]:
        """Yield the elements with these tags that belong to the content."""
        return self.layout.own(*tags) if self.layout else iter(())


@dataclass(frozen=True)
class _Dated:
    """One date that a page names, and where."""

    where: str
    reading: Reading


def query_for(url: str) -> Query | None:
    """Return the page; whatever has a host may be one."""
    return UrlQuery(url=url) if urlsplit(url).hostname else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the one page."""
    assert isinstance(query, UrlQuery)
    page = get(query.url)
    refuse(page, f"the page {query.url}", "sign in" if asks_to_sign_in(page) else "")
    if asks_to_sign_in(page):
        raise SourceClosedError(
            f"{host_of(page.url)} shows a sign-in page instead of {query.url}, so it is shown to signed-in visitors "
            f"only. The page is preserved as exhibit {page.exhibit}. {LAWFUL_NEXT_STEP}"
        )
    yield page
    return Stop.EXHAUSTED


def claims(capture: Capture) -> bool:
    """Say whether it looks like a page. Of the HTML in a ZIP, only what a browser saved is a page of the web."""
    if capture.part.startswith("member ") and not _SAVED.search(capture.body[:_LOOK]):
        return False
    return "html" in capture.media_type or (
        not capture.media_type.startswith(("image/", "font/", "video/", "audio/", "text/css"))
        and "script" not in capture.media_type
        and _PAGE.search(capture.body[:_LOOK]) is not None
    )


def parse(capture: Capture) -> list[Record]:
    """Read one page as one post.

    Raises:
        UnreadableCaptureError: The capture is an error page, a challenge, or no page at all.
    """
    _check(capture)
    text, cuts = _bounded(capture, well_formed(capture.text))
    page = _open(capture, text)
    published, updated = _dates(page, "published"), _dates(page, "updated")
    post = _post(page, _chosen(published), _chosen(updated))
    doubts = [*_date_warnings(page, published, updated), *_undecided_dates(page, published)]
    return [*reservations(capture), *cuts, *page.warnings, *doubts, *_script_warnings(page), post]


def quality(capture: Capture) -> Quality:
    """Return what the exhibit of a web page is worth; it may be an error page, and no page at all."""
    text, _ = _bounded(capture, well_formed(capture.text))
    return judge(capture, is_shell=_is_shell(_open(capture, text)))


def _bounded(capture: Capture, text: str) -> tuple[str, list[ParseWarning]]:
    """Return as much of a page as is read, and a warning when that is not all of it."""
    effect = "What lies beyond is not in the tables; the exhibit is whole."
    if len(text) > _READ_AT_MOST:
        what = f"The page has {len(text)} characters; the first {_READ_AT_MOST} were read."
        text, cuts = text[:_READ_AT_MOST], [warning(capture, "", what, effect)]
    else:
        cuts = []
    if _is_plain(capture):
        return text, cuts
    text, floods = without_floods(text)
    if floods:
        what = f"{floods} element{'s have' if floods > 1 else ' has'} thousands of attributes."
        cuts.append(warning(capture, "", what, "None of them was read; the exhibit is whole."))
    beyond = next(islice(_START_TAG.finditer(text), _MOST_TAGS, None), None)
    if beyond:
        what = f"The page has more than {_MOST_TAGS} elements; the first {_MOST_TAGS} were read."
        text, cuts = text[: beyond.start()], [*cuts, warning(capture, "", what, effect)]
    return text, cuts


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


# Opening -----------------------------------------------------------------------------------------------------------


def _open(capture: Capture, text: str) -> _Page:
    plain = _is_plain(capture)
    tree = None if plain else parse_html(re.sub(r"<\?xml[^<>]{0,500}>", "", text))
    if tree is None:
        said = text.strip("\ufeff \t\r\n") if plain else ""
        return _Page(capture, capture.url, etree.Element("html"), None, {}, [], {}, said or None, [])
    layout = lay_out(tree)
    nodes, problems = _json_ld(tree, capture)
    nodes += [node for item in _microdata(tree, layout) for node in _flat(item)]
    typed = [node for node in nodes if _type_of(node)]
    about = next((node for node in typed if not _is_of_readers(node)), next(iter(typed or nodes), {}))
    content, doubts = _content(layout, capture)
    base = base_of(tree, capture.url)
    return _Page(capture, base, tree, layout, _metas(layout), nodes, about, content, [*problems, *doubts])


def _metas(layout: Layout) -> dict[str, list[str]]:
    metas: dict[str, list[str]] = {}
    for meta, part in layout.placed:
        if meta.tag != "meta" or part == COMMENTS:
            continue
        name = _attribute(meta, "property") or _attribute(meta, "name") or _attribute(meta, "itemprop")
        content = _attribute(meta, "content")
        if name and content:
            metas.setdefault(name.casefold(), []).append(content)
    return metas


def _content(layout: Layout, capture: Capture) -> tuple[str | None, list[ParseWarning]]:
    """Return the text of the content: of the element that holds it by its name, else what trafilatura takes for it."""
    marked = layout.text_element()
    element = layout.without_surroundings(layout.main if marked is None else marked)
    text = text_of(element)
    doubts = []
    if layout.is_cut:
        what = f"The page is nested deeper than {DEEPEST} elements."
        doubts.append(warning(capture, "", what, "What lies beyond is not in the tables; the exhibit is whole."))
    if marked is None and sum(1 for _ in element.iter()) > _MOST_FOR_MAIN_TEXT:
        what = f"The content has more than {_MOST_FOR_MAIN_TEXT} elements, so its main text was not looked for."
        doubts.append(warning(capture, "", what, "All of its text is in the tables, menus and captions included."))
    elif marked is None:
        text = _main_text(element) or text
    return text or text_of(layout.main) or None, doubts


def _main_text(element: Element) -> str:
    """Return what trafilatura takes for the main text of an element. It is handed markup, and fetches nothing."""
    markup = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    page = f"<html><body>{markup}</body></html>"
    try:
        return trafilatura.extract(page, include_comments=False, deduplicate=False, with_metadata=False) or ""
    except _EXTRACTOR_FAILURES:
        return ""


# Structured data ---------------------------------------------------------------------------------------------------


def _json_ld(tree: Element, capture: Capture) -> tuple[list[Mapping[str, Any]], list[ParseWarning]]:
    nodes: list[Mapping[str, Any]] = []
    problems = []
    scripts = [script for script in tree.iter("script") if "ld+json" in script.get("type", "").casefold()]
    for number, script in enumerate(scripts[:_MOST_SCRIPTS], 1):
        pointer = f"(//script[contains(@type, 'ld+json')])[{number}]"
        written = re.sub(r"^\s*(<!--|//\s*<!\[CDATA\[)|(-->|//\s*\]\]>)\s*$", "", script.text or "")
        try:
            nodes += _flat(json_value(written))
        except (ValueError, RecursionError):
            mended = _mended(written)
            nodes += _flat(mended)
            effect = "It was read without them." if mended is not None else "It was not read."
            what = "stray commas" if mended is not None else "what is no JSON"
            problems.append(warning(capture, pointer, f"The structured data (JSON-LD) holds {what}.", effect))
    if len(scripts) > _MOST_SCRIPTS:
        what = f"The page has {len(scripts)} blocks of structured data (JSON-LD); the first {_MOST_SCRIPTS} were read."
        problems.append(warning(capture, "", what, "What they say is not in the tables."))
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


def _microdata(tree: Element, layout: Layout) -> list[dict[str, Any]]:
    """Return the microdata items of a page in the shape of JSON-LD nodes.

    What readers wrote below an article is often marked inside its item; nothing of it becomes a property of the item.
    """
    items: list[dict[str, Any]] = []
    open_items: list[tuple[Element, dict[str, Any]]] = []
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if event == "end":
            if open_items and open_items[-1][0] is element:
                open_items.pop()
            continue
        if layout.roots.get(element) == COMMENTS:
            open_items.append((element, {}))
        names = (element.get("itemprop") or "").split()[:10]
        owner = open_items[-1][1] if open_items else {}
        opened = _item(element) if "itemscope" in element.attrib else None
        if len(open_items) <= _DEEPEST_ITEM and len(owner) <= _MOST_PROPERTIES:
            for name in names:
                owner.setdefault(name, _value(element) if opened is None else opened)
        if opened is not None:
            items += [opened] if not names and len(items) < _MOST_ITEMS else []
            open_items.append((element, opened))
    return items


def _item(element: Element) -> dict[str, Any]:
    return {"@type": (_attribute(element, "itemtype") or "").rstrip("/").rpartition("/")[2]}


def _value(element: Element) -> str:
    for name in ("content", "datetime", "href", "src", "data", "value"):
        if name in element.attrib:
            return _attribute(element, name) or ""
    texts = (str(text).strip() for text in element.itertext())
    return " ".join(text[:2_000] for text in islice(filter(None, texts), 200))


# The post ----------------------------------------------------------------------------------------------------------


def _post(page: _Page, published: _Dated | None, updated: _Dated | None) -> Post:
    capture, host = page.capture, urlsplit(page.capture.url).netloc
    url = _address(page)
    author, author_url = _author(page)
    handle = f"{author}@{host}" if author else host
    replies = _count(page.about.get("commentCount"))
    pictures, left_out = _pictures(page)
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
        content=page.content,
        language=_language(page),
        published=published.reading.instant if published else None,
        published_raw=published.reading.raw if published else None,
        published_basis="page" if published else "none",
        published_zone_known=bool(published and published.reading.zone_known),
        updated=updated.reading.instant if updated else None,
        tag=tuple(Tag(type="Hashtag", name=name) for name in _keywords(page)),
        attachment=tuple(pictures),
        links=_links(page),
        replies=replies,
        exhibit=capture.exhibit,
        pointer="/html" if page.layout else "",
        collector=_COLLECTOR,
        collected=capture.collected,
        absent=absent | {"announces": "missing", "likes": "missing"},
        extra=_extra(page, author_url, updated, left_out),
    )


def _address(page: _Page) -> str:
    """Return the page's canonical address when it lies on the host that answered, else the address asked for."""
    links = (link for link in page.tree.iter("link") if "canonical" in link.get("rel", "").casefold().split())
    declared = next((absolute(page.base, link.get("href")) for link in links if link.get("href")), None)
    same_host = declared and host_of(declared) == host_of(page.capture.url)
    return urldefrag(declared if declared and same_host else page.capture.url).url


def _type(page: _Page) -> str:
    declared = _type_of(page.about) or _TYPES.get((_first(page, "og:type") or "").casefold().partition(".")[0])
    return declared or "Page" if page.layout else "Document"


def _is_of_readers(node: Mapping[str, Any]) -> bool:
    declared = node.get("@type")
    names = declared if isinstance(declared, list) else [declared]
    return any(str(name).rpartition("/")[2].casefold() in _OF_READERS for name in names)


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
    urls = [url for value in addresses if (text := _text(value)) and "/" in text and (url := absolute(page.base, text))]
    return next(iter(names or _bylines(page)), None), next(iter(urls), None)


def _bylines(page: _Page) -> list[str]:
    """Return the name that the content marks as its author's; none when it marks several, as a list of posts does."""
    marked = (
        element
        for element in page.own("a", "address", "span", "p", "div", "strong", "b", "cite")
        if "author" in (element.get("rel") or "").split()
        or any(map(_AUTHOR_NAME.match, (element.get("class") or "").split()[:20]))
    )
    texts = {" ".join(text_of(element).split()) for element in islice(marked, 20)}
    names = [text for text in texts if text and len(text) <= _LONGEST_NAME]
    return names if len(names) == 1 else []


def _language(page: _Page) -> str | None:
    html = page.tree if page.tree.tag == "html" else None
    metas = [_first(page, name) for name in ("og:locale", "content-language")]
    declared = [None if html is None else _attribute(html, "lang"), *metas, _text(page.about.get("inLanguage"))]
    return next(filter(None, declared), None)


def _keywords(page: _Page) -> list[str]:
    declared = page.about.get("keywords")
    listed = declared if isinstance(declared, list) else _split(declared)
    found = [*page.metas.get("article:tag", []), *listed, *_split(_first(page, "keywords"))]
    return list(dict.fromkeys(text for value in found if (text := _text(value))))[:100]


def _split(value: Any) -> list[str]:
    return value.split(",") if isinstance(value, str) else []


def _pictures(page: _Page) -> tuple[list[Attachment], list[dict[str, str]]]:
    """Return the files that belong to the page, and those that stand around its content with the part they stand in."""
    kept = {attachment.url: attachment for attachment in reversed(list(_declared_media(page)))}
    left_out: dict[str, str] = {}
    shown = page.layout.placed if page.layout else ()
    for element, part in shown:
        if element.tag not in ("img", "video", "audio", "source"):
            continue
        why = _why_left_out(page, element, part)
        for attachment in _shown_media(page, element):
            if why:
                left_out.setdefault(attachment.url, why)
            else:
                kept.setdefault(attachment.url, attachment)
    return list(kept.values()), [{"url": url, "part": why} for url, why in left_out.items() if url not in kept]


def _declared_media(page: _Page) -> Iterator[Attachment]:
    shown = _first(page, "og:image:alt")
    for name in ("og:image", "og:image:secure_url", "twitter:image", "og:video", "og:audio"):
        for written in page.metas.get(name, []):
            url = absolute(page.base, written)
            if url:
                yield Attachment(url=url, name=shown if "image" in name else None)


def _shown_media(page: _Page, element: Element) -> Iterator[Attachment]:
    for source in (_attribute(element, "src"), _attribute(element, "data-src"), _widest(element)):
        url = absolute(page.base, source)
        if url:
            width, height = _count(_attribute(element, "width")), _count(_attribute(element, "height"))
            kind, text = _attribute(element, "type"), _attribute(element, "alt")
            yield Attachment(url=url, media_type=kind, name=text, width=width, height=height)


def _why_left_out(page: _Page, element: Element, part: str) -> str:
    """Return why a file is no attachment of the page; empty when it is one."""
    if part == CONTENT or (part == AVATAR and _type(page) == "Profile"):
        sides = (_count(_attribute(element, name)) for name in ("width", "height"))
        return "counting pixel" if any(side is not None and side <= 1 for side in sides) else ""
    inside_article = page.layout is not None and not page.layout.is_whole_body
    return "" if part == "header" and inside_article else part


def _widest(element: Element) -> str | None:
    """Return the largest picture of a ``srcset``."""
    candidates = [part.split() for part in (_attribute(element, "srcset") or "").split(", ") if part.strip()]
    sized = [(_size(words[1]) if len(words) > 1 else 1.0, words[0].strip(",")) for words in candidates]
    return max(sized)[1] if sized else None


def _size(descriptor: str) -> float:
    return float(descriptor[:-1]) if re.fullmatch(r"\d{1,6}(\.\d{1,6})?[wx]", descriptor) else 0.0


def _links(page: _Page) -> tuple[str, ...]:
    targets = (anchor.get("href", "") for anchor in page.own("a"))
    found = (absolute(page.base, target) for target in targets if not target.startswith("#"))
    return tuple(dict.fromkeys(url for url in found if url))


def _extra(
    page: _Page, author_url: str | None, updated: _Dated | None, images_left_out: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    title = next(page.tree.iter("title"), None)
    described = {name: values for name, values in page.metas.items() if ":" in name}
    structured = {"meta": described, "structured": list(page.nodes)}
    size = len(json.dumps(structured))
    told = {
        "title": (None if title is None else _text(title.text)) or _first(page, "og:title"),
        "description": _first(page, "og:description") or _first(page, "description"),
        "site_name": _first(page, "og:site_name"),
        "author_url": author_url,
        "declared_type": page.about.get("@type") or _first(page, "og:type"),
        "asked_url": page.capture.url if _address(page) != page.capture.url else None,
        "updated_raw": updated.reading.raw if updated else None,
        "images_left_out": list(images_left_out[:_MOST_LEFT_OUT]),
        "images_left_out_unlisted": max(0, len(images_left_out) - _MOST_LEFT_OUT),
        "comments_left_out": _comments(page),
        "capture": {"made": page.capture.made, **judge(page.capture, is_shell=_is_shell(page)).as_dict()},
    }
    left_out = {"structured_left_out": f"{size} characters of structured data; see the exhibit"}
    return {k: v for k, v in told.items() if v} | (left_out if size > _EXTRA_AT_MOST else structured)


def _comments(page: _Page) -> str | None:
    roots = page.layout.roots.items() if page.layout else ()
    size = sum(len(text_of(root)) for root, part in roots if part == COMMENTS)
    return f"{size} characters of comments and their form; see the exhibit" if size else None


# Dates and reservations --------------------------------------------------------------------------------------------


def _dates(page: _Page, which: str) -> list[_Dated]:
    """Return every date of publication (or of the last change) that the page names, the most telling first."""
    metas, key = (_DATE_METAS, "datePublished") if which == "published" else (_UPDATED_METAS, "dateModified")
    named: list[tuple[str, Any]] = [(f"meta {name}", value) for name in metas for value in page.metas.get(name, [])[:3]]
    told = [node for node in page.nodes if node is page.about or (_type_of(node) and not _is_of_readers(node))]
    named += [(f"structured data {key}", node.get(key)) for node in told if node.get(key)]
    times = _times(page)
    marked = [(name, written) for name, written in times if name == f"{which} time"]
    named += [(f"time marked as {which}", written) for _, written in marked[:3]]
    unmarked = {written for name, written in times if not name}
    if which == "published" and not named and len(unmarked) == 1:
        named.append(("the only time element", unmarked.pop()))
    return [_Dated(where, read_instant(text)) for where, value in named if (text := _text(value))]


def _times(page: _Page) -> list[tuple[str, str]]:
    """Return the times of the content as written, each with what it is marked as: published, updated or nothing."""
    times = []
    for element in islice(page.own("time"), 50):
        names = {*(element.get("class") or "").split(), *(element.get("itemprop") or "").split()}
        is_published = "pubdate" in element.attrib or not _PUBLISHED_NAMES.isdisjoint(names)
        mark = "published time" if is_published else "updated time" if not _UPDATED_NAMES.isdisjoint(names) else ""
        written = _attribute(element, "datetime")
        if written:
            times.append((mark, written))
    return times


def _undecided_dates(page: _Page, published: Sequence[_Dated]) -> Iterator[ParseWarning]:
    unmarked = list(dict.fromkeys(written for mark, written in _times(page) if not mark))
    if not published and len(unmarked) > 1:
        told = "; ".join(unmarked[:8])
        what = f"The page names {len(unmarked)} times and does not say which is that of its publication ({told})."
        yield warning(page.capture, "", what, "No time of publication is in the tables.")


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


def _script_warnings(page: _Page) -> Iterable[ParseWarning]:
    if not _is_shell(page):
        return []
    what = "The page shows its content by script only, so it needs a browser."
    effect = "Its text and pictures are not in the tables: collect it again with render=True."
    if page.capture.made == "rendered":
        what = "The page shows no content, though its scripts ran in a browser."
        effect = "Its text is not in the tables; look at its image in the exhibit."
    return [warning(page.capture, "", what, effect)]


def _is_shell(page: _Page) -> bool:
    """Say whether a page is a frame that scripts fill: it says little, and asks for script or has an empty place."""
    has_script = any(script.get("src") for script in page.tree.iter("script"))
    if page.layout is None or len(page.content or "") > _LITTLE_TEXT or not has_script:
        return False
    if page.capture.made == "rendered":
        return not page.content
    if any(_NEEDS_SCRIPT.search("".join(map(str, told.itertext()))) for told in page.tree.iter("noscript")):
        return True
    root = next((element for element, _ in page.layout.placed if _is_script_root(element)), None)
    return root is not None and not any(str(text).strip() for text in root.itertext())


def _is_script_root(element: Element) -> bool:
    return element.get("id") in _SCRIPT_ROOTS or element.tag == "app-root" or "data-reactroot" in element.attrib


# Values ------------------------------------------------------------------------------------------------------------


def _first(page: _Page, name: str) -> str | None:
    return _text(next(iter(page.metas.get(name, [])), None))


def _attribute(element: Element, name: str) -> str | None:
    return _text(element.get(name))


def _text(value: Any) -> str | None:
    return well_formed(" ".join(value.split())) or None if isinstance(value, str) else None


def _count(value: Any) -> int | None:
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
