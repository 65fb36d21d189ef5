"""From the bytes of an HTTP/1 answer to its entity: transfer and content codings removed, within limits.

The entity is made piece by piece, so that a film takes no more memory than a page. Nothing here raises on hostile
input. What could be read is returned, and what is wrong with it is said beside it.

Source: RFC 9112 (framing, chunked coding), RFC 9110 section 8.4 (content codings).
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import chain
from typing import IO

from osint.warc import payload_offset

Headers = tuple[tuple[str, str], ...]
Pieces = Iterator[bytes]

ENTITY_LIMIT = 64 << 20
STREAM_LIMIT = 2 << 30
RATIO_LIMIT = 200
_RATIO_FREE = 1 << 20  # below a mebibyte no ratio can do harm, and small repetitive pages reach 200:1
_CODINGS_LIMIT = 2
_STEP = 1 << 16
_UNPACKED_STEP = 1 << 20


@dataclass(frozen=True)
class Entity:
    """What an answer holds.

    Attributes:
        status: HTTP status; 0 when the bytes are no HTTP answer.
        headers: Header lines in order, as written.
        body: The entity, as far as it could be read.
        problems: What is wrong with it, in sentences.
    """

    status: int
    headers: Headers
    body: bytes
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Poured:
    """What an answer holds whose entity went elsewhere: as :class:`Entity`, with length and hex SHA-256 of it."""

    status: int
    headers: Headers
    length: int
    sha256: str
    problems: tuple[str, ...]


def read_entity(block: IO[bytes]) -> Entity:
    """Read the block of a WARC response record into memory, up to :data:`ENTITY_LIMIT`. It may be any bytes."""
    body = BytesIO()
    read = pour_entity(block, body.write, ENTITY_LIMIT)
    return Entity(read.status, read.headers, body.getvalue(), read.problems)


def pour_entity(block: IO[bytes], out: Callable[[bytes], object], most: int | None = None) -> Poured:
    """Hand the entity of a WARC response record on, piece by piece, and hash it on the way.

    Args:
        block: The block of the record; it may be any bytes.
        out: Is given each piece.
        most: Bytes after which no more is handed on; by default all that came is, and what is packed is unpacked to
            :data:`STREAM_LIMIT`.
    """
    start = payload_offset(block)
    block.seek(0)
    status, headers = _parse_head(block.read(start))
    problems: list[str] = []
    if not status:
        return Poured(0, (), 0, hashlib.sha256().hexdigest(), ("The bytes are not an HTTP answer.",))
    came = block.seek(0, os.SEEK_END) - start
    block.seek(start)
    pieces: Pieces = iter(partial(block.read, _STEP), b"")
    if is_chunked(headers):
        pieces = _dechunk(pieces, problems)
    elif (stated := announced(headers)) is not None and came < stated:
        problems.append(f"The answer announced {stated} bytes and {came} came.")
    digest, length = hashlib.sha256(), 0
    for piece in _bounded(_decode(pieces, headers, came, most, problems), most, problems):
        out(piece)
        digest.update(piece)
        length += len(piece)
    return Poured(status, headers, length, digest.hexdigest(), tuple(problems))


def header(headers: Headers, name: str) -> str | None:
    """Return the first header of that name in any letter case, or None."""
    return next((value for key, value in headers if key.casefold() == name), None)


def is_chunked(headers: Headers) -> bool:
    """Say whether a transfer coding frames the body."""
    return "chunked" in (header(headers, "transfer-encoding") or "").casefold()


def announced(headers: Headers) -> int | None:
    """Return the length of the body that the head announces, or None."""
    text = header(headers, "content-length") or ""
    # Beyond 18 digits no file is; Python refuses to read thousands of them.
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _parse_head(head: bytes) -> tuple[int, Headers]:
    lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    version, _, rest = lines[0].partition(" ")
    if not version.startswith("HTTP/") or not rest[:3].isdecimal():
        return 0, ()
    headers: list[tuple[str, str]] = []
    for line in lines[1:]:
        if line[:1] in (" ", "\t") and headers:  # obs-fold, RFC 9112 section 5.2
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name.strip(), value.strip()))
    return int(rest[:3]), tuple(headers)


def _bounded(pieces: Pieces, most: int | None, problems: list[str]) -> Pieces:
    length = 0
    for piece in pieces:
        if most is not None and length + len(piece) > most:
            yield piece[: most - length]
            problems.append(f"The body has more than {most} bytes; the others are in the exhibit, and were not read.")
            return
        length += len(piece)
        yield piece


class _Pieces:
    """What comes in pieces, taken by lines and by number."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces, self._held, self._at = pieces, b"", 0

    def line(self) -> bytes:
        """Return what comes up to and including the next line feed; nothing when there is none within reach."""
        while (end := self._held.find(b"\n", self._at)) < 0:
            if len(self._held) - self._at > _STEP or not (more := next(self._pieces, b"")):
                return b""
            self._held, self._at = self._held[self._at :] + more, 0
        return self._taken(end + 1 - self._at)

    def take(self, most: int) -> bytes:
        """Return what comes next, at most so many bytes; nothing at the end."""
        if self._at == len(self._held):
            self._held, self._at = next(self._pieces, b""), 0
        return self._taken(most)

    def pass_line_end(self) -> None:
        """Pass over CR and LF, or over one byte that should have been a line end."""
        if self.take(1) == b"\r" and self.take(1) != b"\n":
            self._at = max(self._at - 1, 0)

    def _taken(self, size: int) -> bytes:
        taken = self._held[self._at : self._at + size]
        self._at += len(taken)
        return taken


