"""A captured page as it can be looked at without danger: rebuilt from an allow list, with its own pictures and styles.

Nothing of the page is passed through as it came. Elements and attributes that are not listed here are left out, with
all script, forms, frames, refreshes, plug-ins and drawings that can hold script; a link keeps its words and says where
it led; pictures, fonts and style sheets are put in as ``data:`` from the evidence, and where the evidence does not hold
a picture there is a grey box. The result is a whole document with a policy that forbids every request (CSP Level 3),
for a frame with ``sandbox=""`` (HTML Living Standard, 4.8.5), which forbids all script besides.

What is left out changes how a page looks. The image of the page, where the exhibit has one, is the better witness of
that; this shows the words where they stood.
"""

from __future__ import annotations

import base64
import html
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urldefrag

import tinycss2
from lxml import etree

from osint import render
from osint.capture.exchange import Capture
from osint.collectors.text import absolute, base_of, parse_html, text_of

LARGEST_PAGE = 8_000_000
"""Characters of a rebuilt page. What would go beyond is left out, and said."""

POLICY = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'"
"""Content Security Policy of a rebuilt page: nothing may be asked of anybody."""

_PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"}  # SVG can hold script
_FONTS = {"font/woff2", "font/woff", "font/ttf", "font/otf", "application/font-woff"}
_OWN_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|avif|bmp);base64,[A-Za-z0-9+/=\s]+\Z", re.IGNORECASE)
_ELEMENTS = frozenset([
    "a", "abbr", "acronym", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br",
    "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt",
    "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i",
    "img", "ins", "kbd", "label", "legend", "li", "main", "mark", "nav", "ol", "p", "picture", "pre", "q", "rp",
    "rt", "ruby", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var", "wbr",
])  # fmt: skip
_VOID = frozenset(["br", "col", "hr", "img", "wbr"])
_HIDDEN = frozenset(["frameset", "iframe", "math", "object", "script", "style", "svg", "template", "title"])
_UNTOLD = frozenset(["base", "body", "head", "html", "link", "meta", "source", "template", "title"])
_ATTRIBUTES = frozenset([
    "align", "alt", "bgcolor", "cellpadding", "cellspacing", "class", "color", "colspan", "datetime", "dir",
    "height", "id", "lang", "open", "reversed", "rowspan", "scope", "size", "span", "start", "title", "valign",
    "width",
])  # fmt: skip
_LARGEST_STYLES = 1_000_000  # characters of one style sheet
_DEEPEST_IMPORT = 3
_GREY_BOX = "data:image/gif;base64,R0lGODlhAQABAIAAAMDAwAAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="

Find = Callable[[str], Capture | None]


class Left(NamedTuple):
    """What was left out of a rebuilt page, and how often."""

    what: str
    times: int


@dataclass(frozen=True, kw_only=True)
class StaticPage:
    """One captured page, rebuilt.

    Attributes:
        exhibit: The exhibit it was rebuilt from.
        used: The exhibits whose pictures, fonts and style sheets are in it, in the order of the page.
        document: A whole HTML document.
        left_out: What is not in it, by name.
        text: The words of the page.
    """

    exhibit: str
    used: tuple[str, ...]
    document: str
    left_out: tuple[Left, ...]
    text: str

    @property
    def frame(self) -> str:
        """The page as an element of a notebook or a report: in a frame that has no right at all."""
        named = render.escape(f"Rebuilt from exhibit {self.exhibit}")
        return (
            f'<iframe sandbox="" referrerpolicy="no-referrer" title="{named}" width="100%" height="600" '
            f'srcdoc="{html.escape(self.document, quote=True)}"></iframe>'
        )


def rebuild_page(capture: Capture, find: Find = lambda _: None) -> StaticPage:
    """Rebuild a captured page from what may be shown of it.

    Args:
        capture: The page. Of what is no HTML, the text is shown.
        find: Returns the capture of an address that the page needs, from evidence; None when there is none.
    """
    tree = parse_html(capture.text) if "html" in capture.media_type else None
    if tree is None:
        text = capture.text if capture.media_type.startswith("text/") else ""
        shown = f"<pre>{render.escape(text)}</pre>"
        return StaticPage(exhibit=capture.exhibit, used=(), document=_document(shown), left_out=(), text=text)
    work = _Rebuilding(base_of(tree, capture.url), find)
    body = work.rebuild(tree)
    return StaticPage(
        exhibit=capture.exhibit,
        used=tuple(dict.fromkeys(work.used)),
        document=_document(body),
        left_out=tuple(Left(*each) for each in sorted(work.left_out.items())),
        text=text_of(tree),
    )


def _document(body: str) -> str:
    return (
        f'<!doctype html><html><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"></head><body>{body}</body></html>'
    )


