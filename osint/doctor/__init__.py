"""Whether this workstation can do the work: what is there, what is missing, and what that costs.

Nothing is asked of the internet, nothing is changed, and no key is opened. What was written to try a disk is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from osint import render
from osint.doctor import machine, software
from osint.doctor.check import Check


@dataclass(frozen=True, slots=True)
class Examination:
    """What was looked at, in order."""

    checks: tuple[Check, ...]

    @property
    def faults(self) -> tuple[Check, ...]:
        """What has to be mended before a case is kept here."""
        return tuple(each for each in self.checks if each.state == "fault")

    def __str__(self) -> str:
        width = max(len(each.name) for each in self.checks)
        lines = [line for each in self.checks for line in _lines(each, width)]
        return "\n".join([*lines, "", self.summary])

    @property
    def summary(self) -> str:
        """One sentence about the whole."""
        names = ", ".join(each.name for each in self.faults)
        return f"To be mended before a case is kept here: {names}." if names else "Nothing stands against working here."

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        rows = [(each.state, each.name, each.found, each.advice) for each in self.checks]
        markup = render.paragraph(self.summary) + render.table(rows, ("", "what", "found", "to do"))
        return render.bundle(str(self), markup)


def examine(folder: str | Path = ".") -> Examination:
    """Look at this workstation.

    Args:
        folder: Where cases are to be kept: its disk is tried.
    """
    return Examination(tuple(_all(Path(folder))))


def _all(folder: Path) -> Iterator[Check]:
    looks: Iterable[Callable[[], Iterator[Check]]] = (
        software.versions,
        software.jupyter,
        machine.settings,
        lambda: machine.disk(folder),
        machine.sqlite,
        machine.keys,
        machine.key_store,
        machine.policy,
        machine.clock,
        machine.network,
        machine.sandbox,
        software.fonts,
        software.programs,
        software.extras,
    )
    for look in looks:
        yield from look()


def _lines(check: Check, width: int) -> Iterator[str]:
    yield f"{check.state:<5}  {check.name:<{width}}  {check.found}"
    if check.advice:
        yield f"{'':<5}  {'':<{width}}  {check.advice}"
