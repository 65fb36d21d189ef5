"""The package as a bag: others accept it, and a hostile one is found out or refused without being followed."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from papers import dossier_of, new_ledger, work

from osint.errors import IntegrityError
from osint.report import bag as bagging
from osint.report.bag import INFO, MANIFEST, TAG_MANIFEST, close_bag
from osint.report.hand_over import is_package, verify_package, write_package
from osint.store.blobs import FolderBlobs

NO_LINKS = pytest.mark.skipif(sys.platform == "win32", reason="making links takes a right there")


def findings(folder: Path) -> list[str]:
    """What verification finds about the lists of hashes."""
    with pytest.raises(IntegrityError) as caught:
        verify_package(folder)
    return [finding.what for finding in caught.value.findings if finding.step == 11]


def listed_again(folder: Path) -> None:
    """List the tag files again, as whoever altered one of them would."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != TAG_MANIFEST
    ]
    (folder / TAG_MANIFEST).write_text("".join(lines), encoding="utf-8", newline="")


def test_the_reference_validator_of_bags_accepts_the_package(bag):
    """
    ``bagit.py --validate`` checks structure, number and size of the files, and every hash.
    """
    done = subprocess.run(
        [sys.executable, "-m", "bagit", "--validate", str(bag)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, "is valid" in done.stderr) == (0, True)
    assert (bag / "bagit.txt").read_bytes() == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="needs coreutils")
@pytest.mark.parametrize("manifest", [MANIFEST, TAG_MANIFEST])
def test_sha256sum_accepts_both_lists_and_together_they_name_every_file(bag, manifest):
    """
    What is not named by one is named by the other; only the list of lists is named by none.
    """
    done = subprocess.run(["sha256sum", "--quiet", "--strict", "-c", manifest], cwd=bag, check=False)
    lines = [line for name in (MANIFEST, TAG_MANIFEST) for line in (bag / name).read_text("utf-8").splitlines()]
    present = {path.relative_to(bag).as_posix() for path in bag.rglob("*") if path.is_file()}

    assert done.returncode == 0
    assert {line[66:] for line in lines} == present - {TAG_MANIFEST}


def test_the_package_says_what_it_is(own_bag, worked):
    """
    Who made it and when, which ledger it holds, and how much is in it.
    """
    info = dict(line.split(": ", 1) for line in (own_bag / INFO).read_text("utf-8").splitlines())
    payload = [path for path in (own_bag / "data").rglob("*") if path.is_file()]

    assert info["Contact-Name"] == "J. Smit, badge 4471"
    assert info["External-Identifier"] == worked.origin
    assert info["Bagging-Date"] == "2026-05-02"
    assert info["Bag-Software-Agent"].startswith("osint ")
    assert info["Payload-Oxum"] == f"{sum(path.stat().st_size for path in payload)}.{len(payload)}"


def test_equal_dossiers_give_equal_packages(gathered, tmp_path):
    """
    Byte for byte, every file.
    """
    first, second = (write_package(gathered, tmp_path / name) for name in ("one", "two"))

    def content(folder: Path) -> dict[str, bytes]:
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert content(first.folder) == content(second.folder)
    assert first.manifest_sha256 == second.manifest_sha256


def test_a_value_of_the_bag_information_is_one_line(tmp_path):
    """
    A name with a line end in it adds no tag of its own.
    """
    (tmp_path / "data").mkdir()
    close_bag(tmp_path, [("Contact-Name", "J. Smit\nPayload-Oxum: 9.9")])

    assert (tmp_path / INFO).read_text("utf-8").splitlines()[1:] == ["Payload-Oxum: 0.0"]


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be made there")
def test_names_are_spelt_in_lists_as_the_standard_asks(tmp_path):
    """
    Line ends and the percent sign are encoded, nothing else; the bag verifies by its own reader.
    """
    (tmp_path / "data").mkdir()
    for name in ("50%.svg", "two\nlines", "return\r.txt", "Übersicht 1.svg"):
        (tmp_path / "data" / name).write_bytes(b"x")
    close_bag(tmp_path, [])

    names = {line[66:] for line in (tmp_path / MANIFEST).read_text("utf-8").splitlines()}
    assert names == {"data/50%25.svg", "data/two%0Alines", "data/return%0D.txt", "data/Übersicht 1.svg"}
    assert bagging.bag_findings(tmp_path, bagging.survey(tmp_path)) == []


