"""The type of a file is told by its bytes, and compared with what the server said."""

import pytest
from media_builders import heif, photo

from osint.media.identity import HEAD, extension_agrees, sniff, types_agree

MP3_FRAME = b"\xff\xfb\x90\x64".ljust(417, b"\0")  # 128 kbit/s at 44.1 kHz
AAC_FRAME = b"\xff\xf1\x50\x80\x02\x1f\xfc".ljust(16, b"\0")


def brand(major, *compatible):
    size = 16 + 4 * len(compatible)
    return bytes([0, 0, 0, size]) + b"ftyp" + major + bytes(4) + b"".join(compatible)


def matroska(doctype):
    return b"\x1a\x45\xdf\xa3\x93\x42\x86\x81\x01\x42\x82" + bytes([0x80 + len(doctype)]) + doctype


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (photo(), "image/jpeg"),
        (photo(form="PNG"), "image/png"),
        (photo(form="GIF"), "image/gif"),
        (photo(form="WEBP"), "image/webp"),
        (photo(form="TIFF"), "image/tiff"),
        (photo(form="BMP"), "image/bmp"),
        (photo(form="AVIF"), "image/avif"),
        (heif(), "image/heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "image/avif"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1miaf", "image/heif"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", "video/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video/quicktime"),
        (brand(b"heix", b"mif1"), "image/heic"),
        (brand(b"mif1", b"miaf", b"heix"), "image/heic"),
        (brand(b"    ", b"heic"), "image/heic"),
        (brand(b"hevc"), "image/heic-sequence"),
        (brand(b"msf1", b"hevc"), "image/heic-sequence"),
        (brand(b"msf1"), "image/heif-sequence"),
        (brand(b"avis"), "image/avif-sequence"),
        (brand(b"avci"), "image/avci"),
        (brand(b"j2ki"), "image/hej2k"),
        (brand(b"crx "), "image/x-canon-cr3"),
        (brand(b"3gp9"), "video/3gpp"),
        (brand(b"3g2a"), "video/3gpp2"),
        (brand(b"M4A "), "audio/mp4"),
        (brand(b"M4V "), "video/x-m4v"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + brand(b"jp2 "), "image/jp2"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + brand(b"jpx "), "image/jpx"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + brand(b"????"), "image/jp2"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + brand(b"jxl "), "image/jxl"),
        (b"\xff\x0a\x01", "image/jxl"),
        (b"\xff\x4f\xff\x51\0", "image/x-jp2-codestream"),
        (b"\0\0\x01\0moov", "video/quicktime"),
        (b"\0\0\0\x08wide", "video/quicktime"),
        (b"The wide world", "text/plain"),
        (b"\0\0\x01\0\x01\0\x10\x10\0\0", "image/x-icon"),
        (b"II+\0\x08\0\0\0", "image/tiff"),
        (b"MM\0+\0\x08\0\0", "image/tiff"),
        (b"II*\0\x10\0\0\0CR\x02\0", "image/x-canon-cr2"),
        (b"IIRO\x08\0", "image/x-olympus-orf"),
        (b"IIU\0\x18", "image/x-panasonic-rw2"),
        (b"FUJIFILMCCD-RAW 0201", "image/x-fuji-raf"),
        (b"8BPS\0\x01", "image/vnd.adobe.photoshop"),
        (matroska(b"webm"), "video/webm"),
        (matroska(b"matroska"), "video/x-matroska"),
        (b"\x1a\x45\xdf\xa3\x01", "video/x-matroska"),
        (b"G".ljust(188, b"\0") * 3, "video/mp2t"),
        (b"\0\0\0\0G".ljust(192, b"\0") * 3, "video/mp2t"),
        (b"G".ljust(188, b"\0") * 2, "application/octet-stream"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c", "video/x-ms-asf"),
        (b"FLV\x01\x05", "video/x-flv"),
        (b"\0\0\x01\xba", "video/mpeg"),
        (b"FORM\0\0\0\0AIFF", "audio/x-aiff"),
        (b"#!AMR\n", "audio/amr"),
        (MP3_FRAME * 2, "audio/mpeg"),
        (MP3_FRAME[:100], "audio/mpeg"),
        (MP3_FRAME + b"nothing", "application/octet-stream"),
        (AAC_FRAME * 2, "audio/aac"),
        (AAC_FRAME + b"nothing", "application/octet-stream"),
        (b"\xff\xfe" + "text".encode("utf-16-le"), "application/octet-stream"),
        (b"RIFF\0\0\0\0WAVE", "audio/wav"),
        (b"ID3\x03\0", "audio/mpeg"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"\xef\xbb\xbf\n<!-- a --><!DOCTYPE html><html>", "text/html"),
        (b"<html lang='en'>", "text/html"),
        (b"<?xml version='1.0'?><svg xmlns='x'>", "image/svg+xml"),
        (b"<?xml version='1.0'?><rss>", "text/xml"),
        (b"BMW for sale", "text/plain"),
        (b"ID3 tags explained", "text/plain"),
        ("zażółć".encode(), "text/plain"),
        ("é".encode() * 600, "text/plain"),
        (b"\0\x01\x02", "application/octet-stream"),
        (b"caf\xe9 latin-1", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_the_first_bytes_tell_the_type(data, media_type):
    """
    Each format is known by its own mark, and words that begin like a mark stay words.
    """
    assert sniff(data) == media_type


@pytest.mark.parametrize(
    ("served", "media_type"),
    [
        (None, "image/jpeg"),
        ("", "image/jpeg"),
        ("application/octet-stream", "image/jpeg"),
        ("image/jpeg", "image/jpeg"),
        ("IMAGE/JPG; charset=binary", "image/jpeg"),
        ("image/heif", "image/heic"),
        ("application/json", "text/plain"),
        ("text/css", "text/plain"),
        ("image/x-adobe-dng", "image/tiff"),
        ("audio/x-m4a", "audio/mp4"),
        ("video/x-matroska", "video/webm"),
    ],
)
def test_names_for_the_same_bytes_agree(served, media_type):
    """
    Other names for a type, and servers that say nothing, contradict nothing.
    """
    assert types_agree(served, media_type)


@pytest.mark.parametrize(
    ("served", "media_type"),
    [
        ("image/png", "image/jpeg"),
        ("image/jpeg", "text/html"),
        ("text/plain", "image/jpeg"),
        ("image/jpeg", "image/heic"),
    ],
)
def test_another_type_disagrees(served, media_type):
    """
    A server that calls the bytes something else contradicts them.
    """
    assert not types_agree(served, media_type)


@pytest.mark.parametrize("head", [b"<!-- --> ", b"<!--", b" ", b"<?xml ?>", b"<"])
def test_hostile_markup_is_sniffed_at_once(head):
    """
    Comments over comments do not keep the pattern matcher busy: no more is looked at than the head.
    """

    class File:
        def __getitem__(self, part):
            assert part.start in (None, 0)
            assert part.stop <= HEAD
            return (head * 100_000)[part]

    assert sniff(File()) == sniff(head * 100_000)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("photo.JPG", "image/jpeg"),
        ("DSC_1.NEF", "image/tiff"),
        ("IMG_1.HIF", "image/heic"),
        ("00001.MTS", "video/mp2t"),
        ("film.mov", "video/quicktime"),
        ("photo", "image/jpeg"),
        ("photo.exhibit", "image/jpeg"),
        ("folder.png/photo", "image/jpeg"),
        ("a.name that no file system ends with", "image/jpeg"),
        ("", "image/jpeg"),
    ],
)
def test_a_name_that_fits_or_says_nothing_agrees(name, media_type):
    """
    The usual endings of a type agree with it, and a name without one contradicts nothing.
    """
    assert extension_agrees(name, media_type)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("photo.jpg", "image/heic"),
        ("photo.jpg", "application/zip"),
        ("film.mp4", "video/webm"),
        ("C:\\photos\\photo.png", "image/jpeg"),
        ("song.mp3", "application/octet-stream"),
    ],
)
def test_a_name_of_another_type_disagrees(name, media_type):
    """
    The ending of another type contradicts the bytes.
    """
    assert not extension_agrees(name, media_type)
