"""Coordinates are read exactly or not at all."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.places import position_problems, read_coordinate, step_in_metres

minutes = st.integers(0, 59)
hundredths = st.integers(0, 5999)


@given(st.integers(0, 89), minutes, hundredths, st.sampled_from("NS"))
def test_degrees_minutes_and_seconds_become_signed_degrees(whole, minute, second, letter):
    """
    Every latitude written in hundredths of a second comes back to the hundredth.
    """
    found = read_coordinate([(whole, 1), (minute, 1), (second, 100)], letter, "latitude")

    assert found.degrees is not None
    assert round(abs(found.degrees) * 360_000) == whole * 360_000 + minute * 6000 + second
    assert found.degrees == 0 or (found.degrees < 0) == (letter == "S")


@given(st.lists(st.tuples(st.integers(-5, 400), st.integers(-2, 120)), max_size=5), st.text(max_size=3))
def test_reading_never_raises_and_stays_on_the_globe(parts, letter):
    """
    Any numbers give a longitude on the globe, or a reason.
    """
    found = read_coordinate(parts, letter, "longitude")

    assert (found.degrees is None) == bool(found.problems)
    assert found.degrees is None or abs(found.degrees) <= 180


@pytest.mark.parametrize(
    ("parts", "letter", "reason"),
    [
        ([(48, 1), (51, 1)], "N", "2 parts"),
        ([(48, 1), (51, 1), (0, 0)], "N", "denominator 0"),
        ([(48, 1), (-51, 1), (0, 1)], "N", "negative"),
        ([(48, 1), (60, 1), (0, 1)], "N", "60 or more"),
        ([(48, 1), (51, 1), (60, 1)], "N", "60 or more"),
        ([(90, 1), (0, 1), (1, 100)], "N", "exceeds 90"),
        ([(48, 1), (51, 1), (0, 1)], None, "names no hemisphere (N or S)"),
        ([(48, 1), (51, 1), (0, 1)], "E", "names no hemisphere (N or S)"),
    ],
)
def test_what_is_wrong_is_named_and_not_repaired(parts, letter, reason):
    """
    A coordinate with a fault has no degrees and says why.
    """
    found = read_coordinate(parts, letter, "latitude")

    assert found.degrees is None
    assert reason in found.problems[0]


@pytest.mark.parametrize("letter", ["n", "N\0", " N "])
def test_the_hemisphere_may_be_written_carelessly(letter):
    """
    Case, blanks and a closing zero byte do not change a hemisphere.
    """
    assert read_coordinate([(48, 1), (30, 1), (0, 1)], letter, "latitude").degrees == 48.5


@pytest.mark.parametrize(
    ("parts", "metres"),
    [
        ([(48, 1), (51, 1), (29, 1)], 31.0),
        ([(48, 1), (51, 1), (2960, 100)], 0.31),
        ([(48, 1), (51, 1), (0, 100)], 0.31),
        ([(48, 1), (514_934, 10_000), (0, 1)], 0.19),
        ([(48, 1), (51, 1), (0, 1)], 1900.0),
        ([(48_858_222, 1_000_000), (0, 1), (0, 1)], 0.11),
        ([(48, 1), (0, 1), (0, 1)], 110_000.0),
    ],
)
def test_the_step_of_a_spelling(parts, metres):
    """
    Precision follows the finest part that was written; trailing zeros do not count as measured.
    """
    assert step_in_metres(parts) == metres


@pytest.mark.parametrize(
    ("latitude", "longitude", "reason"),
    [
        (math.nan, 2.0, "not a number"),
        (48.0, math.inf, "not a number"),
        (90.1, 2.0, "exceeds 90"),
        (48.0, -180.1, "exceeds 180"),
        (0.0, 0.0, "without a fix"),
        (0.0004, -0.0005, "without a fix"),
    ],
)
def test_a_position_that_cannot_be_used_says_why(latitude, longitude, reason):
    """
    Not a number, off the globe, or on the point where receivers without a fix are.
    """
    assert reason in position_problems(latitude, longitude)[0]


@pytest.mark.parametrize("position", [(48.8, 2.3), (-90, 180), (0.0, 2.3), (51.5, 0.0), (0.0006, 0.0)])
def test_a_usable_position_has_no_problems(position):
    """
    The equator, the prime meridian and the poles are places.
    """
    assert position_problems(*position) == ()
