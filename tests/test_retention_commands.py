"""Retention, disclosure and the sensitive stop on the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from origin import http

from osint.chain_of_custody.keys import load_or_create
from osint.cli import main

PAGE = http(b"<html><body>words enough to be a page, seen at the river</body></html>", "Content-Type: text/html")
WHO = ("--investigator", "J. Smit, badge 4471")


@pytest.fixture
def folder(open_case, origin, tmp_path, monkeypatch):
    """A closed case with two exhibits; the command line finds its keys, and a unit is named."""
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("OSINT_POLICY", str(tmp_path / "policy"))
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy/profile.toml").write_text('sensitive_material_unit = "Regional task force"\n')
    case = open_case()
    for path in ("/", "/other"):
        case.collect("webpage", url=origin.serve(path, PAGE))
    case.close()
    return case.folder


def run(*arguments, code=0):
    done = CliRunner().invoke(main, [str(each) for each in arguments])
    assert done.exit_code == code, done.output
    return done


def read(*arguments):
    return json.loads(run(*arguments, "--json").stdout)


def signed_by_two(tmp_path):
    load_or_create(tmp_path / "chief", "actor")
    said = {
        "--authority": "order 7",
        "--reason": "its time",
        "--approver": "A. Berg",
        "--approver-keys": tmp_path / "chief",
    }
    return (*(each for pair in said.items() for each in pair), *WHO)


def test_a_record_from_its_class_to_its_certificate(folder, tmp_path):
    """Classified, held by description, disclosed, purged by order, told of, certified."""
    run("classify", folder, "R1", "--exhibit", "E0001", "--reason", "charged", *WHO)
    run("classify", folder, "R5", "--exhibit", "E0002", "--reason", "shared", *WHO, code=3)
    run("hold", "place", folder, "--reason", "trial", "--pattern", "E0002", *WHO)
    assert [(row["retention"], row["state"]) for row in read("retention", folder)] == [("R1", "open"), ("R3", "held")]

    run("disclose", folder, "--to", tmp_path / "out", "--recipient", "Det. R. Roe", *WHO, code=3)
    stated = ("--recipient", "Det. R. Roe", "--reason", "same car", "--right", "treaty 4", "--permission", "Chief, 12")
    run("disclose", folder, "--to", tmp_path / "out", *stated, *WHO)
    run("validate", folder, "--exhibit", "E0001", *signed_by_two(tmp_path), code=3)
    run("purge", folder, "--exhibit", "E0001", "--by-schedule", *signed_by_two(tmp_path), code=3)
    (entry,) = read("purge", folder, "--exhibit", "E0001", *signed_by_two(tmp_path))["entries"]
    (row,) = read("disclosures", folder)
    assert row["to_tell"] == [entry]

    run("notified", folder, row["entry"], "--how", "letter of 3 June", *WHO)
    assert read("disclosures", folder)[0]["to_tell"] == []
    run("purge-certificate", folder, entry, "--out", tmp_path / "certificate.txt")
    assert (tmp_path / "certificate.txt").read_text().startswith("CERTIFICATE OF DESTRUCTION")
    assert read("private-facts", folder) == []


def test_a_stop_says_what_to_do_and_two_hand_it_over(folder, tmp_path):
    """The list is printed; the unit of the profile gets a copy."""
    assert "CyberTipline" in run("stop-sensitive", folder, "--exhibit", "E0002", *WHO).stdout
    run("hand-over-stopped", folder, "--exhibit", "E0002", "--to", tmp_path / "unit", *signed_by_two(tmp_path))

    assert sorted(path.name for path in (tmp_path / "unit").iterdir()) == ["E0002.warc.gz", "manifest-sha256.txt"]
    assert [row["state"] for row in read("retention", folder)] == ["open", "stopped"]
