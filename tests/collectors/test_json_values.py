"""What a value of JSON is taken for: text, a count, an id; whatever else stands there counts as nothing."""

from __future__ import annotations

import pytest

from osint.collectors.json_values import count, count_in, native, native_in, object_in, objects, text, text_in


@pytest.mark.parametrize(
    ("value", "number", "as_written"),
    [
        (5, 5, 5), (0, 0, 0), ("5", 5, None), (True, None, None), (-1, None, None), (5.0, None, None), ("-5", None, None),
        ("²", None, None), ("", None, None), (10**18, None, None), ("9" * 19, None, None), ([5], None, None),
    ],
)  # fmt: skip
def test_a_count_is_a_whole_number_that_a_table_holds(value, number, as_written):
    """Files write numbers as text, interfaces do not; true and false are no numbers."""
    assert (count(value), count_in(value)) == (number, as_written)


@pytest.mark.parametrize(
    ("value", "said", "as_sent"),
    [("a", "a", "a"), (" ", None, " "), ("", None, None), (5, None, None), (None, None, None)],
)
def test_text_says_something(value, said, as_sent):
    """White space alone says nothing; where it has to stand as it was sent, it does."""
    assert (text(value), text_in(value)) == (said, as_sent)


def test_text_as_it_was_sent_is_what_every_store_holds():
    """A NUL and half of a surrogate pair stand in no table."""
    assert text_in("a\0b\ud800") == "a\ufffdb\ufffd"


@pytest.mark.parametrize(
    ("value", "identifier"),
    [(7, "7"), ("7", "7"), (" a ", "a"), (True, None), (-7, None), (10**20, None), (" ", None), ([], None)],
)
def test_an_id_is_text(value, identifier):
    """A number becomes text; what is no id of any platform is none."""
    assert native(value) == identifier


def test_an_id_as_it_was_sent_keeps_its_spaces():
    """True is no id either."""
    assert [native_in(each) for each in (7, " a ", True, None)] == ["7", " a ", None, None]


def test_what_is_no_object_is_an_empty_one():
    """And of a list only its objects count."""
    assert (object_in({"a": 1}), object_in([]), objects([{}, 1, None]), objects({"a": {}})) == ({"a": 1}, {}, [{}], [])
