"""Nixle: what is asked for and what is not, and whose messages are read."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from recorded import FIXTURES, Memory, ask, read_answer

from osint.activity import ParseWarning
from osint.collectors import claimant, nixle
from osint.collectors.protocol import Stop
from osint.errors import QueryError, SourceClosedError, UnreadableCaptureError
from osint.query import UrlQuery

FEED = "https://rss.nixle.com/pubs/feeds/latest/4411/"


def recorded(answer, **more):
    return read_answer(FIXTURES / "nixle" / f"{answer}.http", more.pop("url", FEED), **more)


@pytest.mark.parametrize("answer", ["feed", "feed_stale", "feed_empty"])
def test_a_feed_is_never_called_complete(answer):
    """It shows the latest messages of one kind."""
    captures, stop = ask(nixle, UrlQuery(url=FEED), Memory("nixle", {FEED: answer}))

    assert (len(captures), stop) == (1, Stop.PLATFORM_CAP)


@pytest.mark.parametrize("url", ["https://local.nixle.com/alert/11500001/", "https://nixle.us/ABCDE"])
def test_a_page_is_not_asked_for_and_the_ways_that_are_open_are_named(url):
    """The terms for residents forbid it; nothing goes out."""
    get = Memory("nixle", {})

    with pytest.raises(SourceClosedError, match=r"rss\.nixle\.com.*save the page.*mails of the unit's own"):
        ask(nixle, UrlQuery(url=url), get)
    assert get.asked == []


def test_what_is_no_feed_is_refused_before_anything_is_asked():
    """In words, with the right spelling."""
    with pytest.raises(QueryError, match="latest/NUMBER"):
        ask(nixle, UrlQuery(url="https://rss.nixle.com/"), Memory("nixle", {}))


def test_a_feed_is_stale_after_thirty_days_and_not_before():
    """By the time of the capture, and not by that of reading it."""
    capture = recorded("feed_stale")
    built = capture.collected - timedelta(days=1707, hours=16, minutes=29, seconds=59)
    told = [
        [each.what for each in nixle.parse(dataclasses.replace(capture, collected=built + age)) if is_stale(each)]
        for age in (timedelta(days=30), timedelta(days=30, seconds=2))
    ]

    assert [len(warnings) for warnings in told] == [0, 1]


def is_stale(record):
    return isinstance(record, ParseWarning) and "last built" in record.what


@pytest.mark.parametrize(
    ("answer", "collector"),
    [("mail", "nixle"), ("mailbox", "nixle"), ("page", "nixle"), ("feed", "nixle")],
)
def test_the_sender_says_which_collector_reads_a_mail(answer, collector):
    """Mails of Nixle are read as its messages, whatever the address that was declared."""
    assert collector == claimant(recorded(answer, url="https://files.example/"))


def test_a_mail_from_a_host_that_only_looks_like_nixle_is_an_ordinary_mail():
    """The domain is compared whole."""
    capture = recorded("mail")
    fooled = dataclasses.replace(
        capture, body=capture.body.replace(b"@emails.nixle.com>", b"@emails.nixle.com.example>")
    )

    assert claimant(fooled) == "mailing_list"


def test_a_page_that_entities_blow_up_is_not_expanded():
    """An entity of the feed's own stays what it is."""
    body = b'<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel><title>&b;</title></channel></rss>'
    (actor, *_) = [r for r in nixle.parse(dataclasses.replace(recorded("feed"), body=body)) if not is_warning(r)]

    assert "aaaa" not in (actor.name or "")


def is_warning(record):
    return isinstance(record, ParseWarning)


def test_html_in_place_of_a_feed_is_refused():
    """It is no empty feed."""
    with pytest.raises(UnreadableCaptureError):
        nixle.parse(recorded("feed_is_html"))
