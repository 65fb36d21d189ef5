"""Tumblr: how a blog is counted, what a reblog passes on, and what is no empty blog."""

from __future__ import annotations

import pytest
from recorded import Changed, Memory, ask, expected
from test_collectors import captured

from osint.activity import Post
from osint.collectors import tumblr
from osint.collectors.protocol import Stop
from osint.errors import (
    QueryError,
    RateLimitedError,
    SourceClosedError,
    SourceError,
    SourceGoneError,
    UnreadableCaptureError,
)
from osint.query import AccountQuery, ThreadQuery, UrlQuery

URLS = {name: stated["url"] for name, stated in expected("tumblr").items()}
JANE = AccountQuery(account="@jane@tumblr.com")


def memory(**answers):
    """A blog in memory: what is asked for by the address of the first answer is answered by the second."""
    return Memory("tumblr", {URLS[asked]: answer for asked, answer in answers.items()})


def posts(*captures):
    return [record for capture in captures for record in tumblr.parse(capture) if isinstance(record, Post)]


@pytest.mark.parametrize("query", [JANE, UrlQuery(url="https://jane.tumblr.com/")])
def test_a_blog_is_read_until_as_many_came_as_are_counted(query):
    """Three, then two; the account is the host."""
    get = memory(posts_1="posts_1", posts_2="posts_2")

    captures, stop = ask(tumblr, query, get)

    assert stop is Stop.EXHAUSTED
    assert len(posts(*captures)) == 5


def test_a_blog_without_posts_is_complete_since_tumblr_counts_none():
    """And its account is in the tables."""
    assert ask(tumblr, JANE, memory(empty="empty"))[1] is Stop.EXHAUSTED


def test_fewer_posts_than_are_counted_is_never_complete():
    """Tumblr counts five and ends after three."""
    get = memory(posts_1="posts_1", posts_ended_early="posts_ended_early")

    assert ask(tumblr, JANE, get)[1] is Stop.PLATFORM_CAP


def test_a_page_that_repeats_is_no_end():
    """It would be asked for again and again."""
    assert ask(tumblr, JANE, memory(posts_1="posts_1", posts_repeat="posts_repeat"))[1] is Stop.ERROR


def test_the_period_ends_the_run():
    """When all of a page is older."""
    query = AccountQuery(account=JANE.account, since="2026-06-01")

    assert ask(tumblr, query, memory(posts_1="posts_1"))[1] is Stop.UNTIL_DATE


def test_one_post_is_asked_for_by_its_number():
    """Whatever its address says behind it."""
    captures, stop = ask(tumblr, ThreadQuery(thread="https://jane.tumblr.com/post/700000003/slug"), memory(one="one"))

    assert (stop, len(posts(*captures))) == (Stop.EXHAUSTED, 1)


def test_a_post_that_is_not_there_is_gone():
    """Tumblr answers with an empty list."""
    with pytest.raises(SourceGoneError, match="no post"):
        ask(tumblr, ThreadQuery(thread="https://jane.tumblr.com/post/700000003"), memory(one_gone="one_gone"))


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("page_instead", SourceClosedError, "nothing of whether it has posts"),
        ("gone", SourceGoneError, "404"),
        ("too_many", RateLimitedError, "429"),
        ("not_json", UnreadableCaptureError, "assigns no JSON"),
    ],
)
def test_each_refusal_has_its_words(answer, error, words):
    """A page where the answer should be comes with status 200."""
    with pytest.raises(error, match=words):
        ask(tumblr, JANE, memory(posts=answer))


@pytest.mark.parametrize("account", ["@jane@tumblr.example", "@ja.ne@tumblr.com"])
def test_what_is_no_blog_is_refused_before_anything_is_asked(account):
    """A name becomes a host, so it has to be one."""
    with pytest.raises(QueryError, match="write it as"):
        ask(tumblr, AccountQuery(account=account), Memory("tumblr", {}))


def test_a_reblog_names_what_it_passes_on_and_where_that_began():
    """Its words stay, since what others wrote cannot be told from them."""
    reblog = posts(captured("tumblr", "posts"))[2]

    assert (reblog.type, reblog.announce_of, reblog.thread_root) == (
        "Announce", "tumblr:600000001", "tumblr:500000009",
    )  # fmt: skip
    assert reblog.announce_of_account == "account:tumblr:kit@tumblr.com"
    assert "Until two." in reblog.content


def test_an_album_shows_each_picture_once_in_its_largest_size():
    """The first stands in the post itself and again in the list."""
    album = posts(captured("tumblr", "posts"))[1]

    assert [each.url.rpartition("example/")[2] for each in album.attachment] == ["a/1280.jpg", "b/1280.jpg"]


def test_awkward_posts_are_kept():
    """A quotation without a date, a video without words, and a conversation with an address that is none."""
    quotation, video, talk = posts(captured("tumblr", "awkward"))

    assert (quotation.published, quotation.content) == (None, "Said.\nLee")
    assert video.content == ""
    assert (talk.type, talk.announce_of) == ("Note", None)


def test_without_a_name_the_host_says_whose_blog_it_is():
    """The host is the account."""
    (post,) = posts(captured("tumblr", "no_name"))

    assert post.attributed_to == "account:tumblr:jane@tumblr.com"


def test_another_post_than_was_asked_for_is_not_collected():
    """The authority names one post; an interface that heeds no number answers with the latest."""
    get = Changed("tumblr", {URLS["one"]: "one"}, ("one", '"id": "700000003"', '"id": "700000004"'))

    with pytest.raises(SourceError, match="other posts"):
        ask(tumblr, ThreadQuery(thread="https://jane.tumblr.com/post/700000003"), get)
