"""Blogger: how feeds are counted and continued, what a comment answers, and what a blog withholds."""

from __future__ import annotations

import pytest
from recorded import Changed, Memory, ask, expected, with_text
from test_collectors import captured

from osint.activity import Post
from osint.collectors import blogger
from osint.collectors.protocol import Stop
from osint.errors import SourceClosedError, SourceError, SourceGoneError, UnreadableCaptureError
from osint.query import ThreadQuery, UrlQuery

URLS = {name: stated["url"] for name, stated in expected("blogger").items()}
BLOG = UrlQuery(url="https://harbour.blogspot.com/")
REST = {"pages": "pages", "comments": "comments"}
THREAD = ThreadQuery(thread=URLS["page_of_post"])


def memory(**answers):
    """A blog in memory: what is asked for by the address of the first answer is answered by the second."""
    return Memory("blogger", {URLS[asked]: answer for asked, answer in answers.items()})


def posts(*captures):
    return [record for capture in captures for record in blogger.parse(capture) if isinstance(record, Post)]


def test_a_blog_is_its_posts_its_pages_and_its_comments():
    """As many as Blogger counts, so the run is complete."""
    captures, stop = ask(blogger, BLOG, memory(posts="posts", **REST))

    assert stop is Stop.EXHAUSTED
    assert [post.type for post in posts(*captures)].count("Article") == 3
    assert {post.type for post in posts(*captures)} == {"Article", "Page", "Note", "Tombstone"}


def test_the_next_question_starts_where_the_answer_ended():
    """Blogger gives fewer at once than it is asked for; two came, so the third is next."""
    captures, stop = ask(blogger, BLOG, memory(posts="posts_1", posts_2="posts_2", **REST))

    assert stop is Stop.EXHAUSTED
    assert len(captures) == 4


def test_fewer_entries_than_are_counted_is_never_complete():
    """Blogger counts three and ends after two."""
    get = memory(posts="posts_1", posts_2="posts_ended_early", **REST)

    assert ask(blogger, BLOG, get)[1] is Stop.PLATFORM_CAP


def test_a_page_that_repeats_is_no_end():
    """It would be asked for again and again."""
    assert ask(blogger, BLOG, memory(posts="posts_1", posts_2="posts_repeat", **REST))[1] is Stop.ERROR


def test_the_period_ends_a_feed():
    """When all of a page is older."""
    query = UrlQuery(url=BLOG.url, since="2026-06-01")

    assert ask(blogger, query, memory(posts="posts_1", **REST))[1] is Stop.UNTIL_DATE


def test_a_post_is_found_by_the_feed_of_its_comments():
    """Its page names that; the post and all its comments follow."""
    get = memory(page_of_post="page_of_post", post="post", comments_of_post="comments_of_post")

    captures, stop = ask(blogger, THREAD, get)

    assert stop is Stop.EXHAUSTED
    assert len(posts(*captures)) == 4


def test_a_page_outside_the_posts_is_found_too():
    """It is no post of that number, and a page."""
    get = memory(page_of_post="page_of_post", post="gone", comments_of_post="comments_of_post")
    get.answers["https://harbour.blogspot.com/feeds/pages/default/11?alt=json"] = "post"

    assert ask(blogger, THREAD, get)[1] is Stop.EXHAUSTED


def test_what_names_no_feed_is_no_post():
    """The error names the collector that reads it."""
    with pytest.raises(SourceError, match="`webpage`"):
        ask(blogger, THREAD, memory(page_of_post="page_without_feeds"))


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("gone", SourceGoneError, "switched its feeds off"),
        ("private", SourceClosedError, "signed-in"),
        ("html_instead", UnreadableCaptureError, "not JSON"),
        ("no_feed", UnreadableCaptureError, "holds no feed"),
    ],
)
def test_each_refusal_has_its_words(answer, error, words):
    """A blog whose feeds are off still has pages."""
    with pytest.raises(error, match=words):
        ask(blogger, BLOG, memory(posts=answer))


def test_a_comment_answers_a_comment_or_the_post():
    """One without a profile has a name and no account; one that was removed keeps its place."""
    removed, answer, first = posts(captured("blogger", "comments"))

    assert (first.in_reply_to, first.thread_root) == ("blogger:blog-1000.post-11", "blogger:blog-1000.post-11")
    assert answer.in_reply_to == first.id
    assert (answer.author_name, answer.attributed_to, answer.absent) == (
        "Anonymous",
        None,
        {"attributed_to": "missing"},
    )
    assert (removed.type, removed.content, removed.absent["content"]) == ("Tombstone", None, "hidden")


def test_a_summary_is_said_to_be_one():
    """The blog keeps the rest for its pages."""
    summary, undated, nobody = posts(captured("blogger", "awkward"))

    assert summary.extra["summary_only"] is True
    assert (undated.published, undated.published_raw) == (None, "soon")
    assert nobody.absent["attributed_to"] == "missing"


def test_what_readers_wrote_into_a_page_does_not_say_which_post_it_is():
    """A comment may hold any address; only the page's own links name its feeds."""
    page = ("page_of_post", "<body>x", "<body>/feeds/12/comments/default")
    answers = {URLS[name]: name for name in ("page_of_post", "post", "comments_of_post")}
    with_link = Changed("blogger", answers, page)
    without = Changed("blogger", {URLS["page_of_post"]: "page_without_feeds"}, ("page_without_feeds", *page[1:]))

    assert ask(blogger, THREAD, with_link)[1] is Stop.EXHAUSTED
    with pytest.raises(SourceError, match="names no feed"):
        ask(blogger, THREAD, without)


def test_another_post_than_was_asked_for_is_not_collected():
    """The authority names one post."""
    get = memory(page_of_post="page_of_post", post="post")
    get.answers[f"{THREAD.thread.removesuffix('11.html')}12.html"] = "page_of_post"

    with pytest.raises(SourceError, match="another post"):
        ask(blogger, ThreadQuery(thread=f"{THREAD.thread.removesuffix('11.html')}12.html"), get)


def test_the_address_that_an_author_without_a_profile_gave_is_kept():
    """It names no account, since anyone can give any."""
    capture = with_text(
        captured("blogger", "comments"), '"Anonymous"}', '"Kit"}, "uri": {"$t": "https://kit.example/"}'
    )
    _, answer, _ = posts(capture)

    assert (answer.attributed_to, answer.extra["author_address"]) == (None, "https://kit.example/")
