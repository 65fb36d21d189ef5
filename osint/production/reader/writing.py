"""Writing the reader: page after page, so that no more than one page of exhibits is held at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from osint import render
from osint.production.plan import Document, Fate, Item, Plan
from osint.production.reader.exhibits import EXHIBITS, LIST_HEADINGS, LOG, LOGGED, exhibit, list_rows
from osint.production.reader.frame import FOLDER, SEARCH, START, file_of, in_pages, leaf, page, table
from osint.production.reader.front import front
from osint.production.reader.log import HEADINGS as LOG_HEADINGS
from osint.production.reader.log import WITHOUT as ENDED
from osint.production.reader.log import log_rows, without_rows
from osint.production.reader.search import item_row, part_name, parts_of, post_row, search_body
from osint.production.reader.sheets import Part
from osint.production.reader.sight import Sight, gather
from osint.production.reader.withheld import WITHHELD_HEADINGS, withheld_rows
from osint.report.readme import INDEX
from osint.report.steps import read_steps

if TYPE_CHECKING:
    from osint.report.dossier import Dossier
    from osint.report.packed import Packed

LIST, WITHOUT, WITHHELD = "list", "without", "withheld"
_LINKS = {
    "Start": START,
    "Exhibits": file_of(LIST, 1),
    "Not produced": file_of(WITHHELD, 1),
    "Search log": file_of(LOG, 1),
    "Nil, failed, refused": file_of(WITHOUT, 1),
    "Search": SEARCH,
}

Piece = tuple[Part, Item, list[dict[str, Any]]]


def write_reader(plan: Plan, dossier: Dossier, packed: Packed, documents: Iterable[Document], data: Path) -> None:
    """Write the reader: ``index.html`` at the top of the package, and what it leads to below ``data/reader/``.

    It is written last, for its first page links the lists and drafts that are there. Equal arguments give equal bytes.

    Args:
        plan: What was decided.
        dossier: The case; of its tables the posts, masked where they have to be.
        packed: The ledger as it lies in the package.
        documents: What was written for each item.
        data: The payload of the package, a folder.

    Raises:
        OSError: A page cannot be written.
    """
    folder = data / FOLDER
    folder.mkdir()
    sight = gather(plan, dossier, packed, documents)
    parts = _write_exhibits(sight, folder)
    body, script = search_body(plan.numbers.prefix, parts)
    (folder / SEARCH).write_bytes(page("Search", body, links=_LINKS, script=script))
    _write_lists(sight, packed, folder)
    shown = front(sight, packed.last.seq + 1, bool(packed.tokens()), str(dossier.verified), data)
    title = f"Production {plan.number} of case {plan.case}"
    (data.parent / INDEX).write_bytes(page(title, shown, links=_LINKS, at_top=True))


def _write_exhibits(sight: Sight, folder: Path) -> int:
    """Write the pages of exhibits and the parts of the index beside them; returns how many parts."""
    written = 0
    for written, content in enumerate(parts_of(_indexed(sight, folder)), 1):
        (folder / part_name(written)).write_bytes(content)
    return written


def _indexed(sight: Sight, folder: Path) -> Iterator[list[Any]]:
    """Write each page of exhibits, and yield what is searched of it."""
    many = sight.parts[-1].sheet if sight.parts else 0
    for number, pieces in groupby(sight.pieces(), key=lambda piece: piece[0].sheet):
        held = list(pieces)
        _write_sheet(sight, folder, number, many, held)
        for part, item, posts in held:
            if part.number == 1:
                yield item_row(sight, item)
            yield from (post_row(part, place, post) for place, post in enumerate(posts))


def _write_sheet(sight: Sight, folder: Path, number: int, many: int, held: Sequence[Piece]) -> None:
    first, last = held[0][0].exhibit, held[-1][0].exhibit
    title = f"Exhibit {first}" if first == last else f"Exhibits {first} to {last}"
    above, below = _leaves(EXHIBITS, number, many)
    shown = "\n".join(exhibit(sight, *piece) for piece in held)
    (folder / file_of(EXHIBITS, number)).write_bytes(page(title, f"{above}{shown}\n{below}", links=_LINKS))


def _write_lists(sight: Sight, packed: Packed, folder: Path) -> None:
    """Write the long tables, a page at a time."""
    entries = packed.last.seq + 1
    without = sum(entry.outcome in ENDED for entry in packed.entries())
    held = sum(item.fate is not Fate.PRODUCED for item in sight.plan.items)
    log, ended = (rows(sight, read_steps(packed)) for rows in (log_rows, without_rows))
    _write_rows(folder, _Table(LIST, "Exhibits", LIST_HEADINGS, len(sight.plan.items)), list_rows(sight))
    _write_rows(folder, _Table(WITHHELD, "Not produced", WITHHELD_HEADINGS, held), withheld_rows(sight))
    _write_rows(folder, _Table(LOG, "Search log: every entry of the ledger", LOG_HEADINGS, entries, "entry-"), log)
    _write_rows(folder, _Table(WITHOUT, "Nil, failed and refused", LOG_HEADINGS, without), ended)


class _Table(NamedTuple):
    """A table on many pages: its file, its title, its columns, its rows in all, what the name of each begins with."""

    stem: str
    title: str
    headings: Sequence[str]
    many: int
    anchor: str = ""


def _write_rows(folder: Path, told: _Table, rows: Iterable[Sequence[object]]) -> None:
    many = max(1, -(-told.many // LOGGED))
    for number, held in enumerate(in_pages(rows, LOGGED), 1):
        anchors = [f"{told.anchor}{row[0]}" for row in held] if told.anchor else []
        above, below = _leaves(told.stem, number, many)
        shown = table(told.title, told.headings, held, anchors) if held else render.paragraph("None.")
        (folder / file_of(told.stem, number)).write_bytes(page(told.title, f"{above}{shown}{below}", links=_LINKS))


def _leaves(stem: str, number: int, many: int) -> tuple[str, str]:
    return leaf(stem, number, many, ", above"), leaf(stem, number, many, ", below")
