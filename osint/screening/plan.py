"""The uniform plan of a requisition: what is looked at for every candidate, for how long, and what counts as related.

It is frozen before the first candidate is named, and its hash stands in the ledger (General Order XLV, IV.B.9).
"""

from __future__ import annotations

import hashlib
import json
import string
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self

from osint.chain_of_custody.clear_fields import WORD
from osint.collectors import names
from osint.errors import UniformityError
from osint.screening.protected import propose

_FIELDS = {"steps", "criteria", "look_back_days", "minutes"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that is asked for every candidate.

    Attributes:
        id: Its name in the plan.
        collector: The collector that is asked.
        ask: What it is asked, as for ``case.collect``; ``{mastodon}`` stands for what the candidate stated by that
            name.
    """

    id: str
    collector: str
    ask: Mapping[str, str]

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of what a candidate has to have stated for it."""
        return tuple(sorted({name for text in self.ask.values() for _, name, _, _ in _parsed(text) if name}))

    def asked(self, stated: Mapping[str, str]) -> dict[str, str] | None:
        """Return what is asked for a candidate; None when they stated nothing that this step could be asked with."""
        if any(not stated.get(name) for name in self.needs):
            return None
        return {name: text.format(**stated) for name, text in self.ask.items()}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is done for every candidate of a requisition alike.

    Attributes:
        steps: What is asked, and of whom.
        criteria: Codes of what is related to the job, with what each means.
        look_back_days: How far back it is looked, in days.
        minutes: How long one person looks at one candidate, at most.
    """

    steps: tuple[Step, ...]
    criteria: Mapping[str, str]
    look_back_days: int
    minutes: int

    def check(self) -> None:
        """Refuse a plan that could not be kept. What is frozen already is read whatever rules say by now.

        Raises:
            UniformityError: Names everything that is wrong with it.
        """
        if problems := list(_problems(self)):
            raise UniformityError("This plan cannot be frozen; nothing was logged:", problems)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Return the plan that was written down, as TOML or in the ledger.

        Raises:
            UniformityError: A part is missing, unknown, or wrong.
        """
        if said.keys() != _FIELDS or not isinstance(said["steps"], Sequence) or not _is_texts(said["criteria"]):
            raise UniformityError(f"A plan has {', '.join(sorted(_FIELDS))}, and nothing else; steps are [[steps]].")
        try:
            steps = tuple(Step(**each) for each in said["steps"])
            are_texts = all(_is_texts({"id": each.id, "collector": each.collector, **each.ask}) for each in steps)
        except TypeError as error:
            raise UniformityError("A step of a plan has id, collector and ask, and nothing else.") from error
        if not are_texts:
            raise UniformityError("id, collector and all that is asked are texts in a step of a plan.")
        return cls(**{**said, "steps": steps})

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a plan from a file of TOML; ``docs/screening.md`` shows one.

        Raises:
            UniformityError: It cannot be read, or used.
        """
        try:
            return cls.of(tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise UniformityError(f"{path} cannot be read as a plan in TOML: {error}.") from error

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values; ``Plan.of`` makes it again."""
        return {**asdict(self), "steps": [asdict(each) for each in self.steps]}

    @property
    def sha256(self) -> str:
        """Hash of the plan, hex: over its JSON with sorted names."""
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()

    def step(self, name: str) -> Step | None:
        """Return a step by its id."""
        return next((each for each in self.steps if each.id == name), None)

    def since(self, frozen: date) -> str:
        """Return the first day that is looked at, counted from the day on which the plan was frozen: equal for all."""
        return (frozen - timedelta(days=self.look_back_days)).isoformat()


def _is_texts(said: Any) -> bool:
    return isinstance(said, Mapping) and all(isinstance(text, str) for text in said.values())


def _problems(plan: Plan) -> Iterator[str]:
    ids = [step.id for step in plan.steps]
    if not ids or len(set(ids)) < len(ids):
        yield "steps: there is one at least, and each has an id of its own"
    for step in plan.steps:
        yield from (f"step {step.id!r}: {what}" for what in step_problems(step))
    if not plan.criteria or not all(text.strip() for text in plan.criteria.values()):
        yield "criteria: what is related to the job is written down beforehand, as code = meaning"
    for code, meaning in plan.criteria.items():
        if found := _protected(f"{code} {meaning}"):
            yield f"criterion {code!r}: no criterion names a protected class: {found}"
    for name in ("look_back_days", "minutes"):
        if type(getattr(plan, name)) is not int or getattr(plan, name) < 1:
            yield f"{name} is a whole number above 0"


def step_problems(step: Step) -> Iterator[str]:
    """Yield what keeps a step out of a plan, and from being added to one for a candidate."""
    if not WORD(step.id):
        yield "an id is small letters, digits, dots and hyphens"
    if step.collector not in names():
        yield f"there is no collector {step.collector!r}"
    try:
        needs = step.needs
    except ValueError:
        yield "a brace in what is asked is closed, {mastodon}"
        return
    if not needs:
        yield "it asks nothing about the candidate: name what they stated, {mastodon}"
    literals = " ".join(literal for text in step.ask.values() for literal, *_ in _parsed(text))
    if found := _protected(literals):
        yield f"nobody is looked for by a protected class: {found}"


def _protected(text: str) -> str:
    return ", ".join(sorted({each.found for each in propose(text)}))


def _parsed(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    return list(string.Formatter().parse(text))
