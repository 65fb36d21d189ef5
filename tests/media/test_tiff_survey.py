"""The survey walks every directory once, within limits, and gives other readers a copy that is safe to follow."""

import io
import re
import struct

import exifread
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media_builders import makernote_of_a_thousand_million_values, many_pointers_to_one_table
from media_builders import tiff as one_directory
from tiff_builders import (
    ASCII,
    EXIF_IFD,
    GPS_IFD,
    INTEROPERABILITY_IFD,
    LONG,
    MAKE,
    SHORT,
    SUB_IFDS,
    UNDEFINED,
    tree,
    whole,
)

from osint.media import exif_reader, tiff
from osint.media.exif import open_exif, read_exif
from osint.media.tiff_classic import classic

FAMILY = {
    "main": [(MAKE, ASCII, b"Acme\0"), (SUB_IFDS, LONG, ("raw", "preview")), (EXIF_IFD, LONG, ("exif",))],
    "thumb": [(0x0103, SHORT, b"\6\0")],
    "page": [(0x0103, SHORT, b"\7\0")],
    "raw": [(0x0100, SHORT, b"\x40\0"), (SUB_IFDS, LONG, ("inner",))],
    "preview": [(0x0100, SHORT, b"\x20\0")],
    "inner": [(0x0100, SHORT, b"\x10\0")],
    "exif": [(0x9000, UNDEFINED, b"0232"), (INTEROPERABILITY_IFD, LONG, ("inter",)), (GPS_IFD, LONG, ("gps",))],
    "inter": [(0x0001, ASCII, b"R98\0")],
    "gps": [(0x0001, ASCII, b"N\0")],
}


@pytest.mark.parametrize("big", [False, True])
def test_every_directory_is_walked_and_named(big):
    """
    Chain, EXIF, GPS, interoperability and sub-directories inside sub-directories are found, classic or big.
    """
    found = tiff.survey(tree(FAMILY, chain=("main", "thumb", "page"), big=big))

    names = [
        "EXIF",
        "GPS",
        "IFD 2",
        "Image",
        "Interoperability",
        "SubIFD 0",
        "SubIFD 0 of SubIFD 0",
        "SubIFD 1",
        "Thumbnail",
    ]
    assert names == sorted(found.directories.values())
    assert found.problems == []


def test_a_second_exif_directory_keeps_a_name_of_its_own():
    """
    The EXIF directory of a thumbnail is not taken for that of the picture.
    """
    directories = {
        "main": [(EXIF_IFD, LONG, ("first",))],
        "thumb": [(EXIF_IFD, LONG, ("second",))],
        "first": [(0x9003, ASCII, b"2026:05:03 14:22:11\0")],
        "second": [(0x9003, ASCII, b"2020:01:01 00:00:00\0")],
    }
    exif = open_exif(block := tree(directories, chain=("main", "thumb")), whole(block))

    assert exif.text("EXIF", 0x9003) == "2026:05:03 14:22:11"
    assert exif.text("EXIF of Thumbnail", 0x9003) == "2020:01:01 00:00:00"


def test_no_directory_is_visited_twice():
    """
    Two pointers to one directory give its tags once, and a sentence.
    """
    found = tiff.survey(
        tree({"main": [(GPS_IFD, LONG, ("gps",)), (SUB_IFDS, LONG, ("gps",))], "gps": [(1, ASCII, b"N\0")]})
    )

    assert sum(entry.tag == 1 for entry in found.entries) == 1
    assert any("leads nowhere" in problem for problem in found.problems)


def test_a_chain_into_a_known_directory_does_not_lead_exifread_on():
    """
    exifread follows the chain beyond a directory that was read already; in its copy the chain ends before.
    """
    directories = {
        "main": [(EXIF_IFD, LONG, ("exif",))],
        "exif": [(0x9000, UNDEFINED, b"0232")],
        "hidden": [(0x0110, ASCII, b"Hidden\0")],
    }
    block = tree(directories, chain=("main", "exif", "hidden"))

    assert "IFD 2 Model" in exifread.process_file(io.BytesIO(block), details=False)
    assert "IFD 2 Model" not in exifread.process_file(io.BytesIO(tiff.survey(block).readable), details=False)
    assert "Hidden" not in [value.text for value in open_exif(block, whole(block)).reading.values]


