"""From a post's HTML to its plain text and its links. Showing it to a person is the part of :mod:`osint.render`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from lxml import etree

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol", "option",
    "p", "pre", "section", "table", "td", "th", "tr", "ul",
})  # fmt: skip
_UNSHOWN = frozenset(["head", "iframe", "noscript", "object", "script", "style", "template", "title"])
_SPACE = re.compile(r"[ \t\n\r\f]+")
_TAG = re.compile(r"<[A-Za-z]\w*")
_QUOTED_OR_END = re.compile(r"""=\s*"[^"]*"|=\s*'[^']*'|>""")
_FLOOD_CHARACTERS, _FLOOD_ATTRIBUTES = 16_000, 4_000  # a name, "=" and white space count as two
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# An address that no joining and no taking apart would change; most are like that, and both are slow.
_PLAIN_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?/[\w./~%@+=&,-]*(?:\?[\w./~%@+=&,-]+)?", re.ASCII)
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,20})|([0-9]{1,20}));?")


def well_formed(text: str) -> str:
    """Return the text with U+FFFD for what no store holds: a NUL, and each half of a surrogate pair."""
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def digits_in(value: object) -> int | None:
    """Return a count that is written as digits, or None."""
    written = str(value).strip()
    return int(written) if written.isascii() and written.isdigit() and len(written) < 16 else None


def html_to_text(markup: str) -> str:
    """Return what a reader sees of HTML: paragraphs and ``br`` end a line, script and style are left out."""
    if "<" not in markup and "&" not in markup:
        return well_formed(markup).strip()
    tree = _tree(markup)
    return "" if tree is None else text_of(tree)


def text_of(element: etree._Element) -> str:
    """Return what a reader sees of an element, as :func:`html_to_text` does; the text behind it is not its own."""
    lines = "".join(_pieces(element)).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(re.sub(" {2,}", " ", line).strip(" ") for line in lines)).strip()


def links_in(markup: str, base: str, *, classes_left_out: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the http and https addresses that HTML links to: absolute, each once, in order.

    Args:
        markup: HTML as the source sent it.
        base: Address that relative links start from.
        classes_left_out: ``class`` names that mark a link as something else, ``mention`` for one.
    """
    tree = _tree(markup) if "<" in markup else None
    if tree is None:
        return ()
    left_out = set(classes_left_out)
    anchors = (a for a in tree.iter("a") if not left_out & set((a.get("class") or "").split()))
    found = (absolute(base, a.get("href")) for a in anchors)
    return tuple(dict.fromkeys(url for url in found if url))


def storable_references(markup: str) -> str:
    """Return XML with U+FFFD for each reference to half of a surrogate pair, on which lxml fails."""
    return _REFERENCE.sub(_storable, markup)


def _storable(reference: re.Match[str]) -> str:
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    return "\ufffd" if 0xD800 <= number <= 0xDFFF else reference[0]


def absolute(base: str, target: object) -> str | None:
    """Return the absolute http or https address of ``target`` as seen from ``base``; None when there is none."""
    if not isinstance(target, str) or not target.strip():
        return None
    if _PLAIN_ADDRESS.fullmatch(target):
        return target
    try:
        url = urljoin(base, well_formed(target.strip()))
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def base_of(tree: etree._Element, url: str) -> str:
    """Return the address that the relative links of a page start from: what its first ``base`` says, else its own."""
    declared = next((base.get("href") for base in tree.iter("base") if base.get("href")), None)
    return absolute(url, declared) or url


def without_floods(markup: str) -> tuple[str, int]:
    """Return HTML whose tags have at most some thousand attributes each, and how many tags lost theirs.

    No page needs more, and libxml2's time over one tag grows with the square of their number: a megabyte takes minutes.
    """
    if len(markup) < _FLOOD_CHARACTERS:
        return markup, 0
    pieces, end, floods = [], 0, 0
    for name, close in _start_tags(markup):
        if close - name >= _FLOOD_CHARACTERS and _is_flood(markup[name:close]):
            pieces.append(markup[end:name])
            end, floods = close, floods + 1
    return "".join([*pieces, markup[end:]]), floods


def parse_html(markup: str) -> etree._Element | None:
    """Return the root element of HTML, however broken; None when there is no element in it."""
    from lxml import etree

    # huge_tree lifts the depth at which libxml2 silently drops the rest of a document from 256 to 2048 elements.
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True)
    data = without_floods(well_formed(markup))[0].encode()
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None


@lru_cache(maxsize=1)
def _tree(markup: str) -> etree._Element | None:
    """Return what :func:`parse_html` does, to be read only: of one text both the words and the links are asked for."""
    return parse_html(markup)


def _start_tags(markup: str) -> Iterator[tuple[int, int]]:
    """Yield where the attributes of each start tag begin and end. A ">" inside a quoted value does not end a tag."""
    tag = _TAG.search(markup)
    while tag:
        pieces = _QUOTED_OR_END.finditer(markup, tag.end())
        end = next((piece.start() for piece in pieces if piece[0] == ">"), len(markup))
        yield tag.end(), end
        tag = _TAG.search(markup, end)


def _is_flood(attributes: str) -> bool:
    return len(re.findall(r"[\s/]+|=", _QUOTED_OR_END.sub("=", attributes))) > _FLOOD_ATTRIBUTES


def _pieces(tree: etree._Element) -> Iterator[str]:
    from lxml import etree

    unshown = preformatted = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag, step = str(element.tag), 1 if event == "start" else -1
        unshown += step * (tag in _UNSHOWN)
        preformatted += step * (tag == "pre")
        if tag in _BLOCKS or (tag == "br" and event == "start"):
            yield "\n"
        text = element.text if event == "start" else element.tail if element is not tree else None
        if text and not unshown:
            yield text if preformatted else _SPACE.sub(" ", text)
