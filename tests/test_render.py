"""The one way from text to HTML."""

from __future__ import annotations

import html
import re

import pandas as pd
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from osint import render

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202egpj.exe\u200b\x1b[2J\"'&"


@given(st.text())
def test_no_text_becomes_markup(text):
    """
    Whatever the text, the HTML holds exactly the elements that the function made.
    """
    soup = BeautifulSoup(render.table([(text, HOSTILE)], (text,)), "html.parser")

    assert {"table", "thead", "tbody", "tr", "th", "td"} == {element.name for element in soup.find_all(True)}
    assert {"style"} == {name for element in soup.find_all(True) for name in element.attrs}


def test_an_instant_stands_in_one_line_and_what_looks_like_one_does_not():
    """
    A browser breaks a date at its hyphens where a column is narrow; a captured text gets no line of its own length.
    """
    wide = ["2026-05-01T09:05:12.404Z", "2026-06-01 05:00:00 -05:00 CDT"]
    others = ["2026-05-01", "2026-05-01T09:05" + "a" * 40, "2026-05-01T09:05Z words of a post that go on"]
    cells = BeautifulSoup(render.table([wide, others]), "html.parser").find_all("td")

    assert [cell.text for cell in cells if "nowrap" in cell["style"]] == wide


def test_what_hides_or_reorders_text_is_shown():
    """
    A bidirectional override, a zero-width space and a terminal escape are spelt out.
    """
    shown = render.escape(HOSTILE)

    assert all(code in shown for code in ("⟨U+202E⟩", "⟨U+200B⟩", "⟨U+001B⟩"))
    assert html.unescape(shown).startswith("<script>")
    assert "<" not in shown.replace("&lt;", "")


@given(st.text())
def test_visible_text_holds_nothing_that_hides(text):
    """
    And it stays as it is when shown twice.
    """
    shown = render.visible(text)

    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", shown)
    assert shown == render.visible(shown)


def test_a_picture_carries_its_own_bytes():
    """
    No request is made for it, and its description is escaped.
    """
    markup = render.image(b"<svg/>", "image/svg+xml", '"><script>')

    assert markup.startswith('<img alt="&quot;&gt;&lt;script&gt;" src="data:image/svg+xml;base64,PHN2Zy8+"')


def test_columns_line_up_for_wide_characters():
    """
    A terminal shows Chinese two cells wide.
    """
    assert render.columns([("a   ".strip(), "b"), ("\u6587\u5b57", "c")]) == "a     b\n\u6587\u5b57  c"


def test_every_way_to_hide_text_is_known():
    """
    Fillers, joiners, selectors, tags, surrogates and what XML forbids.
    """
    for (
        hidden
    ) in "\u00ad\u034f\u061c\u115f\u180e\u200b\u2028\u202e\u2060\u3164\uffa0\ufeff\ufffe\ud800\U000e0001\U000e0100":
        assert render.visible(f"a{hidden}b") == f"a⟨U+{ord(hidden):04X}⟩b"


def test_headings_sections_and_lines_are_escaped():
    """
    Each function that makes markup escapes what it is given.
    """
    for markup in (
        render.heading(HOSTILE),
        render.section(HOSTILE),
        render.paragraph(HOSTILE),
        render.escape_lines(HOSTILE),
    ):
        assert "<script" not in markup
        assert "<img" not in markup


def test_a_styler_of_ours_holds_no_markup_of_the_table():
    """
    Cells, texts in lists, labels, names and levels; also after what pandas offers for its cells. Numbers stay numbers.
    """
    labels = pd.MultiIndex.from_tuples([(HOSTILE, "a"), ("b", HOSTILE)], names=[HOSTILE, None])
    frame = pd.DataFrame({HOSTILE: [HOSTILE, [HOSTILE]], "n": [1.25, 2.5], "d": [{HOSTILE: 1}, None]}, index=labels)
    frame.columns.name = HOSTILE
    for shown in (render.styler(frame), render.styler(frame).format(precision=1), render.styler(frame.T)):
        soup = BeautifulSoup(shown.to_html(), "html.parser")
        assert {element.name for element in soup.find_all(True)} <= {
            "style",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
        }
    assert "1.2" in render.styler(frame).format(precision=1).to_html()
    assert "<script>" in frame.style.to_html()  # why it is there


def test_a_summary_of_several_lines_begins_with_a_heading():
    """
    The first line is bold, the others are paragraphs, and all is escaped.
    """
    assert render.headed_bundle("<run-1>\na\nb") == {
        "text/plain": "<run-1>\na\nb",
        "text/html": "<p><b>&lt;run-1&gt;</b></p><p>a</p><p>b</p>",
    }
