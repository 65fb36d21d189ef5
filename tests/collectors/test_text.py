"""HTML to text and links."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.collectors.text import absolute, html_to_text, links_in


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
