"""JPEG 2000: the header of a JP2 file and the blocks in its XML and UUID boxes.

Source: ISO/IEC 15444-1 annex I; XMP part 3 section 1.1.4; the UUIDs of EXIF and IPTC are those of JpgTiffExif->JP2
and of Photoshop; GeoTIFF in JPEG 2000 is OGC 05-047r3 annex B (GeoJP2).
"""

from __future__ import annotations

from osint.media.containers.boxes import Box, boxes
from osint.media.containers.structure import Finder

_EXIF = (b"JpgTiffExif->JP2", bytes.fromhex("0537cdab9d0c4431a72afa561f2a113e"))
_GEOTIFF = bytes.fromhex("b14bf8bd083d4b43a5ae8cd7d5a6ce03")
_IPTC = (bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38"), bytes.fromhex("09a14e97c0b442e0bebf36df6f0ce36f"))
_LOOK = 4096


def read_header(file: Finder, header: Box) -> None:
    """Read the size and the colour profile."""
    for box in boxes(file, header.start, header.stop):
        if box.name == b"ihdr":
            height, width = file.unpack(">II", box.start)
            file.size(width, height)
        elif box.name == b"colr" and file.slice(box.start, 1) in (b"\x02", b"\x03"):
            file.add("icc", "jp2h/colr", (box.start + 3, box.length - 3))


def read_xml(file: Finder, box: Box) -> None:
    """Hand on an XML box that holds XMP; name any other."""
    if b"<x:xmpmeta" in (head := file.slice(box.start, min(box.length, _LOOK))) or b"<rdf:RDF" in head:
        file.add("xmp", "xml", (box.start, box.length))
    else:
        text = head.decode("utf-8", "backslashreplace")
        file.state("container", "XML box", text, at=box.start, length=box.length)


def read_uuid(file: Finder, name: bytes, start: int, length: int) -> bool:
    """Hand on a UUID box of EXIF, GeoTIFF or IPTC; return whether it was one."""
    if name in _EXIF:
        skip = 6 if file.slice(start, 5) in (b"Exif\0", b"EXIF ") else 0
        file.add("exif", "uuid", (start + skip, length - skip))
    elif name == _GEOTIFF:
        file.add("geotiff", "uuid GeoTIFF", (start, length))
    elif name in _IPTC:
        file.add("iptc", "uuid", (start, length))
    return name in (*_EXIF, *_IPTC, _GEOTIFF)
