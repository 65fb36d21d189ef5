"""Packages made to harm whoever verifies them: refused in a sentence, within a bound of memory and disk (fault F15)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.damage import Handed
from faults.hostile import LARGE, LARGE_LIST, LEADING_OUT, SIGNED
from faults.system_calls import program

from osint.report.bag import close_bag

pytestmark = pytest.mark.faults

ROOM = 512 << 20  # what verifying may take beside what the loaded program takes
SPOOL = 64 << 20  # what it may leave on disk meanwhile

# Runs the command, and says at the end of stderr how much memory it took at most.
PROGRAM = """
import resource, sys
from osint.cli import main
import osint.report.hand_over
with open("/proc/self/statm") as statm:
    taken = int(statm.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + int(sys.argv.pop(1)),) * 2)
try:
    main()
finally:
    with open("/proc/self/status") as status:
        print(next(line for line in status if line.startswith("VmHWM")).split()[1], "KB at most", file=sys.stderr)
"""


@pytest.fixture
def bag(ram) -> Path:
    """A package with three entries that verifies but for its exhibit, which is not there."""
    handed = Handed(ram / "handed")
    (ram / "bag").mkdir()
    handed.folder.rename(ram / "bag" / "data")
    return ram / "bag"


@pytest.fixture
def spool(tmp_path) -> Iterator[Path]:
    """A small disk for temporary files where this machine grants a mount, any folder elsewhere."""
    place = tmp_path / "spool"
    place.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={SPOOL}", "tmpfs", str(place)]
    mounted = subprocess.run([program("mount"), *options], capture_output=True, check=False).returncode == 0
    yield place
    if mounted:
        subprocess.run([program("umount"), "--lazy", str(place)], check=True)


def verified(bag: Path, spool: Path, figures: Counter[str]) -> subprocess.CompletedProcess[str]:
    """Have the command verify a package with little memory and little room to spool to; return what came of it."""
    environment = {**os.environ, "TMPDIR": str(spool), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", PROGRAM, str(ROOM), "verify", str(bag)]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=400, check=False)
    figures["KB of memory at most"] = int(ran.stderr.rpartition(" KB at most")[0].rpartition("\n")[2])
    return ran


def refuses(ran: subprocess.CompletedProcess[str]) -> None:
    assert ran.returncode in (1, 4), ran.stderr[-2000:]
    assert "Traceback" not in ran.stderr
    assert len(ran.stdout) + len(ran.stderr) < 1_000_000, "the answer itself must not fill the screen"


def test_the_package_itself_lacks_nothing_but_its_exhibit(bag, spool, figures):
    """
    So whatever else is found below is found because of what was done to it.
    """
    close_bag(bag, [])
    ran = verified(bag, spool, figures)

    refuses(ran)
    assert ran.stderr.count("step ") == ran.stderr.count("step 8, entry 2: exhibit E0001 cannot be read") == 1


@pytest.mark.parametrize("name", SIGNED | LARGE)
def test_a_hostile_package_whose_lists_fit_is_refused(bag, spool, figures, name):
    """
    The lists of hashes agree with what is there, and whoever made it signed what he could.
    """
    (SIGNED | LARGE)[name](bag)
    close_bag(bag, [])

    ran = verified(bag, spool, figures)

    refuses(ran)
    assert "step 11" not in ran.stderr
    without = ran.stderr.replace("step 8, entry 2: exhibit E0001 cannot be read", "")
    assert ran.returncode == 1 or "step " in without, "nothing but the missing exhibit was found"


@pytest.mark.parametrize("name", LEADING_OUT | LARGE_LIST)
def test_a_package_that_leads_elsewhere_is_refused(bag, spool, figures, name):
    """
    Nothing outside it is read, and nothing waits for ever.
    """
    close_bag(bag, [])
    (LEADING_OUT | LARGE_LIST)[name](bag)

    ran = verified(bag, spool, figures)

    refuses(ran)
    assert "step 11" in ran.stderr or "holds no case" in ran.stderr
    assert "root:" not in ran.stderr + ran.stdout
