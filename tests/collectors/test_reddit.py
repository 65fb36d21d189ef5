"""Reddit: nothing is asked, and what somebody saved is read with its holes."""

from __future__ import annotations

import pytest
from recorded import Memory, ask
from test_collectors import captured

from osint.activity import Post
from osint.collectors import reddit
from osint.errors import SourceClosedError
from osint.query import AccountQuery, ThreadQuery, UrlQuery


def posts(answer: str) -> list[Post]:
    return [record for record in reddit.parse(captured("reddit", answer)) if isinstance(record, Post)]


@pytest.mark.parametrize(
    "query",
    [
        AccountQuery(account="@JaneEx@reddit.com"),
        ThreadQuery(thread="https://www.reddit.com/r/westmere/comments/w1abc/seen/"),
        UrlQuery(url="https://www.reddit.com/r/westmere/"),
    ],
)
def test_reddit_is_not_asked_and_the_file_way_is_named(query):
    """It shows nothing to a program that is not approved."""
    get = Memory("reddit", {})
    with pytest.raises(SourceClosedError, match=r"Nothing was asked of Reddit.*posts\.csv"):
        ask(reddit, query, get)
    assert get.asked == []


def test_a_thread_keeps_its_order_of_answers():
    """Each comment names what it answers, and the post it belongs to."""
    post, first, removed, deleted, last = posts("thread")

    assert [each.in_reply_to for each in (post, first, removed, deleted, last)] == [
        None, "reddit:t3_w1abc", "reddit:t1_c1", "reddit:t1_c1", "reddit:t3_w1abc",
    ]  # fmt: skip
    assert {each.thread_root for each in (first, removed, deleted, last)} == {"reddit:t3_w1abc"}
    assert first.updated > first.published


def test_what_was_removed_and_what_was_deleted_stay_and_are_told_apart():
    """A moderator took away the words and the name stays; an author took away both."""
    _, _, removed, deleted, _ = posts("thread")

    assert (removed.type, removed.content, removed.author_handle) == ("Tombstone", None, "dawn_ex")
    assert (deleted.type, deleted.content, deleted.author_handle) == ("Tombstone", None, None)
    assert (removed.absent["content"], deleted.absent["attributed_to"]) == ("hidden", "hidden")
    assert "attributed_to" not in removed.absent


def test_pictures_of_an_album_are_named_with_their_own_addresses():
    """Entities in an address would lead elsewhere."""
    [post] = posts("album_and_crosspost")

    assert [each.url for each in post.attachment] == ["https://preview.redd.it/a.jpg?width=1&s=x"]


def test_comments_within_comments_are_read_once_each():
    """On a saved page they lie inside one another; a comment's text is its own."""
    post, comment, answer = posts("page")

    assert (comment.content, answer.in_reply_to, answer.type) == ("I did.", "reddit:t1_c1", "Tombstone")
    assert post.likes == 5
