"""Commands about the policy, and about emergencies."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from test_pack import HEAD, HOURS

from osint import cli
from osint.chain_of_custody.keys import load_or_create

WHO = ("--investigator", "J. Smit, badge 4471")


@pytest.fixture(autouse=True)
def _own_keys(tmp_path, monkeypatch):
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))


def run(*arguments):
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


def told(*arguments):
    result = run(*arguments, "--json")
    assert not result.exit_code, result.output
    return json.loads(result.stdout)


def test_a_rule_is_explained_with_clause_source_check_and_refusal():
    """In the words of the pack in force, and with what stands behind them."""
    shown = run("policy", "explain", "p8").stdout

    for words in (
        "rule: P8",
        "clause: IV.B.8; P8",
        "citation: 28 CFR 23.20(a)",
        "verified on",
        "checks: ",
        "refuses: ",
    ):
        assert words in shown
    assert run("policy", "explain", "P99").exit_code == 1


def test_an_authority_that_is_incomplete_or_of_no_known_purpose_is_refused_with_all_that_lacks(tmp_path):
    """Nothing is recorded, and the officer corrects once; without any, no host is asked and that is an entry."""
    case = tmp_path / "case"
    run("case", "new", case, *WHO)
    unasked = run("collect", case, "webpage", "--url", "http://127.0.0.1:9/", *WHO)
    refused = run("authorize", case, "--purpose", "curiosity", *WHO)

    assert (unasked.exit_code, refused.exit_code) == (3, 3)
    assert "no authorization is recorded" in unasked.stderr
    for words in (
        "identifier is missing",
        "type is missing",
        "expires is missing",
        "subjects is missing",
        "'curiosity'",
    ):
        assert words in refused.stderr
    entries = [(each["action"], each["outcome"]) for each in told("log", case)]
    assert ("search", "refused") in entries
    assert "authorize" not in [action for action, _ in entries]


def test_a_key_that_is_lost_is_trusted_no_more(tmp_path):
    """What it signed is in force no more; the command says so when the policy is next read."""
    (tmp_path / "westmere.toml").write_text(HEAD + HOURS, "utf-8")
    signed = told("policy", "sign", tmp_path / "westmere.toml", "--name", "chief.westmere.example")
    run("policy", "trust", signed["key"])
    run("policy", "install", signed["file"])

    assert told("policy", "distrust", signed["key"])["key"] == signed["key"]
    assert "No key is trusted" in run("policy", "show").stderr
    assert run("policy", "distrust", signed["key"]).exit_code == 1


def test_the_list_shows_what_is_in_force_and_that_its_review_is_overdue():
    """Four packs come with the program; the one of the founding order has been due since 2015."""
    shown = run("policy", "list").stdout

    assert "* us-mo-municipal 2026.1" in shown
    assert "POLICY REVIEW OVERDUE since 2015-03-01" in shown
    assert [each["name"] for each in told("policy", "list")] == ["us-mo-municipal", "us-federal", "uk", "eu-led"]
    assert "UNVERIFIED" in run("policy", "show", "uk").stdout


def test_a_pack_is_signed_trusted_and_installed(tmp_path):
    """Without trust nothing is installed; afterwards the banner is gone, since its review is not due."""
    (tmp_path / "westmere.toml").write_text(HEAD.replace("2028-01-01", "2999-01-01") + HOURS, "utf-8")
    signed = told("policy", "sign", tmp_path / "westmere.toml", "--name", "chief.westmere.example")
    before = run("policy", "install", signed["file"])

    assert (before.exit_code, "osint policy trust" in before.stderr) == (1, True)
    assert told("policy", "trust", signed["key"])["key"] == signed["key"]
    assert "In force: westmere 2027.1" in run("policy", "install", signed["file"]).stdout
    assert "signed by chief.westmere.example" in run("policy", "show").stdout
    assert "OVERDUE" not in run("policy", "list").stdout
    assert "device_ownership = not stated" in run("policy", "profile").stdout


def test_an_emergency_is_recorded_put_off_and_ratified(tmp_path):
    """The ordinary command records it; without its circumstances it is refused; a supervisor signs at this machine."""
    case = tmp_path / "case"
    load_or_create(tmp_path / "sergeant", "actor")
    stated = ("--purpose", "missing_person", "--subject", "Jane Example", "--emergency", "missing_child")
    run("case", "new", case, *WHO)

    assert "circumstances is missing" in run("authorize", case, *stated, *WHO).stderr
    recorded = run("authorize", case, *stated, "--circumstances", "last seen at the river", *WHO)
    assert "Recorded: EMERGENCY" in recorded.stdout
    assert "It is to be ratified" in run("defer", case, "--reason", "no answer at 08:00", *WHO).stdout.replace(
        "it is", "It is"
    )
    order = ("--authority", "General Order XLV", "--reason", "she was in danger", "--approver", "Sgt. A. Klein")
    assert run("ratify", case, *order, "--approver-keys", tmp_path / "sergeant", *WHO).stdout == "Ratified.\n"
    assert run("ratify", case, *order, "--approver-keys", tmp_path / "sergeant", *WHO).exit_code == 3
    assert "clause: IV.B.8; P8" in run("policy", "explain", "P8", "--case", case, "--entry", 1).stdout
    assert "from entry 1 on" in run("policy", "show", "--case", case).stdout
