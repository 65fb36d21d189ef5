"""HAR 1.2, the log of a browser's developer tools.

A browser writes into it what it understood, and not what was sent: bodies are decoded, text is in UTF-8 whatever the
server sent, header lines may be joined or left out, and bodies that were in no cache any more are missing. Each part
says what it lost.

Source: http://www.softwareishard.com/blog/har-12-spec/
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from osint.capture.entity import Headers
from osint.capture.imports.found import (
    READ_AT_ONCE,
    Credentials,
    DamagedFileError,
    Found,
    Sealed,
    Span,
    Unread,
    credentials_in,
    instant_of,
    storable,
)
from osint.capture.imports.spans import Placed, is_key, placed_json, texts_in, values_in
from osint.capture.secrets import is_secret_line

_LOST = (
    "A HAR has no bytes as they were sent: bodies are decoded, text is in UTF-8, header lines are as the browser told."
)
_POSTED = "request body"
_COOKIES = {"request": "cookie", "response": "set-cookie"}
_ABOUT_A_COOKIE = ("name", "path", "domain", "expires", "httpOnly", "secure", "sameSite", "comment")
_ABOUT_A_BODY = ("mimeType", "comment")
_CHARSET = re.compile(r"charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)


def captures(path: Path, sealed: Sealed) -> Iterator[Found]:
    """Yield what the entries of a HAR hold.

    Raises:
        DamagedFileError: It is too long, no JSON, or no HAR.
    """
    entries = _entries(path)
    yield sealed.warning("", _LOST, "Digests and lengths of what the server sent cannot be compared.")
    for number, entry in enumerate(entries, 1):
        part = f"entry {number}"
        if isinstance(entry, dict):
            yield from _read(entry, part, sealed)
        else:
            yield Unread(part, "no entry of a HAR")


def spans(path: Path) -> Iterator[Span]:
    """Yield where the values of credential lines stand in a HAR that can be read.

    Raises:
        DamagedFileError: It cannot be read, or a member of an object is there twice.
    """
    _entries(path)
    document = placed_json(path.read_bytes())
    log = _mapping(_mapping(document).get("log"))
    for number, entry in enumerate(log["entries"], 1):
        part = f"entry {number}"
        for name, line in _COOKIES.items():
            yield from _spans_of(_mapping(_mapping(entry).get(name)), line, part)
        yield from (span for text in texts_in(_without_body(entry)) for span in text.addresses(part))
    others = {name: value for name, value in log.items() if name != "entries"}
    yield from (span for text in texts_in(others) for span in text.addresses(""))


def _spans_of(message: Mapping[str, Any], cookies: str, part: str) -> Iterator[Span]:
    for name, value in _named(message, "headers"):
        line = _plain(name).strip().casefold()
        if is_secret_line(line):
            yield from _all_of(value, line, part)
    yield from _all_of(_cookies(message), cookies, part)
    for name, value in _named(message, "queryString"):
        if is_key(_plain(name).strip()):
            yield from _all_of(value, "address", part)
    yield from _all_of(_besides(message.get("postData"), _ABOUT_A_BODY), _POSTED, part)


def _all_of(value: Any, line: str, part: str) -> Iterator[Span]:
    return (span for text in values_in(value) for span in text.spans(line, part))


def _named(message: Mapping[str, Any], name: str) -> Iterator[tuple[Any, Any]]:
    """Yield names and values, of a list as HAR has it, and of an object, which some programs write."""
    listed = message.get(name)
    if isinstance(listed, dict):
        yield from listed.items()
    for each in listed if isinstance(listed, list) else []:
        yield _mapping(each).get("name"), _mapping(each).get("value")


def _cookies(message: Mapping[str, Any]) -> Any:
    """Return what the cookies of a message hold, of any shape; of those that are as a HAR has them, all but facts."""
    listed = message.get("cookies")
    return [_besides(each, _ABOUT_A_COOKIE) for each in listed] if isinstance(listed, list) else listed


def _besides(value: Any, facts: Collection[str]) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: each for name, each in value.items() if name not in facts or isinstance(each, (dict, list))}


def _plain(name: Any) -> str:
    """Return a name without the escapes that JSON may spell it with."""
    if not isinstance(name, Placed):
        return name if isinstance(name, str) else ""
    try:
        return str(json.loads(f'"{name}"'))
    except ValueError:
        return ""


def _without_body(entry: Any) -> dict[str, Any]:
    """Return an entry but for the body of the answer: what stands in that is evidence."""
    response = _mapping(_mapping(entry).get("response"))
    content = {name: value for name, value in _mapping(response.get("content")).items() if name != "text"}
    return {**_mapping(entry), "response": {**response, "content": content}}


def _entries(path: Path) -> list[Any]:
    if path.stat().st_size > READ_AT_ONCE:
        raise DamagedFileError(f"it has more than {READ_AT_ONCE} bytes, and a HAR has to be read whole")
    try:
        log = json.loads(path.read_bytes().decode("utf-8-sig", "replace"))["log"]
        entries = log["entries"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedFileError("it breaks off, or is no HAR") from error
    if not isinstance(entries, list):
        raise DamagedFileError("it lists no entries")
    return entries


def _read(entry: Mapping[str, Any], part: str, sealed: Sealed) -> Iterator[Found]:
    request, response = _mapping(entry.get("request")), _mapping(entry.get("response"))
    address, status = _text(request.get("url")), response.get("status")
    yield from _credentials(request, "cookie", part, address)
    headers = _headers(response)
    yield from _credentials(response, "set-cookie", part)
    if type(status) is not int or not 100 <= status <= 599:
        yield Unread(part, "a request that got no answer")
        return
    content = _mapping(response.get("content"))
    body, problems = _body(content, status)
    media_type = _text(content.get("mimeType"))
    yield sealed.capture(
        part,
        address,
        body,
        status=status,
        headers=_in_utf8(headers, media_type) if content.get("encoding") != "base64" else headers,
        collected=instant_of(entry.get("startedDateTime")),
        problems=problems,
    )


def _credentials(message: Mapping[str, Any], cookies: str, part: str, address: str = "") -> Iterator[Credentials]:
    headers = (
        (_text(name), _text(value) if isinstance(value, str) else "?" * bool(value))
        for name, value in _named(message, "headers")
    )
    yield from credentials_in(part, tuple(headers), address)
    if _holds(_cookies(message)):
        yield Credentials(part, (cookies,))
    if _holds(_besides(message.get("postData"), _ABOUT_A_BODY)):
        yield Credentials(part, (_POSTED,))


def _holds(value: Any) -> bool:
    """Say whether there is anything in what may be nested."""
    if isinstance(value, (dict, list)):
        return any(map(_holds, value.values() if isinstance(value, dict) else value))
    return value not in (None, "", False)


def _body(content: Mapping[str, Any], status: int) -> tuple[bytes, list[str]]:
    """Return the body of an answer, and what is wrong with it."""
    text, size = content.get("text"), content.get("size")
    stated = size if type(size) is int and size > 0 else 0
    if not isinstance(text, str):
        missing = stated and status not in (204, 304)
        return b"", [f"The HAR lost the body: it states {stated} bytes and holds none."] if missing else []
    if content.get("encoding") == "base64":
        return _unpacked(text, stated)
    body = text.encode("utf-8", "replace")
    # Before it was put into UTF-8, text of another charset had another length: one byte for each letter, or two.
    fitting = (len(body), len(text), len(text.encode("utf-16-le", "replace")))
    return body, [] if not stated or stated in fitting else [_lie(stated, len(body))]


def _unpacked(text: str, stated: int) -> tuple[bytes, list[str]]:
    try:
        body = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b"", ["Its body is said to be base64 and is not."]
    return body, [] if not stated or stated == len(body) else [_lie(stated, len(body))]


def _lie(stated: int, held: int) -> str:
    return f"The HAR states {stated} bytes for its body and holds {held}."


def _headers(message: Mapping[str, Any]) -> Headers:
    listed = message.get("headers")
    named = (_mapping(each) for each in (listed if isinstance(listed, list) else [])[:1000])
    return tuple((_text(each.get("name")), _text(each.get("value"))) for each in named if _text(each.get("name")))


def _in_utf8(headers: Headers, media_type: str) -> Headers:
    """Return the headers with the charset that the body has in the HAR."""
    stated = next((value for name, value in headers if name.casefold() == "content-type"), media_type) or media_type
    if not stated:
        return headers
    bare = stated.partition(";")[0].strip()
    kept = tuple((name, value) for name, value in headers if name.casefold() != "content-type")
    is_text = bare.startswith("text/") or _CHARSET.search(stated) or bare.endswith(("json", "xml"))
    return (*kept, ("Content-Type", f"{bare}; charset=utf-8" if is_text else stated))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return storable(value) if isinstance(value, str) else ""
