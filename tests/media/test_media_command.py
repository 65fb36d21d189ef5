"""``osint media FILE...``: files examined without a case, whatever they are called and whatever they hold."""

from __future__ import annotations

import json
import os
import sys
from hashlib import md5, sha3_256, sha256

import media_stand_ins
import pandas as pd
import pytest
from click.testing import CliRunner
from media_builders import STRANGE_NAMES, gps, photo

from osint import cli
from osint.cli import media_files as commands
from osint.media import examination

HOSTILE_TEXTS = {
    0x010F: "<script>alert(1)</script>", 0x0110: "=cmd|' /C calc'!A0", 0x0131: "\x1b]0;owned\x07\x1b[2J",
    0x013B: "caf\u202egpj.exe",
}  # fmt: skip


def run(*arguments):
    shown = [argument if isinstance(argument, str) else os.fspath(argument) for argument in arguments]
    return CliRunner().invoke(cli.main, ["media", *shown], color=True)


@pytest.fixture
def picture(tmp_path):
    file = tmp_path / "IMG-20260503-WA0007.jpg"
    file.write_bytes(photo({0x010F: "Acme", 0x0110: "One"}, {0x9003: "2026:05:03 14:22:11", 0x9011: "+02:00"}, gps()))
    return file


def test_a_file_is_told_of_in_words(picture):
    """
    Type, digest, camera, times and positions with grades, and what its name is consistent with.
    """
    result = run(picture)

    assert result.exit_code == 0
    for told in (
        str(picture), "image/jpeg", sha256(picture.read_bytes()).hexdigest(), "camera: Acme One",
        "stated as 2026-05-03 14:22:11, grade B", "position in EXIF (exifread ", "consistent with WhatsApp", "last seen to hold",
        "1 file. What a file states about itself may be wrong.",
    ):  # fmt: skip
        assert told in result.stdout
    assert result.stdout.count("camera clock: ") == 1


def test_further_digests_are_printed_on_request(picture):
    """
    For lists of files that are kept by them; also as JSON.
    """
    data = picture.read_bytes()
    wanted = {"sha3-256": sha3_256(data).hexdigest(), "md5": md5(data, usedforsecurity=False).hexdigest()}
    asked = ("--digest", "sha3-256", "--digest", "md5")

    shown = run(picture, *asked).stdout
    (found,) = json.loads(run(picture, *asked, "--json").stdout)

    assert all(f"{name.upper()} {digest}" in shown for name, digest in wanted.items())
    assert (found["digests"], "digests" in json.loads(run(picture, "--json").stdout)[0]) == (wanted, False)


def test_every_value_is_printed_on_request(picture):
    """
    ``--values`` has a line for each, with its reader.
    """
    assert "DateTimeOriginal" not in run(picture).stdout.replace("DateTimeOriginal:", "")
    assert "DateTimeOriginal" in run(picture, "--values").stdout


def test_json_is_the_same_for_the_same_bytes(picture):
    """
    One object for each file; nothing of the run is in it.
    """
    one, other = run(picture, "--json").stdout, run(picture, "--json").stdout
    (found,) = json.loads(one)

    assert one == other
    assert one.isascii()
    assert found["sha256"] == sha256(picture.read_bytes()).hexdigest()
    assert {each["name"] for each in found["values"]} >= {"DateTimeOriginal", "Make"}


