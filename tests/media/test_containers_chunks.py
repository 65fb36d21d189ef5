"""PNG, WebP and GIF: every block of metadata is found in its chunk or extension; check sums and limits hold."""

import struct
import zlib

import pytest
from container_builders import (
    EXIF,
    ICC,
    IPTC,
    JUMB,
    XMP,
    application,
    chunk,
    gif,
    gif_xmp,
    png,
    raw_profile,
    resource,
    webp,
)

from osint.media.containers import read_structure
from osint.media.containers.structure import LARGEST_INFLATED


def found(data, media_type):
    return [(block.kind, block.where, block.read(data)) for block in read_structure(data, media_type).blocks]


def values(data, media_type):
    return {value.name: value for value in read_structure(data, media_type).values}


def says(data, media_type, sentence):
    return any(sentence in problem for problem in read_structure(data, media_type).problems)


def packed(content):
    return b"\0" + zlib.compress(content)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (b"eXIf", EXIF, ("exif", "eXIf", EXIF)),
        (b"eXIf", b"Exif\0\0" + EXIF, ("exif", "eXIf", EXIF)),
        (b"caBX", JUMB, ("c2pa", "caBX", JUMB)),
        (b"iCCP", b"name\0" + packed(ICC), ("icc", "iCCP", ICC)),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP, ("xmp", "iTXt", XMP)),
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(XMP), ("xmp", "iTXt", XMP)),
        (b"tEXt", b"XML:com.adobe.xmp\0" + XMP, ("xmp", "tEXt", XMP)),
        (b"zTXt", b"XML:com.adobe.xmp\0" + packed(XMP), ("xmp", "zTXt", XMP)),
    ],
)
def test_png_blocks_are_found_in_their_chunks(name, content, expected):
    """
    Each chunk that can hold metadata gives its block, unpacked.
    """
    assert [expected] == found(png(chunk(name, content)), "image/png")


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        (b"exif", b"Exif\0\0" + EXIF, ("exif", EXIF)),
        (b"APP1", b"Exif\0\0" + EXIF, ("exif", EXIF)),
        (b"APP1", b"http://ns.adobe.com/xap/1.0/\0" + XMP, ("xmp", XMP)),
        (b"xmp", XMP, ("xmp", XMP)),
        (b"icc", ICC, ("icc", ICC)),
        (b"iptc", IPTC, ("iptc", IPTC)),
    ],
)
@pytest.mark.parametrize("name", [b"tEXt", b"zTXt"])
def test_profiles_spelt_in_hexadecimal_are_blocks(name, kind, content, expected):
    """
    A text ``Raw profile type`` is decoded, plain or compressed.
    """
    text = raw_profile(kind, content)
    data = png(chunk(name, b"Raw profile type " + kind + b"\0" + (packed(text) if name == b"zTXt" else text)))
    where = f"{name.decode()} Raw profile type {kind.decode()}"

    assert [(expected[0], where, expected[1])] == found(data, "image/png")


def test_photoshop_resources_spelt_in_hexadecimal_give_their_blocks():
    """
    An IPTC profile that holds Photoshop resources gives these and the IPTC block in them.
    """
    content = resource(0x0404, IPTC)
    data = png(chunk(b"tEXt", b"Raw profile type iptc\0" + raw_profile(b"iptc", content)))

    assert [("photoshop", content), ("iptc", IPTC)] == [(kind, read) for kind, _, read in found(data, "image/png")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"Raw profile type exif\0nonsense", "not spelt as a profile"),
        (b"Raw profile type exif\0" + raw_profile(b"exif", EXIF, 7), "states 7 bytes and spells 26"),
        (b"Raw profile type thing\0" + raw_profile(b"thing", EXIF), "of a kind that is not read"),
    ],
)
def test_a_profile_that_is_not_one_is_named(content, sentence):
    """
    A text that only calls itself a profile is said.
    """
    assert says(png(chunk(b"tEXt", content)), "image/png", sentence)


def test_texts_time_and_density_are_values():
    """
    The texts of a PNG file are values by their keywords; those of the standard state facts.
    """
    stated = values(
        png(
            chunk(b"tEXt", b"Software\0Painter"),
            chunk(b"zTXt", b"Comment\0" + packed(b"hello")),
            chunk(b"iTXt", b"Title\0\0\0\0\0" + "żółć".encode()),
            chunk(b"tIME", struct.pack(">H5B", 2026, 5, 3, 14, 22, 11)),
            chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1)),
        ),
        "image/png",
    )

    assert (stated["Software"].fact, stated["Software"].value) == ("software", "Painter")
    assert (stated["Title"].fact, stated["Title"].value) == ("title", "żółć")
    assert (stated["Comment"].text, stated["Comment"].byte_start) == ("hello", None)
    assert stated["last changed"].text == "2026-05-03T14:22:11Z"
    assert stated["density"].text == "2835 x 2835, per metre"
    assert stated["chunks"].text == "IHDR, tEXt, zTXt, iTXt, tIME, pHYs, IDAT, IEND"


