"""HEIF, films, CR3, JPEG 2000 and JPEG XL: blocks are found through the boxes and directories that name them."""

import struct
import zlib

import brotli
import pytest
from container_builders import (
    C2PA_UUID,
    EXIF,
    HEIF_CONTENT_AT,
    ICC,
    IPTC,
    JUMB,
    XMP,
    XMP_UUID,
    film,
    heif_of,
    item,
    jp2,
    jpeg,
    jxl,
    track,
)
from media_builders import box

from osint.media.containers import compression, jpegxl, read_structure
from osint.media.containers.structure import LARGEST_INFLATED
from osint.media.identity import sniff

ITEM = struct.pack(">I", 6) + b"Exif\0\0" + EXIF
AT = HEIF_CONTENT_AT


def found(data):
    return [(block.kind, block.where, block.read(data)) for block in read_structure(data, sniff(data)).blocks]


def values(data):
    return {value.name: value.text for value in read_structure(data, sniff(data)).values}


def says(data, sentence):
    return any(sentence in problem for problem in read_structure(data, sniff(data)).problems)


@pytest.mark.parametrize("cuts", [[36], [2, 34], [4, 6, 26], [1, 1, 1, 1, 32]])
def test_an_exif_item_in_pieces_is_one_block(cuts):
    """
    An Exif item in any number of extents is put together, and its own header taken off wherever it is cut.
    """
    extents, content, at = [], b"", 0
    for length in cuts:
        extents.append((AT + len(content), length))
        content += ITEM[at : at + length] + b"between"
        at += length

    assert len(ITEM) == at
    assert found(heif_of(item(3, b"Exif", *extents), content=content)) == [("exif", "item 3", EXIF)]


def test_items_in_the_directory_itself_are_found():
    """
    Construction method 1 counts from the box ``idat``.
    """
    first, second = (
        item(1, b"Exif", (0, 36), method=1),
        item(2, b"mime", (36, len(XMP)), method=1, mime=b"application/rdf+xml"),
    )
    data = heif_of(first, second, idat=ITEM + XMP)

    assert found(data) == [("exif", "item 1", EXIF), ("xmp", "item 2", XMP)]


def test_a_second_directory_is_named_and_not_read():
    """
    A file has one directory of items; another one is no part of the picture.
    """
    one = heif_of(item(1, b"Exif", (0, 36), method=1), idat=ITEM)

    assert found(one + one) == [("exif", "item 1", EXIF)]
    assert says(one + one, "more than one directory of items")


def test_a_packed_xmp_item_is_unpacked():
    """
    A MIME item says how it is packed.
    """
    content = zlib.compress(XMP)
    infe, place = item(2, b"mime", (AT, len(content)), mime=b"application/rdf+xml")
    packed = box(b"infe", infe[8:-1] + b"deflate\0")

    assert found(heif_of((packed, place), content=content)) == [("xmp", "item 2", XMP)]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (item(1, b"Exif", (9_999_999, 36)), "lies outside the file"),
        (item(1, b"Exif", (AT, 9_999_999)), "lies outside the file"),
        (item(1, b"Exif", (AT, 10)), "start lies outside it"),
        (item(1, b"Exif", (AT, 36), method=2), "not lie in this file itself"),
        (item(1, b"Exif", (AT, 36), elsewhere=1), "not lie in this file itself"),
        (item(1, b"Exif", (0, 36), method=1), "not lie in this file itself"),
        (item(1, b"Exif"), "lies outside the file"),
    ],
)
def test_an_exif_item_that_cannot_be_followed_is_named(wrong, sentence):
    """
    An item outside the file, or not stored in it, is said and not read.
    """
    data = heif_of(wrong, content=ITEM)

    assert found(data) == []
    assert says(data, sentence)


def test_the_size_and_the_turn_are_those_of_the_primary_item():
    """
    Properties of other items, however large, are none of the picture shown; profile and thumbnail are blocks.
    """
    size = [box(b"ispe", struct.pack(">III", 0, *pixels)) for pixels in ((9000, 9000), (640, 480))]
    store = box(b"ipco", b"".join(size) + box(b"irot", b"\x01") + box(b"colr", b"prof" + ICC))
    table = box(b"ipma", struct.pack(">II", 0, 2) + b"\0\x05\x01\x01" + b"\0\x07\x02\x82\x83")
    more = box(b"pitm", struct.pack(">IH", 0, 7)) + box(b"iref", bytes(4) + box(b"thmb", struct.pack(">HHH", 5, 1, 7)))
    data = heif_of(item(5, b"hvc1", (AT, 4)), content=b"tiny", more=more, properties=box(b"iprp", store + table))
    structure = read_structure(data, "image/heic")

    assert (structure.width, structure.height) == (640, 480)
    assert found(data) == [("icc", "colr", ICC), ("thumbnail", "item 5 hvc1", b"tiny")]
    assert values(data)["rotation"] == "90 degrees anticlockwise"


