"""Bluesky: feeds, threads with holes, rich text, and what a repository proves."""

from __future__ import annotations

import dataclasses
from typing import Any
from urllib.parse import urlencode

import pytest
from recorded import FIXTURES, Memory, ask, expected, make_capture, read_answer
from repositories import DID, repository

from osint.activity import ParseWarning, Post
from osint.collectors import bluesky
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

XRPC = "https://public.api.bsky.app/xrpc"
JANE = AccountQuery(account="@jane.example@bsky.app")
PROFILE = f"{XRPC}/app.bsky.actor.getProfile?actor=jane.example"
FEED = f"{XRPC}/app.bsky.feed.getAuthorFeed?{urlencode({'actor': DID, 'filter': 'posts_with_replies', 'limit': 100})}"
CURSORS = ["2026-05-01T10:00:01Z::a", "2026-04-01T10:00:01Z::b", "2026-03-01::c"]
SECOND, THIRD, FOURTH = (f"{FEED}&{urlencode({'cursor': cursor})}" for cursor in CURSORS)
CHAIN = {
    PROFILE: "profile",
    FEED: "feed1",
    SECOND: "feed2",
    THIRD: "feed_empty_with_cursor",
    FOURTH: "feed_last",
}
POST = ThreadQuery(thread="https://bsky.app/profile/jane.example/post/3mkreply00001")
AROUND = f"{XRPC}/app.bsky.feed.getPostThread?" + urlencode(
    {"uri": "at://jane.example/app.bsky.feed.post/3mkreply00001", "depth": 100, "parentHeight": 100}
)
REPOSITORY = f"https://pds.example/xrpc/com.atproto.sync.getRepo?did={DID}"


def read(answer: str) -> list[Any]:
    """All records of a recorded answer."""
    return bluesky.parse(read_answer(FIXTURES / "bluesky" / f"{answer}.http", expected("bluesky")[answer]["url"]))


def posts(answer: str) -> dict[str, Post]:
    """The posts of a recorded answer by the key of their record."""
    return {post.native_id.rpartition("/")[2]: post for post in read(answer) if isinstance(post, Post)}


def said(answer: str) -> list[str]:
    """The warnings of a recorded answer."""
    return [record.what for record in read(answer) if isinstance(record, ParseWarning)]


def test_an_account_is_read_until_no_cursor_is_named():
    """The profile is asked for first, the feed by the DID that it names; an empty page with a cursor is no end."""
    get = Memory("bluesky", CHAIN)

    captures, stop = ask(bluesky, JANE, get)

    assert (len(captures), stop, get.asked) == (5, Stop.EXHAUSTED, list(CHAIN))


def test_a_cursor_that_comes_again_is_an_error():
    """It would be read for ever, and whatever lies beyond would be missing in silence."""
    captures, stop = ask(bluesky, JANE, Memory("bluesky", {**CHAIN, SECOND: "feed_repeats"}))

    assert (len(captures), stop) == (3, Stop.ERROR)


def test_a_run_stops_when_a_whole_page_lies_before_its_period():
    """Not at one post: its author claims any date."""
    query = dataclasses.replace(JANE, since="2026-05-05")

    captures, stop = ask(bluesky, query, Memory("bluesky", {PROFILE: "profile", FEED: "feed1"}))

    assert (len(captures), stop) == (2, Stop.UNTIL_DATE)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("profile_not_found", SourceGoneError, "Profile not found"),
        ("profile_deactivated", SourceGoneError, "its owner deactivated it"),
        ("profile_suspended", SourceGoneError, "the operator suspended it"),
        ("profile_of_another", SourceError, "belongs to 'janet.example'"),
        ("profile_invalid_handle", SourceError, "belongs to 'handle.invalid'"),
        ("profile_error_in_200", UnreadableCaptureError, "names no account"),
        ("html_for_json", UnreadableCaptureError, "not JSON"),
        ("too_many", RateLimitedError, "come back later"),
    ],
)
def test_what_is_no_profile_is_told_apart(answer, error, words):
    """Not found, deactivated, suspended, another's, an error under status 200: each in its own words."""
    with pytest.raises(error, match=words):
        ask(bluesky, JANE, Memory("bluesky", {PROFILE: answer}))


