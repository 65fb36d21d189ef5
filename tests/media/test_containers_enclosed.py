"""Blocks that programs enclose in PostScript, PDF and JPEG 2000, or put behind a picture, are found with their place."""

import zlib

import pytest
from container_builders import EXIF, ICC, IPTC, XMP, hexadecimal, jp2, jpeg, pdf, postscript, resource, with_afcp
from media_builders import box, tiff

from osint.media import identity
from osint.media.containers import read_structure
from osint.media.description import describe

PACKET = b"<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>" + XMP + b"<?xpacket end='w'?>"
RESOURCES = resource(0x0404, IPTC) + resource(0x0422, EXIF)
SMALL = jpeg()


def structure(data):
    return read_structure(data, identity.sniff(data))


def found(data):
    return [(block.kind, block.where, block.read(data)) for block in structure(data).blocks]


def says(data, sentence):
    return any(sentence in problem for problem in structure(data).problems)


def test_photoshop_encloses_resources_in_postscript():
    """
    They stand in hexadecimal digits behind a comment sign, and hold EXIF and IPTC.
    """
    lines = hexadecimal(b"%BeginPhotoshop: 99", RESOURCES, b"%EndPhotoshop")
    data = postscript(PACKET, lines)

    assert found(data) == [
        ("xmp", "xpacket", PACKET),
        ("photoshop", "BeginPhotoshop", RESOURCES),
        ("iptc", "BeginPhotoshop 0x0404", IPTC),
        ("exif", "BeginPhotoshop 0x0422", EXIF),
    ]
    assert describe(data).camera_make == "Abc"


def test_a_profile_is_enclosed_in_postscript():
    """
    The profile stands in hexadecimal digits, too.
    """
    data = postscript(hexadecimal(b"%%BeginICCProfile: (p) -1 Hex", ICC, b"%%EndICCProfile", before=b"%% "))

    assert found(data) == [("icc", "BeginICCProfile", ICC)]


def test_the_comments_at_the_head_of_postscript_are_stated_with_their_bytes():
    """
    Title and program are facts, each with its place in the file.
    """
    data = postscript(preview=tiff((0x0112, 3, 1, 1)))
    stated = {value.name: value for value in structure(data).values}
    title = stated["Title"]

    assert (title.fact, title.value, stated["Creator"].fact) == ("title", "one", "software")
    assert data[title.byte_start : title.byte_start + title.byte_length] == b"(one)"


def test_the_preview_of_postscript_for_dos_is_a_file_inside():
    """
    The binary header leads to a TIFF picture; neither its size nor its tags are taken for those of the file.
    """
    preview = tiff((0x0100, 3, 1, 64), (0x0101, 3, 1, 48))
    resources = resource(0x0422, EXIF)
    data = postscript(hexadecimal(b"%BeginPhotoshop: 9", resources, b"%EndPhotoshop"), preview=preview)

    assert found(data)[-2:] == [("exif", "BeginPhotoshop 0x0422", EXIF), ("exif", "preview/TIFF", preview)]
    assert structure(data).width is None
    assert describe(data).camera_make == "Abc"


@pytest.mark.parametrize("compressed", [False, True])
def test_photoshop_keeps_resources_in_a_document(compressed):
    """
    The object that ImageResources names is read, once, open or compressed.
    """
    content = zlib.compress(RESOURCES) if compressed else RESOURCES
    head = b"8 0 obj << /Length 10 0 R%b >> stream\n" % (b" /Filter /FlateDecode" if compressed else b"")
    data = pdf(b"5 0 obj << /ImageResources 8 0 R >> endobj", b"6 0 obj << /ImageResources 8 0 R >> endobj",
               head + content + b"endstream endobj", info=b"")  # fmt: skip

    assert found(data) == [
        ("photoshop", "ImageResources", RESOURCES),
        ("iptc", "ImageResources 0x0404", IPTC),
        ("exif", "ImageResources 0x0422", EXIF),
    ]


def test_geotiff_in_jpeg_2000_is_a_block_of_its_own():
    """
    The degenerate TIFF file of GeoJP2 is read by its tags, and does not give the size of the picture.
    """
    name = bytes.fromhex("b14bf8bd083d4b43a5ae8cd7d5a6ce03")
    block = tiff((0x0100, 3, 1, 1), (0x0101, 3, 1, 1))
    data = jp2(box(b"uuid", name + block))

    assert found(data) == [("geotiff", "uuid GeoTIFF", block)]
    assert (structure(data).width, structure(data).height) == (64, 48)


def test_the_camera_is_that_of_the_exif_block_also_where_geotiff_stands_before_it():
    """
    A map's block is about the map; the row of the file is filled from the block about the picture.
    """
    map_of, camera = (tiff((0x010F, 2, len(make), 26), extra=make) for make in (b"a map of it\0", b"Acme Cameras\0"))
    exif = box(b"uuid", b"JpgTiffExif->JP2" + camera)
    facts = describe(jp2(box(b"uuid", bytes.fromhex("b14bf8bd083d4b43a5ae8cd7d5a6ce03") + map_of), exif))

    assert facts.camera_make == "Acme Cameras"
    assert {value.text for value in facts.values if value.fact == "camera_make"} >= {"a map of it", "Acme Cameras"}


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("picture", [SMALL, tiff((0x0112, 3, 1, 1))], ids=["jpeg", "tiff"])
def test_an_afcp_block_behind_a_picture_gives_its_parts(order, picture):
    """
    IPTC, a small picture behind a head of its own, and a text, in either byte order.
    """
    data = with_afcp(picture, (b"IPTC", IPTC), (b"Nail", bytes(18) + SMALL), (b"TEXT", b"words"), order=order)

    assert found(data)[-2:] == [("iptc", "AFCP", IPTC), ("thumbnail", "AFCP Nail", SMALL)]
    assert [value.text for value in structure(data).values if value.group == "AFCP"] == ["words"]


def no_end(first):
    return postscript(first + b" 99\n% 3842494D")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (with_afcp(SMALL, (b"IPTC", IPTC), shift=1), "AFCP block behind the picture does not lie where it says"),
        (with_afcp(SMALL, (b"IPTC", IPTC), shift=2**31), "AFCP block behind the picture does not lie where it says"),
        (no_end(b"%BeginPhotoshop:"), "BeginPhotoshop announces has no end"),
        (no_end(b"%%BeginICCProfile:"), "BeginICCProfile announces has no end"),
        (postscript(PACKET[:-19]), "XMP packet has no end"),
        (postscript(preview=b"none"), "preview breaks off or contradicts itself"),
        (postscript(preview=b"none")[:20], "breaks off or contradicts itself"),
    ],
    ids=["afcp-near", "afcp-far", "photoshop", "profile", "packet", "preview", "head"],
)
def test_what_was_not_read_is_said(data, sentence):
    """
    Damage and lies of a block are named.
    """
    assert says(data, sentence)
