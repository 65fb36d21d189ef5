"""The type of a file is told by its bytes, and compared with what the server said."""

import time

import pytest
from media_builders import heif, photo

from osint.media.identity import sniff, types_agree


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
        (b"\x1a\x45\xdf\xa3\x01", "video/webm"),
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
    Comments over comments do not keep the pattern matcher busy.
    """
    started = time.process_time()

    sniff(head * 100_000)

    assert time.process_time() - started < 0.5
