"""What is sent and never stored: the values of headers and parameters that can carry a key."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

REPLACED = "REPLACED-BY-OSINT"
_HEADERS = re.compile(rb"(?im)^(authorization|cookie|proxy-authorization|x-api-key)(:[ \t]*)([^\r\n]*)")
_PARAMETERS = {
    "access_token", "api_key", "apikey", "auth", "client_secret", "id_token", "jwt", "key", "password", "passwd",
    "refresh_token", "secret", "session", "session_id", "sessionid", "sid", "sig", "signature", "token",
    "x-amz-credential", "x-amz-security-token", "x-amz-signature",
}  # fmt: skip


def without_secrets(url: str) -> str:
    """Return the address with the values of key parameters replaced; one that cannot be parsed stays as it is."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if not any(name.casefold() in _PARAMETERS for name, _ in pairs):
        return url
    kept = [(name, REPLACED if name.casefold() in _PARAMETERS else value) for name, value in pairs]
    return parts._replace(query=urlencode(kept)).geturl()


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