@pytest.mark.parametrize("answer", ["feed_no_feed", "profile"])
def test_a_page_without_a_feed_is_no_empty_page(answer):
    """An answer of another shape does not end a run as if the account had nothing more."""
    with pytest.raises(UnreadableCaptureError, match="holds no feed"):
        ask(bluesky, JANE, Memory("bluesky", {PROFILE: "profile", FEED: answer}))


@pytest.mark.parametrize(
    ("answer", "stop"),
    [
        ("thread", Stop.EXHAUSTED),
        ("thread_holes", Stop.PLATFORM_CAP),
        ("thread_fewer", Stop.PLATFORM_CAP),
        ("thread_parent_gone", Stop.PLATFORM_CAP),
    ],
)
def test_a_thread_is_complete_when_all_replies_came_and_nothing_is_withheld(answer, stop):
    """Each post counts its replies; holes and a parent that is gone are said."""
    captures, ended = ask(bluesky, POST, Memory("bluesky", {AROUND: answer}))

    assert (len(captures), ended) == (1, stop)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("thread_not_found", SourceGoneError, "Post not found"),
        ("thread_hole_itself", SourceGoneError, "deleted, or never existed"),
        ("thread_blocked_itself", SourceClosedError, "blocks whoever asks"),
        ("thread_of_another", SourceError, "belongs to 'kit.example'"),
    ],
)
def test_a_thread_that_is_not_shown_is_told_apart(answer, error, words):
    """Gone, withheld, and another's post than was asked for."""
    with pytest.raises(error, match=words):
        ask(bluesky, POST, Memory("bluesky", {AROUND: answer}))


@pytest.mark.parametrize(
    "query",
    [AccountQuery(account="@jane.example@bsky.app.example"), ThreadQuery(thread="https://bsky.app/profile/jane.example"),
     UrlQuery(url="https://bsky.app/profile/jane.example")],
)  # fmt: skip
def test_what_fits_no_question_is_refused_before_anything_is_asked(query):
    """The message says how it is written."""
    get = Memory("bluesky", {})

    with pytest.raises(QueryError):
        ask(bluesky, query, get)
    assert get.asked == []


def test_a_repost_is_an_event_beside_the_post_that_it_passes_on():
    """Both times are claims: the server repeats what a backdated record says. One without an address of its own is named by both."""
    repost, passed_on = posts("feed1")["3mkrepost0001"], posts("feed1")["3mkkit0000001"]

    assert (repost.type, repost.announce_of, repost.published_basis) == ("Announce", passed_on.id, "author-claimed")
    assert (passed_on.type, passed_on.published_basis) == ("Note", "author-claimed")
    assert [post.native_id for post in read("feed2") if post.type == "Announce"] == [
        f"{DID} reposted at://{DID}/app.bsky.feed.post/3mkrich000001"
    ]


def test_the_same_post_quoted_and_passed_on_is_there_once():
    """A quoted sight has fewer counts; it is not another version of the post."""
    ids = [post.id for post in read("feed1") if isinstance(post, Post)]

    assert len(ids) == len(set(ids))
    assert posts("feed1")["3mkquote00001"].quote_of == posts("feed1")["3mkkit0000001"].id


def test_a_facet_counts_bytes():
    """An emoji before a mention is four bytes and one character."""
    post = posts("feed1")["3mkrich000001"]

    assert [(tag.type, tag.name) for tag in post.tag] == [
        ("Hashtag", "missing"),
        ("Mention", "kit.example"),
        ("Hashtag", "harbour"),
    ]
    assert post.links == ("https://news.example/pier",)


def test_a_facet_outside_the_text_is_a_warning():
    """It is not cut to fit, which would tag other words."""
    assert "A facet names bytes that the text does not have." in said("feed_odd")
    assert posts("feed_odd")["3mkodd000003"].tag == ()


def test_embeds_are_attachments_links_and_quotes():
    """A picture with its alt text, a film beside a quoted post that is gone, a link card; a list is no quoted post."""
    picture, both = posts("feed1")["3mkrich000001"], posts("feed2")["3mkboth000001"]

    assert [(each.name, each.width) for each in picture.attachment] == [("A pier", 800)]
    assert (both.attachment[0].url, both.extra["quote_state"]) == ("https://video.bsky.example/p.m3u8", "notfound")
    assert both.quote_of.endswith("/3mkgone000001")
    assert posts("feed2")["3mkext0000001"].links == ("https://news.example/x",)
    assert posts("feed2")["3mklist000001"].quote_of is None


