"""The ledgers of a unit, read together: who did what, when, in which case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from osint.chain_of_custody.entry import Entry, parse
from osint.chain_of_custody.export import LINES, ExportedLedger
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.two_persons import names
from osint.errors import CaseError, QueryError
from osint.instants import day_bounds
from osint.policy.authorization import Authorization

SEARCHING = frozenset({"search", "check", "revisit"})
"""Actions by which a source is asked; ``import`` takes a file and asks nobody."""

_OF_A_PERIOD = frozenset({"since", "until", "limit", "render", "where"})
_SHOWN_OF_KEY = 16


class Entries(Protocol):
    """Whatever yields the entries of one ledger in order."""

    def entries(self) -> Iterable[Entry]:
        """Yield the entries in order, with what their stored disclosures say."""
        ...


@dataclass(frozen=True)
class Act:
    """One entry of one case.

    Attributes:
        case: The name by which this unit knows the case.
        person: Who acted: the name that the ledgers disclose for the key, or the first digits of its fingerprint.
        entry: The entry.
        at: When it ended, by the recording machine's clock.
    """

    case: str
    person: str
    entry: Entry
    at: datetime

    @property
    def ref(self) -> str:
        """How a report names the entry: ``2026-0417 entry 12``."""
        return f"{self.case} entry {self.entry.seq}"

    @property
    def searches(self) -> bool:
        """Whether a source was asked, and might be."""
        return self.entry.action in SEARCHING and self.entry.outcome == "allowed"

    @cached_property
    def target(self) -> str:
        """What a source was asked for, the same for the same account or page; empty where that was erased."""
        query: Mapping[str, Any] = self.entry.private.get("query") or {}
        said = sorted((name, str(value)) for name, value in query.items() if name not in _OF_A_PERIOD)
        return " ".join(plain(value) for _, value in said)


@dataclass(frozen=True)
class CaseRecord:
    """What a unit holds of one case: its name here, its ledger's origin, its entries and its signed heads."""

    name: str
    origin: str
    entries: Sequence[Entry] = field(repr=False)
    checkpoints: Sequence[str] = field(default=(), repr=False)

    @cached_property
    def authorities(self) -> Mapping[str, Authorization]:
        """The authorities by leaf hash, in hex; what was erased is missing."""
        found = {}
        for entry in self.entries:
            if entry.action == "authorize" and entry.outcome == "done" and "authorization" in entry.private:
                found[entry.leaf.hex()] = Authorization(**entry.private["authorization"])
        return found

    @cached_property
    def related(self) -> frozenset[str]:
        """Origins of the ledgers with which this case shares work: merged, released to, received from."""
        return frozenset(item["origin"] for entry in self.entries for item in entry.object if "origin" in item)


@dataclass(frozen=True)
class Period:
    """The time a report is about; both ends are included."""

    since: datetime
    until: datetime

    def __contains__(self, instant: object) -> bool:
        return isinstance(instant, datetime) and self.since <= instant <= self.until

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M} to {self.until:%Y-%m-%d %H:%M} UTC"


class Unit:
    """The cases of a unit."""

    def __init__(self, cases: Iterable[CaseRecord]) -> None:
        self.cases = list(cases)
        known: dict[str, str] = {}
        for case in self.cases:
            known |= names(case.entries)
        self._names = known

    def name_of(self, key: str) -> str:
        """Return the name behind a key; where no ledger discloses one, the first digits of its fingerprint."""
        return self._names.get(key, key[:_SHOWN_OF_KEY])

    @cached_property
    def acts(self) -> Mapping[str, Sequence[Act]]:
        """Every entry by case, in order."""
        return {
            case.name: [Act(case.name, self.name_of(each.performer), each, each.end_time) for each in case.entries]
            for case in self.cases
        }

    @cached_property
    def by_name(self) -> Mapping[str, CaseRecord]:
        """The cases by their names."""
        return {case.name: case for case in self.cases}

    def within(self, period: Period, keep: Callable[[Act], bool] = lambda _: True) -> Iterator[Act]:
        """Yield the acts of a period that are wanted, case by case."""
        for acts in self.acts.values():
            yield from (act for act in acts if act.at in period and keep(act))

    def by_person(self, period: Period, keep: Callable[[Act], bool] = lambda _: True) -> Mapping[str, list[Act]]:
        """Return the acts of a period that are wanted, by person, the oldest first."""
        found: dict[str, list[Act]] = defaultdict(list)
        for act in self.within(period, keep):
            found[act.person].append(act)
        return {person: sorted(acts, key=lambda act: act.at) for person, acts in sorted(found.items())}

    def authority(self, act: Act) -> Authorization | None:
        """Return the authority that an act rests on; None where there is none, or it was erased."""
        return self.by_name[act.case].authorities.get(act.entry.authorization or "")

    def purpose(self, act: Act) -> str:
        """Return the purpose of an act: its own, or that of the first authority of its case; empty without either."""
        own = act.entry.purpose
        return str(own) if own else self._purposes[act.case]

    @cached_property
    def _purposes(self) -> Mapping[str, str]:
        return {case.name: next((each.purpose for each in case.authorities.values()), "") for case in self.cases}

    def unrelated(self, cases: Iterable[str]) -> list[str]:
        """Return those of some cases that share no work with one before them."""
        apart: list[CaseRecord] = []
        for case in (self.by_name[name] for name in sorted(set(cases))):
            if not any(case.origin in other.related or other.origin in case.related for other in apart):
                apart.append(case)
        return [case.name for case in apart]


def read_unit(folders: Iterable[Path]) -> Unit:
    """Read the ledgers of cases, or of packages that were exported. Verify them first; nothing is judged here.

    Raises:
        CaseError: A folder holds neither, or the same case twice.
        LedgerError: A ledger cannot be read.
    """
    cases = [_read(folder) for folder in folders]
    if len({case.origin for case in cases}) < len(cases) or len({case.name for case in cases}) < len(cases):
        raise CaseError("A case was named twice, or two folders have the same name; name each case once.")
    return Unit(cases)


def read_period(since: str, until: str) -> Period:
    """Read a period as a person writes it: days stand for all of them in UTC.

    Raises:
        QueryError: A bound is missing or cannot be read.
    """
    try:
        start, stop = day_bounds(since, until)
    except ValueError as error:
        raise QueryError(f"The period cannot be read: {error}.") from error
    if start is None or stop is None:
        raise QueryError("A report needs the first and the last day of its period.")
    return Period(start, stop)


def plain(text: str) -> str:
    """Return a text as it is compared: case and blanks apart."""
    return " ".join(text.casefold().split())


def days(number: int) -> timedelta:
    """Return so many days."""
    return timedelta(days=number)


def _read(folder: Path) -> CaseRecord:
    if (folder / "ledger.sqlite").is_file():
        with Ledger.read(folder / "ledger.sqlite") as ledger, ledger.unchanging():
            return CaseRecord(folder.name, ledger.origin, list(ledger.entries()), ledger.checkpoints())
    for place in (folder / "data", folder):
        if (place / LINES).is_file():
            exported = ExportedLedger(place)
            entries = [
                parse(record.line.removesuffix(b"\n"), seq, record.disclosures)
                for seq, record in enumerate(exported.records())
                if record.line
            ]
            if entries:
                return CaseRecord(folder.name, str(entries[-1].payload["ledger"]), entries, exported.checkpoints())
    raise CaseError(f"{folder} holds neither a case nor an exported package with its ledger.")
