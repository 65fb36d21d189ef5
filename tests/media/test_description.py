"""What a file states is read as it states it; what it does not state stays empty; nothing is raised."""

import gc
import hashlib
import json
import re
import struct
import sys
import tracemalloc
from datetime import UTC, datetime

import pytest
from few import few
from hypothesis import given, settings
from hypothesis import strategies as st
from media_builders import (
    COMMENT,
    EXIF_IFD,
    FRACTION,
    GPS_IFD,
    MAKE,
    MODEL,
    OFFSET,
    ORIENTATION,
    SOFTWARE,
    TAKEN,
    gps,
    gps_block,
    heif,
    heif_that_asks_for_4_gib,
    jpeg_with_block,
    jpeg_with_xmp,
    makernote_of_a_thousand_million_values,
    many_pointers_to_one_table,
    photo,
    rational,
    rationals,
    tiff,
)

from osint.instants import format_instant
from osint.media.description import MediaFacts, describe, describe_as_json, from_json, to_json

FULL = {
    "image": {MAKE: "Acme", MODEL: "C-1", ORIENTATION: 6, SOFTWARE: "Firmware 2"},
    "exif": {TAKEN: "2026:05:03 14:22:11", OFFSET: "+02:00", FRACTION: "46"},
    "gps": gps(day="2026:05:03", time=rationals("12 22 9")),
}


def described(**tags):
    return describe(photo(**tags))


def has_warning(facts, pattern):
    return any(re.search(pattern, warning) for warning in facts.warnings)


def test_only_a_tiff_has_its_size_among_its_tags():
    """
    The tags of a JPEG that breaks off before its frame may be those of another picture.
    """
    block = tiff((0x0100, 4, 1, 4000), (0x0101, 4, 1, 3000))
    cut = jpeg_with_block(block)
    cut = cut[: cut.index(block) + len(block)]

    assert [(each.width, each.height) for each in map(describe, (block, cut))] == [(4000, 3000), (None, None)]


def test_a_photo_states_its_identity():
    """
    Digest, size, type, dimensions and camera are read from the file.
    """
    data = photo(**FULL)

    facts = describe(data, served_type="image/jpeg; charset=binary")

    assert hashlib.sha256(data).hexdigest() == facts.sha256
    assert (len(data), "image/jpeg", 64, 48, 0) == (
        facts.size,
        facts.media_type,
        facts.width,
        facts.height,
        facts.trailing_bytes,
    )
    assert (
        facts.camera_make,
        facts.camera_model,
        facts.software,
        facts.orientation,
    ) == ("Acme", "C-1", "Firmware 2", 6)
    assert facts.warnings == ()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_every_container_gives_the_same_facts(form):
    """
    The EXIF block is found in each container and read alike.
    """
    facts = described(**FULL, form=form)

    assert f"image/{form.casefold()}" == facts.media_type
    assert (facts.width, facts.height, facts.camera_model, facts.reader) == (64, 48, "C-1", "exifread 3.5.1")
    assert datetime(2026, 5, 3, 12, 22, 11, 460_000, tzinfo=UTC) == facts.taken
    assert pytest.approx(48.858222, abs=1e-6) == facts.latitude


def test_a_heif_file_gives_its_size_and_its_exif_block():
    """
    The EXIF item of a HEIF file is found through its directory; the size is that of the whole, not of a tile.
    """
    facts = describe(heif(tiff((MAKE, 2, 4, b"Abc\0"))))

    assert (
        facts.media_type,
        facts.width,
        facts.height,
        facts.camera_make,
        facts.warnings,
    ) == ("image/heic", 640, 480, "Abc", ())


def test_every_tag_names_the_bytes_it_was_read_from():
    """
    The place of a value in the file holds that value.
    """
    data = photo(**FULL)

    cited = [value for value in describe(data).values if value.block == "EXIF"]
    places = {value.name: data[value.byte_start : value.byte_start + value.byte_length] for value in cited}

    assert places["DateTimeOriginal"] == b"2026:05:03 14:22:11\0"
    assert places["Model"] == b"C-1\0"


