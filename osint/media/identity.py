"""What a file is by its first bytes, and whether the server or its name said the same."""

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
    (0, b"RF64", "audio/wav"),
    (0, b"II*\0\x10\0\0\0CR\x02", "image/x-canon-cr2"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"II+\0", "image/tiff"),
    (0, b"MM\0+", "image/tiff"),
    (0, b"IIRO", "image/x-olympus-orf"),
    (0, b"IIRS", "image/x-olympus-orf"),
    (0, b"MMOR", "image/x-olympus-orf"),
    (0, b"IIU\0", "image/x-panasonic-rw2"),
    (0, b"II\xbc\0", "image/vnd.ms-photo"),
    (0, b"II\xbc\x01", "image/vnd.ms-photo"),
    (0, b"FUJIFILMCCD-RAW ", "image/x-fuji-raf"),
    (0, b"\0MRM", "image/x-minolta-mrw"),
    (0, b"\0MRI", "image/x-minolta-mrw"),
    (0, b"FOVb", "image/x-sigma-x3f"),
    (0, b"\xff\x01Exiv2", "image/x-exv"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    (0, b"\xff\x0a", "image/jxl"),
    (0, b"\xff\x4f\xff\x51", "image/x-jp2-codestream"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3\x02", "audio/mpeg"),
    (0, b"ID3\x03", "audio/mpeg"),
    (0, b"ID3\x04", "audio/mpeg"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"caff\0\x01", "audio/x-caf"),
    (0, b"MThd\0\0\0\x06", "audio/midi"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c", "video/x-ms-asf"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\0\0\x01\xba", "video/mpeg"),
    (0, b"\0\0\x01\xb3", "video/mpeg"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"%!PS", "application/postscript"),
    (0, b"\xc5\xd0\xd3\xc6", "application/postscript"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
)
_BRANDS = {
    "image/heic": (b"heic", b"heix", b"heim", b"heis"),
    "image/heic-sequence": (b"hevc", b"hevx", b"hevm", b"hevs"),
    "image/heif": (b"mif1", b"mif2", b"mif3", b"miaf", b"MiHB", b"MiHA", b"MiHE", b"jpeg", b"vvic", b"unif", b"evbi"),
    "image/heif-sequence": (b"msf1", b"jpgs", b"vvis"),
    "image/avci": (b"avci", b"avcs"),
    "image/hej2k": (b"j2ki", b"j2is"),
    "image/avif": (b"avif", b"avio"),
    "image/avif-sequence": (b"avis",),
    "image/x-canon-cr3": (b"crx ",),
    "image/jp2": (b"jp2 ",),
    "image/jpx": (b"jpx ", b"jpxb", b"jph "),
    "video/mj2": (b"mjp2", b"mj2s"),
    "image/jxl": (b"jxl ",),
    "video/quicktime": (b"qt  ",),
    "video/x-m4v": (b"M4V ", b"M4VH", b"M4VP"),
    "audio/mp4": (b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "),
}
_TYPES_OF_BRANDS = {brand: media_type for media_type, brands in _BRANDS.items() for brand in brands}
# General brands of pictures: they say how the file is built, and the coding is among the compatible ones.
_GENERAL = {*_BRANDS["image/heif"], *_BRANDS["image/heif-sequence"]}
_CODED = ("image/avif", "image/heic", "image/avif-sequence", "image/heic-sequence", "image/avci", "image/hej2k")
_ATOMS = (b"moov", b"mdat", b"wide", b"skip", b"free", b"pnot")  # with which a QuickTime file without a brand begins
_COMMENT = re.compile(rb"<!--.*?-->|<\?xml.*?\?>", re.DOTALL)
_HTML = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_SVG = re.compile(rb"\s*<svg[\s>]", re.IGNORECASE)
_DOCTYPE = re.compile(rb"\x42\x82[\x81-\x90]([a-z]{1,16})")
HEAD = 1024

# Names that servers use for the same bytes.
_SAME = (
    {"image/jpeg", "image/jpg", "image/pjpeg", "image/mpo"},
    {"image/png", "image/x-png", "image/apng"},
    {"image/heic", "image/heif"},
    {"image/heic-sequence", "image/heif-sequence"},
    {"image/avif", "image/avif-sequence"},
    {"image/tiff", "image/tif", "image/x-adobe-dng", "image/x-nikon-nef", "image/x-sony-arw", "image/x-canon-cr2"},
    {"image/bmp", "image/x-ms-bmp"},
    {"image/x-icon", "image/vnd.microsoft.icon"},
    {"image/vnd.adobe.photoshop", "image/x-photoshop", "application/x-photoshop"},
    {"image/jp2", "image/jpx", "image/jpm"},
    {"video/mp4", "audio/mp4", "video/x-m4v", "application/mp4"},
    {"audio/mp4", "audio/x-m4a"},
    {"video/webm", "audio/webm"},
    {"video/x-matroska", "audio/x-matroska", "video/webm"},
    {"video/mp2t", "video/vnd.dlna.mpeg-tts"},
    {"video/x-ms-asf", "video/x-ms-wmv", "audio/x-ms-wma"},
    {"audio/ogg", "video/ogg", "application/ogg"},
    {"audio/mpeg", "audio/mp3"},
    {"audio/aac", "audio/x-aac", "audio/aacp"},
    {"audio/wav", "audio/x-wav", "audio/vnd.wave"},
    {"audio/flac", "audio/x-flac"},
    {"video/x-msvideo", "video/avi"},
    {"image/vnd.ms-photo", "image/jxr"},
    {"application/postscript", "application/eps", "image/x-eps"},
    {"application/gzip", "application/x-gzip"},
    {"text/html", "application/xhtml+xml"},
    {"text/xml", "application/xml"},
)
_SAYS_NOTHING = {"", UNKNOWN, "binary/octet-stream"}

_HEIF_NAMES = "heic heif hif"
_FILM_NAMES = "mp4 m4v m4a mov 3gp 3g2"
_EXTENSIONS = {
    "image/jpeg": "jpg jpeg jpe jfif mpo thm",
    "image/png": "png apng",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/bmp": "bmp dib",
    "image/x-icon": "ico",
    "image/svg+xml": "svg",
    "image/tiff": "tif tiff dng nef nrw arw sr2 srf srw pef 3fr iiq erf kdc dcr rwl mos btf tf8",
    "image/x-canon-cr2": "cr2",
    "image/x-canon-cr3": "cr3",
    "image/x-olympus-orf": "orf",
    "image/x-panasonic-rw2": "rw2 rwl",
    "image/x-fuji-raf": "raf",
    "image/x-minolta-mrw": "mrw",
    "image/x-sigma-x3f": "x3f",
    "image/x-exv": "exv",
    "image/vnd.ms-photo": "jxr wdp hdp",
    "image/vnd.adobe.photoshop": "psd psb",
    "image/jxl": "jxl",
    "image/jp2": "jp2 j2k jpx jpf",
    "image/jpx": "jpx jpf jp2 jph",
    "image/x-jp2-codestream": "j2k j2c jpc",
    "image/heic": _HEIF_NAMES,
    "image/heif": _HEIF_NAMES,
    "image/heic-sequence": f"{_HEIF_NAMES} heics heifs",
    "image/heif-sequence": f"{_HEIF_NAMES} heics heifs",
    "image/avci": f"{_HEIF_NAMES} avci",
    "image/avif": "avif",
    "image/avif-sequence": "avif avifs",
    "video/mp4": _FILM_NAMES,
    "audio/mp4": "m4a m4b m4p mp4",
    "video/x-m4v": _FILM_NAMES,
    "video/quicktime": "mov qt",
    "video/3gpp": "3gp 3gpp mp4",
    "video/3gpp2": "3g2 3gp2 3gp",
    "video/mj2": "mj2 mjp2",
    "video/webm": "webm",
    "video/x-matroska": "mkv mka mks mk3d",
    "video/x-msvideo": "avi",
    "video/mp2t": "ts mts m2ts m2t",
    "video/mpeg": "mpg mpeg mpe vob m2v",
    "video/x-ms-asf": "wmv wma asf",
    "video/x-flv": "flv",
    "audio/mpeg": "mp3 mp2",
    "audio/aac": "aac adts",
    "audio/ogg": "ogg oga ogv opus spx",
    "audio/flac": "flac",
    "audio/wav": "wav wave bwf",
    "audio/x-aiff": "aif aiff aifc",
    "audio/amr": "amr",
    "audio/x-caf": "caf",
    "audio/midi": "mid midi",
    "application/pdf": "pdf ai",
    "application/postscript": "eps epsf ps ai",
}
_KNOWN_EXTENSIONS = {name for names in _EXTENSIONS.values() for name in names.split()}
_LONGEST_EXTENSION = 8


def sniff(data: bytes) -> str:
    """Return the media type that the first bytes show; ``application/octet-stream`` when they show none.

    Args:
        data: The file, or its first :data:`HEAD` bytes.
    """
    data = data[:HEAD]
    if data[4:8] == b"ftyp":
        return _by_brand(data)
    if data.startswith(b"\0\0\0\x0cjP  \r\n\x87\n"):
        return _by_brand(data[12:], "image/jp2")
    for at, magic, media_type in _MAGIC:
        if data.startswith(magic, at) and (at == 0 or data.startswith(b"RIFF")):
            return media_type
    return _by_form(data) or _sniff_text(data)


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


def extension_agrees(name: str, media_type: str) -> bool:
    """Say whether the end of a file's name fits its bytes; a name that says nothing of media contradicts nothing."""
    extension = re.split(r"[/\\]", name)[-1].rpartition(".")[2].casefold()
    if len(extension) > _LONGEST_EXTENSION or extension not in _KNOWN_EXTENSIONS:
        return True
    return extension in _EXTENSIONS.get(media_type, "").split()


def usual_extension(media_type: str) -> str:
    """Return the usual end of the name of such a file, without a dot; empty for a type that is no medium."""
    return _EXTENSIONS.get(media_type, "").partition(" ")[0]


def _by_brand(data: bytes, unknown: str = "video/mp4") -> str:
    major = data[8:12]
    if major in _GENERAL or major not in _TYPES_OF_BRANDS:
        stop = min(int.from_bytes(data[:4], "big"), HEAD)
        compatible = {_TYPES_OF_BRANDS.get(data[at : at + 4]) for at in range(16, stop, 4)}
        coded = next((media_type for media_type in _CODED if media_type in compatible), None)
        if coded:
            return coded
    if major[:3] in (b"3gp", b"3gr", b"3gs", b"3ge", b"3gg"):
        return "video/3gpp"
    if major[:3] == b"3g2":
        return "video/3gpp2"
    return _TYPES_OF_BRANDS.get(major, unknown)


def _by_form(data: bytes) -> str | None:
    """Return the type of a format that has no mark of its own at the very start."""
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        doctype = _DOCTYPE.search(data)
        return "video/webm" if doctype and doctype[1] == b"webm" else "video/x-matroska"
    words = all(0x20 <= byte < 0x7F for byte in data[:4])
    forms = (
        (data.startswith(b"BM") and data[6:10] == bytes(4), "image/bmp"),
        (data.startswith(b"\0\0\x01\0") and data[4:5] > b"\0" and data[5:6] == b"\0" == data[9:10], "image/x-icon"),
        (data.startswith(b"FORM") and data[8:12] in (b"AIFF", b"AIFC"), "audio/x-aiff"),
        (data[4:8] in _ATOMS and not words, "video/quicktime"),
        (data[0:377:188] == b"GGG" or data[4:389:192] == b"GGG", "video/mp2t"),
    )
    return next((media_type for fits, media_type in forms if fits), None) or _by_frames(data)


def _by_frames(data: bytes) -> str | None:
    """Return the type of audio in bare frames: a frame header, and where it fits into the head a second one."""
    if len(data) < 7 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return None
    if data[1] & 0xF6 == 0xF0:  # ADTS: twelve bits of mark, layer 0
        length = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
        return "audio/aac" if length >= 7 and data[2] >> 2 & 15 < 13 and _again(data, length, 0xF6) else None
    length = _mpeg_frame(data)
    return "audio/mpeg" if length and _again(data, length, 0xFE) else None


def _again(data: bytes, length: int, mask: int) -> bool:
    follows = data[length : length + 2]
    return len(follows) < 2 or (follows[0] == 0xFF and follows[1] & mask == data[1] & mask)


_RATES = (44_100, 48_000, 32_000)
_BITS = {
    (3, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (3, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (2, 1): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def _mpeg_frame(data: bytes) -> int:
    """Return the length of an MPEG audio frame, layers II and III; 0 when its header cannot be one."""
    version, layer = data[1] >> 3 & 3, data[1] >> 1 & 3
    bits, rate = data[2] >> 4, data[2] >> 2 & 3
    if version == 1 or layer not in (1, 2) or bits in (0, 15) or rate == 3:
        return 0
    kilobits = _BITS[(3, layer) if version == 3 else (2, 1)][bits - 1]
    hertz = _RATES[rate] >> {3: 0, 2: 1, 0: 2}[version]
    samples = 72 if layer == 1 and version != 3 else 144
    return samples * kilobits * 1000 // hertz + (data[2] >> 1 & 1)


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
