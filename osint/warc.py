"""The WARC 1.1 format, read and written; no network, no policy.

Every record is a gzip member of its own. Digests are spelt ``sha256:`` and padded upper-case base32, the one SHA-256
spelling that warcio, FastWARC and warcat all accept. This writer shares no code with those readers, so that they can
check it.

Source: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

from __future__ import annotations

import base64
import hashlib
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, cast
from uuid import uuid4

VERSION = b"WARC/1.1"
MEDIA_TYPE = "application/warc"
_CHUNK = 1 << 16
_SPOOL = 1 << 20
_HEADER_LIMIT = 1 << 18
_COMPRESSION_LEVEL = 6  # level 9 costs twice the time for 1.5 % of the size


class WarcError(ValueError):
    """The bytes are not the WARC file they should be; the message says where and why."""


@dataclass(frozen=True)
class Block:
    """The content of a record: a stream at its start, its length in bytes, and its SHA-256 (32 bytes)."""

    stream: IO[bytes]
    length: int
    sha256: bytes

    @classmethod
    def of(cls, data: bytes) -> Block:
        """Make a block of bytes in memory."""
        return cls(io.BytesIO(data), len(data), hashlib.sha256(data).digest())

    @classmethod
    def of_stream(cls, stream: IO[bytes]) -> Block:
        """Make a block of what a seekable stream holds from its present position; it is read once to hash it."""
        start = stream.tell()
        sha256 = hashlib.sha256()
        while chunk := stream.read(_CHUNK):
            sha256.update(chunk)
        length = stream.tell() - start
        stream.seek(start)
        return cls(stream, length, sha256.digest())


@dataclass(frozen=True)
class Record:
    """One record as it was read.

    Attributes:
        headers: Header fields, names in lower case.
        block: A stream that holds the block and nothing else, at its start.
        length: Length of the block in bytes.
        offset: Where the record's gzip member starts in the file.
    """

    headers: Mapping[str, str]
    block: IO[bytes]
    length: int
    offset: int

    @property
    def type(self) -> str:
        """The record type: warcinfo, request, response, metadata, resource."""
        return self.headers.get("warc-type", "")

    def read(self) -> bytes:
        """Return the whole block."""
        self.block.seek(0)
        return self.block.read()


def digest_text(sha256: bytes) -> str:
    """Spell a SHA-256 (32 bytes) the way a WARC header carries it."""
    return "sha256:" + base64.b32encode(sha256).decode("ascii")


def new_record_id() -> str:
    """Return a fresh record identifier, ``<urn:uuid:...>``."""
    return f"<urn:uuid:{uuid4()}>"


def write_record(
    out: IO[bytes],
    record_type: str,
    block: Block,
    *,
    date: datetime,
    content_type: str,
    record_id: str,
    fields: Mapping[str, str],
) -> None:
    """Append one record to ``out`` as one gzip member; the bytes depend on the arguments alone.

    Args:
        out: A binary stream.
        record_type: warcinfo, request, response, metadata or resource.
        block: The content.
        date: The instant of ``WARC-Date``, aware; written in UTC with microseconds.
        content_type: Media type of the block.
        record_id: From :func:`new_record_id`.
        fields: Further header fields; line breaks in them are refused.

    Raises:
        WarcError: A field holds a line break, or the block is shorter or longer than it says.
    """
    head = {
        "WARC-Type": record_type,
        "WARC-Record-ID": record_id,
        "WARC-Date": _warc_date(date),
        "WARC-Block-Digest": digest_text(block.sha256),
        "Content-Type": content_type,
        "Content-Length": str(block.length),
        **fields,
    }
    for name, value in head.items():
        if "\r" in value or "\n" in value:
            raise WarcError(f"the header {name} holds a line break")
    lines = [VERSION, *(f"{name}: {value}".encode() for name, value in head.items()), b"", b""]
    gzip = zlib.compressobj(_COMPRESSION_LEVEL, zlib.DEFLATED, 31)
    out.write(gzip.compress(b"\r\n".join(lines)))
    written = 0
    while chunk := block.stream.read(_CHUNK):
        written += len(chunk)
        out.write(gzip.compress(chunk))
    if written != block.length:
        raise WarcError(f"a block of {block.length} bytes turned out to hold {written}")
    out.write(gzip.compress(b"\r\n\r\n") + gzip.flush())


def read(stream: IO[bytes]) -> Iterator[Record]:
    """Yield the records of a WARC file whose records are gzip members, in order.

    Blocks above 1 MiB are spooled to disk. The stream of a record is closed when the next one is asked for.

    Raises:
        WarcError: A member is damaged or cut, a header is malformed, or a block has another length than it says.
    """
    offset = 0
    rest = b""
    while True:
        member, rest, used = _read_member(stream, rest, offset)
        if member is None:
            return
        with member:
            yield _parse_record(member, offset)
        offset += used


def check(stream: IO[bytes]) -> list[str]:
    """Return what is wrong with one exhibit; an empty list means that nothing is.

    Checked are the gzip members, each record's length and block digest, the payload digest where there is one, and
    that the file holds what an exhibit does. A preserved exchange is a warcinfo, an answer (response or resource), a
    request and a metadata record, once each; a rendered page is a warcinfo, resources and a metadata record.
    """
    problems: list[str] = []
    seen: list[str] = []
    try:
        for record in read(stream):
            seen.append(record.type)
            problems.extend(_check_digests(record))
    except WarcError as error:
        problems.append(str(error))
    if not _is_exhibit(seen):
        problems.append(
            "the file should hold warcinfo, an answer, a request and metadata, or warcinfo, resources and metadata; it "
            f"holds {seen or 'nothing'}"
        )
    return problems


def _is_exhibit(types: Sequence[str]) -> bool:
    first, *inner, last = types if len(types) > 2 else ("", "", "")
    is_exchange = inner in (["response", "request"], ["resource", "request"])
    return (first, last) == ("warcinfo", "metadata") and (is_exchange or set(inner) == {"resource"})


def payload_offset(block: IO[bytes]) -> int:
    """Return where the body starts in an HTTP message, 0 when there is no end of the headers; the stream is rewound."""
    block.seek(0)
    head = block.read(_HEADER_LIMIT)
    block.seek(0)
    ends = [end + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (end := head.find(mark)) >= 0]
    return min(ends, default=0)


def _warc_date(date: datetime) -> str:
    if date.tzinfo is None:
        raise WarcError("a record needs an instant, and this time names no zone")
    return date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _read_member(stream: IO[bytes], rest: bytes, offset: int) -> tuple[IO[bytes] | None, bytes, int]:
    """Decompress one gzip member: (its content, the bytes read beyond it, its compressed length)."""
    data = rest or stream.read(_CHUNK)
    if not data:
        return None, b"", 0
    member = SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115 - the caller closes it
    gunzip = zlib.decompressobj(31)
    used = 0
    try:
        while data:
            used += len(data)
            member.write(gunzip.decompress(data, _SPOOL))
            while gunzip.unconsumed_tail and not gunzip.eof:  # zlib leaves it as it was when the member ends
                member.write(gunzip.decompress(gunzip.unconsumed_tail, _SPOOL))
            data = b"" if gunzip.eof else stream.read(_CHUNK)
    except zlib.error as error:
        member.close()
        raise WarcError(f"the record at byte {offset} is not an intact gzip member ({error})") from error
    if not gunzip.eof:
        member.close()
        raise WarcError(f"the record at byte {offset} is cut short")
    return member, gunzip.unused_data, used - len(gunzip.unused_data)


def _parse_record(member: IO[bytes], offset: int) -> Record:
    member.seek(0)
    if member.readline(_HEADER_LIMIT).rstrip(b"\r\n") != VERSION:
        raise WarcError(f"the record at byte {offset} does not start with {VERSION.decode()}")
    headers: dict[str, str] = {}
    while line := member.readline(_HEADER_LIMIT).rstrip(b"\r\n"):
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if not colon or name.casefold() in headers:
            raise WarcError(f"the record at byte {offset} has a malformed or repeated header line")
        headers[name.casefold()] = value.strip()
    start = member.tell()
    end = member.seek(0, io.SEEK_END)
    length = headers.get("content-length", "")
    if not length.isdecimal() or start + int(length) + 4 != end:
        raise WarcError(f"the record at byte {offset} should hold {length} bytes and holds {end - start - 4}")
    member.seek(end - 4)
    if member.read() != b"\r\n\r\n":
        raise WarcError(f"the record at byte {offset} does not end in two line breaks")
    return Record(headers, cast("IO[bytes]", _Slice(member, start, int(length))), int(length), offset)


class _Slice(io.BufferedIOBase):
    """The part of a file that holds one block."""

    def __init__(self, file: IO[bytes], start: int, length: int) -> None:
        self._file, self._start, self._length, self._at = file, start, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int | None = -1, /) -> bytes:
        left = max(0, self._length - self._at)
        self._file.seek(self._start + self._at)
        data = self._file.read(left if size is None or size < 0 else min(size, left))
        self._at += len(data)
        return data

    def readline(self, size: int | None = -1, /) -> bytes:
        start = self._at
        line = self.read(-1 if size is None or size < 0 else size).partition(b"\n")
        self._at = start + len(line[0]) + len(line[1])
        return line[0] + line[1]


def _check_digests(record: Record) -> list[str]:
    problems = []
    body = payload_offset(record.block)
    for header, start in (("warc-block-digest", 0), ("warc-payload-digest", body)):
        stated = record.headers.get(header)
        record.block.seek(start)
        computed = digest_text(Block.of_stream(record.block).sha256)
        if stated is None and header == "warc-block-digest":
            problems.append(f"the {record.type} record at byte {record.offset} carries no block digest")
        elif stated is not None and stated != computed:
            problems.append(
                f"the {record.type} record at byte {record.offset} changed: its {header[5:].replace('-', ' ')} says "
                f"{stated} and its bytes give {computed}"
            )
    return problems
