"""TIFF, PSD, RAF and PDF: blocks are found behind tags, resources and offsets, and what was not read is said."""

import struct

import pytest
from container_builders import EXIF, ICC, IPTC, JUMB, XMP, big_tiff, jpeg, pdf, psd, raf, resource, segment
from media_builders import MAKE, gps, photo, tiff

from osint.media.containers import pdf as pdf_reader
from osint.media.containers import read_structure
from osint.media.description import describe


def found(data, media_type):
    return [(block.kind, block.where, block.read(data)) for block in read_structure(data, media_type).blocks]


def values(data, media_type):
    return {value.name: value for value in read_structure(data, media_type).values}


def says(data, media_type, sentence):
    return any(sentence in problem for problem in read_structure(data, media_type).problems)


def test_the_blocks_behind_tiff_tags_are_found():
    """
    The file itself is the EXIF block; XMP, IPTC, Photoshop resources and profile lie behind their tags.
    """
    resources = resource(0x0404, IPTC)
    start = 8 + 2 + 6 * 12 + 4
    parts = [XMP, IPTC, resources, ICC]
    entries = [(0x0100, 3, 1, 64), (0x0101, 3, 1, 48)]
    for tag, content in zip((700, 33723, 34377, 34675), parts, strict=True):
        entries.append((tag, 7, len(content), start))
        start += len(content)
    data = tiff(*entries, extra=b"".join(parts))
    structure = read_structure(data, "image/tiff")

    assert [
        ("exif", "TIFF", data),
        ("xmp", "IFD0 tag 700", XMP),
        ("iptc", "IFD0 tag 33723", IPTC),
        ("photoshop", "IFD0 tag 34377", resources),
        ("iptc", "IFD0 tag 34377 0x0404", IPTC),
        ("icc", "IFD0 tag 34675", ICC),
    ] == found(data, "image/tiff")
    assert (structure.width, structure.height, structure.problems) == (64, 48, ())


def test_a_raw_file_has_the_size_of_its_full_picture():
    """
    A first directory that calls itself a reduced version does not give the size when its part is the full one.
    """
    full = struct.pack("<H", 2) + struct.pack("<HHIIHHII", 0x0100, 4, 1, 6000, 0x0101, 4, 1, 4000) + bytes(4)
    entries = [(0x00FE, 4, 1, 1), (0x0100, 3, 1, 160), (0x0101, 3, 1, 120), (0x014A, 4, 1, 62)]
    structure = read_structure(tiff(*entries, extra=full), "image/tiff")

    assert (structure.width, structure.height) == (6000, 4000)


def test_a_bigtiff_file_is_handed_on_as_such():
    """
    BigTIFF counts with eight bytes; its blocks are found like those of TIFF.
    """
    start = 16 + 8 + 3 * 20 + 8
    number = (64).to_bytes(8, "little")
    entries = [(0x0100, 16, 1, number), (0x0101, 16, 1, number), (700, 1, len(XMP), start.to_bytes(8, "little"))]
    data = big_tiff(*entries) + XMP
    structure = read_structure(data, "image/tiff")

    assert [("exif", "BigTIFF", data), ("xmp", "IFD0 tag 700", XMP)] == found(data, "image/tiff")
    assert (structure.width, structure.height) == (64, 64)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (tiff((700, 7, 500, 5000)), "XMP block is announced, but lies outside the file"),
        (b"II*\0\x08\0\0\0\xff\xff", "has more than 10000 entries"),
        (b"II*\0\xf8\xff\xff\xff", "ends where more is announced"),
        (b"II*\0\x08\0", "breaks off"),
        (tiff((0x014A, 4, 0x7FFFFFFF, 8)), "names 2147483647 parts"),
        (tiff((0x014A, 4, 9, 9000)), "directory IFD0 breaks off"),
    ],
)
def test_a_tiff_directory_that_lies_is_named(data, sentence):
    """
    A directory, or a value, outside the file is said.
    """
    assert says(data, "image/tiff", sentence)


