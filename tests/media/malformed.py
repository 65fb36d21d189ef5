"""Media files that lie on purpose: counts, cycles, offsets, overlaps, bombs, truncations. Random bytes find few of these.

:func:`malformed` yields ``(name, bytes)``, the same for the same seed. Each family lies in the words of its own format;
:func:`spoilt` cuts and changes the honest files besides, by the seed.
"""

import io
import random
import struct
import zlib
from collections.abc import Iterator

from media_builders import (
    EXIF_IFD,
    GPS_IFD,
    box,
    gps,
    gps_block,
    heif,
    heif_that_asks_for_4_gib,
    makernote_of_a_thousand_million_values,
    many_pointers_to_one_table,
    photo,
    tiff,
)
from PIL import Image

XMP = b"http://ns.adobe.com/xap/1.0/\0"
EXTREMES = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
XMP_OF_ISO = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def malformed(seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Yield every file: the killers of readers first, then each family of lies, then honest files spoilt."""
    for family in (killers, tiffs, big_tiffs, jpegs, pngs, webps, boxes, photoshop, raws, gifs, pdfs, others):
        yield from family()
    yield from spoilt(seed)


def killers():
    """The files that stopped exifread 3.5.1 for hours or asked it for 4 GiB, and those that ended ExifTool 13.58."""
    yield "killer/makernote-count", makernote_of_a_thousand_million_values()
    yield "killer/999-pointers-to-one-table", many_pointers_to_one_table()
    yield "killer/999-exif-pointers-to-one-table", many_pointers_to_one_table(tag=EXIF_IFD)
    yield "killer/heif-4-gib", heif_that_asks_for_4_gib()
    yield "killer/webp-of-28-bytes", riff(b"EXIF" + struct.pack("<I", 0xFFFFFFFF) + b"MM\0*\0\0\0\x08", stated=11)
    yield "killer/webp-chunk-of-4-gib", riff(b"EXIF" + struct.pack("<I", 0xFFFFFFFE), stated=0xFFFFFFFE)
    yield "killer/121-bytes", struct.pack(">I4sQ", 1, b"ftyp", 0x652D492000000041).ljust(121, b"\0")


def tiffs():
    """Counts that no file holds, directories in circles, offsets outside, values over each other, odd numbers."""
    for kind in range(16):
        for count in EXTREMES:
            yield f"tiff/type-{kind}-count-{count:x}", tiff((0x010F, kind, count, 26), extra=bytes(64))
    for place in EXTREMES:
        yield f"tiff/next-directory-{place:x}", tiff((0x0112, 3, 1, 1), next_directory=place)
        yield f"tiff/first-directory-{place:x}", b"II*\0" + struct.pack("<I", place) + bytes(32)
        for tag in (0x014A, EXIF_IFD, GPS_IFD, 0xA005, 0x927C, 0x02BC, 0x83BB, 0x8649, 0x8773):
            yield f"tiff/pointer-{tag:x}-{place:x}", tiff((tag, 4, 1, place), extra=bytes(16))
    yield "tiff/next-is-itself", tiff((0x0112, 3, 1, 1), next_directory=8)
    for tag in (0x014A, EXIF_IFD, GPS_IFD, 0xA005):
        yield f"tiff/pointer-{tag:x}-to-itself", tiff((tag, 4, 1, 8))
    yield "tiff/two-in-a-circle", tiff((0x0112, 3, 1, 1), next_directory=26, extra=struct.pack("<HI", 0, 8))
    yield "tiff/values-over-each-other", tiff(*((0x010E + n, 2, 60, 8) for n in range(40)))
    yield "tiff/one-tag-a-thousand-times", tiff(*((0x010F, 2, 4, b"Abc\0") for _ in range(1000)))
    yield "tiff/65535-entries-stated", b"II*\0\x08\0\0\0\xff\xff" + bytes(24)
    for tag in (0x014A, EXIF_IFD, GPS_IFD, 0x927C):
        for left in range(1, 12):
            cut = tiff((0x0112, 3, 1, 1), (tag, 4, 21, 0))[: 22 + left]
            yield f"tiff/pointer-{tag:x}-cut-to-{left}", cut
    yield "tiff/chain-of-directories", chain_of_directories(5000)
    for number in (
        b"\xff" * 8,
        bytes(8),
        struct.pack("<II", 2**31, 1),
        struct.pack("<II", 1, 2**31),
        struct.pack("<ii", -1, 0),
    ):
        yield f"tiff/gps-{number.hex()}", gps_block(*[[struct.unpack("<II", number)] * 3] * 2)
        yield f"tiff/signed-gps-{number.hex()}", gps_block(*[[struct.unpack("<II", number)] * 3] * 2, kind=10)
    for kind, value in ((11, struct.pack("<f", float("nan"))), (11, struct.pack("<f", float("inf"))), (12, b"")):
        yield (
            f"tiff/float-{kind}-{value.hex()}",
            tiff((0x829A, kind, 1, value or 26), extra=struct.pack("<d", float("nan"))),
        )
    yield "tiff/big-endian-mark-little-rest", b"MM\0*" + tiff((0x010F, 2, 4, b"Abc\0"))[4:]


def chain_of_directories(count):
    data = bytearray(b"II*\0\x08\0\0\0")
    for number in range(count):
        data += struct.pack("<HHHIII", 1, 0x0112, 3, 1, 1, 8 + 18 * (number + 1))
    return bytes(data)


def big_tiffs():
    """The same lies with 64 bits to tell them in."""
    for count in (0, 1, 2**31, 2**32, 2**63, 2**64 - 1):
        yield f"bigtiff/count-{count:x}", big_tiff((0x010F, 2, count, 40))
        yield f"bigtiff/pointer-{count:x}", big_tiff((EXIF_IFD, 18, 1, count))
        yield f"bigtiff/entries-{count:x}", struct.pack("<2sHHHQQ", b"II", 43, 8, 0, 16, count) + bytes(40)
        yield f"bigtiff/next-{count:x}", big_tiff((0x0112, 3, 1, 1), following=count)
    yield "bigtiff/offsets-of-4-bytes", struct.pack("<2sHHHQ", b"II", 43, 4, 0, 16) + bytes(40)


def big_tiff(*entries, following=0):
    data = struct.pack("<2sHHHQQ", b"II", 43, 8, 0, 16, len(entries))
    return data + b"".join(struct.pack("<HHQQ", *entry) for entry in entries) + struct.pack("<Q", following) + bytes(64)


def jpegs():
    """Segments of no and of too much length, extended XMP that never comes whole, multi-part profiles that lie."""
    plain = photo()
    for marker in (0xC0, 0xC4, 0xDB, 0xDD, 0xE0, 0xE1, 0xE2, 0xEB, 0xED, 0xFE):
        for length in (0, 1, 2, 3, 0xFFFF):
            yield (
                f"jpeg/segment-{marker:x}-length-{length}",
                plain[:2] + struct.pack(">BBH", 0xFF, marker, length) + plain[2:],
            )
    for name, packet in xmp_packets():
        yield f"jpeg/xmp-{name}", jpeg_with(0xE1, XMP + packet)
    guid = b"0" * 32
    for total, place in ((2**32 - 1, 0), (10, 2**32 - 1), (0, 0), (100, 50)):
        extended = b"http://ns.adobe.com/xmp/extension/\0" + guid + struct.pack(">II", total, place) + b"<x/>"
        yield f"jpeg/extended-xmp-{total:x}-{place:x}", jpeg_with(0xE1, extended)
    for number, count in ((0, 0), (1, 255), (255, 1), (2, 1)):
        yield (
            f"jpeg/icc-{number}-of-{count}",
            jpeg_with(0xE2, b"ICC_PROFILE\0" + bytes((number, count)) + icc(2**32 - 1)),
        )
    for name, block in photoshop_blocks():
        yield f"jpeg/photoshop-{name}", jpeg_with(0xED, b"Photoshop 3.0\0" + block)
    for depth in (2, 4000):
        yield f"jpeg/jumbf-{depth}-deep", jpeg_with(0xEB, b"JP\0\1\0\0\0\1" + nested(b"jumb", depth))
    for size in EXTREMES:
        yield f"jpeg/mpf-{size:x}", jpeg_with(0xE2, b"MPF\0" + tiff((0xB001, 4, 1, size), (0xB002, 7, size, 26)))
    yield "jpeg/no-end", plain[:-2]
    yield "jpeg/markers-only", b"\xff\xd8" + b"\xff" * 100_000
    yield "jpeg/10000-empty-segments", plain[:2] + b"\xff\xfe\0\2" * 10_000 + plain[2:]


def jpeg_with(marker, content):
    plain = photo()
    return plain[:2] + struct.pack(">BBH", 0xFF, marker, min(len(content) + 2, 0xFFFF)) + content[:0xFFFD] + plain[2:]


def xmp_packets():
    """Entities that multiply, files and addresses to be fetched, depth without end, text that is not text."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    yield "bomb", f"<!DOCTYPE x [{entities}]><x>&e11;</x>".encode()
    yield "file", b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>'
    yield "address", b'<!DOCTYPE x SYSTEM "http://evil.example/x.dtd"><x/>'
    yield "deep", b"<a>" * 20_000
    yield "wide", b"<a>" + b"<b/>" * 15_000 + b"</a>"
    yield "attributes", b"<a " + b" ".join(b'a%d="x"' % n for n in range(6000)) + b"/>"
    yield "namespaces", b"<a " + b" ".join(b'xmlns:a%d="urn:x"' % n for n in range(3000)) + b"/>"
    yield "not-text", b"\xff\xfe<\0x\0>\0" + b"\xd8\0" * 50
    yield "unclosed", b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF"
    yield "spaces", b" " * 60_000


def pngs():
    """Chunks that lie about length and check sum, and text that unpacks to a thousand times its size."""
    head, tail = photo(form="PNG")[:33], chunk(b"IEND", b"")
    for name in (b"eXIf", b"iTXt", b"tEXt", b"zTXt", b"iCCP", b"tIME", b"caBX", b"IDAT"):
        for length in EXTREMES:
            yield f"png/{name.decode()}-length-{length:x}", head + struct.pack(">I4s", length, name) + bytes(20) + tail
    bomb = zlib.compress(bytes(30_000_000), 9)
    yield "png/ztxt-bomb", head + chunk(b"zTXt", b"Comment\0\0" + bomb) + tail
    yield "png/itxt-bomb", head + chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + bomb) + tail
    yield "png/iccp-bomb", head + chunk(b"iCCP", b"icc\0\0" + bomb) + tail
    raw = b"\nexif\n" + b"%d\n" % 2**63 + b"zz" * 100
    yield "png/raw-profile-that-lies", head + chunk(b"tEXt", b"Raw profile type exif\0" + raw) + tail
    for name, packet in xmp_packets():
        yield f"png/xmp-{name}", head + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet) + tail
    yield "png/20000-chunks", head + chunk(b"tEXt", b"a\0b") * 20_000 + tail
    yield "png/wrong-sum", head + chunk(b"eXIf", tiff((0x010F, 2, 4, b"Abc\0")))[:-4] + bytes(4) + tail


