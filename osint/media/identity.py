"""What a file is by its first bytes, and whether the server said the same."""

from __future__ import annotations

import re

UNKNOWN = "application/octet-stream"

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"AVI ", "video/x-msvideo"),
    (8, b"WAVE", "audio/wav"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"II+\0", "image/tiff"),
    (0, b"MM\0+", "image/tiff"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    (0, b"\xff\x0a", "image/jxl"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3\x02", "audio/mpeg"),
    (0, b"ID3\x03", "audio/mpeg"),
    (0, b"ID3\x04", "audio/mpeg"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
)
_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"hevc": "image/heic-sequence",
    b"mif1": "image/heif",
    b"msf1": "image/heif-sequence",
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"qt  ": "video/quicktime",
    b"3gp4": "video/3gpp",
    b"3gp5": "video/3gpp",
    b"3gp6": "video/3gpp",
    b"M4A ": "audio/mp4",
}
_COMMENT = re.compile(rb"<!--.*?-->|<\?xml.*?\?>", re.DOTALL)
_HTML = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_SVG = re.compile(rb"\s*<svg[\s>]", re.IGNORECASE)
HEAD = 1024

# Names that servers use for the same bytes.
_SAME = (
    {"image/jpeg", "image/jpg", "image/pjpeg"},
    {"image/png", "image/x-png", "image/apng"},
    {"image/heic", "image/heif"},
    {"image/heic-sequence", "image/heif-sequence"},
    {"image/tiff", "image/tif", "image/x-adobe-dng"},
    {"image/bmp", "image/x-ms-bmp"},
    {"video/mp4", "audio/mp4", "video/x-m4v", "application/mp4"},
    {"video/webm", "audio/webm", "video/x-matroska"},
    {"audio/ogg", "video/ogg", "application/ogg"},
    {"audio/mpeg", "audio/mp3"},
    {"audio/wav", "audio/x-wav", "audio/vnd.wave"},
    {"video/x-msvideo", "video/avi"},
    {"application/gzip", "application/x-gzip"},
    {"text/html", "application/xhtml+xml"},
    {"text/xml", "application/xml"},
)
_SAYS_NOTHING = {"", UNKNOWN, "binary/octet-stream"}


def sniff(data: bytes) -> str:
    """Return the media type that the first bytes show; ``application/octet-stream`` when they show none."""
    if data[4:8] == b"ftyp":
        return _by_brand(data)
    for at, magic, media_type in _MAGIC:
        if data.startswith(magic, at) and (at == 0 or data.startswith(b"RIFF")):
            return media_type
    if data.startswith(b"BM") and data[6:10] == bytes(4):
        return "image/bmp"
    return _sniff_text(data[:HEAD])


def bare_type(content_type: str | None) -> str:
    """Return a served type in lower case, without its parameters."""
    return (content_type or "").partition(";")[0].strip().casefold()


def types_agree(served_type: str | None, media_type: str) -> bool:
    """Say whether the served type fits the bytes; a server that names none, or a general one, contradicts nothing."""
    served = bare_type(served_type)
    if served in _SAYS_NOTHING or served == media_type:
        return True
    if media_type == "text/plain" and (served.startswith("text/") or served == "application/json"):
        return True  # plain text is all that can be told from the bytes of these
    return any({served, media_type} <= names for names in _SAME)


def _by_brand(data: bytes) -> str:
    major = data[8:12]
    if major in (b"mif1", b"msf1"):  # the general brand; the coding is among the compatible ones
        stop = min(int.from_bytes(data[:4], "big"), HEAD)
        compatible = {data[at : at + 4] for at in range(16, stop, 4)}
        major = next((brand for brand in (b"avif", b"heic", b"heix") if brand in compatible), major)
    return _BRANDS.get(major, "video/mp4")


def _sniff_text(head: bytes) -> str:
    head = head.removeprefix(b"\xef\xbb\xbf")
    markup = _COMMENT.sub(b"", head)
    for pattern, media_type in ((_HTML, "text/html"), (_SVG, "image/svg+xml")):
        if pattern.match(markup):
            return media_type
    if head.lstrip().startswith(b"<?xml"):
        return "text/xml"
    return "text/plain" if head and _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(head) - error.start > 3 or error.reason != "unexpected end of data":
            return False
        text = head[: error.start].decode("utf-8")
    return all(char.isprintable() or char in "\t\n\r\f" for char in text)
