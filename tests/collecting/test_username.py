"""Looking for a handle: two signs before it is found, a word for everything else, each check an entry."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace

import pytest
from origin import http

from osint.activity import Actor
from osint.collecting import username as username_module
from osint.collectors import load
from osint.collectors.answer import read_json, refuse
from osint.collectors.protocol import Stop
from osint.errors import QueryError
from osint.query import AccountQuery

BLOCK = http(b"<title>Just a moment...</title>", "Content-Type: text/html", status="403 Forbidden")


def profile(name: str) -> bytes:
    return http(json.dumps({"name": name}).encode(), "Content-Type: application/json")


@pytest.fixture
def platform(origin, monkeypatch):
    """A platform whose accounts are at 127.0.0.1, and whose profiles are JSON with a name."""

    def pages(query, get):
        answer = get(f"http://127.0.0.1:{origin.port}/{query.name}")
        refuse(answer, f"the account {query.account}")
        yield answer
        yield get(f"http://127.0.0.1:{origin.port}/{query.name}/posts")
        return Stop.EXHAUSTED

    def parse(capture):
        name = read_json(capture, "a profile").get("name")
        key = {"id": f"account:x:{name}", "platform": "x", "native_id": "1", "exhibit": capture.exhibit, "pointer": ""}
        return [Actor(**key, handle=name)] if name else []

    manifest = dataclasses.replace(
        load("mastodon").MANIFEST, name="invented", home="127.0.0.1", queries=(AccountQuery,)
    )
    module = SimpleNamespace(MANIFEST=manifest, pages=pages, parse=parse)
    monkeypatch.setattr(username_module, "names", lambda: ("invented",))
    monkeypatch.setattr(username_module, "load", lambda _: module)
    return origin


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (profile("JaneEx"), "found"),
        (profile("janeex2"), "unclear"),
        (profile(""), "unclear"),
        (http(b"<html>Welcome! Nobody is called that.</html>", "Content-Type: text/html"), "unclear"),
        (http(b"", status="404 Not Found"), "not found"),
        (http(b"", status="410 Gone"), "not found"),
        (http(b"", status="401 Unauthorized"), "closed"),
        (BLOCK, "blocked"),
        (http(b"", "Retry-After: 9999", status="429 Too Many Requests"), "asked to come back later"),
        (http(b"", status="500 Internal Server Error"), "failed"),
    ],
)
def test_found_takes_two_signs_and_everything_else_has_a_word(open_case, platform, answer, seen):
    """A page that answers is not an account; what is refused says nothing of whether there is one."""
    platform.serve("/janeex", answer)
    case = open_case(terms=["janeex"])

    found = case.username("@janeex")

    [check] = found.checks.to_dict("records")
    assert (check["platform"], check["account"], check["outcome"]) == ("invented", "@janeex@127.0.0.1", seen)
    assert "E0001" in [entry.exhibit for entry in case._ledger.entries()]
    actions = [(entry.action, entry.outcome) for entry in case._ledger.entries()][-3:]
    assert actions[0] == ("check", "allowed")
    assert actions[2][0] == "conclude"
    assert str(found).splitlines()[0] == f"janeex: seen on {int(seen == 'found')} of 1 platforms"
    assert username_module.CAVEAT in str(found)
    case.verify()


def test_no_posts_are_asked_for_and_none_come_into_the_tables(open_case, platform):
    """The first answer that holds an account ends the check, now and when tables are made again."""
    platform.serve("/janeex", profile("janeex"))
    case = open_case(terms=["janeex"])
    case.username("janeex")

    case.rebuild()

    assert platform.paths == ["/janeex"]
    assert case.posts().empty
    assert case.interrupted() == []


def test_a_handle_without_authority_is_refused_and_nothing_is_asked(open_case, platform):
    """The refusal is an entry, and names how the handle is added."""
    case = open_case(accounts=["@someone@social.example"])

    [check] = case.username("janeex").checks.to_dict("records")

    assert (check["outcome"], check["exhibits"], platform.paths) == ("refused", [], [])
    assert "case.extend(terms=[...]" in check["detail"]
    assert [(entry.action, entry.outcome) for entry in case._ledger.entries()][-1] == ("check", "refused")


def test_a_host_that_does_not_answer_is_an_entry_too(open_case, platform):
    """Nothing came; the check says so."""
    platform.serve("/janeex", lambda connection: connection.close())
    case = open_case(terms=["janeex"])

    [check] = case.username("janeex").checks.to_dict("records")

    assert (check["outcome"], check["exhibits"]) == ("failed", [])


def test_what_cannot_be_asked_for_accounts_is_named(open_case, platform):
    """And so are those that can; a handle with a host is no handle."""
    case = open_case(terms=["janeex"])
    with pytest.raises(QueryError, match=r"webpage cannot be asked .* These can: invented"):
        case.username("janeex", platforms=["webpage"])
    with pytest.raises(QueryError, match="without @ and host"):
        case.username("janeex@social.example")


def test_a_name_that_no_account_can_have_costs_no_other_platform(open_case, platform, monkeypatch):
    """Nothing was asked there; the check has its end like any other."""

    def pages(query, get):
        raise QueryError(f"{query.account} is no account here.")
        yield

    monkeypatch.setattr(username_module.load("invented"), "pages", pages)
    case = open_case(terms=["jane.doe"])

    [check] = case.username("jane.doe").checks.to_dict("records")

    assert (check["outcome"], check["exhibits"], platform.paths) == ("no name there", [], [])
    assert [(entry.action, entry.outcome) for entry in case._ledger.entries()][-1] == ("conclude", "nil")


@pytest.mark.parametrize(
    ("error", "stop"), [(KeyboardInterrupt(), "cancelled"), (RuntimeError("no such thing"), "error")]
)
def test_a_check_that_breaks_off_has_its_end_in_the_ledger(open_case, platform, monkeypatch, error, stop):
    """Whoever reads the ledger sees that it was begun, and that it was not finished."""

    def pages(query, get):
        raise error
        yield

    monkeypatch.setattr(username_module.load("invented"), "pages", pages)
    case = open_case(terms=["janeex"])

    with pytest.raises(type(error)):
        case.username("janeex")
    last = list(case._ledger.entries())[-1]
    assert (last.action, last.outcome, last.result[0]["stop"]) == ("conclude", "failed", stop)


def test_what_only_an_archive_tells_is_not_asked():
    """It was to be seen once; nobody says that it is."""
    assert "myspace" not in username_module.platforms()
    assert {"bluesky", "telegram", "youtube"} <= set(username_module.platforms())
