"""Which format a file is, told by its content and never by its name."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from osint.capture.imports import archives, har, images, mail, mhtml, saved_page, warcs
from osint.capture.imports.found import Found, Sealed, Unread

HEAD = 1 << 16

Captures = Callable[[Path, Sealed], Iterator[Found]]


class Format(NamedTuple):
    """A format: its name, its media type, and what reads it."""

    name: str
    media_type: str
    captures: Captures


def _unread(path: Path, sealed: Sealed) -> Iterator[Found]:  # noqa: ARG001 - the shape of every reader
    yield Unread("", "in no format that is read")


UNKNOWN = Format("unknown", "application/octet-stream", _unread)
_ARCHIVE = Format("archive", "application/zip", archives.captures)
_HAR = re.compile(rb"\s*\{\s*\"log\"\s*:\s*\{")
_MIME = re.compile(rb"^content-type:\s*multipart/(related|mixed|alternative)\b", re.IGNORECASE | re.MULTILINE)
_HTML = re.compile(rb"<(!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_XHTML = re.compile(rb"\s*<\?xml[^>]{0,200}>\s*<!doctype\s+html", re.IGNORECASE)
_YTD = re.compile(rb"\s*window\.YTD\.\w{1,60}\.part\d{1,4}\s*=")  # a member of the archive of an account on X
_CAR = re.compile(rb"[\x20-\x7f]\xa2eroots\x81\xd8\x2a")  # length and head of a content-addressed archive, version 1
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_XML = re.compile(rb"\s*(<\?xml|<rss|<feed|<rdf:RDF)[\s>]", re.IGNORECASE)


def _is_text(head: bytes) -> bool:
    """Say whether it starts as text, in UTF-8 or with a mark of UTF-16."""
    coding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        text = codecs.getincrementaldecoder(coding)().decode(head)  # its last character may be cut
    except UnicodeDecodeError:
        return False
    return bool(text.strip()) and not _CONTROLS.search(text)


def _is_table(head: bytes) -> bool:
    """Say whether its first two lines have the same number of commas, semicolons or tabs."""
    first, second, *_ = (*(line for line in head.split(b"\n", 3) if line.strip()), b"", b"")
    return _is_text(head) and any(first.count(mark) and first.count(mark) == second.count(mark) for mark in b",;\t")


_FORMATS: tuple[tuple[Callable[[bytes], object], Format], ...] = (
    (lambda head: head.startswith(b"WARC/"), Format("warc", "application/warc", warcs.captures)),
    (lambda head: _unpacked(head).startswith(b"WARC/"), Format("warc", "application/gzip", warcs.captures)),
    (lambda head: head.startswith(b"PK\3\4"), Format("wacz", "application/zip", warcs.captures_of_wacz)),
    (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), Format("image", "image/png", images.captures)),
    (lambda head: head.startswith(b"\xff\xd8\xff"), Format("image", "image/jpeg", images.captures)),
    (lambda head: head[:4] + head[8:12] == b"RIFFWEBP", Format("image", "image/webp", images.captures)),
    (lambda head: head.startswith(b"%PDF-"), Format("print", "application/pdf", images.captures)),
    (_CAR.match, Format("document", "application/vnd.ipld.car", saved_page.captures)),
    (_HAR.match, Format("har", "application/json", har.captures)),
    (mail.is_mailbox, Format("mail", "application/mbox", mail.captures)),
    (lambda head: mail.is_message(_mail_head(head)), Format("mail", mail.MEDIA_TYPE, mail.captures)),
    (lambda head: _MIME.search(_mail_head(head)), Format("mhtml", "multipart/related", mhtml.captures)),
    (lambda head: head.lstrip()[:1] in (b"{", b"["), Format("document", "application/json", saved_page.captures)),
    (_YTD.match, Format("document", "text/javascript", saved_page.captures)),
    (_XHTML.match, Format("document", "text/html", saved_page.captures)),
    (_XML.match, Format("document", "application/xml", saved_page.captures)),
    (_HTML.search, Format("document", "text/html", saved_page.captures)),
    (_is_table, Format("document", "text/csv", saved_page.captures)),
    (_is_text, Format("document", "text/plain", saved_page.captures)),
)


def recognise(head: bytes) -> Format:
    """Return the format of the file that starts with these bytes; :data:`UNKNOWN` when it is none that is read."""
    text = head.removeprefix(b"\xef\xbb\xbf")
    return next((known for fits, known in _FORMATS if fits(text)), UNKNOWN)


def recognise_file(path: Path) -> Format:
    """Return the format of a file, as :func:`recognise` does; what a ZIP holds is told at its end."""
    with path.open("rb") as stream:
        known = recognise(stream.read(HEAD))
    return _ARCHIVE if known.captures is warcs.captures_of_wacz and not archives.is_wacz(path) else known


def _unpacked(head: bytes) -> bytes:
    if not head.startswith(b"\x1f\x8b"):
        return b""
    try:
        return zlib.decompressobj(31).decompress(head, 16)
    except zlib.error:
        return b""


def _mail_head(head: bytes) -> bytes:
    """Return the headers that a file starts with; nothing when its first line is none."""
    first = head.lstrip().partition(b"\n")[0]
    if not re.match(rb"[A-Za-z-]{1,40}:", first):
        return b""
    return head.replace(b"\r\n", b"\n").lstrip().partition(b"\n\n")[0]
