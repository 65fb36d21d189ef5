"""A conversation: answers under what they answer, and what is not there."""

import pytest
from rows_of_posts import post, table

from osint.errors import CaseError
from osint.views.thread import thread


def answer(number, to, **said):
    return post(number, in_reply_to=f"mastodon:{to}", **said)


def shape(listing):
    return [(row["depth"], row["id"]) for row in listing.rows]


def test_answers_stand_under_what_they_answer_the_earlier_first():
    """Depth by depth; a post that nobody answers is no conversation."""
    listing = thread(table(answer(3, 1), post(0), answer(2, 1), answer(1, 0), post(9)))

    expected = [(0, "mastodon:0"), (1, "mastodon:1"), (2, "mastodon:2"), (2, "mastodon:3")]
    assert expected == shape(listing)
    assert "4 posts in 1 conversation" in listing.caption


def test_a_post_that_is_missing_is_said_to_be_so():
    """It stands above its answers by its id."""
    listing = thread(table(answer(1, 7), answer(2, 7)))

    assert shape(listing) == [(0, "mastodon:7"), (1, "mastodon:1"), (1, "mastodon:2")]
    assert listing.rows[0]["marked"] == ["missing"]
    assert "mastodon:7 is not in the table" in listing.rows[0]["content"]


def test_what_a_later_visit_found_is_marked():
    """Beside what the source itself says."""
    posts = table(post(0, exhibits=["E0001", "E0002"], versions=2), answer(1, 0, exhibits=["E0003"]))
    marked = [row["marked"] for row in thread(posts, fates={"E0002": ["gone when visited again"]}).rows]

    assert marked == [["edited: 2 versions", "gone when visited again"], []]


@pytest.mark.parametrize("named", ["mastodon:2", "https://social.example/2"], ids=["id", "address"])
def test_one_conversation_is_named_by_any_of_its_posts(named):
    """Its id or its address."""
    posts = table(post(0), answer(1, 0), answer(2, 1), post(5), answer(6, 5))

    assert shape(thread(posts, named)) == [(0, "mastodon:0"), (1, "mastodon:1"), (2, "mastodon:2")]
    with pytest.raises(CaseError, match="holds no post"):
        thread(posts, "mastodon:404")


def test_posts_that_answer_each_other_in_a_ring_are_each_shown_once():
    """What a hostile source may state ends."""
    listing = thread(table(answer(0, 2), answer(1, 0), answer(2, 1), answer(3, 3), answer(4, 1)))

    assert sorted(row["id"] for row in listing.rows) == ["mastodon:0", "mastodon:1", "mastodon:2", "mastodon:4"]


def test_a_conversation_of_more_answers_than_calls_may_nest_in_a_row_is_shown():
    """Python nests a thousand."""
    assert len(thread(table(post(0), *(answer(number, number - 1) for number in range(1, 1100)))).rows) == 1100