def chunk(name, content):
    return struct.pack(">I4s", len(content), name) + content + struct.pack(">I", zlib.crc32(name + content))


def webps():
    """RIFF sizes that disagree with the file, with their chunks, and with each other."""
    for size in EXTREMES:
        yield f"webp/riff-size-{size:x}", riff(b"VP8 " + struct.pack("<I", 10) + bytes(10), stated=size)
        for name in (b"EXIF", b"XMP ", b"ICCP", b"VP8X", b"VP8L", b"ANMF"):
            yield f"webp/{name.decode().strip()}-size-{size:x}", riff(name + struct.pack("<I", size) + bytes(9))
    yield "webp/exif-with-prefix", webp((b"EXIF", b"Exif\0\0" + tiff((EXIF_IFD, 4, 1, 8))))
    yield "webp/20000-chunks", webp(*[(b"XMP ", b"")] * 20_000)


def webp(*chunks):
    return riff(b"".join(name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks))


def riff(content, *, stated=None):
    return b"RIFF" + struct.pack("<I", len(content) + 4 if stated is None else stated) + b"WEBP" + content


def boxes():
    """HEIF, MP4, QuickTime, JPEG 2000 and CR3 in boxes: nested without end, of no size, of 64 bits, of other extents."""
    brands = {"heif": b"heic", "avif": b"avif", "mp4": b"isom", "mov": b"qt  ", "cr3": b"crx "}
    starts = {name: box(b"ftyp", brand + bytes(4) + brand) for name, brand in brands.items()}
    starts["jp2"] = box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 " + bytes(4) + b"jp2 ")
    for name, start in starts.items():
        for kind in (b"moov", b"meta", b"uuid", b"jp2h", b"udta", b"mdat"):
            for size in (0, 1, 7, 0x7FFFFFFF, 0xFFFFFFFF):
                yield f"{name}/{kind.decode()}-size-{size:x}", start + struct.pack(">I4s", size, kind) + bytes(24)
            for size in (0, 15, 2**63, 2**64 - 1):
                yield (
                    f"{name}/{kind.decode()}-long-size-{size:x}",
                    start + struct.pack(">I4sQ", 1, kind, size) + bytes(24),
                )
        for kind in (b"moov", b"meta", b"jumb", b"uuid", b"udta"):
            yield f"{name}/{kind.decode()}-2000-deep", start + nested(kind, 2000)
        yield f"{name}/20000-boxes", start + box(b"free", b"") * 20_000
        for number, packet in xmp_packets():
            yield f"{name}/xmp-{number}", start + box(b"uuid", XMP_OF_ISO + packet)
    for position in EXTREMES:
        for length in EXTREMES:
            yield (
                f"heif/extent-{position:x}-{length:x}",
                heif(tiff((0x010F, 2, 4, b"Abc\0")), position=position, length=length),
            )
    for extents in (0, 2, 2000):
        yield f"heif/{extents}-extents", heif(tiff((0x010F, 2, 4, b"Abc\0")), extents=extents)
    for count in EXTREMES:
        yield f"mov/keys-{count:x}", starts["mov"] + box(b"moov", box(b"meta", keys(count)))
        yield (
            f"mp4/mvhd-{count:x}",
            starts["mp4"] + box(b"moov", box(b"mvhd", struct.pack(">5I", 0, count, count, 0, count))),
        )
    yield "mp4/mvhd-of-no-time-scale", starts["mp4"] + box(b"moov", box(b"mvhd", bytes(100)))
    yield (
        "cr3/cmt-in-a-circle",
        starts["cr3"] + box(b"moov", box(b"uuid", bytes(16) + box(b"CMT1", tiff((EXIF_IFD, 4, 1, 8))))),
    )
    for place in (b"+99.9999-999.9999/", b"+48.8577", b"+nan+nan/", b"+" + b"9" * 5000 + b"/", b"\xff" * 20):
        text = struct.pack(">HH", len(place), 0) + place
        yield f"mp4/position-{place[:12].hex()}", starts["mp4"] + box(b"moov", box(b"udta", box(b"\xa9xyz", text)))


