"""The rules of the gate: facts in, a decision out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.policy.authorization import Authorization
from osint.policy.contracts import CONTRACTS
from osint.policy.facts import Facts, Standing
from osint.policy.pack_text import DEFAULT, built_in
from osint.policy.rules import decide
from osint.policy.scope import request_in_scope
from osint.query import make_query

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PACK = built_in(DEFAULT)


def standing(**scope) -> Standing:
    fields = {
        "identifier": "MP-1",
        "type": "report",
        "purpose": "missing_person",
        "expires": "2026-12-31",
        "place": "x",
    }
    return Standing(authorization=Authorization(**{**fields, **scope}), entry="ab", seq=3)


def decision(scope: dict, now: datetime = NOW, **asked):
    return decide(Facts(now=now, query=make_query(**asked), standing=[standing(**scope)]), PACK)


ALLOWED = [
    ({"accounts": ["@jane@social.example"]}, {"account": "@jane@social.example"}),
    ({"accounts": ["@Jane@Social.example"]}, {"account": "jane@social.example"}),
    ({"accounts": ["@jane@social.example"]}, {"thread": "https://social.example/@jane/1"}),
    ({"accounts": ["@jane@social.example"]}, {"thread": "https://social.example/users/Jane/statuses/1"}),
    ({"urls": ["https://a.example/blog"]}, {"url": "https://a.example/blog/post?page=2"}),
    ({"urls": ["https://a.example/blog/"]}, {"url": "http://www.a.example/blog"}),
    ({"hosts": ["a.example"]}, {"url": "https://www.a.example/anything"}),
    ({"hosts": ["a.example"]}, {"thread": "https://a.example/@anyone/1"}),
    ({"tags": ["#Westmere"]}, {"tag": "westmere", "host": "social.example"}),
    ({"terms": ["westmere"], "hosts": ["social.example"]}, {"tag": "Westmere", "host": "social.example"}),
    ({"tags": ["westmere"], "accounts": ["@a@social.example"]}, {"tag": "westmere", "host": "social.example"}),
    (
        {"hosts": ["register.example"], "subjects": ["Jane Example"]},
        {"search": "jane example", "host": "register.example"},
    ),
    ({"accounts": ["@JaneEx@social.example"]}, {"handle": "janeex", "host": "t.me"}),
    ({"terms": ["janeex"]}, {"handle": "JaneEx", "host": "t.me"}),
    ({"hosts": ["register.example"], "terms": ["westmere"]}, {"search": "Westmere ", "host": "www.register.example"}),
    ({"hosts": ["register.example"]}, {"search": "", "host": "register.example", "where": {"state": "CA"}}),
]
REFUSED = [
    ({"hosts": ["social.example"]}, {"account": "@jane@social.example"}),
    ({"accounts": ["@jane@social.example"]}, {"account": "@jane@other.example"}),
    ({"accounts": ["@jane@social.example"]}, {"account": "@janet@social.example"}),
    ({"accounts": ["@jane@social.example"]}, {"thread": "https://social.example/@janet/1"}),
    ({"accounts": ["@jane@social.example"]}, {"thread": "https://other.example/@jane/1"}),
    ({"urls": ["https://a.example/blog"]}, {"url": "https://a.example/blogger"}),
    ({"urls": ["https://a.example/blog"]}, {"url": "https://a.example/blog/../private"}),
    ({"urls": ["https://a.example/blog"]}, {"url": "https://a.example/blog/%2e%2e/private"}),
    ({"urls": ["https://a.example/blog"]}, {"url": "https://a.example.evil.example/blog"}),
    ({"urls": ["https://a.example/blog"]}, {"url": "https://a.example:8443/blog"}),
    ({"urls": ["https://a.example/blog"]}, {"url": "https://a.example/blog/..;/private"}),
    ({"urls": ["https://a.example/blog"]}, {"url": "https://a.example/blog/..\\private"}),
    ({"urls": ["https://a.example/blog"]}, {"url": "https://a.example/blog/%252e%252e/private"}),
    ({"urls": ["https://a.example/?p=1"]}, {"url": "https://a.example/?p=2"}),
    ({"accounts": ["@jane@social.example"]}, {"thread": "https://social.example/@jane/@bob/666"}),
    ({"hosts": ["a.example"]}, {"url": "https://sub.a.example/"}),
    ({"hosts": ["a.example"]}, {"url": "https://nota.example/"}),
    ({"tags": ["westmere"]}, {"tag": "eastmere", "host": "social.example"}),
    ({"tags": ["westmere"], "hosts": ["a.example"]}, {"tag": "westmere", "host": "b.example"}),
    (
        {"hosts": ["register.example"], "subjects": ["Jane Example"]},
        {"search": "Bob Example", "host": "register.example"},
    ),
    ({"subjects": ["Jane Example"]}, {"search": "Jane Example", "host": "register.example"}),
    ({"accounts": ["@a@register.example"], "terms": ["x"]}, {"search": "x", "host": "register.example"}),
    ({"subjects": ["Jane Example"]}, {"search": "", "host": "register.example"}),
    ({"accounts": ["@janeex@social.example"], "hosts": ["t.me"]}, {"handle": "bob", "host": "t.me"}),
]


@pytest.mark.parametrize(("scope", "asked"), ALLOWED)
def test_what_the_scope_names_is_allowed(scope, asked):
    """
    A search in scope asks for nothing more, and names the authority that carries it.
    """
    made = decision(scope, **asked)

    assert (made.allowed, made.standing.seq) == (True, 3)


@pytest.mark.parametrize(("scope", "asked"), REFUSED)
def test_what_the_scope_does_not_name_is_refused(scope, asked):
    """
    Neighbours, look-alikes and climbing paths are outside, and the ground says how a lead is added.
    """
    made = decision(scope, **asked)

    assert not made.allowed
    assert "case.extend(" in made.reasons[0]


def test_without_an_authority_nothing_is_allowed():
    """
    No authority, no search.
    """
    made = decide(Facts(now=NOW, query=make_query(url="https://a.example/"), standing=[]), PACK)

    assert not made.allowed
    assert "no authorization is recorded" in made.reasons[0]


def test_an_expired_authority_carries_nothing():
    """
    One instant after its expiry it is worth nothing.
    """
    late = datetime(2027, 1, 1, tzinfo=UTC)

    assert decision({"hosts": ["a.example"]}, url="https://a.example/").allowed
    assert "expired" in decision({"hosts": ["a.example"]}, now=late, url="https://a.example/").reasons[0]


def test_every_ground_is_given_at_once():
    """
    Expired, out of period and out of scope are said together.
    """
    scope = {"hosts": ["a.example"], "since": "2026-05-01", "until": "2026-06-30", "expires": "2026-05-31"}

    made = decision(scope, url="https://b.example/", since="2026-04-01", until="2026-07-01")

    assert len(made.reasons) == 4


def test_a_query_without_a_period_gets_that_of_the_authority():
    """
    Later searches ask nothing, and still stay within the period.
    """
    made = decision({"hosts": ["a.example"], "since": "2026-05-01", "until": "2026-06-30"}, url="https://a.example/")

    assert (made.query.since, made.query.until) == ("2026-05-01", "2026-06-30")


def test_the_newest_authority_that_covers_the_step_carries_it():
    """
    An older authority still serves what a newer one does not cover.
    """
    older, newer = standing(hosts=["a.example"]), standing(hosts=["b.example"], identifier="MP-2")

    made = decide(Facts(now=NOW, query=make_query(url="https://a.example/"), standing=[older, newer]), PACK)

    assert made.standing.authorization.identifier == "MP-1"


ON_THE_WAY = [
    (
        {"urls": ["https://a.example/jane/"]},
        {"url": "https://a.example/jane/feed"},
        "https://a.example/jane/feed?page=2",
        True,
    ),
    (
        {"urls": ["https://a.example/jane/"]},
        {"url": "https://a.example/jane/feed"},
        "https://a.example/bob/feed",
        False,
    ),
    (
        {"urls": ["https://a.example/jane/"]},
        {"url": "https://a.example/jane/feed"},
        "https://a.example:8443/jane/",
        False,
    ),
    ({"hosts": ["a.example"]}, {"url": "https://a.example/x"}, "https://www.a.example./anything", True),
    ({"hosts": ["a.example"]}, {"url": "https://a.example/x"}, "https://b.example/", False),
    ({"accounts": ["@j@s.example"]}, {"account": "@j@s.example"}, "https://s.example/api/v1/accounts/1/statuses", True),
    (
        {"accounts": ["@j@s.example"]},
        {"account": "@j@s.example"},
        "https://t.example/api/v1/accounts/1/statuses",
        False,
    ),
]


@pytest.mark.parametrize(("scope", "asked", "url", "allowed"), ON_THE_WAY)
def test_requests_on_the_way_stay_within_the_scope(scope, asked, url, allowed):
    """
    An address under authority covers what lies below it; a host covers itself; an account's host answers for it.
    """
    assert allowed == request_in_scope(url, make_query(**asked), standing(**scope).authorization)


def test_the_hosts_that_answer_for_a_source_are_on_the_way_and_no_others():
    """What a collector names in ``asks`` answers for the host that people know."""
    authority = standing(accounts=["@jane.example@bsky.app"]).authorization
    query = make_query(account="@jane.example@bsky.app")

    assert request_in_scope("https://public.api.bsky.app/xrpc/x", query, authority, asks=("public.api.bsky.app",))
    assert not request_in_scope("https://public.api.bsky.app/xrpc/x", query, authority)
    assert not request_in_scope("https://api.bsky.app.example/", query, authority, asks=("public.api.bsky.app",))


def test_two_registrable_names_are_never_one():
    """
    Folding letters would make one host of straße and strasse; IDNA keeps them apart, and joins what is one name.
    """
    assert not decision({"hosts": ["strasse.example"]}, url="https://straße.example/").allowed
    assert not decision({"hosts": ["straße.example"]}, url="https://strasse.example/").allowed
    assert decision({"hosts": ["straße.example"]}, url="https://xn--strae-oqa.example/").allowed
    assert decision({"hosts": ["Bücher.example"]}, url="https://bücher.example./").allowed


def test_attachments_need_an_authority_in_force():
    """
    The newest authority in force carries them; an expired one does not.
    """
    expired, current = standing(expires="2026-01-01"), standing(identifier="MP-2")

    def carried(*authorities):
        return decide(Facts(now=NOW, step="preserve", standing=authorities), PACK)

    assert carried(current, expired).standing.authorization.identifier == "MP-2"
    assert (carried(expired).standing, "expired" in carried(expired).reasons[0]) == (None, True)
    assert carried().rules == ("II",)


@given(st.text(min_size=1, max_size=30))
def test_no_path_leaves_the_address_under_authority(tail):
    """
    Whatever follows, an address is in scope only if its path starts with the one named.
    """
    from urllib.parse import quote, unquote, urlsplit

    address = "https://a.example/blog" + quote(tail, safe="/.%-_~")
    made = decision({"urls": ["https://a.example/blog"]}, url=address)
    path = unquote(urlsplit(address).path)

    assert not made.allowed or (path.rstrip("/") == "/blog" or path.startswith("/blog/"))
    assert not (made.allowed and ".." in path.split("/"))


@pytest.mark.parametrize("host", CONTRACTS)
def test_an_interface_whose_contract_bars_the_purpose_is_refused_with_the_way_that_is_open(host):
    """Though the authority names it, and also on the way of a search that may be made."""
    scope = {"hosts": [host], "urls": [f"https://{host}/v23.0/page/feed"]}
    found = decision(scope, url=f"https://{host}/v23.0/page/feed")

    assert not found.allowed
    assert any(CONTRACTS[host].instead in reason for reason in found.reasons)
    query = make_query(url="https://a.example/")
    assert not request_in_scope(f"https://{host}/x", query, standing(**scope).authorization, asks=[host])


def test_the_agencys_own_page_may_be_asked_for_under_that_purpose():
    """And the interfaces that are barred for everybody stay barred."""
    own = {"urls": ["https://graph.facebook.com/v23.0/page"], "purpose": "own_pages"}

    assert decision(own, url="https://graph.facebook.com/v23.0/page/feed").allowed
    assert not decision({**own, "hosts": ["api.x.com"]}, url="https://api.x.com/2/tweets").allowed
