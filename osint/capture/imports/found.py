"""What the readers of files hand on: captures, what nobody reads, credentials that they saw, and warnings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from osint.activity import ParseWarning
from osint.capture.entity import ENTITY_LIMIT, Headers
from osint.capture.exchange import Capture
from osint.capture.secrets import is_secret_line, secret_values
from osint.instants import read_instant
from osint.query import REPLACED, without_secrets

READ_AT_ONCE = 256 << 20  # bytes of a file that has to be read whole
MOST_PARTS = 20_000  # of one file; a long browsing session has a few thousand
_CONTROLS = re.compile(r"[\x00-\x20\x7f]")
_CODE = re.compile(r"([?&;]code=)[^&#;]{16,}", re.IGNORECASE)  # of a sign-in; of a country or a place, shorter
_LEADING_ON = ("content-location", "link", "location", "refresh")  # header lines that hold an address


class DamagedFileError(ValueError):
    """A file cannot be read further; the message says where and why, and repeats nothing of its content."""


class Unread(NamedTuple):
    """A part that is evidence and nothing more, and why."""

    part: str
    why: str


class Credentials(NamedTuple):
    """Where a file holds what may open an account: the part, and the names of the lines. Values are never taken."""

    part: str
    names: tuple[str, ...]


class Span(NamedTuple):
    """Where the value of such a line stands: its first byte, the byte behind it, the name of the line, the part."""

    start: int
    end: int
    line: str
    part: str


Found = Capture | ParseWarning | Unread | Credentials


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """The exhibit that a file became, as its readers need to know it.

    Attributes:
        exhibit: Its number.
        address: The address that the declaration names; empty when it names none.
        saved: When it was saved by the declaration, else when it was taken in.
        media_type: What the file is, by its content.
    """

    exhibit: str
    address: str
    saved: datetime
    media_type: str

    def capture(
        self,
        part: str,
        url: str,
        body: bytes,
        *,
        status: int = 200,
        headers: Headers = (),
        collected: datetime | None = None,
        problems: Iterable[str] = (),
    ) -> Capture:
        """Return one part of the file as a capture; secrets in its address are replaced."""
        told = list(problems)
        if len(body) > ENTITY_LIMIT:
            told.append(f"It has more than {ENTITY_LIMIT} bytes; the others were not read.")
        return Capture(
            exhibit=self.exhibit,
            url=plain_address(url),
            status=status,
            headers=headers,
            body=body[:ENTITY_LIMIT],
            collected=collected or self.saved,
            problems=tuple(told),
            made="imported",
            part=part,
        )

    def warning(self, part: str, what: str, effect: str) -> ParseWarning:
        """Return a warning about a part of the file."""
        return ParseWarning(exhibit=self.exhibit, pointer=part, what=what, effect=effect)


def plain_address(text: str) -> str:
    """Return a web address without user name, fragment and secrets; empty when the text is no web address."""
    try:
        parts = urlsplit(_CONTROLS.sub("", storable(text)))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return ""
        _ = parts.port
    except ValueError:
        return ""
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
    return _CODE.sub(rf"\1{REPLACED}", without_secrets(plain))


def storable(text: str) -> str:
    """Return text that every store can hold: half of a surrogate pair, which JSON may name, becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def credentials_in(part: str, headers: Headers, address: str = "") -> Iterator[Credentials]:
    """Yield which header lines of a message, and whether its address, may open an account."""
    names = sorted({name.strip().casefold() for name, value in headers if value.strip() and is_secret_line(name)})
    named = (value for name, value in headers if name.strip().casefold() in _LEADING_ON)
    if any(secret_values(storable(each)) for each in (address, *named)):
        names.append("address")
    if names:
        yield Credentials(part, tuple(names))


def instant_of(text: object) -> datetime | None:
    """Return the instant that a file states, or None."""
    return read_instant(text).instant if isinstance(text, str) and len(text) < 100 else None
