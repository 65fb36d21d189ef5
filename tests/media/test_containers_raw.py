"""Raw files of five makers, JPEG XR and EXV: their blocks are found, and what does not fit is said."""

import struct

import pytest
from container_builders import EXIF, ICC, IPTC, MRW_SIZE, XMP, exv, icc_segments, jpeg, marked, mrw, rw2, segment, x3f
from media_builders import tiff

from osint.media import identity
from osint.media.containers import read_structure
from osint.media.description import describe

PICTURE = jpeg(segment(0xE1, b"Exif\0\0" + EXIF))


def structure(data):
    return read_structure(data, identity.sniff(data))


def found(data):
    return [(block.kind, block.where, block.read(data)) for block in structure(data).blocks]


@pytest.mark.parametrize("mark", [b"IIRO", b"IIRS", b"II\xbc\x01", b"IIU\0"])
def test_tiff_under_another_number_is_read_as_tiff(mark):
    """
    The file is the EXIF block, other blocks lie behind their tags, and the camera is named.
    """
    data = marked(mark, tiff((0x010F, 2, 4, b"Abc\0"), (700, 7, len(XMP), 38), extra=XMP))

    assert found(data) == [("exif", "TIFF", data), ("xmp", "IFD0 tag 700", XMP)]
    assert describe(data).camera_make == "Abc"


def test_big_endian_raw_files_of_olympus_are_read():
    """
    MMOR stands where TIFF has its mark.
    """
    data = b"MMOR" + struct.pack(">IHHHIIHHII", 8, 2, 0x0100, 4, 1, 640, 0x0101, 4, 1, 480) + bytes(4)

    assert (structure(data).width, structure(data).height, found(data)) == (640, 480, [("exif", "TIFF", data)])


def test_the_size_of_a_jpeg_xr_picture_stands_under_its_own_tags():
    """
    JPEG XR numbers width and height otherwise than TIFF.
    """
    data = marked(b"II\xbc\x01", tiff((0xBC80, 4, 1, 640), (0xBC81, 4, 1, 480)))

    assert (structure(data).width, structure(data).height) == (640, 480)


def test_a_panasonic_raw_file_has_the_tags_of_the_picture_inside_too():
    """
    The size is what the borders on the sensor leave; the JPEG picture inside gives its blocks.
    """
    data = rw2(PICTURE)

    assert found(data) == [("exif", "TIFF", data), ("exif", "JPEG/APP1", EXIF)]
    assert (structure(data).width, structure(data).height) == (640, 480)


@pytest.mark.parametrize(("mark", "order"), [(b"\0MRM", ">"), (b"\0MRI", "<")])
def test_the_tiff_part_of_a_minolta_raw_file_is_its_exif_block(mark, order):
    """
    Either byte order; the parts before and after are passed over.
    """
    data = mrw((b"\0WBG", bytes(12)), (b"\0TTW", EXIF), (b"\0PAD", bytes(3)), mark=mark, order=order)

    assert found(data) == [("exif", "TTW", EXIF)]
    assert describe(data).camera_make == "Abc"


def test_the_size_of_a_minolta_raw_file_is_that_of_the_picture():
    """
    It stands behind that of the sensor.
    """
    assert (structure(mrw(MRW_SIZE)).width, structure(mrw(MRW_SIZE)).height) == (640, 480)


def test_the_picture_inside_a_sigma_raw_file_gives_its_blocks():
    """
    The directory at the end leads to the picture; another coding than JPEG is passed over.
    """
    assert found(x3f(PICTURE)) == [("exif", "IMA2/APP1", EXIF)]
    assert found(x3f(PICTURE, coding=3)) == []
    assert (structure(x3f(PICTURE, coding=3)).width, structure(x3f(PICTURE, coding=3)).height) == (2640, 1760)


def test_the_segments_of_an_exv_file_give_their_blocks():
    """
    EXIF, IPTC in its resources and a profile, without a picture and without a size.
    """
    data = exv(
        segment(0xE1, b"Exif\0\0" + EXIF), *icc_segments(ICC, 1, count=1), segment(0xED, b"Adobe_Photoshop" + IPTC)
    )

    assert found(data) == [("exif", "APP1", EXIF), ("icc", "APP2", ICC)]
    assert (identity.sniff(data), structure(data).width, structure(data).problems) == ("image/x-exv", None, ())


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (mrw((b"\0TTW", EXIF))[:20], "EXIF block is announced, but lies outside the file"),
        (mrw((b"\0PRD", bytes(4)))[:10], "ends where more is announced"),
        (x3f(PICTURE)[:-4], "do not name its directory"),
        (x3f(PICTURE)[:-4] + b"\xff" * 4, "do not name its directory"),
        (marked(b"IIU\0", tiff((0x2E, 7, 500, 5000))), "cut short, or lies outside the file"),
    ],
    ids=["mrw-block", "mrw-head", "x3f-cut", "x3f-far", "rw2-far"],
)
def test_a_raw_file_that_lies_is_named(data, sentence):
    """
    A part outside the file, and a directory that is none, are said.
    """
    assert any(sentence in problem for problem in structure(data).problems)