def test_long_texts_are_capped():
    """
    A text of any length takes at most 2000 characters, and its digest is over all of it.
    """
    value = values(png(chunk(b"tEXt", b"Title\0" + b"x" * 30_000)), "image/png")["Title"]

    assert (len(value.text), len(value.value), value.byte_length) == (2000, 2000, 30_000)


def test_a_chunk_of_a_wrong_length_is_named():
    """
    A time of three bytes is not made up from the bytes behind it.
    """
    data = png(chunk(b"tIME", b"abc"))

    assert says(data, "image/png", "tIME has not the length of its kind")
    assert "last changed" not in values(data, "image/png")


def test_a_chunk_that_was_changed_is_named():
    """
    A check sum that does not fit names its chunk; one that does says nothing.
    """
    assert says(png(chunk(b"tEXt", b"Title\0x", crc=1)), "image/png", "1 chunks do not match their check sums: tEXt")
    assert read_structure(png(chunk(b"tEXt", b"Title\0x")), "image/png").problems == ()


def test_hostile_compressed_text_is_not_unpacked_past_the_limit():
    """
    A few kilobytes that unpack to more than the limit are refused and named.
    """
    bomb = zlib.compress(bytes(LARGEST_INFLATED + 1))
    data = png(chunk(b"iCCP", b"name\0\0" + bomb))

    assert len(bomb) < 10_000
    assert found(data, "image/png") == []
    assert says(data, "image/png", "larger than 8388608 bytes")


def test_hostile_compressed_texts_share_one_limit():
    """
    Many bombs that each stay under the limit cannot be unpacked one after the other.
    """
    bomb = zlib.compress(bytes(LARGEST_INFLATED))
    data = png(*[chunk(b"zTXt", b"Comment\0\0" + bomb) for _ in range(20)])
    unpacked = [value for value in read_structure(data, "image/png").values if value.name == "Comment"]

    assert len(unpacked) == 7
    assert says(data, "image/png", "no more is unpacked")


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"name\0\0nonsense", "is damaged"), (b"name\0" + packed(ICC * 50)[:-9], "breaks off")]
)
def test_damaged_compression_is_named(content, sentence):
    """
    Compressed content that is damaged or incomplete is said.
    """
    assert says(png(chunk(b"iCCP", content)), "image/png", sentence)


@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_webp_blocks_are_found_in_their_chunks(prefix):
    """
    EXIF is found with and without the six bytes that the specification does not ask for.
    """
    data = webp((b"ICCP", ICC), (b"EXIF", prefix + EXIF), (b"XMP ", XMP), (b"C2PA", JUMB), flags=0x2C)

    assert found(data, "image/webp") == [
        ("icc", "ICCP", ICC),
        ("exif", "EXIF", EXIF),
        ("xmp", "XMP", XMP),
        ("c2pa", "C2PA", JUMB),
    ]
    structure = read_structure(data, "image/webp")
    assert (64, 48, len(data), ()) == (structure.width, structure.height, structure.end, structure.problems)


def test_a_webp_header_that_announces_what_is_not_there_is_named():
    """
    A flag without its chunk is what is left when metadata were taken out.
    """
    assert says(webp(flags=0x08), "image/webp", "announces a chunk EXIF, but there is none")


def test_gif_blocks_are_found_in_their_extensions():
    """
    XMP, profile and C2PA in application extensions are blocks; comment and loop are values.
    """
    data = gif(
        b"\x21\xfe\x05hello\0",
        application(b"NETSCAPE2.0", b"\x01\x00\x00"),
        gif_xmp(),
        application(b"ICCRGBG1012", ICC[:100], ICC[100:]),
        application(b"C2PA_GIF\x01\0\0", JUMB[:50], JUMB[50:]),
    )
    stated = values(data, "image/gif")

    assert [(kind, read) for kind, _, read in found(data, "image/gif")] == [("xmp", XMP), ("icc", ICC), ("c2pa", JUMB)]
    assert (stated["comment"].text, stated["loop"].text, stated["frames"].text) == ("hello", "without end", "1")
    assert len(data) == read_structure(data, "image/gif").end


def test_a_gif_xmp_packet_without_its_trailer_is_named():
    """
    The packet is only found by the trailer that ends it.
    """
    damaged = gif_xmp().replace(b"\x80\x7f\x7e", b"\x80\x7e\x7e")

    assert says(gif(damaged), "image/gif", "XMP extension does not end as it should")


@pytest.mark.parametrize(("build", "media_type"), [(png, "image/png"), (webp, "image/webp"), (gif, "image/gif")])
def test_what_follows_the_end_is_named_by_its_bytes(build, media_type):
    """
    Trailing data is a value with its type.
    """
    data = build(tail=b"PK\x03\x04 archive")

    assert values(data, media_type)["trailing data"].text == "12 bytes, application/zip"
    assert says(build()[:-3], media_type, "cut short" if build is not webp else "breaks off")
