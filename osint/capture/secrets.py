"""What is sent and never stored: the values of header lines that can carry a key, and of such parameters."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from osint.capture import agency_proxy
from osint.capture.network import Network
from osint.errors import UnreachableError
from osint.query import REPLACED, is_secret_parameter, without_secrets

LINES = frozenset(
    {
        "authorization", "cookie", "cookie2", "proxy-authorization", "set-cookie", "set-cookie2",
        "x-amz-security-token", "x-api-key", "x-auth-token", "x-csrf-token", "x-goog-api-key",
    }
)  # fmt: skip
"""Header lines whose value may open an account, in lower case."""

_HEADERS = re.compile(rf"(?im)^({'|'.join(sorted(LINES))})(:[ \t]*)([^\r\n]*)".encode())


class KnownSecrets:
    """What this process knows to be secret, to be looked for in everything that leaves. It is written nowhere."""

    def __init__(self, network: Network) -> None:
        """Start with what the network of this workstation is configured with."""
        self._network = network
        self._given: set[str] = set()

    def note(self, *asked: object) -> None:
        """Keep in memory the keys in what is asked, of which nothing is stored."""
        self._given.update(value for each in asked if isinstance(each, str) for value in secret_values(each))

    def values(self) -> frozenset[str]:
        """Return them: keys that were given, user and password of the proxy as it is told them."""
        return frozenset(self._given | set(_of_proxy(self._network)))


def _of_proxy(network: Network) -> Iterator[str]:
    """Yield what the proxy is told. What cannot be read here was not sent from here either."""
    try:
        told = agency_proxy.headers(network).get("Proxy-Authorization", "")
    except UnreachableError:
        return
    if told:
        credentials = base64.b64decode(told.partition(" ")[2]).decode("utf-8", "replace")
        yield from (told, credentials, credentials.partition(":")[2])


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


def secret_lines(request: bytes) -> list[str]:
    """Return the names of what a stored request holds that can carry a key, and that was not replaced."""
    head = request.partition(b"\r\n\r\n")[0]
    found = [
        match[1].decode().casefold()
        for match in _HEADERS.finditer(head)
        if not _is_replaced(match[3].decode("latin-1"))
    ]
    target = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")[2].rpartition(" ")[0]
    return [*found, *(["request target"] if secret_values(target) else [])]


def secret_values(address: str) -> list[str]:
    """Return what an address holds that can carry a key, and that was not replaced: parameters, a password."""
    try:
        parts = urlsplit(address)
        password = parts.password
    except ValueError:
        return []
    named = (value for name, value in parse_qsl(parts.query) if is_secret_parameter(name))
    return [value for value in (password or "", *named) if not _is_replaced(value)]


def _is_replaced(value: str) -> bool:
    return value.strip() in ("", REPLACED)
