"""Policy packs: law as data. A pack holds every number, switch and citation; code holds the mechanism.

``README.md`` beside this file is the format. A pack says of each value where it comes from, when somebody read that
source (``verified_on``), and who at the agency adopted it (``adopted_by``). What nobody verified is UNVERIFIED.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from osint.errors import PolicyError

UNVERIFIED = "UNVERIFIED"
HANDLED = ("rule", "feature", "not software", "not yet")
"""What becomes of a clause: a rule of the gate, another feature, nothing a program could do, or later work."""

NEEDS: Mapping[str, str] = {
    "warrant": "warrant",
    "consent": "consent of the victim",
    "own_page": "register of the agency's own pages",
}
"""Records that a purpose may need, by the word of the pack, with what an authority without one calls it."""
RECORD_CLASSES = ("arrest", "incident", "investigative", "other")
"""What a law of open records tells apart."""
OPENNESS = re.compile(
    r"(arrest|incident|investigative|other): "
    r"(open|closed|decided|if charged within (\d{1,4}) days|if inactive, or after (\d{1,3}) years)\Z"
)
"""What it says of each: open, closed, a person decides, or a status that is computed from what was stated."""


@dataclass(frozen=True, kw_only=True)
class Sourced:
    """What every value and every rule of a pack says of itself.

    Attributes:
        citation: Where it comes from: a clause, a statute, or "design choice".
        verified_on: The day on which somebody read that source; None when nobody did.
        adopted_by: Who at the agency adopted it; empty when nobody did.
    """

    citation: str
    verified_on: date | None
    adopted_by: str

    def standing(self, today: date, months: int) -> str:
        """Return in words what stands behind it: UNVERIFIED, verified too long ago, adopted by nobody."""
        verified = UNVERIFIED
        if self.verified_on:
            old = (today.year - self.verified_on.year) * 12 + today.month - self.verified_on.month > months
            verified = f"verified on {self.verified_on}" + (f", more than {months} months ago" if old else "")
        return f"{verified}; {f'adopted by {self.adopted_by}' if self.adopted_by else 'adopted by nobody yet'}"


@dataclass(frozen=True, kw_only=True)
class Value(Sourced):
    """A number, a switch or a list of words, with its unit."""

    name: str
    value: Any
    unit: str


@dataclass(frozen=True, kw_only=True)
class RuleText(Sourced):
    """What a pack says of one rule of the gate: the clause it serves, what it checks and what it refuses."""

    id: str
    clause: str
    checks: str
    refuses: str


@dataclass(frozen=True, kw_only=True)
class RetentionClass(Sourced):
    """How long one kind of record is kept, from when on, and what becomes of it then.

    Attributes:
        id: ``R1`` and so on.
        title: What kind of record it is.
        purposes: Purposes of an authority whose exhibits are of this class until somebody says otherwise.
        value: The period; without meaning where ``unit`` is ``permanent``.
        unit: ``days``, ``years`` or ``permanent``.
        starts: What starts the clock: ``collected``, ``classified``, or an ``event`` that somebody states.
        trigger: That, in words.
        disposition: What becomes of it when the period is over.
        restarts: What starts the clock anew: ``hold`` when one is lifted, ``disclosure`` when it was handed on.
    """

    id: str
    title: str
    purposes: tuple[str, ...]
    value: int
    unit: str
    starts: str
    trigger: str
    disposition: str
    restarts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Purpose(Sourced):
    """What an agency's policy says of one purpose of an authority.

    Attributes:
        id: The purpose, as an authority names it.
        title: What it is called.
        permitted: Whether the agency collects for it at all.
        needs: Records whose absence is recorded with each authority; some of ``warrant``, ``consent``, ``own_page``.
        emergencies: In which emergencies one officer may act for it alone.
        approval: Whether it is always of engagement level 2.
    """

    id: str
    title: str
    permitted: bool
    needs: tuple[str, ...]
    emergencies: tuple[str, ...]
    approval: bool

    @property
    def needed(self) -> Mapping[str, str]:
        """What it needs, by the word of the pack, in words for people."""
        return {name: NEEDS[name] for name in self.needs}


@dataclass(frozen=True, kw_only=True)
class RecordsLaw(Sourced):
    """A law of open records, as far as a program can count it.

    Attributes:
        id: The word for it, ``us-mo``.
        title: What it is called.
        value: Days after the one of receipt within which a request is acted upon.
        unit: ``business days`` or ``calendar days``.
        office_closes: The hour, ``17:00``, from which on a request counts as received on the next day; empty where it
            counts on the day it came in, which gives the earlier day.
        extension: What it asks of whoever needs longer, in words.
        classes: By class of record whether it is open, in the words of :data:`OPENNESS`.
    """

    id: str
    title: str
    value: int
    unit: str
    office_closes: str
    extension: str
    classes: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class RecordGround(Sourced):
    """A ground on which a law of open records has a record withheld, or part of it.

    Attributes:
        id: The word for it, ``us-mo.investigative``.
        law: The law it belongs to.
        says: What it is, in words.
    """

    id: str
    law: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One clause of the order that a pack implements: what it says, and what becomes of it (:data:`HANDLED`)."""

    id: str
    says: str
    handled: str
    how: str


