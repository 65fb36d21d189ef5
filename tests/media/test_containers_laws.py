"""Laws of every container: nothing is raised, every block lies in the file, hostile files cost little."""

import mmap
import struct
import zlib

import pytest
from container_builders import (
    C2PA_UUID,
    EXIF,
    HEIF_CONTENT_AT,
    ICC,
    IPTC,
    JUMB,
    MRW_SIZE,
    XMP,
    XMP_UUID,
    application,
    big_tiff,
    chunk,
    extended_xmp,
    exv,
    film,
    gif,
    gif_xmp,
    heif_of,
    hexadecimal,
    icc_segments,
    item,
    jp2,
    jpeg,
    jumbf_segments,
    jxl,
    marked,
    mrw,
    pdf,
    png,
    postscript,
    psd,
    raf,
    raw_profile,
    resource,
    rw2,
    segment,
    track,
    webp,
    with_afcp,
    x3f,
    xmp_segment,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from media_builders import box, tiff

from osint.media import blocks, identity
from osint.media.containers import read_structure
from osint.media.containers.structure import MOST_BLOCKS, MOST_PIECES, MOST_PROBLEMS, MOST_STEPS, MOST_VALUES
from osint.media.value import LONGEST_TEXT

FILM = film(box(b"moov", box(b"mvhd", bytes(100)) + track() + box(b"udta", bytes(20))), box(b"uuid", XMP_UUID + XMP))
SAMPLES = {
    "image/jpeg": jpeg(
        segment(0xE1, b"Exif\0\0" + EXIF),
        xmp_segment(),
        *extended_xmp(b"<rdf>" + b"x" * 90, [(0, 60), (60, 35)]),
        *icc_segments(ICC, 1, 2, count=2),
        *jumbf_segments(JUMB, 1, 2, 3, 4),
        segment(0xED, b"Photoshop 3.0\0" + resource(0x0404, IPTC) + resource(0x0422, EXIF)),
        segment(0xE2, b"MPF\0" + tiff((0xB002, 7, 32, 26), extra=bytes(16) + struct.pack("<III4x", 0, 200, 900))),
        tail=FILM,
    ),
    "image/png": png(
        chunk(b"eXIf", EXIF),
        chunk(b"tEXt", b"Raw profile type iptc\0" + raw_profile(b"iptc", resource(0x0404, IPTC))),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
        chunk(b"tIME", bytes(7)),
        tail=b"tail",
    ),
    "image/webp": webp((b"EXIF", EXIF), (b"XMP ", XMP), (b"ICCP", ICC), flags=0x2C),
    "image/gif": gif(gif_xmp(), b"\x21\xfe\x05hello\0"),
    "image/tiff": with_afcp(tiff((700, 7, len(XMP), 38), (0x014A, 4, 1, 8), extra=XMP), (b"IPTC", IPTC)),
    "image/heic": heif_of(
        item(1, b"Exif", (HEIF_CONTENT_AT, 10), (HEIF_CONTENT_AT + 10, 26)),
        item(2, b"mime", (0, len(XMP)), method=1, mime=b"application/rdf+xml"),
        content=struct.pack(">I", 6) + b"Exif\0\0" + EXIF,
        idat=XMP,
        more=box(b"pitm", bytes(6)) + box(b"iref", bytes(4) + box(b"thmb", struct.pack(">HHH", 1, 1, 2))),
        properties=box(b"iprp", box(b"ipco", box(b"ispe", bytes(12))) + box(b"ipma", bytes(8))),
    ),
    "video/mp4": FILM,
    "image/vnd.adobe.photoshop": psd(resource(0x0422, EXIF), resource(0x0424, XMP)),
    "image/x-fuji-raf": raf(jpeg(segment(0xE1, b"Exif\0\0" + EXIF))),
    "image/jp2": jp2(
        box(b"uuid", b"JpgTiffExif->JP2" + EXIF), box(b"uuid", C2PA_UUID + bytes(4) + b"manifest\0" + JUMB)
    ),
    "image/jxl": jxl(box(b"Exif", bytes(4) + EXIF), box(b"jxlc", b"\xff\x0a\x4f\0")),
    "application/pdf": pdf(b"7 0 obj << /Title (one) >> endobj", b"<?xpacket begin" + XMP + b"<?xpacket end?>"),
    "image/x-panasonic-rw2": rw2(jpeg(segment(0xE1, b"Exif\0\0" + EXIF))),
    "image/x-minolta-mrw": mrw((b"\0TTW", EXIF), MRW_SIZE),
    "image/x-sigma-x3f": x3f(jpeg(segment(0xE1, b"Exif\0\0" + EXIF))),
    "image/x-exv": exv(segment(0xE1, b"Exif\0\0" + EXIF)),
    "application/postscript": postscript(
        hexadecimal(b"%BeginPhotoshop:", resource(0x0422, EXIF), b"%EndPhotoshop"),
        hexadecimal(b"%%BeginICCProfile:", ICC, b"%%EndICCProfile"),
        preview=tiff((700, 7, len(XMP), 26), extra=XMP),
    ),
}
SAMPLES["image/vnd.ms-photo"] = marked(b"II\xbc\x01", SAMPLES["image/tiff"])
SAMPLES["image/x-canon-cr2"] = big_tiff((700, 1, len(XMP), (52).to_bytes(8, "little"))) + XMP


REPEATED = 200_000  # bytes: many times the parts that any format may have


def mutated(draw, sample):
    changed = bytearray(sample)
    for _ in range(draw(st.integers(1, 12))):
        at = draw(st.integers(0, len(changed) - 1))
        changed[at] = draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]) | st.integers(0, 255))
    return bytes(changed[: draw(st.integers(0, len(changed))) or None])


