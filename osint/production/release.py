"""What a prosecutor decides about a production."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from osint.errors import ExportError


def is_said(text: str) -> bool:
    """Whether a person said something: a letter or a digit of any script, and not blanks or invisible characters."""
    return any(char.isalnum() for char in text)


@dataclass(frozen=True, kw_only=True)
class Excluded:
    """A prosecutor's act that moves an item to a schedule.

    Attributes:
        exhibit: Its number in the ledger.
        ground: Why it is not produced.
        cited: The clause or statute that the ground rests on.
        by: The prosecutor who decided it.
        exculpatory_ground: Why it is not produced although it is marked as exculpatory.
    """

    exhibit: str
    ground: str
    cited: str
    by: str
    exculpatory_ground: str = ""


@dataclass(frozen=True, kw_only=True)
class Release:
    """What a prosecutor decided about a production.

    Attributes:
        decided_by: The prosecutor.
        authority: The rule or request under which it is produced.
        prefix: What its numbers begin with: capital letters, digits, ``-`` and ``_``.
        reason: What the production is for.
        excluded: The items that are moved to a schedule.
        unreviewed_acknowledged_by: The prosecutor who knows that items were not reviewed for exculpatory value.
        redacted_acknowledged_by: The prosecutor who knows of which exhibits that are marked as exculpatory a redacted
            copy leaves alone.
        contrary_facts: What speaks against the attribution, by exhibit, or for all of them under ``*``; ``none known``
            where nothing does.
        profile: ``us``, or ``uk`` with its schedule of unused material.
        used: For ``uk``: the exhibits that the prosecution relies on. All others are unused material.
        permission: The written permission of the Chief or the designee; by default the prosecutor's decision is named.
        contents: What it holds of private persons, as for ``osint.Disclosure``.
        necessary: Why that has to be in it.
        assurance: For criminal intelligence: that the recipient keeps rules like those of 28 CFR Part 23.
        imminent_danger: Instead of that: what danger to life or property it averts.
        numbers_behind: After the case was restored from a backup: the last number that any recipient of it got, by
            their copies; 0 where nobody got one. The backup may not know it, and a number is used once.
    """

    decided_by: str
    authority: str
    prefix: str
    reason: str = ""
    excluded: tuple[Excluded, ...] = ()
    unreviewed_acknowledged_by: str = ""
    redacted_acknowledged_by: str = ""
    contrary_facts: Mapping[str, str] = field(default_factory=dict)
    profile: Literal["us", "uk"] = "us"
    used: tuple[str, ...] = ()
    permission: str = ""
    contents: tuple[str, ...] = ()
    necessary: str = ""
    assurance: str = ""
    imminent_danger: str = ""
    numbers_behind: int | None = None

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a decision from a file of TOML, with its fields by their names; ``docs/prosecutor.md`` shows one.

        Raises:
            ExportError: It cannot be read, or says something that no decision has.
        """
        try:
            said = tomllib.loads(path.read_text(encoding="utf-8"))
            acts = tuple(Excluded(**each) for each in said.pop("excluded", ()))
            plain: dict[str, Any] = {
                name: tuple(each) if isinstance(each, list) else each for name, each in said.items()
            }
            return cls(**plain, excluded=acts)
        except (OSError, TypeError, ValueError) as error:
            raise ExportError(f"{path} cannot be read as a decision in TOML: {error}. Nothing was produced.") from error

    def as_dict(self) -> dict[str, Any]:
        """Return what was decided, as JSON values; what was not said is left out."""
        plain = {**asdict(self), "excluded": [asdict(each) for each in self.excluded]}
        said = {name: list(each) if isinstance(each, tuple) else each for name, each in plain.items()}
        return {name: each for name, each in said.items() if each not in ("", None, [], {})}