def test_hostile_directories_without_number_are_bounded():
    """
    A chain of directories is followed for as long as any file has them, and the rest is named.
    """
    entry = struct.pack("<HHI4s", 700, 7, 4, b"xmp ")
    chain = [struct.pack("<H", 1) + entry + struct.pack("<I", 8 + 18 * number) for number in range(1, 71)]
    data = b"II*\0" + struct.pack("<I", 8) + b"".join(chain)

    assert len(found(data, "image/tiff")) == 1 + 64
    assert says(data, "image/tiff", "more than 64 directories")


def test_what_a_broken_directory_holds_before_the_break_is_found():
    """
    A directory that announces more entries than the file has gives those that are there.
    """
    data = tiff((700, 7, 4, b"xmp "))[:22].replace(b"\x01\0\xbc\x02", b"\x09\0\xbc\x02")

    assert [where for _, where, _ in found(data, "image/tiff")] == ["TIFF", "IFD0 tag 700"]
    assert says(data, "image/tiff", "IFD0 was not read whole")


def test_a_chain_of_directories_that_leads_back_ends():
    """
    Each directory is visited once.
    """
    data = tiff((700, 7, 4, b"xmp "), next_directory=8)

    assert [where for _, where, _ in found(data, "image/tiff")] == ["TIFF", "IFD0 tag 700"]


def test_the_resources_of_a_photoshop_document_give_their_blocks():
    """
    The resources are one block, and EXIF, XMP, profile and thumbnail in them are blocks of their own.
    """
    small = jpeg()
    parts = [resource(0x0422, EXIF), resource(0x0424, XMP), resource(0x040F, ICC)]
    parts.append(resource(0x040C, struct.pack(">I", 1) + bytes(24) + small))
    data = psd(*parts)
    structure = read_structure(data, "image/vnd.adobe.photoshop")

    assert [
        ("photoshop", "image resources", b"".join(parts)),
        ("exif", "image resources 0x0422", EXIF),
        ("xmp", "image resources 0x0424", XMP),
        ("icc", "image resources 0x040F", ICC),
        ("thumbnail", "image resources 0x040C", small),
    ] == found(data, "image/vnd.adobe.photoshop")
    assert (structure.width, structure.height) == (64, 48)
    assert says(data[:-60], "image/vnd.adobe.photoshop", "the file ends before they do")


def test_the_picture_inside_a_raf_file_gives_its_blocks():
    """
    EXIF comes from the JPEG picture inside, the size from the raw data.
    """
    data = raf(jpeg(segment(0xE1, b"Exif\0\0" + EXIF)))
    structure = read_structure(data, "image/x-fuji-raf")

    assert found(data, "image/x-fuji-raf") == [("exif", "JPEG/APP1", EXIF)]
    assert (structure.width, structure.height) == (640, 480)
    assert says(raf(b"none"), "image/x-fuji-raf", "does not lie where the header says")


PACKET = b"<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>" + XMP + b"<?xpacket end='w'?>"


def test_open_packets_and_texts_of_a_document_are_found():
    """
    Every XMP packet is a block; texts in either spelling are values with their bytes.
    """
    info = b"7 0 obj << /Title (A \\(small\\) \\101) /Author <FEFF017C> /Producer (P) /CreationDate (D:2026) >> endobj"
    data = pdf(b"5 0 obj stream\n" + PACKET + b"\nendstream endobj", info)
    stated = values(data, "application/pdf")

    assert found(data, "application/pdf") == [("xmp", "xpacket", PACKET)]
    assert (stated["Title"].text, stated["Title"].fact) == ("A (small) A", "title")
    assert (stated["Author"].text, stated["Producer"].text, stated["CreationDate"].text) == ("ż", "P", "D:2026")
    title = stated["Title"]
    assert data[title.byte_start : title.byte_start + title.byte_length] == rb"(A \(small\) \101)"
    assert (stated["saved states"].text, stated["version"].text) == ("1", "1.7")


def test_the_manifest_in_a_document_is_found():
    """
    A C2PA manifest in an embedded file is a block where it stands open, and named where it does not.
    """
    open_file = pdf(b"8 0 obj << /AFRelationship /C2PA_Manifest >> stream\n" + JUMB + b"\nendstream endobj", info=b"")

    assert found(open_file, "application/pdf") == [("c2pa", "embedded file", JUMB)]
    assert says(open_file.replace(b"jumd", b"\0\0\0\0"), "application/pdf", "C2PA manifest that is compressed")


