"""What the readers of exports and legal returns share: members of a ZIP, tables, times as platforms write them.

It is no collector. In such files numbers are often text, ids are missing, and a time says "UTC" or nothing; what is
made up for want of better is said to be so.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import unquote, urlsplit

from osint.activity import Actor, ParseWarning, Post, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import warning
from osint.collectors.protocol import Manifest, Stop
from osint.collectors.text import well_formed
from osint.errors import SourceClosedError, UnreadableCaptureError
from osint.instants import Reading, read_instant

MEMBER = "member "
_JAVA_DATE = re.compile(r"\w{3} (\w{3}) (\d{1,2}) (\d\d:\d\d:\d\d) (UTC|GMT|[+-]\d{4}) (\d{4})")
_SAYS_UTC = re.compile(r"(\d{4}-\S.*?)\s*(?:UTC|GMT)")
_END_OF_SCRIPT = re.compile("</script", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{1,40}(?:\.\d{1,40})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DIGITS = 18
_LONGEST_PREAMBLE = 200  # lines that a return puts before its table
_END = "\ue000the end of the table\ue000"  # put behind the last line; a quote that is open there swallows it


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


def start_of(body: bytes, most: int = 1 << 16) -> bytes:
    """Return how a file starts, without white space and the mark that some editors put before UTF-8."""
    return body[:most].removeprefix(codecs.BOM_UTF8).lstrip()


def script_in(page: str, tag: re.Pattern[str]) -> Iterator[str]:
    """Yield what the script elements of a page hold whose start tag a pattern finds; one without an end holds nothing.

    A pattern for the whole element would read a page of start tags without ends anew from each.
    """
    found = tag.search(page)
    while found and (end := _END_OF_SCRIPT.search(page, found.end())):
        yield page[found.end() : end.start()]
        found = tag.search(page, end.end())


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


def account(
    capture: Capture,
    manifest: Manifest,
    name: str,
    pointer: str,
    /,
    *,
    created: Reading | None = None,
    **more: Any,
) -> Actor:
    """Return an account of a platform that knows its accounts by a name, with what is the same for every one.

    Args:
        capture: Where it stands.
        manifest: Of the collector; its ``home`` is the host behind the name.
        name: The name at that host.
        pointer: Where in the capture.
        created: When it was made.
        more: Further fields of the account.
    """
    handle = f"{name}@{manifest.home}"
    return Actor(
        id=account_key(manifest.name, handle),
        platform=manifest.name,
        native_id=name,
        handle=handle,
        published=created.instant if created else None,
        published_raw=created.raw if created else None,
        exhibit=capture.exhibit,
        pointer=pointer,
        **more,
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
        value: ``Sat Dec 06 18:20:30 +0000 2025``, ``2025-12-06 18:20:30 UTC``, or what ``read_instant`` reads, such as
            ``Sat, 06 Dec 2025 18:20:30 GMT``.
        utc: The source is known to write UTC without saying so; such a time is an instant whose zone is not known.
    """
    if not isinstance(value, str) or not value.strip():
        return None
    found = _JAVA_DATE.fullmatch(value.strip())
    if found:
        month, day, clock, zone, year = found.groups()
        spelt = f"{day} {month} {year} {clock} {zone if zone[0] in '+-' else '+0000'}"
    else:
        says_utc = _SAYS_UTC.fullmatch(value.strip())
        spelt = f"{says_utc[1]}Z" if says_utc else value.strip()
    reading = read_instant(spelt)
    instant, zone_known = reading.instant, reading.zone_known
    if utc and instant is None and not zone_known:
        instant = read_instant(f"{spelt}Z").instant
    problem = "" if instant else reading.problem.replace(repr(spelt), repr(value))
    return Reading(value, instant, zone_known, problem)


