"""YouTube: a channel by its uploads, a video with all answers, quotas and refusals, and what a person's export holds."""

from __future__ import annotations

from typing import Any

import pytest
from recorded import Changed, Memory, ask, with_text
from test_collectors import captured

from osint.activity import ParseWarning, Post
from osint.collectors import youtube
from osint.collectors.protocol import Stop
from osint.errors import (
    QueryError,
    RateLimitedError,
    SourceBlockedError,
    SourceClosedError,
    SourceGoneError,
    SourceQuotaError,
)
from osint.query import AccountQuery, ThreadQuery

API = "https://www.googleapis.com/youtube/v3"
JANE = AccountQuery(account="@janeex@youtube.com")
CHANNEL = f"{API}/channels?part=snippet%2Cstatistics%2CcontentDetails%2Cstatus&forHandle=%40janeex"
UPLOADS = (
    f"{API}/playlistItems?part=snippet%2CcontentDetails%2Cstatus&playlistId=UUJaneExample0000000000A&maxResults=50"
)
VIDEO = f"{API}/videos?part=snippet%2CcontentDetails%2Cstatistics%2Cstatus%2CrecordingDetails&id=vWestmere01"
COMMENTS = f"{API}/commentThreads?part=snippet%2Creplies&videoId=vWestmere01&maxResults=100&textFormat=plainText"
ANSWERS = f"{API}/comments?part=snippet&parentId=T1&maxResults=100&textFormat=plainText"
WATCH = ThreadQuery(thread="https://www.youtube.com/watch?v=vWestmere01")


def reread(answer: str, was: str, becomes: str) -> list[Any]:
    """All records of a recorded answer in which a text stands for another."""
    return youtube.parse(with_text(captured("youtube", answer), was, becomes))


def posts_in(records: list[Any]) -> list[Post]:
    return [record for record in records if isinstance(record, Post)]


def test_a_channel_is_read_through_its_uploads_to_the_end():
    """Never through the search; the last page names no further one."""
    get = Memory("youtube", {CHANNEL: "channel", UPLOADS: "uploads_page1", f"{UPLOADS}&pageToken=P2": "uploads_page2"})

    captures, stop = ask(youtube, JANE, get)

    assert (stop, len(captures)) == (Stop.EXHAUSTED, 3)


def test_a_channel_by_its_id_is_asked_for_by_that():
    """Ids are told apart by capitals, and are no handles."""
    get = Memory("youtube", {CHANNEL.replace("forHandle=%40janeex", "id=UCJaneExample0000000000A"): "channel_none"})

    with pytest.raises(SourceGoneError, match="looks the same"):
        ask(youtube, AccountQuery(account="@UCJaneExample0000000000A@youtube.com"), get)


def test_the_period_ends_the_run():
    """When all of a page is older."""
    get = Memory("youtube", {CHANNEL: "channel", UPLOADS: "uploads_page1"})

    assert ask(youtube, AccountQuery(account=JANE.account, since="2026-06-01"), get)[1] is Stop.UNTIL_DATE


def test_a_token_that_repeats_is_no_end():
    """YouTube would be asked for ever."""
    get = Memory(
        "youtube",
        {CHANNEL: "channel", UPLOADS: "uploads_token_repeats", f"{UPLOADS}&pageToken=P2": "uploads_token_repeats"},
    )

    assert ask(youtube, JANE, get)[1] is Stop.ERROR


def test_all_answers_to_a_comment_are_asked_for_where_the_thread_shows_part():
    """One of two answers came with the thread; both come with the list of answers."""
    get = Memory("youtube", {VIDEO: "video", COMMENTS: "comments", ANSWERS: "answers"})

    captures, stop = ask(youtube, WATCH, get)
    ids = {record.id for capture in captures for record in youtube.parse(capture) if isinstance(record, Post)}

    assert stop is Stop.EXHAUSTED
    assert ids == {"youtube:vWestmere01", "youtube:T1", "youtube:T2", "youtube:T1.a", "youtube:T1.b"}


def test_comments_that_are_switched_off_are_said_and_no_failure():
    """YouTube refuses with 403; that is what there is."""
    captures, stop = ask(youtube, WATCH, Memory("youtube", {VIDEO: "video", COMMENTS: "comments_off"}))

    assert (stop, len(captures)) == (Stop.EXHAUSTED, 2)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("quota", SourceQuotaError, "midnight in California"),
        ("bad_key", SourceClosedError, "Check the key"),
        ("private_list", SourceClosedError, "not shown to the public"),
        ("video_none", SourceGoneError, "removed or is private"),
    ],
)
def test_each_refusal_has_its_words(answer, error, words):
    """A quota that is used up says nothing of the video."""
    with pytest.raises(error, match=words):
        ask(youtube, WATCH, Memory("youtube", {VIDEO: answer}))