def check(data, media_type):
    structure = read_structure(data, media_type)
    for block in structure.blocks:
        assert block.kind in blocks.Kind.__args__
        assert block.pieces
        assert all(start >= 0 and length > 0 and start + length <= len(data) for start, length in block.pieces)
        assert len(block.read(data)) == (
            sum(length for _, length in block.pieces) if block.decoded is None else len(block.decoded)
        )
    for value in structure.values:
        assert len(value.text) <= LONGEST_TEXT
        if value.byte_start is not None:
            assert 0 <= value.byte_start <= value.byte_start + value.byte_length <= len(data)
    assert structure.end is None or 0 < structure.end <= len(data)
    assert len(structure.blocks) <= MOST_BLOCKS
    assert len(structure.values) <= MOST_VALUES
    assert len(structure.problems) <= MOST_PROBLEMS
    return structure


@pytest.mark.parametrize("media_type", SAMPLES)
def test_the_samples_hold_blocks_to_be_mutated(media_type):
    """
    The law below would prove little on files in which nothing is found.
    """
    assert check(SAMPLES[media_type], media_type).blocks


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_change_of_a_file_raises_or_leads_outside_it(data):
    """
    Whatever is changed or cut off, every block and every cited byte lies inside the file.
    """
    media_type = data.draw(st.sampled_from(list(SAMPLES)))

    check(mutated(data.draw, SAMPLES[media_type]), media_type)


@pytest.mark.exhaustive
@settings(max_examples=200, deadline=None)
@given(st.data())
@pytest.mark.parametrize("media_type", SAMPLES)
def test_no_change_of_a_file_of_any_type_raises_or_leads_outside_it(media_type, data):
    """
    The same, two hundred times over each type.
    """
    check(mutated(data.draw, SAMPLES[media_type]), media_type)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(SAMPLES)), st.binary(max_size=300))
def test_no_bytes_at_all_raise(media_type, content):
    """
    Any bytes may come under any type, whole or behind an honest start.
    """
    check(content, media_type)
    check(SAMPLES[media_type][:40] + content, media_type)


@pytest.mark.parametrize("media_type", SAMPLES)
def test_a_mapped_file_reads_like_bytes(media_type, tmp_path):
    """
    A file that is mapped and not loaded gives the same.
    """
    file = tmp_path / "file"
    file.write_bytes(SAMPLES[media_type])

    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert read_structure(SAMPLES[media_type], media_type) == read_structure(mapped, media_type)


