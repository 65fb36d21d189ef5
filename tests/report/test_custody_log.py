"""The custody log in words: a fixed order, and no entry without its details."""

from __future__ import annotations

import pytest
from origin import NOON

import osint
from osint.errors import AuthorizationError
from osint.report.custody_log import custody_html


def details(case, action):
    log = case.ledger
    return list(log.loc[log["action"] == action, "details"])


def test_what_was_asked_stands_before_why_it_was_refused(open_case):
    """
    The disclosures of an entry lie in random order; in words they have one order.
    """
    case = open_case(authorized=False)
    for number in range(8):
        with pytest.raises(AuthorizationError):
            case.collect("webpage", url=f"https://a.example/{number}")

    refused = details(case, "search")

    assert len(refused) == 8
    assert all(words.index("query: ") < words.index("reasons: ") for words in refused)


def test_a_new_key_and_another_person_are_named(open_case, tmp_path, loopback):
    """
    Entries that introduce a key say which, its role and whose; a change of person says who came.
    """
    open_case().close()
    for keys, who in (("keys", "A. Bakker"), ("other-keys", "K. de Vries")):
        osint.open_case(
            tmp_path / "case", investigator=who, network=loopback, keys=tmp_path / keys, clock=lambda: NOON
        ).close()
    case = open_case(authorized=False)
    [opened] = details(case, "open")
    added = details(case, "key.add")

    assert opened.startswith("investigator: J. Smit, badge 4471; actor key ")
    assert added
    assert all("investigator: K. de Vries; " in words and " key " in words for words in added)
    assert "investigator: A. Bakker" in details(case, "configure")


def test_the_verdict_has_a_paragraph_for_each_line(open_case):
    """
    The page says line by line what was verified and what was not covered.
    """
    page = b"".join(custody_html(open_case()._ledger, "Custody log", "Verified.\nnot covered: a tail.")).decode()

    assert "<p>Verified.</p><p>not covered: a tail.</p>" in page
