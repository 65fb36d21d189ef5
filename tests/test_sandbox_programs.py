"""A program of others runs limited, and whatever it does comes back as data."""

import os
import socket
import sys
import threading
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from osint import sandbox
from osint.sandbox import programs

PROGRAM = Path(__file__).with_name("sandbox_programs.py")
INTERPRETER = os.path.realpath(sys.executable)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="these layers are those of Linux")
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="limits and signals are POSIX")


def run(*arguments, seconds=20, memory=1_500_000_000, read_only=(), stdin=None):
    command = [INTERPRETER, "-I", str(PROGRAM), *arguments]
    readable = (PROGRAM, Path(sys.base_exec_prefix), *read_only)
    return sandbox.run_program(command, seconds=seconds, memory=memory, read_only=readable, stdin=stdin)


def test_what_it_prints_comes_back():
    """
    Output, complaints and exit code are kept apart; a code that is not zero is an end like any other.
    """
    outcome = run("print", "a fact")
    assert (outcome.state, outcome.stdout.strip(), outcome.code, outcome.detail) == ("ok", b"a fact", 0, "")
    outcome = run("complain")
    assert (outcome.state, outcome.stderr.strip(), outcome.code) == ("ok", b"a complaint", 1)


def test_it_reads_what_it_is_given_and_no_more():
    """
    Standard input is fed whole, more than a pipe holds; without any it is at its end at once.
    """
    data = b"x" * 1_000_000

    assert run("echo", stdin=data).stdout == data
    assert run("echo").stdout == b""


def test_no_shell_reads_the_arguments(tmp_path):
    """
    A name with newlines, pipes and quotes is one argument.
    """
    names = ["-x\ny", "$(touch it)", "a | b", "'\"", "; exit"]

    assert run("arguments", *names).stdout.decode().strip() == repr(names)


@posix_only
def test_the_environment_is_bare(monkeypatch):
    """
    A program learns the search path and the language, and nothing of where it was started.
    """
    monkeypatch.setenv("OSINT_TEST_SECRET", "token")

    names, folder = run("environment").stdout.decode().strip().rsplit(" ", 1)

    assert set(eval(names)) - {"LC_CTYPE"} == {"LANG", "PATH"}
    assert folder == "/"


@pytest.mark.parametrize("argv", [[], ["ls"], ["./ls"], ["/nowhere/exiftool"], ["/usr"]])
def test_only_a_program_by_its_whole_path_is_run(argv):
    """
    Nothing is looked for on the path, which others may write to.
    """
    outcome = sandbox.run_program(argv, seconds=5, memory=10**9)

    assert (outcome.state, outcome.code) == ("refused", None)
    assert "absolute path" in outcome.detail


@posix_only
def test_a_file_that_is_no_program_is_refused(tmp_path):
    """
    What the system will not start is said in its words.
    """
    file = tmp_path / "text"
    file.write_text("not a program")

    outcome = sandbox.run_program([str(file)], seconds=5, memory=10**9)

    assert (outcome.state, outcome.code) == ("refused", None)
    assert "Permission denied" in outcome.detail


def test_a_program_that_never_ends_is_stopped():
    """
    One that sleeps is ended by the clock; what it had printed is kept.
    """
    outcome = run("sleep", seconds=0.5)

    assert (outcome.state, outcome.detail) == ("timeout", "stopped after 0.5 s by the clock")


@posix_only
def test_a_program_that_spins_is_stopped():
    """
    An endless loop is a timeout, by processor time or by the clock.
    """
    assert run("spin", seconds=1).state == "timeout"


def test_a_program_that_prints_without_end_is_ended(monkeypatch):
    """
    What a program may print is bounded, and so is our memory.
    """
    monkeypatch.setattr(programs, "LONGEST_OUTPUT", 1_000_000)

    outcome = run("flood")

    assert (outcome.state, outcome.detail) == ("killed", "the program was ended: it printed more than 1000000 bytes")
    assert len(outcome.stdout) == 1_000_000


@linux_only
def test_memory_is_limited():
    """
    Three gigabytes are not given.
    """
    outcome = run("fill")

    assert (outcome.state, outcome.code) == ("ok", 1)
    assert b"MemoryError" in outcome.stderr


@posix_only
@pytest.mark.parametrize(("seconds", "state"), [(1, "timeout"), (20, "ok")])
def test_what_a_program_started_ends_with_it(seconds, state):
    """
    A grandchild that holds the output open neither holds us up nor lives on, whether the program ended or was ended.
    """
    mark = f"mark-{uuid4().hex}"

    outcome = run("grandchild", mark, seconds=seconds)

    assert outcome.state == state
    assert not _running(mark)


@linux_only
def test_a_program_may_start_others_but_none_gets_away():
    """
    ExifTool may ask a helper; what is started cannot leave the group that is ended.
    """
    assert b"started" in run("start").stdout
    left = run("leave")
    assert left.stdout.strip() == b"1"
    assert b"PermissionError" in left.stderr


@linux_only
def test_nothing_is_reached_changed_or_ended(tmp_path):
    """
    A program connects to nobody, writes and removes nothing, and sends no signal.
    """
    file = tmp_path / "given"
    file.write_bytes(b"abc")

    with socket.create_server(("127.0.0.1", 0)) as server:
        assert run("connect", str(server.getsockname()[1])).stdout.strip() == b"refused: 1"
    assert run("write", str(file), read_only=[file]).stdout.strip() == b"refused: 1"
    assert run("remove", str(file), read_only=[file]).stdout.strip() == b"refused: 1"
    assert run("kill", str(os.getpid())).stdout.strip() == b"refused: 1"
    assert run("read", str(file), read_only=[file]).stdout.strip() == b"3"
    assert file.read_bytes() == b"abc"


@linux_only
def test_only_what_is_named_is_read(tmp_path):
    """
    A file that was not named is not opened.
    """
    if "Landlock" not in run("print").isolation.partition(";")[0]:
        pytest.skip("this computer has no Landlock")
    file = tmp_path / "other"
    file.write_bytes(b"of another case")

    assert run("read", str(file)).stdout.strip() == b"refused: 13"


@linux_only
def test_the_layers_are_named():
    """
    The outcome says how the program was limited.
    """
    assert run("print").isolation.startswith("rlimits + ")


def test_programs_run_side_by_side():
    """
    Calls from several threads get their own output.
    """
    printed = {}
    threads = [
        threading.Thread(target=lambda n=n: printed.update({n: run("print", str(n)).stdout.strip()})) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert printed == {n: b"%d" % n for n in range(4)}


def _running(mark):
    return [one for one in psutil.process_iter(["cmdline"]) if mark in (one.info["cmdline"] or ())]


def test_a_file_that_changed_is_a_finding(tmp_path):
    """
    Evidence is hashed before and after a batch; what changed, or is gone, is said in a sentence.
    """
    same, changed, gone = (tmp_path / name for name in ("same", "changed", "gone"))
    for file in (same, changed, gone):
        file.write_bytes(b"abc")
    before = sandbox.digests([same, changed, gone])

    assert sandbox.changes(before) == {}
    changed.write_bytes(b"abd")
    gone.unlink()
    findings = sandbox.changes(before)

    assert list(findings) == [changed, gone]
    assert before[changed] in findings[changed]
    assert "changed while it was examined" in findings[changed]
    assert "cannot be read any more" in findings[gone]
