"""What an address of a platform names: the parts of its path, where it lies on a host of that platform."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit


def path_in(url: str, hosts: Sequence[str], path: str | re.Pattern[str]) -> re.Match[str] | None:
    """Return the match of a pattern with the whole path of an address on one of these hosts, or None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return re.fullmatch(path, unquote(parts.path)) if parts.hostname in hosts else None


def name_in(url: str, hosts: Sequence[str], path: str) -> str | None:
    """Return what the first group of ``path`` finds in an address of one of these hosts, or None."""
    found = path_in(url, hosts, path)
    return found[1] if found else None
