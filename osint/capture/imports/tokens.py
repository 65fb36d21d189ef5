"""What a file of an export holds that may open an account: tokens and passwords in JSON, and beside names in text.

JSON is told by the content and read before it is looked at, so that neither a charset nor an escape hides a name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from osint.capture.secrets import is_secret_line
from osint.query import is_secret_parameter

_ORDINARY = ("auth", "key", "session", "sid", "sig", "signature", "secret")  # in an address a key, here mostly none
_PASSWORDS = ("passwd", "password", "pwd")
_PLACES = ("pagetoken", "nexttoken", "continuationtoken")  # where a list goes on
_COLUMNS = 500
_SHORTEST = 8  # letters or digits; of a password, one
_SCRIPT = re.compile(r"[^\[{]{0,200}=\s*(?=[\[{])")  # window.YTD.tweets.part0 = [
_BESIDE = re.compile(
    r"""(?m)^[ \t"']{0,9}([A-Za-z][\w-]{2,40})["']?[ \t]{0,9}[:=,;\t][ \t"']{0,9}([^"'\r\n,;]{1,4096})"""
)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.){3,60})"\s{0,9}:\s{0,9}(?:"((?:[^"\\]|\\.){1,4096})|(\d{8,40}))')


def text_of(data: bytes) -> str:
    """Return bytes as text, in the charset that their mark names, or that the zeros of JSON tell."""
    return data.decode(json.detect_encoding(data[:4]), "replace")


def is_json(text: str) -> bool:
    """Say whether a text begins as JSON does."""
    return text.lstrip()[:1] in ("{", "[")


def secret_names(data: bytes) -> list[str]:
    """Return the names beside which a file holds what may open an account, in lower case."""
    text = text_of(data)
    return sorted({name.strip().casefold() for name, value in _pairs(text) if _is_secret(name, value)})


def _is_secret(name: str, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return False
    plain = re.sub(r"[^a-z]", "", name.casefold())
    if plain in _ORDINARY or plain.endswith(_PLACES):
        return False
    is_named = is_secret_parameter(name) or is_secret_line(name) or plain.endswith(("token", "cookies"))
    return is_named and len(str(value).strip()) >= (1 if plain in _PASSWORDS else _SHORTEST)


def _pairs(text: str) -> Iterator[tuple[str, Any]]:
    """Yield names and plain values: of JSON, of each line that is JSON, else as quotes, lines and columns have them."""
    script = _SCRIPT.match(text)
    document = text[script.end() :] if script else text
    if not is_json(document):
        yield from ((match[1], match[2]) for match in _BESIDE.finditer(text))
        yield from _quoted(text)
        yield from _columns(text)
        return
    with suppress(ValueError, RecursionError):
        yield from _members(document.rstrip().rstrip(";"))
        return
    for line in document.splitlines():
        try:
            yield from _members(line)
        except (ValueError, RecursionError):
            yield from _quoted(line)


def _members(document: str) -> list[tuple[str, Any]]:
    """Return the members of all objects in a JSON document, also of those that are there twice."""
    found: list[tuple[str, Any]] = []
    json.loads(document, object_pairs_hook=found.extend)
    return found


def _quoted(text: str) -> Iterator[tuple[str, Any]]:
    for match in _QUOTED.finditer(text):
        name = match[1]
        with suppress(ValueError):
            name = json.loads(f'"{name}"')
        yield name, match[2] or match[3]


def _columns(text: str) -> Iterator[tuple[str, Any]]:
    """Yield what stands below the names in the first line, as a table without quotes has it."""
    first, *others = text.splitlines() or [""]
    names = re.split(r"[,;\t]", first, maxsplit=_COLUMNS)
    wanted = [at for at, name in enumerate(names) if _is_secret(name.strip(" \"'"), "?" * _SHORTEST)]
    for line in others if wanted else ():
        cells = re.split(r"[,;\t]", line, maxsplit=_COLUMNS)
        yield from ((names[at].strip(" \"'"), cells[at]) for at in wanted if at < len(cells))
