"""What the ledger of a requisition says, read in its order; nothing else is kept of plan, candidates and decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from osint.chain_of_custody.entry import Entry
from osint.errors import CaseError
from osint.screening.plan import Plan, Step
from osint.screening.review import Confirmed, read_confirmed

if TYPE_CHECKING:
    import pandas as pd

MINUTES = "minutes"
"""What a deviation names that allows more time than the plan."""

COLUMNS: Mapping[str, tuple[str, str]] = {
    "candidate": ("string", "the random name of the candidate"),
    "consented": ("string", "the day on which they consented"),
    "planned": ("Int64", "steps of the plan"),
    "taken": ("Int64", "steps of the plan that were taken and showed something"),
    "nil": ("Int64", "steps that were taken and showed nothing, or that the candidate stated nothing for"),
    "failed": ("Int64", "steps that the source answered with a refusal or an error"),
    "missing": ("object", "ids of the steps of the plan that were not taken"),
    "added": ("object", "ids of the steps that were taken beyond the plan"),
    "imported": ("object", "ids of the steps that were taken by a file that somebody saved, and asked of no source"),
    "deviations": ("object", "what differs from the plan, with the reason recorded beforehand"),
    "items": ("Int64", "items that a person confirmed"),
    "minutes": ("Int64", "minutes that were spent, as the screener states; none while it is not finished"),
    "over_time": ("boolean", "whether that is more than the plan allows"),
    "screener": ("string", "who looked"),
    "released": ("datetime64[ms, UTC]", "when the filtered copy was made; none while there is none"),
    "deviates": ("boolean", "whether this candidate was treated otherwise than the plan says in any way"),
}
"""Columns of the uniformity table: dtype, and what each holds."""


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """A recorded difference from the plan: a step left out, a step added, or more time."""

    step: str
    reason: str
    added: Step | None = None


@dataclass(kw_only=True)
class Candidate:
    """What a ledger says of one candidate."""

    alias: str
    name: str
    stated: Mapping[str, str]
    consented: date
    steps: dict[str, str] = field(default_factory=dict)
    imported: list[str] = field(default_factory=list)
    exhibits: set[str] = field(default_factory=set)
    deviations: list[Deviation] = field(default_factory=list)
    confirmed: dict[str, Confirmed] = field(default_factory=dict)
    reads: dict[str, bool] = field(default_factory=dict)
    minutes: int | None = None
    seed: str = ""
    response: str = ""
    released: datetime | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    screener: str = ""

    @property
    def is_objected(self) -> bool:
        """Whether the second reader objected to an item and has not agreed to it since."""
        return not all(self.reads.values())

    @property
    def is_sealed(self) -> bool:
        """Whether the originals are sealed: the copy is released, and nothing of it is to be worked on again."""
        return self.released is not None and not self.is_objected

    def deviation(self, step: str) -> Deviation | None:
        """Return the deviation that is recorded for a step."""
        return next((each for each in self.deviations if each.step == step), None)

    def missing(self, plan: Plan) -> list[str]:
        """Return the steps of the plan that were neither taken nor left out for a recorded reason."""
        return [each.id for each in plan.steps if each.id not in self.steps and not self.deviation(each.id)]


@dataclass(kw_only=True)
class Records:
    """What a ledger says of a requisition."""

    plan: Plan | None = None
    frozen: date | None = None
    candidates: dict[str, Candidate] = field(default_factory=dict)

    def candidate(self, alias: str) -> Candidate:
        """Return a candidate.

        Raises:
            CaseError: There is none of this name.
        """
        if alias not in self.candidates:
            raise CaseError(f"There is no candidate {alias!r} in this requisition: {', '.join(self.candidates)}.")
        return self.candidates[alias]


def read_records(entries: Iterable[Entry]) -> Records:
    """Return what the entries say; what was refused says nothing."""
    found = Records()
    for entry in entries:
        if entry.outcome == "refused" or not entry.private:
            continue
        if entry.action == "screen.plan":
            found.plan, found.frozen = Plan.of(entry.private["plan"]), entry.end_time.date()
        elif entry.action == "screen.candidate":
            told = entry.private
            found.candidates[told["candidate"]] = Candidate(
                alias=told["candidate"],
                name=told["name"],
                stated=told["stated"],
                consented=date.fromisoformat(told["consent"]["signed"]),
            )
        elif entry.action in _OF_A_CANDIDATE and entry.private.get("candidate") in found.candidates:
            _OF_A_CANDIDATE[entry.action](found.candidates[entry.private["candidate"]], entry)
    return found


def uniformity(records: Records) -> pd.DataFrame:
    """Return how alike the candidates were treated: a row each, with the columns of :data:`COLUMNS`."""
    import pandas as pd

    rows = [_row(each, records.plan) for each in records.candidates.values()] if records.plan else []
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=dtype) for name, (dtype, _) in COLUMNS.items()}
    )


def _row(one: Candidate, plan: Plan) -> dict[str, Any]:
    planned = [each.id for each in plan.steps]
    outcomes = [one.steps[name] for name in planned if name in one.steps]
    added = [name for name in one.steps if name not in planned]
    over = one.minutes is not None and one.minutes > plan.minutes
    missing = [name for name in planned if name not in one.steps]
    return {
        "candidate": one.alias,
        "consented": one.consented.isoformat(),
        "planned": len(planned),
        "taken": outcomes.count("done"),
        "nil": outcomes.count("nil"),
        "failed": outcomes.count("failed"),
        "missing": missing,
        "added": added,
        "imported": one.imported,
        "deviations": [f"{each.step}: {each.reason}" for each in one.deviations],
        "items": len(one.confirmed),
        "minutes": one.minutes,
        "over_time": over,
        "screener": one.screener,
        "released": one.released,
        "deviates": bool(one.deviations or missing or added or one.imported or over),
    }


def _step(one: Candidate, entry: Entry) -> None:
    one.steps[entry.private["step"]] = entry.outcome
    one.exhibits.update(entry.private["exhibits"])
    one.screener = entry.private["by"]
    one.imported += [entry.private["step"]] * bool(entry.private.get("imported"))


def _deviate(one: Candidate, entry: Entry) -> None:
    added = entry.private.get("added")
    one.deviations.append(
        Deviation(step=entry.private["step"], reason=entry.private["reason"], added=Step(**added) if added else None)
    )


def _confirm(one: Candidate, entry: Entry) -> None:
    one.confirmed[entry.private["item"]] = read_confirmed(entry.private["confirmed"])


def _finish(one: Candidate, entry: Entry) -> None:
    one.minutes, one.seed = entry.private["minutes"], entry.leaf.hex()


def _second_read(one: Candidate, entry: Entry) -> None:
    one.reads[entry.private["item"]] = entry.private["agrees"]


def _respond(one: Candidate, entry: Entry) -> None:
    one.response = entry.private["response"]


def _copy(one: Candidate, entry: Entry) -> None:
    one.released, one.files = entry.end_time, entry.private["files"]


_OF_A_CANDIDATE = {
    "screen.step": _step,
    "screen.deviate": _deviate,
    "screen.confirm": _confirm,
    "screen.finish": _finish,
    "screen.second-read": _second_read,
    "screen.respond": _respond,
    "screen.copy": _copy,
}