def test_a_stated_offset_makes_an_instant():
    """
    14:22:11.46 at +02:00 is 12:22:11.46 in UTC; the camera's own reading stays.
    """
    facts = described(**FULL)

    assert datetime(2026, 5, 3, 12, 22, 11, 460_000, tzinfo=UTC) == facts.taken
    assert (facts.taken_local, facts.taken_offset, facts.zone_known) == ("2026-05-03T14:22:11.46", "+02:00", True)


def test_without_an_offset_no_instant_is_guessed():
    """
    A camera clock without an offset is no instant, even where a GPS time would suggest the zone.
    """
    facts = described(exif={TAKEN: "2026:05:03 14:22:11"}, gps=gps(day="2026:05:03", time=rationals("12 22 9")))

    assert (
        facts.taken,
        facts.taken_local,
        facts.taken_offset,
        facts.zone_known,
    ) == (None, "2026-05-03T14:22:11", None, False)
    assert datetime(2026, 5, 3, 12, 22, 9, tzinfo=UTC) == facts.gps_time


@pytest.mark.parametrize("offset", ["+15:00", "-12:30", "02:00", "+2", "CEST", "+02:60"])
def test_an_offset_that_no_clock_on_earth_has_is_not_used(offset):
    """
    An offset outside -12:00 to +14:00, or in another spelling, gives no instant and a warning.
    """
    facts = described(exif={TAKEN: "2026:05:03 14:22:11", OFFSET: offset})

    assert (facts.taken, facts.taken_offset, facts.taken_local) == (None, None, "2026-05-03T14:22:11")
    assert has_warning(facts, "offset .* cannot be used")


@pytest.mark.parametrize("unset", ["0000:00:00 00:00:00", "    :  :     :  :  ", " "])
def test_an_unset_clock_is_absent(unset):
    """
    A clock that was never set is no time, and is flagged.
    """
    facts = described(exif={TAKEN: unset})

    assert facts.taken_local is None
    assert has_warning(facts, "present but unset")


@pytest.mark.parametrize("impossible", ["2026:13:01 00:00:00", "2026:02:30 10:00:00", "0001:01:01 00:00:00", "soon"])
def test_an_impossible_capture_time_is_flagged(impossible):
    """
    A month 13, a 30th of February or a year before photography is no time; the tag keeps what was written.
    """
    facts = described(exif={TAKEN: impossible})

    assert facts.taken_local is None
    assert has_warning(facts, "not a time that can exist")
    assert impossible == facts.exif["EXIF DateTimeOriginal"]


def test_an_instant_past_the_last_year_is_flagged():
    """
    A capture time that its offset moves past the year 9999 has no instant.
    """
    facts = described(exif={TAKEN: "9999:12:31 23:59:59", OFFSET: "-01:00"})

    assert facts.taken is None
    assert has_warning(facts, "outside the years 1 to 9999")


@pytest.mark.parametrize(
    ("clock", "expected"),
    [("2026:05:03 14:22:11", ""), ("2026:05:03 15:22:11", "lie 0 d 1 h 0 min apart")],
)
def test_a_camera_clock_far_from_the_gps_time_is_flagged(clock, expected):
    """
    With a stated offset, more than ten minutes between the two clocks are named.
    """
    facts = described(exif={TAKEN: clock, OFFSET: "+02:00"}, gps=gps(day="2026:05:03", time=rationals("12 22 11")))

    assert bool(expected) == has_warning(facts, expected or "apart")


def test_clocks_that_no_zone_reconciles_are_flagged():
    """
    Without an offset, a difference that no zone on earth has is named.
    """
    facts = described(exif={TAKEN: "2026:05:05 14:22:11"}, gps=gps(day="2026:05:03", time=rationals("12 22 11")))

    assert has_warning(facts, "No time zone reconciles")


@pytest.mark.parametrize(
    "tags",
    [
        {"day": "2026:05:03", "time": None},
        {"time": rationals("12 22 11")},
        {"day": "2026:13:03", "time": rationals("12 22 11")},
        {"day": "2026:05:03", "time": rationals("25 0 0")},
        {"day": "2026:05:03", "time": rationals("12 0/0 0")},
    ],
)
def test_half_a_gps_time_is_no_instant(tags):
    """
    A GPS time without date, without time of day, or with impossible numbers is flagged and not used.
    """
    facts = described(gps=gps(**tags))

    assert facts.gps_time is None
    assert has_warning(facts, "The GPS time")