@pytest.mark.skipif(sys.platform != "linux", reason="names of other systems are always characters")
@pytest.mark.parametrize("name", STRANGE_NAMES, ids=repr)
def test_a_strange_name_is_a_name_and_nothing_else(name, tmp_path, monkeypatch):
    """
    After ``--`` every name is a file; it is printed on one line, without what steers a terminal.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / os.fsdecode(name)).write_bytes(photo())

    result = run("--", os.fsdecode(name))

    assert result.exit_code == 0
    first, second, *_ = result.stdout.splitlines()
    assert second.startswith("  image/jpeg")
    assert not set(first) & {"\x1b", "\u202e", "\t"}
    assert json.loads(run("--json", "--", os.fsdecode(name)).stdout)[0]["file"] == os.fsdecode(name)


@pytest.mark.skipif(sys.platform != "linux", reason="names of other systems are always characters")
def test_a_folder_is_all_its_files_in_order(tmp_path):
    """
    Strange names among them, and files of folders below; the bytes of a name decide the order.
    """
    (tmp_path / "below").mkdir()
    for name in (*STRANGE_NAMES, b"below/z.jpg"):
        (tmp_path / os.fsdecode(name)).write_bytes(photo())

    found = json.loads(run(tmp_path, "--json").stdout)

    names = [os.fsencode(os.path.relpath(each["file"], tmp_path)) for each in found]
    assert names == sorted([*STRANGE_NAMES, b"below/z.jpg"])
    assert len(run(tmp_path).stdout.split("SHA-256 ")) == len(names) + 1


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_symbolic_link_is_named_and_not_followed(picture, tmp_path):
    """
    As an argument and inside a folder; the exit code says that not all was examined.
    """
    (tmp_path / "folder").mkdir()
    for place in ("link.jpg", "folder/link.jpg"):
        (tmp_path / place).symlink_to(picture)
    (tmp_path / "folder" / "up").symlink_to(tmp_path)

    for argument, links in ((tmp_path / "link.jpg", 1), (tmp_path / "folder", 2)):
        result = run(argument)
        assert result.exit_code == 1
        assert result.stdout.count("it was not followed") == links
        assert "SHA-256" not in result.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_what_is_no_file_is_not_opened(tmp_path):
    """
    A named pipe would never answer.
    """
    os.mkfifo(tmp_path / "pipe")

    assert "neither a file nor a folder" in run(tmp_path).stdout
    assert "there is no such file" in run(tmp_path / "slip").stdout


def test_one_bad_file_costs_that_file_alone(picture, tmp_path, monkeypatch):
    """
    A worker that dies leaves digest, size and type, a sentence, and the exit code 1.
    """
    assert run(tmp_path).exit_code == 0
    monkeypatch.setattr(examination, "describe_as_json", media_stand_ins.crash_over)

    result = run(tmp_path)

    assert result.exit_code == 1
    assert "NOT READ WHOLE: its content was not read (killed)" in result.stdout
    assert sha256(picture.read_bytes()).hexdigest() in result.stdout


def test_a_file_that_changes_while_it_is_examined_is_told(picture, monkeypatch):
    """
    Every file is hashed again when all were read.
    """
    examined = commands._examined

    def disturbed(*arguments):
        yield from examined(*arguments)
        picture.write_bytes(photo())

    monkeypatch.setattr(commands, "_examined", disturbed)
    result = run(picture)

    assert result.exit_code == 1
    assert "The file changed while it was examined" in result.stdout


def test_the_evidence_is_as_it_was(picture):
    """
    Bytes and dates.
    """
    before = picture.read_bytes(), picture.stat().st_mtime_ns, sorted(picture.parent.iterdir())
    run(picture, "--values")

    assert (picture.read_bytes(), picture.stat().st_mtime_ns, sorted(picture.parent.iterdir())) == before


def test_hostile_texts_of_a_file_do_not_reach_the_terminal(tmp_path):
    """
    No escape code and no hidden character, in any form.
    """
    (tmp_path / "a.jpg").write_bytes(photo(HOSTILE_TEXTS))

    for result in (run(tmp_path), run(tmp_path, "--values"), run(tmp_path, "--json")):
        assert result.exit_code == 0
        assert "alert(1)" in result.stdout
        assert not set(result.stdout) & {"\x1b", "\x07", "\u202e"}


def test_a_table_of_files_holds_each_text_exactly_in_one_quoted_cell(tmp_path):
    """
    Nothing is altered to suit a spreadsheet, as in every table here, and the command says so.
    """
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(photo(HOSTILE_TEXTS))

    result = run(tmp_path / "in", "--csv", tmp_path / "wide.csv")
    run(tmp_path / "in", "--values", "--csv", tmp_path / "long.csv")

    wide, long = (pd.read_csv(tmp_path / name) for name in ("wide.csv", "long.csv"))
    assert "import them into a spreadsheet as text" in result.stderr
    assert list(wide["camera_model"]) == ["=cmd|' /C calc'!A0"]
    assert "=cmd|' /C calc'!A0" in list(long["text"])
    assert (tmp_path / "wide.csv").read_text(encoding="utf-8").count('"=cmd|') >= 1


def test_what_belongs_to_a_case_is_refused_for_files(picture):
    """
    The exit code 2 stands for a command that was not understood.
    """
    assert run(picture, "--fetch").exit_code == 2
    assert run().exit_code == 2
