"""The package: consistent whatever goes on meanwhile, and nothing of anyone else is touched."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from origin import http
from papers import cosign_newest, dossier_of, hand_on, purge, redact

import osint.report
from osint.chain_of_custody.anchors import Anchors
from osint.errors import ExportError, IntegrityError
from osint.report import hand_over
from osint.report.bag import TAG_MANIFEST
from osint.report.hand_over import Filling, HandOver, check_free, verify_package, write_package
from osint.store.blobs import FolderBlobs

report_folder = Path(osint.report.__file__).parent
PAGE = http(b"<html><title>A page</title><body><p>Words of a page.</p></body></html>", "Content-Type: text/html")


@pytest.fixture
def case(open_case, origin):
    case = open_case()
    case.collect("webpage", url=origin.serve("/a", PAGE))
    return case


def test_a_folder_of_a_similar_name_is_not_touched(case, tmp_path, monkeypatch):
    """
    What lies beside the target under the name of a half-written one belongs to somebody, success or failure.
    """
    (tmp_path / "out.part").mkdir()
    (tmp_path / "out.part" / "mine.txt").write_bytes(b"mine")

    write_package(case._dossier(), tmp_path / "out")
    monkeypatch.setattr(hand_over.secrets, "token_hex", lambda _: "taken")
    (tmp_path / ".next.taken.part").mkdir()
    with pytest.raises(ExportError):
        write_package(case._dossier(), tmp_path / "next")

    assert (tmp_path / "out.part" / "mine.txt").read_bytes() == b"mine"
    assert (tmp_path / ".next.taken.part").is_dir()


_LINK = pytest.param(
    "dangling link", marks=pytest.mark.skipif(sys.platform == "win32", reason="making links takes a right there")
)


@pytest.mark.parametrize("kind", ["folder", "file", _LINK])
def test_a_target_that_is_taken_is_refused_at_once(kind, tmp_path):
    """
    The question can be asked before anything is logged.
    """
    target = tmp_path / "out"
    {"folder": target.mkdir, "file": target.touch, "dangling link": lambda: target.symlink_to("nowhere")}[kind]()

    with pytest.raises(ExportError, match="there already"):
        check_free(target)
    check_free(tmp_path / "new")


@pytest.mark.parametrize("place", ["evidence/new", "charts/deep/new", "working/new"])
def test_a_package_is_not_written_where_the_case_keeps_its_own(case, place, tmp_path):
    """
    It would become a chart or strange evidence of the next package; by whatever link the place is reached.
    """
    target = case.folder / place
    target.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "link").symlink_to(target.parent, target_is_directory=True)

    for folder in (target, tmp_path / "link" / target.name):
        with pytest.raises(ExportError, match="where the case keeps its own files"):
            check_free(folder)
    check_free(case.folder / "hand-over" / "new")


def test_a_package_is_not_written_into_another(bag):
    """
    The outer one would not verify any more.
    """
    with pytest.raises(ExportError, match="lies in the package"):
        check_free(bag / "data" / "new")


@pytest.mark.skipif(sys.platform == "win32", reason="making links takes a right there")
def test_a_link_in_the_place_of_what_a_killed_run_left_is_not_followed(case, tmp_path):
    """
    What it leads to belongs to somebody: nothing there is cleared or written.
    """
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "letter.txt").write_bytes(b"mine")
    (tmp_path / ".out.part").symlink_to(theirs, target_is_directory=True)
    filling = Filling(part=tmp_path / ".out.part", kept=(), fill=lambda *_: None)

    package = write_package(case._dossier(), tmp_path / "out", filling=filling)

    assert [path.read_bytes() for path in theirs.iterdir()] == [b"mine"]
    assert not package.folder.is_symlink()


def test_files_whose_names_differ_in_letter_case_alone_are_no_package(case, tmp_path):
    """
    On a disk of Windows or macOS one of them would take the place of the other, and the package would not verify.
    """
    folder = case.folder / "charts"
    folder.mkdir(exist_ok=True)
    (folder / "Network.pdf").write_bytes(b"one")
    (folder / "network.pdf").write_bytes(b"other")

    with pytest.raises(ExportError, match=r"Network.pdf and data/charts/network.pdf differ in letter case alone"):
        write_package(case._dossier(), tmp_path / "out")


def test_what_is_collected_meanwhile_makes_no_inconsistent_package(case, origin, tmp_path, monkeypatch):
    """
    What another process takes in after the ledger was copied is not in the package, which verifies, nor in its log.
    """

    def collect_and_copy(*given, copy=hand_over._copy_evidence):
        case.collect("webpage", url=origin.serve("/b", PAGE.replace(b"Words", b"Other words")))
        copy(*given)

    monkeypatch.setattr(hand_over, "_copy_evidence", collect_and_copy)

    package = write_package(replace(case._dossier(), ledger=case._ledger), tmp_path / "out")

    assert verify_package(package.folder).exhibits == 1
    assert "Exhibits (1)" in (package.folder / "data" / "report.html").read_text(encoding="utf-8")
    assert case.verify().exhibits == 2
    entries = (package.folder / "data" / "ledger.jsonl").read_bytes().count(b"\n")
    assert len(pd.read_csv(package.folder / "data" / "custody_log.csv")) == entries
    assert f":{origin.port}/b".encode() not in (package.folder / "data" / "custody_log.html").read_bytes()


def test_a_package_that_does_not_verify_never_gets_its_name(case, tmp_path, monkeypatch):
    """
    A disk that stores other bytes than it was given is found before the package is there.
    """
    monkeypatch.setattr(hand_over.shutil, "copyfile", lambda _, target: target.write_bytes(b"other bytes"))

    with pytest.raises(IntegrityError):
        write_package(case._dossier(), tmp_path / "out")

    assert not [path for path in tmp_path.iterdir() if "out" in path.name]


def test_the_package_says_how_it_is_checked(bag):
    """
    Its README names the commands for every desktop and the recipe, and the recipe is there, under the list of hashes.
    """
    readme = (bag / "README_VERIFY.txt").read_text(encoding="utf-8")

    for command in ("sha256sum -c manifest", "shasum -a 256 -c", "Get-FileHash", "osint verify FOLDER"):
        assert command in readme
    assert "recipe in LEDGER_FORMAT.md" in readme
    assert "```sh recipe" in (bag / "LEDGER_FORMAT.md").read_text(encoding="utf-8")
    assert "LEDGER_FORMAT.md" in (bag / TAG_MANIFEST).read_text(encoding="utf-8")
    assert max(map(len, readme.splitlines())) <= 120


def test_the_readme_lists_what_is_there_and_nothing_else(bag):
    """
    Each file at the top and below ``data/`` has its line; a package without charts speaks of none.
    """
    contents = (bag / "CONTENTS.txt").read_text(encoding="utf-8")
    lines = contents.splitlines()
    listed = {line.split("  ")[0] for line in lines if "  " in line and not line.startswith(" ")}
    patterns = {"data/checkpoint-*.txt"}
    checkpoints = {path.name for path in (bag / "data").glob("checkpoint-*")}
    there = {path.name for path in bag.iterdir()} - {"data", "CONTENTS.txt"}
    there |= {f"data/{path.name}" for path in (bag / "data").iterdir() if path.name not in checkpoints}

    assert listed == there | patterns
    assert "charts" not in contents
    assert max(map(len, lines)) <= 120


def test_the_short_verifier_and_what_others_signed_travel_along(worked, tmp_path, monkeypatch):
    """
    The file that verifies without this software lies at the top, and cosigned heads beside the heads.
    """
    cosign_newest(worked)
    worked.cut_checkpoint()
    (tmp_path / "shipped").mkdir()
    for name in ("README.md", "verify_case.py"):
        (tmp_path / "shipped" / name).write_bytes(b"# shipped\n")
    monkeypatch.setattr(
        hand_over, "files", lambda package: tmp_path / "shipped" if package.endswith("custody") else Path(report_folder)
    )

    folder = write_package(dossier_of(worked, worked.path.parent), tmp_path / "out").folder

    assert (folder / "verify_case.py").read_bytes() == b"# shipped\n"
    assert "python3 -I verify_case.py ." in (folder / "README_VERIFY.txt").read_text(encoding="utf-8")
    assert (folder / "data" / "checkpoint-0002.cosigned.txt").read_text("utf-8").count("— ") == 2
    assert verify_package(folder).entries == 9


def test_a_package_without_the_extra_has_no_pdf(gathered, tmp_path, monkeypatch):
    """
    Nothing else is missing, and nothing fails.
    """
    monkeypatch.setattr(hand_over, "pdf_is_installed", lambda: False)

    folder = write_package(gathered, tmp_path / "out").folder

    assert {path.suffix for path in (folder / "data").glob("custody_log.*")} == {".csv", ".html", ".jsonld"}


def test_every_file_is_on_the_disk_before_the_package_has_its_name(gathered, tmp_path, monkeypatch):
    """
    After a power cut there is a whole package, or none of that name.
    """
    synced, renamed = set(), []
    sync, rename = os.fsync, Path.rename
    monkeypatch.setattr(hand_over.os, "fsync", lambda file: (synced.add(os.fstat(file).st_ino), sync(file))[1])
    monkeypatch.setattr(Path, "rename", lambda path, to: (renamed.append(set(synced)), rename(path, to))[1])

    folder = write_package(gathered, tmp_path / "out").folder

    [before] = renamed
    assert {path.stat().st_ino for path in folder.rglob("*")} <= before
    assert tmp_path.stat().st_ino in synced - before


def test_a_disk_that_fails_while_it_is_synced_leaves_no_package(gathered, tmp_path, monkeypatch):
    """
    What may not have reached the disk is not handed over as if it had.
    """

    sync, faults = os.fsync, [OSError(5, "Input/output error")]

    def failing_once(file):
        if faults:
            raise faults.pop()
        sync(file)

    monkeypatch.setattr(hand_over.os, "fsync", failing_once)
    with pytest.raises(ExportError, match="Input/output error"):
        write_package(gathered, tmp_path / "out")

    assert not [path for path in tmp_path.iterdir() if "out" in path.name]


def test_a_folder_that_appears_meanwhile_is_not_replaced(gathered, tmp_path, monkeypatch):
    """
    An empty one either: somebody made it.
    """
    sync = hand_over._sync
    monkeypatch.setattr(hand_over, "_sync", lambda part: ((tmp_path / "out").mkdir(), sync(part)))

    with pytest.raises(ExportError, match="there already"):
        write_package(gathered, tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []


def test_the_head_lies_in_the_package_ready_to_be_printed(own_bag, worked):
    """
    The newest one, on its page.
    """
    page = (own_bag / "data" / "head.html").read_text(encoding="utf-8")

    assert worked.checkpoints()[-1].split("\n")[2] in page


def test_what_is_wrong_with_ledger_and_lists_is_all_said(bag):
    """
    The findings about the ledger first, those about the lists after them.
    """
    ledger = bag / "data" / "ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes().replace(b'"payload":"ey', b'"payload":"EY', 1))

    with pytest.raises(IntegrityError) as caught:
        verify_package(bag)
    steps = [finding.step for finding in caught.value.findings]

    assert steps == sorted(steps, key=lambda step: step == 11)
    assert {1, 11} <= set(steps)


def test_what_was_erased_and_handed_on_is_verified_in_the_package(worked, tmp_path):
    """
    The package of a ledger with a transfer and an erasure verifies, and holds nothing of what was erased.
    """
    blobs = FolderBlobs(worked.path.parent / "evidence")
    hand_on(worked, blobs)
    redact(worked, worked.entry(6))
    worked.cut_checkpoint()

    package = write_package(dossier_of(worked, worked.path.parent), tmp_path / "out").folder

    assert verify_package(package).erased == 1
    assert not [path for path in package.rglob("*") if path.is_file() and b"dawn" in path.read_bytes()]


def test_what_was_purged_is_not_in_the_package_and_that_is_said(worked, tmp_path):
    """
    The entry stands, the bytes are gone, and the package verifies with that.
    """
    purge(worked, FolderBlobs(worked.path.parent / "evidence"), "E0002")
    worked.cut_checkpoint()

    package = write_package(dossier_of(worked, worked.path.parent), tmp_path / "out").folder
    verified = verify_package(package)

    assert (verified.exhibits, verified.purged) == (1, 1)


def test_evidence_that_is_missing_without_an_order_makes_no_package(worked, tmp_path):
    """
    A copy that was lost is not passed over.
    """
    gathered = dossier_of(worked, worked.path.parent)
    gathered.blobs.path(worked.exhibits()[1].sha256).unlink()

    with pytest.raises(IntegrityError, match="E0002"):
        write_package(gathered, tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_the_verifiers_own_keys_and_witnesses_are_asked(own_bag, worked):
    """
    What a verifier knows from elsewhere is compared; a package brings none of it.
    """
    keys = [key.keyid for key in verify_package(own_bag).keys]

    assert verify_package(own_bag, fingerprints=keys).entries == 8
    with pytest.raises(IntegrityError, match="none of the fingerprints given"):
        verify_package(own_bag, fingerprints=keys[:1])
    assert verify_package(own_bag, anchors=Anchors()).witnesses_checked is False
    with pytest.raises(IntegrityError, match="kept elsewhere"):
        verify_package(own_bag, kept_head=f"{worked.origin}\n8\n{'A' * 43}=\n")


def test_the_command_to_check_uses_the_path_as_given():
    """
    It can be pasted where the package was made, spaces and all.
    """
    path = Path("out") / "hand over"
    said = str(HandOver(folder=path, files=1, size=1, manifest_sha256="0"))

    assert f"cd {shlex.quote(str(path))} && sha256sum -c" in said
