"""Every EXIF tag is a value that cites its bytes; standard tags state facts, by two readers where it matters."""

import hashlib
import io
import struct

import exifread
import pytest
from exifread.core.exif_header import ExifHeader
from media_builders import FRACTION, MODEL, OFFSET, ORIENTATION, TAKEN, gps, photo, rationals
from tiff_builders import (
    ASCII,
    EXIF_IFD,
    FLOAT,
    GPS_IFD,
    LONG,
    MAKE,
    RATIONAL,
    SHORT,
    SIGNED_RATIONAL,
    UNDEFINED,
    rational,
    tree,
    whole,
)

from osint.media import exif_reader
from osint.media.blocks import Block
from osint.media.exif import READER, SURVEY_READER, open_exif, read_exif
from osint.media.value import FACTS

BODY_SERIAL, LENS_SERIAL, COMMENT, XP_TITLE, COPYRIGHT = 0xA431, 0xA435, 0x9286, 0x9C9B, 0x8298
BYTE = 1


def exif_block(*entries, order="<"):
    return tree({"main": [(EXIF_IFD, LONG, ("exif",))], "exif": entries}, order=order)


def gps_block(*entries, order="<"):
    return tree({"main": [(GPS_IFD, LONG, ("gps",))], "gps": entries}, order=order)


def point(order="<", latitude=((48, 1), (51, 1), (2960, 100)), kind=RATIONAL, **more):
    entries = [
        (1, ASCII, more.get("north", b"N\0")),
        (2, kind, rational(order, *latitude)),
        (3, ASCII, b"W\0"),
        (4, kind, rational(order, *more.get("longitude", ((2, 1), (17, 1), (4000, 100))))),
    ]
    return gps_block(*entries, *more.get("others", ()), order=order)


def stated(block, fact):
    return [value for value in read_exif(block, whole(block)).values if value.fact == fact]


def only(values):
    assert len({(value.value, value.status) for value in values}) == 1
    assert {value.reader for value in values} == {READER, SURVEY_READER}
    return values[0]


def test_every_value_cites_its_bytes_in_the_file():
    """
    Position, length and SHA-256 of each value are those of its bytes in the whole file, not in the block.
    """
    data = photo({MAKE: "Acme", MODEL: "C-1"}, {TAKEN: "2026:05:03 14:22:11"}, gps())
    start = data.index(b"Exif\0\0") + 6
    reading = read_exif(data, Block(kind="exif", where="APP1", pieces=((start, len(data) - start),)))

    for value in reading.values:
        taken = data[value.byte_start : value.byte_start + value.byte_length]
        assert hashlib.sha256(taken).hexdigest() == value.bytes_sha256
    make = next(value for value in reading.values if value.fact == "camera_make")
    assert data[make.byte_start : make.byte_start + make.byte_length] == b"Acme\0"
    assert (make.block, make.group, make.name, make.tag_id, make.text, make.reader) == (
        "EXIF", "Image", "Make", "0x010F", "Acme", "exifread 3.5.1",
    )  # fmt: skip
    forms = {value.name: value.form for value in reading.values}
    assert (forms["Make"], forms["GPSLatitude"]) == ("ASCII × 5", "RATIONAL × 3")


def test_a_block_in_pieces_or_packed_is_read_and_cites_what_it_can():
    """
    A value inside one piece is cited there; one that runs over a join, or was packed, has no one place.
    """
    block = tree({"main": [(MAKE, ASCII, b"Acme Works\0"), (MODEL, ASCII, b"C-100\0")]})
    cut = block.index(b"Works")
    pieces = Block(kind="exif", where="item 3", pieces=((100, cut), (7, len(block) - cut)))
    data = bytearray(400)
    data[100 : 100 + cut], data[7 : 7 + len(block) - cut] = block[:cut], block[cut:]

    found = {value.name: value for value in read_exif(bytes(data), pieces).values if value.reader == READER}
    packed = read_exif(b"", Block(kind="exif", where="zTXt", pieces=((0, 9),), decoded=block))

    assert (found["Make"].text, found["Make"].byte_start) == ("Acme Works", None)
    assert bytes(data[found["Model"].byte_start :][:6]) == b"C-100\0"
    assert {value.bytes_sha256 for value in packed.values} == {None}
    assert "Acme Works" in {value.text for value in packed.values}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("tag", "kind", "value", "fact", "expected"),
    [
        (BODY_SERIAL, ASCII, b"3105364\0", "camera_serial", "3105364"),
        (LENS_SERIAL, ASCII, b"0000c15998", "lens_serial", "0000c15998"),
        (0xA420, ASCII, b"a1b2c3\0", "image_id", "a1b2c3"),
        (TAKEN, ASCII, b"2026:05:03 14:22:11\0", "taken_local", "2026-05-03T14:22:11"),
        (0x9004, ASCII, b"2026:05:03 14:22:12\0", "digitized_local", "2026-05-03T14:22:12"),
        (OFFSET, ASCII, b"+05:45\0", "taken_offset", "+05:45"),
    ],
)
def test_two_readers_state_what_ties_pictures_together(order, tag, kind, value, fact, expected):
    """
    Serial numbers, ids and times come from exifread and from the survey, in either byte order.
    """
    assert only(stated(exif_block((tag, kind, value), order=order), fact)).value == expected


