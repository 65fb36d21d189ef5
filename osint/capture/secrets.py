"""What is sent and never stored: the values of header lines that can carry a key, and of such parameters."""

from __future__ import annotations

import re
from urllib.parse import unquote, unquote_plus, urlsplit

from osint.query import REPLACED, secrets_in, without_secrets

LINES = frozenset(
    {
        "api-key", "apikey", "authorization", "cookie", "cookie2", "ig-set-authorization", "private-token",
        "proxy-authorization", "set-cookie", "set-cookie2", "x-access-token", "x-amz-security-token", "x-api-key",
        "x-auth-token", "x-csrf-token", "x-csrftoken", "x-goog-api-key", "x-session-id", "x-xsrf-token",
    }
)  # fmt: skip
"""Header lines whose value may open an account, in lower case."""

_LIKE_THEM = re.compile(
    r"(?!.*page[-_]token)(?:.*[-_])?(?:authorization|cookie2?|(?:csrf|xsrf)?token|api[-_]?key|session[-_]?id|secret|password|jwt)",
    re.DOTALL,
)
_LED_HERE = "referer"
_HEADERS = re.compile(rb"(?m)^([^\s:]{1,100})([ \t]*:[ \t]*)([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")


def is_secret_line(name: str) -> bool:
    """Say whether the value of a header line may open an account, by its name: those known, and any named like them."""
    name = name.strip().casefold()
    return name in LINES or _LIKE_THEM.fullmatch(name) is not None


def without_secret_lines(request: bytes) -> tuple[bytes, list[str]]:
    """Return a request with its secrets replaced, and the names of what was replaced."""
    head, blank, body = request.partition(b"\r\n\r\n")
    replaced: list[str] = []

    def clean_line(match: re.Match[bytes]) -> bytes:
        name, value = match[1].decode("latin-1").casefold(), match[3].decode("latin-1")
        clean = REPLACED if is_secret_line(name) else without_secrets(value) if name == _LED_HERE else value
        if clean != value:
            replaced.append(name)
        return match[1] + match[2] + clean.encode("latin-1")

    head = _HEADERS.sub(clean_line, head)
    line, end, rest = head.partition(b"\r\n")
    method, _, target = line.partition(b" ")
    target, _, version = target.rpartition(b" ")
    clean = without_secrets(target.decode("latin-1")).encode("latin-1")
    if clean != target:
        replaced.append("request target")
        line = b" ".join((method, clean, version))
    return line + end + rest + blank + body, replaced


def secret_lines(message: bytes) -> list[str]:
    """Return the names of what the head of a message holds that can carry a key, and that was not replaced."""
    head = message.partition(b"\r\n\r\n")[0]
    named = ((match[1].decode("latin-1").casefold(), match[3].decode("latin-1")) for match in _HEADERS.finditer(head))
    found: list[str] = []
    for name, value in named:
        if is_secret_line(name) and not _is_replaced(value):
            found.append(name)
        elif name == _LED_HERE and secret_values(value):
            found.append("address")
    target = head.partition(b"\n")[0].rstrip(b"\r").decode("latin-1").partition(" ")[2].rpartition(" ")[0]
    return [*found, *(["request target"] if secret_values(target) else [])]


def secret_values(address: str) -> list[str]:
    """Return what an address holds that can carry a key, and that was not replaced, as people and servers write it."""
    spelt: dict[str, None] = {}
    for raw in secrets_in(address):
        spelt |= dict.fromkeys((unquote_plus(raw), unquote(raw), unquote_plus(unquote(raw))))
    try:
        password = urlsplit(address).password
    except ValueError:
        password = None
    spelt |= dict.fromkeys([unquote(password)] if password else [])
    return [value for value in spelt if not _is_replaced(value)]


def _is_replaced(value: str) -> bool:
    return value.strip() in ("", REPLACED)
