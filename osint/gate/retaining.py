"""What the ledger says of retention: the class of each exhibit, what started its clock, and when its period is over.

Every exhibit has a class from the moment it is taken in: that of its purpose. A ``classify`` entry changes it, for the
exhibits that it names, or for the whole case and what comes in later. Two persons validate criminal intelligence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import purged_by
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.legal_hold import Hold, holds_in_force
from osint.chain_of_custody.two_persons import are_two
from osint.chain_of_custody.withheld import PRODUCE
from osint.gate.standing import LOCATE
from osint.instants import parse_instant
from osint.policy.pack import Pack, RetentionClass
from osint.policy.retention import INTELLIGENCE, class_for, class_named, disposition_date

CLASSIFY: Final = "classify"
VALIDATE: Final = "validate"
DISCLOSE: Final = "disclose"


@dataclass(frozen=True)
class Kept:
    """How long one exhibit is kept.

    Attributes:
        exhibit: Its number.
        retention: Its class; None where it was collected for no purpose that the pack knows.
        since: When the clock started; None while the event of the class has not been stated.
        restarts: When it started anew.
        purged: Whether its bytes were destroyed on order.
    """

    exhibit: str
    retention: RetentionClass | None
    since: datetime | None
    restarts: tuple[datetime, ...] = ()
    purged: bool = False

    @property
    def until(self) -> datetime | None:
        """When its period is over; None where that is not known yet, and where it has no end."""
        return disposition_date(self.retention, self.since, self.restarts) if self.retention else None

    def is_due(self, present: datetime) -> bool:
        """Whether its period is over, and it is still there."""
        return not self.purged and self.until is not None and present >= self.until


@dataclass
class _Clock:
    """What is known of one exhibit while the entries pass by."""

    taken: datetime
    retention: RetentionClass | None
    since: datetime | None
    first: dict[str, datetime] = field(default_factory=dict)
    disclosed: list[datetime] = field(default_factory=list)
    released: list[datetime] = field(default_factory=list)
    purged: bool = False

    def as_kept(self, exhibit: str) -> Kept:
        wanted = self.retention.restarts if self.retention else ()
        anew = [*(self.disclosed if "disclosure" in wanted else ()), *(self.released if "hold" in wanted else ())]
        return Kept(exhibit, self.retention, self.since, tuple(sorted(anew)), self.purged)


def kept(entries: Iterable[Entry], pack: Pack) -> list[Kept]:
    """Return how long each exhibit is kept that some entries took in, in the order of their numbers.

    Raises:
        PolicyError: The pack has no class for a purpose, or none of a name that an entry states.
    """
    entries = list(entries)
    clocks: dict[str, _Clock] = {}
    for_all: tuple[RetentionClass, datetime | None] | None = None
    for place, entry in enumerate(entries):
        if entry.exhibit:
            clocks[entry.exhibit] = _taken(entry, pack, for_all)
        elif (entry.action, entry.outcome) == (CLASSIFY, "done"):
            made = _classified(entry, pack)
            named = _named(entry)
            for_all = for_all if named else made
            for clock in _of(named, clocks) if named else clocks.values():
                _set(clock, *made, entry.end_time)
        elif (entry.action, entry.outcome) == (VALIDATE, "done") and are_two(entry):
            for clock in _of(_named(entry), clocks):
                clock.since = clock.first[INTELLIGENCE] = entry.end_time
        elif entry.action in (DISCLOSE, PRODUCE) and entry.outcome == "done":
            for clock in _of(_named(entry), clocks) if _is_answer(entry) else clocks.values():
                clock.disclosed.append(entry.end_time)
        elif (entry.action, entry.outcome) == ("unhold", "done") and are_two(entry):
            for clock in _of(_released(entry, entries[:place]), clocks):
                clock.released.append(entry.end_time)
        elif entry.action == LOCATE:
            _located(clocks, class_for(pack, "missing_person"), entry.end_time)
        for clock in _of(purged_by(entry), clocks):
            clock.purged = True
    return [clock.as_kept(number) for number, clock in clocks.items()]


def expired(entries: Iterable[Entry], pack: Pack, present: datetime) -> frozenset[str]:
    """Return the exhibits that were shared as criminal intelligence and were neither validated nor purged in time."""
    entries = list(entries)
    if not may_be_intelligence(entries, pack):
        return frozenset()
    return frozenset(each.exhibit for each in intelligence(kept(entries, pack)) if each.is_due(present))


def may_be_intelligence(entries: Iterable[Entry], pack: Pack) -> bool:
    """Return whether some entry may make an exhibit criminal intelligence: by a class that it states, or by purpose."""
    shared = pack.retention[INTELLIGENCE].purposes if INTELLIGENCE in pack.retention else ()
    return any(entry.action == CLASSIFY or entry.purpose in shared for entry in entries)


def held_as_intelligence(ledger: Ledger, pack: Pack) -> list[str]:
    """Return the exhibits that are kept as criminal intelligence, as far as they are still there.

    Where no entry can make an exhibit that, the entries are not held in memory together.

    Raises:
        PolicyError: As for :func:`kept`.
    """
    if not may_be_intelligence(ledger.entries(), pack):
        return []
    return [each.exhibit for each in intelligence(kept(ledger.entries(), pack))]


def intelligence(records: Iterable[Kept]) -> Iterator[Kept]:
    """Yield the exhibits that are kept as criminal intelligence, as far as they are still there."""
    return (each for each in records if each.retention and each.retention.id == INTELLIGENCE and not each.purged)


def holds_on(entries: Sequence[Entry]) -> Mapping[str, list[Hold]]:
    """Return the holds in force on each exhibit, by its number."""
    found: dict[str, list[Hold]] = {}
    for hold in holds_in_force(entries):
        for number in hold.covered(entries):
            found.setdefault(number, []).append(hold)
    return found


def _taken(entry: Entry, pack: Pack, for_all: tuple[RetentionClass, datetime | None] | None) -> _Clock:
    clock = _Clock(entry.end_time, None, None)
    if for_all:
        _set(clock, *for_all, entry.end_time)
    elif entry.purpose:
        _set(clock, class_for(pack, entry.purpose), None, entry.end_time)
    return clock


def _located(clocks: Mapping[str, _Clock], of_missing: RetentionClass, when: datetime) -> None:
    """Start the clocks of a missing person who was found, where nobody had stated that before."""
    for clock in clocks.values():
        if clock.retention == of_missing and of_missing.starts == "event":
            clock.since = clock.since or when


def _set(clock: _Clock, retention: RetentionClass, stated: datetime | None, classified: datetime) -> None:
    entered = clock.first.setdefault(retention.id, classified)  # to say it again gives it no more years
    starts = {"collected": clock.taken, "classified": entered, "event": stated}
    clock.retention, clock.since = retention, starts[retention.starts]


def _classified(entry: Entry, pack: Pack) -> tuple[RetentionClass, datetime | None]:
    item = next(each for each in entry.result if "retention" in each)
    stated = parse_instant(item["time"]) if "time" in item else None
    return class_named(pack, str(item["retention"]).upper()), stated


def _of(numbers: Iterable[str], clocks: Mapping[str, _Clock]) -> Iterator[_Clock]:
    return (clocks[number] for number in numbers if number in clocks)


def _named(entry: Entry) -> list[str]:
    return [str(item["exhibit"]) for item in entry.object if "exhibit" in item]


def _is_answer(entry: Entry) -> bool:
    """Return whether an entry answers a request for records: it names what went out; other disclosures hold it all."""
    return entry.action == DISCLOSE and bool(entry.refs)


def _released(entry: Entry, before: Sequence[Entry]) -> set[str]:
    lifted = [hold for hold in holds_in_force(before) if hold.leaf in entry.refs]
    return {number for hold in lifted for number in hold.covered(before)}
