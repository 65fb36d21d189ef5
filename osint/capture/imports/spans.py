"""Where the values of credential lines stand, to the byte: in the head of a message, in an address, in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from json import scanner
from typing import Any
from urllib.parse import unquote_plus

from osint.capture.imports.found import DamagedFileError, Span
from osint.capture.secrets import LINES
from osint.query import is_secret_parameter

_LINE = re.compile(rb"^([A-Za-z0-9-]{1,100})[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.MULTILINE)
_AND, _IS = rb"(?:[?&]|\\u0026|\\u003[fF])", rb"(?:=|\\u003[dD])"  # as some programs spell them in JSON
_STOP = rb"(?:[&#\s\"'<>]|\\u0026|\\u0023)"
_PARAMETER = re.compile(rb"%b([A-Za-z0-9_.%%+-]{1,100})%b((?:(?!%b).)+)" % (_AND, _IS, _STOP))
_USER = re.compile(rb"(?://|\\/\\/)([^/?#\s\"'<>\\]+)@")


def in_head(data: bytes, at: int, part: str) -> Iterator[Span]:
    """Yield what stands in the head of a message: credential lines whole, of others what addresses in them hold.

    Args:
        data: The head.
        at: Where in the file it starts.
        part: The part of the file that it belongs to.
    """
    for match in _LINE.finditer(data):
        name, value = match[1].decode("ascii").casefold(), match[2].rstrip()
        if name in LINES:
            if value:
                yield Span(at + match.start(2), at + match.start(2) + len(value), name, part)
        else:
            yield from in_address(value, at + match.start(2), part)


def in_address(data: bytes, at: int, part: str, line: str = "address") -> Iterator[Span]:
    """Yield the values of key parameters, and user names, of the addresses in a text that starts at a place."""
    for match in _PARAMETER.finditer(data):
        if is_secret_parameter(unquote_plus(match[1].decode("ascii"))):
            yield Span(at + match.start(2), at + match.end(2), line, part)
    for match in _USER.finditer(data):
        yield Span(at + match.start(1), at + match.end(1), line, part)


class Placed(str):
    """A text in a JSON document, as it is spelt there, with the place of its first byte."""

    __slots__ = ("at",)
    at: int

    def spans(self, line: str, part: str) -> Iterator[Span]:
        """Yield the whole of it."""
        if self:
            yield Span(self.at, self.at + len(self), line, part)

    def addresses(self, part: str) -> Iterator[Span]:
        """Yield what addresses in it hold."""
        yield from in_address(self.encode("latin-1"), self.at, part)


class _Placing(json.JSONDecoder):
    """The decoder of the standard library, whose texts know where they stand."""

    def __init__(self) -> None:
        super().__init__(object_pairs_hook=_members)
        self.parse_string = _placed
        self.scan_once = scanner.py_make_scanner(self)  # type: ignore[attr-defined]  # the other one is in C


_TEXT = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def _placed(document: str, start: int, strict: bool = True) -> tuple[Placed, int]:  # noqa: ARG001
    match = _TEXT.match(document, start)
    if match is None:
        raise json.JSONDecodeError("a text has no end", document, start)
    text = Placed(match.group()[:-1])
    text.at = start
    return text, match.end()


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):  # readers differ in which of the two they take
        raise DamagedFileError("a member of an object is there twice")
    return members


def placed_json(data: bytes) -> Any:
    """Return a JSON document whose texts are :class:`Placed`; names of members are not.

    Raises:
        DamagedFileError: It is no JSON, or a member is there twice.
    """
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    document = data.decode("latin-1")  # one letter for each byte
    try:
        return _Placing().raw_decode(document, len(document) - len(document[start:].lstrip(" \t\r\n")))[0]
    except (ValueError, RecursionError) as error:
        if isinstance(error, DamagedFileError):
            raise
        raise DamagedFileError("it breaks off, or is no JSON") from error


def texts_in(value: Any) -> Iterator[Placed]:
    """Yield every text of a JSON document, at any depth."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Placed):
            yield each
        else:
            waiting += each.values() if isinstance(each, dict) else each if isinstance(each, list) else []
