"""Before a run: what it takes, and whether it could be made."""

from __future__ import annotations

import dataclasses

import pytest
from origin import http

from osint.collecting import estimate as estimate_module
from osint.collecting import probe as probe_module
from osint.collecting.estimate import estimate
from osint.collectors import load
from osint.collectors.protocol import Key, Quota
from osint.query import make_query

JANE = {"account": "@jane@social.example"}


def test_the_size_of_a_run_follows_from_its_limit_and_the_pages_of_the_source():
    """One request for the profile, then pages of forty."""
    found = estimate("mastodon", make_query(**JANE, limit=100), pace=1.5)

    assert (found.requests, found.seconds, found.units, found.money) == (4, 4.5, None, 0)
    assert "About 4 requests and 5 s for 100 posts" in str(found)


def test_without_a_limit_it_is_for_each_thousand():
    """Nobody knows how many posts there are."""
    found = estimate("mastodon", make_query(**JANE), pace=1)

    assert (found.posts, found.requests) == (1000, 26)
    assert "for each 1000 posts" in str(found)


def test_where_nobody_knows_the_pages_nothing_is_made_up():
    """A feed may hold ten entries or ten thousand."""
    found = estimate("feed", make_query(url="https://news.example/feed"), pace=1)

    assert (found.requests, found.seconds) == (None, None)
    assert "nobody can say" in str(found)


def test_a_slower_source_and_its_quota_count(monkeypatch):
    """The slower pace of the two, and the units of each request."""
    manifest = dataclasses.replace(
        load("mastodon").MANIFEST, pace=10, quota=Quota(units=10_000, each=100, resets="midnight in California")
    )
    monkeypatch.setattr(estimate_module, "load", lambda _: type("Module", (), {"MANIFEST": manifest}))

    found = estimate("mastodon", make_query(**JANE, limit=40), pace=1)

    assert (found.seconds, found.units) == (10, 200)
    assert "200 of 10000 units a day (midnight in California)" in str(found)


def test_a_host_that_may_be_asked_gives_its_robots_txt(open_case, origin):
    """It becomes an exhibit under the authority of the run; nothing else is asked, and no table has a row of it."""
    url = origin.serve("/page", http(b"<html></html>"))
    origin.serve("/robots.txt", http(b"User-agent: *\nDisallow: /private\n", "Content-Type: text/plain"))
    case = open_case()

    found = case.probe("webpage", url=url)

    assert (found.configured, found.permitted, found.reachable, found.exhibit) == (True, True, True, "E0001")
    assert origin.paths == ["/robots.txt"]
    assert [(e.action, e.outcome) for e in case._ledger.entries()][-3:] == [
        ("check", "allowed"), ("acquire", "done"), ("conclude", "done"),
    ]  # fmt: skip
    case.rebuild()
    assert case.posts().empty
    assert case.interrupted() == []
    case.verify()


def test_what_is_not_permitted_is_not_asked(open_case, origin):
    """The refusal is an entry, and the reasons say how the scope is widened."""
    found = open_case(hosts=["other.example"]).probe("webpage", url=origin.serve("/page", http(b"")))

    assert (found.permitted, found.reachable, found.exhibit, origin.paths) == (False, None, None, [])
    assert "case.extend(urls=[...]" in str(found)


def test_a_host_that_does_not_answer_is_said(open_case, loopback):
    """The words are those of the failed request."""
    found = open_case().probe("webpage", url="http://127.0.0.1:1/page")

    assert (found.permitted, found.reachable) == (True, False)
    assert "The host does not answer" in str(found)


@pytest.mark.parametrize("key", ["", "planted-key"])
def test_a_missing_key_is_said_with_the_way_to_one(open_case, origin, monkeypatch, key):
    """Its value is in no word of the answer."""
    manifest = dataclasses.replace(
        load("webpage").MANIFEST, key=Key(host="api.example", parameter="key", how="Register.")
    )
    monkeypatch.setattr(probe_module, "load", lambda _: type("Module", (), {"MANIFEST": manifest}))
    monkeypatch.setenv("OSINT_KEY_WEBPAGE", key)

    found = open_case().probe("webpage", url=origin.serve("/page", http(b"")))

    assert found.configured == bool(key)
    assert ("OSINT_KEY_WEBPAGE" in str(found)) != bool(key)
    assert "planted-key" not in str(found)


def test_a_single_page_is_one_request():
    """And no thousand."""
    found = estimate("webpage", make_query(url="https://news.example/"), pace=1)

    assert (found.posts, found.requests) == (1, 1)
    assert "About 1 requests and 0 s for 1 post," in str(found)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (http(b"", "Location: https://www.elsewhere.example/robots.txt", status="301 Moved"), "not under authority"),
        (http(b"", "Retry-After: 9999", status="429 Too Many Requests"), "asks to come back"),
    ],
)
def test_a_host_that_answers_something_else_did_answer(open_case, origin, answer, words):
    """The exhibit is named; what it was stands beside it."""
    origin.serve("/robots.txt", answer)

    found = open_case().probe("webpage", url=origin.serve("/page", http(b"")))

    assert (found.reachable, found.exhibit) == (True, "E0001")
    assert words in str(found)


def test_a_host_that_asked_to_be_left_alone_is_not_called_unreachable(open_case, origin):
    """It was not asked."""
    origin.serve("/robots.txt", http(b"", "Retry-After: 9999", status="429 Too Many Requests"))
    case = open_case()
    case.probe("webpage", url=origin.serve("/page", http(b"")))

    found = case.probe("webpage", url=origin.serve("/page", http(b"")))

    assert (found.reachable, found.exhibit, len(origin.requests)) == (None, None, 1)
    assert "Not asked" in str(found)


def test_a_probe_that_breaks_off_has_its_end_in_the_ledger(open_case, origin, monkeypatch):
    """As a run has."""
    case = open_case()
    monkeypatch.setattr(case._door, "get", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        case.probe("webpage", url=origin.serve("/page", http(b"")))

    last = list(case._ledger.entries())[-1]
    assert (last.action, last.result[0]["stop"]) == ("conclude", "cancelled")