@pytest.mark.parametrize("target", [8, 4])
def test_a_pointer_into_what_is_no_directory_is_not_followed_by_exifread(target):
    """
    exifread would read the picture's own directory again as a GPS directory, or the header as one.
    """
    block = one_directory((MAKE, 2, 4, b"Abc\0"), (GPS_IFD, 4, 1, target))
    names = exifread.process_file(io.BytesIO(tiff.survey(block).readable), details=False)

    assert list(names) == ["Image Make"]


@pytest.mark.parametrize("pages", [65, 200])
def test_the_first_64_directories_of_a_long_document_are_read(pages):
    """
    A scan of many pages keeps the tags of its first ones, and the rest is named as not read.
    """
    names = tuple(f"page {number}" for number in range(pages))
    block = tree({name: [(MAKE, ASCII, b"Abc\0")] for name in names}, chain=names)

    reading = read_exif(block, whole(block))

    assert len({value.group for value in reading.values}) == tiff.MOST_DIRECTORIES
    assert any("read in part: it has more than 64 directories" in problem for problem in reading.problems)


def test_a_directory_past_the_limit_of_entries_is_left_out_alone():
    """
    A GPS directory that claims 65,535 entries costs its own tags and no others.
    """
    large = tiff_with_large_gps()

    reading = read_exif(large, whole(large))

    assert [value.text for value in reading.values if value.name == "Make" and value.reader != "osint tiff"] == ["Abc"]
    assert any("without its GPS directory: it has more than 10000 entries" in each for each in reading.problems)


def tiff_with_large_gps():
    entry = struct.pack("<HHI4s", 0x001F, 3, 1, b"\1\0\0\0")
    return one_directory((MAKE, 2, 4, b"Abc\0"), (GPS_IFD, 4, 1, 38), extra=struct.pack("<H", 65_535) + entry * 65_535)


def test_more_than_32_subdirectories_are_not_followed():
    """
    33 pointers are more than any camera writes: none is followed, by nobody.
    """
    names = tuple(f"sub {number}" for number in range(33))
    block = tree({"main": [(SUB_IFDS, LONG, names)], **{name: [(0x0100, SHORT, b"\1\0")] for name in names}})

    found = tiff.survey(block)

    assert list(found.directories.values()) == ["Image"]
    assert "EXIF SubIFD0 ImageWidth" not in exifread.process_file(io.BytesIO(found.readable))


@pytest.mark.parametrize(
    ("block", "left"), [(makernote_of_a_thousand_million_values(), 2), (many_pointers_to_one_table(), 0)]
)
def test_hostile_blocks_cost_nothing_with_details(block, left):
    """
    What keeps exifread busy for minutes or hours is patched out of its copy.
    """
    assert len(exifread.process_file(io.BytesIO(tiff.survey(block).readable), details=True)) == left


def test_exifread_is_shown_a_limited_number_of_numbers():
    """
    It takes each by itself; the ones beyond are read here.
    """
    entries = [(0xC000 + number, SHORT, b"\1\0" * 50) for number in range(500)]
    block = tree({"main": [(0xBFFF, SHORT, b"\1\0" * 51), *entries]})
    shown = exifread.process_file(io.BytesIO(tiff.survey(block).readable))

    assert sum(len(tag.values) for tag in shown.values()) == tiff.MOST_NUMBERS
    assert {len(tag.values) for tag in shown.values()} == {50}
    assert len(read_exif(block, whole(block)).values) == 501


@pytest.mark.parametrize("kind", [ASCII, UNDEFINED])
def test_entries_that_share_their_bytes_are_left_out(kind):
    """
    Many entries that each claim the whole block would be copied and hashed over and over; the small ones are read.
    """
    entries = [(0xC000 + number, kind, 90_000, 1900) for number in range(150)]
    found = tiff.survey(one_directory(*entries, (MAKE, 2, 4, b"Abc\0"), extra=b"x" * 98_000))

    assert sum(entry.size for entry in found.entries if entry.fits) < 3 * 98_000
    assert len(exifread.process_file(io.BytesIO(found.readable), details=False)) < 5
    assert any(entry.tag == MAKE and entry.fits for entry in found.entries)
    assert any(re.search("14[78] EXIF tags claim together more bytes", problem) for problem in found.problems)


def test_a_block_with_another_number_than_42_is_read_and_named():
    """
    One changed byte in the header does not hide the tags, which other programs show.
    """
    block = tree(FAMILY).replace(b"II*\0", b"II*\x13", 1)

    reading = read_exif(block, whole(block))

    assert any(value.text == "Acme" for value in reading.values)
    assert any("does not bear the number of TIFF" in problem for problem in reading.problems)


