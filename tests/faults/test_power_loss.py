"""The power fails between any two steps, and the disk keeps what POSIX lets it keep (faults F3, F4).

The controls in here must fail: a harness that cannot tell a careless program from a careful one proves nothing.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from faults.disk import Chance, Tree, chances, moments, read_tree
from faults.replay import Steps, problem_of, problems
from faults.situations import IN_USE, NEW, OLDER_SQLITE, SITUATIONS, WITNESS, Situation
from faults.system_calls import RECORDING, Workers, counted, disk_steps, injection

pytestmark = pytest.mark.faults


def record(workers: Workers, folder: Path, situation: Situation, *more: str, **options: Any) -> tuple[Tree, Steps]:
    """Return what lay on the disk before, and every step that the worker's calls made on it."""
    case, run = situation.run(workers, folder, *RECORDING, *more, **options)
    before = read_tree(folder / "ready")
    assert run.ended
    return before, disk_steps(run.calls, case.parent, before)


@pytest.mark.parametrize("situation", SITUATIONS, ids=str)
def test_what_was_acknowledged_survives_a_power_failure(workers, ram, figures, situation):
    """
    Entries, exhibits and published heads are there after every prefix of the work, whatever the disk made of the rest.
    """
    before, steps = record(workers, ram, situation)

    assert dict(problems(situation, ram, before, steps, figures, draws=4)) == {}
    assert figures["states"] > 300


@pytest.mark.parametrize(
    "situation, options",
    [
        pytest.param(NEW, {"synchronous": "off"}, id="write-ahead log, synchronous OFF"),
        pytest.param(NEW, {"synchronous": "normal"}, id="write-ahead log, synchronous NORMAL"),
        pytest.param(IN_USE, {"synchronous": "off"}, id="write-ahead log in use, synchronous OFF"),
        pytest.param(IN_USE, {"synchronous": "normal"}, id="write-ahead log in use, synchronous NORMAL"),
        pytest.param(OLDER_SQLITE, {"synchronous": "off"}, id="rollback journal, synchronous OFF"),
        # No NORMAL here: a witness closes its file after each head, and closing syncs.
        pytest.param(WITNESS, {"synchronous": "off"}, id="the witness, synchronous OFF"),
        pytest.param(NEW, {"unsynced": "folders"}, id="blobs without the sync of folders"),
        pytest.param(NEW, {"unsynced": "bytes"}, id="blobs without the sync of bytes"),
    ],
)
def test_a_careless_program_is_caught(workers, ram, figures, situation, options):
    """
    The same harness finds losses as soon as one sync is left out.
    """
    before, steps = record(workers, ram, situation, **options)

    wrong = dict(problems(situation, ram, before, steps, figures, draws=1))

    assert any(problem.startswith("LostError") for problem in wrong.values())


@pytest.mark.parametrize("situation", [NEW, IN_USE], ids=str)
def test_a_failed_sync_is_never_followed_by_a_false_promise(workers, ram, figures, situation):
    """
    Each sync fails once and what it was to bring is gone for good; what is acknowledged afterwards is there even if the
    power fails then.
    """
    _, usual = situation.run(workers, ram, "-e", "trace=fsync,fdatasync")
    for name, number in counted(usual.calls).items():
        for index in range(1, number + 1):
            before, steps = record(workers, ram, situation, *injection([name], "error=EIO", str(index))[2:])
            assert any(step[0] == "failed sync" for step in steps)
            figures["failed syncs"] += 1
            wrong = after_each_promise(situation, ram / "state", before, steps, figures)
            assert not wrong, f"{name} number {index}"


def after_each_promise(
    situation: Situation, state: Path, before: Tree, steps: Steps, figures: Counter[str]
) -> list[str]:
    wrong = []
    for number, disk, said in moments(before, steps):
        if number and steps[number - 1][0] == "say":
            few = {"nothing": Chance(), "drawn": chances(number, 1)["drawn 0"]}
            for name, chance in few.items():
                figures["states"] += 1
                problem = problem_of(situation, state, disk.after(chance), said)
                wrong += [f"after step {number}, {name}: {problem}"] if problem else []
    return wrong
