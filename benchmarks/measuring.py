"""How every benchmark here measures: ours and a floor take turns, and the ratio counts.

A floor is the least that the same promise can cost. Rounds of both take turns, so that a busy machine burdens both;
ratios are medians over the rounds, with the least and the largest beside them. One line ``figure NAME VALUE UNIT`` for
each figure comes last.
"""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

_figures: list[str] = []


def figure(name: str, value: float, unit: str) -> None:
    _figures.append(f"figure {name} {value:.4g} {unit}")


def print_figures() -> None:
    print("\n".join(_figures))


def report(name: str, values: list[float], goal: str, beside: str, unit: str = "ratio") -> None:
    """Print one goal: the median of the values, their spread, and what they stand beside."""
    middle = statistics.median(values)
    bound = float(goal.split()[1])
    reached = middle <= bound if goal.startswith("<") else middle >= bound
    spread = f"{min(values):.2f} to {max(values):.2f}"
    print(
        f"{name:34} {middle:7.2f} ({spread}); goal {goal}: {'reached' if reached else 'MISSED'}; {beside}", flush=True
    )
    figure(name, middle, unit)


def turns(rounds: int, *works: Callable[[], float]) -> list[list[float]]:
    """Return the measure of each work in each round; the works take turns."""
    measured = [[work() for work in works] for _ in range(rounds)]
    return [list(column) for column in zip(*measured, strict=True)]


def ratios(ours: list[float], floors: list[float]) -> list[float]:
    return [one / floor for one, floor in zip(ours, floors, strict=True)]


def microseconds(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1e6:.0f} us"


def cpu(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def wall(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


@contextlib.contextmanager
def folder(*, in_memory: bool = False) -> Iterator[Path]:
    memory = Path("/dev/shm")
    place = memory if in_memory and memory.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="osint-bench-", dir=place) as made:
        yield Path(made)


def watched(command: list[str]) -> tuple[float, int, str]:
    """Run a command; return its seconds, the largest sum of memory of its processes seen, and what it printed."""
    began, peak = time.perf_counter(), 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        watched_process = psutil.Process(running.pid)
        while running.poll() is None:
            peak = max(peak, resident(watched_process))
            time.sleep(0.1)
        assert running.stdout is not None
        said = running.stdout.read()
    if running.returncode:
        raise SystemExit(f"{command} failed")
    return time.perf_counter() - began, peak, said


def resident(process: psutil.Process) -> int:
    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        for each in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += each.memory_info().rss
    return total
