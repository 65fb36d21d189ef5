"""Tables on a page: words are read in one piece, hashes and addresses give way."""

from __future__ import annotations

import pytest

from osint import render
from osint.report.page import page, table


@pytest.mark.parametrize("short", ["2026-05-03T12:00:00.123Z", "refused", "J. Smit, badge 4471", 58])
def test_a_short_cell_stays_on_one_line(short):
    """
    A time or a word is not broken over several lines for the sake of a long neighbour.
    """
    assert f'<td style="white-space:nowrap">{short}</td>' in table([(short, "a" * 64)])


def test_only_what_has_no_spaces_is_broken_anywhere():
    """
    A hash or an address is, so that it cannot push the table off the page; a sentence is not.
    """
    sentence = "It is read as a sentence and broken between words only."

    markup = table([("a" * 64, sentence)])

    assert markup.count("overflow-wrap:anywhere") == 1
    assert f'<td style="min-width:12em">{sentence}</td>' in markup
    assert b"td { overflow-wrap" not in page("t", markup)


def test_a_hostile_cell_is_text():
    """
    A cell or a heading that is markup stays text.
    """
    markup = table([("<script>alert(1)</script>\u202e",)], ('"><img src=x>',))

    assert "<script" not in markup
    assert "<img" not in markup
    assert "\u202e" not in markup


def test_a_verdict_has_a_paragraph_for_each_line():
    """
    What is not covered does not run into what is.
    """
    assert render.paragraphs("Verified: 3 entries\n  not covered: a tail") == (
        "<p>Verified: 3 entries</p><p>  not covered: a tail</p>"
    )