def test_a_type_that_is_not_read_shows_nothing():
    """
    Text has no structure here.
    """
    assert read_structure(b"text", "text/plain") == read_structure(b"", "text/plain")
    assert read_structure(b"text", "text/plain").problems == ()


def test_hostile_blocks_that_share_their_bytes_are_bounded():
    """
    Items that all name the same bytes cannot make more of them than a few times the file.
    """
    size = 50_000
    items = [item(number, b"mime", (HEIF_CONTENT_AT, size), mime=b"application/rdf+xml") for number in range(1, 400)]
    data = heif_of(*items, content=bytes(size))
    structure = check(data, "image/heic")

    assert sum(len(block.read(data)) for block in structure.blocks) <= 4 * len(data) + 65_536
    assert any("more blocks of metadata than it can hold" in problem for problem in structure.problems)


def test_hostile_pictures_that_share_their_bytes_are_bounded():
    """
    A list of further pictures that each reach to the end of the file cannot multiply the work.
    """
    entries = b"".join(struct.pack("<III4x", 0, 60_000, 4000 + 4 * number) for number in range(100))
    directory = b"MPF\0" + tiff((0xB002, 7, len(entries), 26), extra=entries)
    data = (b"\xff\xd8" + segment(0xE2, directory)).ljust(4000, b"\0") + b"\xff\xd8\xff\xd8" * 20_000
    structure = check(data, "image/jpeg")
    read = [value for value in structure.values if value.name == "segments" and value.group.startswith("MPF picture")]

    assert 1 <= len(read) <= 5
    assert any("more files inside it than it can hold" in problem for problem in structure.problems)


def test_hostile_references_to_one_item_are_followed_once():
    """
    Thousands of references to a thumbnail in thousands of pieces give the one block.
    """
    many = item(1, b"hvc1", *[(HEIF_CONTENT_AT, 1)] * 5000)
    more = box(b"iref", bytes(4) + box(b"thmb", struct.pack(">HHH", 1, 1, 2)) * 5000)

    assert len(check(heif_of(many, content=b"tiny", more=more), "image/heic").blocks) == 1


def test_hostile_damaged_compression_is_bounded():
    """
    Items that name the same damaged bytes are not unpacked one after the other.
    """
    infe, _ = item(1, b"mime", mime=b"application/rdf+xml")
    size = 4 * 2**20
    items = []
    for number in range(1, 60):
        _, place = item(number, b"mime", (HEIF_CONTENT_AT, size))
        items.append((box(b"infe", infe[8:12] + struct.pack(">H", number) + infe[14:-1] + b"deflate\0"), place))
    data = heif_of(*items, content=zlib.compress(b"start" * 9)[:-4] + b"\xff" * size)

    assert any("no more is unpacked" in problem for problem in check(data, "image/heic").problems)


