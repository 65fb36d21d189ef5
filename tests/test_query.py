"""What can be asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from osint.errors import QueryError
from osint.query import (
    AccountQuery,
    HandleQuery,
    SearchQuery,
    TextQuery,
    ThreadQuery,
    UrlQuery,
    as_dict,
    describe,
    in_period,
    make_query,
)


@pytest.mark.parametrize(
    ("asked", "kind", "host"),
    [
        ({"account": "@jane@Social.example", "since": "2026-05-01"}, AccountQuery, "social.example"),
        ({"thread": "https://social.example/@jane/1"}, ThreadQuery, "social.example"),
        ({"tag": "missing", "host": "social.example", "limit": 5}, TextQuery, "social.example"),
        ({"url": "https://News.example:8443/x", "until": "2026-05-01"}, UrlQuery, "news.example"),
        ({"url": "https://news.example/", "render": True}, UrlQuery, "news.example"),
        (
            {"search": "Jane Example", "host": "register.example", "where": {"state": "CA"}},
            SearchQuery,
            "register.example",
        ),
        ({"handle": "janeex", "host": "t.me"}, HandleQuery, "t.me"),
        ({"search": "", "host": "register.example"}, SearchQuery, "register.example"),
    ],
)
def test_the_keywords_make_the_query_they_mean(asked, kind, host):
    """
    And the query comes back whole from what the ledger keeps.
    """
    query = make_query(**asked)

    assert (kind, host) == (type(query), query.host)
    assert query == make_query(**as_dict(query))
    assert str(next(iter(asked.values()))) in describe(query)


@pytest.mark.parametrize(
    "asked",
    [
        {}, {"since": "2026-05-01"}, {"account": "@a@b.example", "url": "https://b.example/"}, {"tag": "x"}, {"colour": "red"},
        {"account": "jane"}, {"account": "@jane@"}, {"account": "@a@b.example/../c"}, {"url": "ftp://a.example/"},
        {"url": "https://"}, {"url": "https://user:pass@a.example/"}, {"url": "https://a.example:99999/"}, {"url": "https://[::1"},
        {"tag": "#", "host": "a.example"}, {"tag": "x", "host": "https://a.example"}, {"tag": "x", "host": "a.example:80"},
        {"url": "https://a.example/", "since": "yesterday"}, {"url": "https://a.example/", "limit": 0},
        {"url": "https://a.example/", "since": "2026-06-01", "until": "2026-05-01"},
        {"handle": "x"}, {"handle": "@x", "host": "t.me"}, {"handle": "", "host": "t.me"}, {"handle": "x y", "host": "t.me"},
        {"search": "x"}, {"search": "x", "host": "a.example/b"}, {"search": "x", "host": "a.example", "where": {"age": 3}},
        {"url": "https://a.example/", "render": "yes"}, {"account": "@a@b.example", "render": True},
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_in_words(asked):
    """
    Before the gate, before the ledger, before any host.
    """
    with pytest.raises(QueryError, match=r"."):
        make_query(**asked)


def test_a_query_that_asks_for_no_browser_is_kept_as_it_always_was():
    """
    ``render=False`` is no word of the ledger, and goes with every kind of query.
    """
    assert as_dict(make_query(url="https://a.example/", render=False)) == {"url": "https://a.example/"}
    assert make_query(account="@a@b.example", render=False) == make_query(account="@a@b.example")
    assert describe(make_query(url="https://a.example/", render=True)) == "url=https://a.example/ render=True"


def test_a_post_without_an_instant_belongs_to_every_period():
    """
    It is not dropped for a clock that its source does not have.
    """
    query = make_query(url="https://a.example/", since="2026-05-01", until="2026-05-31")

    assert in_period(None, query)
    assert in_period(datetime(2026, 5, 31, 23, 59, 59, tzinfo=UTC), query)
    assert not in_period(datetime(2026, 6, 1, tzinfo=UTC), query)
    assert not in_period(datetime(2026, 4, 30, 23, tzinfo=UTC), query)


@pytest.mark.parametrize(
    "url", ["nntp://news.example/local.westmere", "nntps://news.example", "wss://relay.example/", "ws://r.example"]
)
def test_a_newsgroup_and_a_relay_are_addresses_that_no_browser_shows(url):
    """They may be asked for as an address, not as a thread, and not rendered."""
    assert UrlQuery(url=url).host == url.split("/")[2]
    with pytest.raises(QueryError):
        UrlQuery(url=url, render=True)
    with pytest.raises(QueryError):
        ThreadQuery(thread=url)
    with pytest.raises(QueryError):
        UrlQuery(url=url.replace("://", "://jane@"))
