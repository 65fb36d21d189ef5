"""What a production is to hold, decided before a byte of it is written.

The plan is made from the ledger alone, and written into it before the numbers are used. Everything else of a production
is written from the plan, and judged against the ledger again once it is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from osint.errors import ExportError
from osint.production.release import Release

PRODUCE = "produce"
"""The action of every ledger entry about productions."""
DIGITS = 6
_PREFIX = re.compile(r"[A-Z]([A-Z0-9_-]{0,14}[A-Z_-])?")  # ends in no digit, so that every stamp is read in one way


class Fate(StrEnum):
    """What becomes of an item in a production. Each has exactly one."""

    PRODUCED = "produced"
    WITHHELD = "withheld"
    SEALED = "sealed"
    PURGED = "purged"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item that the case ever stored: an exhibit of its ledger.

    Attributes:
        exhibit: Its number in the ledger.
        sha256: Hex SHA-256 of the stored bytes; empty where the plan may not tell it.
        size: Bytes.
        entry: Position of the entry of this ledger that stored it; of a merged part, that which merged it.
        part_entry: Of a merged part: position of the entry of its own ledger that stored it; None otherwise.
        stored: When, UTC.
        source: The address it was captured from, or the name of the file that was handed in; empty when unknown.
        media_type: Media type of what was captured or handed in, not of the container.
        title: What it is, in words.
        fate: What becomes of it.
        ground: Why it is not produced; empty where it is.
        cited: The clause or statute that the ground rests on.
        derivative: Whether a redacted copy stands for it.
        exculpatory: ``yes``, ``no`` or ``unreviewed``.
        quality: Quality flags of the capture; empty when there are none.
    """

    exhibit: str
    sha256: str
    size: int
    entry: int
    stored: datetime
    source: str = ""
    media_type: str = ""
    title: str = ""
    fate: Fate = Fate.PRODUCED
    ground: str = ""
    cited: str = ""
    derivative: bool = False
    exculpatory: Literal["yes", "no", "unreviewed"] = "unreviewed"
    quality: str = ""
    part_entry: int | None = None

    @property
    def numbered(self) -> bool:
        """Whether it gets numbers of its own: it is produced, or a copy or a slip sheet stands for it."""
        return self.fate in (Fate.PRODUCED, Fate.WITHHELD)


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """How a production numbers: a prefix and at least six digits.

    Raises:
        ExportError: The prefix is none, or there are too few digits.
    """

    prefix: str
    digits: int = DIGITS

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix) or self.digits < DIGITS:
            raise ExportError(
                f"Nothing was produced: {self.prefix!r} is no prefix for numbers. Take up to 16 capital letters, "
                "digits, '-' and '_': a letter first, no digit last, such as DOE or CR26-0417-."
            )

    def label(self, number: int) -> str:
        """Return a number as it is stamped: ``DOE000001``. One with more digits than the rest keeps all of them."""
        return f"{self.prefix}{number:0{self.digits}d}"

    def number(self, label: str) -> int:
        """Return the number that a stamp says.

        Raises:
            ValueError: It is none of these numbers.
        """
        digits = label.removeprefix(self.prefix)
        if digits == label or not digits.isascii() or not digits.isdigit() or self.label(int(digits)) != label:
            raise ValueError(f"{label!r} is no number with prefix {self.prefix}")
        return int(digits)


@dataclass(frozen=True, kw_only=True)
class Document:
    """One numbered document of a production: what stands for one item, or for a part of it.

    Attributes:
        item: The item.
        begin: Its first number.
        pages: How many numbers it has, at least one.
        parent: The document that it is attached to; None for one that stands alone or heads a family.
        native: Path of the file below ``data/``; empty when there is none.
        text: Path of its text below ``data/``; empty when there is none.
        images: Paths of its pages below ``data/``, in order.
        redacted: Whether a redacted copy stands for it.
        slip_sheet: Whether its page says only that there is a native file, or that it is withheld.
        sha256: Hex SHA-256 of the native; empty when there is none.
        md5: Hex MD5 of it, by which older lists of files look it up.
        size: Its bytes.
        about: What else a load file says of it, by column (:data:`osint.production.load_files.fields.FIELDS`).
    """

    item: Item
    begin: int
    pages: int = 1
    parent: Document | None = None
    native: str = ""
    text: str = ""
    images: tuple[str, ...] = ()
    redacted: bool = False
    slip_sheet: bool = False
    sha256: str = ""
    md5: str = ""
    size: int = 0
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """Its last number."""
        return self.begin + self.pages - 1


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """A production of this case that was made before.

    Attributes:
        number: Which production it was, counted from 1.
        entry: Position of the ledger entry that planned it.
        made: When, UTC.
        to: Who received it.
        numbers: How it numbered.
        first: The first number reserved for it.
        last: The last number reserved for it; ``first - 1`` when there is none.
        done: Whether it was finished. One that was not keeps its numbers; nobody received it.
        package: SHA-256 of its last list of hashes; empty when it was not finished.
        fates: What became of each item, by exhibit.
        grounds: Why items were left out, in words, by exhibit; of those that a prosecutor left out.
        labels: First and last number of each item that was numbered, by exhibit.
        withdrawn: Exhibits produced in it that were purged or stopped since.
    """

    number: int
    entry: int
    made: datetime
    to: str
    numbers: Numbers
    first: int
    last: int
    done: bool
    package: str = ""
    fates: Mapping[str, Fate] = field(default_factory=dict)
    grounds: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    withdrawn: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a production is to hold.

    Attributes:
        number: Which production of this case it is, counted from 1.
        to: Who receives it.
        release: What the prosecutor decided.
        made: When it was planned, UTC.
        numbers: How it numbers.
        first: Its first number.
        items: Every item ever stored, in the order of the entries that stored them.
        earlier: The productions before it, the oldest first.
        case: Name of the case.
        investigator: The person at the workstation.
    """

    number: int
    to: str
    release: Release
    made: datetime
    numbers: Numbers
    first: int
    items: tuple[Item, ...]
    case: str
    investigator: str
    earlier: tuple[Earlier, ...] = ()

    def of(self, fate: Fate) -> Iterator[Item]:
        """Yield the items of one fate, in order."""
        return (each for each in self.items if each.fate is fate)

    @property
    def unreviewed(self) -> tuple[Item, ...]:
        """Items that nobody has reviewed for exculpatory value."""
        return tuple(each for each in self.items if each.exculpatory == "unreviewed")

    def label(self, number: int) -> str:
        """Return a number as it is stamped."""
        return self.numbers.label(number)
