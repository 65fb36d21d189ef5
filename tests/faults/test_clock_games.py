"""The clock of the machine is set, jumps and repeats itself, while nothing tells the program (fault F12)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from faults.outside import anchors
from faults.system_calls import program

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.verification import verify
from osint.chain_of_custody.verified import Verified

pytestmark = pytest.mark.faults

TESTS = Path(__file__).parent.parent
ZONES = Path("/usr/share/zoneinfo/right")

# Sets the clock that this process is shown, then the zone, then appends; one argument for each entry: "zone|clock".
PROGRAM = """
import os, sys, time
from pathlib import Path
from faults.outside import KEYS
from osint.chain_of_custody.ledger import Ledger

case, shown = Path(sys.argv[1]), Path(os.environ["FAKETIME_TIMESTAMP_FILE"])
ledger = None
for step in sys.argv[2:]:
    zone, _, clock = step.partition("|")
    os.environ["TZ"] = zone
    time.tzset()
    if clock:
        shown.write_text(clock + "\\n")
    if ledger is None:
        ledger = Ledger.create(case / "ledger.sqlite", **KEYS)
    print(ledger.append("note", private={"text": step}).seq, flush=True)
    ledger.cut_checkpoint()
ledger.close()
"""


def library() -> str:
    """Return where libfaketime lies, as its own command says it."""
    ran = subprocess.run([program("faketime"), "-f", "+0", "env"], capture_output=True, text=True, check=True)
    return next(line.partition("=")[2] for line in ran.stdout.splitlines() if line.startswith("LD_PRELOAD="))


def played(folder: Path, *steps: str) -> tuple[list[Entry], Verified]:
    """Append one entry under each setting of the clock; return the entries and what verification says."""
    case, shown = folder / "case", folder / "clock"
    case.mkdir()
    shown.write_text(steps[0].partition("|")[2] + "\n", encoding="ascii")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")]),
        "LD_PRELOAD": library(),
        "FAKETIME_TIMESTAMP_FILE": str(shown),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(case), *steps], capture_output=True, text=True, env=environment, check=False
    )
    assert ran.returncode == 0, ran.stderr
    with Ledger.read(case / "ledger.sqlite") as ledger:
        return list(ledger.entries(1)), verify(ledger, anchors=anchors(ledger.origin))


def moved(entries: Sequence[Entry]) -> list[timedelta]:
    """Return how far the time of day went from each entry to the next, beside the clock that is never set."""
    pairs = [(entry.end_time, timedelta(milliseconds=entry.payload["clock"]["monotonic_ms"])) for entry in entries]
    return [(later[0] - first[0]) - (later[1] - first[1]) for first, later in pairwise(pairs)]


DAY = timedelta(days=1)
SLACK = timedelta(minutes=1)


def test_a_clock_set_back_is_recorded_and_noticed(tmp_path):
    """
    A day back and forth again: the order stays, each entry tells of both clocks, and verification names the entry.
    """
    entries, verified = played(tmp_path, "UTC|+0", "UTC|-1d", "UTC|+0")

    back, forth = moved(entries)
    assert abs(back + DAY) < SLACK
    assert abs(forth - DAY) < SLACK
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert [line for line in verified.noticed() if "set back by" in line and "entry 2" in line]


def test_a_clock_ten_years_ahead_is_noticed_when_it_comes_back(tmp_path):
    """
    The entries of ten years from now stand between those of today, in their order.
    """
    entries, verified = played(tmp_path, "UTC|+0", "UTC|+3650d", "UTC|+3650d", "UTC|+0")

    ahead, still, home = moved(entries)
    assert abs(ahead - 3650 * DAY) < SLACK
    assert abs(still) < SLACK
    assert abs(home + 3650 * DAY) < SLACK
    assert [line for line in verified.noticed() if "set back by" in line and "entry 4" in line]


def test_a_machine_that_forgot_the_date_can_be_worked_on(tmp_path):
    """
    A dead battery shows 1970; entries are written, ordered and verified all the same.
    """
    entries, verified = played(tmp_path, "UTC|@1970-01-01 00:00:10", "UTC|+0")

    assert entries[0].end_time.year == 1970
    assert moved(entries)[0] > 50 * 365 * DAY
    assert verified.noticed() == []


@pytest.mark.skipif(not ZONES.is_dir(), reason="this machine has no zone files that count leap seconds")
def test_a_leap_second_passes_unnoticed(tmp_path):
    """
    23:59:60 in a zone that counts it, and the second that is shown twice: times stay well-formed and in order.
    """
    steps = [f"right/UTC|@2016-12-31 23:59:{second}" for second in (58, 59, 59)]
    entries, verified = played(tmp_path, *steps, "right/UTC|@2017-01-01 00:00:00")

    times = [entry.end_time for entry in entries]
    assert times == sorted(times)
    assert verified.noticed() == []


def test_travelling_changes_the_zone_and_nothing_else(tmp_path):
    """
    The zone is in the entry, the time is UTC, and nothing was set back.
    """
    entries, verified = played(tmp_path, "UTC|+0", "Asia/Tokyo|", "America/St_Johns|", "Europe/Amsterdam|")

    zones = [entry.payload["clock"]["zone"] for entry in entries]
    assert zones[:2] == ["+00:00", "+09:00"]
    assert zones[2] in ("-03:30", "-02:30")
    assert all(abs(each) < SLACK for each in moved(entries))
    assert verified.noticed() == []
