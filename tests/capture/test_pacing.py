"""One pace for all processes of a user."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import apsw
import pytest

from osint.capture.pacing import Pacer, seconds_until_reset

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_turns_at_one_host_keep_their_distance(tmp_path, clock):
    """The first comes at once, the others one pace behind each other; another host has turns of its own."""
    pacer = Pacer(tmp_path / "state" / "pace.sqlite", clock)

    assert [pacer.turn("a.example", 1.5) for _ in range(3)] == [0, 1.5, 3]
    assert pacer.turn("b.example", 1.5) == 0
    clock.now += 100
    assert pacer.turn("A.example", 1.5) == 0


def test_two_processes_share_the_turns(tmp_path, clock):
    """What one took, the other waits for; in memory nobody shares."""
    file = tmp_path / "pace.sqlite"
    first, second = Pacer(file, clock), Pacer(file, clock)

    assert (first.turn("a.example", 2), second.turn("a.example", 2)) == (0, 2)
    assert first.shared
    assert not Pacer(None, clock).shared
    assert Pacer(None, clock).turn("a.example", 2) == 0


def test_many_processes_never_get_the_same_turn(tmp_path):
    """Four processes take ten turns each: forty different ones."""
    code = (
        "import sys; from pathlib import Path; from osint.capture.pacing import Pacer\n"
        "pacer = Pacer(Path(sys.argv[1]), lambda: 1000.0)\n"
        "print(*(pacer.turn('a.example', 1) for _ in range(10)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "pace.sqlite")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    turns = [float(turn) for process in running for turn in process.communicate()[0].split()]

    assert sorted(turns) == [float(number) for number in range(40)]


def test_a_host_that_puts_us_off_is_left_alone(tmp_path, clock):
    """Also by a process that starts later; a shorter wait does not shorten a longer one."""
    Pacer(tmp_path / "pace.sqlite", clock).postpone("a.example", 60)
    later = Pacer(tmp_path / "pace.sqlite", clock)
    later.postpone("a.example", 5)

    assert later.put_off_for("a.example") == 60
    assert later.turn("a.example", 0) == 60
    clock.now += 61
    assert later.turn("a.example", 0) == 0


def test_no_host_puts_us_off_for_ever(clock):
    """A day at most, whatever it says."""
    pacer = Pacer(None, clock)
    pacer.postpone("a.example", 1e300)

    assert pacer.put_off_for("a.example") == 86_400


def test_a_wait_that_is_over_forgets_no_longer_one(tmp_path, clock):
    """While one process waited two seconds, another was put off for an hour."""
    waiting, other = Pacer(tmp_path / "pace.sqlite", clock), Pacer(tmp_path / "pace.sqlite", clock)
    with waiting.waiting("a.example", 2):
        other.postpone("a.example", 3600)
        clock.now += 2

    assert waiting.put_off_for("a.example") == 3598
    with waiting.waiting("b.example", 2):
        assert other.put_off_for("b.example") == 2
    assert other.put_off_for("b.example") == 0


def test_turns_are_no_wish_to_be_left_alone(clock):
    """A long pace is ours; whoever has no patience for hosts still keeps it."""
    pacer = Pacer(None, clock)
    pacer.turn("a.example", 300)

    assert pacer.put_off_for("a.example") == 0
    assert pacer.turn("a.example", 300) == 300


def test_a_clock_that_was_ahead_closes_no_host(clock):
    """Turns and waits far beyond a day come from a clock that was wrong."""
    pacer = Pacer(None, clock)
    clock.now += 400 * 86_400
    pacer.turn("a.example", 3)
    pacer.postpone("b.example", 60)
    clock.now -= 400 * 86_400

    assert pacer.turn("a.example", 3) == 0
    assert pacer.put_off_for("b.example") == 0


def test_a_file_that_another_program_holds_costs_the_sharing_alone(tmp_path, clock, monkeypatch):
    """The run goes on at its own pace, and says nothing of databases."""
    monkeypatch.setattr("osint.capture.pacing._BUSY_MS", 10)
    pacer, holder = Pacer(tmp_path / "pace.sqlite", clock), apsw.Connection(str(tmp_path / "pace.sqlite"))
    holder.execute("BEGIN EXCLUSIVE")

    assert [pacer.turn("a.example", 3) for _ in range(2)] == [0, 3]
    assert not pacer.shared


def test_nothing_is_kept_longer_than_the_wait_and_no_name_is_in_the_file(tmp_path, clock):
    """The file says nothing of what was looked at yesterday."""
    file = tmp_path / "pace.sqlite"
    pacer = Pacer(file, clock)
    pacer.turn("jane.example", 1)
    assert b"jane" not in file.read_bytes()
    clock.now += 2
    pacer.turn("b.example", 1)

    assert pacer._connection.execute("SELECT count(*) FROM turns").fetchone() == (1,)


@pytest.mark.parametrize("what", ["folder", "damaged"])
def test_a_file_that_cannot_be_used_costs_the_sharing_alone(tmp_path, what):
    """The pace is kept all the same, by this process."""
    file = tmp_path / "pace.sqlite"
    if what == "folder":
        file.mkdir()
    else:
        file.write_bytes(b"this is no database" * 100)
    pacer = Pacer(file, Clock())

    assert not pacer.shared
    assert [pacer.turn("a.example", 1) for _ in range(2)] == [0, 1]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-06-01T12:05:00.000Z"}, 300),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1780315230"}, 30),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1780315200"}, 0),
        ({"ratelimit-remaining": " 0 ", "ratelimit-reset": "17"}, 17),
        ({"ratelimit-remaining": "1", "ratelimit-reset": "17"}, None),
        ({"ratelimit-remaining": "0"}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "soon"}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "-5"}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "9" * 400}, None),
        ({}, None),
    ],
)
def test_what_a_host_says_of_its_limit_is_heeded(headers, seconds):
    """In the three spellings that there are, and only when nothing is left."""
    assert seconds_until_reset(headers, NOON) == seconds
