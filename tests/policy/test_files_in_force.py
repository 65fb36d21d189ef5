"""What the disk refuses is said in words: a rule that nobody can read is not a rule that nobody made."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from origin import NOON
from test_pack import HEAD, HOURS
from test_roster import ROSTER

from osint.chain_of_custody.keys import VerifierKey, load_or_create
from osint.errors import PolicyError
from osint.gate import files
from osint.gate.adoption import install, installed, pack_in_force, read_profile, sign_pack, trust, trusted_keys
from osint.gate.approval_files import put, read_file, waiting
from osint.gate.rosters import install_roster, roster_in_force, sign_roster

NAME = "chief.westmere.example"


@pytest.fixture
def chief(tmp_path):
    return load_or_create(tmp_path / "chief", "actor")


@pytest.fixture
def folder(tmp_path, chief) -> Path:
    """A policy folder with a pack, a roster and a profile, and a request for approval that is none."""
    folder = tmp_path / "policy"
    trust(folder, str(VerifierKey(NAME, chief.public)))
    install(folder, sign_pack(HEAD + HOURS, NAME, chief))
    install_roster(folder, sign_roster(ROSTER, NAME, chief))
    (folder / "profile.toml").write_text('agency = "Westmere Police"\n', encoding="utf-8")
    put(folder / "requests", "request-1", "{}")
    return folder


def refuse(number: int):
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


READS = {
    "the pack in force": pack_in_force,
    "every pack": installed,
    "the roster": roster_in_force,
    "the profile": read_profile,
    "the keys": trusted_keys,
    "requests": lambda folder: waiting(folder / "requests", NOON),
    "a request": lambda folder: read_file(folder / "requests" / "request-1.json"),
}
LISTS = ("the pack in force", "every pack", "the roster", "requests")


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES])
@pytest.mark.parametrize("what", [each for each in READS if each != "requests"])
def test_a_file_that_the_disk_does_not_give_is_none_that_is_not_there(folder, monkeypatch, what, number):
    """
    The error names the file, what it means and what to do.
    """
    monkeypatch.setattr(Path, "open", refuse(number))

    with pytest.raises(PolicyError, match=r"cannot be read: .*no evidence is touched\. See to the disk"):
        READS[what](folder)


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES])
@pytest.mark.parametrize("what", LISTS)
def test_a_folder_that_the_disk_does_not_list_is_none_that_is_empty(folder, monkeypatch, what, number):
    """
    Otherwise an older pack could come back, and a roster be passed over, where an account may not list a folder.
    """
    monkeypatch.setattr(Path, "iterdir", refuse(number))
    monkeypatch.setattr(os, "scandir", refuse(number))

    with pytest.raises(PolicyError, match=r"cannot be listed: .*no evidence is touched\. See to the disk"):
        READS[what](folder)


@pytest.mark.parametrize("what", READS)
def test_what_is_not_there_is_no_error(tmp_path, what):
    """
    Nothing has to be set up; only a request that somebody names has to be there.
    """
    if what == "a request":
        with pytest.raises(PolicyError, match="No such file"):
            READS[what](tmp_path / "nothing")
    else:
        READS[what](tmp_path / "nothing")


@pytest.mark.parametrize("broken", ["osint.gate.files.sync", "pathlib.Path.replace", "osint.gate.files.sync_folder"])
def test_what_cannot_be_written_is_said_and_can_be_written_later(folder, chief, monkeypatch, broken):
    """
    No half file stays, and the same step then works.
    """
    pack = sign_pack(HEAD.replace("2027.1", "2027.2"), NAME, chief)
    roster = sign_roster(ROSTER.replace("serial = 1", "serial = 2"), NAME, chief)
    with monkeypatch.context() as patch:
        patch.setattr(broken, refuse(errno.ENOSPC))
        for step in (lambda: install(folder, pack), lambda: install_roster(folder, roster)):
            with pytest.raises(PolicyError, match=r"cannot be written: No space .*no evidence is touched\. See to"):
                step()
    if "sync_folder" not in broken:  # there the file is whole, and its name may be lost
        assert install_roster(folder, roster).serial == 2
    assert install(folder, pack).version == pack_in_force(folder).version == "2027.2"
    assert [path for path in folder.rglob(".*") if path.is_file()] == []


def test_an_installation_that_stopped_between_its_two_files_is_repeated(folder, chief, monkeypatch):
    """
    The note is kept, and nothing names it yet: no pack counts until the same note is installed again, and no other.
    """
    before = (folder / "in-force.txt").read_text("utf-8")
    note = sign_pack(HEAD.replace("2027.1", "2027.2"), NAME, chief)
    install(folder, note)
    (folder / "in-force.txt").write_text(before, "utf-8")

    with pytest.raises(PolicyError, match="was installed since"):
        pack_in_force(folder)
    with pytest.raises(PolicyError, match="never comes back"):
        install(folder, sign_pack(HEAD.replace("2027.1", "2027.2") + HOURS, NAME, chief))
    install(folder, note)
    assert pack_in_force(folder).version == "2027.2"
    with pytest.raises(PolicyError, match="never comes back"):
        install(folder, note)


def test_an_older_pack_does_not_come_back_by_its_own_note(folder, chief):
    """
    Its note is kept, too; were it named again, nothing could be told to be in force.
    """
    install(folder, sign_pack(HEAD.replace("2027.1", "2027.2"), NAME, chief))

    with pytest.raises(PolicyError, match=r"2027\.2 was installed before"):
        install(folder, sign_pack(HEAD + HOURS, NAME, chief))

    assert pack_in_force(folder).version == "2027.2"


def test_a_pack_that_another_one_replaced_does_not_come_back_by_its_own_note(folder, chief):
    """
    Only the one that broke off on its way is repeated.
    """
    eastmere = HEAD.replace('name = "westmere"', 'name = "eastmere"')
    install(folder, sign_pack(eastmere, NAME, chief))

    with pytest.raises(PolicyError, match="never comes back"):
        install(folder, sign_pack(HEAD + HOURS, NAME, chief))


def test_a_file_that_is_no_pack_lies_among_the_packs_without_harm(folder):
    """
    File managers leave files of their own.
    """
    (folder / "packs" / ".DS_Store").write_bytes(b"\0\xff")

    assert [pack.version for pack in installed(folder)] == ["2027.1"]


def test_a_request_is_never_written_over_though_two_are_written_at_once(tmp_path, monkeypatch):
    """
    The disk itself says that the name is taken.
    """
    put(tmp_path, "request-1", "first")

    with pytest.raises(PolicyError, match="is there already; nothing was written over it"):
        put(tmp_path, "request-1", "second")

    assert [path.name for path in tmp_path.iterdir()] == ["request-1.json"]
    assert (tmp_path / "request-1.json").read_text("utf-8") == "first"


def test_a_file_that_is_no_text_is_said_to_be_none(tmp_path):
    """
    Whoever saved it in another encoding learns that.
    """
    (tmp_path / "profile.toml").write_bytes(b'agency = "Wesm\xe9re"\n')

    with pytest.raises(PolicyError, match="is no text in UTF-8"):
        read_profile(tmp_path)


def test_a_request_that_no_memory_holds_is_not_read(tmp_path):
    """
    A shared folder may hold anything.
    """
    with (tmp_path / "request-1.json").open("wb") as stream:
        stream.truncate(1 << 32)

    with pytest.raises(PolicyError, match="larger than any request"):
        read_file(tmp_path / "request-1.json")
    assert files.listed(tmp_path, ".json") == [tmp_path / "request-1.json"]
