"""A conversation names its holes: a post that is answered and is not there is a warning, whatever the source."""

from __future__ import annotations

import pytest
from test_collectors import captured

from osint.activity import ParseWarning, Post
from osint.collectors import load

HOLES = [
    ("activitypub", "reply_to_elsewhere", "https://far.example/users/dawn/statuses/77"),
    ("bluesky", "thread", "at://did:plc:kitexample00000000000000/app.bsky.feed.post/3mkparent0001"),
    ("bluesky", "thread_parent_gone", "at://did:plc:kitexample00000000000000/app.bsky.feed.post/3mkparent0001"),
    ("fourchan", "thread_odd", "4chan:b/1 "),
    ("mastodon", "context_with_a_hole", "mastodon:social.example/109 "),
    ("reddit", "thread_below_a_comment", "reddit:t1_c0 "),
]


@pytest.mark.parametrize(("collector", "answer", "missing"), HOLES)
def test_a_post_that_is_answered_and_not_there_is_named_once(collector, answer, missing):
    """Its address or id stands in one warning; the post that answers it is a row."""
    records = load(collector).parse(captured(collector, answer))

    told = [record.what for record in records if isinstance(record, ParseWarning)]
    assert len([what for what in told if missing in f"{what} "]) == 1
    answered = {record.in_reply_to for record in records if isinstance(record, Post)}
    assert any(missing.strip() in str(each) for each in answered)


@pytest.mark.parametrize(
    ("collector", "answer"), [("mastodon", "context_with_root"), ("fourchan", "thread"), ("reddit", "thread")]
)
def test_a_conversation_that_has_what_it_answers_names_nothing(collector, answer):
    """No warning says that something answered is not there."""
    records = load(collector).parse(captured(collector, answer))

    assert not [r for r in records if isinstance(r, ParseWarning) and "is answered here" in r.what]
