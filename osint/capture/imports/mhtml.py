"""MHTML, a page saved as one file: an RFC 2557 message whose parts are the page and what it shows.

The headers are read by the standard library; the parts are found by the boundary alone, so that a message of a million
parts, or of parts within parts, costs no more than reading it once.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import errors
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path

from osint.capture.imports.found import (
    MOST_PARTS,
    READ_AT_ONCE,
    DamagedFileError,
    Found,
    Sealed,
    Unread,
    credentials_in,
    instant_of,
)

_BEHIND_A_MARK = (b"\r", b"\n", b" ", b"\t", b"--")
_DEEPEST = 3  # multipart within multipart
_LONGEST_HEAD = 1 << 16


def captures(path: Path, sealed: Sealed) -> Iterator[Found]:
    """Yield what the parts of the message hold.

    Raises:
        DamagedFileError: It is too long, or no such message.
    """
    if path.stat().st_size > READ_AT_ONCE:
        raise DamagedFileError(f"it has more than {READ_AT_ONCE} bytes, and an MHTML file has to be read whole")
    data = path.read_bytes()
    message, start = _head(data, 0, len(data))
    # Browsers write "-0000": universal time, and nothing known of the zone they were in (RFC 5322, 3.3).
    saved = instant_of(re.sub(r"-0000$", "+0000", _line(message, "Date")))
    yield from _Message(data, saved, sealed).parts(message, start, len(data), "part ")


@dataclass(frozen=True)
class _Message:
    """The message as a whole: its bytes, when it was saved by its own word, and the exhibit it became."""

    data: bytes
    saved: datetime | None
    sealed: Sealed

    def parts(self, head: Message, start: int, end: int, where: str) -> Iterator[Found]:
        """Yield what the parts between two places hold, and the parts within them."""
        boundary = head.get_boundary() or ""
        if not boundary or len(boundary) > 200:
            raise DamagedFileError("it names no boundary between its parts")
        is_whole = False
        bounds = _bounds(self.data, b"--" + boundary.encode("utf-8", "replace"), start, end)
        for number, (first, last, is_last) in enumerate(bounds, 1):
            if number > MOST_PARTS:
                raise DamagedFileError(f"it has more than {MOST_PARTS} parts; the others are not read")
            yield from self.part(first, last, f"{where}{number}")
            is_whole = is_last
        if not is_whole:
            raise DamagedFileError("it breaks off before its last boundary")

    def part(self, first: int, last: int, part: str) -> Iterator[Found]:
        """Yield what one part holds."""
        head, body = _head(self.data, first, last)
        if head.get_content_maintype() == "multipart":
            if part.count(".") + 1 >= _DEEPEST:
                yield Unread(part, f"parts within parts, more than {_DEEPEST} deep, which are not read")
            else:
                yield from self.parts(head, body, last, f"{part}.")
            return
        headers = tuple((name, _line(head, name)) for name in dict.fromkeys(head.keys()))
        address = _line(head, "Content-Location")
        yield from credentials_in(part, headers, address)
        content, problems = _decoded(head, self.data[body:last])
        yield self.sealed.capture(part, address, content, headers=headers, collected=self.saved, problems=problems)


def _bounds(data: bytes, mark: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Yield where each part starts and ends, and whether the last boundary stands behind it."""
    at = _next_mark(data, mark, start, end)
    while at is not None:
        line_end = data.find(b"\n", at, end)
        if data[at + len(mark) : at + len(mark) + 2] == b"--" or line_end < 0:
            return
        following = _next_mark(data, mark, line_end, end)
        last = end if following is None else following
        closes = following is not None and data[following + len(mark) : following + len(mark) + 2] == b"--"
        yield line_end + 1, max(line_end + 1, last - (2 if data[last - 2 : last] == b"\r\n" else 1)), closes
        at = following


def _next_mark(data: bytes, mark: bytes, start: int, end: int) -> int | None:
    """Return where the next boundary line starts, from ``start`` or the line break there."""
    if data.startswith(mark, start):
        return start
    while (at := data.find(b"\n" + mark, start, end)) >= 0:
        if data[at + 1 + len(mark) : at + 3 + len(mark)].startswith(_BEHIND_A_MARK) or at + 1 + len(mark) == len(data):
            return at + 1
        start = at + 1  # a longer boundary that begins alike
    return None


def _head(data: bytes, start: int, end: int) -> tuple[Message, int]:
    """Return the headers that start there, and where what they describe starts."""
    if data.startswith((b"\n", b"\r\n"), start):
        return Message(), start + (1 if data[start : start + 1] == b"\n" else 2)
    limit = min(end, start + _LONGEST_HEAD)
    ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := data.find(mark, start, limit)) >= 0]
    stop, length = min(ends, default=(limit, 0))
    try:
        return BytesHeaderParser().parsebytes(data[start:stop]), stop + length
    except (errors.MessageError, ValueError, LookupError) as error:
        raise DamagedFileError("the headers of a part cannot be read") from error


def _line(message: Message, name: str) -> str:
    """Return a header line; encoded words and line breaks of the sender's are left as they are."""
    return str(message.get(name, "")).replace("\r", "").replace("\n", "").strip()


def _decoded(head: Message, raw: bytes) -> tuple[bytes, list[str]]:
    coding = _line(head, "Content-Transfer-Encoding").casefold()
    if coding == "quoted-printable":
        return quopri.decodestring(raw), []
    if coding == "base64":
        try:
            return binascii.a2b_base64(raw, strict_mode=False), []
        except binascii.Error:
            return b"", ["Its base64 is damaged."]
    if coding in ("", "7bit", "8bit", "binary"):
        return raw, []
    return raw, [f"It is packed with {coding[:40]!r}, which is not unpacked."]
