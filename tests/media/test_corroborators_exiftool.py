"""ExifTool as a process: which versions, what it is shown, and what becomes of a batch when it goes wrong."""

import hashlib
import os

import pytest
from few import few
from media_builders import photo
from media_programs import exiftool as made
from media_programs import posix_only, script, sha256

from osint.media.corroborators import corroborate, exiftool
from osint.media.corroborators.copies import batches, working_copies

pytestmark = posix_only

HOSTILE_NAMES = (
    b"two\nlines.jpg", b"-execute", b"-b.jpg", b"ls|", b"|ls", b"https:example.example", b"@list", b"\xe2\x80\xaegpj.exe",
    b"\xff\xfe.jpg", b"%d%f", b" ", b"$(id).jpg",
)  # fmt: skip


@pytest.fixture
def program(monkeypatch, tmp_path):
    """Make an ExifTool and let the environment name it."""

    def make(**ways):
        folder = tmp_path / "program"
        folder.mkdir(exist_ok=True)
        path = made(folder, **ways)
        monkeypatch.setenv("OSINT_EXIFTOOL", str(path))
        return path

    return make


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(exiftool, "SECONDS_TO_START", 1.5)
    monkeypatch.setattr(exiftool, "SECONDS_A_FILE", 0.1)


def written(folder, contents):
    folder.mkdir(exist_ok=True)
    files = [folder / f"{number}.jpg" for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    return files


def ask(files):
    return corroborate(files, by=["exiftool"])


def makes(corroboration):
    return {
        name: [value.text for reading in readings for value in reading.values]
        for name, readings in corroboration.readings.items()
    }


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """The program, and what it said of the files."""
    folder = tmp_path_factory.mktemp("answered")
    with pytest.MonkeyPatch.context() as patch:
        path = made(folder)
        patch.setenv("OSINT_EXIFTOOL", str(path))
        return path, ask(written(folder / "files", CONTENTS))


CONTENTS = [b"one", b"two", b"three", b"four", b"five"]


def test_each_file_gets_a_reading_and_the_run_a_record(answered):
    """
    One process for the batch; its record names inputs, version, digests, arguments without paths, and the isolation.
    """
    path, found = answered

    assert makes(found) == {sha256(each): ["Acme"] for each in CONTENTS}
    (run,) = found.derivations
    assert run.inputs == tuple(sorted(map(sha256, CONTENTS)))
    assert (run.tool, run.version, run.tool_sha256) == ("ExifTool", "13.59", sha256(path.read_bytes()))
    assert run.arguments[:2] == ("-config", "")
    assert run.arguments[-2:] == ("-@", "files.txt")
    assert not any("/" in each for each in run.arguments)
    assert run.state == "ok"
    assert run.isolation
    assert run.stderr_sha256 != hashlib.sha256(b"").hexdigest()


def test_the_same_again_gives_the_same_output(answered, program, tmp_path):
    """
    What it printed holds the path of a copy, so it differs; what is kept of it does not.
    """
    program()
    files = written(tmp_path / "files", CONTENTS)

    (first,), (second,) = answered[1].derivations, ask(reversed(files)).derivations

    assert first.output_sha256 == second.output_sha256
    assert first.settings_sha256 == second.settings_sha256
    assert first.answer_sha256 != second.answer_sha256
    assert str(tmp_path) not in second.output


def test_a_name_that_somebody_chose_reaches_no_program(program, tmp_path):
    """
    Options, pipes, lists, lines, addresses, turned letters: the output is that of files with plain names.
    """
    program()
    plain = written(tmp_path / "files", HOSTILE_NAMES)
    hostile = [tmp_path / os.fsdecode(name) for name in HOSTILE_NAMES]
    for file, name in zip(hostile, HOSTILE_NAMES, strict=True):
        file.write_bytes(name)

    (one,), (other,) = ask(plain).derivations, ask(hostile).derivations

    assert len(one.inputs) == len(HOSTILE_NAMES)

    assert (one.output, one.inputs, one.arguments) == (other.output, other.inputs, other.arguments)


@pytest.mark.parametrize("way", few(["die", "babble", "nest", "flood"], 2))
def test_a_file_that_ends_the_process_takes_no_other_with_it(program, tmp_path, way):
    """
    The others are asked about again; the end over the one is what is said of it.
    """
    killer = sha256(b"two")
    program(**{way: killer})

    found = ask(written(tmp_path / "files", CONTENTS[:3]))

    others = {name: texts for name, texts in makes(found).items() if name != killer}
    assert others == {sha256(b"one"): ["Acme"], sha256(b"three"): ["Acme"]}
    ((reading,),) = (readings for name, readings in found.readings.items() if name == killer)
    assert "gave no answer over this file" in reading.problems[0]
    alone = [run for run in found.derivations if run.inputs == (killer,)]
    assert [run.output for run in alone] == [None]


@pytest.mark.exhaustive
def test_a_file_that_holds_the_process_up_takes_no_other_with_it(program, tmp_path, hurried):
    """
    After a time-out each file is asked about by itself, so the limit is waited for twice and not at every halving.
    """
    killer = sha256(b"three")
    program(hang=killer)

    found = ask(written(tmp_path / "files", CONTENTS))

    assert [name for name, texts in makes(found).items() if not texts] == [killer]
    assert [run.state for run in found.derivations].count("timeout") == 2
    assert "timeout" in found.readings[killer][0].problems[0]


def test_a_file_that_nobody_asked_about_is_no_finding(program, tmp_path):
    """
    A program that was taken over by a file cannot speak of others.
    """
    program(invent=sha256(b"three"))

    found = ask(written(tmp_path / "files", CONTENTS))

    assert makes(found) == {sha256(each): ["Acme"] for each in CONTENTS}
    assert "Other" not in found.derivations[0].output


@pytest.mark.parametrize(
    "printed",
    few(["[1]", '{"a": 1}', '[{"SourceFile": 3}]', "[{}]", "null", '"text"', '[{"SourceFile": null}]'], 3),
)
def test_an_answer_of_another_shape_is_none(monkeypatch, tmp_path, printed):
    """
    JSON that is not the agreed one counts as no answer, and nothing is raised.
    """
    path = script(tmp_path / "exiftool.sh", f"#!/bin/sh\n[ \"$3\" = -ver ] && echo 13.59 || echo '{printed}'\n")
    monkeypatch.setenv("OSINT_EXIFTOOL", str(path))

    ((reading,),) = ask(written(tmp_path / "files", [b"one"])).readings.values()

    assert (reading.values, len(reading.problems)) == ((), 1)


def test_a_text_of_digits_stays_as_it_is_spelt(monkeypatch, tmp_path):
    """
    ExifTool prints a text that looks like a number as one: release 1.10 is not 1.1, nor 12 digits a rounded number.
    """
    answer = (
        '[{"SourceFile":"%s","EXIF:IFD0:Make":{"id":"0x010f","val":1.10},"EXIF:IFD0:Model":{"val":123456789012345678}}]'
    )
    path = script(
        tmp_path / "exiftool.sh",
        f'#!/bin/sh\n[ "$3" = -ver ] && echo 13.59 && exit\nfor list; do :; done\nprintf \'{answer}\' "$(cat "$list")"\n',
    )
    monkeypatch.setenv("OSINT_EXIFTOOL", str(path))

    assert makes(ask(written(tmp_path / "files", [b"one"]))) == {sha256(b"one"): ["1.10", "123456789012345678"]}


def test_bytes_that_are_no_utf_8_are_replaced_and_their_digest_kept(monkeypatch, tmp_path):
    """
    The answer is decoded with marks for what is no letter; what was printed can be told from it by its digest.
    """
    path = tmp_path / "exiftool.sh"
    answer = '[{"SourceFile":"%s","EXIF:IFD0:Make":{"id":"0x010f","val":"caf\\351"}}]'
    path.write_bytes(
        b'#!/bin/sh\n[ "$3" = -ver ] && echo 13.59 && exit\nfor list; do :; done\n'
        + f'printf \'{answer}\' "$(cat "$list")"\n'.encode()
    )
    path.chmod(0o755)
    monkeypatch.setenv("OSINT_EXIFTOOL", str(path))

    found = ask(written(tmp_path / "files", [b"one"]))

    assert makes(found) == {sha256(b"one"): ["caf\ufffd"]}
    assert "caf\ufffd" in found.derivations[0].output


@pytest.mark.parametrize("version", ["13.54", "12.57", "9.99"])
def test_an_older_one_is_refused_by_name_and_reason(program, tmp_path, version):
    """
    It runs nothing over a file; who asked is told which one it is, and why.
    """
    program(version=version)

    found = ask(written(tmp_path / "files", [b"one"]))

    assert (found.readings, found.derivations) == ({}, ())
    assert f"ExifTool {version} is not used" in found.absent[0]
    assert "CVE-2021-22204" in found.absent[0]


@pytest.mark.parametrize("version", ["13.55", "13.59", "14.01", "13.60 (a warning)"])
def test_a_newer_one_is_taken(program, version):
    """
    13.55 is the oldest; the number is compared as a number.
    """
    program(version=version)

    assert ask([]).absent == ()


def test_a_program_that_is_none_is_not_used(program, tmp_path, monkeypatch):
    """
    Absent, another program, a file that is not there: a sentence, and no error.
    """
    program(version="Usage: something else")
    assert "is no ExifTool" in ask([]).absent[0]
    monkeypatch.setenv("OSINT_EXIFTOOL", str(tmp_path / "none"))
    assert "does not exist" in ask([]).absent[0]
    monkeypatch.delenv("OSINT_EXIFTOOL")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "is not on this computer" in ask([]).absent[0]


def test_copies_are_read_only_and_gone_afterwards(tmp_path):
    """
    Named by digest, each content once, not writable; the files themselves keep their mode and their bytes.
    """
    data = photo()
    files = written(tmp_path / "files", [data, data, b"other"])
    before = [(file.stat().st_mode, file.read_bytes()) for file in files]

    with working_copies(files) as copies:
        assert {path.name for path in copies.folder.iterdir()} == {sha256(data), sha256(b"other")} == set(copies.types)
        assert {path.stat().st_mode & 0o777 for path in copies.folder.iterdir()} == {0o400}
        assert copies.folder.stat().st_mode & 0o777 == 0o700
        assert copies.of_type("image/") == (sha256(data),)
        assert copies.path(sha256(data)).stat().st_ino not in {file.stat().st_ino for file in files}

    assert not copies.folder.exists()
    assert [(file.stat().st_mode, file.read_bytes()) for file in files] == before


@pytest.mark.parametrize("refused", [False, True], ids=["linked", "no-second-names"])
def test_working_copies_of_the_caller_are_not_copied_again(tmp_path, monkeypatch, refused):
    """
    They get a second name, which says what their bytes are now; where there are no such names they are copied.
    """
    data = photo()
    files = written(tmp_path / "files", [data, data, b"other"])
    if refused:
        monkeypatch.setattr("pathlib.Path.hardlink_to", lambda *_: (_ for _ in ()).throw(OSError("no such names here")))

    with working_copies(files, ours=True) as copies:
        assert {path.name for path in copies.folder.iterdir()} == {sha256(data), sha256(b"other")} == set(copies.types)
        assert copies.path(sha256(b"other")).samefile(files[2]) == (not refused)
        assert copies.path(sha256(data)).read_bytes() == data
        assert {path.stat().st_mode & 0o777 for path in copies.folder.iterdir()} == {0o400}

    assert not copies.folder.exists()
    assert [file.read_bytes() for file in files] == [data, data, b"other"]


def test_batches_are_bounded_by_number_and_by_size(tmp_path, monkeypatch):
    """
    Two hundred files, or as many bytes as a disk holds copies of; a file that is larger is a batch by itself.
    """
    files = written(tmp_path / "files", [b"x" * 10] * 201)

    assert [len(batch) for batch in batches(files)] == [200, 1]
    monkeypatch.setattr("osint.media.corroborators.copies.BYTES_TO_A_BATCH", 25)
    assert [len(batch) for batch in batches(files[:5])] == [2, 2, 1]
    monkeypatch.setattr("osint.media.corroborators.copies.BYTES_TO_A_BATCH", 5)
    assert [len(batch) for batch in batches(files[:2])] == [1, 1]
