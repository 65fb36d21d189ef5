"""Planning a production: the plan is signed, and numbers are reserved with it, before a byte is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.withheld import EXCLUDED, PRODUCE
from osint.errors import ExportError
from osint.gate import Gate
from osint.production.decision import prosecutor
from osint.production.discarding import Discarding
from osint.production.numbering import productions, reservation, spans
from osint.production.plan import Earlier, Fate, Item, Plan
from osint.production.posts import every_post
from osint.production.produced import Asked
from osint.report.dossier import Dossier
from osint.report.unfinished import unfinished

_PAGES = 20  # numbers reserved for an item, beside one for each post that was read from it


@dataclass(frozen=True)
class Planning:
    """Planning the productions of a case, by its ledger."""

    name: str
    investigator: str
    ledger: Ledger
    gate: Gate

    def taken_up(self, asked: Asked, found: Sequence[Item]) -> Entry | None:
        """Return the entry of a production that was killed, if the case leads to the same plan as then."""
        said = asked.said | _signed(found)
        open_ones = unfinished(self.ledger.entries())
        return next((entry for entry in open_ones if says(entry, said)), None)

    def planned(self, asked: Asked, found: Sequence[Item], dossier: Dossier) -> Entry:
        """Record a plan, and reserve its numbers with it; one that was begun in the same folder ends with that."""
        posts = Counter(every_post(dossier.tables)["exhibit"])
        Discarding(self.ledger, self.gate).replace(asked.folder)
        by = prosecutor(asked.release.decided_by, self.gate.session.roster if self.gate.session else None)
        numbers = sum(_PAGES + posts[each.exhibit] for each in found if each.numbered)
        return self.gate.log(
            PRODUCE,
            outcome="allowed",
            private=asked.said | _signed(found) | {"prosecutor": by},
            object=[{"kind": EXCLUDED, "exhibit": each.exhibit} for each in asked.release.excluded],
            result=reservation(numbers, asked.release.numbers_behind),
        )

    def plan(self, entry: Entry, asked: Asked, found: Sequence[Item]) -> Plan:
        """Return the plan that an entry recorded."""
        known = productions(each for each in self.ledger.entries() if each.seq <= entry.seq)  # the same when taken up
        own = known[-1]
        return Plan(
            number=own.number,
            to=asked.to,
            release=asked.release,
            made=entry.end_time,
            numbers=own.numbers,
            first=own.first,
            items=tuple(found),
            earlier=tuple(each for each in known if each.number < own.number),
            case=self.name,
            investigator=self.investigator,
        )

    def reserved(self, entry: Entry) -> Earlier:
        """Return the production that an entry planned, with the numbers that are reserved for it by now."""
        return next(each for each in productions(self.ledger.entries()) if each.entry == entry.seq)

    def reserve_more(self, entry: Entry, used: int) -> None:
        """Reserve the numbers behind those of a production for it too.

        Raises:
            ExportError: Another production has them.
        """
        lacking = reservation(used - self.reserved(entry).last)
        self.gate.log(PRODUCE, outcome="allowed", result=lacking, refs=[entry.leaf.hex()])
        if self.reserved(entry).last < used:
            raise ExportError(
                "Nothing was produced: it needs more numbers than were reserved for it, and another production has "
                "those behind them. Produce again; the numbers go on behind both."
            )


def says(entry: Entry, said: Mapping[str, Any]) -> bool:
    """Return whether an entry says all of this, and of its originals nothing else."""
    return all(entry.private.get(name) == each for name, each in ({"restricted": None} | dict(said)).items())


def _signed(found: Sequence[Item]) -> dict[str, Any]:
    """Return what a plan says of each item: what becomes of it, and what people said of its exculpatory value."""
    return {
        "fates": {str(fate): spans(each.exhibit for each in found if each.fate is fate) for fate in Fate},
        "reviews": {word: spans(each.exhibit for each in found if each.exculpatory == word) for word in ("yes", "no")},
    }
