"""Gists and pastes: paging, refusals, and what no visitor is shown."""

from __future__ import annotations

import dataclasses
import json

import pytest
from recorded import FIXTURES, Memory, ask, make_capture, read_answer

from osint.activity import ParseWarning
from osint.collectors import paste
from osint.collectors.protocol import Stop
from osint.errors import QueryError, RateLimitedError, SourceClosedError, SourceGoneError, UnreadableCaptureError
from osint.query import AccountQuery, UrlQuery

LIST = "https://api.github.com/users/janeex/gists?per_page=100"
SECOND = "https://api.github.com/user/1/gists?per_page=100&page=2"
JANE = AccountQuery(account="@janeex@gist.github.com")
GIST = "https://api.github.com/gists/aa5a315d61ae9438b18d"


def test_all_gists_of_an_account_are_read_to_the_end_that_github_names():
    """Two pages; the second names no further one."""
    captures, stop = ask(paste, JANE, Memory("paste", {LIST: "list_page1", SECOND: "list_page2"}))

    assert (stop, len(captures)) == (Stop.EXHAUSTED, 2)


@pytest.mark.parametrize("answer", ["list_same_next", "list_next_elsewhere"])
def test_a_next_page_that_leads_nowhere_new_is_no_end(answer):
    """The same address again, or another host."""
    _, stop = ask(paste, JANE, Memory("paste", {LIST: answer}))

    assert stop is Stop.ERROR


def test_an_account_without_gists_is_complete():
    """An empty list is what the source said."""
    assert ask(paste, JANE, Memory("paste", {LIST: "list_empty"}))[1] is Stop.EXHAUSTED


def test_a_gist_that_is_gone_and_a_limit_that_is_used_up_are_told_apart():
    """One is not there; the other says nothing of whether it is."""
    query = UrlQuery(url="https://gist.github.com/janeex/aa5a315d61ae9438b18d")
    with pytest.raises(SourceGoneError):
        ask(paste, query, Memory("paste", {GIST: "refused"}))
    with pytest.raises(RateLimitedError, match=r"its limit of requests an hour is used up.*again in an hour"):
        ask(paste, query, Memory("paste", {GIST: "limit"}))


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (
            "Error, this is a private paste. If this is your private paste, please login to Pastebin first.",
            SourceClosedError,
        ),
        ("Error, this is a private paste or is pending moderation. If this paste belongs to you", SourceClosedError),
        ("Error, this is not a public paste.", SourceClosedError),
        ("Error, we cannot find this paste.", SourceGoneError),
        ("Error, this paste has been removed", SourceGoneError),
    ],
)
def test_what_pastebin_says_in_place_of_a_paste_is_no_paste(said, error):
    """With status 200, as plain text; nobody wrote it there."""
    url = "https://pastebin.com/raw/AbCd1234"
    capture = make_capture(said.encode(), url, media_type="text/plain")

    with pytest.raises(error, match="E0001"):
        ask(paste, UrlQuery(url=url), lambda *_, **__: capture)
    with pytest.raises(UnreadableCaptureError, match="in its place"):
        paste.parse(capture)


@pytest.mark.parametrize("text", ["An error, this is a private paste?", "Error, this is a private paste. " + "x" * 300])
def test_a_paste_that_speaks_of_such_words_is_a_paste(text):
    """Somebody wrote more than those, or others."""
    url = "https://pastebin.com/raw/AbCd1234"
    capture = make_capture(text.encode(), url, media_type="text/plain")

    assert ask(paste, UrlQuery(url=url), lambda *_, **__: capture)[1] is Stop.EXHAUSTED
    assert [post.content for post in paste.parse(capture)] == [text]


@pytest.mark.parametrize("change", [{"truncated": True}, {"files": {"a.txt": {"content": "x", "truncated": True}}}])
def test_a_gist_of_which_part_is_shown_is_not_complete(change):
    """Some of its files, or some of one; and a warning says so."""
    recorded = read_answer(FIXTURES / "paste" / "gist.http", GIST)
    capture = dataclasses.replace(recorded, body=json.dumps(json.loads(recorded.body) | change).encode())
    query = UrlQuery(url="https://gist.github.com/janeex/aa5a315d61ae9438b18d")

    assert ask(paste, query, lambda *_, **__: capture)[1] is Stop.PLATFORM_CAP
    assert len([record for record in paste.parse(capture) if isinstance(record, ParseWarning)]) == 1


@pytest.mark.parametrize("url", ["https://pastebin.com/AbCd1234", "https://pastebin.com/raw/AbCd1234"])
def test_a_paste_is_asked_for_as_plain_text(url):
    """The page around it holds what others wrote."""
    captures, stop = ask(paste, UrlQuery(url=url), Memory("paste", {"https://pastebin.com/raw/AbCd1234": "paste"}))

    assert (stop, len(captures)) == (Stop.EXHAUSTED, 1)


def test_a_paste_that_is_gone_says_so():
    """A removed paste and one that never was look alike."""
    with pytest.raises(SourceGoneError, match="does not show that it never existed"):
        ask(
            paste,
            UrlQuery(url="https://pastebin.com/AbCd1234"),
            Memory("paste", {"https://pastebin.com/raw/AbCd1234": "paste_gone"}),
        )


@pytest.mark.parametrize(
    "query", [UrlQuery(url="https://pastebin.com/u/janeex"), AccountQuery(account="@janeex@github.com")]
)
def test_what_is_neither_gist_nor_paste_is_refused_before_anything_is_asked(query):
    """In words, with the right spelling."""
    with pytest.raises(QueryError, match="write it as"):
        ask(paste, query, Memory("paste", {}))