def test_manifest_and_packet_in_uuid_boxes_are_blocks():
    """
    C2PA and XMP have UUIDs of their own; a manifest starts behind its purpose and an offset.
    """
    manifest = box(b"uuid", C2PA_UUID + bytes(4) + b"manifest\0" + bytes(8) + JUMB)
    other = box(b"uuid", bytes(range(16)) + b"x")
    data = film(manifest, box(b"uuid", XMP_UUID + XMP), other)

    assert found(data) == [("c2pa", "uuid manifest", JUMB), ("xmp", "uuid", XMP)]
    assert bytes(range(16)).hex() == values(data)["uuid box"]


def test_the_boxes_of_a_film_are_handed_on_by_their_paths():
    """
    Header, tracks, user data and keys go on as they are; the size is that of the picture track.
    """
    user, keys = box(b"\xa9xyz", b"\0\x08\x15\xc7+1.0+2.0/"), bytes(4) + box(b"keys", bytes(8))
    moov = box(b"mvhd", b"h" * 100) + track() + track(box(b"udta", user), kind=b"soun", coding=b"mp4a")
    moov += box(b"udta", user + box(b"XMP_", XMP)) + box(b"meta", keys)
    data = film(box(b"moov", moov), box(b"mdat", b"frames"))

    handed = {where: content for kind, where, content in found(data) if kind == "quicktime"}
    assert list(handed) == [
        "moov/mvhd",
        "moov/trak 1/tkhd",
        "moov/trak 1/mdia/mdhd",
        "moov/trak 2/tkhd",
        "moov/trak 2/mdia/mdhd",
        "moov/trak 2/udta",
        "moov/udta",
        "moov/meta",
    ]
    assert (b"h" * 100, user, keys) == (handed["moov/mvhd"], handed["moov/trak 2/udta"], handed["moov/meta"])
    assert ("xmp", "moov/udta/XMP_", XMP) in found(data)
    structure = read_structure(data, "video/mp4")
    assert (1920, 1080, len(data), ()) == (structure.width, structure.height, structure.end, structure.problems)
    assert values(data)["trak 2"] == "soun mp4a"


def test_a_film_whose_last_box_claims_more_is_cut_short():
    """
    What was found before stays; the film has no end.
    """
    data = film(box(b"moov", box(b"mvhd", b"h" * 100)), box(b"mdat", b"frames"))[:-2]

    assert says(data, "cut short")
    assert found(data) == [("quicktime", "moov/mvhd", b"h" * 100)]


def test_a_broken_directory_does_not_hide_the_other_boxes():
    """
    What stands beside a box that breaks off is read all the same.
    """
    broken = box(b"meta", bytes(4) + box(b"iinf", bytes(6)) + box(b"iloc", b"\0\0\0\0\x44\0\xff\xff"))
    data = film(broken, box(b"uuid", XMP_UUID + XMP), brand=b"heic")

    assert found(data) == [("xmp", "uuid", XMP)]
    assert says(data, "box meta breaks off or contradicts itself: the directory of items is cut short")


@pytest.mark.parametrize("tail", [b"\0\0\0\x10\xff\xd0\x01\x02whatever", b"\0\0\0\x07mdat" + bytes(9)])
def test_bytes_that_are_no_box_end_the_film(tail):
    """
    Neither a type that no box can have nor a length shorter than its own head makes a box.
    """
    data = film(box(b"mdat", b"frames"))

    assert len(data) == read_structure(data + tail, "video/mp4").end


def test_bytes_behind_the_last_box_are_named():
    """
    What has no form of a box is trailing data.
    """
    data = film(box(b"mdat", b"frames"))

    assert values(data + b"secret")["trailing data"] == "6 bytes, text/plain"


def test_the_tiff_blocks_of_a_cr3_file_are_found():
    """
    Each of the four is a bare block under its own name; small pictures start where their JPEG does.
    """
    uuid = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    preview = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
    small = jpeg()
    blocks = b"".join(box(name, EXIF) for name in (b"CMT1", b"CMT2", b"CMT3", b"CMT4"))
    moov = box(b"moov", box(b"uuid", uuid + blocks + box(b"THMB", bytes(16) + small)))
    data = film(moov, box(b"uuid", preview + bytes(8) + box(b"PRVW", bytes(16) + small)), brand=b"crx ")

    assert [("exif", f"CMT{number}", EXIF) for number in (1, 2, 3, 4)] == found(data)[:4]
    assert [("thumbnail", "THMB", small), ("thumbnail", "PRVW", small)] == found(data)[4:]


