"""What is sent and never stored: the values of header lines that can carry a key, and of such parameters."""

from __future__ import annotations

import re

from osint.query import REPLACED, without_secrets

_HEADERS = re.compile(rb"(?im)^(authorization|cookie|proxy-authorization|x-api-key)(:[ \t]*)([^\r\n]*)")


def without_secret_lines(request: bytes) -> tuple[bytes, list[str]]:
    """Return a request with its secrets replaced, and the names of what was replaced."""
    head, blank, body = request.partition(b"\r\n\r\n")
    replaced = [match.group(1).decode().casefold() for match in _HEADERS.finditer(head)]
    head = _HEADERS.sub(rb"\1\2" + REPLACED.encode(), head)
    line, end, rest = head.partition(b"\r\n")
    method, _, target = line.partition(b" ")
    target, _, version = target.rpartition(b" ")
    clean = without_secrets(target.decode("latin-1")).encode("latin-1")
    if clean != target:
        replaced.append("request target")
        line = b" ".join((method, clean, version))
    return line + end + rest + blank + body, replaced
