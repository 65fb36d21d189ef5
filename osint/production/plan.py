"""What a production is to hold, decided before a byte of it is written.

The plan is made from the ledger alone, and written into it before the numbers are used. Everything else of a production
is written from the plan, and judged against the ledger again once it is there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self

from osint.errors import ExportError

PRODUCE = "produce"
"""The action of every ledger entry about productions."""
DIGITS = 6
_PREFIX = re.compile(r"[A-Z]([A-Z0-9_-]{0,14}[A-Z_-])?")  # ends in no digit, so that every stamp is read in one way


def is_said(text: str) -> bool:
    """Whether a person said something: a letter or a digit of any script, and not blanks or invisible characters."""
    return any(char.isalnum() for char in text)


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
class Excluded:
    """A prosecutor's act that moves an item to a schedule.

    Attributes:
        exhibit: Its number in the ledger.
        ground: Why it is not produced.
        cited: The clause or statute that the ground rests on.
        by: The prosecutor who decided it.
        exculpatory_ground: Why it is not produced although it is marked as exculpatory.
    """

    exhibit: str
    ground: str
    cited: str
    by: str
    exculpatory_ground: str = ""


@dataclass(frozen=True, kw_only=True)
class Release:
    """What a prosecutor decided about a production.

    Attributes:
        decided_by: The prosecutor.
        authority: The rule or request under which it is produced.
        prefix: What its numbers begin with: capital letters, digits, ``-`` and ``_``.
        reason: What the production is for.
        excluded: The items that are moved to a schedule.
        unreviewed_acknowledged_by: The prosecutor who knows that items were not reviewed for exculpatory value.
        contrary_facts: What speaks against the attribution, by exhibit, or for all of them under ``*``; ``none known``
            where nothing does.
        profile: ``us``, or ``uk`` with its schedule of unused material.
        used: For ``uk``: the exhibits that the prosecution relies on. All others are unused material.
        permission: The written permission of the Chief or the designee; by default the prosecutor's decision is named.
        contents: What it holds of private persons, as for ``osint.Disclosure``.
        necessary: Why that has to be in it.
        assurance: For criminal intelligence: that the recipient keeps rules like those of 28 CFR Part 23.
        imminent_danger: Instead of that: what danger to life or property it averts.
        numbers_behind: After the case was restored from a backup: the last number that any recipient of it got, by
            their copies; 0 where nobody got one. The backup may not know it, and a number is used once.
    """

    decided_by: str
    authority: str
    prefix: str
    reason: str = ""
    excluded: tuple[Excluded, ...] = ()
    unreviewed_acknowledged_by: str = ""
    contrary_facts: Mapping[str, str] = field(default_factory=dict)
    profile: Literal["us", "uk"] = "us"
    used: tuple[str, ...] = ()
    permission: str = ""
    contents: tuple[str, ...] = ()
    necessary: str = ""
    assurance: str = ""
    imminent_danger: str = ""
    numbers_behind: int | None = None

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a decision from a file of TOML, with its fields by their names; ``docs/prosecutor.md`` shows one.

        Raises:
            ExportError: It cannot be read, or says something that no decision has.
        """
        try:
            said = tomllib.loads(path.read_text(encoding="utf-8"))
            acts = tuple(Excluded(**each) for each in said.pop("excluded", ()))
            plain: dict[str, Any] = {
                name: tuple(each) if isinstance(each, list) else each for name, each in said.items()
            }
            return cls(**plain, excluded=acts)
        except (OSError, TypeError, ValueError) as error:
            raise ExportError(f"{path} cannot be read as a decision in TOML: {error}. Nothing was produced.") from error

    def as_dict(self) -> dict[str, Any]:
        """Return what was decided, as JSON values; what was not said is left out."""
        plain = {**asdict(self), "excluded": [asdict(each) for each in self.excluded]}
        said = {name: list(each) if isinstance(each, tuple) else each for name, each in plain.items()}
        return {name: each for name, each in said.items() if each not in ("", None, [], {})}


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