def test_a_package_of_before_is_verified_as_it_is(bag, tmp_path):
    """
    Everything in one folder, one list: as earlier releases made it.
    """
    flat = Path(shutil.copytree(bag / "data", tmp_path / "flat"))
    names = sorted(path.relative_to(flat).as_posix() for path in flat.rglob("*") if path.is_file())
    lines = [f"{hashlib.sha256((flat / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (flat / MANIFEST).write_text("".join(lines), encoding="utf-8", newline="")

    assert is_package(flat)
    assert verify_package(flat).exhibits == 2
    (flat / "report.html").write_bytes(b"")
    assert findings(flat) == [
        "report.html is not the file that was listed. Do not rely on it; compare with another copy of the package."
    ]


DAMAGES = {
    "a payload file changed": (
        lambda bag: (bag / "data/report.html").write_bytes((bag / "data/report.html").read_bytes()[::-1]),
        "data/report.html is not the file that was listed",
    ),
    "a payload file gone": (lambda bag: (bag / "data/tables/posts.csv").unlink(), "is listed and not there"),
    "a payload file more": (lambda bag: (bag / "data/extra.html").write_bytes(b""), "extra.html is there and not listed"),
    "a tag file changed": (lambda bag: (bag / "README_VERIFY.txt").write_bytes(b""), "README_VERIFY.txt is not the file that was"),
    "a tag file more": (lambda bag: (bag / "run-me.txt").write_bytes(b""), "run-me.txt is there and not listed"),
    "the list gone": (lambda bag: (bag / MANIFEST).unlink(), f"{MANIFEST} cannot be read"),
    "the list of lists gone": (lambda bag: (bag / TAG_MANIFEST).unlink(), f"{TAG_MANIFEST} cannot be read"),
    "a name for the list altered": (
        lambda bag: (bag / TAG_MANIFEST).write_bytes((bag / TAG_MANIFEST).read_bytes().replace(b"a", b"b")),
        "is not the file that was listed",
    ),
    "another version declared": (
        lambda bag: (bag / "bagit.txt").write_bytes(b"BagIt-Version: 9.0\nTag-File-Character-Encoding: UTF-8\n"),
        "bagit.txt does not declare a bag of version 1.0",
    ),
    "files to be fetched": (lambda bag: (bag / "fetch.txt").write_bytes(b"https://a.example 1 data/x"), "fetch.txt says"),
    "other numbers": (
        lambda bag: (bag / INFO).write_text(re.sub(r"Oxum: \d+", "Oxum: 7", (bag / INFO).read_text())),
        f"{INFO} states 7 bytes",
    ),
    "numbers twice": (
        lambda bag: (bag / INFO).write_text((bag / INFO).read_text() + "Payload-Oxum: 1.1\n"),
        f"{INFO} does not state once",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "said"), DAMAGES.values(), ids=DAMAGES.keys())
def test_what_does_not_fit_the_lists_is_named(bag, damage, said):
    """
    Each kind of damage is a finding of step 11 that names the file.
    """
    damage(bag)
    if is_package(bag):
        assert any(said in finding for finding in findings(bag))
    else:
        found = bagging.bag_findings(bag, bagging.survey(bag))
        assert any(said in str(finding) for finding in found)


@pytest.mark.parametrize(
    "damage", ["another version declared", "files to be fetched", "other numbers", "numbers twice"]
)
def test_what_the_tag_files_say_is_judged_even_when_their_list_fits(bag, damage):
    """
    Who alters a tag file can list it again.
    """
    attack, said = DAMAGES[damage]
    attack(bag)
    listed_again(bag)

    assert [finding for finding in findings(bag) if said in finding]


LINES = {
    "a byte-order mark": (lambda lines: [b"\xef\xbb\xbf" + lines[0], *lines[1:]], "line 1 of manifest-sha256.txt has a byte-order"),
    "line ends of Windows": (lambda lines: [line.replace(b"\n", b"\r\n") for line in lines], "line 1 of manifest-sha256.txt has a byte-order"),
    "no UTF-8": (lambda lines: [*lines, b"0" * 64 + b"  data/\xff\n"], "is not UTF-8"),
    "a line doubled": (lambda lines: [*lines, lines[0]], "is listed twice"),
    "a line doubled with another hash": (lambda lines: [*lines, b"0" * 64 + lines[0][64:]], "is listed twice"),
    "no line end": (lambda lines: [*lines[:-1], lines[-1][:-1]], "has no end"),
    "a line without end": (lambda lines: [*lines, b"0" * 64 + b"  data/" + b"x" * 9000 + b"\n"], "has no end, or more than"),
    "no hash": (lambda lines: [*lines, b"data/report.html\n"], "is not a SHA-256, two spaces and a name"),
    "an absolute path": (lambda lines: [*lines, b"0" * 64 + b"  /etc/hostname\n"], "outside the package"),
    "a way up": (lambda lines: [*lines, b"0" * 64 + b"  data/../../secret\n"], "outside the package"),
    "a way up, encoded": (lambda lines: [*lines, b"0" * 64 + b"  data/..\\..\\secret\n"], "outside the package"),
    "a home folder": (lambda lines: [*lines, b"0" * 64 + b"  ~/secret\n"], "outside the package"),
    "what is not there": (lambda lines: [*lines, b"0" * 64 + b"  data/nothing\n"], "data/nothing is listed and not there"),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "said"), LINES.values(), ids=LINES.keys())
