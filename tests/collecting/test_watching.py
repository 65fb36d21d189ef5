"""A watch on a fixed clock: when it checks, what it counts, what it survives and how it ends. Nothing here waits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from origin import AUTHORITY, NOON, http

import osint
from osint.collecting.watching import Schedule, make_schedule
from osint.errors import AuthorizationError, QueryError

LATER = http(b"later", "Retry-After: 4000", status="429 Too Many Requests")


def feed(**items: str) -> bytes:
    posts = [
        {"id": name, "content_text": text, "date_published": "2026-05-01T09:00:00Z"} for name, text in items.items()
    ]
    told = {"version": "https://jsonfeed.org/version/1.1", "title": "Feed", "items": posts}
    return http(json.dumps(told).encode(), "Content-Type: application/feed+json")


class Clock:
    """A clock that only waiting moves; ``events`` happen during the wait that reaches their instant."""

    def __init__(self):
        self.instant, self.waits, self.events = NOON, [], {}

    def __call__(self):
        return self.instant

    def wait(self, seconds):
        self.waits.append(seconds)
        self.instant += timedelta(seconds=seconds)
        for due in [due for due in self.events if due <= self.instant]:
            self.events.pop(due)()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def watched(open_case, origin, clock, loopback):
    """Watch a feed with these answers on a case whose authority expires at three."""

    def watch(*answers, every="30m", expires="2026-06-01T15:00:00Z", case=None, **asked):
        made = case or open_case(clock=clock, network=replace(loopback, attempts=1), expires=expires)
        told = []
        seen = made.watch(
            "feed", url=origin.serve("/feed", *answers), every=every, wait=clock.wait, told=told.append, **asked
        )
        assert tuple(told) == seen.checks
        return made, seen

    return watch


def minutes(seen):
    return [(check.started - NOON).total_seconds() / 60 for check in seen.checks]


def counts(seen):
    return [(check.posts, check.new, check.edited) for check in seen.checks]


def test_each_check_is_a_run_that_counts_what_is_new_and_edited(watched):
    """
    New is what the case did not hold, edited what tells something else than when it was last seen.
    """
    case, seen = watched(feed(a="one", b="two"), feed(a="one!", b="two", c="three"), feed(a="one!"), times=3)

    assert counts(seen) == [(2, 2, 0), (3, 1, 1), (1, 0, 0)]
    assert [check.run for check in seen.checks] == [run.id for run in case._collection.runs()]
    assert "1 posts, 0 new, 0 edited: nothing new" in str(seen)
    assert seen.ended == "As many checks were made as were asked for."


def test_a_check_that_finds_nothing_is_an_entry_too(watched):
    """
    Having looked is a fact: the nil run is concluded like any other.
    """
    case, seen = watched(feed(), times=1)

    assert counts(seen) == [(0, 0, 0)]
    assert not seen.checks[0].failed
    assert case.ledger.iloc[-1][["action", "outcome"]].tolist() == ["conclude", "nil"]


def test_what_the_case_held_before_is_not_new(watched):
    """
    A watch that is started again goes on where the case stands.
    """
    case, _ = watched(feed(a="one"), times=1)
    _, seen = watched(feed(a="one", b="two"), times=1, case=case)

    assert counts(seen) == [(2, 1, 0)]


def test_it_ends_with_its_authority_and_the_refusal_is_logged_once(watched):
    """
    The last check is at the instant of the expiry, the next one is refused by the gate, and the watch says so.
    """
    case, seen = watched(feed(a="one"))
    refused = [entry for entry in case._ledger.entries() if entry.outcome == "refused"]

    assert minutes(seen) == [0, 30, 60, 90, 120, 150, 180]
    assert "No authority is in force for it any more" in seen.ended
    assert "it expired on 2026-06-01T15:00:00Z" in seen.ended
    assert [entry.action for entry in refused] == ["search"]
    assert case.verify()


def test_an_authority_that_expires_during_a_check_ends_it_there(watched, clock, origin):
    """
    The first page is kept, the second is never asked for, and no further check is made.
    """

    def slow(connection):
        following = f"http://127.0.0.1:{origin.port}/more"
        body = json.dumps({
            "version": "https://jsonfeed.org/version/1.1", "title": "Feed", "next_url": following,
            "items": [{"id": "a", "content_text": "one"}],
        }).encode()  # fmt: skip
        clock.instant += timedelta(hours=4)
        connection.sendall(http(body, "Content-Type: application/feed+json"))

    _, seen = watched(slow)

    assert counts(seen) == [(1, 1, 0)]
    assert "came to its end during a check" in seen.ended
    assert origin.paths == ["/feed"]


def test_the_first_check_out_of_authority_is_refused_like_any_search(watched, open_case):
    """
    A watch that was never under authority is no watch that ended.
    """
    case = open_case(hosts=["other.example"])
    with pytest.raises(AuthorizationError, match="refused and nothing was asked"):
        watched(feed(a="one"), case=case)


def test_a_check_that_fails_is_told_and_the_watch_goes_on(watched):
    """
    A host that hangs up, an error page and a page that is gone each are an entry; the next check comes at its time.
    """
    case, seen = watched(
        lambda connection: connection.close(), http(b"x", status="500 Internal Server Error"),
        http(b"x", status="404 Not Found"), feed(a="one"), times=4,
    )  # fmt: skip

    assert minutes(seen) == [0, 30, 60, 90]
    assert [check.failed for check in seen.checks] == [True, True, True, False]
    assert [str(check.stop) for check in seen.checks] == ["error", "error", "gone", "platform-cap"]
    assert "Checks: 4, of which 3 failed." in str(seen)
    assert case.verify()


def test_a_host_that_asks_to_wait_is_left_alone_so_long(watched):
    """
    The next check is the first instant of the schedule that is not before what the host said: 4000 s are 66 minutes.
    """
    _, seen = watched(LATER, feed(a="one"), times=2)

    assert minutes(seen) == [0, 90]


@pytest.mark.parametrize("asked", ["315360000", "99999999999999", "9" * 400])
def test_a_host_puts_a_check_off_for_a_day_at_most_and_the_line_says_so(watched, asked):
    """
    Ten years, or more than an instant can hold: the watch lives on, and nobody waits without being told.
    """
    answer = http(b"later", f"Retry-After: {asked}", status="503 Service Unavailable")
    _, seen = watched(answer, feed(a="one"), times=2, expires="2026-06-05")

    assert minutes(seen) == [0, 24 * 60]
    assert [check.wait for check in seen.checks] == [86_400, 0]
    assert "no check for 86400 seconds (a day is the longest)" in str(seen.checks[0])
    assert "no check for 86400 seconds" in seen._repr_mimebundle_()["text/html"]
    assert "no check for" not in str(seen.checks[1])


def test_a_check_that_takes_long_moves_no_later_one(watched, clock):
    """
    What was missed is left out, and the others stay where they were due: no drift.
    """

    def slow(connection):
        clock.instant += timedelta(minutes=45)
        connection.sendall(feed(a="one"))

    _, seen = watched(slow, feed(a="one"), times=3)

    assert minutes(seen) == [0, 60, 90]


def test_it_ends_at_the_end_that_was_asked_for(watched):
    """
    An end that lies before the next check is not waited for.
    """
    _, seen = watched(feed(a="one"), ends="2026-06-01T12:45:00Z")

    assert minutes(seen) == [0, 30]
    assert seen.ended == "The end that was asked for is reached: 2026-06-01T12:45:00Z."


def test_an_end_in_the_past_makes_no_check(watched, origin):
    """
    Nothing is asked of anybody.
    """
    _, seen = watched(feed(a="one"), ends="2026-05-31")

    assert seen.checks == ()
    assert origin.requests == []


def test_other_programs_write_to_the_case_while_it_waits(watched, clock, tmp_path, loopback):
    """
    Nothing is locked between two checks; what others logged stands between their entries.
    """

    def another():
        with osint.open_case(
            tmp_path / "case", investigator="R. Klein, badge 2", network=loopback, keys=tmp_path / "keys", clock=clock
        ) as case:
            case.authorize(osint.Authorization(**{**AUTHORITY, "hosts": ["other.example"]}))

    clock.events[NOON + timedelta(minutes=10)] = another
    case, seen = watched(feed(a="one"), feed(b="two"), times=2)
    actions = [entry.action for entry in case._ledger.entries()]

    assert counts(seen) == [(1, 1, 0), (1, 1, 0)]
    assert actions.index("configure", 4) < len(actions) - 4
    assert actions.count("authorize") == 2
    assert case.verify()


def test_the_keyboard_ends_it_during_a_wait_with_what_there_was(watched, clock):
    """
    An interrupt in a notebook gives the summary, not a traceback.
    """

    def interrupt():
        raise KeyboardInterrupt

    clock.events[NOON + timedelta(minutes=40)] = interrupt
    case, seen = watched(feed(a="one"))

    assert (minutes(seen), seen.interrupted) == ([0, 30], True)
    assert "Ended from the keyboard" in str(seen)
    assert case.verify()


def test_the_keyboard_ends_it_during_a_check_too(watched, monkeypatch):
    """
    The check that was cut off is an entry and is told.
    """
    from osint.collectors import feed as collector

    def interrupted(capture):
        raise KeyboardInterrupt

    monkeypatch.setattr(collector, "parse", interrupted)
    _, seen = watched(feed(a="one"))

    assert [str(check.stop) for check in seen.checks] == ["cancelled"]
    assert seen.interrupted


def test_waiting_is_done_in_short_naps(watched, clock):
    """
    A machine that slept notices soon after it wakes that its instant has passed.
    """
    watched(feed(a="one"), times=2)

    assert max(clock.waits) <= 60
    assert sum(clock.waits) == 1800


@pytest.mark.parametrize("every", ["", "0m", "soon", "-5m", "1.5h", "9999999d", "30"])
def test_an_interval_that_cannot_be_read_is_refused(every):
    """
    The message says how it is written.
    """
    with pytest.raises(QueryError, match="90s, 30m, 2h or 1d"):
        make_schedule(every, times=None, ends=None, shortest=60)


def test_a_host_is_not_asked_more_often_than_the_network_allows(open_case, loopback, origin):
    """
    A minute by default; an administrator can say otherwise.
    """
    with pytest.raises(QueryError, match="watch_pace"):
        open_case().watch("feed", url=origin.serve("/feed", feed()), every="59s", times=1)
    assert origin.requests == []
    assert make_schedule("2s", times=1, ends=None, shortest=1).every == 2


@pytest.mark.parametrize("wrong", [{"times": 0}, {"ends": "tomorrow"}])
def test_bounds_that_cannot_be_meant_are_refused(wrong):
    """
    No check at all, or an end that is no instant.
    """
    with pytest.raises(QueryError):
        make_schedule("1h", **{"times": None, "ends": None, **wrong}, shortest=60)


@given(
    every=st.integers(1, 10_000), late=st.floats(0, 1e6), asked=st.floats(0, 1e6),
)  # fmt: skip
def test_a_schedule_never_drifts_and_never_goes_back(every, late, asked):
    """
    Whatever the delays: the next instant is a whole multiple of the interval, ahead, no sooner than the host asks, and
    the first such.
    """
    present = NOON + timedelta(seconds=late)
    due = Schedule(every=every).after(NOON, present, present + timedelta(seconds=asked))
    number = (due - NOON).total_seconds() / every

    assert number == round(number)
    assert due > present
    assert due >= present + timedelta(seconds=asked)
    earlier = due - timedelta(seconds=every)
    assert earlier <= present or earlier < present + timedelta(seconds=asked)