def test_the_time_of_the_server_and_the_key_stay_beside_the_claim():
    """Three times are kept: the author's, the index's, and that in the key of the record."""
    post = posts("feed1")["3mkrich000001"]

    assert (post.published_raw, post.extra["indexedAt"], post.extra["key"]) == (
        "2026-05-01T10:00:00.000Z",
        "2026-05-01T10:00:01.000Z",
        "3mkrich000001",
    )


def test_a_hole_in_a_thread_is_a_tombstone_and_a_warning():
    """Deleted is missing; withheld is hidden."""
    holes = {key: post.absent["content"] for key, post in posts("thread_holes").items() if post.type == "Tombstone"}

    assert holes == {"3mkparent0001": "missing", "3mkblocked001": "hidden"}
    assert len(said("thread_holes")) == 2


def test_posts_that_were_asked_for_and_did_not_come_are_named():
    """The answer leaves them out without a word."""
    assert said("posts_fewer") == [
        f"1 of 2 posts that were asked for did not come: at://{DID}/app.bsky.feed.post/3mkgone000001."
    ]


@pytest.mark.parametrize(
    ("answer", "stop"),
    [("repository", Stop.EXHAUSTED), ("repository_cut", Stop.PLATFORM_CAP), ("repository_partial", Stop.PLATFORM_CAP),
     ("repository_altered", Stop.PLATFORM_CAP)],
)  # fmt: skip
def test_a_repository_is_complete_when_its_tree_leads_to_nothing_that_is_lacking(answer, stop):
    """Cut, partial and altered files say what they lack, and are never complete."""
    answers = {REPOSITORY: answer, f"https://plc.directory/{DID}": "did_document_gone"}
    captures, ended = ask(bluesky, UrlQuery(url=REPOSITORY), Memory("bluesky", answers))

    assert (len(captures), ended) == (1, stop)


def test_a_suspended_repository_is_not_an_empty_one():
    """The server says why it does not give it."""
    with pytest.raises(SourceGoneError, match="suspended"):
        ask(bluesky, UrlQuery(url=REPOSITORY), Memory("bluesky", {REPOSITORY: "repository_suspended"}))


def test_an_altered_post_is_not_in_the_tables():
    """One byte was changed in one record: its hash no longer fits, so the tree does not reach it."""
    whole, altered = posts("repository"), posts("repository_altered")

    assert whole.keys() - altered.keys() == {"3mk0000000007"}
    assert "Blocks that do not have the hash that names them: 1." in said("repository_altered")


def test_a_post_that_was_slipped_in_is_not_in_the_tables():
    """A block with a right hash that no entry of the tree names is not what the account published."""
    assert posts("repository").keys() == posts("repository_with_more").keys()
    assert "Blocks that lie in the file, and the commit does not lead to: 1." in said("repository_with_more")


def test_a_repository_without_the_document_of_its_key_says_that_nobody_checked_its_signature():
    """Hashes show that it hangs together, and not who signed it."""
    assert any("key not known" in what for what in said("repository"))


def test_likes_and_follows_are_acts_without_words():
    """They are kept with what they are about, and are neither posts that are passed on nor mentions."""
    acts = [post for post in read("repository") if isinstance(post, Post) and post.type in ("Like", "Follow")]

    assert sorted(post.type for post in acts) == ["Follow", "Like"]
    assert all(post.extra["subject"] and not post.tag and post.announce_of is None for post in acts)


def test_the_record_of_the_interface_and_of_the_repository_have_one_id():
    """So both sights join: the index shows counts, the repository the record as it was signed."""
    record = {"$type": "app.bsky.feed.post", "text": "x", "createdAt": "2026-05-01T10:00:00.000Z"}
    file = make_capture(repository({"app.bsky.feed.post/3mkrich000001": record}), REPOSITORY)

    from_file = next(post for post in bluesky.parse(file) if isinstance(post, Post))

    assert from_file.id == posts("feed1")["3mkrich000001"].id
    assert from_file.absent["likes"] == "missing"
