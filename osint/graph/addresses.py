"""Web addresses that are the same."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

_DEFAULT_PORT = {"http": ":80", "https": ":443"}


def normalise_url(url: str) -> str:
    """Return the spelling under which two addresses are the same: RFC 3986, sections 6.2.2.1 and 6.2.3.

    Scheme and host in lower case, no default port, no empty path, no fragment. The query stays whole, since leaving
    parameters out would be a guess. An address that cannot be parsed is returned as it is.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    userinfo, at, host = parts.netloc.rpartition("@")
    host = host.lower().removesuffix(_DEFAULT_PORT.get(parts.scheme, ":"))
    path = parts.path or ("/" if parts.netloc else "")
    return urlunsplit((parts.scheme, userinfo + at + host, path, parts.query, "")) or url