def test_the_fraction_of_a_second_is_kept_as_it_is_written():
    """
    Sub-seconds ``460`` stay three digits of the capture time.
    """
    block = exif_block((TAKEN, ASCII, b"2026:05:03 14:22:11\0"), (FRACTION, ASCII, b"460\0"))

    assert only(stated(block, "taken_local")).value == "2026-05-03T14:22:11.460"


@pytest.mark.parametrize(
    ("tag", "text", "fact", "status"),
    [
        (TAKEN, b"0000:00:00 00:00:00\0", "taken_local", "unset"),
        (TAKEN, b"    :  :     :  :  \0", "taken_local", "unset"),
        (TAKEN, b"2026:02:30 10:00:00\0", "taken_local", "impossible"),
        (TAKEN, b"1803:01:01 10:00:00\0", "taken_local", "impossible"),
        (OFFSET, b"   :  \0", "taken_offset", "unset"),
        (OFFSET, b"+15:00\0", "taken_offset", "impossible"),
        (OFFSET, b"CEST\0", "taken_offset", "impossible"),
        (BODY_SERIAL, b"        \0", "camera_serial", "unset"),
        (BODY_SERIAL, b"\0\0\0\0\0\0", "camera_serial", "unset"),
    ],
)
def test_what_was_never_set_or_cannot_be_has_no_value(tag, text, fact, status):
    """
    Zeros and blanks are unset, a 30th of February is impossible; the text stays as it stands.
    """
    value = only(stated(exif_block((tag, ASCII, text)), fact))

    assert (value.value, value.status) == (None, status)
    assert value.text.strip("\0 ") == text.decode().strip("\0 ")


@pytest.mark.parametrize("number", [0, 9, 65_535])
def test_an_orientation_outside_the_eight_is_impossible(number):
    """
    Only 1 to 8 turn a picture.
    """
    block = tree({"main": [(ORIENTATION, SHORT, struct.pack("<H", number))]})

    assert {value.status for value in stated(block, "orientation")} == {"impossible"}


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_position_is_signed_degrees_from_both_readers(order):
    """
    The hemisphere gives the sign, the three rationals the number.
    """
    block = point(order)

    assert only(stated(block, "latitude")).value == pytest.approx(48.858222, abs=1e-6)
    assert only(stated(block, "longitude")).value == pytest.approx(-2.294444, abs=1e-6)


def test_numerators_beyond_31_bits_do_not_wrap():
    """
    A reader that takes them for negative puts the point elsewhere.
    """
    block = point(latitude=((48, 1), (51, 1), (4_000_000_000, 100_000_000)))

    assert only(stated(block, "latitude")).value == pytest.approx(48 + 51 / 60 + 40 / 3600)


@pytest.mark.parametrize(
    ("changes", "status", "warning"),
    [
        ({"latitude": ((0, 0),) * 3, "longitude": ((0, 0),) * 3}, "unset", "0/0"),
        ({"latitude": ((0, 1),) * 3, "longitude": ((0, 1),) * 3}, "unset", "without a fix"),
        ({"latitude": ((48, 1), (51, 1), (1, 0))}, "impossible", "denominator 0"),
        ({"latitude": ((91, 1), (0, 1), (0, 1))}, "impossible", "exceeds 90"),
        ({"north": b"Q\0"}, "impossible", "no hemisphere"),
    ],
)
def test_a_position_that_is_none_has_no_value(changes, status, warning):
    """
    0/0, the point 0, 0, and what lies beyond the poles are named and not stated.
    """
    value = only(stated(point(**changes), "latitude"))

    assert (value.value, value.status) == (None, status)
    assert warning in value.warnings[0]


