"""The rules of open records: which day is the last, and what is open; from days and from what was stated alone."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from osint.errors import PolicyError
from osint.policy.open_records import deadline, is_business_day, law_of, status
from osint.policy.pack_text import BUILT_IN, DEFAULT, built_in, read_pack
from osint.records import Investigation

PACK = built_in(DEFAULT)
HOLIDAYS = PACK.words("holidays")
MISSOURI = law_of(PACK)
TODAY = date(2026, 6, 1)
HEAD = """
pack = {name = "westmere", version = "2027.1", title = "W", issuer = "Chief", effective = "2027-01-01", review_due = "2028-01-01", legal_effect = "internal"}
"""
OREGON = """
[open_records.us-or]
title = "Oregon Public Records Law"
value = 5
unit = "business days"
office_closes = "17:00"
extension = "an estimate"
classes = "arrest: open; incident: open; investigative: if inactive, or after 5 years; other: decided"
citation = "counsel names it"
verified_on = ""
adopted_by = ""
[record_grounds."us-or.by_law"]
law = "us-or"
says = "by law"
citation = "counsel names it"
verified_on = ""
adopted_by = ""
"""


def last_day(received, law=MISSOURI):
    return deadline(law, datetime.fromisoformat(received), HOLIDAYS)


@pytest.mark.parametrize(
    ("received", "last"),
    [
        ("2026-06-01T09:00-05:00", "2026-06-04"),  # a Monday
        ("2026-06-01T23:59-05:00", "2026-06-04"),  # after hours counts the same, which gives the earlier day
        ("2026-06-05T09:00-05:00", "2026-06-10"),  # a Friday
        ("2026-06-06T09:00-05:00", "2026-06-10"),  # a Saturday
        ("2026-11-24T09:00-06:00", "2026-11-30"),  # over Thanksgiving
        ("2026-06-17T09:00-05:00", "2026-06-23"),  # over 19 June
        ("2027-07-01T09:00-05:00", "2027-07-07"),  # 4 July 2027 is a Sunday, kept on the Monday
        ("2026-12-31T09:00-06:00", "2027-01-06"),  # into another year
    ],
)
def test_the_third_business_day_after_the_one_of_receipt(received, last):
    """Saturdays, Sundays and holidays do not count, nor does the day of receipt; it ends by the clock of the office."""
    assert last_day(received).isoformat() == f"{last}T23:59:59{received[-6:]}"


def test_another_state_counts_as_its_law_does():
    """Calendar days count them all; five business days are more than three."""
    assert last_day("2026-06-01T09:00-05:00", law_of(PACK, "us-ca")).date() == date(2026, 6, 11)
    assert last_day("2026-06-01T09:00-05:00", law_of(PACK, "us-il")).date() == date(2026, 6, 8)


def test_a_pack_adds_the_law_of_its_own_state_and_its_office_hours():
    """It is data: no code knows Oregon. Received after the office closes counts as received on the next day."""
    oregon = law_of(read_pack(HEAD + OREGON), "us-or")

    assert last_day("2026-06-01T16:59-07:00", oregon).date() == date(2026, 6, 8)
    assert last_day("2026-06-01T17:00-07:00", oregon).date() == date(2026, 6, 9)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ('unit = "business days"', "open_records.us-or counts"),
        ('office_closes = "17:00"', "office_closes is an hour"),
        ("incident: open", "classes says of each"),
        ('law = "us-or"', "record_grounds.us-or.by_law: law is one of"),
    ],
    ids=["days", "hour", "classes", "ground"],
)
def test_a_law_that_cannot_be_counted_is_refused(wrong, says):
    """With everything that is wrong in it."""
    assert wrong in OREGON
    with pytest.raises(PolicyError, match=says):
        read_pack(
            HEAD + OREGON.replace(wrong, wrong.split(" = ")[0] + ' = "x"' if " = " in wrong else "incident: maybe")
        )


def test_what_is_no_holiday_is_named():
    """A table that cannot be read gives no deadline by chance."""
    with pytest.raises(PolicyError, match="2nd of May"):
        is_business_day(TODAY, ["2nd of May"])


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_laws_of_other_states_stand_as_unverified(name):
    """Nobody read them for this; that is said wherever one is used."""
    pack = built_in(name)

    others = [law for law in pack.open_records.values() if law.id != "us-mo"]
    assert len(others) >= 2
    assert all("UNVERIFIED" in law.standing(TODAY, 12) for law in others)


def known(**said):
    return Investigation(identifier="26-0417", stated_by="the prosecutor", **said)


@pytest.mark.parametrize(
    ("said", "openness", "since"),
    [
        ({}, "not known", None),
        ({"not_pursued": "2026-05-01"}, "open", "2026-05-01"),
        ({"not_pursued": "2026-06-02"}, "not known", None),
        ({"not_pursued": "2026-05-01", "further_action": "yes"}, "closed", None),
        ({"limitation": "2026-05-31"}, "open", "2026-05-31"),
        ({"limitation": "none", "offence": "2016-06-01"}, "open", "2026-06-01"),
        ({"limitation": "none", "offence": "2016-06-02"}, "not known", None),
        ({"offence": "2015-01-01", "limitation": "2018-01-01"}, "open", "2018-01-01"),
        ({"convictions_final": "2026-05-31"}, "open", "2026-05-31"),
        (
            {"not_pursued": "2027-01-01", "offence": "2025-01-01", "limitation": "2028-01-01", "convictions_final": "2027-01-01"},
            "closed", None,
        ),
    ],
)  # fmt: skip
def test_an_investigative_report_opens_when_the_investigation_is_inactive(said, openness, since):
    """By decision, by time, by final convictions, whichever is first; what was not stated is never guessed."""
    found = status(MISSOURI, "investigative", [known(**said)], TODAY)

    assert (found.openness, found.since and found.since.isoformat()) == (openness, since)
    assert said.items() <= found.facts.items()
    assert ("not known" not in found.because) == (openness != "not known")


@pytest.mark.parametrize(
    ("said", "openness"),
    [
        ({}, "not known"),
        ({"arrested": "2026-05-02"}, "open"),
        ({"arrested": "2026-05-01"}, "not known"),
        ({"arrested": "2026-05-01", "charged": "no"}, "closed"),
        ({"arrested": "2026-05-01", "charged": "yes"}, "not known"),
        ({"arrested": "2026-05-01", "charged": "yes", "ended": "pending"}, "open"),
        ({"arrested": "2026-05-31", "charged": "yes", "ended": "no conviction"}, "closed"),
    ],
)
def test_an_arrest_report_closes_without_a_charge_or_a_conviction(said, openness):
    """Within thirty days it is open; afterwards by what was stated of charge and end."""
    assert status(MISSOURI, "arrest", [known(**said)], TODAY).openness == openness


def test_one_open_investigation_keeps_a_record_closed():
    """A record belongs to every investigation of its case."""
    over, runs = known(not_pursued="2026-05-01"), known(further_action="yes")

    assert status(MISSOURI, "investigative", [over, runs], TODAY).openness == "closed"
    assert status(MISSOURI, "investigative", [over, over], TODAY).openness == "open"


@pytest.mark.parametrize(
    ("law", "record_class", "openness"),
    [
        ("us-mo", "incident", "open"), ("us-mo", "other", "decided"), ("us-mo", "", "not known"),
        ("us-mo", "memo", "not known"), ("us-ks", "investigative", "closed"), ("us-il", "arrest", "open"),
    ],
)  # fmt: skip
def test_each_law_says_of_each_class_whether_it_is_open(law, record_class, openness):
    """A class that nobody stated is open under none."""
    assert status(law_of(PACK, law), record_class, [], TODAY).openness == openness


def test_a_policy_without_such_a_law_says_so():
    """Rather than to count by that of another place."""
    with pytest.raises(PolicyError, match="names no law of open records"):
        law_of(built_in("eu-led"))
