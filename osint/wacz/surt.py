"""SURT: an address turned round so that sorting brings together what belongs together.

``https://www.example.example:8443/B/?b=2&a=1`` becomes ``example,example:8443)/b?a=1&b=2``. Two addresses with one key
are one address to a replayer, so every rule here is one that the replayers share; the rules, and the patterns of
session identifiers, are those of the Wayback Machine.

The Python package of this name is under the AGPL and asks the resolver about hosts that look like numbers, so it is not
used; the tests compare with it. Two things differ on purpose: no name is ever resolved, and an IPv4 address in another
spelling than four decimal numbers or one stays as it is written.

Source: https://github.com/iipc/webarchive-commons (Apache-2.0), ``org.archive.url``.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from urllib.parse import SplitResult, quote_from_bytes, unquote_to_bytes, urlsplit

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WWW = re.compile(r"^www\d*\.")
_KEPT = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PATH_SESSIONS = (
    re.compile(r"^(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)$", re.IGNORECASE),
    re.compile(r"^(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)$", re.IGNORECASE),
)
_QUERY_SESSIONS = tuple(
    re.compile(rf"^(.*)(?:{name})(?:&(.*))?$", re.IGNORECASE)
    for name in (
        r"jsessionid=[0-9a-z]{32}",
        r"phpsessid=[0-9a-z]{32}",
        r"sid=[0-9a-z]{32}",
        r"aspsessionid[a-z]{8}=[a-z]{24}",
        r"cfid=[^&]+&cftoken=[^&]+",
    )
)


def surt(url: str) -> str:
    """Return the sort key of an address; one that cannot be taken apart is its own key, percent-encoded."""
    cleaned = re.sub(r"[\t\r\n]", "", url.strip())
    try:
        parts = urlsplit(cleaned if _SCHEME.match(cleaned) else f"http://{cleaned}")
        host, port = _host(parts), parts.port
    except ValueError:
        return _escaped(url.encode("utf-8", "surrogatepass"))
    path = _path(parts.path, below_host=bool(host))
    query = _query(parts.query)
    if not host:
        start = f"{parts.scheme}:"
    elif port and port != _DEFAULT_PORTS.get(parts.scheme):
        start = f"{host}:{port})"
    else:
        start = f"{host})"
    return start + path + (f"?{query}" if query else "")


def _host(parts: SplitResult) -> str:
    host = _unescaped(parts.hostname or "").decode("utf-8", "ignore")
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    host = host.replace("..", ".").strip(".")
    if host.isdigit():
        host = str(IPv4Address(int(host) & 0xFFFFFFFF))
    host = _WWW.sub("", _escaped(host.lower().encode()), count=1)
    return ",".join(reversed(host.split(".")))


def _path(written: str, *, below_host: bool) -> str:
    path = _unescaped(written)
    if below_host:
        path = _resolve_dots(path)
    text = _escaped(path).lower()
    for pattern in _PATH_SESSIONS:
        text = pattern.sub(r"\1\2", text)
    return text[:-1] if len(text) > 1 and text.endswith("/") else text


def _resolve_dots(path: bytes) -> bytes:
    kept: list[bytes] = []
    for part in path.split(b"/")[1:]:
        if part == b"..":
            kept = kept[:-1] if kept else [part]
        elif part != b".":
            kept.append(part)
    folders = [part for part in kept[:-1] if part]
    return b"/" + b"/".join([*folders, *kept[-1:]])


def _query(written: str) -> str:
    query = _escaped(_unescaped(written))
    for pattern in _QUERY_SESSIONS:
        if found := pattern.match(query):
            query = found[1] + (found[2] or "")
    arguments = sorted(tuple(each.split("=", 1)) for each in query.lower().split("&"))
    return "&".join("=".join(each) for each in arguments)


def _unescaped(text: str) -> bytes:
    """Undo percent-encoding until nothing changes, for some addresses carry it twice."""
    data = text.encode("utf-8", "surrogatepass")
    while (decoded := unquote_to_bytes(data)) != data:
        data = decoded
    return data


def _escaped(data: bytes) -> str:
    return quote_from_bytes(data, safe=_KEPT)
