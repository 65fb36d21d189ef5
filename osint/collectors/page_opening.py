"""A web page, opened: its parts, its text, and what it says of itself in metas, JSON-LD and microdata.

Source: https://ogp.me/, https://schema.org/, HTML Living Standard section 5 (microdata).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import trafilatura
from lxml import etree

from osint.activity import ParseWarning
from osint.capture.exchange import Capture
from osint.collectors.answer import json_value, warning
from osint.collectors.regions import COMMENTS, DEEPEST, Element, Layout, lay_out
from osint.collectors.text import base_of, parse_html, text_of, well_formed

_MOST_FOR_MAIN_TEXT = 10_000  # elements; trafilatura takes a fifth of a millisecond for each
_DEEPEST_ITEM, _MOST_ITEMS, _MOST_PROPERTIES = 8, 50, 200  # of microdata: levels, items, properties of each
_MOST_SCRIPTS = 50  # blocks of JSON-LD
HTML = re.compile(r"<(!doctype html|html|head|body)\b", re.IGNORECASE)
TYPES = {
    "article": "Article", "newsarticle": "Article", "blogposting": "Article", "report": "Article", "review": "Article",
    "socialmediaposting": "Note", "discussionforumposting": "Note", "comment": "Note", "videoobject": "Video",
    "imageobject": "Image", "audioobject": "Audio", "event": "Event", "person": "Profile", "profilepage": "Profile",
    "profile": "Profile", "webpage": "Page",
}  # fmt: skip
_PARTS = ("Image", "Audio", "Video", "Profile")  # parts of a page that is about something else, unless alone
_OF_READERS = ("comment", "usercomments")  # types of what readers wrote
# What trafilatura lets escape on what is no page at all.
_EXTRACTOR_FAILURES = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Page:
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


def is_plain(capture: Capture) -> bool:
    """Say whether it is plain text, by what is served and by what is there."""
    return capture.media_type == "text/plain" and not HTML.search(capture.text[:2_000])


def open_page(capture: Capture, text: str) -> Page:
    """Open a page; ``text`` is as much of it as is read."""
    plain = is_plain(capture)
    tree = None if plain else parse_html(re.sub(r"<\?xml[^<>]{0,500}>", "", text))
    if tree is None:
        said = text.strip("\ufeff \t\r\n") if plain else ""
        return Page(capture, capture.url, etree.Element("html"), None, {}, [], {}, said or None, [])
    layout = lay_out(tree)
    nodes, problems = _json_ld(tree, capture)
    nodes += [node for item in _microdata(tree, layout) for node in _flat(item)]
    typed = [node for node in nodes if declared_type(node)]
    own = [node for node in typed if not is_of_readers(node)]
    about = next((node for node in own if declared_type(node) not in _PARTS), next(iter(own or typed or nodes), {}))
    content, doubts = _content(layout, capture)
    base = base_of(tree, capture.url)
    return Page(capture, base, tree, layout, _metas(layout), nodes, about, content, [*problems, *doubts])


def _metas(layout: Layout) -> dict[str, list[str]]:
    metas: dict[str, list[str]] = {}
    for meta, part in layout.placed:
        if meta.tag != "meta" or part == COMMENTS:
            continue
        name = attribute_of(meta, "property") or attribute_of(meta, "name") or attribute_of(meta, "itemprop")
        content = attribute_of(meta, "content")
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
    return {"@type": (attribute_of(element, "itemtype") or "").rstrip("/").rpartition("/")[2]}


def _value(element: Element) -> str:
    for name in ("content", "datetime", "href", "src", "data", "value"):
        if name in element.attrib:
            return attribute_of(element, name) or ""
    texts = (str(text).strip() for text in element.itertext())
    return " ".join(text[:2_000] for text in islice(filter(None, texts), 200))


def is_of_readers(node: Mapping[str, Any]) -> bool:
    """Say whether a node is what a reader wrote."""
    declared = node.get("@type")
    names = declared if isinstance(declared, list) else [declared]
    return any(str(name).rpartition("/")[2].casefold() in _OF_READERS for name in names)


def declared_type(node: Mapping[str, Any]) -> str | None:
    """Return the ActivityStreams type of a node, or None."""
    declared = node.get("@type")
    names = declared if isinstance(declared, list) else [declared]
    return next((found for name in names if (found := TYPES.get(str(name).rpartition("/")[2].casefold()))), None)


def attribute_of(element: Element, name: str) -> str | None:
    """Return an attribute on one line, or None when it is empty."""
    return one_line(element.get(name))


def one_line(value: Any) -> str | None:
    """Return text on one line, or None when it is empty or none."""
    return well_formed(" ".join(value.split())) or None if isinstance(value, str) else None
