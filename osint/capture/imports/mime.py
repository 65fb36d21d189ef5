"""The parts of a MIME message, found by the boundary alone: reading a hostile one costs no more than reading it once.

The headers are read by the standard library. Source: RFC 2046, section 5.1.
"""

from __future__ import annotations

import binascii
import quopri
from collections.abc import Iterator
from email import errors
from email.message import Message
from email.parser import BytesHeaderParser

from osint.capture.imports.found import DamagedFileError

_BEHIND_A_MARK = (b"\r", b"\n", b" ", b"\t", b"--")
_LONGEST_HEAD = 1 << 16


def bounds(data: bytes, mark: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Yield where each part between two places starts and ends, and whether the last boundary stands behind it.

    Args:
        data: The message.
        mark: The boundary with the two hyphens before it.
        start: Where to look from.
        end: Where to stop.
    """
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


def head_at(data: bytes, start: int, end: int) -> tuple[Message, int]:
    """Return the headers that start there, and where what they describe starts.

    Raises:
        DamagedFileError: They cannot be read.
    """
    if data.startswith((b"\n", b"\r\n"), start):
        return Message(), start + (1 if data[start : start + 1] == b"\n" else 2)
    limit = min(end, start + _LONGEST_HEAD)
    ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := data.find(mark, start, limit)) >= 0]
    stop, length = min(ends, default=(limit, 0))
    try:
        return BytesHeaderParser().parsebytes(data[start:stop]), stop + length
    except (errors.MessageError, ValueError, LookupError) as error:
        raise DamagedFileError("the headers of a part cannot be read") from error


def line(message: Message, name: str) -> str:
    """Return a header line; encoded words and line breaks of the sender's are left as they are."""
    return str(message.get(name, "")).replace("\r", "").replace("\n", "").strip()


def decoded(head: Message, raw: bytes) -> tuple[bytes, list[str]]:
    """Return the bytes of a part with its transfer coding removed, and what is wrong with them, in sentences."""
    coding = line(head, "Content-Transfer-Encoding").casefold()
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
