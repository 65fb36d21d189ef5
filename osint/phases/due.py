"""What is due in a case: what expires, waits for somebody, or was left undone, and what to run for it.

It is read from the ledger and the working tables each time, so nothing has to be kept up to date by hand. A day that a
rule gives stands as an instant; what has no day, such as entries that nobody outside vouches for, is open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from osint.chain_of_custody.checkpoint import parse
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.sensitive_stop import stopped
from osint.chain_of_custody.transfer import transfers
from osint.collecting.runs import Run
from osint.columns import described
from osint.errors import QueryError
from osint.gate import Gate
from osint.gate.recorded import recorded
from osint.gate.requested import requested
from osint.gate.retaining import Kept, holds_on, kept
from osint.phases.disclosing import disclosed
from osint.policy.kinds import due as record_due
from osint.policy.kinds import state as record_state
from osint.policy.open_records import law_of
from osint.policy.retention import INTELLIGENCE
from osint.query import describe
from osint.records import Preservation, Recorded, in_force
from osint.report.unfinished import folder_of, unfinished
from osint.store.store import Store

if TYPE_CHECKING:
    import pandas as pd

WITHIN = 30
"""Days that lie ahead, and are looked at, where nobody says another number."""

STEPS: Mapping[str, tuple[str, str]] = {
    "authority": ("case.authorize(...)", "authorize"),
    "ratification": ("case.ratify(...)", "ratify"),
    "retention": ("case.retention()", "retention"),
    "validation": ("case.validate(...)", "validate"),
    "record": ("case.record(...)", "record list"),
    "request": ("case.sunshine(...)", "sunshine list"),
    "signature": ("case.countersign(...)", "record countersign"),
    "transfer": ("case.transfers", "transfer list"),
    "recipient": ("case.notified(...)", "notified"),
    "production": ("case.produce(...)", "produce"),
    "policy": ("case.policy", "policy show"),
    "training": ("case.policy", "policy show"),
    "run": ("case.resume(...)", "resume"),
    "anchor": ("case.anchor()", "anchor"),
    "warnings": ("case.warnings()", "warnings"),
}
"""What to run for each kind of thing that is due: in Python, and the command."""

COLUMNS: Mapping[str, tuple[str, str]] = {
    "case": ("string", "name of the case's folder"),
    "due": ("datetime64[ms, UTC]", "until when; NaT where no rule gives a day"),
    "state": ("string", "`overdue`, `coming` or `open`, which has no day"),
    "what": ("string", f"what kind of thing: {', '.join(f'`{each}`' for each in STEPS)}"),
    "says": ("string", "what it is about, and what becomes of it"),
    "exhibits": ("object", "the exhibits that it concerns, where it concerns some and not all"),
    "run": ("string", "what to run for it"),
}
"""Columns of the table of what is due: dtype and meaning."""


class Item(NamedTuple):
    """One thing that is due.

    Attributes:
        what: One of :data:`STEPS`.
        says: What it is about, in words.
        until: Until when; None where no rule gives a day.
        exhibits: The exhibits it concerns, where it concerns some and not all.
    """

    what: str
    says: str
    until: datetime | None = None
    exhibits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Agenda:
    """What is due in one case.

    Attributes:
        name: Of the case's folder.
        ledger: Its ledger.
        gate: Its gate.
        store: Its working tables.
        runs: Returns its runs.
        looked_at: Returns the exhibits on which somebody left a mark or a note.
    """

    name: str
    ledger: Ledger
    gate: Gate
    store: Store
    runs: Callable[[], Iterable[Run]]
    looked_at: Callable[[], Collection[str]]

    def items(self, within: int = WITHIN) -> list[Item]:
        """Return what is overdue, is due within so many days, or is open; the earliest first, what has no day last.

        Raises:
            QueryError: That is no number of days.
        """
        if within < 0:
            raise QueryError(f"{within} is no number of days to look ahead; 0 shows what is overdue or open.")
        last, entries = self.gate.present + timedelta(days=within), list(self.ledger.entries())
        found = [
            *self._authorities(), *self._retention(entries), *self._records(entries), *self._requests(entries),
            *self._passed_on(entries), *_produced(entries), *self._policy(), *self._interrupted(),
            *self._unanchored(entries), *self._warnings(),
        ]  # fmt: skip
        return sorted((each for each in found if each.until is None or each.until <= last), key=_place)

    def summary(self, within: int = WITHIN) -> str:
        """Return in one line how much is due; empty where nothing is."""
        states = [self._state(each) for each in self.items(within)]
        counts = [f"{states.count(state)} {state}" for state in ("overdue", "coming", "open") if state in states]
        return f"due within {within} days: {', '.join(counts)}: case.due()" if counts else ""

    def table(self, within: int = WITHIN) -> pd.DataFrame:
        """Return it as a table, one row each, with the columns of :data:`COLUMNS`."""
        rows = [
            (self.name, each.until, self._state(each), each.what, each.says, list(each.exhibits), STEPS[each.what][0])
            for each in self.items(within)
        ]
        return due_frame(rows)

    def _state(self, item: Item) -> str:
        return "open" if item.until is None else "overdue" if item.until < self.gate.present else "coming"

    def _authorities(self) -> Iterator[Item]:
        """Yield authorities that end, the newest that has ended where none is in force, and emergencies to ratify."""
        present, standing = self.gate.present, [each for each in self.gate.standing() if not each.located]
        ahead = [each for each in standing if each.authorization.expiry >= present]
        for each in ahead or standing[-1:]:
            named = f"{each.authorization.identifier}, {each.authorization.purpose}"
            ends = "it ends, and nothing more is collected under it"
            yield Item("authority", f"{named}: {ends if ahead else 'it has ended, and none is in force'}",
                       each.authorization.expiry)  # fmt: skip
        for each in standing:
            if each.ratification == "due":
                said = f"the emergency {each.authorization.identifier} waits for a supervisor; later its exhibits lock"
                yield Item("ratification", said, each.ratify_by)

    def _retention(self, entries: Sequence[Entry]) -> Iterator[Item]:
        """Yield the periods that end, each once with its exhibits; not those that a hold keeps, or that are stopped."""
        shut = {*holds_on(entries), *stopped(entries)}
        periods: dict[tuple[str, datetime], list[Kept]] = {}
        for each in kept(entries, self.gate.pack):
            if each.retention and each.until and not each.purged and each.exhibit not in shut:
                periods.setdefault((each.retention.id, each.until), []).append(each)
        for (name, until), records in periods.items():
            period = records[0].retention
            assert period is not None
            numbers = tuple(each.exhibit for each in records)
            if name == INTELLIGENCE:
                yield Item("validation", f"{name}: two persons validate it, or it locks and is purged", until, numbers)
            else:
                yield Item("retention", f"{name}, {period.title}: {period.disposition}", until, numbers)

    def _records(self, entries: Sequence[Entry]) -> Iterator[Item]:
        """Yield the records that go stale, run out or wait for somebody."""
        pack, present = self.gate.pack, self.gate.present
        for each in in_force(recorded(entries)):
            named, until = f"{each.record.kind} {each.record.key}", record_due(each.record, pack)
            state = record_state(each, pack, present)
            if state == "waits for a second person" or (state == "draft" and each.record.two_persons):
                yield Item("signature", f"{named} waits for a second person")
            elif state == "draft":
                yield Item("record", f"{named} is a draft that was not sent")
            elif until is not None:
                yield Item("record", _of_record(each, named, state), self._renewal(each, until))

    def _requests(self, entries: Sequence[Entry]) -> Iterator[Item]:
        """Yield the requests for records that wait for an answer, or for the grounds of a denial."""
        for each in requested(entries):
            until = each.until(self.gate.pack)
            if until is not None:
                said = f"request {each.request.identifier} of {each.request.requester}: {each.state()}"
                yield Item("request", f"{said}, under {law_of(self.gate.pack, each.request.law).title}", until)

    def _renewal(self, stated: Recorded, until: datetime) -> datetime:
        """Return when something is to be done about a record; a request to preserve is renewed before it is over."""
        if not isinstance(stated.record, Preservation) or until < self.gate.present:
            return until
        days = {name: self.gate.pack.number(f"preservation_{name}") for name in ("days", "renewal_days")}
        return until - timedelta(days=days["days"] - days["renewal_days"])

    def _passed_on(self, entries: list[Entry]) -> Iterator[Item]:
        """Yield what was released and nobody answered, and recipients who have to hear of changes."""
        for each in transfers(self.ledger, self.gate.present):
            if each.state == "open":
                said = f"release {each.release} was not answered"
                yield Item("transfer", said, each.expires, each.exhibits)
        for row in disclosed(entries):
            if row["to_tell"]:
                changes = ", ".join(map(str, row["to_tell"]))
                who = row["recipient"] or "the recipient"
                yield Item("recipient", f"{who} (entry {row['entry']}) has to hear of what entries {changes} changed")

    def _policy(self) -> Iterator[Item]:
        pack = self.gate.pack
        said = f"{pack.name} {pack.version} is to be reviewed; it stays in force until then"
        yield Item("policy", said, _end_of(pack.review_due))
        if lapses := str(self.gate.profile.get("training_valid_until", "")):
            said = "the training of whoever works here lapses, and nothing is searched then"
            yield Item("training", said, _end_of(date.fromisoformat(lapses)))

    def _interrupted(self) -> Iterator[Item]:
        for run in self.runs():
            if run.may_go_on:
                yield Item("run", f"{run.id} was interrupted: {run.collector}, {describe(run.query)}")

    def _unanchored(self, entries: Sequence[Entry]) -> Iterator[Item]:
        """Yield the entries over which nobody outside has signed; what only tells of anchors needs none."""
        sizes = [token.size for token in self.ledger.tokens()] + [size for size, _ in self.ledger.cosignatures()]
        left = [entry for entry in entries[max(sizes, default=0) :] if entry.action != "anchor"]
        if left:
            first = f"since {left[0].end_time:%Y-%m-%d %H:%M} UTC"
            kept_at = [parse(note).size for note in self.ledger.checkpoints()]
            head = f"the newest head covers {kept_at[-1]}" if kept_at else "no head was cut yet"
            said = f"{len(left)} entries {first} rest on this machine alone ({head}): anchor it, or keep it elsewhere"
            yield Item("anchor", said)

    def _warnings(self) -> Iterator[Item]:
        """Yield what could not be read, as far as nobody has left a mark or a note on its exhibit."""
        left = [str(each["exhibit"]) for each in self.store.records("warning")]
        if left:  # else nobody needs to know what was looked at
            settled = {*self.gate.locked(), *self.looked_at()}
            left = [exhibit for exhibit in left if exhibit not in settled]
        if left:
            said = f"{len(left)} on exhibits that nobody has marked or noted"
            yield Item("warnings", said, exhibits=tuple(dict.fromkeys(left)))


def _produced(entries: Sequence[Entry]) -> Iterator[Item]:
    """Yield the productions that were begun: a run that was killed leaves evidence in a hidden folder."""
    for entry in unfinished(entries):
        where = folder_of(entry) or "a folder whose name was erased"
        said = f"production to {where} (entry {entry.seq}) is not finished: the same call takes it up"
        yield Item("production", f"{said}, or case.discard_production(...) ends it")


def due_frame(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """Return rows as a table of what is due, also those of several cases; the earliest first."""
    table = described(rows, COLUMNS)
    return table.sort_values("due", kind="stable", ignore_index=True)


def _of_record(each: Recorded, named: str, state: str) -> str:
    ends = {
        "warrant": "its confirmation is stale; the court or the record system confirms it again",
        "tip": "uncorroborated, it expires",
        "preservation": "renew it before the provider may let it go",
    }
    return f"{named}: {ends.get(each.record.kind, 'it ends')} ({state})"


def _place(item: Item) -> tuple[bool, datetime]:
    return item.until is None, item.until or datetime.max.replace(tzinfo=UTC)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, UTC)
