"""What the readers of exports and legal returns share: members of a ZIP, tables, times as platforms write them.

It is no collector. In such files numbers are often text, ids are missing, and a time says "UTC" or nothing; what is
made up for want of better is said to be so.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from osint.activity import ParseWarning, Post
from osint.capture.exchange import Capture
from osint.collectors.answer import warning
from osint.collectors.protocol import Manifest, Stop
from osint.collectors.text import well_formed
from osint.errors import SourceClosedError, UnreadableCaptureError
from osint.instants import Reading, read_instant

MEMBER = "member "
_JAVA_DATE = re.compile(r"\w{3} (\w{3}) (\d{1,2}) (\d\d:\d\d:\d\d) (UTC|GMT|[+-]\d{4}) (\d{4})")
_SAYS_UTC = re.compile(r"\s*(?:UTC|GMT)\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DIGITS = 18
_LONGEST_PREAMBLE = 200  # lines that a return puts before its table


def closed(why: str) -> Generator[Capture, None, Stop]:
    """Be the pages of a source that cannot be asked.

    Raises:
        SourceClosedError: Always, when the first page is asked for; ``why`` names the way that is open.
    """
    nothing: tuple[Capture, ...] = ()
    yield from nothing
    raise SourceClosedError(why)


def member(capture: Capture) -> str:
    """Return the name that a part has in its ZIP; empty when it is none."""
    return capture.part.removeprefix(MEMBER) if capture.part.startswith(MEMBER) else ""


def name_in(url: str, hosts: Sequence[str], path: str) -> str | None:
    """Return what the first group of ``path`` finds in an address of one of these hosts, or None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.hostname not in hosts:
        return None
    found = re.fullmatch(path, unquote(parts.path))
    return found[1] if found else None


def sight(
    capture: Capture, manifest: Manifest, native_id: str, pointer: str, when: Reading | None, **more: Any
) -> Post:
    """Return a post with what is the same for every one: whence it comes, and when it was published."""
    told: dict[str, Any] = {
        "published": when.instant if when else None,
        "published_raw": when.raw if when else None,
        "published_basis": "platform" if when else "none",
        "published_zone_known": bool(when and when.zone_known),
        **more,
    }
    return Post(
        id=f"{manifest.name}:{native_id}",
        platform=manifest.name,
        native_id=native_id,
        exhibit=capture.exhibit,
        pointer=pointer,
        collector=f"{manifest.name}/{manifest.version}",
        collected=capture.collected,
        **told,
    )


def undated(capture: Capture, pointer: str, when: Reading | None) -> list[ParseWarning]:
    """Return a warning when what is no instant should be one."""
    if when and when.instant:
        return []
    what = f"{when.problem}." if when else "The post has no date."
    return [warning(capture, pointer, what, "It has no instant; the exhibit has what was written.")]


def made_id(*said: object) -> str:
    """Return an id for what has none: 32 hex digits that follow from what is said of it."""
    return hashlib.sha256("\0".join(map(str, said)).encode("utf-8", "replace")).hexdigest()[:32]


def dated(value: object, *, utc: bool = False) -> Reading | None:
    """Read a time as exports write it; None when there is none.

    Args:
        value: ``Sat Dec 06 18:20:30 +0000 2025``, ``2025-12-06 18:20:30 UTC``, or what ``read_instant`` reads.
        utc: The source is known to write UTC without saying so; such a time is an instant whose zone is not known.
    """
    if not isinstance(value, str) or not value.strip():
        return None
    found = _JAVA_DATE.fullmatch(value.strip())
    if found:
        month, day, clock, zone, year = found.groups()
        spelt = f"{day} {month} {year} {clock} {zone if zone[0] in '+-' else '+0000'}"
    else:
        spelt = _SAYS_UTC.sub("Z", value.strip())
    reading = read_instant(spelt)
    instant, zone_known = reading.instant, reading.zone_known
    if utc and instant is None and not zone_known:
        instant = read_instant(f"{spelt}Z").instant
    problem = "" if instant else reading.problem.replace(repr(spelt), repr(value))
    return Reading(value, instant, zone_known, problem)


def of_epoch(value: object) -> Reading | None:
    """Read seconds since 1970, as a number or as text; None when it is none."""
    seconds = count(value)
    try:
        return Reading(str(value), _EPOCH + timedelta(seconds=seconds), True) if seconds else None
    except OverflowError:
        return None


def table(capture: Capture, expected: str, *columns: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows of a CSV file by the names of their columns, each with the line it starts at.

    What stands above the head of the table is passed over. Names of columns lose capitals, spaces and hyphens.

    Args:
        capture: The file.
        expected: What it should be, for the message.
        columns: Those that the head must have.

    Raises:
        UnreadableCaptureError: No line is such a head, or the file is no table.
    """
    reader = csv.reader(io.StringIO(well_formed(capture.text.removeprefix("\ufeff")), newline=""))
    head: list[str] | None = None
    start = 1
    try:
        for row in reader:
            if head is None:
                names = [re.sub(r"[\s_-]+", "_", name.strip().casefold()) for name in row]
                head = names if set(columns) <= set(names) else None
                if head is None and reader.line_num > _LONGEST_PREAMBLE:
                    break
            elif any(cell.strip() for cell in row):
                yield f"line {start}", dict(zip(head, row, strict=False))
            start = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableCaptureError(capture.exhibit, expected, "it is no table") from error
    if head is None:
        raise UnreadableCaptureError(capture.exhibit, expected, f"it has no columns {', '.join(columns)}")


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list; nothing when it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def inside(value: object, *names: str) -> Any:
    """Return what lies at the end of a path of names, or None."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text(value: object) -> str | None:
    """Return text that is not empty, or None."""
    return value if isinstance(value, str) and value.strip() else None


def native(value: object) -> str | None:
    """Return an id as text, or None."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if 0 <= value < 10**_MOST_DIGITS * 100 else None
    return value.strip() if isinstance(value, str) and value.strip() else None


def count(value: object) -> int | None:
    """Return a number that is written as such or as text, or None."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
        return int(value)
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_MOST_DIGITS
    return int(value) if whole else None  # type: ignore[call-overload]


def left_over(value: Mapping[str, Any], read: frozenset[str]) -> dict[str, Any]:
    """Return what has no field of its own and is not empty."""
    return {name: each for name, each in value.items() if name not in read and each not in (None, "", [], {}, False)}
