"""Policy packs: what is read, what is refused with its reasons, and what stands behind each value."""

from __future__ import annotations

from datetime import date

import pytest

from osint.errors import PolicyError
from osint.gate.in_force import describe, explain
from osint.policy.pack_text import BUILT_IN, DEFAULT, built_in, read_pack
from osint.policy.rules import ABOUT_THE_AUTHORITY, ABOUT_THE_STEP

TODAY = date(2026, 11, 23)
HEAD = """
[pack]
name = "westmere"
version = "2027.1"
title = "Policy of Westmere"
issuer = "Chief of Police"
effective = "2026-01-01"
review_due = "2028-01-01"
legal_effect = "For internal use only."
"""
SOURCED = 'citation = "order 12"\nverified_on = "2026-11-01"\nadopted_by = "Chief R. Roe"\n'
HOURS = f'[values.emergency_hours]\nvalue = 12\nunit = "hours"\n{SOURCED}'


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_pack_of_this_program_explains_every_rule(name):
    """A pack says clause, source, what is checked and what is refused, of each rule of the gate and of no other."""
    pack = built_in(name)

    assert pack.rules.keys() == {*ABOUT_THE_STEP, *ABOUT_THE_AUTHORITY}
    for rule in pack.rules:
        lines = explain(pack, rule, TODAY).split("\n")
        assert [line.split(":")[0] for line in lines[:7]] == [
            "rule", "policy", "clause", "citation", "standing", "checks", "refuses",
        ]  # fmt: skip
        assert all(line.split(":")[0] in pack.values for line in lines[7:])
        assert all(line.split(":", 1)[1].strip() for line in lines)


def test_what_nobody_verified_is_shown_as_such():
    """Each number of a pack is printed with what stands behind it."""
    lines = describe(built_in(DEFAULT), TODAY)

    hours = next(line for line in lines if line.startswith("emergency_hours"))
    assert "24 hours" in hours
    assert "UNVERIFIED; adopted by nobody yet" in hours
    assert any("verified on 2026-11-22; adopted by nobody yet" in line for line in lines)


def test_a_rule_is_explained_with_the_values_that_it_goes_by():
    """Whoever asks why they were refused reads the number, and that nobody verified it."""
    said = explain(built_in("uk"), "IV.B.1.a-emergency", TODAY).split("\n")[-1]

    assert said.startswith("emergency_hours: 24 hours: ")
    assert "UNVERIFIED; adopted by nobody yet" in said


@pytest.mark.parametrize("name", [each for each in BUILT_IN if each != DEFAULT])
def test_nothing_of_a_pack_that_nobody_could_check_stands_as_verified(name):
    """What it inherits was read for the founding order and not for it; that is said wherever one of its values is."""
    pack = built_in(name)
    every = pack.sourced

    assert {each.standing(TODAY, 12) for each in every} == {"UNVERIFIED; adopted by nobody yet"}
    assert pack.rules["P18"].citation.startswith("common text of this program: General Order XLV")
    assert f"{len(every)} of {len(every)} values and rules of {name} 2026.1 are UNVERIFIED" in pack.banner(TODAY)


def test_what_was_verified_long_ago_is_shown_as_such():
    """A source that was read more than the months of the pack ago is not passed off as fresh."""
    rule = built_in(DEFAULT).rules["P8"]

    assert "more than 12 months ago" in rule.standing(date(2027, 12, 1), 12)
    assert "ago" not in rule.standing(date(2027, 11, 1), 12)


def test_the_review_of_the_founding_order_is_overdue_and_that_of_a_newer_pack_is_not():
    """The order was to be reviewed in 2015; that is said until a newer version is signed."""
    assert built_in(DEFAULT).overdue(TODAY).startswith("POLICY REVIEW OVERDUE since 2015-03-01: us-mo-municipal")
    assert describe(built_in(DEFAULT), TODAY)[0].startswith("POLICY REVIEW OVERDUE")
    assert read_pack(HEAD).overdue(date(2028, 1, 1)) == ""
    assert read_pack(HEAD).overdue(date(2028, 1, 2))


def test_a_pack_changes_what_it_names_and_leaves_the_rest():
    """An agency writes its own numbers only."""
    pack = read_pack(HEAD + HOURS)

    assert (pack.number("emergency_hours"), pack.values["emergency_hours"].adopted_by) == (12, "Chief R. Roe")
    assert pack.number("emergency_deferrals_at_most") == built_in(DEFAULT).number("emergency_deferrals_at_most")
    assert pack.sha256 != read_pack(HEAD).sha256


def test_everything_wrong_with_a_pack_is_named_at_once():
    """Counsel corrects a pack in one go."""
    wrong = HEAD.replace('"2027.1"', '"new"').replace('issuer = "Chief of Police"\n', "") + (
        '[values.emergency_hours]\nvalue = "twelve"\nunit = "hours"\ncitation = " "\nverified_on = "yesterday"\n'
        '[values.waiting_period]\nvalue = 24\nunit = "hours"\ncitation = "x"\nverified_on = ""\nadopted_by = ""\n'
        '[rules.P99]\nclause = "x"\n[extra]\n[[clause]]\nid = "I"\n'
    )

    with pytest.raises(PolicyError) as refused:
        read_pack(wrong)

    for words in (
        "pack.version", "pack.issuer is missing", "emergency_hours.value is not of the kind int", "adopted_by is missing",
        "citation is empty", "'yesterday' is no day", "waiting_period is nothing that this program reads",
        "rules.P99 is nothing that this program reads", "extra is nothing", "clause 1 has",
    ):  # fmt: skip
        assert words in str(refused.value)


@pytest.mark.parametrize(
    "text", ["[pack", "", "pack = 1", HEAD + "values = 1\n", HEAD + "[values]\nemergency_hours = 1\n"]
)
def test_what_is_no_pack_is_refused_and_never_an_error_of_the_program(text):
    """Broken TOML, nothing at all, and values that are no tables."""
    with pytest.raises(PolicyError):
        read_pack(text)


def test_no_waiting_period_can_be_set():
    """For a missing person none may exist, so there is no value to set one by."""
    assert [name for name in built_in(DEFAULT).values if "wait" in name] == []


def test_a_number_that_is_not_there_is_named():
    """Nothing runs on a number that nobody wrote."""
    with pytest.raises(PolicyError, match="no number 'minutes'"):
        built_in(DEFAULT).number("minutes")
    with pytest.raises(PolicyError, match="no list 'emergency_hours'"):
        built_in(DEFAULT).words("emergency_hours")
    with pytest.raises(PolicyError, match="comes with us-mo-municipal"):
        built_in("westmere")
    with pytest.raises(PolicyError, match="There is no rule 'P99'"):
        explain(built_in(DEFAULT), "P99", TODAY)


def test_the_words_of_a_rule_claim_no_compliance():
    """A pack records; it does not certify."""
    for name in BUILT_IN:
        text = "\n".join(describe(built_in(name), TODAY)).casefold()
        assert "complied" not in text
        assert "compliant" not in text