@pytest.mark.parametrize(
    ("north", "east", "latitude", "longitude"),
    [("N", "E", 48.5, 2.25), ("S", "E", -48.5, 2.25), ("N", "W", 48.5, -2.25), ("S", "W", -48.5, -2.25)],
)
def test_the_hemisphere_gives_the_sign(north, east, latitude, longitude):
    """
    South and west are negative.
    """
    facts = described(gps=gps("48 30 0", "2 15 0", north=north, east=east))

    assert (latitude, longitude) == (facts.latitude, facts.longitude)


@pytest.mark.parametrize(
    ("seconds", "metres"), [((29, 1), 31.0), ((290, 10), 3.1), ((29_000, 1000), 0.031), ((0, 1), 1900.0)]
)
def test_the_spelling_of_the_seconds_gives_the_precision(seconds, metres):
    """
    Whole seconds tell points 31 m apart; the rational is taken as written, not reduced.
    """
    block = gps_block([(48, 1), (51, 1), seconds], [(2, 1), (17, 1), (1, 1000)])

    assert describe(jpeg_with_block(block)).position_precision_m == metres


@pytest.mark.parametrize(("first", "used"), [(48, True), (2**32 - 48, False)])
def test_a_position_in_signed_numbers_is_flagged_and_a_negative_part_of_it_is_not_used(first, used):
    """
    Some phones write signed rationals; a negative one would give the hemisphere a second time.
    """
    block = gps_block([(first, 1), (51, 1), (29, 1)], [(2, 1), (17, 1), (40, 1)], kind=10)
    facts = describe(jpeg_with_block(block))

    assert (facts.latitude is not None) == used
    assert has_warning(facts, "in signed numbers" if used else "not used: .*is negative")


def test_the_wide_row_and_the_values_state_the_same_clock():
    """
    One rule reads the camera's clock, its offset and the receiver's: the wide table says what the values say.
    """
    facts = described(
        exif={TAKEN: "2026:05:03 14:22:11", OFFSET: "Z"}, gps=gps(day="2026:05:03", time=rationals("14 22 9"))
    )
    told = {value.fact: value.value for value in facts.values}

    assert (facts.taken_local, facts.taken_offset) == (told["taken_local"], told["taken_offset"])
    assert format_instant(facts.gps_time) == told["gps_time"]
    assert datetime(2026, 5, 3, 14, 22, 11, tzinfo=UTC) == facts.taken


def test_the_error_that_the_receiver_states_is_the_radius():
    """
    A stated horizontal error larger than the step of the numbers is the precision.
    """
    assert described(gps=gps(error=rational("65"))).position_precision_m == 65.0


def test_altitude_below_the_sea_is_negative():
    """
    The altitude reference 1 means below sea level.
    """
    assert described(gps=gps(altitude=rational("25/2"), below=b"\x01")).altitude_m == -12.5


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"north": None}, "names no hemisphere"),
        ({"east": "Q"}, "names no hemisphere"),
        ({"longitude": None}, "0 parts instead"),
        ({"latitude": "48 51"}, "2 parts instead"),
        ({"latitude": "48 51 0/0"}, "denominator 0"),
        ({"latitude": "91 0 0"}, "exceeds 90"),
        ({"longitude": "180 1 0"}, "exceeds 180"),
        ({"latitude": "48 60 0"}, "60 or more"),
        ({"latitude": "0 0 1", "longitude": "0 0 1"}, "without a fix"),
        ({"status": "V"}, "void"),
        ({"datum": "TOKYO"}, "TOKYO"),
    ],
)
def test_a_doubtful_position_is_none_and_says_why(tags, reason):
    """
    A position that fails any check is not used; the warning gives the reason and the tags stay.
    """
    facts = described(gps=gps(**tags))

    assert (facts.latitude, facts.longitude, facts.position_precision_m) == (None, None, None)
    assert has_warning(facts, f"not used: .*{reason}")
    assert any(value.group == "GPS" for value in facts.values)


def test_a_position_without_a_datum_is_kept_and_flagged():
    """
    Most phones name no datum; the position is read as WGS 84 and the reader is told.
    """
    facts = described(gps=gps(datum=None))

    assert facts.latitude is not None
    assert has_warning(facts, "names no datum")


