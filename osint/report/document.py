"""A report before it has a form: what it says, in order. HTML, PDF and DOCX are made of this, so they say the same."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from osint.errors import ExportError
from osint.media.thumbnails import Thumbnail
from osint.views.picture import Picture

ROWS_IN_A_VOLUME = 2000
"""So many rows of tables stand in one PDF: ten thousand take 1.5 GB of memory to set."""

PICTURES = ("blurred", "shown", "none")
"""How a report has the pictures of exhibits."""

_SHA256 = frozenset("0123456789abcdef")
_UNBROKEN = 24  # characters: an instant to the millisecond
_NAMES, _WIDEST, _NARROWEST = (3.0, 10.0), 34.0, 4.0


@dataclass(frozen=True)
class Section:
    """The heading of a part, which the contents list."""

    title: str


@dataclass(frozen=True)
class Heading:
    """A heading within a part."""

    title: str


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Lines:
    """Lines to be read or typed exactly as they stand."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table of texts; without headings, one of names and what they stand for."""

    rows: Sequence[Sequence[str]]
    headings: Sequence[str] = ()

    def is_of_hashes(self, column: int) -> bool:
        """Return whether a column holds SHA-256 digests, which are set in a fixed width and never broken."""
        cells = [row[column] for row in self.rows if row[column]]
        return bool(cells) and all(len(cell) == 64 and set(cell) <= _SHA256 for cell in cells)

    def widths(self) -> list[float]:
        """Return the share of the width of each column; 0 for one that is as wide as its digests."""
        hashes = [self.is_of_hashes(column) for column in range(len(self.rows[0]))]
        if not self.headings and len(hashes) == 2:
            return list(_NAMES)
        columns = zip(*[self.headings, *self.rows] if self.headings else self.rows, strict=True)
        return [0.0 if is_hash else _share(cells) for cells, is_hash in zip(columns, hashes, strict=True)]


@dataclass(frozen=True)
class Figure:
    """A drawing of ours, as SVG, with what it shows in words; a wide one has a page of its own, in landscape."""

    picture: Picture
    wide: bool = False


@dataclass(frozen=True)
class Hidden:
    """The picture of an exhibit, blurred in its pixels until somebody asks for it, or shown at once."""

    thumbnail: Thumbnail
    exhibit: str
    shown: bool = False


Block = Section | Heading | Words | Lines | Table | Figure | Hidden


@dataclass(frozen=True, kw_only=True)
class Document:
    """A report.

    Attributes:
        title: What it is.
        made: The instant that it states as its own.
        cover: What stands on its first page, above the contents.
        blocks: What follows.
        volume, volumes: Which of how many parts this is.
        others: Titles of the sections of every volume, where there are several.
        band: What stands on every page, such as DRAFT.
        wide: Whether the pages of the PDF lie on their side, for tables of many columns.
    """

    title: str
    made: datetime
    cover: Sequence[Block]
    blocks: Sequence[Block]
    volume: int = 1
    volumes: int = 1
    others: Sequence[Sequence[str]] = field(default=())
    band: str = ""
    wide: bool = False


def with_pictures(document: Document, pictures: str) -> Document:
    """Return a report whose pictures of exhibits are blurred, shown or left out, as :data:`PICTURES` names it.

    Raises:
        ExportError: There is no such choice.
    """
    if pictures not in PICTURES:
        raise ExportError(f"pictures are one of {', '.join(PICTURES)}, and not {pictures!r}. Nothing was written.")
    return replace(document, blocks=[_chosen(block, pictures) for block in document.blocks])


def _chosen(block: Block, pictures: str) -> Block:
    if not isinstance(block, Hidden):
        return block
    left_out = Words(f"The picture of exhibit {block.exhibit} is left out of this file.")
    return left_out if pictures == "none" else replace(block, shown=pictures == "shown")


def table(rows: Iterable[Sequence[object]], headings: Sequence[str] = ()) -> Table | Words:
    """Return a table of whatever can be written as text; where there are no rows, a word that says so."""
    written = [tuple(map(str, row)) for row in rows]
    return Table(written, tuple(headings)) if written else Words("None.")


def volumes(document: Document, most: int = ROWS_IN_A_VOLUME) -> list[Document]:
    """Return a report in parts of which none has more rows than ``most``; headings of tables stand in each again."""
    parts: list[list[Block]] = [[]]
    left, section = most, None
    for block in document.blocks:
        section = block if isinstance(block, Section) else section
        for piece in _cut(block, left, most):
            size = len(piece.rows) if isinstance(piece, Table) else 0
            if size > left:
                parts.append([_again(section)] if section else [])
                left = most
            parts[-1].append(piece)
            left -= size
    titles = [[block.title for block in part if isinstance(block, Section)] for part in parts]
    several = titles if len(parts) > 1 else ()
    return [
        replace(document, blocks=part, volume=number, volumes=len(parts), others=several)
        for number, part in enumerate(parts, 1)
    ]


def _cut(block: Block, left: int, most: int) -> Iterator[Block]:
    """Yield a block; a table that is longer than what is left in pieces that fit."""
    if not isinstance(block, Table) or len(block.rows) <= left:
        yield block
        return
    start, fit = 0, left or most
    while start < len(block.rows):
        yield Table(block.rows[start : start + fit], block.headings)
        start, fit = start + fit, most


def _again(section: Section) -> Section:
    ending = ", continued"
    return section if section.title.endswith(ending) else Section(section.title + ending)


def _share(cells: Sequence[str]) -> float:
    """Return a share of the width: the longest word that is not broken, or more where there is much to say."""
    longest = max((min(len(word), _UNBROKEN) for cell in cells for word in cell.split()), default=0)
    mean = sum(map(len, cells)) / len(cells)
    return min(max(longest + 2.0, 1.4 * math.pow(mean, 0.75), _NARROWEST), _WIDEST)
