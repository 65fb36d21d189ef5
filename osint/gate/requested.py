"""What the ledger says of requests for records: what was asked, what was decided about each item, what was answered.

A request is a record (``records-request``): the newest of its number stands. ``records.decide`` entries say what a
person decided about exhibits, the newest for each. A ``disclose`` entry that names a request answers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final

from osint.chain_of_custody.entry import Entry
from osint.errors import CaseError
from osint.gate.recorded import recorded
from osint.gate.retaining import DISCLOSE
from osint.instants import parse_instant
from osint.policy.open_records import deadline, law_of
from osint.policy.pack import Pack
from osint.records import Closure, Investigation, Record, RecordsRequest, in_force

DECIDE: Final = "records.decide"
SEARCH: Final = "records.search"
RECORD: Final = "record"
_SAID = ("decision", "record_class", "basis", "order", "reason", "by")


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What a person decided about one item of a request.

    Attributes:
        decision: ``release``, ``redact``, ``withhold`` or ``not responsive``.
        record_class: Its class, as stated; empty where nobody did.
        basis: The ground, by the word of the pack.
        order: The order of a court by which a closed record is released.
        reason: Why, in words.
        by: Who decided.
        entry: Number of the entry.
    """

    decision: str
    record_class: str
    basis: str
    order: str
    reason: str
    by: str
    entry: int


@dataclass(frozen=True, kw_only=True)
class Requested:
    """A request as it stands.

    Attributes:
        request: What was stated, the newest of its number.
        entry: Number of the entry that stated it first.
        leaf: Leaf hash of the newest entry, hex.
        decided: What was decided, by exhibit.
        answers: Numbers of the entries that answered it, oldest first.
    """

    request: RecordsRequest
    entry: int
    leaf: str
    decided: Mapping[str, Decided] = field(default_factory=dict)
    answers: tuple[int, ...] = ()

    @property
    def received(self) -> datetime:
        """When it was received, with the zone that was stated."""
        return instant_there(self.request.received)

    def until(self, pack: Pack) -> datetime | None:
        """Return until when something is to be done about it; None where nothing is.

        Raises:
            PolicyError: The pack has no such law, or its holidays cannot be read.
        """
        request, holidays = self.request, pack.words("holidays")
        if request.withdrawn:
            return None
        law = law_of(pack, request.law)
        if request.statement_asked and not request.statement_given:
            return deadline(law, instant_there(request.statement_asked), holidays)
        if self.answers:
            return None
        promised = date.fromisoformat(request.expected) if request.expected else None
        end = deadline(law, self.received, holidays)
        return datetime.combine(promised, time(23, 59, 59), self.received.tzinfo) if promised else end

    def state(self) -> str:
        """Return in words how it stands."""
        request = self.request
        if request.withdrawn:
            return "withdrawn"
        if request.statement_asked and not request.statement_given:
            return "statement of the denial asked for"
        if self.answers:
            return "answered"
        return "delayed" if request.expected else "open"


def requested(entries: Iterable[Entry]) -> list[Requested]:
    """Return the requests of a case, oldest first."""
    entries = list(entries)
    every = [each for each in recorded(entries) if isinstance(each.record, RecordsRequest)]
    first = {each.record.key: each.entry for each in reversed(every)}
    decided, answers = _decided(entries), _answers(entries)
    return [
        Requested(
            request=each.record,
            entry=first[each.record.key],
            leaf=each.leaf,
            decided=decided.get(each.record.key, {}),
            answers=tuple(answers.get(each.record.key, ())),
        )
        for each in in_force(every)
        if isinstance(each.record, RecordsRequest)
    ]


def request_named(entries: Iterable[Entry], identifier: str) -> Requested:
    """Return a request by its number.

    Raises:
        CaseError: There is none; names those that there are.
    """
    found = {each.request.identifier: each for each in requested(entries)}
    if identifier not in found:
        raise CaseError(f"No request {identifier!r} is recorded in this case; there is {', '.join(found) or 'none'}.")
    return found[identifier]


def not_there(entries: Iterable[Entry], present: date) -> frozenset[str]:
    """Return the exhibits that a court closed or expunged: to whoever asks, they are not there."""
    orders = [each for each in _in_force(entries) if isinstance(each, Closure)]
    return frozenset(
        number for each in orders if not each.lifted or date.fromisoformat(each.lifted) > present
        for number in each.concerns
    )  # fmt: skip


def investigations(entries: Iterable[Entry]) -> list[Investigation]:
    """Return what was stated of each investigation of the case, as it stands."""
    return [each for each in _in_force(entries) if isinstance(each, Investigation)]


def instant_there(text: str) -> datetime:
    """Return an instant with the zone that it was stated with; :func:`osint.instants.parse_instant` gives UTC."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # the form of mail headers, which states its zone, too
        return parse_instant(text)


def _in_force(entries: Iterable[Entry]) -> list[Record]:
    return [each.record for each in in_force(recorded(entries))]


def _decided(entries: Sequence[Entry]) -> dict[str, dict[str, Decided]]:
    found: dict[str, dict[str, Decided]] = {}
    for entry in entries:
        if (entry.action, entry.outcome) == (DECIDE, "done") and "request" in entry.private:
            said = {name: str(entry.private.get(name, "")) for name in _SAID}
            one = Decided(**said, entry=entry.seq)
            of = found.setdefault(str(entry.private["request"]), {})
            of |= dict.fromkeys(concerned_by(entry), one)
    return found


def concerned_by(entry: Entry) -> list[str]:
    """Return the exhibits that an entry names as records."""
    return [str(item["exhibit"]) for item in entry.object if item.get("kind") == RECORD and "exhibit" in item]


def items(exhibits: Iterable[str]) -> list[dict[str, Any]]:
    """Return how an entry names exhibits as records."""
    return [{"kind": RECORD, "exhibit": number} for number in sorted(exhibits)]


def _answers(entries: Sequence[Entry]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for entry in entries:
        if (entry.action, entry.outcome) == (DISCLOSE, "done") and "request" in entry.private:
            found.setdefault(str(entry.private["request"]), []).append(entry.seq)
    return found
