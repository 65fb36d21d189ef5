"""Keeping records for their time: which class an exhibit has, when it is due, and who validated what is shared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.legal_hold import Hold
from osint.chain_of_custody.sensitive_stop import stopped
from osint.chain_of_custody.two_persons import Order, introduce_approver, objections
from osint.columns import described
from osint.errors import AuthorizationError, CaseError
from osint.gate import Gate
from osint.gate.retaining import CLASSIFY, VALIDATE, Kept, holds_on, intelligence, kept
from osint.instants import day_bounds
from osint.policy.pack import Pack, RetentionClass
from osint.policy.retention import INTELLIGENCE, class_named

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Mapping[str, tuple[str, str]] = {
    "exhibit": ("string", "number of the exhibit"),
    "retention": ("string", "its retention class, by the id that the policy pack gives it"),
    "title": ("string", "what kind of record that is"),
    "citation": ("string", "where the period comes from"),
    "standing": ("string", "whether somebody verified that source, and who adopted it"),
    "trigger": ("string", "what starts the clock"),
    "since": ("datetime64[us, UTC]", "when it started; NaT while that has not been stated"),
    "until": ("datetime64[us, UTC]", "when the period is over; NaT where that is not known yet, or has no end"),
    "disposition": ("string", "what becomes of it then"),
    "holds": ("object", "ledger entries of the legal holds on it"),
    "state": ("string", "`purged`, `stopped`, `locked`, `held`, `due`, `permanent`, `open`, `kept` or `unclassified`"),
}
"""Columns of the table of retention: dtype and meaning."""


@dataclass(frozen=True)
class Retention:
    """The records of a case and how long they are kept."""

    ledger: Ledger
    gate: Gate

    def table(self) -> pd.DataFrame:
        """Return one row for each exhibit of the case's own ledger (``docs/columns.md``)."""
        rows = self.rows(list(self.ledger.entries()))
        return described(rows, COLUMNS)

    def rows(self, entries: Sequence[Entry], only: Collection[str] | None = None) -> list[dict[str, Any]]:
        """Return the rows of the table by what entries say; with ``only``, those of these exhibits."""
        holds, shut, present = holds_on(entries), stopped(entries), self.gate.present
        return [
            _row(each, holds.get(each.exhibit, []), self.gate.pack, present, shut)
            for each in kept(entries, self.gate.pack)
            if only is None or each.exhibit in only
        ]

    def classify(
        self, name: str, *, exhibits: Collection[str], since: str, reason: str, predicate: str, reviewer: str
    ) -> Entry:
        """Record that exhibits, or the whole case and what comes in later, are of a retention class.

        Args:
            name: Its id, ``R1``.
            exhibits: Their numbers; none for the whole case.
            since: The day in UTC, or instant, of the event that starts the clock, where the class waits for one.
            reason: Why.
            predicate: For criminal intelligence: the facts that give reasonable suspicion.
            reviewer: For criminal intelligence: who reviewed that.

        Raises:
            PolicyError: There is no such class.
            CaseError: There is no such exhibit, or the class counts from no event.
            AuthorizationError: A rule objects. The refusal is in the ledger.
        """
        retention = class_named(self.gate.pack, name)
        named = self._check(exhibits)
        if since and retention.starts != "event":
            raise CaseError(f"{name} counts from when it was {retention.starts}; leave since out.")
        start = day_bounds(since, None)[0] if since else None
        said = {"reason": reason, **({"predicate": predicate, "reviewer": reviewer} if predicate or reviewer else {})}
        self.gate.require(
            "classify", CLASSIFY, "Nothing was classified. The refusal is in the ledger.", private=said,
            exhibits=named or None, retention=name, since=start, intelligence=self._intelligence(), **said,
        )  # fmt: skip
        return self.gate.log(CLASSIFY, private=said, object=_items(named), result=[_item(retention, start)])

    def validate(self, exhibits: Collection[str], order: Order) -> Entry:
        """Record that two persons looked at criminal intelligence again, and that it may be kept on.

        Raises:
            CaseError: There is no such exhibit.
            AuthorizationError: They are not two, it is none, its time is over, or something is missing. The refusal is
                in the ledger.
        """
        named = self._check(exhibits)
        decision = self.gate.decide(
            VALIDATE, exhibits=named, intelligence=self._intelligence(), reason=order.reason, **order.second_person
        )
        grounds = [*decision.reasons, *objections(self.ledger, order)] if not decision.allowed else None
        grounds = objections(self.ledger, order) if grounds is None else grounds
        if grounds:
            self.gate.log(VALIDATE, outcome="refused", private={**order.private, "reasons": grounds})
            raise AuthorizationError("Nothing was validated. The refusal is in the ledger.", grounds)
        introduce_approver(self.ledger, order)
        return self.gate.log(
            VALIDATE,
            private=order.private,
            object=_items(named),
            result=[{"kind": "retention", "retention": INTELLIGENCE.lower()}],
            cosigners=[order.approver],
        )

    def _intelligence(self) -> list[str]:
        return [each.exhibit for each in intelligence(kept(self.ledger.entries(), self.gate.pack))]

    def _check(self, exhibits: Collection[str]) -> list[str]:
        known = {exhibit.number for exhibit in self.ledger.exhibits()}
        if strange := sorted(set(exhibits) - known):
            raise CaseError(f"{', '.join(strange)} is not in this case; nothing was recorded. Name exhibits as E0003.")
        return sorted(set(exhibits))


def _row(each: Kept, holds: Sequence[Hold], pack: Pack, present: datetime, shut: Collection[str]) -> dict[str, Any]:
    period = each.retention
    return {
        "exhibit": each.exhibit,
        "retention": period and period.id,
        "title": period and period.title,
        "citation": period and period.citation,
        "standing": period and period.standing(present.date(), pack.number("verified_months")),
        "trigger": period and period.trigger,
        "since": max([each.since, *each.restarts]) if each.since else None,
        "until": each.until,
        "disposition": period and period.disposition,
        "holds": [hold.entry for hold in holds],
        "state": _state(each, present, is_held=bool(holds), is_stopped=each.exhibit in shut),
    }


def _state(each: Kept, present: datetime, *, is_held: bool, is_stopped: bool) -> str:
    period, due = each.retention, each.is_due(present)
    states = {
        "purged": each.purged,
        "stopped": is_stopped,
        "unclassified": period is None,
        "locked": due and period is not None and period.id == INTELLIGENCE,
        "held": is_held,
        "due": due,
        "permanent": period is not None and period.unit == "permanent",
        "open": each.since is None,
        "kept": True,
    }
    return next(name for name, applies in states.items() if applies)


def _items(exhibits: Sequence[str]) -> list[dict[str, str]]:
    return [{"kind": "exhibit", "exhibit": number} for number in exhibits]


def _item(retention: RetentionClass, since: datetime | None) -> dict[str, str]:
    from osint.chain_of_custody.entry import format_milliseconds

    time = {"time": format_milliseconds(since)} if since else {}
    return {"kind": "retention", "retention": retention.id.lower(), **time}
