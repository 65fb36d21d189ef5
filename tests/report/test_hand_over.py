"""The package: consistent whatever goes on meanwhile, and nothing of anyone else is touched."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from origin import http

from osint.errors import ExportError, IntegrityError
from osint.report import hand_over
from osint.report.hand_over import HandOver, check_free, verify_package, write_package

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


def test_what_is_collected_meanwhile_makes_no_inconsistent_package(case, origin, tmp_path, monkeypatch):
    """
    Evidence that another process takes in after the ledger was copied is not in the package, which verifies.
    """

    def collect_and_copy(blobs, folder, copy=hand_over._copy_evidence):
        case.collect("webpage", url=origin.serve("/b", PAGE.replace(b"Words", b"Other words")))
        copy(blobs, folder)

    monkeypatch.setattr(hand_over, "_copy_evidence", collect_and_copy)

    package = write_package(case._dossier(), tmp_path / "out")

    assert verify_package(package.folder).exhibits == 1
    assert case.verify().exhibits == 2


def test_a_package_that_does_not_verify_never_gets_its_name(case, tmp_path, monkeypatch):
    """
    A disk that stores other bytes than it was given is found before the package is there.
    """
    monkeypatch.setattr(hand_over.shutil, "copyfile", lambda _, target: target.write_bytes(b"other bytes"))

    with pytest.raises(IntegrityError):
        write_package(case._dossier(), tmp_path / "out")

    assert not [path for path in tmp_path.iterdir() if "out" in path.name]


def test_the_package_says_how_it_is_checked(case, tmp_path):
    """
    Its README names the command and the recipe, and the recipe is there, under the list of hashes.
    """
    folder = write_package(case._dossier(), tmp_path / "out").folder
    readme = (folder / "README.txt").read_text(encoding="utf-8")

    assert "osint verify FOLDER" in readme
    assert "recipe in LEDGER_FORMAT.md" in readme
    assert "```sh recipe" in (folder / "LEDGER_FORMAT.md").read_text(encoding="utf-8")
    assert "LEDGER_FORMAT.md" in (folder / "manifest-sha256.txt").read_text(encoding="utf-8")


def test_the_command_to_check_uses_the_path_as_given():
    """
    It can be pasted where the package was made, spaces and all.
    """
    path = Path("out") / "hand over"
    said = str(HandOver(folder=path, files=1, size=1, manifest_sha256="0"))

    assert f"cd {shlex.quote(str(path))} && sha256sum -c" in said
