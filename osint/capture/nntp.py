"""NNTP as far as it reads: which commands may be said, and where an answer ends.

Source: RFC 3977.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from osint.capture.talk import GoneError, Line
from osint.capture.wire import CutError

_LONGEST_LINE = 510
_READS = re.compile(
    r"(CAPABILITIES|MODE READER|GROUP [!-~]{1,400}|X?OVER [\d-]{1,40}|HDR [!-~]{1,100} [!-~]{1,300}"
    r"|(ARTICLE|HEAD|BODY)( \d{1,18}| <[!-;=?-~]{1,248}>)?"
    r"|LIST( (ACTIVE|NEWSGROUPS|OVERVIEW\.FMT)( [!-~]{1,300})?)?)",
    re.IGNORECASE | re.ASCII,
)
_IN_LINES = frozenset({b"100", b"101", b"215", b"220", b"221", b"222", b"224", b"225", b"230", b"231"})


def is_command(line: str) -> bool:
    return len(line) <= _LONGEST_LINE and _READS.fullmatch(line) is not None


def read_news(line: Line, said: Sequence[str]) -> None:
    heard = bytearray()
    if _answer(line, heard)[:2] != b"20":
        return
    line.talk.status = 200
    for command in said:
        _check_silence(heard)
        line.say(command.encode("ascii") + b"\r\n")
        _answer(line, heard)
    _check_silence(heard)
    with suppress(GoneError, OSError):  # all that was asked for is here
        line.say(b"QUIT\r\n")
        if _answer(line, heard) != b"205":
            raise CutError("unspecified")


def _check_silence(heard: bytearray) -> None:
    """Refuse a server that says more than it was asked: from there on nobody can tell what answers what."""
    if heard:
        raise CutError("unspecified")


def _answer(line: Line, heard: bytearray) -> bytes:
    """Wait for the end of one answer, and return its code; what came behind it stays in ``heard``."""
    end = _wait_for(line, heard, b"\r\n", 0)
    code = bytes(heard[:3])
    if code in _IN_LINES:
        # The first line may be followed by the last at once, so its own end counts as the break before it.
        end = _wait_for(line, heard, b"\r\n.\r\n", end - 2)
    del heard[:end]
    return code


def _wait_for(line: Line, heard: bytearray, mark: bytes, start: int) -> int:
    """Hear until ``mark`` stands behind ``start``; return where it ends."""
    while (at := heard.find(mark, start)) < 0:
        start = max(start, len(heard) - len(mark) + 1)
        heard += line.hear()
    return at + len(mark)