@dataclass(frozen=True, kw_only=True)
class Pack:
    """A policy pack, read and checked.

    Attributes:
        name: Its name.
        version: Its version, numbers with points; a later one is greater.
        title: What it is called.
        issuer: Who issued it.
        effective: From which day it counts.
        review_due: The day by which it was to be reviewed.
        legal_effect: What it is and is not, in law.
        sha256: Hash of its text, and of the text it builds on.
        values: Its values by name.
        rules: What it says of each rule, by the rule's id.
        clauses: The clauses of the order that it implements.
        retention: Its retention classes by id.
        purposes: What it says of each purpose of an authority.
        open_records: Laws of open records by the word for each.
        record_grounds: The grounds of these on which a record is withheld.
        signed_by: Name of the key that signed it; empty for a pack that comes with this program.
    """

    name: str
    version: str
    title: str
    issuer: str
    effective: date
    review_due: date
    legal_effect: str
    sha256: str
    values: Mapping[str, Value] = field(repr=False)
    rules: Mapping[str, RuleText] = field(repr=False)
    clauses: Sequence[Clause] = field(repr=False)
    retention: Mapping[str, RetentionClass] = field(repr=False)
    purposes: Mapping[str, Purpose] = field(repr=False)
    open_records: Mapping[str, RecordsLaw] = field(repr=False)
    record_grounds: Mapping[str, RecordGround] = field(repr=False)
    signed_by: str = ""

    def number(self, name: str) -> int:
        """Return a number of this pack.

        Raises:
            PolicyError: It has no such number.
        """
        found = self.values.get(name)
        if found is None or type(found.value) is not int:
            raise PolicyError(f"The policy pack {self.name} {self.version} holds no number {name!r}.")
        return found.value

    def words(self, name: str) -> tuple[str, ...]:
        """Return a list of words of this pack.

        Raises:
            PolicyError: It has no such list.
        """
        found = self.values.get(name)
        if found is None or not isinstance(found.value, list):
            raise PolicyError(f"The policy pack {self.name} {self.version} holds no list {name!r}.")
        return tuple(found.value)

    @property
    def sourced(self) -> tuple[Sourced, ...]:
        """Everything in it that states where it comes from."""
        return (
            *self.values.values(), *self.rules.values(), *self.retention.values(), *self.purposes.values(),
            *self.open_records.values(), *self.record_grounds.values(),
        )  # fmt: skip

    def overdue(self, today: date) -> str:
        """Return the banner of a pack whose review is overdue; empty while it is not."""
        if today <= self.review_due:
            return ""
        return (
            f"POLICY REVIEW OVERDUE since {self.review_due}: {self.name} {self.version}. "
            "It stays in force until a newer version is signed and installed."
        )

    def banner(self, today: date) -> str:
        """Return what is to be known of this pack wherever its values are shown: overdue, and what is UNVERIFIED."""
        every = self.sourced
        read = sum(each.verified_on is not None for each in every)
        unread = len(every) - read
        what = f"{unread} of {len(every)} values and rules of {self.name} {self.version}"
        said = f"{what} are {UNVERIFIED}: osint policy show."
        return " ".join(filter(None, [self.overdue(today), said if unread else ""]))

    @property
    def order(self) -> tuple[int, ...]:
        """The version as numbers, to compare."""
        return tuple(map(int, self.version.split(".")))

    def __str__(self) -> str:
        return f"{self.name} {self.version} (sha256 {self.sha256[:12]})"