def test_a_list_that_this_tool_did_not_write_is_found_out(bag, edit, said):
    """
    Every line is judged by itself; what it names is not looked for outside the package.
    """
    lines = (bag / MANIFEST).read_bytes().splitlines(keepends=True)
    (bag / MANIFEST).write_bytes(b"".join(edit(lines)))
    listed_again(bag)

    assert any(said in finding for finding in findings(bag))


@given(st.lists(st.binary(max_size=120), max_size=8))
def test_no_list_at_all_makes_the_reader_fail(tmp_path_factory, lines):
    """
    Whatever bytes stand in it, they become findings.
    """
    folder = tmp_path_factory.mktemp("bag")
    (folder / "data").mkdir()
    close_bag(folder, [])
    (folder / MANIFEST).write_bytes(b"\n".join(lines))

    for finding in bagging.bag_findings(folder, bagging.survey(folder)):
        assert finding.step == 11
        assert str(finding).isprintable()


def link(bag: Path) -> None:
    (bag / "data" / "report.html").unlink()
    (bag / "data" / "report.html").symlink_to("/etc/hostname")


def linked_folder(bag: Path) -> None:
    shutil.move(bag / "data" / "evidence", bag.parent / "elsewhere")
    (bag / "data" / "evidence").symlink_to(bag.parent / "elsewhere")


def pipe(bag: Path) -> None:
    os.mkfifo(bag / "data" / "pipe")


def door(bag: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        place = Path.cwd()
        os.chdir(bag / "data")  # the path of a socket is short
        try:
            listener.bind("door")
        finally:
            os.chdir(place)


def deep(bag: Path) -> None:
    (bag / "data" / Path(*["x"] * 40)).mkdir(parents=True)


def two_spellings(bag: Path) -> None:
    (bag / "data" / "\u00fc").write_bytes(b"")
    (bag / "data" / "u\u0308").write_bytes(b"")


STRANGE = {
    "a link to a file": (link, "data/report.html is a link"),
    "a link to a folder": (linked_folder, "data/evidence is a link"),
    "a pipe": (pipe, "data/pipe is no plain file"),
    "a socket": (door, "data/door is no plain file"),
    "folders without end": (deep, "is a folder more than 32 levels down"),
    "one name in two spellings": (two_spellings, "is there in two spellings"),
}


@NO_LINKS
@pytest.mark.parametrize(("attack", "said"), STRANGE.values(), ids=STRANGE.keys())
def test_what_leads_elsewhere_keeps_the_package_from_being_read(bag, attack, said, monkeypatch):
    """
    Nothing is opened: neither the target of a link, nor a pipe that would never end, nor the ledger.
    """
    attack(bag)
    monkeypatch.setattr("osint.report.hand_over.verify", lambda *_, **__: pytest.fail("the ledger was read"))
    monkeypatch.setattr(bagging, "sha256_file", lambda _: pytest.fail("a file was read"))

    [found] = findings(bag)

    assert said in found
    assert found.endswith("Nothing was read.")


def test_a_junction_is_a_link():
    """
    What Windows calls a mount point looks like a folder and leads elsewhere.
    """
    state = SimpleNamespace(st_mode=0o040755, st_reparse_tag=0xA0000003)

    assert "is a link" in bagging._strangeness(SimpleNamespace(stat=lambda follow_symlinks: state), 0)


def test_a_name_that_hides_text_is_spelt_out(bag):
    """
    A finding cannot be made to read as something else.
    """
    (bag / "data" / "gpj.\u202eexe").write_bytes(b"")

    assert any("gpj.⟨U+202E⟩exe is there and not listed" in finding for finding in findings(bag))


def test_a_list_without_end_takes_no_memory(bag):
    """
    A line of 16 MB and a hundred thousand names of files that are not there are a few findings.
    """
    with (bag / MANIFEST).open("ab") as stream:
        for _ in range(16):
            stream.write(b"x" * (1 << 20))
        stream.write(b"\n" + b"".join(b"%064d  data/n%d\n" % (0, number) for number in range(100_000)))
    files = bagging.survey(bag)
    tracemalloc.start()

    found = [finding.what for finding in bagging.bag_findings(bag, files)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(found) < 100
    assert any(what.startswith("99980 more files or lines: each is listed and not there") for what in found)
    assert peak < 4 << 20


def test_a_case_is_no_package(tmp_path):
    """
    Nor is a bag of something else.
    """
    (tmp_path / "data").mkdir()
    close_bag(tmp_path, [])

    assert not is_package(tmp_path)
    with new_ledger(tmp_path) as ledger:
        work(ledger, FolderBlobs(tmp_path / "evidence"))
        assert dossier_of(ledger, tmp_path).verified.exhibits == 2
    assert not is_package(tmp_path)
