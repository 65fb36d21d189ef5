"""MHTML, a page saved as one file: an RFC 2557 message whose parts are the page and what it shows.

The parts are found by the boundary alone, so that a message of a million parts, or of parts within parts, costs no more
than reading it once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from pathlib import Path

from osint.capture.imports.found import (
    MOST_PARTS,
    READ_AT_ONCE,
    DamagedFileError,
    Found,
    Sealed,
    Span,
    Unread,
    credentials_in,
    instant_of,
)
from osint.capture.imports.mime import bounds, decoded, head_at, line
from osint.capture.imports.spans import in_head

_DEEPEST = 3  # multipart within multipart


def captures(path: Path, sealed: Sealed) -> Iterator[Found]:
    """Yield what the parts of the message hold.

    Raises:
        DamagedFileError: It is too long, or no such message.
    """
    if path.stat().st_size > READ_AT_ONCE:
        raise DamagedFileError(f"it has more than {READ_AT_ONCE} bytes, and an MHTML file has to be read whole")
    data = path.read_bytes()
    message, start = head_at(data, 0, len(data))
    # Browsers write "-0000": universal time, and nothing known of the zone they were in (RFC 5322, 3.3).
    saved = instant_of(re.sub(r"-0000$", "+0000", line(message, "Date")))
    yield from _Message(data, saved, sealed).parts(message, start, len(data), "part ")


def spans(path: Path) -> Iterator[Span]:
    """Yield where the values of credential lines stand in the heads of a message that can be read.

    Raises:
        DamagedFileError: It cannot be read.
    """
    data = path.read_bytes()
    message, start = head_at(data, 0, len(data))
    yield from in_head(data[:start], 0, "")
    for first, last, part in _bounds_within(data, message, start, len(data), "part "):
        yield from in_head(data[first:last], first, part)


def _bounds_within(data: bytes, head: Message, start: int, end: int, where: str) -> Iterator[tuple[int, int, str]]:
    """Yield where the head of each part starts and ends, at any depth that is read."""
    mark = b"--" + (head.get_boundary() or "").encode("utf-8", "replace")
    for number, (first, last, _) in enumerate(bounds(data, mark, start, end), 1):
        part = f"{where}{number}"
        inner, body = head_at(data, first, last)
        yield first, body, part
        if inner.get_content_maintype() == "multipart" and part.count(".") + 1 < _DEEPEST:
            yield from _bounds_within(data, inner, body, last, f"{part}.")


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
        mark = b"--" + boundary.encode("utf-8", "replace")
        for number, (first, last, is_last) in enumerate(bounds(self.data, mark, start, end), 1):
            if number > MOST_PARTS:
                raise DamagedFileError(f"it has more than {MOST_PARTS} parts; the others are not read")
            yield from self.part(first, last, f"{where}{number}")
            is_whole = is_last
        if not is_whole:
            raise DamagedFileError("it breaks off before its last boundary")

    def part(self, first: int, last: int, part: str) -> Iterator[Found]:
        """Yield what one part holds."""
        head, body = head_at(self.data, first, last)
        if head.get_content_maintype() == "multipart":
            if part.count(".") + 1 >= _DEEPEST:
                yield Unread(part, f"parts within parts, more than {_DEEPEST} deep, which are not read")
            else:
                yield from self.parts(head, body, last, f"{part}.")
            return
        headers = tuple((name, line(head, name)) for name in dict.fromkeys(head.keys()))
        address = line(head, "Content-Location")
        yield from credentials_in(part, headers, address)
        content, problems = decoded(head, self.data[body:last])
        yield self.sealed.capture(part, address, content, headers=headers, collected=self.saved, problems=problems)
