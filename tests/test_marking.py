"""Marks: an entry each, the newest stands, nothing is lost by saying something else, and tables are filtered by them."""

from __future__ import annotations

import json

import pytest
from origin import http

from osint.errors import AuthorizationError, CaseError, LedgerError, QueryError
from osint.reading import CaseToRead

FEED = b"""<rss version="2.0"><channel><title>t</title>
<item><guid>1</guid><title>red car</title><link>https://a.example/1</link><description>a red car at the river</description></item>
<item><guid>2</guid><title>blue car</title><link>https://a.example/2</link><description>a blue car at the river</description></item>
</channel></rss>"""
PAGE = http(b"<html><body>words enough to be a page, a car seen at the river</body></html>", "Content-Type: text/html")


@pytest.fixture
def case(open_case, origin):
    """A case with a feed of two posts, and a page."""
    case = open_case(expires="2099-12-31")
    case.collect("feed", url=origin.serve("/feed", http(FEED, "Content-Type: application/rss+xml")))
    case.collect("webpage", url=origin.serve("/page", PAGE))
    return case


def exhibit_of(case, text):
    posts = case.posts()
    return posts[posts["content"].str.contains(text)].iloc[0]


def last(case):
    return tuple(case.ledger.iloc[-1][["action", "outcome"]])


def test_a_mark_is_an_entry_and_the_newest_one_stands_with_all_that_it_leaves_unsaid(case):
    """An added tag takes neither the relevance nor "exculpatory" away."""
    case.mark("E0001", tags=["car"], relevance="key", exculpatory=True)
    entry = case.mark("E0001", tags=["car", "river"])

    (mark,) = case.marks().to_dict("records")
    assert (mark["entry"], mark["tags"], mark["relevance"], mark["exculpatory"], mark["marks"]) == (
        entry, ["car", "river"], "key", True, 2,
    )  # fmt: skip
    assert case.marks(history=True)["tags"].tolist() == [["car"], ["car", "river"]]
    assert last(case) == ("annotate", "done")
    assert case.notes().empty
    assert case.verify()


def test_what_is_marked_stands_in_no_clear_field_of_the_ledger(case):
    """Tags and remarks can name people, so they are erasable values."""
    case.mark("E0001", tags=["Jane Example"], note="Jane Example told so")

    assert "Jane" not in json.dumps(list(case._ledger.entries())[-2].payload)


def test_exculpatory_is_taken_back_with_a_reason_only(case):
    """Nobody loses what may speak for a person by a slip."""
    case.mark("E0001", exculpatory=True)

    with pytest.raises(CaseError, match="says why"):
        case.mark("E0001", exculpatory=False)
    assert case.marks()["exculpatory"].tolist() == [True]
    case.mark("E0001", exculpatory=False, note="the clock of the camera was wrong, see E0002")
    assert case.marks()["exculpatory"].tolist() == [False]


@pytest.mark.parametrize(
    "said",
    [{}, {"tags": [""]}, {"tags": ["any"]}, {"tags": ["x" * 61]}, {"relevance": "very"}],
    ids=["nothing", "empty tag", "word of the filter", "long tag", "strange relevance"],
)
def test_a_mark_that_nobody_can_filter_by_is_refused(case, said):
    """And nothing is logged of it."""
    entries = len(case.ledger)

    with pytest.raises(CaseError):
        case.mark("E0001", **said)
    assert len(case.ledger) == entries


def test_a_tag_that_labels_a_person_is_refused_in_the_ledger(case):
    """Acts are stated, never membership; a tag is no way round that rule."""
    with pytest.raises(AuthorizationError, match="label"):
        case.mark("E0001", tags=["gang member"])
    assert last(case) == ("annotate", "refused")


def test_an_exhibit_that_is_not_there_is_not_marked(case):
    """Nor by a case that is only read."""
    with pytest.raises(CaseError, match="E0099"):
        case.mark("E0099", tags=["car"])
    with CaseToRead(case.folder) as read, pytest.raises(LedgerError):
        read.mark("E0001", tags=["car"])


def test_tables_and_search_show_what_bears_a_mark_and_nothing_else(case):
    """A mark on one post holds for that post; one on an exhibit for all in it."""
    red, page = exhibit_of(case, "red"), exhibit_of(case, "words enough")
    case.mark(red["exhibit"], post=red["id"], tags=["car"])
    case.mark(page["exhibit"], relevance="key")

    assert case.posts(marked="car")["id"].tolist() == [red["id"]]
    assert set(case.posts(marked="any")["id"]) == {red["id"], page["id"]}
    assert "blue" in " ".join(case.posts(marked="none")["content"])
    assert len(case.posts(marked="none")) == 1
    found = case.search("car", marked="any")
    assert set(found["id"]) == {red["id"], page["id"]}
    assert found.attrs["hits"] == 2
    assert len(case.search("car", marked="any", limit=1)) == 1
    assert case.search("car")["kind"].value_counts().to_dict() == {"post": 2, "mark": 1, "page": 1}
    assert case.media(marked="none").empty


def test_a_word_that_nothing_is_marked_with_is_an_error_that_names_those_there_are(case):
    """An empty table would look like a finding."""
    case.mark("E0001", tags=["car"])

    with pytest.raises(QueryError, match="car"):
        case.posts(marked="cra")


def test_marks_on_what_is_locked_are_left_out_and_named(case):
    """They may say what the exhibit says."""
    case.mark("E0001", tags=["car"])
    case.stop_sensitive("E0001")

    assert case.marks().empty
    assert case.marks().attrs["locked"] == ["E0001"]
    with pytest.raises(AuthorizationError):
        case.mark("E0001", tags=["river"])


def test_report_and_hand_over_count_what_is_marked_as_exculpatory(case, tmp_path):
    """Whoever receives the case does not have to look for it."""
    assert "Marks" not in case.report().read_text(encoding="utf-8")
    case.mark("E0002", exculpatory=True, note="seen elsewhere at that hour <b>")
    case.mark("E0001", tags=["car"])

    page = case.report().read_text(encoding="utf-8")
    assert "Marked as exculpatory: 1: E0002" in page
    assert "seen elsewhere at that hour &lt;b&gt;" in page
    package = case.export(tmp_path / "out")
    assert package.exculpatory == ("E0002",)
    assert "Marked as exculpatory: 1 (E0002)" in str(package)
    assert "seen elsewhere" in (tmp_path / "out" / "data" / "tables" / "marks.csv").read_text(encoding="utf-8")


def test_a_post_that_the_exhibit_does_not_show_is_not_marked(case):
    """A mark on nothing would filter nothing."""
    with pytest.raises(CaseError, match="no post that E0001 shows"):
        case.mark("E0001", post=exhibit_of(case, "words enough")["id"], tags=["car"])
