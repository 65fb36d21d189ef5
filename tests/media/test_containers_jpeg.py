"""A JPEG file's blocks are put together from their segments, and what is missing or added is said."""

import hashlib
import struct

import pytest
from container_builders import (
    EXIF,
    ICC,
    IPTC,
    JUMB,
    XMP,
    extended_xmp,
    film,
    icc_segments,
    jpeg,
    jumbf_segments,
    resource,
    segment,
    xmp_segment,
)
from media_builders import box, tiff

from osint.media.containers import read_structure


def read(data):
    return read_structure(data, "image/jpeg")


def found(data, kind):
    """Return where each block of a kind stands and the bytes that it gives."""
    return [(block.where, block.read(data)) for block in read(data).blocks if block.kind == kind]


def values(data):
    return {value.name: value for value in read(data).values}


def says(data, sentence):
    return any(sentence in problem for problem in read(data).problems)


def test_a_picture_alone_has_a_size_an_end_and_no_blocks():
    """
    A picture without metadata states its structure and nothing else.
    """
    data = jpeg()
    structure = read(data)

    assert (8, 8, len(data), (), ()) == (
        structure.width,
        structure.height,
        structure.end,
        structure.blocks,
        structure.problems,
    )


def test_every_exif_block_is_found():
    """
    Two EXIF blocks are both handed on, and the file's ambiguity is named.
    """
    data = jpeg(segment(0xE1, b"Exif\0\0" + EXIF), segment(0xE1, b"Exif\0\0" + EXIF + b"2"))

    assert found(data, "exif") == [("APP1", EXIF), ("APP1", EXIF + b"2")]
    assert says(data, "holds 2 EXIF blocks")


def test_an_exif_block_that_outgrows_its_segment_is_one_block():
    """
    A segment that follows at once and has no TIFF header goes on with the block before.
    """
    data = jpeg(segment(0xE1, b"Exif\0\0" + EXIF), segment(0xE1, b"Exif\0\0 and more"))

    assert found(data, "exif") == [("APP1", EXIF + b" and more")]


def test_extended_xmp_is_put_together_by_offset():
    """
    Parts in any order of segments make one packet, cited by its GUID.
    """
    content = b"<rdf>" + b"x" * 90
    guid = hashlib.md5(content).hexdigest().upper()
    parts = extended_xmp(content, [(60, 35), (0, 60)])
    data = jpeg(xmp_segment(XMP + guid.encode()), *parts)

    assert [(f"APP1 {guid}", content)] == found(data, "xmp-extended")
    assert [("APP1", XMP + guid.encode())] == found(data, "xmp")
    assert read(data).problems == ()


@pytest.mark.parametrize(
    ("parts", "change", "sentence", "handed_on"),
    [
        ([(0, 50), (60, 35)], {}, "a hole at byte 50", False),
        ([(0, 60), (40, 55)], {}, "an overlap at byte 40", False),
        ([(0, 60)], {}, "length that it states", False),
        ([(0, 95)], {"total": 90}, "length that it states", False),
        ([(0, 95)], {"guid": "0" * 32}, "does not have this MD5", True),
        ([(0, 95)], {}, "names no extension", True),
    ],
)
def test_extended_xmp_that_does_not_fit_is_named(parts, change, sentence, handed_on):
    """
    Holes, overlaps and wrong lengths are not read; a wrong digest or an unannounced extension is read and named.
    """
    content = b"<rdf>" + b"x" * 90
    guid = "" if sentence.startswith("names") else change.get("guid", hashlib.md5(content).hexdigest().upper())
    data = jpeg(xmp_segment(XMP + guid.encode()), *extended_xmp(content, parts, **change))

    assert says(data, sentence)
    assert handed_on == bool(found(data, "xmp-extended"))


def test_a_profile_in_chunks_is_put_together_by_number():
    """
    Chunks in any order of segments make one profile.
    """
    data = jpeg(*icc_segments(ICC, 2, 1, 3, count=3))

    assert found(data, "icc") == [("APP2", ICC)]


@pytest.mark.parametrize("numbers", [(1, 3), (1, 1, 2), (2,)])
def test_a_profile_without_all_its_chunks_is_named(numbers):
    """
    A profile with a missing or doubled chunk is not read.
    """
    data = jpeg(*icc_segments(ICC, *numbers, count=3))

    assert found(data, "icc") == []
    assert says(data, "of 3; it was not read")


