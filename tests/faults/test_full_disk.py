"""Small disks: writes that come out short, files that reach their limit, a disk that is full (faults F2, F5)."""

from __future__ import annotations

import itertools
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.acknowledged import published, reopen_case
from faults.appender import CaseWork, take_steps
from faults.outside import Outside
from faults.situations import IN_USE, NEW
from faults.system_calls import Workers, counted, program

from osint.chain_of_custody.export import ExportedLedger, write_ledger
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.verification import verify

pytestmark = pytest.mark.faults

SIZE = 600 << 10
RUNS = 20


@pytest.fixture(scope="module")
def cut_short() -> Iterator[Workers]:
    """Workers whose every second write or so brings fewer bytes than it was given."""
    calls = [f"enable_random name=posix/io/rw/{call}/reduce,probability=0.5" for call in ("write", "pwrite")]
    under = [program("fiu-run"), "-x", *itertools.chain.from_iterable(("-c", call) for call in calls)]
    with tempfile.TemporaryDirectory() as folder, Workers(Path(folder), *under) as started:
        yield started


@pytest.mark.parametrize("situation", [NEW, IN_USE], ids=str)
def test_a_write_that_comes_out_short_is_finished(workers, cut_short, ram, figures, situation):
    """
    Where the system takes part of what is written, the rest follows, and nobody hears of it.
    """
    trace = ("-e", "trace=write,pwrite64")
    usual = counted(situation.run(workers, ram, *trace)[1].calls).total()
    for _ in range(RUNS):
        case, run = situation.run(cut_short, ram, *trace)
        assert run.ended and not run.errors, run.errors
        assert counted(run.calls).total() > usual
        figures["short writes"] += counted(run.calls).total() - usual
        situation.check(case, run.said)


def test_a_file_that_reaches_its_limit_is_told(workers, ram, figures):
    """
    At every limit from 1 byte up, the write that crosses it comes out short and the next is refused; every step says so,
    and what was acknowledged before stands.
    """
    for limit in range(1, 160_000, 1_777):
        case, run = NEW.run(workers, ram, "-e", "trace=write,pwrite64", largest_file=limit)
        assert run.ended and not [each for each in run.errors if "raw" in each], run.errors
        figures["limits"] += 1
        figures["errors said"] += len(run.errors)
        NEW.check(case, run.said)
    assert figures["errors said"] > figures["limits"]


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A disk of 600 KB."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)]
    mounted = subprocess.run([program("mount"), *options], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"this machine grants no mount: {mounted.stderr.strip()}")
    yield place
    subprocess.run([program("umount"), "--lazy", str(place)], check=True)


def fill(place: Path, left: int = 0) -> Path:
    """Take up what is free on a disk but for so many bytes."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as stream:
        try:
            while stream.write(bytes(4096)) == 4096:
                pass
        except OSError:
            stream.truncate(max(0, stream.tell() - left))
    return ballast


@pytest.fixture
def work(small_disk, tmp_path) -> CaseWork:
    (small_disk / "case").mkdir()
    return CaseWork(small_disk / "case", Outside(tmp_path / "outside"))


def test_a_full_disk_refuses_new_work_and_keeps_the_old(small_disk, work, tmp_path, figures):
    """
    Appending until the disk is full: the error says so, the ledger stays readable and can be handed over to another
    disk; with room again the same handle goes on.
    """
    reserve = small_disk / "reserve"
    reserve.write_bytes(bytes(150_000))
    said = list(take_steps(work, ["start", "evidence", "checkpoint"]))
    while "message" not in said[-1]:
        said += take_steps(work, ["append"], again=False)
    fill(small_disk)
    said += take_steps(work, ["append", "evidence", "checkpoint"], again=False)
    figures["acknowledged"] = len([each for each in said if "leaf" in each])

    errors = [each for each in said if "message" in each]
    assert not [each for each in errors if "raw" in each]
    assert all("disk is full" in each["message"] or "No space left" in each["message"] for each in errors)
    assert [each["step"] for each in errors] == ["append", "append", "evidence", "checkpoint"]
    with Ledger.read(work.folder / "ledger.sqlite") as ledger:
        verify(ledger, work.blobs, kept_head=published(said)[-1])
        write_ledger(ledger, tmp_path / "copy")
    verify(ExportedLedger(tmp_path / "copy"), kept_head=published(said)[-1])

    reserve.unlink()
    said += take_steps(work, ["append", "evidence", "checkpoint", "close"], again=False)
    assert [each["step"] for each in said[-4:] if "message" not in each] == [
        "append",
        "evidence",
        "checkpoint",
        "close",
    ]
    reopen_case(work.folder, said)


def test_an_export_to_a_full_disk_is_refused(small_disk, work):
    """
    The error says so, and the ledger is none the worse.
    """
    said = list(take_steps(work, ["start", *["append"] * 20, "checkpoint"]))
    ballast = fill(small_disk, left=20_000)
    said += take_steps(work, ["export"], again=False)

    assert said[-1]["error"] == "ExportError"
    ballast.unlink()
    reopen_case(work.folder, said)


@pytest.mark.parametrize("left", [0, 3_000, 20_000, 40_000, 60_000, 100_000])
def test_a_ledger_that_a_full_disk_did_not_let_be_made_is_made_later(small_disk, work, left):
    """
    Wherever its making broke off, it can be made as soon as there is room.
    """
    ballast = fill(small_disk, left=left)
    said = list(take_steps(work, ["start", "append", "evidence", "checkpoint", "close"]))
    ballast.unlink()

    assert not [each for each in said if "raw" in each]
    reopen_case(work.folder, said)


def test_a_ledger_left_open_on_a_full_disk_is_readable(small_disk, workers):
    """
    After a killed writer there is a write-ahead log, and its index has to be made again: what was acknowledged can be
    read, and goes on when there is room.
    """
    case = small_disk / "case"
    case.mkdir()
    said = workers.run(case, ["start", "append", "append", "checkpoint"]).said
    ballast = fill(small_disk)

    with Ledger.read(case / "ledger.sqlite") as ledger:
        assert verify(ledger, kept_head=published(said)[-1]).entries == 3
    ballast.unlink()
    reopen_case(case, said)
