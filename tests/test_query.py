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
    without_secrets,
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


S = "REPLACED-BY-OSINT"


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://user:TOPSECRET@127.0.0.1/?token=TOPSECRET", f"https://{S}@127.0.0.1/?token={S}"),
        ("https://TOPSECRET@a.example/", f"https://{S}@a.example/"),
        ("https://user:TOP/SECRET@a.example/?a=1", f"https://{S}@a.example/?a=1"),
        ("http://[user:TOPSECRET@a/?token=TOPSECRET", f"http://{S}@a/?token={S}"),
        ("ftp://a.example/?access_token=TOPSECRET", f"ftp://a.example/?access_token={S}"),
        ("http://a.example:99999/?token=TOPSECRET", f"http://a.example:99999/?token={S}"),
        ("https://a.example/?token=TOPSECRET&u=https://x@y/", f"https://a.example/?token={S}&u=https://x@y/"),
        ("https://a.example/#access_token=TOPSECRET&x=1", f"https://a.example/#access_token={S}&x=1"),
        ("https://a.example/#/in?access_token=TOPSECRET", f"https://a.example/#/in?access_token={S}"),
        ("https://a.example/?x=1;token=TOPSECRET;y=2", f"https://a.example/?x=1;token={S};y=2"),
        ("https://a.example/?token=TOP;SECRET&y=2", f"https://a.example/?token={S}&y=2"),
        ("https://a.example/p;jsessionid=TOPSECRET/q?y=2", f"https://a.example/p;jsessionid={S}/q?y=2"),
        ("https://a.example/?user%5Bpassword%5D=TOPSECRET", f"https://a.example/?user%5Bpassword%5D={S}"),
        ("https://a.example/?acc%65ss_token=TOPSECRET", f"https://a.example/?acc%65ss_token={S}"),
        (
            "https://a.example/?next=https%3A%2F%2Fb.example%2F%3Ftoken%3DTOPSECRET%26a%3D1&z=2",
            f"https://a.example/?next=https%3A%2F%2Fb.example%2F%3Ftoken%3D{S}%26a%3D1&z=2",
        ),
        ("https://a.example/?n=%2Fb%253Ftoken%253DTOPSECRET&z=2", f"https://a.example/?n=%2Fb%253Ftoken%253D{S}&z=2"),
        ("https://a.example/?code=TOPSECRET&state=x", f"https://a.example/?code={S}&state=x"),
        *[
            (f"https://a.example/?b=%20c&{name}=TOPSECRET", f"https://a.example/?b=%20c&{name}={S}")
            for name in ("auth_token", "oauth_token", "api-key", "apiKey", "X-Goog-Signature", "pwd", "X-Auth-Token")
        ],
    ],
)
def test_what_opens_an_account_is_replaced_in_an_address_and_nothing_else_is(url, clean):
    """
    Also where no program parses the address; replacing it again changes nothing.
    """
    assert clean == without_secrets(url) == without_secrets(clean)


@pytest.mark.parametrize(
    "url",
    [
        "https://social.example/@jane", "https://matrix.example/#/!room:a.example?via=a.example", "@jane@social.example",
        "https://a.example/?code=NL&page_token=x&pageToken=y", "https://a.example/?q=token", "https://a.example/?token=",
    ],
)  # fmt: skip
def test_an_ordinary_address_is_left_as_it_is(url):
    """
    Accounts in paths, places in a list, a code of a country: replacing them would make two addresses one.
    """
    assert url == without_secrets(url)


@pytest.mark.parametrize("url", ["https://user:TOPSECRET@a.example/", "ftp://a.example/?token=TOPSECRET", "wss://u@a/"])
def test_a_refusal_repeats_no_secret(url):
    """
    It is read by people, and logged.
    """
    with pytest.raises(QueryError, match=r"REPLACED-BY-OSINT") as caught:
        make_query(url=url)
    assert "TOPSECRET" not in str(caught.value)
