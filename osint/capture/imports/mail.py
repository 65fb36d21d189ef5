"""E-mail: one message as a file (.eml), or a mailbox of many (mbox). Each message is a part of its own, as it is.

A message is handed on byte for byte, headers and all; whoever reads it takes it apart. Of an mbox only the "From "
lines between the messages are left out; ">From " inside a message stays, since nobody can say whether a program put it
there.

Source: RFC 5322; RFC 4155 (mbox).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from osint.capture.entity import ENTITY_LIMIT
from osint.capture.imports.found import Found, Sealed

MEDIA_TYPE = "message/rfc822"
_LINE = 1 << 16  # bytes read at once; a longer line comes in pieces
_BETWEEN = re.compile(rb"From .{0,400}\d\d?:\d\d.{0,40}\b\d{4}\b")
_MBOX = re.compile(rb"From [^\r\n]{0,400}\d\d?:\d\d[^\r\n]{0,40}\b\d{4}\b[^\r\n]*\r?\n>?[A-Za-z][A-Za-z0-9-]{0,60}:")
_HEADER = re.compile(rb">?[!-9;-~]{1,200}[ \t]*:")
_SENDER = re.compile(rb"^from:[ \t]*\S", re.IGNORECASE | re.MULTILINE)
_SENT = re.compile(rb"^(message-id|received|return-path|delivered-to|list-id):", re.IGNORECASE | re.MULTILINE)
_WRITTEN = tuple(re.compile(rb"^" + name + rb":", re.IGNORECASE | re.MULTILINE) for name in (b"to", b"date"))
_SAVED_PAGE = re.compile(rb"^(from:[ \t]*<?saved by |snapshot-content-location:)", re.IGNORECASE | re.MULTILINE)


def is_mailbox(head: bytes) -> bool:
    """Say whether a file starts as a mailbox: with a "From " line, and a header below it."""
    return _MBOX.match(head) is not None


def is_message(headers: bytes) -> bool:
    """Say whether these are the headers of a message that somebody sent, and not those of a saved page (MHTML)."""
    sent = _SENDER.search(headers) and (_SENT.search(headers) or all(name.search(headers) for name in _WRITTEN))
    return bool(sent) and not _SAVED_PAGE.search(headers)


def captures(path: Path, sealed: Sealed) -> Iterator[Found]:
    """Yield each message, ``message 1`` first."""
    with path.open("rb") as stream:
        for number, message in enumerate(messages(stream), 1):
            headers = (("Content-Type", MEDIA_TYPE),)
            yield sealed.capture(f"message {number}", sealed.address, message, headers=headers)


def messages(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the messages of a mailbox, or the one message that it is; of each one byte more than is read at most.

    A message starts behind a "From " line that stands first, or below an empty line, has a time and a year, and is
    followed by a header: somebody may begin a sentence so.
    """
    message, is_new, is_below_empty, is_many = bytearray(), True, True, False
    following = stream.readline(_LINE)
    while piece := following:
        following = stream.readline(_LINE)
        if is_new and is_below_empty and _BETWEEN.match(piece) and _HEADER.match(following):
            if message:
                yield _without_last_line(message) if is_many else bytes(message)
            message, is_many = bytearray(), True
        else:
            message += piece[: max(0, ENTITY_LIMIT + 1 - len(message))]
            is_below_empty = is_new and not piece.strip(b"\r\n")
        is_new = piece.endswith(b"\n")
    if message.strip():
        yield _without_last_line(message) if is_many else bytes(message)


def _without_last_line(message: bytearray) -> bytes:
    """Return a message without the empty line that an mbox puts below it."""
    for empty in (b"\r\n", b"\n"):
        if message.endswith(empty * 2):
            return bytes(message[: -len(empty)])
    return bytes(message)
