"""One document as it was saved: HTML of a browser's "save as" or of SingleFile, a feed, an answer in JSON.

What a saved page shows was changed by whatever saved it: scripts are gone or changed, addresses rewritten. Where the
program left its mark, the address and the instant in it are taken, as what the file states.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from osint.capture.entity import ENTITY_LIMIT
from osint.capture.imports.found import Found, Sealed, plain_address

_READ_FOR_MARKS = 1 << 16
_SINGLE_FILE = re.compile(rb"<!--\s*Page saved with SingleFile\b(.{0,4000}?)-->", re.DOTALL)
_URL = re.compile(rb"^\s*url:\s*(\S{1,2000})", re.MULTILINE)
_DATE = re.compile(rb"^\s*saved date:\s*\w{3} (\w{3} \d{2} \d{4} \d\d:\d\d:\d\d) GMT([+-]\d{4})", re.MULTILINE)
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d{1,6}\)(\S{1,2000})\s*-->")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def captures(path: Path, sealed: Sealed) -> Iterator[Found]:
    """Yield the one document."""
    with path.open("rb") as stream:
        body = stream.read(ENTITY_LIMIT + 1)
    stated, saved = marks(body[:_READ_FOR_MARKS])
    if stated and sealed.address and stated != plain_address(sealed.address):
        what = "The file states another address than its declaration does."
        yield sealed.warning("", what, "The tables have what the file states.")
    headers = (("Content-Type", sealed.media_type),)
    yield sealed.capture("", stated or sealed.address, body, headers=headers, collected=saved)


def marks(head: bytes) -> tuple[str, datetime | None]:
    """Return the address and the instant that the saving program left in the document."""
    single = _SINGLE_FILE.search(head)
    if single:
        url = _URL.search(single[1])
        return (plain_address(url[1].decode("utf-8", "replace")) if url else ""), _instant(_DATE.search(single[1]))
    saved_from = _SAVED_FROM.search(head)
    return (plain_address(saved_from[1].decode("utf-8", "replace")) if saved_from else ""), None


def _instant(match: re.Match[bytes] | None) -> datetime | None:
    """Read an instant as JavaScript writes it, in English whatever the desktop speaks."""
    if not match:
        return None
    month, day, year, clock = match[1].decode("ascii", "replace").split()
    if month not in _MONTHS:
        return None
    try:
        return datetime.fromisoformat(
            f"{year}-{_MONTHS.index(month) + 1:02}-{day}T{clock}{match[2].decode()[:3]}:{match[2].decode()[3:]}"
        )
    except ValueError:
        return None