def test_a_void_or_oddly_typed_position_is_stated_with_its_doubt():
    """
    A void fix, and signed numbers as some phones write them, keep their value and bear a warning.
    """
    void = only(stated(point(others=[(9, ASCII, b"V\0")]), "latitude"))
    signed = only(stated(point(kind=SIGNED_RATIONAL), "latitude"))

    assert "status V" in void.warnings[0]
    assert (signed.value, "signed numbers" in signed.warnings[0]) == (void.value, True)


def test_altitude_error_direction_and_time_of_the_receiver():
    """
    Below sea level is negative; a magnetic direction says so; the time is UTC.
    """
    block = gps_block(
        (5, BYTE, b"\1"), (6, RATIONAL, rational("<", (25, 2))),
        (7, RATIONAL, rational("<", (12, 1), (22, 1), (95, 10))), (0x1D, ASCII, b"2026:05:03\0"),
        (0x10, ASCII, b"M\0"), (0x11, RATIONAL, rational("<", (3599, 10))), (0x1F, RATIONAL, rational("<", (65, 1))),
    )  # fmt: skip

    assert (only(stated(block, "altitude")).value, only(stated(block, "altitude")).unit) == (-12.5, "m")
    assert only(stated(block, "gps_time")).value == "2026-05-03T12:22:09.500Z"
    assert [value.value for value in stated(block, "position_error")] == [65.0]
    direction = stated(block, "direction")[0]
    assert (direction.value, "magnetic" in direction.warnings[0]) == (359.9, True)


@pytest.mark.parametrize(("day", "status"), [(b"2026:13:03\0", "impossible"), (b"0000:00:00\0", "unset")])
def test_a_gps_time_that_is_none_has_no_value(day, status):
    """
    A month 13 is impossible, zeros are unset.
    """
    block = gps_block((7, RATIONAL, rational("<", (12, 1), (22, 1), (9, 1))), (0x1D, ASCII, day))

    assert (only(stated(block, "gps_time")).value, stated(block, "gps_time")[0].status) == (None, status)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("code", "coding", "text"),
    [
        (b"ASCII\0\0\0", "ascii", "on the bridge"),
        (b"UNICODE\0", None, "żółć na moście"),
        (b"JIS\0\0\0\0\0", "iso2022_jp", "日本"),
        (bytes(8), "utf-8", "żółć"),
        (b"", "utf-8", "no code at all"),
    ],
)
def test_a_user_comment_is_read_in_its_own_coding(order, code, coding, text):
    """
    ASCII, Unicode in the block's byte order, JIS, undefined and none at all.
    """
    written = text.encode(coding or ("utf-16-le" if order == "<" else "utf-16-be"))

    value = stated(exif_block((COMMENT, UNDEFINED, code + written), order=order), "description")[0]

    assert (value.text, value.value, value.reader) == (text, text, SURVEY_READER)


def test_fields_of_windows_and_both_notices_of_a_copyright_are_whole():
    """
    XP fields are UTF-16; a copyright holds the photographer's notice and, behind a NUL, the editor's.
    """
    title = "Мост".encode("utf-16-le") + b"\0\0"
    block = tree({"main": [(XP_TITLE, BYTE, title), (COPYRIGHT, ASCII, b"(c) A. Example\0(c) B. Sample\0")]})

    assert [value.value for value in stated(block, "title")] == ["Мост"]
    assert [value.value for value in stated(block, "rights")] == ["(c) A. Example; (c) B. Sample"]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (LONG, ("1200I", *range(1200)), "[0, 1, 2"),
        (FLOAT, ("2f", 1.5, float("nan")), "[1.5, nan]"),
        (8, ("2h", -3, 7), "[-3, 7]"),
        (9, ("i", -5), "-5"),
        (SIGNED_RATIONAL, ("2i", -10, 4), "-5/2"),
        (UNDEFINED, ("4B", 0, 255, 16, 1), "00 ff 10 01"),
        (129, ("4s", "żó".encode()), "żó"),
    ],
)
def test_no_type_of_tiff_stays_silent(order, kind, value, text):
    """
    Long arrays, floats, signed numbers, bytes and UTF-8 are printed, by exifread or, where it is silent, here.
    """
    block = exif_block((0xC000, kind, struct.pack(order + value[0], *value[1:])), order=order)

    found = next(value for value in read_exif(block, whole(block)).values if value.tag_id == "0xC000")

    assert found.text.startswith(text)


