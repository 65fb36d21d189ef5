"""Looking at a candidate: the steps of the plan, each once, and what differs from it with its reason."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osint.errors import CaptureError, SourceError, UniformityError
from osint.screening.consent import authorize
from osint.screening.plan import Step, step_problems
from osint.screening.records import MINUTES, Candidate
from osint.screening.store import Store

if TYPE_CHECKING:
    from osint.capture.imports.declaration import SavedBy
    from osint.collecting.importing import Imported
    from osint.collecting.run import Collected


def collect(store: Store, candidate: str, step: str, *, by: str) -> Collected | None:
    """Take a step of the plan for a candidate; None where they stated nothing that it could be asked with.

    Raises:
        UniformityError: The plan does not have this step, and no deviation adds it; it was taken; or all is finished.
        AuthorizationError: The gate refuses it. The refusal is in the ledger.
        SourceError, CaptureError: The source refused; the step counts as taken and failed.
    """
    one, planned = _step(store, candidate, step)
    asked = planned.asked(one.stated)
    if asked is None:
        _taken(store, candidate, step, "nil", set(), by=by)
        return None
    before = store.numbers
    try:
        found = store.collect(planned.collector, since=store.since, **asked)
    except (SourceError, CaptureError):
        _taken(store, candidate, step, "failed", store.numbers - before, by=by)
        raise
    _taken(store, candidate, step, "done" if found.posts else "nil", store.numbers - before, by=by)
    return found


def import_file(store: Store, candidate: str, step: str, path: str | Path, *, declared: SavedBy, by: str) -> Imported:
    """Take a step of the plan by a file that somebody saved; the uniformity report names it.

    Raises:
        UniformityError: As for :func:`collect`.
        PurposeLimitError: The file lies in the store of an investigation.
        CaseError, AuthorizationError: As for ``case.import_file``.
    """
    _step(store, candidate, step)
    before = store.numbers
    found = store.import_file(path, declared)
    _taken(store, candidate, step, "done", store.numbers - before, by=by, imported=True)
    return found


def deviate(store: Store, candidate: str, step: str | Step, reason: str) -> None:
    """Record that something will differ from the plan for a candidate, and why.

    Args:
        store: The store.
        candidate: Their random name.
        step: The id of a step that is left out, ``minutes`` for more time, or a further step that is added.
        reason: Why, in words; it stands in the uniformity report.

    Raises:
        UniformityError: There is no reason, no such step, one that the plan could not have either, or all is finished.
    """
    name = step.id if isinstance(step, Step) else step
    plan, one = store.plan, _unfinished(store, candidate)
    known = name == MINUTES or bool(plan.step(name))
    if not reason.strip() or known == isinstance(step, Step):
        raise UniformityError("A deviation has its reason, and leaves out a step of the plan or adds a new one.")
    told: dict[str, Any] = {"candidate": candidate, "step": name, "reason": reason}
    if isinstance(step, Step):
        if problems := list(step_problems(step)):
            store.refuse("screen.deviate", UniformityError(f"Step {name!r} cannot be added:", problems))
        authorize(store, one.name, one.stated, [step])
        told["added"] = asdict(step)
    store.log("screen.deviate", **told)


def _step(store: Store, candidate: str, step: str) -> tuple[Candidate, Step]:
    one, planned = _unfinished(store, candidate), store.plan.step(step)
    deviation = one.deviation(step)
    planned = planned or (deviation.added if deviation else None)
    if planned is None:
        what = f"{step!r} is not in the plan; record a deviation with its reason first."
        store.refuse("screen.step", UniformityError(f"Nothing was asked: {what}"))
    if step in one.steps:
        store.refuse("screen.step", UniformityError(f"Nothing was asked: {step!r} was taken for {candidate}."))
    return one, planned


def _unfinished(store: Store, candidate: str) -> Candidate:
    """Return a candidate of whom nothing is finished: what came in after that, nobody would confirm."""
    one = store.told.candidate(candidate)
    if one.minutes is not None:
        problem = f"{candidate} is finished: every item is confirmed, and the sample of the second reader is drawn."
        store.refuse("screen.step", UniformityError(f"Nothing was asked or changed. {problem}"))
    return one


def _taken(
    store: Store, candidate: str, step: str, outcome: str, exhibits: set[str], *, by: str, imported: bool = False
) -> None:
    store.log(
        "screen.step", outcome=outcome, candidate=candidate, step=step, exhibits=sorted(exhibits), by=by,
        imported=imported,
    )  # fmt: skip
