"""MakerNotes are opened behind a guard and give leads, never facts."""

import struct

import pytest
from media_builders import makernote_of_a_thousand_million_values
from tiff_builders import ASCII, EXIF_IFD, LONG, MAKE, UNDEFINED, tree, whole

from osint.media import exif_reader, makernote
from osint.media.makernote import read_makernotes

MAKER_NOTE = 0x927C
SERIAL, OWNER = 0x000C, 0x0009


def picture(maker, note):
    """Return a block of this maker whose MakerNote is made of its own place by ``note``."""

    def made(content):
        exif = [(MAKER_NOTE, UNDEFINED, content)]
        return tree({"main": [(MAKE, ASCII, maker + b"\0"), (EXIF_IFD, LONG, ("exif",))], "exif": exif})

    blank = b"\xee" * len(note(0))
    return made(note(made(blank).index(blank)))


def canon(*entries, declared=None, tail=b""):
    """Return a maker of Canon notes: a directory whose positions count from the start of the block."""

    def note(place):
        end = place + 2 + 12 * len(entries) + 4
        directory, values = struct.pack("<H", declared or len(entries)), b""
        for tag, kind, count, value in entries:
            stored = value if isinstance(value, bytes) else b""
            inline = stored.ljust(4, b"\0") if len(stored) <= 4 else struct.pack("<I", end + len(values))
            values += stored if len(stored) > 4 else b""
            directory += struct.pack("<HHI", tag, kind, count) + (inline if stored else struct.pack("<I", value))
        return directory + bytes(4) + values + tail

    return note


def serials(reading):
    return [
        value for value in reading.values if value.name.casefold().endswith("serialnumber") and value.status == "read"
    ]


def test_a_serial_number_of_a_makernote_is_a_candidate_and_no_fact():
    """
    It comes with its maker and the place of its bytes, and states nothing by itself.
    """
    block = picture(b"Canon", canon((SERIAL, LONG, 1, 560018150), (OWNER, ASCII, 10, b"A. Sample\0")))

    reading = read_makernotes(block, whole(block))
    [value] = serials(reading)

    assert (value.group, value.text) == ("Canon", "560018150")
    assert block[value.byte_start : value.byte_start + value.byte_length] == struct.pack("<I", 560018150)
    assert {(value.block, value.group, value.fact) for value in reading.values} == {("MakerNote", "Canon", None)}
    assert "A. Sample" in {value.text for value in reading.values}


def test_a_blank_serial_number_is_no_candidate():
    """
    Two cameras that both leave it blank are not thereby one.
    """
    block = picture(b"Canon", canon((0x0096, ASCII, 6, b"      ")))

    assert serials(read_makernotes(block, whole(block))) == []


def test_positions_that_count_from_the_note_are_cited_in_the_file():
    """
    Fujifilm counts from the start of its note; the bytes cited are those that were read.
    """

    def note(place):
        return (
            b"FUJIFILM" + struct.pack("<I", 12) + struct.pack("<HHHII", 1, 0x0010, 2, 9, 30) + bytes(4) + b"FC A3115\0"
        )

    block = picture(b"FUJIFILM", note)

    [value] = serials(read_makernotes(block, whole(block)))

    assert value.text.strip() == "FC A3115"
    assert block[value.byte_start : value.byte_start + value.byte_length] == b"FC A3115\0"


def test_a_directory_that_is_not_where_exifread_looks_is_not_opened():
    """
    Sony's notes begin with their name; exifread takes it for a directory of 20,307 entries.
    """
    block = picture(b"SONY", lambda _: b"SONY DSC \0\0\0" + struct.pack("<HHHII", 1, 0x0102, 4, 1, 2) + bytes(4))

    reading = read_makernotes(block, whole(block))

    assert (reading.values, "none that fits" in reading.problems[0]) == ((), True)


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        (canon((SERIAL, LONG, 1, 7), declared=600, tail=bytes(9000)), "none that fits"),
        (canon((SERIAL, LONG, 1, 7), declared=40), "none that fits"),
        (canon(*[(0x0100 + number, 1, 900, 8) for number in range(40)], tail=bytes(2000)), "more values"),
        (canon(*[(0x0100 + number, 2, 9000, 8) for number in range(40)], tail=bytes(9000)), "more values"),
        (canon((0x000D, 1, 30_000, 8), tail=bytes(40_000)), "more values"),
    ],
    ids=["entries", "past its end", "numbers", "texts", "camera info"],
)
def test_a_note_past_a_limit_is_not_opened(note, reason):
    """
    Entries, values and texts have limits before exifread sees the note.
    """
    block = picture(b"Canon", note)

    reading = read_makernotes(block, whole(block))

    assert (reading.values, reason in reading.problems[0]) == ((), True)


def test_entries_that_lead_out_of_the_block_are_left_out_alone():
    """
    One bad entry does not cost the others, and is not made up.
    """
    block = picture(b"Canon", canon((OWNER, ASCII, 400, 1_000_000), (SERIAL, LONG, 1, 77)))

    assert [value.text for value in read_makernotes(block, whole(block)).values] == ["77"]


def test_a_note_that_is_cut_short_gives_what_is_left():
    """
    Only the values that lie in the block count, not the length that the note claims.
    """
    block = picture(b"Canon", canon((SERIAL, LONG, 1, 77), tail=bytes(1000)))[:-500]

    assert [value.text for value in read_makernotes(block, whole(block)).values] == ["77"]


def test_the_length_of_a_note_costs_nothing(monkeypatch):
    """
    exifread takes four microseconds for each byte of a MakerNote; it is shown the first 64.
    """
    shown = []

    def process(block, warnings):
        shown.append(exif_reader.process(block, warnings))
        return shown[0]

    monkeypatch.setattr(makernote, "process", process)
    block = picture(b"Canon", canon((SERIAL, LONG, 1, 77), tail=bytes(1_000_000)))

    assert [value.text for value in read_makernotes(block, whole(block)).values] == ["77"]
    assert shown[0]["EXIF MakerNote"].field_length == 64


def test_a_note_of_a_thousand_million_values_is_not_opened():
    """
    56 bytes that would keep exifread busy for an hour.
    """
    block = makernote_of_a_thousand_million_values()

    assert read_makernotes(block, whole(block)).values == ()


def test_the_traps_are_named_where_the_reader_is():
    """
    Whoever uses these strings finds what they must not be used for.
    """
    assert all(word in (makernote.__doc__ or "") for word in ("Apple", "Nikon", "00STANDA", "issue 182"))