@pytest.mark.parametrize(
    ("marker", "content", "sentence"),
    [
        (0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 39, "extended XMP is too short"),
        (0xE2, b"ICC_PROFILE\0\x01", "ICC profile is too short"),
        (0xEB, b"JP\0\x01\0\0\0\x01\0\0\0\x10jum", "JUMBF box is too short"),
        (0xEB, b"JP\0\x01\0\0\0\x01\0\0\0\x01jumb" + bytes(7), "JUMBF box is too short"),
    ],
)
def test_a_segment_too_short_for_its_header_is_named(marker, content, sentence):
    """
    A header is not completed from the segment behind it.
    """
    data = jpeg(segment(marker, content))

    assert read(data).blocks == ()
    assert says(data, sentence)


def test_two_whole_profiles_are_both_found():
    """
    Two chunks that each call themselves the only one are two profiles.
    """
    data = jpeg(*icc_segments(ICC, 1, count=1), *icc_segments(ICC + b"2", 1, count=1))

    assert found(data, "icc") == [("APP2", ICC), ("APP2", ICC + b"2")]
    assert says(data, "holds 2 ICC profiles")


def test_photoshop_resources_over_two_segments_are_one_block():
    """
    A resource that runs over the end of a segment is whole, and IPTC, EXIF, XMP and thumbnail in them are blocks.
    """
    small = jpeg()
    resources = b"".join(
        (
            resource(0x0404, IPTC, name=b"a name"),
            resource(0x0422, EXIF),
            resource(0x0424, XMP),
            resource(0x040C, struct.pack(">I", 1) + bytes(24) + small),
            resource(0x03ED, bytes(16)),
        )
    )
    parts = [segment(0xED, b"Photoshop 3.0\0" + part) for part in (resources[:30], resources[30:])]
    data = jpeg(*parts)

    assert [("APP13", resources)] == found(data, "photoshop")
    assert found(data, "iptc") == [("APP13 0x0404", IPTC)]
    assert found(data, "exif") == [("APP13 0x0422", EXIF)]
    assert found(data, "xmp") == [("APP13 0x0424", XMP)]
    assert [("APP13 0x040C", small)] == found(data, "thumbnail")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (resource(0x0404, IPTC)[:-4], "0x0404 in APP13 is cut short"),
        (resource(0x0404, IPTC) + b"garbage that is longer", "break off at byte 22"),
    ],
)
def test_damaged_photoshop_resources_are_named(content, sentence):
    """
    A resource that is cut short, or something else in its place, is said.
    """
    assert says(jpeg(segment(0xED, b"Photoshop 3.0\0" + content)), sentence)


def test_a_c2pa_box_is_put_together_by_sequence():
    """
    Segments of one box instance in any order make one JUMBF box, its head taken once.
    """
    data = jpeg(*jumbf_segments(JUMB, 2, 1, 4, 3))

    assert found(data, "c2pa") == [("APP11", JUMB)]


def test_two_c2pa_boxes_stay_apart():
    """
    Segments belong to the box whose instance they name.
    """
    first, second = jumbf_segments(JUMB, 1, 2, 3, 4), jumbf_segments(JUMB, 1, 2, 3, 4, instance=2)
    data = jpeg(*(part for pair in zip(first, second, strict=True) for part in pair))

    assert [content for _, content in found(data, "c2pa")] == [JUMB, JUMB]


@pytest.mark.parametrize(
    ("sequence", "sentence"),
    [((1, 3), "has the segments 1, 3"), ((1, 2), "states 70 bytes"), ((2, 3), "segments 2, 3")],
)
def test_a_c2pa_box_without_all_its_segments_is_named(sequence, sentence):
    """
    A missing first, middle or last segment is said, and the box is not read.
    """
    data = jpeg(*jumbf_segments(JUMB, *sequence))

    assert found(data, "c2pa") == []
    assert says(data, sentence)