def test_a_document_that_was_saved_again_keeps_both_states():
    """
    An update leaves the former information in the file; both are read.
    """
    data = pdf(b"7 0 obj << /Title (first) >> endobj") + pdf(b"7 0 obj << /Title (second) >> endobj")[9:]
    titles = [value.text for value in read_structure(data, "application/pdf").values if value.name == "Title"]

    assert titles == ["first", "second"]
    assert values(data, "application/pdf")["saved states"].text == "2"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (pdf(info=b"/Encrypt 3 0 R /Info 7 0 R"), "is encrypted"),
        (pdf(b"9 0 obj << /Type /ObjStm >> endobj"), "compressed streams"),
        (pdf(), "stands in a compressed stream, or is missing"),
        (pdf(b"7 0 obj << /Title (no end >> endobj"), "has no end"),
        (pdf(PACKET[:-19]), "XMP packet has no end"),
        (pdf()[:-6], "cut short"),
    ],
)
def test_what_was_not_read_of_a_document_is_said(data, sentence):
    """
    Encryption, compression and damage are named.
    """
    assert says(data, "application/pdf", sentence)


@pytest.mark.parametrize(
    ("data", "media_type", "sentence"),
    [
        (psd(*[resource(0x03ED, b"x")] * 2001), "image/vnd.adobe.photoshop", "more than 2000 Photoshop resources"),
        (pdf(PACKET * 101), "application/pdf", "more than 100 XMP packets"),
        (pdf(info=b"/Info 7 0 R " * 21), "application/pdf", "names its information more than 20 times"),
        (pdf(*[b"7 0 obj << /Title (x) >> endobj"] * 21), "application/pdf", "in more than 20 versions"),
    ],
)
def test_hostile_numbers_of_parts_are_bounded(data, media_type, sentence):
    """
    Past a limit the rest is not read, and that is said.
    """
    assert says(data, media_type, sentence)


def picture(name=MAKE, made="Acme"):
    """Return an object of a document that shows a JPEG file with a position."""
    data = photo(image={name: made}, gps=gps())
    return b"5 0 obj << /Subtype /Image /Filter /DCTDecode >> stream\r\n" + data + b"\nendstream endobj"


def test_exif_of_a_picture_in_a_document_is_told_as_the_pictures_own():
    """
    Each tag once, with its bytes, under the picture it is of; no fact, camera or position of the document.
    """
    plain = b"6 0 obj << /Filter /DCTDecode >> stream\n" + photo() + b"\nendstream endobj"
    data = pdf(picture(made="Acme"), plain, picture(made="Other"), b"7 0 obj << /Title (x) >> endobj")

    facts = describe(data)
    told = [each for each in facts.values if each.block == "EXIF"]

    makers = [(each.group, each.text) for each in told if each.name == "Make"]
    assert makers == [("picture 1/Image", "Acme"), ("picture 2/Image", "Other")]
    assert len({(each.group, each.tag_id) for each in told}) == len(told)
    assert {"picture 1/GPS", "picture 2/GPS"} <= {each.group for each in told}
    assert {(each.fact, each.value) for each in told} == {(None, None)}
    assert all(data[each.byte_start :][: len(each.text)] == each.text.encode() for each in told if each.name == "Make")
    assert (facts.camera_make, facts.latitude, facts.reader) == (None, None, None)
    assert any("not of the document" in warning for warning in facts.warnings)
    assert not any("breaks off" in warning for warning in facts.warnings)


def test_pictures_in_a_document_are_read_up_to_a_limit(monkeypatch):
    """
    And it is said that there are more; one that is cut short takes no other with it.
    """
    monkeypatch.setattr(pdf_reader, "_MOST_PICTURES", 2)
    cut_short = picture().replace(b"\nendstream", b"")[:400]

    assert says(pdf(picture(), picture(), picture()), "application/pdf", "More than 2 pictures in the document")
    groups = {value.group.partition("/")[0] for value in describe(pdf(cut_short, picture())).values}
    assert "picture 1" in groups