def test_a_gps_block_without_a_position_is_flagged():
    """
    GPS tags without coordinates are no position.
    """
    assert has_warning(described(gps={0: b"\x02\x03\x00\x00"}), "holds no position")


def test_a_photo_without_exif_has_no_facts_and_no_warnings():
    """
    Most public pictures carry no EXIF; that is nothing to warn about.
    """
    facts = describe(photo())

    assert (facts.exif, facts.warnings, facts.reader, facts.zone_known) == ({}, (), None, False)


def test_a_text_file_called_a_photo_is_named():
    """
    The type by the bytes contradicts the served type, and the warning names both.
    """
    facts = describe(b"not a picture\n", served_type="image/jpeg")

    assert facts.media_type == "text/plain"
    assert has_warning(facts, "called this image/jpeg; its first bytes are those of text/plain")


def test_bytes_after_the_end_of_a_picture_are_counted():
    """
    What follows the end marker is counted and flagged.
    """
    for form in ("JPEG", "PNG", "GIF", "WEBP"):
        facts = describe(photo(form=form) + b"PK\x03\x04 more")

        assert facts.trailing_bytes == 9
        assert has_warning(facts, "9 bytes follow")


def test_a_picture_cut_short_is_flagged():
    """
    A picture without its end keeps the facts from its start.
    """
    for form in ("JPEG", "PNG", "GIF", "WEBP"):
        data = photo(form=form)
        facts = describe(data[:-12])

        assert (facts.width, facts.height, facts.trailing_bytes) == (64, 48, None)
        assert has_warning(facts, "cut short")


def test_corrupt_exif_leaves_the_other_facts():
    """
    An unreadable EXIF block is a warning; digest, size and dimensions stay.
    """
    facts = describe(jpeg_with_block(b"garbage" * 20))

    assert (facts.width, facts.height, facts.exif) == (64, 48, {})
    assert has_warning(facts, "was not read: it does not start like a TIFF block")


def test_a_value_outside_the_block_is_left_out_not_made_up():
    """
    A tag whose value would lie beyond the block is named in a warning and absent from the tags.
    """
    facts = describe(jpeg_with_block(tiff((MAKE, 2, 4, b"Abc\0"), (MODEL, 2, 400, 5000))))

    assert (facts.camera_make, facts.camera_model) == ("Abc", None)
    assert has_warning(facts, "1 EXIF tags claim values outside the block .* 0x0110")


def test_a_tag_written_twice_is_flagged():
    """
    Two values for one tag are named, since only one can be shown.
    """
    facts = describe(jpeg_with_block(tiff((MAKE, 2, 4, b"Abc\0"), (MAKE, 2, 4, b"Xyz\0"))))

    assert has_warning(facts, "stand twice .* 0x010F")


def test_the_user_comment_is_read_in_its_own_coding():
    """
    A comment in Unicode comes back as text.
    """
    facts = described(exif={COMMENT: b"UNICODE\0" + "żółć".encode("utf-16-be")})

    assert facts.exif["EXIF UserComment"] == "żółć"


def test_long_values_are_capped():
    """
    A text of any length takes at most 2000 characters in the tables.
    """
    assert len(described(image={SOFTWARE: "x" * 30_000}).exif["Image Software"]) == 2000


def test_an_orientation_outside_the_eight_is_flagged():
    """
    Orientation 9 turns nothing.
    """
    facts = described(image={ORIENTATION: 9})

    assert facts.orientation is None
    assert has_warning(facts, "orientation 9")


def test_hostile_makernote_of_a_thousand_million_values_costs_nothing():
    """
    A 56-byte file with a MakerNote count of 0x3C000000 is described at once.
    """
    data = makernote_of_a_thousand_million_values()
    facts = described_frugally(data)

    assert len(data) == 56
    assert has_warning(facts, "outside the block .* 0x927C")


def test_hostile_pointers_to_one_large_table_cost_nothing():
    """
    999 sub-directories that are one table of 65,535 entries are counted, not read.
    """
    facts = described_frugally(many_pointers_to_one_table())

    assert has_warning(facts, "names 999 sub-directories")


