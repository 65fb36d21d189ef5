"""Commands that state what a kind of case asks for: one session, from a missing child's notice to its release."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from osint import cli
from osint.chain_of_custody.keys import load_or_create
from osint.records import KINDS

WHO = ("--investigator", "J. Smit, badge 4471")
AUTHORITY = (
    "--identifier", "MP-1", "--type", "report", "--purpose", "missing_person", "--expires", "9999-12-31", "--subject", "Jane Example",
)  # fmt: skip
NOTICE = (
    "--identifier", "N-1", "--about", "missing", "--field", "name", "Jane Example", "--field", "age", "6", "--minor", "yes",
    "--channel", "own page", "--statement", "fact", "--information", "A",
)  # fmt: skip
SIGNED = (
    "--authority",
    "General Order XLV, IV.B.3.d",
    "--reason",
    "the child is in danger",
    "--approver",
    "Chief R. Roe",
)


@pytest.fixture(autouse=True)
def _own_keys(tmp_path, monkeypatch):
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))


def run(*arguments):
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


def told(*arguments):
    result = run(*arguments, "--json")
    assert not result.exit_code, result.output
    return json.loads(result.stdout)


def test_a_notice_goes_from_its_record_to_its_release_by_commands(tmp_path):
    """And collection stops with one more; what lacks is named on stderr."""
    case, chief = tmp_path / "case", tmp_path / "chief"
    load_or_create(chief, "actor")
    told("case", "new", case, *WHO)
    told("authorize", case, *AUTHORITY, *WHO)

    lacking = run("record", "notice", case, "--about", "missing", *WHO)
    number = told("record", "notice", case, *NOTICE, *WHO)["record"]
    draft = Path(told("record", "draft", case, number, *WHO)["file"]).read_text("utf-8")
    told("record", "countersign", case, number, *SIGNED, "--approver-keys", chief, *WHO)
    (row,) = told("record", "list", case)

    assert (lacking.exit_code, "minor is missing" in lacking.stderr) == (1, True)
    assert "DRAFT" in draft
    assert (row["kind"], row["state"], row["says"]["fields"]) == (
        "notice",
        "stands",
        {"name": "Jane Example", "age": "6"},
    )
    assert "has stopped" in told("located", case, "--reason", "seen at home", *WHO)["todo"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_an_option_for_each_of_its_facts(kind):
    """A field that is added has its option at once."""
    shown = run("record", kind, "--help").output
    singular = {"accounts": "account", "exhibits": "exhibit", "fields": "field", "concerns": "concern"}

    for name in KINDS[kind].needed:
        assert f"--{singular.get(name, name).replace('_', '-')}" in shown