def test_a_tag_that_stands_twice_states_both_values():
    """
    Nothing is chosen: both cameras are in the reading, and the wide table takes the last.
    """
    block = tree({"main": [(MAKE, ASCII, b"Acme\0"), (MAKE, ASCII, b"Xyz\0")]})
    exif = open_exif(block, whole(block))

    assert {value.value for value in exif.reading.values if value.fact == "camera_make"} == {"Acme", "Xyz"}
    assert exif.text("Image", MAKE) == "Xyz"
    assert any("stand twice" in problem for problem in exif.reading.problems)


def test_a_value_outside_the_block_is_there_and_unreadable():
    """
    A tag whose bytes are missing is a row without a text, not a made-up value.
    """
    block = exif_block((BODY_SERIAL, ASCII, b"3105364\0"))[:-4]

    value = next(value for value in read_exif(block, whole(block)).values if value.tag_id == "0xA431")

    assert (value.status, value.text, value.fact, value.byte_start) == ("unreadable", "", None, None)


def test_the_size_of_a_smaller_copy_is_not_that_of_the_picture():
    """
    In a raw file the first directory often describes the preview, and says so.
    """
    pixels = (0x0100, SHORT, b"\xa0\0")
    preview = tree({"main": [(0x00FE, LONG, b"\1\0\0\0"), pixels]})

    assert stated(preview, "width") == []
    assert [value.value for value in stated(tree({"main": [pixels]}), "width")] == [160]


def test_all_facts_are_of_the_shared_vocabulary():
    """
    No reader here uses a word of its own.
    """
    data = photo(
        {MAKE: "A", MODEL: "B"}, {TAKEN: "2026:05:03 14:22:11"}, gps(day="2026:05:03", time=rationals("1 2 3"))
    )
    start = data.index(b"Exif\0\0") + 6
    reading = read_exif(data, Block(kind="exif", where="APP1", pieces=((start, len(data) - start),)))

    assert {value.fact for value in reading.values} - {None} <= set(FACTS)


def test_a_block_that_is_the_exif_directory_alone_states_the_same():
    """
    CR3 keeps the EXIF and the GPS directory in blocks of their own, named CMT2 and CMT4.
    """
    exif = tree({"main": [(TAKEN, ASCII, b"2026:05:03 14:22:11\0"), (BODY_SERIAL, ASCII, b"3105364\0")]})
    place = tree({"main": [(6, RATIONAL, rational("<", (25, 2)))]})
    blocks = [Block(kind="exif", where=f"moov/{name}", pieces=((0, len(exif)),)) for name in ("CMT2", "CMT4")]

    values = [*read_exif(exif, blocks[0]).values, *read_exif(place, blocks[1]).values]

    assert {(value.group, value.fact, value.value, value.reader) for value in values} == {
        ("EXIF", "taken_local", "2026-05-03T14:22:11", READER),
        ("EXIF", "taken_local", "2026-05-03T14:22:11", SURVEY_READER),
        ("EXIF", "camera_serial", "3105364", READER),
        ("EXIF", "camera_serial", "3105364", SURVEY_READER),
        ("GPS", "altitude", 12.5, READER),
        ("GPS", "altitude", 12.5, SURVEY_READER),
    }


def test_a_makernote_in_a_block_of_its_own_is_not_taken_for_standard_tags():
    """
    The numbers in CMT3 of a CR3 file mean what Canon says, so exifread's table of standard tags is not asked.
    """
    block = tree({"main": [(0x0110, ASCII, b"Firmware 1.0\0")]})

    [value] = read_exif(block, Block(kind="exif", where="moov/CMT3", pieces=((0, len(block)),))).values

    assert (value.group, value.name, value.fact, value.reader) == ("MakerNote", "Tag 0x0110", None, SURVEY_READER)


@pytest.mark.parametrize("order", ["<", ">"])
def test_exifread_is_asked_without_a_read_for_each_number(order, monkeypatch):
    """
    Its numbers come out of the block at once, and it finds all that it finds by itself.
    """
    block = point(order)
    alone = exifread.process_file(io.BytesIO(block), details=True, extract_thumbnail=False)
    reads = []
    monkeypatch.setattr(ExifHeader, "s2n", lambda *place: reads.append(place) or 0)

    found = exif_reader.process(block, [])

    assert {name: (str(tag), tag.values) for name, tag in found.items()} == {
        name: (str(tag), tag.values) for name, tag in alone.items()
    }
    assert found
    assert not reads