def test_hostile_gps_pointers_to_one_large_table_are_refused():
    """
    The same table behind a pointer that the reader does follow is refused for its number of entries.
    """
    large = tiff((GPS_IFD, 4, 1, 26), extra=struct.pack("<H", 65_535) + bytes(12) * 65_535)

    refused = described_frugally(large)

    assert has_warning(refused, "more than 10000 entries")


def test_hostile_chain_of_directories_is_refused():
    """
    A chain of more than 64 directories is refused.
    """
    links = b"".join(struct.pack("<HI", 0, 8 + 6 * number) for number in range(1, 200))

    facts = described_frugally(jpeg_with_block(b"II*\0" + struct.pack("<I", 8) + links))

    assert has_warning(facts, "more than 64 directories")


def test_a_chain_that_leads_back_is_followed_once():
    """
    A next-directory pointer to the first directory keeps the tags, with a warning.
    """
    facts = describe(jpeg_with_block(tiff((MAKE, 2, 4, b"Abc\0"), next_directory=8)))

    assert facts.camera_make == "Abc"
    assert has_warning(facts, "leads back into itself")


@pytest.mark.parametrize("target", [0, 8, 4_000_000])
def test_a_pointer_to_nowhere_invents_no_tags(target):
    """
    A GPS pointer to the header, to its own directory or past the end is not followed.
    """
    facts = describe(jpeg_with_block(tiff((MAKE, 2, 4, b"Abc\0"), (GPS_IFD, 4, 1, target))))

    assert facts.camera_make == "Abc"
    assert not any(value.group == "GPS" for value in facts.values)
    assert has_warning(facts, "pointer to the GPS directory leads nowhere")


def test_hostile_texts_that_share_their_bytes_are_refused():
    """
    Many entries that each claim the whole block as text would be copied over and over.
    """
    size = 100_000
    entries = [(0xC000 + number, 2, size - 2000, 1900) for number in range(150)]

    facts = described_frugally(tiff(*entries, extra=b"x" * (size - 1900)))

    assert has_warning(facts, "more text than the block holds")


def test_hostile_heif_that_asks_for_4_gib_is_refused():
    """
    An EXIF block that claims to start 4 GiB into its item is not looked for.
    """
    data = heif_that_asks_for_4_gib()
    facts = described_frugally(data)

    assert len(data) < 300
    assert has_warning(facts, "start lies outside it")


def test_hostile_heif_of_countless_pieces_is_refused():
    """
    Pieces that take no bytes to describe cannot keep the reader busy.
    """
    head = struct.pack(">IBBH", 0, 0, 0, 65_535) + struct.pack(">HHH", 9, 0, 65_535) * 65_535
    whole = heif(b"II*\0").partition(b"iloc")
    infos = whole[0][: whole[0].rindex(b"meta") - 4]
    iinf = whole[0][whole[0].index(b"iinf") - 4 : -4]
    iloc = struct.pack(">I4s", 8 + len(head), b"iloc") + head
    meta = bytes(4) + iinf + iloc

    facts = described_frugally(infos + struct.pack(">I4s", 8 + len(meta), b"meta") + meta)

    assert has_warning(facts, "too many pieces")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"position": 4_000_000}, "outside the file"),
        ({"length": 4_000_000}, "outside the file"),
        ({"length": 4}, "start lies"),
    ],
)
def test_a_heif_directory_that_lies_is_flagged(arguments, reason):
    """
    An EXIF item that lies elsewhere, in pieces, or is too short is named and not read.
    """
    assert has_warning(describe(heif(b"II*\0", **arguments)), reason)


