"""What is due: each kind of thing stands in the list until somebody has seen to it, and the list is by date."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from origin import AUTHORITY, NOON, http

import osint
from osint import cli
from osint.case import Case
from osint.chain_of_custody.keys import load_or_create
from osint.errors import QueryError
from osint.phases import due
from osint.records import Notice, Preservation, Tip, Warrant

PAGE = http(b"<html><body>words enough to be a page, seen at the river</body></html>", "Content-Type: text/html")
DAY = timedelta(days=1)


@pytest.fixture
def moment():
    return [NOON]


@pytest.fixture
def case(open_case, origin, moment):
    """A case with one exhibit of a missing person."""
    case = open_case(clock=lambda: moment[0], expires="2099-12-31")
    case.collect("webpage", url=origin.serve("/", PAGE))
    return case


def items(case, what, within=30):
    table = case.due(within=within)
    return table[table["what"] == what].to_dict("records")


def one(case, what, within=30):
    (item,) = items(case, what, within)
    return item


def test_every_step_is_a_method_of_a_case_and_a_command():
    """What the list says to run can be run."""
    for python, command in due.STEPS.values():
        found = cli.main
        for word in command.split():
            found = found.commands[word]
        assert hasattr(Case, python.removeprefix("case.").partition("(")[0])


def test_an_authority_is_listed_before_it_ends_and_when_none_is_in_force_any_more(open_case, moment):
    """One that lies far ahead is not."""
    case = open_case(clock=lambda: moment[0], expires="2026-06-20")
    assert one(case, "authority")["state"] == "coming"
    assert items(case, "authority", within=5) == []

    moment[0] = NOON + 40 * DAY
    assert one(case, "authority")["state"] == "overdue"
    case.authorize(osint.Authorization(**{**AUTHORITY, "identifier": "MP-2", "expires": "2099-12-31"}))
    assert items(case, "authority") == []


def test_an_emergency_waits_for_its_ratification(open_case, moment, tmp_path):
    """And is off the list once a supervisor gave it."""
    case = open_case(
        clock=lambda: moment[0], emergency="missing_child", circumstances="six years old, seen last at the river",
        minor="yes", expires="",
    )  # fmt: skip
    assert one(case, "ratification")["state"] == "coming"

    moment[0] = NOON + 4 * DAY
    assert one(case, "ratification")["state"] == "overdue"
    case.ratify(
        osint.Order(
            authority="emergency", reason="it was one", requester="J. Smit, badge 4471",
            approver=load_or_create(tmp_path / "chief", "actor"), approver_name="A. Berg, badge 12",
        )
    )  # fmt: skip
    assert items(case, "ratification") == []


def test_a_period_of_retention_that_ends_is_listed_with_its_exhibits_unless_a_hold_keeps_them(case, moment):
    """Two exhibits of one period are one thing to do."""
    assert items(case, "retention", within=9999) == []
    case.classify("R3", since="2026-06-01", reason="she was located")
    assert items(case, "retention") == []

    moment[0] = NOON + 80 * DAY
    assert (one(case, "retention")["state"], one(case, "retention")["exhibits"]) == ("coming", ["E0001"])
    moment[0] = NOON + 100 * DAY
    assert one(case, "retention")["state"] == "overdue"
    case.hold("a motion is pending")
    assert items(case, "retention") == []


def test_criminal_intelligence_is_to_be_validated(case):
    """Or it is purged; the item says so."""
    shared = {"reason": "shared", "predicate": "three thefts with one car", "reviewer": "Sgt. A. Klein"}
    case.classify("R5", exhibits=["E0001"], **shared)

    assert "validate" in one(case, "validation", within=6 * 366)["says"]


def test_records_run_out_and_wait_for_somebody(case, moment):
    """A request to preserve is renewed before it is over."""
    sent = {"provider": "Social Inc.", "accounts": ["@jane@social.example, 1"], "data": "posts", "contact": "J. Smit"}
    case.record(Preservation(identifier="P-1", sent="2026-06-01", **sent))
    case.record(Preservation(identifier="P-2", **sent))
    case.record(
        Warrant(number="W-1", court="Westmere", offence="theft", issued="2026-05-30",
                confirmed="2026-06-01T09:00+00:00", subject="Joe Example")
    )  # fmt: skip
    case.record(
        Tip(identifier="T-1", received="2026-06-01T09:00+00:00", channel="letter", says="seen", anonymous=True,
            source_notice_given=False)
    )  # fmt: skip
    case.record(
        Notice(identifier="N-1", about="missing", fields={"name": "Jane Example"}, minor="no", channel="own page",
               statement="fact", information="A")
    )  # fmt: skip

    said = {item["says"].split(":")[0]: item for item in items(case, "record", within=9999)}
    assert set(said) == {"preservation P-1", "preservation P-2 is a draft that was not sent", "warrant W-1", "tip T-1"}
    assert f"{said['preservation P-1']['due']:%Y-%m-%d}" == "2026-08-20"
    assert "N-1" in one(case, "signature")["says"]
    moment[0] = NOON + 3 * DAY
    assert {item["state"] for item in items(case, "record") if "W-1" in item["says"]} == {"overdue"}


def test_warnings_are_open_until_their_exhibit_is_marked_or_noted(open_case, origin):
    """What was looked at is off the list."""
    case = open_case(expires="2099-12-31")
    feed = b'<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>t</title><pubDate>soon</pubDate></item></channel></rss>'
    case.collect("feed", url=origin.serve("/feed", http(feed, "Content-Type: application/rss+xml")))
    assert not case.warnings().empty

    assert one(case, "warnings")["exhibits"] == ["E0001"]
    case.mark("E0001", relevance="background")
    assert items(case, "warnings") == []


def test_entries_are_unanchored_until_somebody_vouches_and_the_policy_is_to_be_reviewed(case):
    """What has no day is open, and comes last."""
    table = case.due()

    assert one(case, "anchor")["state"] == "open"
    assert one(case, "policy")["state"] == "overdue"
    assert table["what"].tolist() == ["policy", "anchor"]
    assert "due within 30 days: 1 overdue, 1 open: case.due()" in str(case)


def test_days_that_lie_behind_are_no_horizon(case):
    """The error says what is."""
    with pytest.raises(QueryError, match="no number of days"):
        case.due(within=-1)


def test_the_command_lists_several_cases_and_those_of_a_folder(case, open_case, tmp_path):
    """By date over all of them, each with its folder."""
    other = open_case(tmp_path / "other", clock=lambda: NOON, expires="2026-06-05")

    told = CliRunner().invoke(cli.main, ["due", str(tmp_path), "--json"])
    rows = json.loads(told.stdout)
    assert {row["case"] for row in rows} == {str(case.folder), str(other.folder)}
    assert [row["due"] for row in rows if row["due"]] == sorted(row["due"] for row in rows if row["due"])
    assert f"osint authorize {other.folder}" in {row["run"] for row in rows}
    assert CliRunner().invoke(cli.main, ["due", str(tmp_path / "none")]).exit_code == 1
