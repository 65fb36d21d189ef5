"""The part of the original that shows what was found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint import render
from osint.posts.excerpt import WIDTH, excerpt
from osint.posts.search_query import phrases, read_query


def shown(text, query, **fields):
    field, part, marks = excerpt({"content": text, **fields}, phrases(read_query(query)))
    return field, [part[start:end] for start, end in marks], part


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Die Straße, die STRASSE", "strasse", ["Straße", "STRASSE"]),
        ("كَتَبَ مُحَمَّدٌ اليوم", "محمد", ["مُحَمَّدٌ"]),
        ("我们在世界见面，世外", "世界", ["世界"]),
        ("at the old bridge, old boat, bridge", '"old bridge"', ["old bridge"]),
        ("Meeting, meet, met", "meet*", ["Meeting", "meet"]),
        ("old bridges and bridge", '"old bri"*', ["old bridges"]),
        ("plums and leeks", "plums NOT leeks", ["plums"]),
        ("one 👍🏽 two", "👍", ["👍🏽"]),
        ("a b a", "a b", ["a", "b", "a"]),
    ],
    ids=["German", "Arabic", "Chinese", "phrase", "beginning", "end of phrase", "NOT", "emoji", "two words"],
)
def test_what_was_found_is_marked_in_the_original(text, query, marked):
    assert shown(text, query) == ("content", marked, text)


def test_the_field_with_most_of_it_is_shown():
    field, marked, _ = shown("plums", "plums leeks", title="leeks with plums")

    assert (field, marked) == ("title", ["leeks", "plums"])


def test_a_long_text_is_cut_between_words_around_what_was_found():
    text = "fog " * 200 + "the old\nbridge " + "quay " * 200

    _, marked, part = shown(text, "bridge")

    assert marked == ["bridge"]
    assert part.startswith("…fog ")
    assert "old bridge" in part
    assert part.endswith(" quay…")
    assert len(part) <= WIDTH + 2


@given(st.text(max_size=400), st.sampled_from(["a", "b*", "世", "é"]))
def test_marks_lie_in_the_excerpt_apart_and_in_order(text, query):
    """For any text, found in or not; what is printed of it is the excerpt with nothing lost."""
    _, part, marks = excerpt({"content": text}, phrases(read_query(query)))

    ends = [0, *(place for mark in marks for place in mark), len(part)]
    assert ends == sorted(ends)
    assert len(part) <= WIDTH + 2
    assert str(render.Marked(part, marks)).replace("⟦", "").replace("⟧", "") == part.replace("⟦", "").replace("⟧", "")


def test_what_is_marked_is_escaped_in_pieces():
    cell = render.Marked("<b>x</b>\u202e&", ((0, 3), (4, 9)))

    assert render.table([[cell]]).count("<b>") == 2
    assert cell.markup() == "<b>&lt;b&gt;</b>x<b>&lt;/b&gt;⟨U+202E⟩</b>&amp;"
