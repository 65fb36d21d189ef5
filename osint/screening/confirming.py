"""From items to decisions: the screener confirms every one, a second reader reads a sample, the candidate answers."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

from osint.errors import ExportError, UniformityError
from osint.screening.records import MINUTES, Candidate
from osint.screening.review import Confirmed, check, paraphrase_problems, problems
from osint.screening.store import Store
from osint.screening.unsealing import items, named

NO_ANSWER = "The candidate was asked and did not answer."


def confirm(store: Store, candidate: str, item: str, confirmed: Confirmed, weak: Sequence[str]) -> None:
    """Record what the screener decided about an item.

    Raises:
        ExportError: Something stands against it; names all of it, and nothing is recorded.
    """
    one = store.told.candidate(candidate)
    found = named(items(store, one), candidate, item)
    if one.minutes is not None and one.reads.get(item, True):
        raise ExportError(f"{candidate} is finished; only what the second reader objected to is confirmed again.")
    check(problems(found, confirmed, store.plan.criteria, weak, store.since))
    store.log("screen.confirm", candidate=candidate, item=item, confirmed=confirmed.as_dict())


def finish(store: Store, candidate: str, minutes: int) -> None:
    """Say that every item is confirmed and every step of the plan taken, and how long that took.

    Raises:
        UniformityError: It is finished, a step is missing, or it took longer than the plan allows and no deviation
            says why. The refusal is in the ledger.
        ExportError: An item is not confirmed, or the minutes are none.
    """
    plan, one = store.plan, store.told.candidate(candidate)
    if problem := _unfinishable(one, minutes, plan.minutes, one.missing(plan)):
        store.refuse("screen.finish", UniformityError(f"It cannot be finished; {problem}."))
    if waiting := [each.id for each in items(store, one) if each.id not in one.confirmed]:
        raise ExportError(f"It cannot be finished: nobody confirmed {', '.join(waiting)}.")
    store.log("screen.finish", candidate=candidate, minutes=minutes)


def sample(store: Store, candidate: str) -> list[str]:
    """Return the items that a second reader reads, one at least where there is any.

    They are drawn by the hash of the entry that finished the review: nobody could know them before, and everybody can
    draw them again.

    Raises:
        ExportError: It is not finished.
    """
    one = store.told.candidate(candidate)
    if one.minutes is None:
        raise ExportError(f"{candidate} is not finished; the sample is drawn after that.")
    drawn = sorted(one.confirmed, key=lambda item: hashlib.sha256(f"{one.seed} {item}".encode()).digest())
    return drawn[: math.ceil(len(drawn) * store.pack.number("screening_second_read_percent") / 100)]


def second_read(store: Store, candidate: str, item: str, *, agrees: bool, note: str) -> None:
    """Record what the second reader says of an item of the sample.

    Raises:
        ExportError: It is not in the sample, or there is no note.
    """
    if item not in sample(store, candidate) or not note.strip():
        raise ExportError(f"{item} is not in the sample of {candidate}, or nothing is said about it.")
    store.log("screen.second-read", candidate=candidate, item=item, agrees=agrees, note=note)


def respond(store: Store, candidate: str, said: str, paraphrase: str, cleared: Sequence[str]) -> None:
    """Record what the candidate answered, and in neutral words what of it is told.

    Raises:
        ExportError: The paraphrase holds what a machine proposes to remove and nobody cleared, or it is not said how
            they were asked.
    """
    one = store.told.candidate(candidate)
    removed = [each for confirmed in one.confirmed.values() for each in confirmed.remove]
    found = [] if paraphrase == NO_ANSWER else list(paraphrase_problems(paraphrase, removed, cleared))
    found += [] if said.strip() else ["said is missing: the answer, or how and when the candidate was asked"]
    check(found)
    store.log("screen.respond", candidate=candidate, said=said, response=paraphrase, cleared=list(cleared))


def _unfinishable(one: Candidate, minutes: int, allowed: int, missing: Sequence[str]) -> str:
    if one.minutes is not None:
        return f"{one.alias} is finished already, and the sample of the second reader is drawn once"
    if missing:
        return f"steps of the plan are missing for {one.alias}: {', '.join(missing)}"
    if minutes < 0:
        return "minutes are a number from 0"
    if minutes > allowed and not one.deviation(MINUTES):
        return f"{minutes} minutes are more than the {allowed} of the plan, and no deviation says why"
    return ""
