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
from itertools import islice
from typing import Any
from urllib.parse import urldefrag, urlsplit

from osint.activity import Absence, Attachment, ParseWarning, Post, Record, Tag
from osint.capture.exchange import Capture
from osint.collectors.answer import LAWFUL_NEXT_STEP, challenge_in, refuse, reservations, warning
from osint.collectors.page_dates import Dated, choose, contradictions, dates_of, undecided_dates
from osint.collectors.page_opening import (
    HTML,
    TYPES,
    Page,
    attribute_of,
    declared_type,
    is_plain,
    one_line,
    open_page,
)
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.quality import Quality, asks_to_sign_in, judge
from osint.collectors.regions import AVATAR, COMMENTS, CONTENT, Element
from osint.collectors.sights import by, published_at, seen
from osint.collectors.text import absolute, digits_in, text_of, well_formed, without_floods
from osint.errors import SourceClosedError, UnreadableCaptureError
from osint.query import Query, UrlQuery, host_of

MANIFEST = Manifest(
    name="webpage",
    version="4",
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
_LONGEST_NAME = 100  # characters of an author's name
_MOST_LEFT_OUT = 100  # pictures listed in ``extra``
_EXTRA_AT_MOST = 65_536  # characters of structured data kept in ``extra``
_NEEDS_SCRIPT = re.compile(r"(enable|requires?|need) (to )?(enable |run )?javascript", re.IGNORECASE)
_LITTLE_TEXT = 200  # characters; a page that says more has content of its own
_SCRIPT_ROOTS = ("root", "app", "__next", "__nuxt")  # where React, Vue, Next and Nuxt put what they draw
_AUTHOR_NAME = re.compile(r"(p-author|(.*[-_])?author[-_]{0,2}name)\Z", re.IGNORECASE)
_START_TAG = re.compile(r"<[A-Za-z]")


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
    page = open_page(capture, text)
    published, updated = dates_of(page, "published"), dates_of(page, "updated")
    post = _post(page, choose(published), choose(updated))
    doubts = [*contradictions(page, published, updated), *undecided_dates(page, published)]
    notes = [*reservations(capture), *_led_elsewhere(capture), *cuts, *page.warnings, *doubts]
    return [*notes, *_script_warnings(page), post]


def _led_elsewhere(capture: Capture) -> list[ParseWarning]:
    """Warn where the server led to another page: many send who asks for a page that is gone to their first one."""
    if capture.via in ("", capture.url) or _place(capture.via) == _place(capture.url):
        return []
    what = f"{capture.via} was asked for, and the server led from there to {capture.url}."
    return [warning(capture, "", what, "The tables have the page that it led to, which may be another one.")]


def _place(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/"), parts.query


def quality(capture: Capture) -> Quality:
    """Return what the exhibit of a web page is worth; it may be an error page, and no page at all."""
    text, _ = _bounded(capture, well_formed(capture.text))
    return judge(capture, is_shell=_is_shell(open_page(capture, text)))


def _bounded(capture: Capture, text: str) -> tuple[str, list[ParseWarning]]:
    """Return as much of a page as is read, and a warning when that is not all of it."""
    effect = "What lies beyond is not in the tables; the exhibit is whole."
    if len(text) > _READ_AT_MOST:
        what = f"The page has {len(text)} characters; the first {_READ_AT_MOST} were read."
        text, cuts = text[:_READ_AT_MOST], [warning(capture, "", what, effect)]
    else:
        cuts = []
    if is_plain(capture):
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
    elif not (is_plain(capture) or "html" in capture.media_type or HTML.search(start)):
        reason = f"it was served as {capture.media_type} and does not look like HTML"
    if reason:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)


# The post ----------------------------------------------------------------------------------------------------------


def _post(page: Page, published: Dated | None, updated: Dated | None) -> Post:
    capture, host = page.capture, urlsplit(page.capture.url).netloc
    url = _address(page)
    author, author_url = _author(page)
    handle = f"{author}@{host}" if author else host
    replies = digits_in(page.about.get("commentCount"))
    pictures, left_out = _pictures(page)
    offered = {"published": published, "updated": updated, "replies": replies, "language": _language(page)}
    absent: dict[str, Absence] = {name: "missing" for name, value in offered.items() if value is None}
    return Post(
        id=f"web:{url}",
        platform="web",
        native_id=url,
        type=_type(page),
        url=url,
        **by("web", handle),
        author_name=author or _first(page, "og:site_name"),
        content=page.content,
        language=_language(page),
        **published_at(published.reading if published else None, "page"),
        updated=updated.reading.instant if updated else None,
        tag=tuple(Tag(type="Hashtag", name=name) for name in _keywords(page)),
        attachment=tuple(pictures),
        links=_links(page),
        replies=replies,
        **seen(capture, "/html" if page.layout else "", _COLLECTOR),
        absent=absent | {"announces": "missing", "likes": "missing"},
        extra=_extra(page, author_url, updated, left_out),
    )


def _address(page: Page) -> str:
    """Return the page's canonical address when it lies on the host that answered, else the address asked for."""
    links = (link for link in page.tree.iter("link") if "canonical" in link.get("rel", "").casefold().split())
    declared = next((absolute(page.base, link.get("href")) for link in links if link.get("href")), None)
    same_host = declared and host_of(declared) == host_of(page.capture.url)
    return urldefrag(declared if declared and same_host else page.capture.url).url


def _type(page: Page) -> str:
    declared = declared_type(page.about) or TYPES.get((_first(page, "og:type") or "").casefold().partition(".")[0])
    return declared or "Page" if page.layout else "Document"


def _author(page: Page) -> tuple[str | None, str | None]:
    """Return the author's name and address, from the first place that names one."""
    declared = page.about.get("author") or page.about.get("creator")
    first = declared[0] if isinstance(declared, list) and declared else declared
    node = first if isinstance(first, dict) else {"name": first}
    named = [node.get("name"), _first(page, "author"), _first(page, "article:author"), _first(page, "dc.creator")]
    names = [text for value in named if (text := one_line(value)) and not absolute("", text)]
    addresses = [node.get("url"), _first(page, "article:author")]
    urls = [
        url for value in addresses if (text := one_line(value)) and "/" in text and (url := absolute(page.base, text))
    ]
    return next(iter(names or _bylines(page)), None), next(iter(urls), None)


def _bylines(page: Page) -> list[str]:
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


def _language(page: Page) -> str | None:
    html = page.tree if page.tree.tag == "html" else None
    metas = [_first(page, name) for name in ("og:locale", "content-language")]
    declared = [None if html is None else attribute_of(html, "lang"), *metas, one_line(page.about.get("inLanguage"))]
    return next(filter(None, declared), None)


def _keywords(page: Page) -> list[str]:
    declared = page.about.get("keywords")
    listed = declared if isinstance(declared, list) else _split(declared)
    found = [*page.metas.get("article:tag", []), *listed, *_split(_first(page, "keywords"))]
    return list(dict.fromkeys(text for value in found if (text := one_line(value))))[:100]


def _split(value: Any) -> list[str]:
    return value.split(",") if isinstance(value, str) else []


def _pictures(page: Page) -> tuple[list[Attachment], list[dict[str, str]]]:
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


def _declared_media(page: Page) -> Iterator[Attachment]:
    shown = _first(page, "og:image:alt")
    for name in ("og:image", "og:image:secure_url", "twitter:image", "og:video", "og:audio"):
        for written in page.metas.get(name, []):
            url = absolute(page.base, written)
            if url:
                yield Attachment(url=url, name=shown if "image" in name else None)


def _shown_media(page: Page, element: Element) -> Iterator[Attachment]:
    for source in (attribute_of(element, "src"), attribute_of(element, "data-src"), _widest(element)):
        url = absolute(page.base, source)
        if url:
            width, height = digits_in(attribute_of(element, "width")), digits_in(attribute_of(element, "height"))
            kind, text = attribute_of(element, "type"), attribute_of(element, "alt")
            yield Attachment(url=url, media_type=kind, name=text, width=width, height=height)


def _why_left_out(page: Page, element: Element, part: str) -> str:
    """Return why a file is no attachment of the page; empty when it is one."""
    if part == CONTENT or (part == AVATAR and _type(page) == "Profile"):
        sides = (digits_in(attribute_of(element, name)) for name in ("width", "height"))
        return "counting pixel" if any(side is not None and side <= 1 for side in sides) else ""
    inside_article = page.layout is not None and not page.layout.is_whole_body
    return "" if part == "header" and inside_article else part


def _widest(element: Element) -> str | None:
    """Return the largest picture of a ``srcset``."""
    candidates = [part.split() for part in (attribute_of(element, "srcset") or "").split(", ") if part.strip()]
    sized = [(_size(words[1]) if len(words) > 1 else 1.0, words[0].strip(",")) for words in candidates]
    return max(sized)[1] if sized else None


def _size(descriptor: str) -> float:
    return float(descriptor[:-1]) if re.fullmatch(r"\d{1,6}(\.\d{1,6})?[wx]", descriptor) else 0.0


def _links(page: Page) -> tuple[str, ...]:
    targets = (anchor.get("href", "") for anchor in page.own("a"))
    found = (absolute(page.base, target) for target in targets if not target.startswith("#"))
    return tuple(dict.fromkeys(url for url in found if url))


def _extra(
    page: Page, author_url: str | None, updated: Dated | None, images_left_out: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    title = next(page.tree.iter("title"), None)
    described = {name: values for name, values in page.metas.items() if ":" in name}
    structured = {"meta": described, "structured": list(page.nodes)}
    size = len(json.dumps(structured))
    told = {
        "title": (None if title is None else one_line(title.text)) or _first(page, "og:title"),
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


def _comments(page: Page) -> str | None:
    roots = page.layout.roots.items() if page.layout else ()
    size = sum(len(text_of(root)) for root, part in roots if part == COMMENTS)
    return f"{size} characters of comments and their form; see the exhibit" if size else None


# Pages that need script --------------------------------------------------------------------------------------------


def _script_warnings(page: Page) -> Iterable[ParseWarning]:
    if not _is_shell(page):
        return []
    what = "The page shows its content by script only, so it needs a browser."
    effect = "Its text and pictures are not in the tables: collect it again with render=True."
    if page.capture.made == "rendered":
        what = "The page shows no content, though its scripts ran in a browser."
        effect = "Its text is not in the tables; look at its image in the exhibit."
    return [warning(page.capture, "", what, effect)]


def _is_shell(page: Page) -> bool:
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


def _first(page: Page, name: str) -> str | None:
    return one_line(next(iter(page.metas.get(name, [])), None))
