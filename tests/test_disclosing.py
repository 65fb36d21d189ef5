"""Disclosure outside the case team: written permission first, a register of who has what, and who hears of changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from origin import http

import osint
from osint.chain_of_custody.keys import load_or_create
from osint.errors import AuthorizationError, CaseError
from osint.policy.pack_text import DEFAULT, built_in
from osint.policy.private_facts import private_facts

PAGE = http(b"<html><body>words enough to be a page, seen at the river</body></html>", "Content-Type: text/html")
TELLING = http(
    b"<html><body>Call (417) 555-0182, she lives at 12 Mill Street and is 9 years old, back from rehab</body></html>",
    "Content-Type: text/html",
)
TO = osint.Disclosure(
    recipient="Det. R. Roe", agency="Eastmere PD", reason="the same car was seen there", right="mutual aid agreement 4",
    permission="Chief A. Berg, letter 12 of 1 June 2026", sensitivity="law enforcement only", confidence="2-B",
)  # fmt: skip


@pytest.fixture
def case(open_case, origin):
    case = open_case()
    case.collect("webpage", url=origin.serve("/", PAGE))
    return case


@pytest.fixture
def order(tmp_path):
    return osint.Order(
        authority="Circuit Court, order 26-1184", reason="expunged", requester="J. Smit, badge 4471",
        approver=load_or_create(tmp_path / "chief", "actor"), approver_name="A. Berg, badge 12",
    )  # fmt: skip


def last(case):
    return tuple(case.ledger.iloc[-1][["action", "outcome"]])


def test_a_disclosure_stands_in_the_register_with_every_field_of_the_regulation(case, tmp_path):
    """Who, of which agency, why, by what right, by whose permission, who handed it out, when, and what."""
    package = case.disclose(tmp_path / "out", TO)
    (row,) = case.disclosures().to_dict("records")

    stated = {
        "kind": "disclosure", "recipient": TO.recipient, "agency": TO.agency, "need_to_know": TO.reason,
        "right_to_know": TO.right, "permission": TO.permission, "sensitivity": TO.sensitivity, "confidence": TO.confidence,
        "by": "J. Smit, badge 4471", "exhibits": ["E0001"], "package": package.manifest_sha256, "to_tell": [],
    }  # fmt: skip
    assert {name: row[name] for name in stated} == stated
    assert f"{row['when']:%Y-%m-%d}" == "2026-06-01"


def test_without_permission_nothing_leaves_and_all_that_lacks_is_named(case, tmp_path):
    """The refusal is an entry, and no folder is made."""
    with pytest.raises(AuthorizationError) as refused:
        case.disclose(tmp_path / "out", osint.Disclosure(agency="Eastmere PD"))

    lacking = {ground.partition(" is missing")[0] for ground in refused.value.reasons}
    assert lacking == {"recipient", "reason", "right", "permission"}
    assert last(case) == ("disclose", "refused")
    assert not (tmp_path / "out").exists()
    assert case.disclosures().empty


def test_an_ordinary_export_says_to_whom_when_told(case, tmp_path):
    """The case team and the prosecutor need no permission; who is named is in the register."""
    case.export(tmp_path / "one")
    case.export(tmp_path / "two", recipient="Prosecutor B. Klein")

    assert case.disclosures()[["kind", "recipient"]].to_numpy().tolist() == [["export", "Prosecutor B. Klein"]]


def test_whoever_has_it_is_to_be_told_of_a_purge_until_they_were(case, order, tmp_path):
    """Register and certificate name the recipient; what was said is an entry."""
    case.disclose(tmp_path / "out", TO)
    case.erasing.purge(["E0001"], order)
    entry = next(each.seq for each in case._ledger.entries() if each.action == "purge")
    disclosure = int(case.disclosures()["entry"][0])

    assert case.disclosures()["to_tell"][0] == [entry]
    assert f"Still to be told: {TO.recipient}" in str(case.purge_certificate(entry))

    case.notified(disclosure, "letter of 3 June 2026")
    assert case.disclosures()["to_tell"][0] == []
    assert "Still to be told" not in str(case.purge_certificate(entry))


def test_only_the_recipient_of_a_disclosure_is_told(case, tmp_path):
    """And it is said how."""
    case.disclose(tmp_path / "out", TO)
    with pytest.raises(CaseError, match="no disclosure"):
        case.notified(1, "letter")
    with pytest.raises(CaseError, match="how they were told"):
        case.notified(int(case.disclosures()["entry"][0]), " ")


def test_a_disclosure_starts_the_clock_anew_where_the_class_says_so(case, tmp_path):
    """Of what is counted from its collection it does not."""
    for name, anew in {"R2": True, "R6": False}.items():
        since = "2026-05-01" if anew else ""
        case.classify(name, since=since, reason="nobody was charged")
        before = case.retention()["until"][0]
        case.disclose(tmp_path / name, TO)

        assert (case.retention()["until"][0] > before) is anew


def test_intelligence_goes_only_to_who_keeps_like_rules(case, tmp_path):
    """Or to avert an imminent danger, which is stated."""
    case.classify(
        "R5", exhibits=["E0001"], reason="shared", predicate="three thefts, one car", reviewer="Sgt. A. Klein"
    )
    with pytest.raises(AuthorizationError, match="assurance is missing"):
        case.disclose(tmp_path / "out", TO)

    case.disclose(tmp_path / "out", replace(TO, imminent_danger="a threat to shoot at the school tomorrow"))
    assert case.disclosures()["assurance"][0].startswith("a threat")


def test_private_facts_leave_only_where_somebody_saw_them_and_says_why(open_case, origin, tmp_path):
    """The table lists them; a disclosure that does not state them is refused, and so is one without a reason."""
    case = open_case()
    case.collect("webpage", url=origin.serve("/", TELLING))
    kinds = ("health", "home_address", "minor", "phone")

    assert sorted(case.private_facts()["kind"]) == list(kinds)
    with pytest.raises(AuthorizationError, match="contents is missing"):
        case.disclose(tmp_path / "out", TO)
    with pytest.raises(AuthorizationError, match="necessary is missing"):
        case.disclose(tmp_path / "out", replace(TO, contents=kinds))
    case.disclose(tmp_path / "out", replace(TO, contents=kinds, necessary="she is looked for, and needs medicine"))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("ring 417-555-0182 tonight", ["phone"]),
        ("+44 20 7946 0958", ["phone"]),
        ("on 2026-05-20 at 9:30", []),
        ("he lives at 1400 N Porter Wagoner Blvd", ["home_address"]),
        ("Mill Street was closed", []),
        ("my youngest daughter sings", ["minor"]),
        ("a 17 year old boy", ["minor"]),
        ("a 71 year old man", []),
        ("she was diagnosed in May", ["health"]),
        ("the patient fisherman", []),
    ],
)  # fmt: skip
def test_what_the_rules_find_in_a_text(text, kinds):
    """Each kind, and what is near it and none."""
    words = built_in(DEFAULT).words("health_words")

    assert [kind for kind, _ in private_facts(text, words)] == kinds
