"""Discord: what an invitation shows, whose messages a package holds, and tables read by the names of their columns."""

from __future__ import annotations

import pytest
from recorded import FIXTURES, Memory, ask, expected, make_capture, read_answer

from osint.activity import Actor, ParseWarning, Post
from osint.collectors import discord
from osint.collectors.protocol import Stop
from osint.errors import (
    RateLimitedError,
    SourceBlockedError,
    SourceClosedError,
    SourceError,
    SourceGoneError,
    UnreadableCaptureError,
)
from osint.query import AccountQuery, UrlQuery

INVITE, ASKED = (
    UrlQuery(url="https://discord.gg/harbour"),
    "https://discord.com/api/v10/invites/harbour?with_counts=true",
)
WIDGET = "https://discord.com/api/v10/guilds/700000000000000001/widget.json"


def records(name, kind=Post):
    stated = expected("discord")[name]
    capture = read_answer(FIXTURES / "discord" / f"{name}.http", stated["url"], part=stated.get("part", ""))
    return [record for record in discord.parse(capture) if isinstance(record, kind)]


@pytest.mark.parametrize(
    ("query", "asked", "answer"),
    [(INVITE, ASKED, "invite"), (UrlQuery(url="https://discord.com/widget?id=700000000000000001"), WIDGET, "widget")],
)
def test_an_invitation_and_a_widget_are_one_answer(query, asked, answer):
    """Read whole, so the run is complete."""
    get = Memory("discord", {asked: answer})

    captures, stop = ask(discord, query, get)

    assert (len(captures), stop, get.asked) == (1, Stop.EXHAUSTED, [asked])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("invite_unknown", SourceGoneError),
        ("invite_of_another", SourceError),
        ("invite_error_with_200", SourceError),
        ("invite_html", SourceBlockedError),
        ("invite_limited", RateLimitedError),
    ],
)
def test_an_invitation_that_is_not_shown_is_told_apart(answer, error):
    """Unknown, another one, an error with the status of a success, a challenge, too fast."""
    with pytest.raises(error):
        ask(discord, INVITE, Memory("discord", {ASKED: answer}))


def test_a_widget_that_is_off_is_refused_with_the_reason():
    """That is no word about the server's existence."""
    with pytest.raises(SourceBlockedError, match="Widget Disabled"):
        ask(discord, UrlQuery(url=WIDGET), Memory("discord", {WIDGET: "widget_disabled"}))


@pytest.mark.parametrize(
    "query", [AccountQuery(account="@800000000000000001@discord.com"), UrlQuery(url="https://discord.com/channels/1/2")]
)
def test_messages_cannot_be_asked_for(query):
    """No request is made, and the refusal names the files."""
    get = Memory("discord", {})

    with pytest.raises(SourceClosedError, match="data package"):
        ask(discord, query, get)
    assert get.asked == []


def test_bystanders_of_a_widget_reach_no_table():
    """That they were left out is said."""
    assert "dawn" not in repr(records("widget", object))
    assert "bystanders" in records("widget", ParseWarning)[0].effect


def test_the_messages_of_a_package_are_those_of_the_declared_account():
    """The file names nobody; times without a zone are UTC, by the platform's custom."""
    first, second, undated = records("package")

    assert {post.attributed_to for post in (first, second, undated)} == {
        "account:discord:800000000000000001@discord.com"
    }
    assert (first.published_zone_known, second.published_zone_known, undated.published) == (False, True, None)
    assert [each.url[-5:] for each in first.attachment] == ["a.jpg", "b.jpg"]
    assert first.tag[0].account == "account:discord:800000000000000007@discord.com"
    assert first.extra["channel"] == "720000000000000001"
    (nobody,) = records("package_without_author")
    (told,) = records("package_without_author", ParseWarning)
    assert "names no author" in told.what
    assert (nobody.attributed_to, nobody.absent["attributed_to"]) == (None, "missing")


def test_every_entry_of_a_package_is_a_row_or_a_warning():
    """Five entries: three messages, two that are none, and one warning more for the missing date."""
    assert len(records("package")) + len(records("package", ParseWarning)) == 6


def test_a_return_tells_private_messages_from_those_of_a_server():
    """By the folder that they came in; a time without a zone is no instant there."""
    private, server = records("return_dms"), records("return_servers")

    assert {post.visibility for post in private} == {"direct"}
    assert [(post.visibility, post.absent["visibility"]) for post in server] == [(None, "missing")] * 2
    assert (private[1].published, private[1].published_raw) == (None, "2026-05-01 10:01:00")
    assert [post.author_handle for post in private] == ["jane.example@discord.com", "dawn.example@discord.com"]


@pytest.mark.parametrize(
    "table",
    [
        b"ID,Author ID,Timestamp,Contents\n1240000000000000011,,2026-05-01T10:00:00Z,I know where you live\n",
        b"ID,Timestamp,Contents\n1240000000000000011,2026-05-01T10:00:00Z,I know where you live\n",
    ],
)
def test_a_message_of_a_return_without_an_author_is_not_given_to_the_declared_account(table):
    """A return holds what others wrote, too."""
    capture = make_capture(table, "https://discord.com/users/800000000000000001", part="member messages/dms/1.csv")
    post, warning = discord.parse(capture)

    assert (post.attributed_to, post.absent["attributed_to"]) == (None, "missing")
    assert "given to nobody" in warning.effect


def test_the_account_of_a_package_has_to_be_the_declared_one():
    """Its messages name nobody and were given to that."""
    body = b'{"id": "800000000000000009", "username": "dawn", "discriminator": "0"}'
    capture = make_capture(body, "https://discord.com/users/800000000000000001", part="member account/user.json")
    _, warning = discord.parse(capture)

    assert "belongs to '800000000000000009'" in warning.what


def test_a_table_without_names_of_columns_is_not_guessed_at():
    """Public readers disagree about the order; a wrong guess would give words to the wrong person."""
    with pytest.raises(UnreadableCaptureError, match="no columns"):
        records("return_without_names")


def test_an_account_is_keyed_by_its_number():
    """Names change; the key of the inviter is that of the same person's messages."""
    keys = {actor.handle: actor.id for actor in records("invite", Actor)}

    assert keys["jane.example@discord.com"] == records("package")[0].attributed_to
