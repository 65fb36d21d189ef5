"""Which part of a web page an element stands in: the content itself, or what stands around it and below it.

Whose text it is depends on that. What readers wrote under an article is not its author's, and the picture of a reader
lies with a third party that a visit tells of the case.

Source: HTML Living Standard 4.3 (article, main, nav, aside, footer), WAI-ARIA 1.2 (landmark roles). Class and id names
are a custom and no standard; the ones read here are those of WordPress, MediaWiki, Drupal, Disqus and hAtom.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

Element = etree._Element

DEEPEST = 2_048  # elements; libxml2 leaves out what lies behind a deeper one
CONTENT, COMMENTS, AVATAR, OUTSIDE = "", "comments", "avatar", "outside the main content"
_LANDMARKS = {"nav": "navigation", "aside": "aside", "footer": "footer", "header": "header"}
_ROLES = {"navigation": "navigation", "complementary": "aside", "contentinfo": "footer", "banner": "header"}
_WORDS = (
    (re.compile(r"(^|[-_])(comments?([-_]?(list|form|area))?|disqus|respond)($|[-_])", re.IGNORECASE), COMMENTS),
    (re.compile(r"(^|[-_])(gravatar|avatar|userpic)($|[-_])", re.IGNORECASE), AVATAR),
    (re.compile(r"(^|[-_])(footer|sidebar)($|[-_])", re.IGNORECASE), "footer or sidebar by its name"),
)
_SAYS_WHETHER = re.compile(r"(no|has|with|without)[-_]", re.IGNORECASE)  # "no-comments" is not where comments are
_GRAVATAR = re.compile(r"(https?:)?//([a-z0-9-]+\.)?gravatar\.com/", re.IGNORECASE)
_LONGEST_NAMES = 1_000  # characters of class and id
_BODY_TEXT = frozenset([
    "entry-content", "post-content", "article-content", "article-body", "article__body", "post-body", "e-content",
    "mw-parser-output",
])  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """A page in its parts.

    Attributes:
        main: The element that holds the content: the one article, else ``main``, else the whole body.
        placed: Every element of the page in order with the name of its part; ``CONTENT`` is the content's own.
        roots: The outermost element of each part that is not content, with the name of the part.
        is_cut: Whether the page is nested so deep that its end could not be read.
    """

    main: Element
    placed: Sequence[tuple[Element, str]]
    roots: dict[Element, str]
    is_cut: bool

    @property
    def is_whole_body(self) -> bool:
        """Whether nothing on the page is marked as its content."""
        return self.main.tag not in ("article", "main") and self.main.get("role") != "main"

    def own(self, *tags: str) -> Iterator[Element]:
        """Yield the elements with these tags that belong to the content, its own header and footer included."""
        parts = (CONTENT,) if self.is_whole_body else (CONTENT, "header", "footer")
        return (element for element, part in self.placed if part in parts and element.tag in tags)

    def text_element(self) -> Element | None:
        """Return the one element of the content that holds the text by its name, or None when none or several do."""
        named = [element for element, part in self.placed if part == CONTENT and _holds_text(element)]
        inside = set(named[0].iter()) if named else set()
        return named[0] if named and inside.issuperset(named) else None

    def without_surroundings(self, element: Element) -> Element:
        """Return a copy of an element without comments and navigation, and of a whole body without its frame."""
        left_out = {COMMENTS, "navigation"} | ({"aside", "footer", "header"} if self.is_whole_body else set())
        copied = copy.deepcopy(element)
        for original, twin in zip(list(element.iter()), list(copied.iter()), strict=True):
            if self.roots.get(original) in left_out:
                behind = twin.tail
                twin.clear()
                twin.tail = behind
        return copied


def lay_out(tree: Element) -> Layout:
    """Find the content of a page and what stands around it."""
    body = next(tree.iter("body"), tree)
    heading = next(tree.iter("h1"), None)
    around_heading = set() if heading is None else set(heading.iterancestors())
    main = _main(body, around_heading)
    content = {main, *main.iterancestors(), *around_heading}  # whatever their names say
    placed: list[tuple[Element, str]] = []
    roots: dict[Element, str] = {}
    outer, part, is_inside, depth, deepest = None, CONTENT, False, 0, 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "end":
            is_inside = is_inside and element is not main
            outer = None if element is outer else outer
            continue
        deepest = max(deepest, depth)
        is_inside = is_inside or element is main
        if outer is None and element not in content and (part := _part(element)):
            outer, roots[element] = element, part
        around = part if outer is not None else CONTENT
        placed.append((element, around if is_inside or around == COMMENTS else OUTSIDE))
    return Layout(main, placed, roots, deepest >= DEEPEST)


def _main(body: Element, around_heading: Collection[Element]) -> Element:
    """Return the article that holds the first heading, or the only one; else the element marked as main, or the body.

    A list of articles is no article, and one below the heading is a part of the content only.
    """
    marked = next((element for element in body.iter() if element.tag == "main" or element.get("role") == "main"), None)
    within = body if marked is None else marked
    articles = list(_articles(within, around_heading))
    with_heading = [article for article in articles if article in around_heading]
    if with_heading:
        return with_heading[0]
    return articles[0] if len(articles) == 1 and (marked is None or marked not in around_heading) else within


def _articles(within: Element, around_heading: Collection[Element]) -> Iterator[Element]:
    """Yield the outermost articles outside the comments; a comment is often marked as an article too."""
    walker = etree.iterwalk(within, events=("start",))
    for _, element in walker:
        if element is not within and element.tag == "article":
            yield element
            walker.skip_subtree()
        elif element not in around_heading and _part(element) == COMMENTS:
            walker.skip_subtree()


def _part(element: Element) -> str:
    """Return the part of the page that begins with this element; ``CONTENT`` when none does."""
    role = _ROLES.get(element.get("role", ""))
    if element.tag in _LANDMARKS or role:
        return role or _LANDMARKS[str(element.tag)]
    if element.get("itemtype", "").rstrip("/").endswith("/Comment"):
        return COMMENTS
    if element.tag == "img" and _GRAVATAR.match(element.get("src", "")):
        return AVATAR
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return CONTENT if names == " " else _part_by_name(names[:_LONGEST_NAMES])


@lru_cache(maxsize=4_096)
def _part_by_name(names: str) -> str:
    said = [name for name in names.split() if not _SAYS_WHETHER.match(name)]
    return next((part for pattern, part in _WORDS if any(map(pattern.search, said))), CONTENT)


def _holds_text(element: Element) -> bool:
    named = not _BODY_TEXT.isdisjoint(element.get("class", "").split())
    return named or "articleBody" in element.get("itemprop", "").split()