@pytest.mark.parametrize("filler", few([b"\xff", b"\xff\xd8", b"\xff\xe1\0\0", b"\xff\xe1\0\x02", b"\0"], 1))
def test_hostile_filler_in_a_jpeg_takes_linear_time(filler):
    """
    Ten times the bytes of any one pattern take ten times the steps.
    """
    few, many = (b"\xff\xd8\xff" + filler * (size // len(filler)) for size in (2_000, 20_000))

    assert work_of(many)[1] < 12 * work_of(few)[1]


@settings(max_examples=60, deadline=2000)
@given(st.data())
def test_describe_never_raises_on_mutated_photos(data):
    """
    Whatever is changed in a picture or its EXIF block, the answer is facts.
    """
    check_mutated(data)


@pytest.mark.exhaustive
@settings(max_examples=1000, deadline=2000)
@given(st.data())
def test_describe_never_raises_on_many_mutated_photos(data):
    """
    The same for more of them.
    """
    check_mutated(data)


def check_mutated(data):
    form = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP", "TIFF", "GIF", "HEIF"]))
    mutated = bytearray(_SAMPLES[form])
    for _ in range(data.draw(st.integers(1, 12))):
        mutated[data.draw(st.integers(0, len(mutated) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(mutated)))

    facts = describe(bytes(mutated[: cut or None]), served_type=data.draw(st.none() | st.text(max_size=20)))

    assert isinstance(facts, MediaFacts)
    assert facts == from_json(json.loads(json.dumps(to_json(facts))))


@settings(max_examples=60, deadline=2000)
@given(st.binary(max_size=400))
def test_describe_never_raises_on_any_exif_block(block):
    """
    Any bytes after a TIFF header are an EXIF block to be described.
    """
    assert isinstance(describe(jpeg_with_block(b"II*\0\x08\0\0\0" + block)), MediaFacts)


@pytest.mark.parametrize("data", [photo(**FULL), b""], ids=["photo", "empty"])
def test_facts_travel_as_json(data, tmp_path):
    """
    The facts of a file on disk survive the way out of the sandbox.
    """
    file = tmp_path / "file"
    file.write_bytes(data)

    answer = json.dumps(describe_as_json(str(file), hashlib.sha256(data).hexdigest(), "image/png"))

    assert describe(data, served_type="image/png") == from_json(json.loads(answer))


def test_warnings_state_and_never_judge():
    """
    No warning says what only an examiner may conclude.
    """
    files = [
        photo(exif={TAKEN: "soon"}, gps=gps(status="V"), image={ORIENTATION: 9}) + b"tail",
        jpeg_with_block(b"garbage"),
        makernote_of_a_thousand_million_values(),
        heif_that_asks_for_4_gib(),
        b"text",
        b"",
    ]
    warnings = " ".join(warning for data in files for warning in describe(data, served_type="image/png").warnings)

    assert len(warnings) > 300
    assert not re.search(r"authentic|fake|original|genuine|forged|manipulat", warnings, re.IGNORECASE)


def test_xmp_answers_where_exif_is_silent():
    """
    A make that EXIF states stays; a place and a make that only XMP states fill the wide row.
    """
    stated = b'tiff:Make="Exa" exif:GPSLatitude="48,51.5N" exif:GPSLongitude="2,17.25W"'

    alone = describe(jpeg_with_xmp(photo(), stated))
    beside = describe(jpeg_with_xmp(photo(image={MAKE: "Acme"}), stated))

    assert (alone.camera_make, beside.camera_make) == ("Exa", "Acme")
    assert (alone.latitude, alone.longitude) == pytest.approx((48 + 51.5 / 60, -2 - 17.25 / 60))


class TooMuchWorkError(BaseException):
    """Not an Exception, which a reader would take for one of its own."""


def work_of(data, most=1_000_000):
    """
    Return what a file states, the calls that it took, and the most bytes held at once; stop beyond so many calls.
    """
    calls = 0

    def count(_, event, __):
        nonlocal calls
        calls += event in ("call", "c_call")
        if calls > most:
            raise TooMuchWorkError

    gc.disable()  # what others left behind is not collected, and counted, here
    tracemalloc.start()
    sys.setprofile(count)
    try:
        facts = describe(data)
    finally:
        sys.setprofile(None)
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        gc.enable()
    return facts, calls, held


def described_frugally(data):
    """
    Describe a hostile file in fewer calls than an honest one of some size takes, and in a few times its own memory.
    """
    facts, calls, held = work_of(data)

    assert calls < 20_000
    assert held < 500_000 + 5 * len(data)
    return facts


_SAMPLES = {form: photo(**FULL, form=form, size=(4, 4)) for form in ("JPEG", "PNG", "WEBP", "TIFF")} | {
    "GIF": photo(form="GIF", size=(4, 4)),
    "HEIF": heif(tiff((MAKE, 2, 4, b"Abc\0"), (EXIF_IFD, 4, 1, 38), extra=bytes(40))),
}
