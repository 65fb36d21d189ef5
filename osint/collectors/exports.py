"""What the readers of exports and legal returns share: members of a ZIP, scripts of saved pages, tables, made-up ids.

It is no collector. In such files ids are missing, and nothing says whose file it is but its declared address.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from osint.activity import ParseWarning
from osint.capture.exchange import Capture
from osint.collectors.answer import warning
from osint.collectors.json_values import inside
from osint.collectors.protocol import Stop
from osint.collectors.sights import made_id
from osint.collectors.text import well_formed
from osint.errors import SourceClosedError, UnreadableCaptureError

MEMBER = "member "
_END_OF_SCRIPT = re.compile("</script", re.IGNORECASE)
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
