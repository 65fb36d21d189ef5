"""What stands in the text of a post: phone numbers, e-mail addresses, web addresses, wallets; number plates on request.

Only what its own rules confirm is found: a phone number that its country's plan allows, a wallet whose checksum holds.
What was found is a string in a text. Whose it is, the text does not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

import idna

from osint.graph.addresses import normalise_url
from osint.graph.plates import Plates
from osint.graph.wallets import wallets_in

KINDS = ("phone", "email", "url", "domain", "wallet", "vehicle")
"""The kinds of edges from an account to what its posts hold, each named as the node that it leads to."""

VERSION = 1
"""Rises whenever a reader below finds something else in the same text."""

Found = tuple[str, str, str | None, str]  # kind, node key, how it is spelt, where

_DIGITS = re.compile(r"\d(?:[^\w\n]{0,3}\d){6}")
_EMAIL = re.compile(
    r"(?<![\w.@+-])([A-Za-z0-9](?:[\w.+%-]{0,62}[\w+%-])?)@((?:[\w-]{1,63}\.){1,8}[^\W\d_][\w-]{1,62})(?![\w@-])"
)
_URL = re.compile(r"https?://[^\s<>\"'\[\]{}|\\^`]{1,2000}", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")
_TRAILING = ".,;:!?*_~)…»”’"


@dataclass(frozen=True, kw_only=True)
class TextSearch:
    """What is looked for in texts beside what every text is searched for.

    Attributes:
        region: Two letters of the country whose phone numbers are written without ``+`` and country code, ``US``.
            Without it, only numbers in the international form are found: to add a country would be a guess.
        plates: Patterns of number plates; without them no vehicle is found.
    """

    region: str | None = None
    plates: Plates | None = None


def extractor(kind: str, search: TextSearch) -> str:
    """Return what finds a kind, with its version and what it was told."""
    if kind == "phone":
        import phonenumbers

        return f"phonenumbers/{phonenumbers.__version__} region={search.region or 'none'}"
    if kind == "vehicle" and search.plates:
        return f"plates/{search.plates.name} {search.plates.version}"
    return f"{kind}/{VERSION}"


def found_in(text: str | None, links: Sequence[str], search: TextSearch) -> Iterator[Found]:
    """Yield what stands in a text and the hosts of the links beside it."""
    for place, link in enumerate(links):
        host = _host(link)
        if host:
            yield "domain", f"domain:web:{host}", None, f"/links/{place}"
    if not text:
        return
    if "://" in text:
        yield from _addresses(text)
    if "@" in text:
        yield from _mail(text)
    if _DIGITS.search(text):
        yield from _phones(text, search.region)
    for key, start, end in wallets_in(text):
        yield "wallet", key, None, _span(start, end)
    if search.plates:
        for key, start, end in search.plates.found_in(text):
            yield "vehicle", key, None, _span(start, end)


def _addresses(text: str) -> Iterator[Found]:
    for match in _URL.finditer(text):
        written = _closed(match[0])
        where = _span(match.start(), match.start() + len(written))
        host = _host(written)
        if host:
            yield "url", f"url:web:{normalise_url(written)}", None, where
            yield "domain", f"domain:web:{host}", None, where


def _closed(written: str) -> str:
    """Return an address without the punctuation of the sentence around it; a bracket that it opened stays."""
    while written and written[-1] in _TRAILING:
        if written[-1] == ")" and written.count("(") >= written.count(")"):
            break
        written = written[:-1]
    return written


def _mail(text: str) -> Iterator[Found]:
    for match in _EMAIL.finditer(text):
        host = _registered(match[2])
        if host and ".." not in match[1]:
            yield "email", f"email:smtp:{match[1].lower()}@{host}", None, _span(*match.span())


def _phones(text: str, region: str | None) -> Iterator[Found]:
    import phonenumbers

    for match in phonenumbers.PhoneNumberMatcher(text, region):
        number = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        yield "phone", f"phone:e164:{number}", None, _span(match.start, match.end)


@lru_cache(4096)
def _host(url: str) -> str | None:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return None
    try:
        ip_address(host)
    except ValueError:
        return _registered(host)
    return None  # an address of a machine is no domain


def _registered(host: str) -> str | None:
    """Return a host name as it is registered, in A-labels; None for what cannot be one."""
    host = host.rstrip(".").lower()
    if "." not in host:
        return None
    if host.isascii():
        return host if _HOST.fullmatch(host) else None
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None


def _span(start: int, end: int) -> str:
    return f"/content#char={start},{end}"