def nested(kind, depth):
    data = b""
    for _ in range(depth):
        data = box(kind, data)
    return data


def keys(count):
    listed = struct.pack(">II", 0, count) + struct.pack(">I4s", 0xFFFFFFFF, b"mdta") + b"com.apple.quicktime.x"
    value = box(struct.pack(">I", 0xFFFFFFFF), box(b"data", bytes(8) + b"x"))
    return box(b"hdlr", bytes(8) + b"mdta" + bytes(12)) + box(b"keys", listed) + box(b"ilst", value)


def photoshop():
    """A drawing whose sections state other lengths than they have."""
    head = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 1, 1, 8, 3)
    for length in EXTREMES:
        yield f"psd/colours-{length:x}", head + struct.pack(">I", length) + bytes(20)
        yield f"psd/resources-{length:x}", head + bytes(4) + struct.pack(">I", length) + bytes(20)
    for name, block in photoshop_blocks():
        yield f"psd/{name}", head + bytes(4) + struct.pack(">I", len(block)) + block + bytes(4)


def photoshop_blocks():
    for number in (0x0404, 0x040F, 0x0422, 0x0424, 0x040C):
        for length in EXTREMES:
            yield (
                f"block-{number:x}-{length:x}",
                b"8BIM" + struct.pack(">HHI", number, 0, length) + b"\x1c\x02\x19\x80\x04" + b"\xff" * 8,
            )
    yield "iptc-of-4-gib", resource(0x0404, b"\x1c\x02\x05\x80\x04\xff\xff\xff\xff" + b"x" * 20)
    yield "iptc-of-10000-keywords", resource(0x0404, b"\x1c\x02\x19\x00\x01x" * 9000)
    yield "name-beyond-the-end", b"8BIM\x04\x04\xff" + b"x" * 10


