"""A case: one thin method for each phase of an investigation. What a phase does lives in ``osint.phases``.

The class is written in the order of an investigation: each module adds its phase to the one before it.
"""

from __future__ import annotations

from typing import Any

from osint import render
from osint.case.collecting import Interrupted
from osint.case.custodian import CaseCustodian

__all__ = ["Case", "Interrupted"]


class Case(CaseCustodian):
    """An open case. Make one with :func:`osint.open_case`; close it, or use it in a ``with`` block."""

    def __str__(self) -> str:
        entries, exhibits = len(self._ledger), len(self._ledger.exhibits())
        standing = self._gate.standing()
        authority = (
            f"authority {standing[-1].authorization.identifier}, {standing[-1].authorization.purpose}"
            if standing
            else "no authority recorded yet"
        )
        overdue = f"\n{banner}" if (banner := self._gate.banner) else ""
        finished = f"\nfinished on opening: {self._finished}" if self._finished else ""
        due = f"\n{summary}" if (summary := self._agenda.summary()) else ""
        waiting = "".join(f"\ninterrupted: case.resume({run.id!r})  # {run.query}" for run in self.interrupted())
        return (
            f"Case {self.folder.name}: {_count(entries, 'ledger entry', 'ledger entries')}, "
            f"{_count(exhibits, 'exhibit', 'exhibits')}; {authority}; "
            f"investigator {self.investigator}{waiting}{finished}{overdue}{due}"
        )

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.lines_bundle(str(self))


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
