"""Where the values of credential lines stand, to the byte: in the head of a message, in an address, in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from json import scanner
from typing import Any
from urllib.parse import unquote_plus

from osint.capture.imports.found import DamagedFileError, Span
from osint.capture.secrets import is_secret_line
from osint.query import is_secret_parameter

_LINE = re.compile(rb"^([^\s:]{1,100})[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.MULTILINE)
_NAMED = rb"[A-Za-z0-9_.%+\[\]-]{1,100}?"
_IS = rb"(?:=|\\u003[dD]|%(?:25)*3[dD])"  # as some programs spell it in JSON, and an address within an address
_AND = rb"(?:[?&;#]|\\u0026|\\u003[fFbB]|\\u0023|(%(?:25)*(?:3[fFbB]|2[36])))"
_PARAMETER = re.compile(rb"%b(%b)%b" % (_AND, _NAMED, _IS))
_STOPS = rb"[&#\s\"'<>]|\\u0026|\\u0023|(?:;|\\u003[bB])%b=" % _NAMED
_STOP, _INNER_STOP = re.compile(_STOPS), re.compile(_STOPS + rb"|%(?:25)*2[36]")
_USER = re.compile(rb"(?://|\\/\\/)([^/?#\s\"'<>\\]+)@")


def in_head(data: bytes, at: int, part: str) -> Iterator[Span]:
    """Yield what stands in the head of a message: credential lines whole, of others what addresses in them hold.

    Args:
        data: The head.
        at: Where in the file it starts.
        part: The part of the file that it belongs to.
    """
    for match in _LINE.finditer(data):
        name, value = match[1].decode("latin-1").casefold(), match[2].rstrip()
        if is_secret_line(name):
            if value:
                yield Span(at + match.start(2), at + match.start(2) + len(value), name, part)
        else:
            yield from in_address(value, at + match.start(2), part)


def in_address(data: bytes, at: int, part: str, line: str = "address") -> Iterator[Span]:
    """Yield the values of key parameters, and user names, of the addresses in a text that starts at a place.

    A ``code`` is one of them whatever stands beside it: what is replaced in a derivative is lost to nobody.
    """
    done = 0
    for match in _PARAMETER.finditer(data):
        if match.start() >= done and is_key(unquote_plus(match[2].decode("ascii"))):
            stop = (_INNER_STOP if match[1] else _STOP).search(data, match.end())
            done = stop.start() if stop else len(data)
            if done > match.end():
                yield Span(at + match.end(), at + done, line, part)
    for match in _USER.finditer(data):
        yield Span(at + match.start(1), at + match.end(1), line, part)


def is_key(parameter: str) -> bool:
    """Say whether the values of a parameter are replaced in a derivative, by its name."""
    return is_secret_parameter(parameter) or parameter.casefold() == "code"


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
    return (each for each in _leaves_of(value) if isinstance(each, Placed))


def values_in(value: Any) -> Iterator[Placed]:
    """Yield every text of what may hold a credential, at any depth.

    Raises:
        DamagedFileError: It holds a number, which no letters can stand for.
    """
    for each in _leaves_of(value):
        if isinstance(each, Placed):
            yield each
        elif not isinstance(each, (bool, type(None))):
            raise DamagedFileError("what may open an account is a number in it, and no text")


def _leaves_of(value: Any) -> Iterator[Any]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, (dict, list)):
            waiting += each.values() if isinstance(each, dict) else each
        else:
            yield each
