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


def test_an_hour_that_no_half_of_a_day_has_is_no_time():
    """Reckoned on, it would be another hour of that day."""
    hours = {
        hour: nixle._dated(f"Wednesday September 9th, 2026 :: {hour}:43 p.m. PDT", "")[0].instant
        for hour in (0, 11, 12, 13, 99)
    }

    assert [hour for hour, instant in hours.items() if instant] == [11, 12]


def test_what_stands_in_markup_of_a_feed_is_not_cut_off():
    """Nor is what follows a comment."""
    body = recorded("feed").body.replace(b"<title>", b"<title>Left <i>of</i> the <!-- old --> pier ")
    actor, *rest = nixle.parse(dataclasses.replace(recorded("feed"), body=body))

    assert actor.name.startswith("Left of the  pier ")
    assert len(rest) == len(nixle.parse(recorded("feed"))) - 1


@pytest.mark.parametrize("element", [b"<title>", b"<description>", b"<guid>", b"<pubDate>"])
def test_half_of_a_surrogate_pair_in_a_feed_stops_nothing(element):
    """It is no character; the XML parser lets it through and fails when it is read."""
    body = recorded("feed").body.replace(element, element + b"&#xD800;")

    assert nixle.parse(dataclasses.replace(recorded("feed"), body=body))


def test_two_numbers_of_one_alert_are_told():
    """Of a page and its address, and of a link and the number beside it."""
    page = dataclasses.replace(recorded("page"), url="https://local.nixle.com/alert/1/")
    body = b"""<rss><channel><link>https://local.nixle.com/westmere/</link><item><title>A</title><description>B</description>
        <pubDate>Tue, 05 May 2026 18:43:00 -0700</pubDate><link>https://local.nixle.com/alert/77/</link>
        <guid>https://local.nixle.com/alert/78/</guid></item></channel></rss>"""
    feed = dataclasses.replace(recorded("feed"), body=body)

    assert [each.what for each in (*nixle.parse(page), *nixle.parse(feed)) if is_warning(each)] == [
        "The page says that it is https://local.nixle.com/alert/11500001/, and its address is "
        "https://local.nixle.com/alert/1/.",
        "The message links to the alert 77 and has the number 78.",
    ]


def test_html_in_place_of_a_feed_is_refused():
    """It is no empty feed."""
    with pytest.raises(UnreadableCaptureError):
        nixle.parse(recorded("feed_is_html"))
