"""Instants: precision kept, never naive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.instants import day_bounds, format_instant, parse_instant, read_instant

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones)


@given(instants)
def test_every_instant_survives_its_spelling(instant):
    """
    To the microsecond, whatever its zone.
    """
    assert instant == parse_instant(format_instant(instant))
    assert format_instant(instant).endswith("Z")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-06-01T12:00:00Z", "2026-06-01T12:00:00+00:00"),
        ("2026-06-01t12:00:00.5z", "2026-06-01T12:00:00.500000+00:00"),
        ("2026-06-01 12:00+0200", "2026-06-01T10:00:00+00:00"),
        ("2026-06-01T12:00:00,123456789-03:30", "2026-06-01T15:30:00.123456+00:00"),
        ("Mon, 01 Jun 2026 12:00:00 +0100", "2026-06-01T11:00:00+00:00"),
        ("Mon, 01 Jun 2026 12:00:00 GMT", "2026-06-01T12:00:00+00:00"),
    ],
)
def test_the_spellings_of_the_standards_are_read(text, iso):
    """
    RFC 3339 and RFC 5322, with their zones.
    """
    assert datetime.fromisoformat(iso) == parse_instant(text)


@pytest.mark.parametrize(
    "text", ["2026-06-01T12:00:00", "2026-06-01", "Mon, 01 Jun 2026 12:00:00", "Mon, 01 Jun 2026 12:00:00 -0000"]
)
def test_a_time_without_a_zone_is_no_instant(text):
    """
    Nothing guesses a zone; the spelling is kept and the reason is said.
    """
    reading = read_instant(text)

    assert (None, False, text) == (reading.instant, reading.zone_known, reading.raw)
    assert "no time zone" in reading.problem


@pytest.mark.parametrize(
    "text", ["2026-02-30T10:00:00Z", "2026-06-01T25:00:00Z", "yesterday", "", "0000-01-01T00:00:00Z", "\x00"]
)
def test_an_impossible_date_is_no_instant(text):
    """
    It is kept as written, and said to be impossible.
    """
    assert None is read_instant(text).instant
    with pytest.raises(ValueError, match="not a date that can exist"):
        parse_instant(text)


@given(st.text(max_size=60))
def test_no_text_makes_reading_fail(text):
    """
    A reading always comes back, with either an instant or a problem.
    """
    reading = read_instant(text)

    assert (reading.instant is None) == bool(reading.problem)


def test_a_day_stands_for_all_of_it():
    """
    Both ends of a period are included.
    """
    since, until = day_bounds("2026-05-01", "2026-05-01")

    assert (datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 1, 23, 59, 59, 999999, tzinfo=UTC)) == (since, until)


def test_a_period_that_ends_before_it_starts_is_an_error():
    """
    It cannot be meant.
    """
    with pytest.raises(ValueError, match="before it starts"):
        day_bounds("2026-06-01", "2026-05-01")


def test_a_naive_time_cannot_be_written():
    """
    The writer refuses what the reader would refuse.
    """
    with pytest.raises(ValueError, match="no zone"):
        format_instant(datetime(2026, 6, 1))


@pytest.mark.parametrize("text", ["31/12/2030", "2030-02-30", "2030-12-31T17:00:00", "2030-12"])
def test_a_bound_that_cannot_be_read_says_how_to_write_it(text):
    """
    An officer is told two spellings that work, not the numbers of standards.
    """
    with pytest.raises(ValueError, match="2030-12-31 or 2030-12-31T17:00:00Z") as error:
        day_bounds(None, text)
    assert "RFC" not in str(error.value)
