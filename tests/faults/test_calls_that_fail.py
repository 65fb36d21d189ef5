"""Every system call of the work on a case, killed or made to fail, one after the other (faults F1, F2)."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.situations import IN_USE, NEW, SITUATIONS, Situation
from faults.system_calls import FAMILIES, Run, Workers, counted, injection

pytestmark = pytest.mark.faults

INTERRUPTIBLE = ("open", "write", "pwrite", "sync of bytes", "sync", "cut", "read", "pread")
# The kernel answers these from memory: only SIGKILL can hit a program there, a broken disk cannot.
NOT_OF_THE_DISK = {"lock", "map", "seek"}
MUST_BE_NOTICED = {"write", "pwrite", "sync of bytes", "sync", "link", "rename", "mkdir", "open"}

NEEDS_ROOM = {"open", "write", "pwrite", "sync of bytes", "sync", "cut", "link", "rename", "mkdir", "close"}

WHERE = [(situation, family) for situation in SITUATIONS for family in situation.reaches]
ON_DISK = [(situation, family) for situation, family in WHERE if family not in NOT_OF_THE_DISK]
ERRORS = [
    *((situation, family, "EIO") for situation, family in ON_DISK),
    *((situation, family, "ENOSPC") for situation, family in ON_DISK if family in NEEDS_ROOM),
    *((situation, family, "EDQUOT") for situation, family in ON_DISK if family in NEEDS_ROOM and situation is NEW),
]


def broken(
    workers: Workers, folder: Path, situation: Situation, family: str, fault: str, more: str = ""
) -> Iterator[tuple[Path, Run]]:
    """Yield one run for each call of a family that the undisturbed steps make, with the fault at that call.

    Args:
        workers: Where workers come from.
        folder: An empty folder.
        situation: What the worker does.
        family: Of ``FAMILIES``.
        fault: What strace is to inject.
        more: ``+`` for that call and every later one.
    """
    trace = "trace=" + ",".join(f"?{name}" for name in FAMILIES[family])
    _, usual = situation.run(workers, folder, "-e", trace)
    assert usual.ended and not usual.errors, usual.said
    names = counted(usual.calls)
    assert names, f"{situation} never makes a call of the family {family!r}: the list of calls is out of date"
    for name in names:
        for index in itertools.count(1):
            case, run = situation.run(workers, folder, *injection([name], fault, f"{index}{more}"))
            if not run.hit:
                break
            yield case, run
        assert index > 1, f"no {name} was hit"


def labelled(where: list[tuple[object, ...]]) -> list[object]:
    return [pytest.param(*each, id=", ".join(map(str, each))) for each in where]


@pytest.mark.parametrize("situation, family", labelled(WHERE))
def test_a_kill_at_any_call_loses_nothing(workers, ram, figures, situation, family):
    """
    SIGKILL at every call: what was acknowledged is there, nothing half made is seen, nothing is repaired by hand.
    """
    for case, run in broken(workers, ram, situation, family, "signal=KILL"):
        assert run.killed
        figures["kills"] += 1
        figures["whole copies"] += situation.check(case, run.said)


@pytest.mark.parametrize("situation, family, fault", labelled(ERRORS))
def test_an_error_at_any_call_is_said_and_leaves_nothing_half_made(workers, ram, figures, situation, family, fault):
    """
    One call fails: the step says so in our own words or does without, the same step then works, and nothing is lost.
    """
    for case, run in broken(workers, ram, situation, family, f"error={fault}"):
        check_said(run, figures)
        assert not [each for each in run.errors if each["attempt"]], "a step failed twice for one fault"
        situation.check(case, run.said)
    assert figures["errors said"] or family not in MUST_BE_NOTICED


@pytest.mark.parametrize("family", INTERRUPTIBLE)
def test_an_interrupted_call_is_made_again_or_said(workers, ram, figures, family):
    """
    EINTR at every call that a signal can interrupt: nothing is lost, at most the step has to be taken once more.
    """
    for case, run in broken(workers, ram, IN_USE, family, "error=EINTR"):
        check_said(run, figures)
        IN_USE.check(case, run.said)


@pytest.mark.parametrize("fault", ["EIO", "ENOSPC"])
@pytest.mark.parametrize("family", [family for family in NEW.reaches if family not in NOT_OF_THE_DISK])
def test_a_disk_that_stays_broken_is_told_at_every_step(workers, ram, figures, family, fault):
    """
    From one call on every call fails: all steps say so, and with a sound disk again nothing acknowledged is missing.
    """
    for case, run in broken(workers, ram, NEW, family, f"error={fault}", more="+"):
        check_said(run, figures)
        NEW.check(case, run.said)


def check_said(run: Run, figures: Counter[str]) -> None:
    foreign = [each for each in run.errors if "raw" in each]
    assert run.ended and not foreign, foreign or run.said[-1:]
    figures["faults"] += 1
    figures["errors said"] += len(run.errors)
