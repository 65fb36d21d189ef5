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
from typing import IO
from uuid import uuid4

from osint.window import window

VERSION = "WARC/1.1"
MEDIA_TYPE = "application/warc"
_CHUNK = 1 << 16
_SPOOL = 1 << 20
_HEADER_LIMIT = 1 << 18
_INFLATED_IN_ANY_CASE = 1 << 26
_INFLATED_FOR_EACH_BYTE = 200
_END = b"\r\n\r\n"
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
        sha256 = _sha256(stream)
        length = stream.tell() - start
        stream.seek(start)
        return cls(stream, length, sha256)


@dataclass(frozen=True)
class Record:
    """One record as it was read.

    Attributes:
        headers: Header fields, names in lower case.
        block: A stream that holds the block and nothing else, at its start.
        length: Length of the block in bytes.
        offset: Where the record's gzip member starts in the file.
        packed: Length of the gzip member in bytes; 0 where it has none of its own.
    """

    headers: Mapping[str, str]
    block: IO[bytes]
    length: int
    offset: int
    packed: int = 0

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
    lines = [VERSION, *(f"{name}: {value}" for name, value in head.items()), "", ""]
    gzip = zlib.compressobj(_COMPRESSION_LEVEL, zlib.DEFLATED, 31)
    out.write(gzip.compress("\r\n".join(lines).encode()))
    written = 0
    while chunk := block.stream.read(_CHUNK):
        written += len(chunk)
        out.write(gzip.compress(chunk))
    if written != block.length:
        raise WarcError(f"a block of {block.length} bytes turned out to hold {written}")
    out.write(gzip.compress(_END) + gzip.flush())


def read(stream: IO[bytes], *, bounded: bool = False) -> Iterator[Record]:
    """Yield the records of a WARC file whose records are gzip members, in order.

    Blocks above 1 MiB are spooled to disk. The stream of a record may be closed when the next one is asked for.

    Args:
        stream: A binary stream.
        bounded: Refuse a member that grows beyond :func:`most_inflated`: what comes from elsewhere may be a bomb, while
            evidence of one's own is read whatever it is.

    Raises:
        WarcError: A member is damaged or cut, a header is malformed, or a block has another length than it says.
    """
    offset, data = 0, stream.read(_CHUNK)
    while data:
        with SpooledTemporaryFile(max_size=_SPOOL) as content:
            packed, rest = _inflate(stream, data, content, offset, bounded=bounded)
            yield _parse_record(content, offset, packed)
        offset += packed
        data = rest or stream.read(_CHUNK)


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
            problems += digest_problems(record)
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


def digest_problems(record: Record) -> list[str]:
    """Compare a record with the digests that it states; that of its block has to be there."""
    problems = _compare(record, "block", 0)
    if "warc-payload-digest" in record.headers:
        problems += _compare(record, "payload", payload_offset(record.block))
    return problems


def payload_offset(block: IO[bytes]) -> int:
    """Return where the body starts in an HTTP message, 0 when there is no end of the headers; the stream is rewound."""
    block.seek(0)
    start = _end_of_head(block.read(_HEADER_LIMIT))
    block.seek(0)
    return start


def most_inflated(packed: int) -> int:
    """Return how far so many bytes may grow before they are taken for a bomb."""
    return _INFLATED_IN_ANY_CASE + _INFLATED_FOR_EACH_BYTE * packed


def _warc_date(date: datetime) -> str:
    if date.tzinfo is None:
        raise WarcError("a record needs an instant, and this time names no zone")
    return date.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _inflate(stream: IO[bytes], data: bytes, content: IO[bytes], offset: int, *, bounded: bool) -> tuple[int, bytes]:
    """Inflate the gzip member that ``data`` starts into ``content``: (its length, the bytes read beyond it)."""
    gunzip = zlib.decompressobj(31)
    used = inflated = 0
    try:
        while data:
            used += len(data)
            while data and not gunzip.eof:  # at its end, zlib leaves the tail as it was
                inflated += content.write(gunzip.decompress(data, _SPOOL))
                data = gunzip.unconsumed_tail
                if bounded and inflated > most_inflated(used):
                    raise WarcError(f"the record at byte {offset} grows beyond what is unpacked")
            data = b"" if gunzip.eof else stream.read(_CHUNK)
    except zlib.error as error:
        raise WarcError(f"the record at byte {offset} is not an intact gzip member ({error})") from error
    if not gunzip.eof:
        raise WarcError(f"the record at byte {offset} is cut short")
    return used - len(gunzip.unused_data), gunzip.unused_data


def _parse_record(content: IO[bytes], offset: int, packed: int) -> Record:
    end = content.tell()
    content.seek(0)
    head = content.read(_HEADER_LIMIT)
    start = _end_of_head(head)
    version, *lines = head[:start].decode("utf-8", "replace").split("\r\n")[:-2] or [""]
    if version != VERSION:
        raise WarcError(f"the record at byte {offset} does not start with {VERSION} and its headers")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.casefold()
        if not colon or name in headers or "\n" in line:
            raise WarcError(f"the record at byte {offset} has a malformed or repeated header line")
        headers[name] = value.strip()
    length = end - start - len(_END)
    if length < 0 or headers.get("content-length") != str(length):
        raise WarcError(
            f"the record at byte {offset} should hold {headers.get('content-length')} bytes and holds {length}"
        )
    content.seek(start + length)
    if content.read() != _END:
        raise WarcError(f"the record at byte {offset} does not end in two line breaks")
    return Record(headers, _part(content, start, length), length, offset, packed)


def _part(content: IO[bytes], start: int, length: int) -> IO[bytes]:
    if length > _SPOOL:
        return window(content, start, length)
    content.seek(start)  # copied, for a window would cost a small record more than its digest
    return io.BytesIO(content.read(length))


def _compare(record: Record, what: str, start: int) -> list[str]:
    stated = record.headers.get(f"warc-{what}-digest")
    record.block.seek(start)
    computed = digest_text(_sha256(record.block))
    if stated == computed:
        return []
    said = f"the {what} digest {stated}" if stated else f"no {what} digest"
    return [
        f"the {record.type} record at byte {record.offset} changed: it states {said}, and its bytes give {computed}"
    ]


def _end_of_head(data: bytes) -> int:
    """Return where the first empty line ends, 0 when there is none."""
    end = data.find(b"\r\n\r\n")
    bare = data.find(b"\n\n", 0, end if end >= 0 else None)  # behind that is the body
    if bare >= 0:
        return bare + 2
    return end + 4 if end >= 0 else 0


def _sha256(stream: IO[bytes]) -> bytes:
    """Hash what is left of a stream."""
    sha256 = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        sha256.update(chunk)
    return sha256.digest()
