"""WARC files of any program, 1.0 and 1.1, packed by record or plain, and the WACZ packages that hold them.

A response is what somebody's recorder says that a server sent. Its own digests are compared; whoever made the file
could have made them too.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from osint import warc
from osint.capture.entity import ENTITY_LIMIT, is_chunked, read_entity
from osint.capture.imports.found import (
    Credentials,
    DamagedFileError,
    Found,
    Sealed,
    Span,
    Unread,
    credentials_in,
    instant_of,
)
from osint.capture.imports.spans import in_address, in_head
from osint.capture.secrets import secret_lines
from osint.wacz.reading import WaczError, open_wacz, read_warc

_FAULTS = (warc.WarcError, WaczError, zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError)
_LONGEST_HEAD = 1 << 20
_SILENT = ("warcinfo", "metadata", "request")  # what surrounds an answer
_MESSAGES = ("request", "response", "revisit", "continuation")
_ENDLESS = "a head without end"  # nobody replaces that, so no derivative is made
_LINE = re.compile(rb"^([^\s:]{1,100})[ \t]*:[ \t]*([^\r\n]*)", re.MULTILINE)
_DIGEST = re.compile(rb"^(warc-(?:block|payload)-digest)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_ALGORITHMS = ("sha1", "sha256", "sha512", "md5")


def captures(path: Path, sealed: Sealed) -> Iterator[Found]:
    """Yield what the records of a WARC file hold.

    Raises:
        DamagedFileError: It cannot be read to its end.
    """
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        yield from _found(read_warc(stream, packed=packed), sealed)


def captures_of_wacz(path: Path, sealed: Sealed) -> Iterator[Found]:
    """Yield what the WARC files of a package hold; its index and its list of pages are not believed.

    Raises:
        DamagedFileError: It is no such package, or cannot be read to its end.
    """
    try:
        with open_wacz(path) as package:
            if not package.warcs:
                raise DamagedFileError("the package holds no WARC file")
            for name in package.warcs:
                yield from _found(package.records(name), sealed, f"{name} ")
    except _FAULTS as error:
        raise DamagedFileError(f"it is no WACZ package that is read: {error}") from error


def _found(records: Iterable[warc.Record], sealed: Sealed, where: str = "") -> Iterator[Found]:
    try:
        for number, record in enumerate(records, 1):
            yield from _read(record, f"{where}record {number}", sealed)
    except _FAULTS as error:
        raise DamagedFileError(f"{where}{error}") from error


def _read(record: warc.Record, part: str, sealed: Sealed) -> Iterator[Found]:
    kind, media_type = record.type, record.headers.get("content-type", "")
    if _is_http(record):
        yield from _credentials_of(record, part)
    if kind in _SILENT:
        return
    if record.length > ENTITY_LIMIT:
        yield Unread(part, f"longer than {ENTITY_LIMIT} bytes, which are not read")
    elif kind == "response" and "http" in media_type:
        yield from _response(record, part, sealed)
    elif kind in ("resource", "conversion"):
        if not _is_http(record):
            yield from credentials_in(part, (), record.headers.get("warc-target-uri", ""))
        record.block.seek(0)
        headers = (("Content-Type", media_type or "application/octet-stream"),)
        yield sealed.capture(
            part,
            record.headers.get("warc-target-uri", ""),
            record.read(),
            headers=headers,
            collected=instant_of(record.headers.get("warc-date")),
            problems=_problems(record, chunked=True),
        )
    else:
        yield Unread(part, f"a record of the type {kind[:40]!r}, which holds no answer of its own")


def _response(record: warc.Record, part: str, sealed: Sealed) -> Iterator[Found]:
    address = record.headers.get("warc-target-uri", "")
    record.block.seek(0)
    entity = read_entity(record.block)
    if not entity.status:
        yield Unread(part, "no HTTP answer")
        return
    yield sealed.capture(
        part,
        address,
        entity.body,
        status=entity.status,
        headers=entity.headers,
        collected=instant_of(record.headers.get("warc-date")),
        problems=(*_problems(record, chunked=is_chunked(entity.headers)), *entity.problems),
    )


def _is_http(record: warc.Record) -> bool:
    """Say whether the block of a record may start as an HTTP message does, whatever else the record is."""
    return record.type in _MESSAGES or "http" in record.headers.get("content-type", "").casefold()


def _credentials_of(record: warc.Record, part: str) -> Iterator[Credentials]:
    """Yield what the head of a message holds. It is looked at whatever becomes of the rest."""
    record.block.seek(0)
    data = record.block.read(_LONGEST_HEAD)
    body = _body_at(data)
    head = data[:body]
    names = secret_lines(head.replace(b"\r\n", b"\n"))
    lines = ((match[1].decode("latin-1"), match[2].decode("latin-1")) for match in _LINE.finditer(head))
    for found in credentials_in(part, tuple(lines), record.headers.get("warc-target-uri", "")):
        names += found.names
    if record.type == "request" and body < record.length:
        names.append("request body")
    if body == len(data) < record.length:
        names.append(_ENDLESS)
    if names:
        yield Credentials(part, tuple(dict.fromkeys(names)))


def spans(path: Path, where: str = "") -> Iterator[Span]:
    """Yield where the values of credential lines stand in a WARC file that is not packed.

    Args:
        path: The file.
        where: What the names of its parts begin with.

    Raises:
        DamagedFileError: It cannot be read to its end.
    """
    with path.open("rb") as stream, path.open("rb") as again:
        try:
            for number, record in enumerate(read_warc(stream, packed=False), 1):
                again.seek(record.offset)
                yield from _spans_of(again, record, f"{where}record {number}")
        except _FAULTS as error:
            raise DamagedFileError(f"{where}{error}") from error


def _spans_of(stream: IO[bytes], record: warc.Record, part: str) -> Iterator[Span]:
    """Yield what one record holds; the stream is at its start."""
    start = stream.tell()
    data = stream.read(_LONGEST_HEAD)
    head = data[: _body_at(data)]
    block = start + len(head)
    stream.seek(block)
    content = stream.read(min(record.length, _LONGEST_HEAD))
    found = list(in_head(head, start, part))
    if _is_http(record):
        found += _spans_of_message(content, block, record, part)
    elif record.headers.get("content-type", "").startswith("application/warc-fields"):
        found += in_address(content, block, part)
    yield from found
    if any(span.start >= block for span in found):
        yield from _digests(head, start, part)


def _spans_of_message(content: bytes, at: int, record: warc.Record, part: str) -> Iterator[Span]:
    body = _body_at(content)
    yield from in_address(content.partition(b"\n")[0], at, part, "request target")
    yield from in_head(content[:body], at, part)
    if record.type == "request" and body < record.length:
        yield Span(at + body, at + record.length, "request body", part)


def _digests(head: bytes, at: int, part: str) -> Iterator[Span]:
    """Yield the digests that cover what is replaced: they do not fit any more, and a short value could be tried out."""
    for match in _DIGEST.finditer(head):
        yield Span(at + match.start(2), at + match.end(2), match[1].decode("ascii").casefold(), part)


def _body_at(head: bytes) -> int:
    """Return where the body of a message starts, or its length when its head has no end in it."""
    ends = [at + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (at := head.find(mark)) >= 0]
    return min(ends, default=len(head))


def _problems(record: warc.Record, *, chunked: bool) -> list[str]:
    """Compare the digests that a record states; under a transfer coding that of the payload is spelt in two ways."""
    problems = []
    if truncated := record.headers.get("warc-truncated"):
        problems.append(f"The file says that the answer was cut ({truncated[:40]}).")
    for name, start in (("block", 0), ("payload", None if chunked else warc.payload_offset(record.block))):
        stated = record.headers.get(f"warc-{name}-digest", "")
        if stated and start is not None and _fits(record, start, stated) is False:
            problems.append(f"Its {name} digest is not that of its bytes: it was altered, or damaged.")
    record.block.seek(0)
    return problems


def _fits(record: warc.Record, start: int, stated: str) -> bool | None:
    """Say whether a digest, hex or base32, is that of the block from ``start``; None when it cannot be computed."""
    algorithm, _, text = stated.partition(":")
    algorithm = algorithm.casefold().replace("-", "")
    if algorithm not in _ALGORITHMS:
        return None
    computed = hashlib.new(algorithm, usedforsecurity=False)
    record.block.seek(start)
    while chunk := record.block.read(1 << 16):
        computed.update(chunk)
    return computed.digest() in (_unhexed(text), _unbased(text))


def _unhexed(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _unbased(text: str) -> bytes:
    try:
        return base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return b""