def _dechunk(pieces: Pieces, problems: list[str]) -> Pieces:
    """Remove the chunked coding (RFC 9112, 7.1); extensions and trailers are passed over."""
    coded, body = _Pieces(pieces), bytearray()
    while True:
        line = coded.line()
        try:
            left = int(line.split(b";")[0].strip(), 16) if line else -1
        except ValueError:
            left = -1
        if left < 0:
            problems.append("The chunked body breaks off or is malformed.")
        if left <= 0:
            break
        while left and (piece := coded.take(left)):
            left -= len(piece)
            body += piece
            if len(body) >= _STEP:
                yield bytes(body)
                body.clear()
        if left:
            problems.append("The chunked body breaks off inside a chunk.")
            break
        coded.pass_line_end()
    if body:
        yield bytes(body)


def _decode(pieces: Pieces, headers: Headers, came: int, most: int | None, problems: list[str]) -> Pieces:
    """Unpack a body of ``came`` bytes, to no more than its limit."""
    named = ",".join(value for key, value in headers if key.casefold() == "content-encoding")
    codings = [
        coding.strip().casefold() for coding in named.split(",") if coding.strip().casefold() not in ("", "identity")
    ]
    if refusal := _refusal(codings):
        deque(pieces, maxlen=0)  # so that what is wrong with its framing is said as well
        problems.append(refusal)
        return iter(())
    limit = min(STREAM_LIMIT if most is None else most, max(_RATIO_FREE, came * RATIO_LIMIT))
    for coding in reversed(codings):
        pieces = _inflate(pieces, coding, came, limit, problems)
    return pieces


def _refusal(codings: list[str]) -> str:
    if len(codings) > _CODINGS_LIMIT:
        return f"The body is packed {len(codings)} times over; more than {_CODINGS_LIMIT} are not unpacked."
    unknown = next((coding for coding in reversed(codings) if coding not in ("gzip", "x-gzip", "deflate")), "")
    return f"The body is packed with {unknown!r}, which was not asked for and is not unpacked." if unknown else ""


def _inflate(pieces: Pieces, coding: str, came: int, limit: int, problems: list[str]) -> Pieces:
    """Unpack gzip or deflate until its end, a defect, or a limit."""
    first = next(pieces, b"")
    if not first:
        return
    if len(first) == 1:
        first += next(pieces, b"")
    # Some servers send bare deflate data where the standard wants the zlib format.
    bare = coding == "deflate" and (first[0] & 0x0F != 8 or int.from_bytes(first[:2], "big") % 31)
    inflater = zlib.decompressobj(31 if "gzip" in coding else -15 if bare else 15)
    length, damaged = 0, False
    try:
        for unpacked in _unpacked(inflater, chain([first], pieces)):
            length += len(unpacked)
            yield unpacked[: limit - length] if length > limit else unpacked
            if length > limit:
                break
    except zlib.error:
        damaged = True
    deque(pieces, maxlen=0)
    if damaged:
        problems.append(f"The {coding} data is damaged; {length} bytes could be unpacked.")
    elif length > limit:
        reach = f"more than {limit} bytes from {came}"
        problems.append(f"The body unpacks to {reach} ({coding}); the rest was not unpacked.")
    elif not inflater.eof:
        problems.append(f"The {coding} data breaks off; {length} bytes could be unpacked.")


def _unpacked(inflater: zlib._Decompress, pieces: Pieces) -> Pieces:
    for packed in pieces:
        data, full = packed, True
        while (data or full) and not inflater.eof:
            unpacked = inflater.decompress(data, _UNPACKED_STEP)
            data, full = inflater.unconsumed_tail, len(unpacked) == _UNPACKED_STEP
            if unpacked:
                yield unpacked
        if inflater.eof:
            return