def test_the_blocks_of_a_jpeg_2000_file_are_found():
    """
    EXIF and IPTC have UUIDs, XMP a UUID or an XML box, the profile a colour box.
    """
    data = jp2(
        box(b"uuid", b"JpgTiffExif->JP2" + EXIF),
        box(b"uuid", bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38") + IPTC),
        box(b"xml ", XMP),
        box(b"xml ", b"<gml/>"),
    )
    structure = read_structure(data, sniff(data))

    assert found(data) == [("exif", "uuid", EXIF), ("iptc", "uuid", IPTC), ("xmp", "xml", XMP)]
    assert (structure.width, structure.height, values(data)["XML box"]) == (64, 48, "<gml/>")
    profile = box(b"jp2h", box(b"colr", b"\x02\0\0" + ICC))
    assert found(jp2(profile)) == [("icc", "jp2h/colr", ICC)]


def test_the_blocks_of_a_jpeg_xl_file_are_found():
    """
    EXIF starts behind its offset, XMP and C2PA have boxes.
    """
    data = jxl(
        box(b"Exif", struct.pack(">I", 2) + b"??" + EXIF),
        box(b"xml ", XMP),
        JUMB,
        box(b"jxlc", b"\xff\x0a\x4f\x00" + bytes(12)),
    )

    assert found(data) == [("exif", "Exif", EXIF), ("xmp", "xml", XMP), ("c2pa", "jumb", JUMB)]


@pytest.mark.parametrize("head", [b"Exif\0\0", b""], ids=["mark", "bare"])
def test_exif_in_a_jpeg_xl_file_without_its_offset_is_found(head):
    """
    Some programs write the block as JPEG has it, or bare; neither can be taken for an offset inside the box.
    """
    assert found(jxl(box(b"Exif", head + EXIF), packed(b"Exif", head + EXIF))) == [
        ("exif", "Exif", EXIF),
        ("exif", "brob Exif", EXIF),
    ]


def packed(kind, content):
    return box(b"brob", kind + brotli.compress(content))


def test_what_is_compressed_in_a_jpeg_xl_file_is_found():
    """
    The reference encoder compresses EXIF, XMP and C2PA with Brotli; such blocks cite no bytes.
    """
    whole = [packed(b"Exif", struct.pack(">I", 2) + b"??" + EXIF), packed(b"xml ", XMP), packed(b"jumb", JUMB[8:])]

    assert found(jxl(*whole)) == [
        ("exif", "brob Exif", EXIF),
        ("xmp", "brob xml", XMP),
        ("c2pa", "brob jumb", JUMB),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"xml " + b"\xff" * 20, "compressed content of the box xml is damaged"),
        (b"xml " + brotli.compress(b"word " * 99)[:-3], "breaks off"),
        (b"xml " + brotli.compress(bytes(LARGEST_INFLATED + 1)), "is larger than"),
        (b"Exif" + brotli.compress(struct.pack(">I", 9) + EXIF[:4]), "its start lies outside it"),
        (b"Exif" + brotli.compress(bytes(1)), "its start lies outside it"),
    ],
    ids=["damaged", "cut", "bomb", "far", "short"],
)
def test_a_compressed_box_that_lies_is_named(content, sentence):
    """
    Damage, and more than the limit, are said.
    """
    assert says(jxl(box(b"brob", content)), sentence)


@pytest.mark.parametrize(
    ("unpack", "packed"),
    [(compression.unbrotli, brotli.compress(bytes(5_000_000))), (compression.inflate, zlib.compress(bytes(5_000_000)))],
    ids=["brotli", "zlib"],
)
def test_unpacking_stops_soon_after_the_limit(unpack, packed):
    """
    What is larger than the limit is never whole in memory.
    """
    content, whole = unpack(packed, 100_000)

    assert 100_000 < len(content) < 1_000_000
    assert not whole


def test_a_compressed_box_is_named_where_brotli_is_not_installed(monkeypatch):
    """
    The reader says what it could not read, and what would read it.
    """
    monkeypatch.setattr(jpegxl, "KNOWS_BROTLI", False)
    data = jxl(packed(b"xml ", XMP))

    assert found(data) == []
    assert says(data, "type xml is compressed with Brotli")


@pytest.mark.parametrize(
    ("codestream", "size"),
    [
        ((1 | 7 << 1 | 1 << 6).to_bytes(4, "little"), (64, 64)),
        ((0 | 0 << 1 | 479 << 3 | 0 << 12 | 0 << 15 | 511 << 17).to_bytes(8, "little"), (512, 480)),
    ],
)
def test_the_size_of_a_bare_codestream_is_read(codestream, size):
    """
    A JPEG XL codestream without boxes starts with its size, in bits.
    """
    structure = read_structure(b"\xff\x0a" + codestream, "image/jxl")

    assert size == (structure.width, structure.height)
