"""A case that an authority and a witness on this machine vouch for, through the commands that an officer types."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from origin import AUTHORITY
from tsa import StampingAuthority, needs_openssl, serve

import osint
from osint.chain_of_custody.checkpoint import parse
from osint.chain_of_custody.keys import load_or_create
from osint.chain_of_custody.witness import Witness
from osint.cli import main
from osint.serve.witness import WitnessServer

WHO = ("--investigator", "J. Smit, badge 4471")


def run(*words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == code, (result.output, result.exception)
    return result


def data(*words: object) -> dict:
    return json.loads(run(*words, "--json").stdout)


@pytest.fixture
def tsa(tmp_path) -> StampingAuthority:
    return StampingAuthority.create(tmp_path / "tsa")


@pytest.fixture
def place(tmp_path, tsa, monkeypatch):
    """A workstation: keys, a case with an authority recorded, a witness that knows it, and the file of anchors."""
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("OSINT_ANCHORS", raising=False)
    case = tmp_path / "case"
    with osint.open_case(case, investigator="J. Smit, badge 4471") as opened:
        opened.authorize(osint.Authorization(**{**AUTHORITY, "hosts": ["127.0.0.1"]}))
        log = opened.anchoring.verifier_key
    witness = Witness(tmp_path / "witness", load_or_create(tmp_path / "witness-keys", "witness"), "court.example")
    witness.enroll(log)
    (tmp_path / "network.toml").write_text('allow = ["127.0.0.1"]\npace = 0\n')
    for name, each in (("tsa.pem", tsa.signer), ("chain.pem", tsa.root)):
        certificate: x509.Certificate = each.certificate
        (tmp_path / name).write_bytes(certificate.public_bytes(Encoding.PEM))
    return tmp_path, case, witness


def write_anchors(folder: Path, tsa: StampingAuthority, stamps: str, witness: Witness, submit: str, log: str) -> Path:
    (folder / "witnesses.txt").write_text(
        f"log {log}\nwitness court.example {witness.key} {submit}\nquorum court.example\n"
    )
    (folder / "anchors.toml").write_text(
        f'[[timestamp]]\nname = "Westmere"\nurl = "{stamps}"\ncertificate = "tsa.pem"\nchain = "chain.pem"\n'
        f'policy = "{tsa.pinned().policy}"\n\n[witnesses]\npolicy = "witnesses.txt"\n'
    )
    return folder / "anchors.toml"


def verifier_key(case: Path) -> str:
    return data("witness", "request", case, *WHO)["verifier_key"]


@needs_openssl
def test_an_officer_has_a_case_vouched_for(place, tsa, monkeypatch):
    """
    openssl stamps behind HTTP, the witness answers behind HTTP; the verdict names both, and what came after them.
    """
    folder, case, witness = place
    with serve(lambda body: (200, tsa.openssl_reply(body))) as stamps, WitnessServer(witness) as server:
        anchors = write_anchors(folder, tsa, stamps, witness, server.url, verifier_key(case))
        monkeypatch.setenv("OSINT_ANCHORS", str(anchors))
        said = run("anchor", case, "--network", folder / "network.toml", *WHO).stdout

    assert "time stamp:" in said
    assert "cosigned by court.example" in said
    verdict = data("verify", case)
    assert verdict["witnesses"] == ["court.example"]
    assert any("time stamp of Westmere" in each for each in verdict["shown"])
    run("report", case)
    run("export", case, folder / "package", *WHO)
    for page in (case / "report.html", folder / "package" / "data" / "custody_log.html"):
        said = page.read_text(encoding="utf-8")
        assert "time stamp of Westmere over checkpoint" in said
        assert re.search(r"cosigned by court\.example, \S+ \(checkpoint \d+; checked\)", said)
    monkeypatch.delenv("OSINT_ANCHORS")
    run("report", case)
    assert "; checked)" not in (case / "report.html").read_text(encoding="utf-8")
    run("report", case, "--anchors", anchors)
    assert "; checked)" in (case / "report.html").read_text(encoding="utf-8")
    monkeypatch.setenv("OSINT_ANCHORS", str(anchors))
    assert "(claimed" not in run("log", case).stdout


def test_with_nobody_there_the_work_goes_on_and_the_log_says_so(place, tsa, monkeypatch):
    folder, case, witness = place
    down = "http://127.0.0.1:9/"
    monkeypatch.setenv("OSINT_ANCHORS", str(write_anchors(folder, tsa, down, witness, down, verifier_key(case))))
    said = run("anchor", case, "--network", folder / "network.toml", *WHO).stdout

    assert said.count("not obtained:") == 2
    assert (
        "are under no time stamp" in run("verify", case).stdout or "No time stamp is held" in run("verify", case).stdout
    )
    assert [row["outcome"] for row in data("log", case) if row["action"] == "anchor"][:2] == ["failed", "failed"]


def test_a_witness_is_asked_on_a_stick(place, tsa, monkeypatch):
    """
    Request, answer and what is kept are files; no network anywhere.
    """
    folder, case, witness = place
    down = "http://127.0.0.1:9/"
    monkeypatch.setenv("OSINT_ANCHORS", str(write_anchors(folder, tsa, down, witness, down, verifier_key(case))))
    (folder / "witness" / "name.txt").write_text("court.example\n")
    for path in (folder / "witness-keys").iterdir():
        if path.is_file():
            (folder / "witness" / path.name).write_bytes(path.read_bytes())
            (folder / "witness" / path.name).chmod(0o600)

    monkeypatch.setattr("osint.chain_of_custody.anchoring.Anchoring._lacking_a_stamp", lambda *_: [])
    monkeypatch.setattr("osint.chain_of_custody.anchoring.Anchoring._lacking_a_cosignature", lambda *_: [])
    run("witness", "request", case, "--witness", "court.example", "--output", folder / "ask", *WHO)
    run("witness", "answer", folder / "witness", folder / "ask", "--output", folder / "told")
    run("witness", "keep", case, folder / "told", "--witness", "court.example", *WHO)

    assert data("verify", case)["witnessed_size"] > 0


def test_the_printed_head_is_a_kept_head(place):
    """
    The lines on the page are what verification compares with.
    """
    folder, case, _ = place
    run("head", case, "--output", folder / "head.html", *WHO)
    note = data("checkpoint", case, *WHO)["checkpoint"]
    text = (folder / "head.html").read_text(encoding="utf-8")

    assert all(line in text for line in parse(note).text.splitlines()[:1])
    assert "<svg" in text or "data:image/svg" in text


def test_verifying_again_reads_only_what_is_new(place):
    folder, case, _ = place
    run("verify", case, "--trusted", folder / "trusted.json")
    run("rebuild", case, *WHO)
    again = data("verify", case, "--trusted", folder / "trusted.json")

    assert again["since"] > 0
    assert any("not looked at again" in each for each in again["not_covered"])


def test_the_verifiers_fingerprints_leave_no_other_key(place):
    _, case, _ = place
    keys = [key["keyid"] for key in data("verify", case)["keys"]]

    run("verify", case, *(word for key in keys for word in ("--fingerprint", key)))
    run("verify", case, "--fingerprint", keys[0], code=4)
