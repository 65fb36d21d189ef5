"""The lists of a production as they lie in a package, read a row at a time: nothing says that they are well-meant."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from osint.production.plan import Numbers

SCHEDULE = "lists/disclosure_schedule.csv"
WITHHELD = "lists/withheld_index.csv"
EXHIBITS = "lists/exhibit_list.csv"
UNUSED = "lists/unused_material.csv"
SEARCH_LOG = "lists/search_log.csv"
LOAD_FILE = "DATA/production.dat"
_DELIMITER, _QUOTE = "\x14", "þ"
_LARGEST_FIELD, _LARGEST = 1 << 24, 1 << 29

Row = Mapping[str, str]


def rows(path: Path, delimiter: str = ",", quotechar: str = '"') -> Iterator[Row]:
    """Yield the rows of a list by the names of its columns.

    Raises:
        csv.Error, OSError, ValueError: It is no such list, or larger than any of a case.
    """
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"{path.name} is larger than any list of a case")
    csv.field_size_limit(_LARGEST_FIELD)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream, delimiter=delimiter, quotechar=quotechar)


def load_file(data: Path) -> Iterator[Row]:
    """Yield the documents of the load file below a payload folder; raises as :func:`rows`."""
    return rows(data / LOAD_FILE, delimiter=_DELIMITER, quotechar=_QUOTE)


def numbered(data: Path, numbers: Numbers) -> Iterator[tuple[str, int, int]]:
    """Yield item, first and last number of each document, as the exhibit list in a payload has them."""
    for row in rows(data / EXHIBITS):
        yield row["exhibit"], numbers.number(row["first number"]), numbers.number(row["last number"])


def spans(documents: Iterable[tuple[str, int, int]]) -> dict[str, tuple[int, int]]:
    """Return the first and the last number of each item over all its documents."""
    found: dict[str, tuple[int, int]] = {}
    for exhibit, first, last in documents:
        low, high = found.get(exhibit, (first, last))
        found[exhibit] = min(low, first), max(high, last)
    return found


def doubles(where: str, numbers: Iterable[str]) -> Iterator[str]:
    """Yield in words what a list names more than once."""
    for number, count in sorted(Counter(numbers).items()):
        if count > 1:
            yield f"{where} names item {number} {count} times"
