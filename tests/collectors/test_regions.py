"""Which part of a page an element stands in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.collectors.regions import COMMENTS, lay_out
from osint.collectors.text import parse_html, text_of


def laid_out(body):
    return lay_out(parse_html(f"<html><head><title>t</title></head><body>{body}</body></html>"))


@pytest.mark.parametrize(
    ("body", "main"),
    [
        ("<p>a</p>", "body"),
        ("<article id=a>x</article>", "a"),
        ("<main id=m><p>x</p></main>", "m"),
        ("<div id=m role=main><p>x</p></div>", "m"),
        ("<main id=m><article id=a><h1>x</h1></article></main>", "a"),
        ("<main id=m><h1>x</h1><article id=a>y</article></main>", "m"),
        ("<main id=m><article id=a>x</article><article id=b>y</article></main>", "m"),
        ("<article id=a>x</article><article id=b><h1>y</h1></article>", "b"),
        ("<header><h1>Site</h1></header><article id=a>x</article>", "a"),
        ("<main id=m><p>x</p><ol class=comments><article id=c>y</article></ol></main>", "m"),
        ("<article id=a><h1>x</h1><article id=c class=comment>y</article></article>", "a"),
        ("<main id=m>x</main><article id=a>beside</article>", "m"),
    ],
)
def test_the_content_of_a_page_is_the_article_with_its_heading_or_what_is_marked_as_main(body, main):
    """A list of articles is no article, a comment marked as one is none, and what stands outside main is beside it."""
    found = laid_out(body).main

    assert main == (found.get("id") or found.tag)


@pytest.mark.parametrize(
    "name", ["no-comments", "has-sidebar", "with-avatar", "commentary", "footnotes", "avatars-off"]
)
def test_a_name_that_only_sounds_alike_is_content(name):
    """Names are read word by word, and those that say whether something is there are not where it is."""
    assert dict(laid_out(f"<div id=x class={name}>y</div>").roots) == {}


def test_what_is_inside_a_part_belongs_to_it_whatever_its_own_name():
    """The outermost part counts: an avatar in a comment is part of the comments."""
    layout = laid_out("<div class=comments><img class=avatar><footer><p>x</p></footer></div><p>y</p>")

    assert [part for element, part in layout.placed if element.tag in ("img", "footer")] == [COMMENTS] * 2
    assert list(layout.roots.values()) == [COMMENTS]
    assert [part for element, part in layout.placed if element.tag == "p"] == [COMMENTS, ""]


def test_a_copy_without_surroundings_leaves_the_page_as_it_is():
    """The exhibit's own elements keep what is taken out of the copy, and the text behind a part stays."""
    layout = laid_out("<p>a</p><div class=comments>b</div>c")

    assert text_of(layout.without_surroundings(layout.main)).split() == ["a", "c"]
    assert text_of(layout.main).split() == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<div class=entry-content>x</div>", "x"),
        ("<div itemprop=articleBody>x<p class=entry-content>y</p></div>", "x\ny"),
        ("<div class=entry-content>x</div><div class=entry-content>y</div>", None),
        ("<div class=comments><div class=entry-content>x</div></div>", None),
        ("<p>x</p>", None),
    ],
)
def test_the_text_is_where_one_name_says_so(body, text):
    """Of several, as a list of posts has them, none is the text of the page."""
    found = laid_out(body).text_element()

    assert text == (None if found is None else text_of(found))


PIECES = st.sampled_from(
    ["<article>", "</article>", "<main>", "<div class=comments>", "</div>", "<h1>", "</h1>", "<footer>", "x", "<nav>"]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_every_element_stands_in_one_part(body):
    """However marks are nested, each element is placed once, in order, and the content is never left out."""
    layout = laid_out(body)

    root = layout.main.getroottree().getroot()
    assert [element for element, _ in layout.placed] == list(root.iter())
    assert layout.main not in layout.roots
    assert not set(layout.main.iterancestors()) & set(layout.roots)
