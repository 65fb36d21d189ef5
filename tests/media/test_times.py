"""The times of a file: intervals and grades. No zone is guessed, and no clock is called right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.instants import format_instant
from osint.media.times import FARTHEST_EAST, FARTHEST_WEST, inferred_offset, stated_times
from osint.media.value import Value

CLOCK = "2026-05-03T14:22:11"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def value(fact: str, found: str, block: str = "EXIF", **more) -> Value:
    return Value(block=block, name=fact, text=found, fact=fact, value=found, reader="a reader", **more)


def camera(*others: Value, **context):
    found = stated_times([value("taken_local", CLOCK), *others], **context)
    return next(each for each in found if each.kind == "camera clock")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_clock_without_a_zone_is_an_interval_that_holds_every_zone():
    """From UTC+14 to UTC-12."""
    found = camera()

    assert (found.grade, found.start, found.end) == ("D", utc("2026-05-03T00:22:11Z"), utc("2026-05-04T02:22:11Z"))


@pytest.mark.parametrize("gps", [None, "2026-05-03T12:22:40Z"])
def test_a_stated_offset_gives_an_instant(gps):
    """Also beside a GPS time that agrees."""
    found = camera(value("taken_offset", "+02:00"), *([value("gps_time", gps)] if gps else []))

    assert (found.grade, found.start, found.end) == ("B", utc("2026-05-03T12:22:11Z"), utc("2026-05-03T12:22:11Z"))


def test_an_offset_that_the_receiver_contradicts_is_not_used():
    """The clock stays what it showed, in whatever zone."""
    found = camera(value("taken_offset", "+02:00"), value("gps_time", "2026-05-03T09:22:11Z"))

    assert (found.grade, "contradicts" in found.basis) == ("D", True)
    assert found.end - found.start == FARTHEST_EAST - FARTHEST_WEST


def test_an_offset_is_inferred_from_the_receiver_within_two_minutes():
    """Graded lower than one that the device states."""
    found = camera(value("gps_time", "2026-05-03T08:52:40Z"))

    assert (found.grade, found.start) == ("C", utc("2026-05-03T08:52:11Z"))
    assert "UTC+05:30" in found.basis


@pytest.mark.parametrize("gps", ["2026-05-03T12:19:00Z", "2026-05-02T12:22:11Z", "2026-05-04T03:22:11Z"])
def test_no_zone_is_found_where_none_explains_the_distance(gps):
    """A residue of three minutes, a clock a day behind, and more than twelve hours west."""
    assert camera(value("gps_time", gps)).grade == "D"


@pytest.mark.parametrize(
    ("gps", "start"),
    [("12:22:11", "2026-05-03T12:22:11Z"), ("01:22:11", None), ("02:22:11", None), ("12:29:11", None)],
)
def test_a_receiver_without_a_day_is_used_only_where_one_zone_fits(gps, start):
    """At thirteen hours ahead it could be eleven behind; the grade is the lowest that names an instant."""
    found = camera(value("gps_time_of_day", gps))

    assert found.grade == "D"
    assert (found.start == found.end) == (start is not None)
    assert start is None or found.start == utc(start)


@pytest.mark.parametrize(
    ("context", "why"),
    [
        ({"preserved": utc("2026-05-01T00:00:00Z")}, "after our own capture"),
        ({"posted": utc("2026-05-02T00:00:00Z")}, "after the post"),
    ],
)
def test_a_time_that_cannot_be_is_graded_x(context, why):
    """And says why; it is not left out."""
    found = camera(**context)

    assert (found.grade, why in found.basis) == ("X", True)


def test_a_clock_from_before_the_model_was_sold_is_graded_x():
    """By a day on which nobody anywhere could have had it."""
    model = [value("camera_make", "Apple"), value("camera_model", "iPhone 16")]
    found = stated_times([value("taken_local", "2024-09-18T09:00:00"), *model])[0]
    known = stated_times([value("taken_local", "2024-09-20T09:00:00"), *model])[0]

    assert (found.grade, "was not sold before" in found.basis, known.grade) == ("X", True, "D")


def test_a_film_header_is_in_doubt_unless_a_key_states_its_offset():
    """Some makers write local time where the format means UTC."""
    header = value("container_time", "2026-05-03T12:22:28Z", "QuickTime")
    key = value("metadata_time", "2026-05-03T14:22:11+02:00", "QuickTime")

    assert [each.grade for each in stated_times([header])] == ["D"]
    assert {(each.kind, each.grade) for each in stated_times([header, key])} == {
        ("film header", "B"),
        ("metadata", "B"),
    }


def test_a_number_in_the_address_is_the_servers_and_one_in_a_name_is_anyones():
    """A name can be changed, and a server that anybody may run has whatever clock its owner likes."""
    times = [value("platform_time", "2026-05-03T12:22:11Z", block) for block in ("address", "name")]
    times.append(value("server_time", "2026-05-03T12:22:11Z", "address"))

    found = [(each.kind, each.grade) for each in stated_times(times)]
    assert found == [("platform", "A"), ("file name", "C"), ("platform", "C")]


@pytest.mark.parametrize(
    ("fact", "spelt", "found", "block", "words"),
    [
        ("taken_local", "2026:05:03 14:22:11", f"{CLOCK}.46", "EXIF", "2026-05-03 14:22:11.460"),
        ("gps_time", "[19, 46, 12]", "2026-05-03T19:46:12Z", "EXIF", "GPS 2026-05-03 19:46:12 UTC"),
        ("container_time", "3860742131", "2026-05-03T12:22:11Z", "QuickTime", "2026-05-03 12:22:11, meant as UTC"),
        ("metadata_time", "20260503T142211+0200", f"{CLOCK}+02:00", "XMP", "2026-05-03 14:22:11 UTC+02:00"),
        ("metadata_time", "x", "Sun, 03 May 2026 14:22:11 +0200", "XMP", "2026-05-03 12:22:11 UTC"),
        ("metadata_time", "20260503_122211123", "2026-05-03T12:22:11.123Z", "name",
         "2026-05-03 12:22:11.123 UTC, in the name of the file"),
        ("name_local", "20260503", "2026-05-03", "name", "2026-05-03, in the name of the file"),
        ("name_local", "20260503_142211", CLOCK, "name", "2026-05-03 14:22:11, in the name of the file"),
        ("platform_time", "1199", "2026-05-03T12:22:11Z", "name",
         "2026-05-03 12:22:11 UTC, upload time of a platform: 1199 in the name of the file"),
    ],
    ids=["camera", "GPS", "film", "XMP", "mail", "instant-in-name", "day-in-name", "clock-in-name", "number-in-name"],
)  # fmt: skip
def test_a_time_is_told_in_words_and_figures(fact, spelt, found, block, words):
    """However a reader prints the field; its value keeps that."""
    (told,) = stated_times([Value(block=block, name=fact, text=spelt, fact=fact, value=found, reader="a reader")])

    assert told.text == words


def test_a_path_in_an_address_is_told_with_the_platform_whose_rule_fits():
    """Not with another one that the name is like."""
    path, instant = "116/656/813/045/921/887", "2026-05-03T12:22:11Z"
    marks = [("whatsapp-name", "WhatsApp"), ("mastodon-media", "Mastodon")]
    values = [
        *(Value(block="address", name=rule, text="", fact="platform_mark", value=each, reader="r") for rule, each in marks),
        Value(block="address", name="mastodon-media", text=path, fact="server_time", value=instant, reader="r"),
    ]  # fmt: skip

    (told,) = stated_times(values)

    assert told.text == f"2026-05-03 12:22:11 UTC, upload time of Mastodon: {path} in the address of the file"


def test_a_name_that_gives_a_day_means_the_whole_day_anywhere():
    """Fifty hours."""
    (found,) = stated_times([value("name_local", "2026-05-03", "name")])

    assert (found.grade, found.end - found.start) == ("D", timedelta(hours=50))


@pytest.mark.parametrize("status", ["unset", "impossible", "unreadable"])
def test_a_clock_that_was_never_set_is_absent(status):
    """No year 1904, and no year 1970."""
    assert stated_times([value("container_time", "1904-01-01T00:00:00Z", "QuickTime", status=status)]) == ()


@pytest.mark.parametrize("text", ["", "yesterday", "0001-01-01T00:00:00", "9999-12-31T23:59:59", "2026-13-01T00:00:00"])
def test_what_is_no_time_or_lies_at_the_end_of_time_is_left_out(text):
    """The value stands in the table of values."""
    assert stated_times([value("taken_local", text), value("gps_time", text), value("container_time", text)]) == ()


def test_our_own_capture_is_one_of_the_times():
    """So that everything stands on one axis."""
    (found,) = stated_times([], preserved=NOON)

    assert (found.kind, found.start, found.grade) == ("capture", NOON, "A")


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1)),
    st.integers(-48, 56),
    st.integers(-120, 120),
)
def test_every_zone_there_is_can_be_inferred(clock, quarters, residue):
    """A quarter of an hour at a time, within two minutes."""
    offset = timedelta(minutes=15 * quarters)
    gps = (clock - offset - timedelta(seconds=residue)).replace(tzinfo=UTC)

    assert inferred_offset(clock, gps) == offset


@given(st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1)), st.integers(-48, 56))
def test_whatever_the_zone_was_the_instant_lies_in_the_interval(clock, quarters):
    """That is what grade D means."""
    (found,) = stated_times([value("taken_local", clock.isoformat())])
    instant = (clock - timedelta(minutes=15 * quarters)).replace(tzinfo=UTC)

    assert found.start <= instant <= found.end
    assert format_instant(found.start) < format_instant(found.end)


@pytest.mark.parametrize("other", [{"block": "XMP"}, {}], ids=["another block", "another reader"])
def test_two_offsets_for_one_clock_are_both_told_and_neither_is_used(other):
    """
    None is chosen in silence: the clock is one of an unknown zone.
    """
    found = camera(value("taken_offset", "+02:00"), value("taken_offset", "-07:00", **other))

    assert (found.grade, found.end - found.start) == ("D", FARTHEST_EAST - FARTHEST_WEST)
    assert "more than one offset for this clock: UTC+02:00, UTC-07:00" in found.basis


@pytest.mark.parametrize(("clock", "grade"), [("2026-05-03T12:22:11", "D"), (f"{CLOCK}.46", "B")])
def test_an_offset_belongs_to_the_clock_of_its_block(clock, grade):
    """
    A program that wrote another clock elsewhere did not state its zone by that; of the same clock it is the zone.
    """
    values = [value("taken_local", CLOCK), value("taken_offset", "+02:00"), value("taken_local", clock, "XMP")]

    assert [each.grade for each in stated_times(values)] == ["B", grade]


@pytest.mark.parametrize("stated", [[], [value("taken_offset", "+02:00")]], ids=["no offset", "an offset"])
def test_receivers_times_that_contradict_each_other_place_no_clock(stated):
    """
    One of them fits a zone, the other does not fit the same.
    """
    times = [value("gps_time", f"2026-05-03T{hour}:22:11Z", block) for hour, block in (("12", "EXIF"), ("09", "XMP"))]

    assert camera(*stated, *times).grade == "D"
    assert camera(*stated, times[0]).grade in ("B", "C")
