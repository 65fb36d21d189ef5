"""From the bytes of an HTTP/1 answer to its entity: transfer and content codings removed, within limits.

Nothing here raises on hostile input. What could be read is returned, and what is wrong with it is said beside it.

Source: RFC 9112 (framing, chunked coding), RFC 9110 section 8.4 (content codings).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import IO

from osint.warc import payload_offset

Headers = tuple[tuple[str, str], ...]

ENTITY_LIMIT = 64 << 20
RATIO_LIMIT = 200
_RATIO_FREE = 1 << 20  # below a mebibyte no ratio can do harm, and small repetitive pages reach 200:1
_CODINGS_LIMIT = 2
_STEP = 1 << 16


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


def read_entity(block: IO[bytes]) -> Entity:
    """Read the block of a WARC response record. It is read to its end; it may be any bytes."""
    start = payload_offset(block)
    block.seek(0)
    head = block.read(start)
    status, headers = _parse_head(head)
    if not status:
        return Entity(0, (), b"", ("The bytes are not an HTTP answer.",))
    raw = block.read()
    problems: list[str] = []
    if is_chunked(headers):
        raw = _dechunk(raw, problems)
    elif _is_size(length := header(headers, "content-length") or "") and len(raw) < int(length):
        problems.append(f"The answer announced {length} bytes and {len(raw)} came.")
    body = _decode(raw, headers, problems)
    return Entity(status, headers, body, tuple(problems))


def _is_size(text: str) -> bool:
    return text.isdecimal() and len(text) < 19  # beyond that no file is; Python refuses to read thousands of digits


def header(headers: Headers, name: str) -> str | None:
    """Return the first header of that name in any letter case, or None."""
    return next((value for key, value in headers if key.casefold() == name), None)


def is_chunked(headers: Headers) -> bool:
    """Say whether a transfer coding frames the body."""
    return "chunked" in (header(headers, "transfer-encoding") or "").casefold()


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


def _dechunk(raw: bytes, problems: list[str]) -> bytes:
    """Remove the chunked coding (RFC 9112, 7.1); extensions and trailers are passed over."""
    body = bytearray()
    at = 0
    while True:
        line_end = raw.find(b"\n", at)
        size_text = raw[at : max(line_end, at)].split(b";")[0].strip()
        try:
            size = int(size_text, 16) if line_end >= 0 else -1
        except ValueError:
            size = -1
        if size < 0:
            problems.append("The chunked body breaks off or is malformed.")
            return bytes(body)
        if size == 0:
            return bytes(body)
        chunk = raw[line_end + 1 : line_end + 1 + size]
        body += chunk
        if len(chunk) < size:
            problems.append("The chunked body breaks off inside a chunk.")
            return bytes(body)
        at = line_end + 1 + size
        at += 2 if raw[at : at + 2] == b"\r\n" else 1


def _decode(raw: bytes, headers: Headers, problems: list[str]) -> bytes:
    named = ",".join(value for key, value in headers if key.casefold() == "content-encoding")
    codings = [
        coding.strip().casefold() for coding in named.split(",") if coding.strip().casefold() not in ("", "identity")
    ]
    if len(codings) > _CODINGS_LIMIT:
        problems.append(f"The body is packed {len(codings)} times over; more than {_CODINGS_LIMIT} are not unpacked.")
        return b""
    for coding in reversed(codings):
        if coding not in ("gzip", "x-gzip", "deflate"):
            problems.append(f"The body is packed with {coding!r}, which was not asked for and is not unpacked.")
            return b""
        raw = _inflate(raw, coding, problems)
    return raw


def _inflate(raw: bytes, coding: str, problems: list[str]) -> bytes:
    """Unpack gzip or deflate until its end, a defect, or a limit."""
    # Some servers send bare deflate data where the standard wants the zlib format.
    bare = coding == "deflate" and raw[:1] and (raw[0] & 0x0F != 8 or int.from_bytes(raw[:2], "big") % 31)
    inflater = zlib.decompressobj(31 if "gzip" in coding else -15 if bare else 15)
    limit = min(ENTITY_LIMIT, max(_RATIO_FREE, len(raw) * RATIO_LIMIT))
    body = bytearray()
    try:
        for at in range(0, len(raw), _STEP):
            data = raw[at : at + _STEP]
            while data and len(body) <= limit:
                body += inflater.decompress(data, limit + 1 - len(body))
                data = inflater.unconsumed_tail
            if inflater.eof or len(body) > limit:
                break
    except zlib.error:
        problems.append(f"The {coding} data is damaged; {len(body)} bytes could be unpacked.")
        return bytes(body)
    if len(body) > limit:
        problems.append(
            f"The body unpacks to more than {limit} bytes from {len(raw)} ({coding}); the rest was not unpacked."
        )
        return bytes(body[:limit])
    if raw and not inflater.eof:
        problems.append(f"The {coding} data breaks off; {len(body)} bytes could be unpacked.")
    return bytes(body)