def test_a_private_video_in_a_list_is_a_tombstone():
    """The list keeps its id; its words are withheld."""
    *_, private = [record for record in youtube.parse(captured("youtube", "uploads_page2")) if isinstance(record, Post)]

    assert (private.type, private.content, private.absent["content"]) == ("Tombstone", None, "hidden")


def test_an_edited_comment_keeps_both_instants():
    """And one that was not edited has no second one."""
    edited, plain = (record for record in youtube.parse(captured("youtube", "answers")) if isinstance(record, Post))

    assert edited.updated > edited.published
    assert plain.updated is None
    assert plain.absent["attributed_to"] == "missing"


def test_what_a_person_looked_at_is_private_and_that_persons():
    """A view refers to the video; a search is none."""
    view, search, removed, _ = (
        record for record in youtube.parse(captured("youtube", "history")) if isinstance(record, Post)
    )

    assert (view.type, search.type, removed.type) == ("View", "Activity", "Activity")
    assert {view.visibility, search.visibility} == {"private"}
    assert search.content == "Searched for westmere"


def test_what_is_no_video_is_refused_before_anything_is_asked():
    """In words, with the right spelling."""
    with pytest.raises(QueryError, match="write it as"):
        ask(youtube, ThreadQuery(thread="https://www.youtube.com/feed/trending"), Memory("youtube", {}))


def test_a_hole_in_a_conversation_is_never_complete():
    """The comment counts three answers, and the list of them ends after two: the third was held or removed."""
    get = Changed(
        "youtube",
        {VIDEO: "video", COMMENTS: "comments", ANSWERS: "answers"},
        ("comments", '"totalReplyCount": 2', '"totalReplyCount": 3'),
    )

    assert ask(youtube, WATCH, get)[1] is Stop.PLATFORM_CAP


def test_the_answers_to_a_comment_that_cannot_be_read_are_kept():
    """A warning stands for the comment; what answers it names it all the same."""
    records = reread(
        "comments", '"topLevelComment": {"kind": "youtube#comment", "id": "T1"', '"topLevelComment": {"x": 1'
    )
    answer = next(record for record in records if isinstance(record, Post))

    assert (answer.id, answer.in_reply_to) == ("youtube:T1.a", "youtube:T1")
    assert [record.what for record in records if isinstance(record, ParseWarning)] == [
        "This thread has no comment."
    ] * 2


def test_fewer_videos_than_the_channel_counts_is_never_complete():
    """The list of uploads ends after 20,000 and does not say so."""
    get = Changed(
        "youtube",
        {CHANNEL: "channel", UPLOADS: "uploads_page2"},
        ("channel", '"videoCount": "2"', '"videoCount": "20001"'),
    )

    assert ask(youtube, JANE, get)[1] is Stop.PLATFORM_CAP


def test_a_deleted_video_in_a_list_is_a_tombstone_without_an_instant():
    """The list names it "Deleted video" and gives the instant of its own entry, which is none of the video."""
    records = reread("uploads_page2", '"Private video", "description": "This video is private."',
                     '"Deleted video", "description": "This video is unavailable."')  # fmt: skip
    unspecified = reread("uploads_page2", '"status": {"privacyStatus": "private"}',
                         '"status": {"privacyStatus": "privacyStatusUnspecified"}')  # fmt: skip
    unnamed = reread("uploads_page2", '"status": {"privacyStatus": "private"}', '"status": {}')

    for *_, deleted in (records, unspecified, unnamed):
        assert (deleted.type, deleted.content, deleted.published) == ("Tombstone", None, None)
        assert deleted.extra["listed"] == "2026-02-01T10:00:00Z"


def test_a_public_video_may_be_called_deleted_video():
    """It has an instant of publication of its own."""
    first, *_ = posts_in(reread("uploads_page2", '"At the quay"', '"Deleted video"'))

    assert (first.type, first.content.partition("\n")[0]) == ("Video", "Deleted video")


@pytest.mark.parametrize(
    ("reason", "error", "words"),
    [
        ("rateLimitExceeded", RateLimitedError, "more time"),
        ("userRateLimitExceeded", RateLimitedError, "more time"),
        ("backendError", SourceBlockedError, "without saying for whom"),
    ],
)
def test_too_fast_is_neither_a_used_up_day_nor_a_bad_key(reason, error, words):
    """YouTube says 403 for all of them."""
    get = Changed("youtube", {VIDEO: "quota"}, ("quota", "quotaExceeded", reason))

    with pytest.raises(error, match=words):
        ask(youtube, WATCH, get)


def test_items_that_are_no_list_are_named():
    """An answer of another shape is no empty channel."""
    (said,) = reread("uploads_empty", '"items": []', '"items": {}')

    assert said.what == "Its items are no list."
