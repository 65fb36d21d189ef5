"""Small media files, made in code, honest ones and hostile ones."""

import io
import struct

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

EXIF_IFD, GPS_IFD = 0x8769, 0x8825
MAKE, MODEL, ORIENTATION, SOFTWARE = 0x010F, 0x0110, 0x0112, 0x0131
TAKEN, OFFSET, FRACTION, COMMENT = 0x9003, 0x9011, 0x9291, 0x9286

# Names that a file can have on Linux, as bytes: options, line ends, pipes, marks that turn text, no text at all.
STRANGE_NAMES = [
    b"-rf.jpg", b"--values", b"two\nlines.jpg", b"ends in a pipe|", b"http:example.jpg", b"\xe2\x80\xaegpj.exe",
    b"no utf-8 \xff\xfe.jpg", b"\x1b[31mred.jpg", b"$(id).jpg", b"tab\there.jpg", b"=1+1.jpg",
]  # fmt: skip


def rational(text):
    numerator, _, denominator = text.partition("/")
    return IFDRational(int(numerator), int(denominator or 1))


def rationals(text):
    return tuple(rational(part) for part in text.split())


def gps(latitude="48 51 2960/100", longitude="2 17 4000/100", **changes):
    """Return GPS tags of a point in Paris; a change to None leaves a tag out."""
    tags = {
        "north": (1, "N"),
        "latitude": (2, latitude and rationals(latitude)),
        "east": (3, "E"),
        "longitude": (4, longitude and rationals(longitude)),
        "datum": (18, "WGS-84"),
    }
    numbers = {"status": 9, "day": 29, "time": 7, "altitude": 6, "below": 5, "error": 31}
    for name, value in changes.items():
        tags[name] = (tags[name][0] if name in tags else numbers[name], value)
    return {number: value for number, value in tags.values() if value is not None}


def photo(image=None, exif=None, gps=None, form="JPEG", size=(64, 48)):
    """Return the bytes of a red picture with these tags."""
    tags = Image.Exif()
    tags.update(image or {})
    tags.get_ifd(EXIF_IFD).update(exif or {})
    tags.get_ifd(GPS_IFD).update(gps or {})
    stream = io.BytesIO()
    options = {"exif": tags} if image or exif or gps else {}
    Image.new("RGB", size, (200, 30, 30)).save(stream, form, **options)
    return stream.getvalue()


def tiff(*entries, extra=b"", next_directory=0):
    """Return a little-endian TIFF block of one directory; an entry is (tag, type, count, value as 4 bytes)."""
    directory = struct.pack("<H", len(entries))
    for tag, kind, count, value in entries:
        stored = struct.pack("<I", value) if isinstance(value, int) else value.ljust(4, b"\0")
        directory += struct.pack("<HHI", tag, kind, count) + stored
    return b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<I", next_directory) + extra


def gps_block(latitude, longitude, kind=5):
    """Return a TIFF block of a GPS directory whose six rationals stand exactly as given (Pillow would reduce them)."""
    start = 26 + 2 + 4 * 12 + 4
    directory = struct.pack("<H", 4)
    directory += struct.pack("<HHI4s", 1, 2, 2, b"N") + struct.pack("<HHII", 2, kind, 3, start)
    directory += struct.pack("<HHI4s", 3, 2, 2, b"E") + struct.pack("<HHII", 4, kind, 3, start + 24)
    numbers = [number for part in (*latitude, *longitude) for number in part]
    return tiff((GPS_IFD, 4, 1, 26), extra=directory + bytes(4) + struct.pack("<12I", *numbers))


def jpeg_with_block(block):
    """Return a JPEG file whose EXIF block is exactly these bytes."""
    plain = photo()
    segment = b"Exif\0\0" + block
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + plain[2:]


def makernote_of_a_thousand_million_values():
    """56 bytes that keep exifread 3.5.1 busy for more than an hour when it decodes MakerNotes."""
    exif = struct.pack("<HHHII", 1, 0x927C, 7, 0x3C000000, 0)
    return tiff((MAKE, 2, 4, b"Abc\0"), (EXIF_IFD, 4, 1, 38), extra=exif + bytes(4))


def many_pointers_to_one_table(tag=0x014A, pointers=999):
    """790 kB in which many pointers lead to one table of 65,535 entries."""
    table = 8 + 2 + 12 + 4 + 4 * pointers
    extra = struct.pack(f"<{pointers}I", *[table] * pointers)
    entry = struct.pack("<HHII", 0x0100, 3, 1, 1)
    return tiff((tag, 4, pointers, 26), extra=extra + struct.pack("<H", 65_535) + entry * 65_535 + bytes(4))


def box(name, content):
    return struct.pack(">I4s", 8 + len(content), name) + content


def heif(exif_item=b"", *, position=None, length=None, brand=b"heic", extents=1):
    """Return a HEIF file of no picture, with an Exif item; position and length can lie."""
    item = exif_item and struct.pack(">I", 6) + b"Exif\0\0" + exif_item
    infe = box(b"infe", struct.pack(">IHH4sB", 0x02000000, 1, 0, b"Exif", 0))
    iinf = box(b"iinf", struct.pack(">IH", 0, 1) + infe)
    ispe = box(b"ispe", struct.pack(">III", 0, 640, 480))
    tile = box(b"ispe", struct.pack(">III", 0, 64, 64))
    iprp = box(b"iprp", box(b"ipco", tile + ispe))
    head = box(b"ftyp", brand + bytes(4) + b"mif1" + brand)

    def meta(at):
        extent = struct.pack(">II", at, len(item) if length is None else length)
        iloc = box(b"iloc", struct.pack(">IBBHHHH", 0, 0x44, 0, 1, 1, 0, extents) + extent * extents)
        return box(b"meta", bytes(4) + iinf + iloc + iprp)

    at = len(head) + len(meta(0)) + 8
    return head + meta(at if position is None else position) + box(b"mdat", item)


def heif_that_asks_for_4_gib():
    """A few bytes of HEIF whose EXIF block claims to start 4 GiB into its item."""
    whole = heif(b"II*\0")
    return whole.replace(struct.pack(">I", 6) + b"Exif", struct.pack(">I", 0xFFFFFFFF) + b"Exif")


def jpeg_with_xmp(picture, attributes):
    """Return a JPEG picture with an XMP packet that holds these attributes, of the prefixes tiff and exif."""
    packet = (
        b'http://ns.adobe.com/xap/1.0/\0<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
        + attributes
        + b"/></rdf:RDF>"
    )
    return picture[:2] + b"\xff\xe1" + struct.pack(">H", len(packet) + 2) + packet + picture[2:]
