"""The web archive of a case: whole and verified or not there, the same bytes for the same case, and judged as received."""

from __future__ import annotations

import hashlib
import zipfile

import pytest
from click.testing import CliRunner
from origin import http

from osint.cli import main
from osint.errors import ExportError, IntegrityError
from osint.report.web_archive import verify_web_archive, write_web_archive

PAGE = "<html><head><title>Seen at\n the pier</title></head><body><p>A grey boat, {number}.</p></body></html>"


@pytest.fixture
def case(open_case, origin):
    """A case with two pages, a redirect to one, and a page that is gone."""
    made = open_case()
    for number in range(2):
        body = PAGE.format(number=number).encode()
        made.collect("webpage", url=origin.serve(f"/{number}", http(body, "Content-Type: text/html")))
    moved = origin.serve("/moved", http(b"", "Location: /0", status="302 Found"))
    made.collect("webpage", url=moved)
    return made


def test_every_capture_is_in_it_under_the_hash_that_the_ledger_names(case, tmp_path):
    """
    One WARC file for each exhibit, byte for byte; pages are what holds HTML and is no redirect.
    """
    archive = case.export_web_archive(tmp_path / "case.wacz")

    taken = {each.number: each.sha256 for each in case._ledger.exhibits()}
    with zipfile.ZipFile(archive.path) as packed:
        found = {
            name.removeprefix("archive/").removesuffix(".warc.gz"): hashlib.sha256(packed.read(name)).hexdigest()
            for name in archive.checked.warcs
        }
        pages = packed.read("pages/pages.jsonl").decode()
    assert found == taken
    assert archive.checked.pages == 3
    assert pages.count("Seen at the pier") == 3
    assert "A grey boat, 1." in pages


def test_what_was_written_verifies_as_received(case, tmp_path):
    """
    Its own bytes, the ledger in it, and the evidence that the ledger names; a head kept elsewhere counts as always.
    """
    kept = case.checkpoint()
    archive = case.export_web_archive(tmp_path / "case.wacz")

    received = verify_web_archive(archive.path, kept)
    assert received.verified.exhibits == archive.verified.exhibits == 4
    assert received.checked.digest == archive.checked.digest
    assert str(received.verified) in str(received)


def test_the_entry_names_the_manifest(case, tmp_path):
    """
    Whoever holds the ledger can tell this web archive from any other.
    """
    archive = case.export_web_archive(tmp_path / "case.wacz")

    last = list(case._ledger.entries())[-1]
    assert (last.action, last.result[0]["sha256"]) == ("export", archive.checked.digest.removeprefix("sha256:"))


def test_it_has_no_name_before_it_was_judged(case, tmp_path):
    """
    Whoever looks into the folder meanwhile finds no file that may still be refused.
    """
    named, path = [], tmp_path / "case.wacz"
    write_web_archive(case._dossier(), path, judge=lambda _: named.append(path.exists()))

    assert named == [False]
    assert path.exists()


def test_equal_cases_give_equal_bytes(case, tmp_path):
    """
    Nothing of the moment or the machine gets in.
    """
    case.checkpoint()
    dossier = case._dossier()
    for name in ("one.wacz", "two.wacz"):
        write_web_archive(dossier, tmp_path / name)

    assert (tmp_path / "one.wacz").read_bytes() == (tmp_path / "two.wacz").read_bytes()


def test_a_case_that_does_not_verify_is_not_handed_over(case, tmp_path):
    """
    Evidence that no entry names came in by another way than the gate.
    """
    dossier = case._dossier()
    with case._blobs.temporary() as temporary:
        temporary.write_bytes(b"slipped in")
        case._blobs.put(temporary)

    with pytest.raises(IntegrityError, match="named by no entry"):
        write_web_archive(dossier, tmp_path / "case.wacz")
    assert list(tmp_path.glob("*.wacz")) == []


@pytest.mark.parametrize("name", ["case.zip", "there.wacz"])
def test_a_name_that_cannot_be_used_is_refused_before_anything_is_logged(case, name, tmp_path):
    (tmp_path / "there.wacz").write_text("mine", encoding="utf-8")
    before = len(case._ledger)

    with pytest.raises(ExportError, match=r"is there already|does not end in \.wacz"):
        case.export_web_archive(tmp_path / name)
    assert len(case._ledger) == before
    assert (tmp_path / "there.wacz").read_text(encoding="utf-8") == "mine"


def test_the_command_line_writes_and_verifies_one(case, tmp_path, monkeypatch):
    """
    A twin for each, as for every step.
    """
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))
    case.close()
    file = tmp_path / "case.wacz"
    written = CliRunner().invoke(
        main, ["web-archive", str(case.folder), str(file), "--investigator", "J. Smit, badge 4471"]
    )
    assert written.exit_code == 0, written.output
    verified = CliRunner().invoke(main, ["verify", str(file)])
    assert verified.exit_code == 0, verified.output
    assert "4 WARC files" in verified.output
    assert "Verified:" in verified.output

    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    damaged = CliRunner().invoke(main, ["verify", str(file)])
    assert damaged.exit_code == 4