def resource(number, content):
    return b"8BIM" + struct.pack(">HHI", number, 0, len(content)) + content + b"\0" * (len(content) % 2)


def icc(size):
    return struct.pack(">I", size) + bytes(32) + b"acsp" + bytes(88) + struct.pack(">I", 0xFFFFFFFF) + b"desc" * 20


def raws():
    """A Fuji raw file, whose header points at a JPEG that is not there, or is the file itself."""
    for place in EXTREMES:
        for length in EXTREMES:
            head = b"FUJIFILMCCD-RAW 0201FF389501" + b"X-T3".ljust(56, b"\0") + struct.pack(">II", place, length)
            yield f"raf/jpeg-at-{place:x}-{length:x}", head + bytes(60)


def gifs():
    """Blocks that run out of the file, and XMP that leans on the trailer that should end it."""
    head = b"GIF89a\1\0\1\0\0\0\0"
    yield "gif/table-that-is-not-there", b"GIF89a\1\0\1\0\xf7\0\0"
    yield "gif/extension-without-end", head + b"!\xfe" + (b"\xff" + b"x" * 255) * 200
    yield "gif/20000-empty-extensions", head + b"!\xfe\0" * 20_000 + b";"
    yield "gif/image-without-data", head + b"," + bytes(8) + b"\x87"
    for name, packet in xmp_packets():
        yield f"gif/xmp-{name}", head + b"!\xff\x0bXMP DataXMP" + packet + b"\1" + bytes(range(255, -1, -1)) + b"\0;"