@pytest.mark.parametrize(("how", "kind"), [({}, "baseline"), ({"progressive": True}, "progressive")])
def test_the_frame_and_its_tables_are_values(how, kind):
    """
    Kind of frame, components and sampling stand as the file has them; the tables are digests over their bytes.
    """
    data = jpeg(quality=90, subsampling=2, **how)
    stated = values(data)

    assert (kind, "3", "2x2 1x1 1x1") == (stated["frame"].text, stated["components"].text, stated["sampling"].text)
    tables = hashlib.sha256()
    at = 0
    while (at := data.find(b"\xff\xdb", at)) >= 0:
        length = struct.unpack_from(">H", data, at + 2)[0]
        tables.update(data[at + 4 : at + 2 + length])
        at += 2
    assert tables.hexdigest() == stated["quantisation tables sha256"].text
    assert stated["quantisation tables sha256"].text != values(jpeg(quality=50))["quantisation tables sha256"].text


def test_header_and_comment_are_values_with_their_bytes():
    """
    JFIF version and density, a comment and the restart interval each cite the bytes in which they stand.
    """
    data = jpeg(segment(0xFE, b"a comment"), segment(0xDD, b"\0\x04"))
    stated = values(data)

    assert (stated["version"].text, stated["density"].text) == ("1.01", "1 x 1, aspect ratio")
    assert (stated["comment"].text, stated["restart interval"].text) == ("a comment", "4")
    for name in ("version", "density", "comment", "restart interval", "frame"):
        value = stated[name]
        cited = data[value.byte_start : value.byte_start + value.byte_length]
        assert hashlib.sha256(cited).hexdigest() == value.bytes_sha256


def test_the_segments_are_listed_in_their_order():
    """
    The order of the segments is a value.
    """
    listed = values(jpeg(xmp_segment(), segment(0xEC, b"Ducky\0\0")))["segments"].text

    assert listed.startswith("APP1 XMP, APP12 Ducky, APP0 JFIF, DQT")
    assert listed.endswith("SOS, EOI")


def test_a_film_behind_a_picture_is_named_and_read():
    """
    The film of a motion photo is trailing data: its type, length and digest are a value, its boxes are blocks.
    """
    movie = film(box(b"moov", box(b"mvhd", b"m" * 100)))
    data = jpeg(tail=movie)
    trailing = values(data)["trailing data"]

    assert f"{len(movie)} bytes, video/mp4" == trailing.text
    assert hashlib.sha256(movie).hexdigest() == trailing.bytes_sha256
    assert found(data, "quicktime") == [("trailing/moov/mvhd", b"m" * 100)]
    assert len(data) - len(movie) == read(data).end


def test_facts_of_a_file_inside_are_none_of_the_outer_one():
    """
    A film behind a picture states no size of the picture.
    """
    data = jpeg(tail=jpeg(segment(0xFE, b"inner")))

    facts = [(value.fact, value.value) for value in read(data).values if value.fact]

    assert facts == [("width", 8), ("height", 8)]
    assert "trailing/JPEG" in {value.group for value in read(data).values}


def test_further_pictures_are_listed_and_read():
    """
    Each picture of a multi-picture file is a value; a large thumbnail is a block, and each one's EXIF is found.
    """
    second = jpeg(segment(0xE1, b"Exif\0\0" + EXIF))
    plain = len(jpeg(segment(0xE2, b"MPF\0" + bytes(58))))
    base = 2 + 4 + 4

    def directory(offset, kind=0x010001, more=0):
        entries = struct.pack("<III4x", 0x030000, 0, 0) + struct.pack("<III4x", kind, len(second) + more, offset)
        return tiff((0xB002, 7, 32, 26), extra=entries)

    data = jpeg(segment(0xE2, b"MPF\0" + directory(plain - base)), tail=second)
    lying = jpeg(segment(0xE2, b"MPF\0" + directory(plain)), tail=second)

    assert [("MPF picture 2", second)] == found(data, "thumbnail")
    assert found(data, "exif") == [("MPF picture 2/APP1", EXIF)]
    assert "large thumbnail (VGA)" in values(data)["MPF picture 2"].text
    assert says(lying, "no picture lies where it should")
    longer = jpeg(segment(0xE2, b"MPF\0" + directory(plain - base, more=1)), tail=second)
    assert says(longer, "no picture lies where it should")


@pytest.mark.parametrize("cut", [2, 30, 200])
def test_a_picture_without_its_end_says_so(cut):
    """
    A file cut short has no end.
    """
    data = jpeg()[:-cut]

    assert read(data).end is None
    assert says(data, "no end marker")
