"""A few of every kind of fault, on any machine: no other program, no right that an ordinary account lacks (F1-F5).

``make test-faults`` breaks each system call with strace. Here the calls of SQLite on its files and those of Python beside
them are broken from within, on the way to the real disk.
"""

from __future__ import annotations

import errno
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from faults.appender import CaseWork, take_steps
from faults.damage import Handed
from faults.disk import chances, moments
from faults.replay import problems
from faults.situations import Situation
from faults.sqlite_files import Recorder
from few import few

from osint.case_mark import read_mark
from osint.chain_of_custody import key_files
from osint.errors import CaseError, IntegrityError
from osint.opening import open_case
from osint.store import durable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork, and no sync of a folder")

BUSY = Situation(
    "a busy case",
    ("start", "append", "evidence", "checkpoint", "export"),
    before=("start", "append", "evidence", "checkpoint"),
)


def calls_of(workers, folder: Path) -> int:
    """Return how many calls the undisturbed steps make."""
    _, run = BUSY.run(workers, folder, broken={"at": 0, "fault": ""})
    assert run.ended and not run.errors
    assert run.said[-1]["calls"] > 30
    return run.said[-1]["calls"]


def half_of(calls: int, which: str) -> list[int]:
    """Return the calls of one of two halves, drawn so that no kind of call is in one of them alone."""
    drawn = set(Random(1).sample(range(1, calls + 1), calls // 2))
    return [at for at in range(1, calls + 1) if (at in drawn) == (which == "one half")]


@pytest.mark.parametrize("which", few(["one half", "the other half"], 1))
def test_a_kill_at_any_call_loses_nothing(workers, ram, which):
    """
    SIGKILL before each: what was acknowledged is there, nothing half made is seen, nothing is repaired by hand.
    """
    for at in half_of(calls_of(workers, ram), which):
        case, run = BUSY.run(workers, ram, broken={"at": at, "fault": "KILL"})
        assert not run.ended
        BUSY.check(case, run.said)


@pytest.mark.parametrize("which", few(["the other half", "one half"], 1))
def test_an_error_at_any_call_is_said_and_leaves_nothing_half_made(workers, ram, which):
    """
    One call fails: the step says so in our own words or does without, the same step then works, and nothing is lost.

    Every run lets those calls fail at which the test above does not kill.
    """
    said = 0
    for at in half_of(calls_of(workers, ram), which):
        case, run = BUSY.run(workers, ram, broken={"at": at, "fault": "EIO"})
        assert run.ended and not [each for each in run.errors if "raw" in each or each["attempt"]], run.errors
        said += len(run.errors)
        BUSY.check(case, run.said)
    assert said > 10


def test_a_full_disk_refuses_every_step_and_keeps_the_old(workers, ram):
    """
    From one call on there is no room: every step says so, and with room again nothing acknowledged is missing.
    """
    for at in range(1, calls_of(workers, ram), 4):
        case, run = BUSY.run(workers, ram, broken={"at": at, "fault": "ENOSPC", "stays": True})
        assert run.ended and run.errors and not [each for each in run.errors if "raw" in each], run.errors
        assert all("disk is full" in each["message"] or "No space" in each["message"] for each in run.errors)
        BUSY.check(case, run.said)


def replayed(folder: Path, synchronous: str | None = None) -> Iterator[tuple[str, str]]:
    """Work on a case, and let the power fail at every moment of it; yield the moment, and what was wrong."""
    disk = folder / "disk"
    (disk / "case").mkdir(parents=True)
    recorder = Recorder(disk)

    def nobody(*_: Any) -> Any:
        raise AssertionError("no other party is asked")

    with recorder.recording(synchronous):
        for said in take_steps(CaseWork(disk / "case", nobody), ("start", "append", "evidence", "checkpoint", "close")):
            recorder.say(said)
    return problems(BUSY, folder, recorder.before, recorder.steps, Counter(), draws=0, share=2)


def test_what_was_acknowledged_survives_a_power_failure(ram):
    """
    Torn, reordered or missing: whatever the disk made of what was not synced, what was acknowledged is there.
    """
    assert dict(replayed(ram)) == {}


@pytest.mark.parametrize("synchronous", ["off", "normal"])
def test_the_same_check_finds_what_a_careless_program_loses(ram, synchronous):
    """
    With one sync left out entries are lost, and it is noticed: else the test above would prove nothing.
    """
    assert any(problem.startswith("LostError") for _, problem in replayed(ram, synchronous))


def traces_of_what_was_destroyed(folder: Path, destroy: Callable[[Path], object]) -> list[tuple[int, str]]:
    """Destroy a file, and let the power fail at every moment of it; return when and how it lay there without a name."""
    secret = b"what nobody is to read any more "
    (folder / "disk").mkdir()
    (folder / "disk" / "file").write_bytes(secret * 400)
    (folder / "disk" / "file").chmod(0o600)
    recorder = Recorder(folder / "disk")
    with recorder.recording():
        destroy(folder / "disk" / "file")
    assert not (folder / "disk" / "file").exists()
    return [
        (number, fate)
        for number, disk, _ in moments(recorder.before, recorder.steps)
        for fate, chance in chances(number, 4).items()
        if any(secret in left for left in disk.nameless(chance))
    ]


DESTROYING = [durable.destroy_file, key_files.destroy]


@pytest.mark.parametrize("destroy", DESTROYING, ids=lambda each: f"{each.__module__}.{each.__name__}")
def test_what_is_destroyed_is_never_on_the_disk_without_a_name(ram, destroy):
    """
    While it has its name the order can be carried out again; what has lost it, nobody would overwrite any more.
    """
    assert traces_of_what_was_destroyed(ram, destroy) == []


@pytest.mark.parametrize("destroy", DESTROYING, ids=lambda each: f"{each.__module__}.{each.__name__}")
def test_the_same_check_finds_what_was_not_overwritten_on_the_disk_itself(ram, monkeypatch, destroy):
    """
    Without the sync of the bytes the name may go first.
    """
    monkeypatch.setattr(sys.modules[destroy.__module__], "sync", lambda _: None)

    assert traces_of_what_was_destroyed(ram, destroy)


def test_a_folder_above_that_may_not_be_listed_is_no_obstacle(tmp_path, monkeypatch):
    """
    An agency's folder of cases lets its officers through to their own and shows them no other: it cannot be synced.
    """
    opened = os.open

    def refuse(path: Any, *arguments: Any, **options: Any) -> int:
        if path == tmp_path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return opened(path, *arguments, **options)

    for name in ("case", "keys"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(os, "open", refuse)

    with open_case(tmp_path / "case", investigator="J. Smit", keys=tmp_path / "keys") as case:
        assert case.verify().entries


def test_a_mark_that_cannot_be_read_is_said(tmp_path):
    """
    Whoever asks for it gets our own error, whatever the system says.
    """
    (tmp_path / "case.json").mkdir()

    with pytest.raises(CaseError, match="cannot be read"):
        read_mark(tmp_path)


def test_what_is_wrong_with_a_hostile_ledger_is_counted_and_not_listed_without_end(tmp_path):
    """
    Whoever makes a ledger of nothing but wrong lines fills neither memory nor screen of whoever verifies it.
    """
    handed = Handed(tmp_path / "handed")
    with (handed.folder / "ledger.jsonl").open("ab") as lines:
        lines.write(b"\n" * 1500)

    error = handed.refused()

    assert isinstance(error, IntegrityError)
    assert len(error.findings) == 1000
    assert "more findings are not listed" in str(error)
