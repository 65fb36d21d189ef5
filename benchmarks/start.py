"""What starting costs: importing the package and asking for help, beside what a user would load otherwise.

Prints the best of several fresh processes, ratios taken in this one run, and a line ``figure NAME VALUE UNIT`` each.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 7
OSINT = str(Path(sys.executable).parent / "osint")


def cpu(code: str) -> float:
    """Return the least CPU seconds that a fresh interpreter needs for ``code``, less those of an empty one."""
    return _least_cpu(code) - _least_cpu("pass")


def wall(*command: str) -> float:
    """Return the least wall-clock seconds of a command."""
    return min(_timed(command) for _ in range(ROUNDS))


def _least_cpu(code: str) -> float:
    least = float("inf")
    for _ in range(ROUNDS):
        before = os.times()
        subprocess.run([sys.executable, "-c", code], check=True)
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        least = min(least, used)
    return least


def _timed(command: tuple[str, ...]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    ours = cpu("import osint")
    used = cpu("import osint; osint.open_case")
    bare = cpu("import pandas, networkx, requests, bs4, exifread")
    help_wall = wall(OSINT, "--help")
    python_wall = wall(sys.executable, "-c", "pass")
    print(f"import osint                 {ours:6.3f} CPU-s   {ours / bare:5.2f} of the bare five libraries")
    print(f"import osint; open_case      {used:6.3f} CPU-s   {used / bare:5.2f} of the bare five libraries")
    print(f"import the bare five         {bare:6.3f} CPU-s")
    print(f"osint --help                 {help_wall:6.3f} s wall  {help_wall / python_wall:5.1f} bare interpreters")
    print(f"figure import_osint {ours:.3f} CPU-s")
    print(f"figure import_open_case {used:.3f} CPU-s")
    print(f"figure import_bare_five {bare:.3f} CPU-s")
    print(f"figure osint_help {help_wall:.3f} s")
    print(f"figure bare_interpreter {python_wall:.3f} s")


if __name__ == "__main__":
    main()
