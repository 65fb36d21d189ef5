"""What somebody types into a search."""

from __future__ import annotations

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.errors import QueryError
from osint.posts.search_query import phrases, read_query


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("bridge", '"bridge"'),
        ("old bridge", '("old" AND "bridge")'),
        ('"old bridge" OR quay', '("old bridge" OR "quay")'),
        ("“old bridge” „quay“", '("old bridge" AND "quay")'),
        ("brid*", '"brid" *'),
        ('"old bri"*', '"old bri" *'),
        ("a (b OR c) NOT d", '(("a" AND ("b" OR "c")) NOT "d")'),
        ("a OR b c", '("a" OR ("b" AND "c"))'),
        ("not or and", '("not" AND "or" AND "and")'),
        ("世界", '"世 界"'),
        ("@jane@social.example", '"jane social example"'),
        ("text:x ^y NEAR{z", '("text x" AND "y" AND "near z")'),
    ],
)
def test_words_phrases_beginnings_and_brackets(typed, asked):
    """In small letters operators are words, and what FTS5 would take for its own is a word too."""
    assert read_query(typed).expression() == asked


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "Nothing was asked for"),
        ("NOT a", "only said what should not be there"),
        ("a AND", "Nothing stands behind AND"),
        ("AND a", "AND joins"),
        ("a AND OR b", "Nothing stands behind AND"),
        ("a OR", "missing beside OR"),
        ("a NOT", "behind NOT"),
        ("(a", "not closed"),
        ("a)", "closed that was not opened"),
        ("()", "missing beside OR or in"),
        ('"a', "quotation mark is missing"),
        ("a ***", "no letter, digit or sign"),
        ('""', "no letter, digit or sign"),
        ("(" * 25 + "a" + ")" * 25, "deep"),
        ("a " * 101, "parts"),
        ("a" * 2001, "characters"),
    ],
    ids=lambda text: text[:12],
)
def test_what_cannot_be_meant_is_said_in_a_sentence(typed, why):
    with pytest.raises(QueryError, match=why):
        read_query(typed)


PIECES = ["a", "b*", '"x y"', "AND", "OR", "NOT", "(", ")", '"', "é", "*", "世", "NEAR", ":", "^", "{", "-", "+"]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join) | st.text(max_size=30))
def test_whatever_is_typed_the_index_can_read_what_it_is_asked(typed):
    """SQLite raises nothing, for any text: it is refused before, or becomes a query that FTS5 takes."""
    database = apsw.Connection(":memory:")
    database.execute("CREATE VIRTUAL TABLE words USING fts5(text, author, facets, tokenize = 'ascii')")
    try:
        asked = read_query(typed)
    except QueryError:
        return

    database.execute("SELECT * FROM words WHERE words MATCH ?", (f"{{text}} : {asked.expression()}",)).fetchall()

    assert phrases(asked)


def test_the_largest_query_is_one_that_the_index_takes():
    database = apsw.Connection(":memory:")
    database.execute("CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'ascii')")
    for typed in ("a " * 100, "a" + " OR a" * 49, "a" + " NOT b" * 49, "(" * 20 + "a" + ")" * 20):
        asked = read_query(typed).expression()
        assert database.execute("SELECT count(*) FROM words WHERE words MATCH ?", (f"{{text}} : {asked}",)).get == 0