def pdfs():
    """References in circles, streams of no length, a table of objects that is elsewhere."""
    yield (
        "pdf/circle",
        b"%PDF-1.7\n1 0 obj\n1 0 R\nendobj\ntrailer<</Root 1 0 R/Info 1 0 R/Prev 0>>\nstartxref\n0\n%%EOF",
    )
    yield "pdf/arrays-20000-deep", b"%PDF-1.7\n1 0 obj\n" + b"[" * 20_000
    yield "pdf/startxref-far", b"%PDF-1.7\nstartxref\n99999999999999999999\n%%EOF"
    for name, packet in xmp_packets():
        stream = b"<</Type/Metadata/Subtype/XML/Length 4294967295>>stream\n" + packet + b"\nendstream"
        yield f"pdf/xmp-{name}", b"%PDF-1.7\n1 0 obj\n" + stream + b"\nendobj"


def others():
    """The raw formats of smaller makers, PostScript and trailers, whose parts lie elsewhere, overlap or have no end."""
    for place in EXTREMES:
        number, little = struct.pack(">I", place), struct.pack("<I", place)
        yield f"mrw/head-{place:x}", b"\0MRM" + number + b"\0TTW" + number + bytes(20)
        yield f"mrw/part-{place:x}", b"\0MRM\0\0\1\0" + b"\0PRD" + number + b"\0TTW" + number + bytes(20)
        yield f"x3f/directory-{place:x}", b"FOVb\0\0\2\0" + bytes(28) + b"SECd" + bytes(4) + little * 3 + little
        listed = b"SECd" + bytes(4) + struct.pack("<IIII4s", 0xFFFFFFFF, place, place, 0x32414D49, b"IMA2")
        yield f"x3f/section-{place:x}", b"FOVb\0\0\2\0" + bytes(28) + listed + struct.pack("<I", 36)
        for tag in (0x002E, EXIF_IFD):
            yield f"rw2/{tag:x}-at-{place:x}", b"IIU\0" + tiff((tag, 7, place, 8), (4, 3, 1, place))[4:]
        yield f"jpegxr/pointer-{place:x}", b"II\xbc\1" + tiff((EXIF_IFD, 4, 1, place), (0xBC80, 4, 1, place))[4:]
        yield f"eps/head-{place:x}", b"\xc5\xd0\xd3\xc6" + little * 6 + b"%!PS-Adobe-3.0"
        yield f"jpeg/afcp-{place:x}", photo() + b"AXS*" + bytes(8) + b"IPTC" + little * 2 + b"AXS*" + little + bytes(4)
        lying = b"AXS!\1\0\xff\xff" + bytes(4) + (b"IPTC" + number * 2) * 100
        yield f"jpeg/afcp-parts-{place:x}", photo() + lying + b"AXS!" + struct.pack(">I4x", len(photo()))
    yield "rw2/picture-that-is-the-file", b"IIU\0" + tiff((0x002E, 7, 60, 0))[4:] + bytes(60)
    for name, block in photoshop_blocks():
        yield f"eps/photoshop-{name}", b"%!PS\n%BeginPhotoshop: 9\n% " + block.hex().encode() + b"\n%EndPhotoshop"
    yield "eps/photoshop-without-end", b"%!PS\n" + b"%BeginPhotoshop:\n38" * 5000
    for name, packet in xmp_packets():
        yield f"eps/xmp-{name}", b"%!PS\n<?xpacket begin?>" + packet + b"<?xpacket end?>"
    stream = b"8 0 obj <</Filter/FlateDecode>> stream\n" + zlib.compress(bytes(30_000_000), 9) + b"endstream endobj"
    yield "pdf/resources-bomb", b"%PDF-1.7\n/ImageResources 8 0 R\n" + stream
    yield "pdf/resources-in-20000-versions", b"%PDF-1.7\n/ImageResources 8 0 R\n" + b"8 0 obj <<>>stream\n" * 20_000
    yield "exv/segments-without-end", b"\xff\1Exiv2" + b"\xff\xe1\xff\xff" * 1000