class _Rebuilding:
    """The rebuilding of one page."""

    def __init__(self, base: str, find: Find) -> None:
        self._base, self._find = base, find
        self.left_out: Counter[str] = Counter()
        self.used: list[str] = []

    def rebuild(self, tree: etree._Element) -> str:
        pieces, size = [], 0
        for piece in self._pieces(tree):
            size += len(piece)
            if size > LARGEST_PAGE:
                self.left_out[f"all behind {LARGEST_PAGE:,} characters"] += 1
                break
            pieces.append(piece)
        return "".join(pieces)

    def _pieces(self, tree: etree._Element) -> Iterator[str]:
        """Yield the page piece by piece: each start tag, text and end tag is made anew."""
        hidden: etree._Element | None = None
        for event, element in etree.iterwalk(tree, events=("start", "end")):
            tag = str(element.tag)
            if event == "start" and hidden is None:
                yield self._start(tag, element)
                hidden = (
                    element if tag in _HIDDEN else None
                )  # of anything else that is not listed, the content is shown
                yield render.escape(element.text or "") if hidden is None else ""
            elif event == "end" and hidden in (None, element):
                yield f"</{tag}>" if tag in _ELEMENTS - _VOID else ""
                yield render.escape(element.tail or "")
                hidden = None

    def _start(self, tag: str, element: etree._Element) -> str:
        """Return what stands for the start of an element: nothing where the element is left out."""
        if tag in _ELEMENTS:
            made = {"img": self._picture, "a": self._led_to}.get(tag, lambda _: "")
            return f"<{tag}{self._attributes(element)}{made(element)}>"
        if tag == "style":
            return self._style_element(element, element.text or "", self._base)
        if tag == "link" and "stylesheet" in (element.get("rel") or "").lower().split():
            return self._linked_styles(element)
        if tag not in _UNTOLD:
            self.left_out[f"<{tag}>" if tag.isalnum() and len(tag) < 20 else "other elements"] += 1
        return ""

    def _attributes(self, element: etree._Element) -> str:
        kept = {name: value for name, value in element.items() if name in _ATTRIBUTES}
        if style := element.get("style"):
            kept["style"] = tinycss2.serialize(self._inlined(tinycss2.parse_component_value_list(style), self._base))
        return "".join(f' {name}="{render.escape(value)}"' for name, value in kept.items())

    def _led_to(self, element: etree._Element) -> str:
        target = absolute(self._base, element.get("href"))
        return f' data-led-to="{render.escape(target)}"' if target else ""

    def _picture(self, element: etree._Element) -> str:
        stated = [element.get("src"), element.get("data-src"), *_from_set(element.get("srcset"))]
        own = next((each for each in stated if each and _OWN_PICTURE.match(each)), None)
        found = (self._data(each, self._base, _PICTURES) for each in stated if each)
        shown = own or next(filter(None, found), None)
        if shown is None and any(stated):
            self.left_out["pictures that are not in the evidence"] += 1
        return f' src="{html.escape(shown or _GREY_BOX)}"'

    def _linked_styles(self, element: etree._Element) -> str:
        found = self._sheet(element.get("href"), self._base)
        return self._style_element(element, found.text, found.url) if found else ""

    def _style_element(self, element: etree._Element, styles: str, base: str) -> str:
        kept = self._styles(styles, base, _DEEPEST_IMPORT).replace("</", "<\\/")  # the one way out of a style element
        media = render.escape(element.get("media") or "all")
        return f'<style media="{media}">{kept}</style>'

    def _styles(self, styles: str, base: str, deeper: int) -> str:
        """Return a style sheet with what it needs put in, and without what is not in the evidence."""
        if len(styles) > _LARGEST_STYLES:
            self.left_out[f"style sheets of more than {_LARGEST_STYLES:,} characters"] += 1
            return ""
        rules = tinycss2.parse_stylesheet(styles, skip_comments=True)
        return "".join(self._rule(rule, base, deeper) for rule in rules if rule.type != "error")

    def _rule(self, rule: Any, base: str, deeper: int) -> str:
        if rule.type == "at-rule" and rule.lower_at_keyword == "import":
            stated = (each.value for each in rule.prelude if each.type in ("string", "url"))
            target = next(stated, None) or next((each.value for each in _addresses(rule.prelude)), None)
            found = self._sheet(target, base) if deeper else None
            return self._styles(found.text, found.url, deeper - 1) if found else ""
        if getattr(rule, "content", None):
            self._inlined(rule.content, base)
        return str(rule.serialize())

    def _inlined(self, nodes: Sequence[Any], base: str) -> Sequence[Any]:
        """Put what style values point to in the place of the address; what is not in the evidence becomes nothing."""
        for node in _addresses(nodes):
            data = None if node.value.startswith("#") else self._data(node.value, base, _PICTURES | _FONTS)
            own = node.value if _OWN_PICTURE.match(node.value) else None
            node.representation = (
                f'url("{own or data or "data:,"}")' if node.type == "url" else f'"{own or data or "data:,"}"'
            )
        return nodes

    def _sheet(self, target: str | None, base: str) -> Capture | None:
        found = self._capture(target, base)
        if found is None or found.media_type != "text/css":
            self.left_out["style sheets that are not in the evidence"] += 1
            return None
        self.used.append(found.exhibit)
        return found

    def _data(self, target: str, base: str, kinds: set[str]) -> str | None:
        found = self._capture(target, base)
        if found is None or found.media_type not in kinds:
            return None
        self.used.append(found.exhibit)
        return f"data:{found.media_type};base64,{base64.b64encode(found.body).decode('ascii')}"

    def _capture(self, target: str | None, base: str) -> Capture | None:
        address = absolute(base, target)
        return self._find(urldefrag(address).url) if address else None


def _addresses(nodes: Sequence[Any]) -> Iterator[Any]:
    """Yield the tokens of style values that hold an address: ``url(x)``, and the text in ``url("x")``."""
    for node in nodes:
        if node.type == "url":
            yield node
        elif node.type == "function" and node.lower_name in ("url", "src", "image-set", "-webkit-image-set"):
            yield from (each for each in node.arguments if each.type == "string")
            yield from _addresses(node.arguments)
        elif node.type == "function":
            yield from _addresses(node.arguments)
        elif node.type in ("() block", "[] block", "{} block"):
            yield from _addresses(node.content)


def _from_set(srcset: str | None) -> list[str]:
    """Return the addresses of a ``srcset``, each without its size."""
    return [candidate.split()[0] for candidate in (srcset or "").split(", ") if candidate.split()]
