"""HTML to text and links."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.collectors.text import absolute, base_of, html_to_text, links_in, parse_html, text_of, without_floods


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("a &amp; b", "a & b"),
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("<p>a\n   b</p>", "a b"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("a <b> b</b>", "a b"),
        ("a<script>x()</script><style>y</style>b", "ab"),
        ("<!-- hidden -->seen", "seen"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ("", ""),
        ("<", "<"),
        ("&#xD800;\ud800\x00", "\ufffd\ufffd\ufffd"),
    ],
)
def test_html_becomes_what_a_reader_sees(markup, text):
    """Blocks and br end lines, white space folds, script, style and comments are not shown."""
    assert text == html_to_text(markup)


def test_text_after_deep_nesting_is_not_lost():
    """libxml2 drops the rest of a document at 256 elements unless told otherwise."""
    assert html_to_text("<b>" * 1_000 + "deep" + "</b>" * 1_000 + " after") == "deep after"


def test_links_are_absolute_each_once_and_in_order():
    """Relative addresses start from the page; other schemes and unwanted classes are left out."""
    markup = (
        '<a href="/a">1</a><a href="/a">2</a><a href="mailto:x@y">3</a>'
        '<a class="u mention" href="/b">4</a><a href="c">5</a>'
    )

    assert links_in(markup, "https://h.example/x/y", classes_left_out=["mention"]) == (
        "https://h.example/a",
        "https://h.example/x/c",
    )


@given(st.text())
def test_no_text_breaks_the_conversion(markup):
    """Any text converts, into something that can be stored."""
    html_to_text(markup).encode()
    "".join(links_in(markup, "https://h.example/")).encode()


@pytest.mark.parametrize("target", ["javascript:x()", "data:,x", "http://[::1", "", None, 5, "file:///etc/passwd"])
def test_what_is_no_web_address_is_none(target):
    """Only http and https addresses with a host pass."""
    assert absolute("https://h.example/", target) is None


def test_text_of_an_element_ends_with_the_element():
    """What stands behind it is the text of its parent."""
    tree = parse_html("<p>before <b>in<i>side</i></b> behind</p>")

    assert text_of(next(tree.iter("b"))) == "inside"


@pytest.mark.parametrize(
    ("head", "base"),
    [
        ("", "https://h.example/x/y"),
        ("<base target=_top>", "https://h.example/x/y"),
        ("<base href=/z/><base href=/w/>", "https://h.example/z/"),
        ("<base href=javascript:x()>", "https://h.example/x/y"),
    ],
)
def test_relative_links_start_where_the_page_says(head, base):
    """The first base with an address counts, and only a web address is one."""
    assert base_of(parse_html(f"<head>{head}</head><p>x</p>"), "https://h.example/x/y") == base


@pytest.mark.parametrize(
    "tag",
    [
        "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">",
        "<p " + "".join(f'a{n}=">"' for n in range(100_000)) + ">",
        "<p/" + "/".join(f"a{n}" for n in range(100_000)) + ">",
        "<p " + " ".join(f"a{n}=1" for n in range(100_000)),
    ],
    ids=["spaces", "quoted ends", "slashes", "no end"],
)
def test_a_tag_with_a_flood_of_attributes_is_read_without_them(tag):
    """libxml2 would take minutes over it."""
    markup, floods = without_floods(f"<i>a</i>{tag}")

    assert (markup, floods) == ("<i>a</i><p" + ("" if tag[-1] != ">" else ">"), 1)
    assert html_to_text(f"<i>a</i>{tag}") == "a"


@pytest.mark.parametrize(
    "markup",
    [
        "<img src='data:image/png;base64," + "A" * 500_000 + "='>",
        '<path d="' + "M 1 1 " * 50_000 + '">',
        "<p>" + "a < b and b = c " * 50_000,
        "<p a=1>" * 20_000,
    ],
    ids=["picture in the page", "drawing in the page", "text", "many tags"],
)
def test_a_long_value_is_no_flood(markup):
    """Long values and long texts are left alone."""
    assert without_floods(markup) == (markup, 0)