def honest():
    """The files that :func:`spoilt` starts from, by the name of their format."""
    tags = {"image": {0x010F: "Maker", 0x0110: "Model"}, "exif": {0x9003: "2026:05:03 14:22:11"}, "gps": gps()}
    for form in ("JPEG", "PNG", "TIFF", "WEBP"):
        yield form.lower(), photo(form=form, **tags)
    stream = io.BytesIO()
    Image.new("P", (8, 8)).save(stream, "GIF")
    yield "gif", stream.getvalue()
    yield "heif", heif(tiff((0x010F, 2, 4, b"Abc\0")))
    block = tiff((0x010F, 2, 4, b"Abc\0"))
    yield "rw2", b"IIU\0" + tiff((0x010F, 2, 4, b"Abc\0"), (0x002E, 7, 9999, 38))[4:] + photo(**tags)
    yield "mrw", b"\0MRM" + struct.pack(">I4sI", 8 + len(block), b"\0TTW", len(block)) + block
    yield "exv", b"\xff\1Exiv2\xff\xe1" + struct.pack(">H", len(block) + 8) + b"Exif\0\0" + block + b"\xff\xd9"
    hexadecimal = resource(0x0422, block).hex().encode()
    yield "eps", b"%!PS\n%%Title: x\n%BeginPhotoshop: 9\n% " + hexadecimal + b"\n%EndPhotoshop\n"
    movie = box(b"moov", box(b"mvhd", bytes(100)) + box(b"udta", box(b"\xa9xyz", b"\0\x12\0\0+48.8577+002.295/")))
    yield "mp4", box(b"ftyp", b"isom\0\0\0\0isom") + movie


def spoilt(seed: int, each: int = 40):
    """Honest files cut short, with bytes changed, with a number made extreme, and with a piece in twice."""
    drawn = random.Random(seed)
    for name, data in honest():
        for number in range(each):
            yield f"{name}/spoilt-{seed}-{number}", spoil(data, drawn)


def spoil(data: bytes, drawn: random.Random) -> bytes:
    """Return the file with one fault of one kind, both drawn."""
    place = drawn.randrange(max(1, min(len(data), 1200)))
    fault = drawn.randrange(5)
    if fault == 0:
        return data[:place]
    if fault == 1:
        return data[:place] + bytes([drawn.randrange(256)]) + data[place + 1 :]
    if fault == 2:
        order = drawn.choice("<>")
        return data[:place] + struct.pack(f"{order}I", drawn.choice(EXTREMES)) + data[place + 4 :]
    length = drawn.randrange(1, 64)
    if fault == 3:
        return data[:place] + data[place + length :]
    return data[: place + length] + data[place:]