def places(block):
    return {name: at for at, name in tiff.survey(block).directories.items()}


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_bigtiff_is_read_by_exifread_at_its_real_places(order):
    """
    exifread reads no BigTIFF; it reads the classic copy, and every value cites the bytes of the real file.
    """
    block = tree(FAMILY | {"main": [*FAMILY["main"], (0x0131, ASCII, b"Firmware 2.1\0")]}, order=order, big=True)

    values = {(value.group, value.name): value for value in read_exif(block, whole(block)).values}

    software, width = values["Image", "Software"], values["SubIFD 0 of SubIFD 0", "ImageWidth"]
    assert values["EXIF", "ExifVersion"].reader == "exifread 3.5.1"
    assert values["Image", "ExifOffset"].text == str(places(block)["EXIF"])
    assert block[software.byte_start : software.byte_start + software.byte_length] == b"Firmware 2.1\0"
    assert block[width.byte_start : width.byte_start + width.byte_length] == b"\x10\0"


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_large_picture_is_not_copied_for_exifread(order, monkeypatch):
    """
    Of a TIFF file of many megabytes exifread gets the tags, and says the same of them.
    """
    shown = []
    process = exif_reader.process
    monkeypatch.setattr(
        exif_reader, "process", lambda block, warnings: shown.append(len(block)) or process(block, warnings)
    )
    block = tree(FAMILY, chain=("main", "thumb", "page"), order=order)
    large = block + bytes(exif_reader.LARGEST_COPY)

    stated = {
        (value.group, value.name, value.text, value.byte_start) for value in read_exif(block, whole(block)).values
    }
    assert stated == {
        (value.group, value.name, value.text, value.byte_start) for value in read_exif(large, whole(large)).values
    }
    assert max(shown[1:]) < 1000


def test_a_classic_copy_drops_what_four_bytes_cannot_hold():
    """
    A number beyond 32 bits stays out of the copy for exifread and is read here.
    """
    block = tree({"main": [(0x0111, 16, struct.pack("<Q", 1 << 40)), (0x0117, 16, struct.pack("<Q", 7))]}, big=True)

    copy, back = classic(tiff.survey(block))
    texts = {value.tag_id: (value.text, value.reader) for value in read_exif(block, whole(block)).values}

    assert [entry.tag for entry in back.values()] == [0x0117]
    assert len(copy) < len(block)
    assert texts == {"0x0111": (str(1 << 40), "osint tiff"), "0x0117": ("7", "exifread 3.5.1")}


@settings(max_examples=80, deadline=2000)
@given(st.data())
def test_no_mutation_makes_a_reader_raise_or_leave_the_block(data):
    """
    Whatever is changed in a block, the answer is a reading whose places lie inside it.
    """
    check_mutated(data)


@pytest.mark.exhaustive
@settings(max_examples=1000, deadline=2000)
@given(st.data())
def test_none_of_many_mutations_makes_a_reader_raise_or_leave_the_block(data):
    """
    The same for more of them.
    """
    check_mutated(data)


def check_mutated(data):
    mutated = bytearray(tree(FAMILY, chain=("main", "thumb", "page"), big=data.draw(st.booleans())))
    for _ in range(data.draw(st.integers(1, 8))):
        mutated[data.draw(st.integers(0, len(mutated) - 1))] = data.draw(st.integers(0, 255))
    block = bytes(mutated[: data.draw(st.integers(8, len(mutated)))])

    reading = read_exif(block, whole(block))

    assert all(value.byte_start + value.byte_length <= len(block) for value in reading.values if value.byte_length)


@pytest.mark.parametrize("left", range(12))
@pytest.mark.parametrize("order", ["little", "big"])
def test_a_directory_that_is_cut_short_ends_behind_its_last_whole_entry(order, left):
    """
    The next reader is shown no entry in part, whose missing bytes it would take for a pointer into the header.
    """
    mark = b"II*\0" if order == "little" else b"MM\0*"
    numbers = [(8, 4), (2, 2), (0x010F, 2), (2, 2), (4, 4), (0, 4), (0x014A, 2), (4, 2), (21, 4), (0, 4)]
    whole = mark + b"".join(number.to_bytes(size, order) for number, size in numbers)
    result = tiff.survey(whole[: 22 + left])

    assert result.readable[8:10] == (1).to_bytes(2, order)
    assert result.readable[22:] == bytes(min(4, left)) + whole[26 : 22 + left]
    assert [entry.tag for entry in result.entries] == [0x010F]
    assert any("breaks off; its one whole entry was read." in problem for problem in result.problems)
