"""Times as platforms write them."""

from __future__ import annotations

import datetime as dt

import pytest
from recorded import make_capture

from osint.collectors.sights import undated
from osint.collectors.times import all_before, dated, of_epoch

MAY = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("written", "instant", "zone_known"),
    [
        ("Sat Dec 06 18:20:30 +0000 2025", "2025-12-06T18:20:30+00:00", True),
        ("Sat Dec 06 18:20:30 +0200 2025", "2025-12-06T16:20:30+00:00", True),
        ("Tue Mar 01 12:00:00 UTC 2022", "2022-03-01T12:00:00+00:00", True),
        ("2022-07-22 19:28:21 UTC", "2022-07-22T19:28:21+00:00", True),
        ("2022-07-22 19:28:21", "2022-07-22T19:28:21+00:00", False),
        ("2022-07-22T19:28:21.5+02:00", "2022-07-22T17:28:21.500000+00:00", True),
        ("Sat, 06 Dec 2025 18:20:30 GMT", "2025-12-06T18:20:30+00:00", True),
        ("Sat, 06 Dec 2025 18:20:30 UTC", "2025-12-06T18:20:30+00:00", True),
    ],
)
def test_a_time_is_read_as_its_platform_writes_it(written, instant, zone_known):
    """Only where the source is known to mean UTC does a time without a zone become an instant, and that is told."""
    reading = dated(written, utc=True)

    assert (reading.raw, reading.instant.isoformat(), reading.zone_known) == (written, instant, zone_known)
    assert not reading.problem


def test_a_time_without_a_zone_is_no_instant_unless_the_source_means_utc():
    """It stays as it was written."""
    reading = dated("2022-07-22 19:28:21")

    assert (reading.raw, reading.instant) == ("2022-07-22 19:28:21", None)
    assert "names no time zone" in reading.problem


@pytest.mark.parametrize("written", ["Sat Dec 36 18:20:30 +0000 2025", "2022-13-01 10:00:00 UTC", "yesterday"])
def test_an_impossible_time_is_repeated_as_it_was_written(written):
    """The message has the words of the file, not of what was tried."""
    assert repr(written) in dated(written, utc=True).problem


@pytest.mark.parametrize(
    ("value", "instant"),
    [("1577836800", "2020-01-01"), (1577836800, "2020-01-01"), (0, None), (True, None), ("current", None), ([5], None)],
)
def test_seconds_since_1970_are_read_within_reason(value, instant):
    """What is no number says nothing of a time."""
    reading = of_epoch(value)

    assert (reading and reading.instant.date().isoformat()) == instant


@pytest.mark.parametrize("value", [10**17, 1777629600000, "-5", -86400, 1777629600.5])
def test_a_number_that_is_no_such_second_stays_as_it_was_written(value):
    """Milliseconds, days before 1970, parts of a second: none is an instant, and none is "no date"."""
    reading = of_epoch(value)

    assert (reading.raw, reading.instant) == (str(value), None)
    assert repr(str(value)) in undated(make_capture(b"", ""), "", reading)[0].what


@pytest.mark.parametrize(
    ("written", "before"),
    [
        (["2026-04-30T23:59:59Z", "2026-04-01T00:00:00Z"], True),
        (["2026-04-30T23:59:59Z", "2026-05-01T00:00:00Z"], False),  # a post of the first instant is asked for
        (["2026-04-30T23:59:59Z", "yesterday", None], True),  # what has no instant says nothing
        (["yesterday", None], False),
        ([], False),
    ],
)
def test_a_period_lies_behind_when_all_that_is_dated_lies_before_it(written, before):
    """One post that is pinned to the top ends no run, and neither does a page without dates."""
    times = [dated(each) for each in written]

    assert all_before(MAY, times) == before
    assert not all_before(None, times)
