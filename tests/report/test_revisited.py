"""What a second visit found, as it is printed, shown in a notebook and written as a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from origin import NOON
from test_render import HOSTILE

from osint.collecting.comparison import Changed, Comparison, Field, Listed
from osint.collecting.difference import Line, text_difference
from osint.collecting.outcome import MEANINGS, Outcome
from osint.collecting.revisiting import Visit
from osint.errors import ExportError
from osint.report.revisited import Revisited


def found(comparison=None, outcome=Outcome.EDITED, exhibit="E0002", reason="1 edited"):
    visit = Visit(
        earlier="E0001", captured=NOON, address="https://a.example/" + HOSTILE, exhibit=exhibit, visited=NOON,
        outcome=outcome, reason=reason, comparison=comparison, run="run-7", entries=(7, 9),
    )  # fmt: skip
    return Revisited(visit=visit)


def hostile():
    changed = Changed(
        what="edited", id=HOSTILE, url=HOSTILE, fields=(Field("author_name", "Jane", HOSTILE),),
        text=text_difference("Jane was here.", f"Jane was here. {HOSTILE}"),
    )  # fmt: skip
    return Comparison(
        same=False, basis="1 edited", records=(changed,), text=text_difference("", HOSTILE),
        links=(Listed("new", "https://a.example/" + HOSTILE),), media=(Listed("other bytes", HOSTILE, "a" * 64, "b" * 64),),
        notes=("The page is long.",),
    )  # fmt: skip


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_says_what_it_means_and_what_it_rests_on(outcome):
    """
    The word alone would be read as more than it says.
    """
    shown = str(found(outcome=outcome, reason="on this basis"))

    assert f"outcome: {outcome}" in shown
    assert MEANINGS[outcome] in shown
    assert "basis: on this basis" in shown


def test_the_outcomes_are_documented_in_the_words_of_the_program():
    """
    Page and program say the same.
    """
    page = (Path(__file__).parents[2] / "docs" / "detective.md").read_text(encoding="utf-8")
    section = page.partition("## Looking again")[2].partition("\n## ")[0]

    assert dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE)) == {
        str(outcome): meaning for outcome, meaning in MEANINGS.items()
    }


def test_hostile_text_is_shown_in_all_forms_and_runs_in_none(tmp_path):
    """
    A difference quotes two captures: their marks, escapes and direction marks are text.
    """
    shown = found(hostile())
    bundle = shown._repr_mimebundle_()
    page = shown.save(tmp_path / "page.html").read_text(encoding="utf-8")

    for markup in (bundle["text/html"], page.partition("<body>")[2]):
        soup = BeautifulSoup(markup, "html.parser")
        assert not soup.find_all(["script", "img", "a", "iframe", "style"])
        assert not [name for each in soup.find_all(True) for name in each.attrs if name != "style"]
        assert "\u202e" not in markup
        assert "⟨U+202E⟩" in markup
    assert "default-src 'none'" in page
    assert str(shown) == bundle["text/plain"]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b]", str(shown))


def test_what_went_and_came_is_marked_in_words_and_in_colour():
    """
    An untrusted notebook and a printer drop colours; the marks stay.
    """
    changed = Changed(what="edited", id="x:1", url=None, text=text_difference("the east pier", "the west pier"))
    bundle = found(Comparison(same=False, basis="", records=(changed,)))._repr_mimebundle_()

    assert "- the [-east-] pier\n+ the {+west+} pier" in bundle["text/plain"]
    soup = BeautifulSoup(bundle["text/html"], "html.parser")
    coloured = {each.text: [word.text for word in each.find_all("b")] for each in soup.find_all(style=re.compile("#"))}
    assert coloured == {"- the [-east-] pier": ["[-east-]"], "+ the {+west+} pier": ["{+west+}"]}


def test_long_differences_are_cut_with_a_number_and_the_page_has_more(tmp_path):
    """
    A notebook shows the beginning and says how much more there is.
    """
    lines = tuple(Line("+", ((f"line {number}", False),)) for number in range(500))
    wide = Line("+", (("x" * 10_000, False),))
    links = tuple(Listed("new", f"https://a.example/{number}") for number in range(150))
    records = tuple(Changed(what="new", id=f"x:{number}", url=None) for number in range(40))
    shown = found(Comparison(same=False, basis="", records=records, text=(wide, *lines), links=links))
    page = shown.save(tmp_path / "page.html").read_text(encoding="utf-8")

    assert "… 441 more lines" in str(shown)
    assert "(8,002 characters more)" in str(shown)
    assert "(8,000 characters more)" in shown._repr_mimebundle_()["text/html"]
    assert "and 130 more" in str(shown)
    assert "20 more posts differ" in str(shown)
    assert len(str(shown)) < 10_000
    assert "line 499" in page
    assert "https://a.example/149" in page
    assert "x:39" in page


def test_a_visit_without_an_answer_says_so(tmp_path):
    """
    There is no exhibit to name, and nothing to compare.
    """
    shown = found(outcome=Outcome.FAILED, exhibit=None, reason="no connection could be made")

    assert "now: no exhibit, 2026-06-01T12:00:00Z" in str(shown)
    assert shown.save(tmp_path / "page.html").is_file()


def test_a_page_that_cannot_be_written_is_an_error(tmp_path):
    """
    The case is not affected, and the message says so.
    """
    (tmp_path / "file").write_text("x")

    with pytest.raises(ExportError):
        found().save(tmp_path / "file" / "page.html")
