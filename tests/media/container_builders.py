"""Media files built segment by segment, chunk by chunk, box by box; every length and number can lie."""

import hashlib
import io
import struct
import zlib

from media_builders import box, photo, tiff
from PIL import Image

EXIF = tiff((0x010F, 2, 4, b"Abc\0"))
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>one</x:xmpmeta>"
ICC = bytes(128) + b"profile"
IPTC = b"\x1c\x02\x78\x00\x05hello"
JUMB = box(b"jumb", box(b"jumd", bytes(16) + b"\x03c2pa\0") + b"manifest" * 4)
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def segment(marker, content):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content


def jpeg(*segments, tail=b"", **how):
    """Return a small JPEG picture with these segments at its start and these bytes behind its end."""
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "JPEG", **how)
    plain = stream.getvalue()
    return plain[:2] + b"".join(segments) + plain[2:] + tail


def extended_xmp(content, parts, *, guid=None, total=None):
    """Return segments of extended XMP; a part is (offset, length)."""
    guid = guid or hashlib.md5(content).hexdigest().upper()
    total = len(content) if total is None else total
    head = b"http://ns.adobe.com/xmp/extension/\0" + guid.encode()
    return [segment(0xE1, head + struct.pack(">II", total, at) + content[at : at + length]) for at, length in parts]


def xmp_segment(content=XMP):
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + content)


def icc_segments(profile, *numbers, count):
    """Return chunks of a profile under these numbers, cut in as many parts as there are numbers."""
    size = -(-len(profile) // len(numbers))
    return [
        segment(0xE2, b"ICC_PROFILE\0" + bytes([number, count]) + profile[size * (number - 1) : size * number])
        for number in numbers
    ]


def jumbf_segments(content, *sequence, instance=1, size=20):
    """Return segments of a JUMBF box in this sequence; each repeats its head."""
    head, body = content[:8], content[8:]
    return [
        segment(0xEB, b"JP" + struct.pack(">HI", instance, number) + head + body[size * (number - 1) : size * number])
        for number in sequence
    ]


def resource(number, content, name=b""):
    text = bytes([len(name)]) + name
    text += b"\0" * (len(text) % 2)
    return (
        b"8BIM" + struct.pack(">H", number) + text + struct.pack(">I", len(content)) + content + bytes(len(content) % 2)
    )


def chunk(name, content, crc=None):
    crc = zlib.crc32(name + content) if crc is None else crc
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc)


def png(*chunks, tail=b""):
    plain = photo(form="PNG", size=(8, 8))
    return plain[:33] + b"".join(chunks) + plain[33:] + tail


def raw_profile(kind, content, length=None):
    digits = content.hex().encode()
    lines = b"\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    return b"\n%s\n%8d\n%s\n" % (kind, len(content) if length is None else length, lines)


def webp(*chunks, flags=0, tail=b""):
    """Return an extended WebP file; a chunk is (name, content)."""
    body = b"WEBP" + _riff(b"VP8X", bytes([flags, 0, 0, 0]) + b"\x3f\0\0\x2f\0\0")
    body += b"".join(_riff(name, content) for name, content in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body + tail


def _riff(name, content):
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def gif(*extensions, tail=b""):
    plain = photo(form="GIF", size=(8, 8))
    at = 13 + (3 * 2 ** ((plain[10] & 7) + 1) if plain[10] & 0x80 else 0)
    return plain[:at] + b"".join(extensions) + plain[at:] + tail


def application(name, *blocks):
    return b"\x21\xff\x0b" + name + b"".join(bytes([len(part)]) + part for part in blocks) + b"\0"


def gif_xmp(content=XMP):
    return b"\x21\xff\x0bXMP DataXMP" + content + b"\x01" + bytes(range(255, -1, -1)) + b"\0"


def item(number, kind, *extents, method=0, mime=b"", elsewhere=0):
    """Describe an item of a HEIF directory; its extents are (position, length)."""
    texts = b"\0" + (mime + b"\0\0" if mime else b"")
    infe = box(b"infe", struct.pack(">IHH4s", 0x02000000, number, 0, kind) + texts)
    place = struct.pack(">HHHH", number, method, elsewhere, len(extents))
    return infe, place + b"".join(struct.pack(">II", *extent) for extent in extents)


def heif_of(*items, content=b"", idat=b"", more=b"", properties=b""):
    """Return a HEIF file whose content starts at byte 24; the directory comes after it."""
    infes = b"".join(infe for infe, _ in items)
    iinf = box(b"iinf", struct.pack(">IH", 0, len(items)) + infes)
    iloc = box(b"iloc", struct.pack(">IBBH", 0x01000000, 0x44, 0, len(items)) + b"".join(place for _, place in items))
    inner = box(b"hdlr", bytes(8) + b"pict" + bytes(13)) + iinf + iloc + more + properties
    inner += box(b"idat", idat) if idat else b""
    return box(b"ftyp", b"heic" + bytes(4)) + box(b"mdat", content) + box(b"meta", bytes(4) + inner)


HEIF_CONTENT_AT = 24


def film(*boxes, brand=b"isom"):
    return box(b"ftyp", brand + bytes(4) + brand) + b"".join(boxes)


def track(*boxes, coding=b"avc1", kind=b"vide"):
    entry = box(coding, bytes(24) + struct.pack(">HH", 1920, 1080) + bytes(50))
    table = box(b"stbl", box(b"stsd", struct.pack(">II", 0, 1) + entry))
    media = box(b"mdhd", bytes(24)) + box(b"hdlr", bytes(8) + kind + bytes(12)) + box(b"minf", table)
    return box(b"trak", box(b"tkhd", bytes(84)) + box(b"mdia", media) + b"".join(boxes))


def psd(*resources):
    content = b"".join(resources)
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 48, 64, 8, 3)
    return head + bytes(4) + struct.pack(">I", len(content)) + content + bytes(8)


