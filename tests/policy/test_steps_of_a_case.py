"""Steps of a case that pass the gate besides collecting: what a rule refuses there is an entry, and nothing happens."""

from __future__ import annotations

import pytest
from origin import AUTHORITY, http

import osint
from osint.case import Case
from osint.case_mark import BACKGROUND
from osint.errors import AuthorizationError
from osint.opening import open_store

PAGE = http(b"<html><body>words enough to be a page</body></html>", "Content-Type: text/html")


def last(case):
    return tuple(case.ledger.iloc[-1][["action", "outcome"]])


def test_a_background_check_is_not_merged_into_an_investigation(open_case, tmp_path, loopback):
    """What another officer collected about a candidate stays in a case of its own."""
    other = open_store(
        Case, BACKGROUND, tmp_path / "there", investigator="B. Klein", network=loopback, keys=tmp_path / "others"
    )
    with other:
        other.authorize(osint.Authorization(**{**AUTHORITY, "purpose": "background_check", "expires": "9999-12-31"}))
        other.export(tmp_path / "package")
    case = open_case()

    with pytest.raises(AuthorizationError, match="cases of their own"):
        case.merge(tmp_path / "package")

    assert last(case) == ("merge", "refused")
    assert case.parts().empty


def test_an_investigation_takes_no_authority_for_a_background_check(open_case):
    """Nor the other way round."""
    case = open_case()

    with pytest.raises(AuthorizationError, match="open another case"):
        case.authorize(osint.Authorization(**{**AUTHORITY, "purpose": "background_check"}))

    assert last(case) == ("authorize", "refused")
    assert case.authority.purpose == "missing_person"


def test_what_may_be_protected_is_refused_until_its_ties_are_stated(open_case, origin):
    """All three fields are named at once; with them the same search is allowed."""
    url = origin.serve("/groups/anglers", PAGE)
    case = open_case()

    with pytest.raises(AuthorizationError) as refused:
        case.collect("webpage", url=url)
    for name in ("nexus", "approver", "counsel"):
        assert f"{name} is missing" in str(refused.value)
    assert (last(case), origin.requests) == (("search", "refused"), [])

    ties = {"nexus": "the threat was posted there", "approver": "Sgt. A. Klein", "counsel": "B. Berg"}
    case.authorize(osint.Authorization(**{**AUTHORITY, "hosts": ["127.0.0.1"], **ties}))
    assert case.collect("webpage", url=url).posts == 1


def test_the_refusal_stands_in_clear_by_rule_though_its_words_are_erased(open_case):
    """Counts by rule stay possible for ever, and name nobody."""
    case = open_case()
    with pytest.raises(AuthorizationError):
        case.collect("webpage", url="https://elsewhere.example/jane-example")
    (entry,) = case._ledger.entries(len(case._ledger) - 1)

    assert [item["rule"] for item in entry.result if item["kind"] == "rule"] == ["iv.b.1-scope"]
    assert "jane" not in str(entry.payload)
