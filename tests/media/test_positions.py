"""The positions of a file: radius, grade, what speaks against them, and how far apart they lie."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.media.positions import distance_m, extent, stated_positions, too_fast
from osint.media.times import stated_times
from osint.media.value import Value

PARIS = (48.8566, 2.3522)
NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


def value(fact: str, found: object, block: str = "EXIF", reader: str = "exifread 3.5.1") -> Value:
    plain = found if isinstance(found, int | float) else str(found)
    return Value(block=block, name=fact, text=str(found), fact=fact, value=plain, reader=reader)


def at(latitude: float, longitude: float, block: str = "EXIF", reader: str = "exifread 3.5.1", **more) -> list[Value]:
    facts = {"latitude": latitude, "longitude": longitude, **more}
    return [value(fact, found, block, reader) for fact, found in facts.items()]


def only(values, times=()):
    (found,) = stated_positions(values, times)
    return found


def test_a_receivers_position_has_the_larger_of_error_and_spelling_as_its_radius():
    """Whole seconds are 31 m, whatever the receiver says of itself."""
    found = only(at(*PARIS, position_step=31.0, position_error=5.0, datum="WGS-84", gps_time="2026-05-03T12:00:00Z"))

    assert (found.grade, found.radius_m, found.error_m, found.basis) == ("B", 31.0, 5.0, ())


def test_how_finely_a_position_is_spelled_is_no_accuracy():
    """A camera that states no error is not graded as a receiver that does, however many digits it writes."""
    found = only(at(*PARIS, position_step=0.3))

    assert (found.grade, found.radius_m, found.error_m) == ("C", 0.3, None)
    assert "Nothing states how far off it may be." in found.basis


@pytest.mark.parametrize(
    ("radius", "error", "words"),
    [
        (None, None, "accuracy not stated"),
        (0.3, None, "spelled to less than 1 m; accuracy not stated"),
        (31.0, None, "spelled to 31 m; accuracy not stated"),
        (5.0, 5.0, "stated to within 5 m"),
        (1900.0, 5.0, "stated to within 5 m, but spelled to 1.9 km"),
    ],
)
def test_what_is_stated_and_what_is_spelled_are_told_apart_in_words(radius, error, words):
    """These are the words of every view."""
    assert extent(radius, error) == words


def test_a_position_without_a_datum_says_how_it_is_read():
    """Most phones name none; that alone lowers no grade."""
    found = only(at(*PARIS, position_error=31.0, gps_time="2026-05-03T12:00:00Z"))

    assert (found.grade, found.basis) == ("B", ("It names no datum and is read as WGS 84.",))


def test_a_fix_whose_age_cannot_be_told_says_so():
    """Without a time of its own, or beside a clock of an unknown zone, it may be that of another place."""
    clock = stated_times([value("taken_local", "2026-05-03T14:00:00")])
    silent = only(at(*PARIS, position_error=5.0), clock)
    timed = only(at(*PARIS, position_error=5.0, gps_time="2026-05-03T06:00:00Z"), clock)

    assert "It states no time of its fix, which may be older than the picture." in silent.basis
    assert "The zone of the camera's clock is unknown, so the fix may be older than the picture." in timed.basis


@pytest.mark.parametrize(("fact", "text", "grade"), [("datum", "TOKYO", "D"), ("position_void", "V", "X")])
def test_what_one_reader_says_of_the_circumstances_holds_for_the_position_of_the_other(fact, text, grade):
    """Not every tag is read twice; a doubt is one whoever read it."""
    other = at(*PARIS, reader="osint tiff", position_step=1.0)
    found = stated_positions([*at(*PARIS), value(fact, text), *other])

    assert [each.grade for each in found] == [grade, grade]


@pytest.mark.parametrize(
    ("values", "grade", "why"),
    [
        (at(*PARIS), "C", "how far off"),
        (at(*PARIS, block="XMP", position_step=1.0), "C", "by a program"),
        (at(*PARIS, position_step=1.0, datum="TOKYO"), "D", "not to WGS 84"),
        (at(0.0, 0.0003, position_step=1.0), "X", "0, 0"),
        (at(91.0, 0.5, position_step=1.0), "X", "exceeds 90"),
        (at(math.nan, 2.0, position_step=1.0), "X", "not a number"),
        (at(*PARIS, position_step=1.0, position_void="V"), "X", "void"),
    ],
)
def test_what_speaks_against_a_position_lowers_its_grade_and_is_told(values, grade, why):
    """It is not left out, and not repaired."""
    found = only(values)

    assert (found.grade, any(why in sentence for sentence in found.basis)) == (grade, True)


@pytest.mark.parametrize("datum", ["WGS-84", "WGS 84", "wgs84"])
def test_the_usual_datum_is_no_objection(datum):
    """In any of its spellings."""
    assert only(at(*PARIS, position_error=1.0, datum=datum)).grade == "B"


@pytest.mark.parametrize(("minutes", "grade"), [(9, "B"), (11, "D")])
def test_a_fix_older_than_ten_minutes_is_told(minutes, grade):
    """Where the camera's clock names an instant; else any that one of its zones would give will do."""
    clock = [value("taken_local", "2026-05-03T14:00:00"), value("taken_offset", "+02:00")]
    fix = (NOON - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
    values = at(*PARIS, position_error=1.0, gps_time=fix)

    assert only(values, stated_times(clock)).grade == grade
    assert only(values, stated_times(clock[:1])).grade == "B"


@pytest.mark.parametrize(("hours", "grade"), [(-14, "B"), (-15, "D"), (12, "B"), (13, "D")])
def test_a_fix_that_no_zone_reconciles_with_the_camera_is_told(hours, grade):
    """A fix of the day before is one of another place, whatever zone the camera was set to."""
    fix = (NOON + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")
    found = only(
        at(*PARIS, position_error=1.0, gps_time=fix), stated_times([value("taken_local", "2026-05-03T12:00:00")])
    )

    assert (found.grade, any("whatever its zone" in each for each in found.basis)) == (grade, grade == "D")


def test_positions_of_one_file_that_lie_apart_are_both_in_doubt():
    """With the distance; the readers and the blocks are named."""
    first, second = stated_positions(
        [*at(*PARIS, position_step=1.0), *at(48.8666, 2.3522, "QuickTime", "osint QuickTime", position_step=1.0)]
    )

    assert (first.grade, second.grade) == ("D", "D")
    assert "QuickTime as osint QuickTime reads it lies 1,112 m away." in first.basis


def test_positions_within_their_radii_agree():
    """Nothing is said where there is nothing to say."""
    values = [*at(*PARIS, position_error=31.0), *at(48.8567, 2.3522, reader="ExifTool 13.58", position_step=31.0)]

    assert [each.grade for each in stated_positions(values)] == ["B", "B"]


def test_half_a_position_is_none():
    """A latitude without a longitude is a value in the table and no place."""
    assert stated_positions([value("latitude", 48.0)]) == ()


def test_a_camera_that_flew_faster_than_sound_is_told():
    """From Paris to Lyon in ten minutes; in two hours it may have driven."""
    lyon = (45.764, 4.8357)

    ((place, speed),) = too_fast([(NOON, *PARIS), (NOON + timedelta(minutes=10), *lyon)])

    assert (place, 600 < speed < 700) == (1, True)
    assert too_fast([(NOON, *PARIS), (NOON + timedelta(hours=2), *lyon)]) == ()
    assert too_fast([(NOON, *PARIS), (NOON, 48.8567, 2.3522)]) == ()


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [((0, 0), (0, 1), 111_195), ((0, 0), (0, 180), 20_015_115), ((90, 0), (-90, 123), 20_015_115), (PARIS, PARIS, 0)],
)
def test_distances_on_the_sphere(one, other, metres):
    """Also across the poles and between opposite points."""
    assert distance_m(one, other) == pytest.approx(metres, rel=1e-4, abs=0.001)


POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(POINTS, POINTS)
def test_a_distance_is_the_same_both_ways_and_no_longer_than_half_the_earth(one, other):
    """Never a number that is none."""
    assert distance_m(one, other) == pytest.approx(distance_m(other, one), abs=0.01)
    assert 0 <= distance_m(one, other) <= 20_015_200