def raf(picture):
    head = b"FUJIFILMCCD-RAW ".ljust(84, b"\0")
    raw = struct.pack(">IHHHH", 1, 0x0111, 4, 480, 640)
    return head + struct.pack(">III", 96 + len(raw), len(picture), 96) + raw + picture


def big_tiff(*entries):
    """Return a little-endian BigTIFF file of one directory; an entry is (tag, type, count, value as 8 bytes)."""
    directory = b"".join(struct.pack("<HHQ", *entry[:3]) + entry[3].ljust(8, b"\0") for entry in entries)
    return b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, len(entries)) + directory + bytes(8)


def pdf(*objects, info=b"/Info 7 0 R"):
    body = b"\n".join(objects)
    return b"%PDF-1.7\n" + body + b"\ntrailer << " + info + b" >>\nstartxref\n0\n%%EOF\n"


def jp2(*boxes):
    header = box(b"jp2h", box(b"ihdr", struct.pack(">IIHBBBB", 48, 64, 3, 7, 7, 0, 0)))
    return box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 " + bytes(4) + b"jp2 ") + header + b"".join(boxes)


def jxl(*boxes):
    return box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl " + bytes(4) + b"jxl ") + b"".join(boxes)


def marked(mark, data):
    """Return a TIFF file that bears another number in place of 42, as raw files of some makers do."""
    return mark + data[4:]


def rw2(picture):
    """Return a Panasonic raw file: borders of 10, 20, 490, 660 on the sensor, and a JPEG picture inside."""
    start = 8 + 2 + 5 * 12 + 4
    borders = [(tag, 3, 1, place) for tag, place in zip((4, 5, 6, 7), (10, 20, 490, 660), strict=True)]
    return marked(b"IIU\0", tiff(*borders, (0x2E, 7, len(picture), start), extra=picture))


def mrw(*parts, mark=b"\0MRM", order=">"):
    """Return a Minolta raw file; a part is (name, content)."""
    body = b"".join(name + struct.pack(f"{order}I", len(content)) + content for name, content in parts)
    return mark + struct.pack(f"{order}I", len(body)) + body + bytes(16)


MRW_SIZE = (b"\0PRD", bytes(12) + struct.pack(">HH", 480, 640) + bytes(8))


def x3f(picture, coding=18):
    """Return a Sigma raw file of the old form: 2640 x 1760 in its header, and one picture inside."""
    head = b"FOVb" + struct.pack("<HH", 2, 2) + bytes(20) + struct.pack("<III", 2640, 1760, 0)
    image = b"SECi" + struct.pack("<6I", 0x20000, 2, coding, 160, 120, 0) + picture
    directory = b"SECd" + struct.pack("<IIII", 0x20000, 1, len(head), len(image)) + b"IMA2"
    return head + image + directory + struct.pack("<I", len(head) + len(image))


def exv(*segments):
    """Return segments of a JPEG picture without the picture, as Exiv2 keeps them beside a file."""
    return b"\xff\x01Exiv2" + b"".join(segments) + b"\xff\xd9"


def postscript(*lines, preview=b""):
    """Return an EPS file of these lines; with a preview, inside the binary header for DOS."""
    text = b"\n".join((b"%!PS-Adobe-3.0 EPSF-3.0", b"%%Title: (one)", b"%%Creator: P", b"%%EndComments", *lines))
    head = b"\xc5\xd0\xd3\xc6" + struct.pack("<6IH", 30, len(text), 0, 0, 30 + len(text), len(preview), 0xFFFF)
    return head + text + preview if preview else text


def hexadecimal(first, content, last, before=b"% "):
    """Return lines of hexadecimal digits between two comments."""
    digits = content.hex().upper().encode()
    return b"\r".join((first, *(before + digits[at : at + 64] for at in range(0, len(digits), 64)), last))


def with_afcp(picture, *parts, order=">", shift=0):
    """Return a picture with an AFCP block behind it; a part is (name, content). A shift makes its places lie."""
    mark = b"AXS!" if order == ">" else b"AXS*"
    at = len(picture) + 12 + 12 * len(parts)
    entries = b""
    for name, content in parts:
        entries += struct.pack(f"{order}4sII", name, len(content), at)
        at += len(content)
    head = mark + struct.pack(f"{order}HHI", 0x100, len(parts), 0)
    tail = mark + struct.pack(f"{order}II", len(picture) + shift, 0)
    return picture + head + entries + b"".join(content for _, content in parts) + tail