def of_epoch(value: object) -> Reading | None:
    """Read seconds since 1970, as a number or as text; None when there is no number, and for 0.

    A number of something else, of milliseconds for one, stays as it was written, and is no instant.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    seconds, written = count(value), str(value)
    try:
        if seconds:
            return Reading(written, _EPOCH + timedelta(seconds=seconds), True)
    except OverflowError:
        pass
    if seconds == 0 or not _NUMBER.fullmatch(written):
        return None
    return Reading(
        written, None, False, f"{written[:40]!r} is no whole number of seconds since 1970 within the calendar"
    )


Row = tuple[str, dict[str, str]]  # the line at which it starts, and its cells by the names of their columns


def table(capture: Capture, expected: str, *columns: str) -> tuple[list[Row], list[ParseWarning]]:
    """Return the rows of a CSV file, and a warning for each that does not fit the head of the table.

    What stands above that head is passed over. Names of columns lose capitals, spaces and hyphens.

    Args:
        capture: The file.
        expected: What it should be, for the message.
        columns: Those that the head must have.

    Raises:
        UnreadableCaptureError: No line is such a head, or the file is no table.
    """
    head: list[str] | None = None
    rows: list[Row] = []
    warnings: list[ParseWarning] = []
    try:
        for number, row, is_open in _lines(capture):
            if head is None:
                names = [re.sub(r"[\s_-]+", "_", name.strip().casefold()) for name in row]
                head = names if set(columns) <= set(names) else None
                if head is None and number > _LONGEST_PREAMBLE:
                    break
            elif any(cell.strip() for cell in row):
                rows.append((f"line {number}", dict(zip(head, row, strict=False))))
                warnings += _misfit(capture, f"line {number}", (len(row), len(head)), is_open=is_open)
    except csv.Error as error:
        raise UnreadableCaptureError(capture.exhibit, expected, "it is no table") from error
    if head is None:
        raise UnreadableCaptureError(capture.exhibit, expected, f"it has no columns {', '.join(columns)}")
    return rows, warnings


def _lines(capture: Capture) -> Iterator[tuple[int, list[str], bool]]:
    """Yield the line at which a row starts, its cells, and whether a quotation mark in it is never closed."""
    written = io.StringIO(well_formed(capture.text.removeprefix("\ufeff")), newline="")
    reader = csv.reader(chain(written, [_END]))
    start = 1
    for row in reader:
        is_open = row != [_END] and bool(row) and row[-1].endswith(_END)
        if row != [_END]:
            yield start, [*row[:-1], row[-1].removesuffix(_END)] if is_open else row, is_open
        start = reader.line_num + 1


def _misfit(
    capture: Capture, pointer: str, cells_and_columns: tuple[int, int], *, is_open: bool
) -> Iterator[ParseWarning]:
    """Warn of a row that has more or fewer cells than there are columns, or that never ends."""
    cells, columns = cells_and_columns
    if is_open:
        what = "This row has a quotation mark that is never closed, so all that follows stands in one cell."
        yield warning(capture, pointer, what, "The rows behind it are not in the tables; read them in the exhibit.")
    elif cells != columns:
        what = f"This row has {cells} cells under {columns} columns."
        effect = "Its values may stand under the wrong names, and one too many is in no table; compare the exhibit."
        yield warning(capture, pointer, what, effect)


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list; nothing when it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


@dataclass(frozen=True)
class Export:
    """One file of an export: its capture, and the name of the account whose export it is."""

    capture: Capture
    owner: str | None
    _seen: Counter[str] = field(default_factory=Counter)

    def id_of(self, *said: object) -> str:
        """Return an id for what has none: it follows from who said what, and from how often that was said before.

        Two accounts may say the same in the same second; where nobody names the account, it counts as one of its own.
        """
        made = made_id((self.owner or "").casefold(), *said)
        self._seen[made] += 1
        again = self._seen[made]
        return f"export-{made}" if again == 1 else f"export-{made}-{again}"


class AnotherAccount(ParseWarning):
    """A file names another account as its own than the declared address does. An import then takes nothing from it.

    Files of posts seldom name their author: what stands beside the one that does would be given to the declared
    account, and the authority was asked about that one alone.
    """


def of_another(capture: Capture, declared: str | None, named: str | None) -> list[ParseWarning]:
    """Return the warning that a file names another account as its own than the declared address does.

    Args:
        capture: The file that names its account.
        declared: The account of the declared address, if any.
        named: The account that the file names.
    """
    if not declared or not named or declared.casefold() == named.casefold():
        return []
    what = f"The file says that it belongs to {named[:80]!r}, and the declared address names {declared!r}."
    effect = (
        "No post and no account of it is in the tables. Import the file again with the address of the account that it "
        "belongs to, also where that was only renamed, under an authority that names it."
    )
    return [AnotherAccount(exhibit=capture.exhibit, pointer="", what=what, effect=effect)]


def other_members(value: Any, lists: Iterable[str], capture: Capture, *told: str) -> Iterator[ParseWarning]:
    """Yield the warning that a file has lists and objects that are not read, or one of its lists in another shape.

    Args:
        value: What the file holds.
        lists: Names of the lists that are read.
        capture: The file.
        told: Names of objects that hold no posts.
    """
    read = {*told, *(name for name in lists if isinstance(inside(value, name), list))}
    members = value.items() if isinstance(value, dict) else ()
    if others := sorted(name for name, each in members if name not in read and each and isinstance(each, list | dict)):
        what = f"Members of this file that are not read: {', '.join(name[:60] for name in others[:40])}."
        yield warning(capture, "", what, "Nothing in them is in the tables; the exhibit has them.")


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
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_MOST_DIGITS:
        return value
    return None


def left_over(value: Mapping[str, Any], read: frozenset[str]) -> dict[str, Any]:
    """Return what has no field of its own and is not empty."""
    return {name: each for name, each in value.items() if name not in read and each not in (None, "", [], {}, False)}
