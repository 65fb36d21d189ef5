"""Reddit: nothing is asked, and what somebody saved is read with its holes."""

from __future__ import annotations

import json

import pytest
from recorded import Memory, ask, make_capture
from test_collectors import captured

from osint.activity import ParseWarning, Post
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


def told(body, url="https://www.reddit.com/user/JaneEx", media_type="application/json"):
    """The posts and the words of the warnings of a file."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = reddit.parse(make_capture(body, url, media_type=media_type))
    warned = [record.what for record in found if isinstance(record, ParseWarning)]
    return [record for record in found if isinstance(record, Post)], warned


def listing(**more):
    data = {"id": "a1", "author": "JaneEx", "title": "Cats &amp; dogs", "created_utc": 1777629600.0,
            "permalink": "/r/westmere/comments/a1/cats/", **more}  # fmt: skip
    return {"kind": "Listing", "data": {"after": None, "children": [{"kind": "t3", "data": data}]}}


@pytest.mark.parametrize(
    ("more", "links"),
    [
        ({"url": "https://news.example/a?b=1&amp;c=2"}, ("https://news.example/a?b=1&c=2",)),
        ({"url": "https://www.reddit.com/r/westmere/comments/a1/cats/"}, ()),
        ({"url": "https://i.redd.it/a.jpg"}, ()),
        ({"url": "/r/other/comments/b2/x/"}, ("https://www.reddit.com/r/other/comments/b2/x/",)),
    ],
)
def test_a_post_that_is_a_link_leads_where_it_leads(more, links):
    """One of words has its own address there, one of pictures the picture. Titles are spelt with entities, too."""
    [post], _ = told(listing(**more))

    assert (post.links, post.content) == (links, "Cats & dogs")


@pytest.mark.parametrize("written", [1777629600000, "1777629600"])
def test_a_time_that_reddit_does_not_write_like_that_stays_as_it_was_written(written):
    """It is no instant, and it is not called "no date"."""
    [post], [warned] = told(listing(created_utc=written, edited=True))

    assert (post.published, post.published_raw, post.extra["edited"]) == (None, str(written), True)
    assert str(written) in warned


def test_nobody_named_is_missing_and_not_nobody():
    """Only [deleted] says that there was somebody."""
    [post], _ = told(listing(author=None))

    assert (post.type, post.absent["attributed_to"]) == ("Article", "missing")


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ({"kind": "Listing", "data": {"children": None}}, "holds no list"),
        (listing(replies=[1]), "no answers"),
        ({"kind": "Listing", "data": {"children": [{"kind": "more", "data": {"children": ["a", "b"]}}]}}, "folds 2"),
    ],
)
def test_what_should_hold_answers_and_does_not_is_named(value, what):
    """Never an empty list in silence."""
    assert any(what in warned for warned in told(value)[1])


def test_a_page_that_counts_more_comments_than_it_shows_says_so():
    """The others load by script."""
    page = captured("reddit", "page")
    posts, warned = told(page.body.replace(b'comment-count="2"', b'comment-count="40"'), page.url, "text/html")

    assert len(posts) == 3
    assert "The page counts 40 comments and shows 3." in warned


HEAD = b"id,permalink,date,ip,subreddit,gildings,link,parent,body,media\n"
THREAD = b"https://www.reddit.com/r/w/comments/w1abc/s/"
ROW = b"c1," + THREAD + b"c1/,2026-05-01 11:00:00 UTC,,w,0," + THREAD + b",%s,I did.,\n"


@pytest.mark.parametrize(("parent", "answered"), [(b"", "t3_w1abc"), (b"c0", "t1_c0"), (b"t1_c0", "t1_c0")])
def test_a_comment_of_a_data_request_answers_a_comment_or_else_the_post(parent, answered):
    """The table names the post by its address; it is read whatever type it was handed in with."""
    [comment], warned = told(HEAD + ROW % parent, media_type="text/plain")

    assert (comment.in_reply_to, comment.thread_root) == (f"reddit:{answered}", "reddit:t3_w1abc")
    assert warned == []


def test_a_data_request_without_a_declared_account_says_that_nobody_is_named():
    """The table names no author."""
    [comment], warned = told(HEAD + ROW % b"", "", "text/csv")

    assert (comment.attributed_to, comment.absent) == (None, {"attributed_to": "missing"})
    assert "names no author" in warned[0]


def test_a_comment_whose_link_is_no_address_stands_in_no_thread():
    """A bracket that is not closed makes an address that nothing can take apart."""
    [comment], _ = told(HEAD + (ROW % b"").replace(THREAD + b",", b"https://[[www.reddit.com/,"), media_type="text/csv")

    assert (comment.native_id, comment.thread_root) == ("t1_c1", None)
