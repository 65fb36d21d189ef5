"""A clock that was set back is named, at the entry where it shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from osint.chain_of_custody.clocks import Clock
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.verification import verify

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = 3_600_000


def facts(minutes: float, steady_ms: int, boot: str = "a") -> dict:
    shown = NOON + timedelta(minutes=minutes)
    return {
        "end_time": shown.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "clock": {"boot": boot, "monotonic_ms": steady_ms},
    }


def watched(*entries: dict) -> list[str]:
    clock = Clock()
    for place, each in enumerate(entries):
        clock.take(each, place)
    return clock.set_back


def test_a_clock_set_back_within_one_run_of_the_machine_is_named():
    """
    Two hours pass on the clock that is never set, and the time of day goes back by one.
    """
    assert watched(facts(0, 0), facts(-60, 2 * HOUR)) == [
        "The clock was set back by 3:00:00 before entry 1 was written."
    ]


def test_a_clock_set_back_over_a_restart_is_named():
    assert watched(facts(0, 0), facts(-60, 5, "b")) == ["The clock was set back by 1:00:00 before entry 1 was written."]


def test_a_machine_that_slept_is_no_anomaly():
    """
    The steady clock stood still meanwhile: the time of day gained on it.
    """
    assert watched(facts(0, 0), facts(600, 1000)) == []


def test_a_restart_an_hour_later_is_no_anomaly():
    assert watched(facts(0, 10 * HOUR), facts(60, 5, "b")) == []


def test_a_clock_set_right_after_it_ran_ahead_is_named_once():
    """
    Back to the truth is back as well; entries after that are not blamed again.
    """
    found = watched(facts(0, 0), facts(600, 1000), facts(1, 61_000), facts(2, 121_000))

    assert len(found) == 1
    assert "entry 2" in found[0]


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=20))
def test_time_that_goes_forward_is_never_an_anomaly(steps):
    """
    However the machine sleeps between the entries.
    """
    steady = shown = 0
    entries = []
    for awake, asleep in steps:
        steady, shown = steady + awake, shown + awake + asleep
        entries.append(facts(shown / 60_000, steady))

    assert watched(*entries) == []


def test_verification_names_it_and_does_not_call_it_a_forgery(tmp_path, actor, log):
    """
    The ledger is unbroken; the anomaly is printed with the verdict.
    """
    times = iter([NOON, NOON + timedelta(minutes=1), NOON - timedelta(days=1)])
    with Ledger.create(tmp_path / "l.sqlite", actor=actor, log=log, clock=lambda: next(times)) as ledger:
        ledger.append("note")
        ledger.append("note")
        verified = verify(ledger)

    assert len(verified.clock_set_back) == 1
    assert "before entry 2 was written" in str(verified)
