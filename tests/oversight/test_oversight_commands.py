"""The commands of a supervisor, over ledgers that were really written."""

from __future__ import annotations

import csv
import json

import pytest
from click.testing import CliRunner
from records import KLEIN, RealCase

from osint import cli

PERIOD = ("--since", "2026-06-01", "--until", "2026-06-30")
OFFICER = "misuse.westmere.example"


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("OSINT_POLICY", str(tmp_path / "policy"))
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "of-klein"))


@pytest.fixture
def case(tmp_path):
    made = RealCase(tmp_path, "one")
    made.authorize(purpose="gang")
    made.search(2)
    return made.closed()


def run(*arguments):
    return CliRunner().invoke(cli.main, ["oversight", *(str(argument) for argument in arguments)])


def told(*arguments):
    result = run(*arguments, "--json")
    assert not result.exit_code, result.output
    return json.loads(result.stdout)


def test_each_report_is_printed_and_written_and_adds_no_entry(case, tmp_path):
    """As text, as JSON and as CSV; the ledger is the same file afterwards."""
    before = (case / "ledger.sqlite").read_bytes()

    for name in ("operators", "approvers", "sample", "reviews", "transparency"):
        assert run(name, case, *PERIOD).exit_code == 0, name
        rows = told(name, case, *PERIOD)["rows"]
        table = tmp_path / f"{name}.csv"
        assert told(name, case, *PERIOD, "--csv", table)["rows"] == len(rows)
        assert len(list(csv.DictReader(table.open(encoding="utf-8", newline="")))) == len(rows)
    assert (case / "ledger.sqlite").read_bytes() == before


def test_a_sample_is_reviewed_by_another_person_and_counted(case, tmp_path):
    """From the list to the signed review to the list."""
    reviews, keys = tmp_path / "reviews", tmp_path / "reviewers.txt"
    entry = told("sample", case, *PERIOD)["rows"][0]["entry"]
    signed = told("review", case, entry, "--reviews", reviews, "--outcome", "no-remark", "--name", "sgt.klein.example")
    keys.write_text(signed["key"] + "\n", encoding="utf-8")

    states = [row["state"] for row in told("reviews", case, *PERIOD, "--reviews", reviews, "--reviewers", keys)["rows"]]

    assert states[0] == "reviewed"
    assert (
        run("review", case, 999, "--reviews", reviews, "--outcome", "no-remark", "--name", "x.example").exit_code == 1
    )
    assert run("reviews", case, *PERIOD, "--reviews", reviews).exit_code == 1


def test_nothing_is_drawn_of_a_period_that_is_not_over(case):
    """Whoever knows the sample beforehand knows what will not be looked at."""
    result = run("sample", case, "--since", "2026-06-01", "--until", "2999-01-01")

    assert result.exit_code == 1
    assert "not over" in result.stderr


def test_the_duty_roster_is_a_csv_file(case, tmp_path):
    """With it there is no note that it lacks; a file that is none is an error and no empty roster."""
    roster = tmp_path / "duty.csv"
    roster.write_text(f"name,start,end\n{KLEIN.name},2026-06-01T08:00:00Z,2026-06-01T16:00:00Z\n", encoding="utf-8")

    assert "No duty roster" in run("operators", case, *PERIOD).stdout
    assert "No duty roster" not in run("operators", case, *PERIOD, "--duty", roster, "--all").stdout
    roster.write_text("name,start\nA,2026-06-01\n", encoding="utf-8")
    assert run("operators", case, *PERIOD, "--duty", roster).exit_code == 1


def test_a_violation_is_reported_read_and_decided(tmp_path, monkeypatch):
    """The officer's key is trusted once; the reporter's machine does not hold it."""
    queue = tmp_path / "queue"
    key = told("officer-key", "--name", OFFICER)["key"]
    assert run("report-violation", queue, "--text", "x").exit_code == 1  # to nobody yet
    told("trust-officer", key)

    receipt = told("report-violation", queue, "--text", "He looked up his former wife", "--about", "Y")["receipt"]
    assert told("open-violation", queue, 1) == {"text": "He looked up his former wife", "about": "Y"}
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "of-smit"))
    assert run("open-violation", queue, 1).exit_code == 1
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "of-klein"))
    told("decide-violation", queue, 1, "--decision", "opened", "--name", OFFICER)

    assert [row["state"] for row in told("violations", queue, "--receipt", receipt)["rows"]] == ["opened"]
    assert run("violations", queue, "--receipt", "ab").exit_code == 4