@pytest.mark.parametrize(
    ("media_type", "head", "filler"),
    [
        ("image/jpeg", b"\xff\xd8\xff", b"\xff\xe1\0\x02"),
        ("image/png", png()[:33], chunk(b"tEXt", b"a\0b")),
        ("image/webp", b"RIFF\xff\xff\xff\xffWEBP", b"EXIF\x02\0\0\0xx"),
        ("image/gif", b"GIF89a\x08\0\x08\0\0\0\0", b"\x21\xfe\0"),
        ("video/mp4", b"", box(b"moov", box(b"trak", b""))),
        ("image/heic", b"", box(b"meta", bytes(4))),
        ("application/pdf", b"%PDF-1.7", b"<?xpacket begin"),
        ("application/pdf", b"%PDF-1.7", b"/Info 1 0 R 1 0 obj /Title ("),
        ("image/vnd.adobe.photoshop", psd()[:26] + bytes(4) + b"\0\xff\xff\xff", resource(0x0404, b"")),
        ("application/postscript", b"%!PS", b"%BeginPhotoshop:\n8\n%EndPhotoshop"),
        ("image/x-minolta-mrw", b"\0MRM\xff\xff\xff\xff", b"\0TTW" + bytes(4)),
    ],
)
def test_hostile_repetition_costs_little(media_type, head, filler):
    """
    The smallest part of any format over and over is walked through once, and what it gives is bounded.
    """
    data = head + filler * (REPEATED // len(filler))

    assert check(data, media_type).problems


def test_hostile_parts_without_number_end_the_walk():
    """
    A picture of more parts than any has is not followed to its end.
    """
    data = b"GIF89a\x08\0\x08\0\0\0\0\x21\xfe" + b"\x01x" * (MOST_STEPS + 1) + b"\0;"

    assert any("has more than 500000 parts" in problem for problem in check(data, "image/gif").problems)


def test_hostile_pieces_without_number_are_bounded():
    """
    A profile in more pieces than any has is not handed on.
    """
    data = gif(application(b"ICCRGBG1012", *[b"x"] * (MOST_PIECES + 1)))

    assert check(data, "image/gif").blocks == ()
    assert check(gif(application(b"ICCRGBG1012", *[b"x"] * 100)), "image/gif").blocks


def test_hostile_problems_without_number_are_bounded():
    """
    A file in which everything is wrong gives a list that can be read.
    """
    wrong = [extended_xmp(b"x" * 90, [(0, 10)], guid=f"{number:032d}")[0] for number in range(MOST_PROBLEMS)]

    assert len(check(jpeg(*wrong), "image/jpeg").problems) == MOST_PROBLEMS


def test_hostile_tracks_and_pictures_without_number_are_bounded():
    """
    The first of many tracks, and of many further pictures, are read, and the number is named.
    """
    movie = check(film(box(b"moov", track() * 70)), "video/mp4")
    many = tiff((0xB002, 7, 16 * 5000, 26), extra=bytes(80_000))
    album = check(b"\xff\xd8" + segment(0xE2, b"MPF\0" + many[:60_000]) + bytes(80_000), "image/jpeg")

    assert len([block for block in movie.blocks if block.where.endswith("tkhd")]) == 64
    assert any("70 tracks" in problem for problem in movie.problems)
    assert [value.name for value in album.values if value.group == "MPF"][-1] == "MPF picture 100"
    assert any("5000 further pictures" in problem for problem in album.problems)


def test_files_inside_files_inside_files_end():
    """
    A file behind a file is followed three times, and one that is listed twice is read once.
    """
    inner = jpeg(segment(0xE1, b"Exif\0\0" + EXIF))
    entries = struct.pack("<III4x", 0, len(inner), 100) * 2
    listed = (b"\xff\xd8" + segment(0xE2, b"MPF\0" + tiff((0xB002, 7, 32, 26), extra=entries))).ljust(
        110, b"\0"
    ) + inner

    assert [block.where for block in check(inner * 6, "image/jpeg").blocks] == [
        "APP1",
        "trailing/APP1",
        "trailing/trailing/APP1",
        "trailing/trailing/trailing/APP1",
    ]
    assert [block.where for block in check(listed, "image/jpeg").blocks].count("MPF picture 1/APP1") == 1
    assert not any(block.where.startswith("MPF picture 2") for block in check(listed, "image/jpeg").blocks)


@pytest.mark.parametrize("length", [0, 1, 2, 7, 0x7FFFFFFF, 0xFFFFFFFF])
def test_boxes_of_impossible_length_end_the_walk(length):
    """
    Zero, tiny and huge lengths are followed nowhere.
    """
    data = film() + struct.pack(">I4s", length, b"moov") + bytes(20)

    check(data, "video/mp4")
    check(film() + struct.pack(">I4sQ", 1, b"moov", length << 31) + bytes(20), "video/mp4")


@pytest.mark.parametrize("media_type", SAMPLES)
def test_identity_knows_every_type_that_is_read(media_type):
    """
    The reader of a type is reached from the first bytes of a file.
    """
    expected = "image/tiff" if media_type == "image/x-canon-cr2" else media_type

    assert expected == identity.sniff(SAMPLES[media_type])
