"""What analysts say in a case: statements and notes as entries of its ledger, which later entries withdraw."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from osint import parts
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.columns import described
from osint.errors import CaseError
from osint.gate import Gate
from osint.graph.statements import Recorded, Stated, Statement, in_force, in_order, read_statement

if TYPE_CHECKING:
    import pandas as pd

ANNOTATE: Final = "annotate"
NOTES: Mapping[str, tuple[str, str]] = {
    "entry": ("Int64", "number of the ledger entry"),
    "when": ("datetime64[ms, UTC]", "when it was written"),
    "by": ("string", "who wrote it"),
    "note": ("string", "what it says"),
    "exhibits": ("object", "the exhibits that it is about"),
}
"""Columns of the table of notes: dtype and meaning."""


@dataclass(frozen=True)
class Stating:
    """The statements of a case, and of what other officers merged into it."""

    folder: Path
    ledger: Ledger
    gate: Gate
    exhibits: Callable[[], Collection[str]]
    by: str

    def in_force(self) -> list[Stated]:
        """Return the statements in force; one whose words were erased says nothing any more.

        Those of a merged part bear its label, as do the exhibits that they name.
        """
        ledgers = [_in_force(self.ledger)]
        own = self.ledger.origin.removeprefix("osint/")
        for part in parts.parts(self.folder):
            with part.ledger() as ledger:
                ledgers.append([_of_part(each, part, own) for each in _in_force(ledger)])
        return in_order(ledgers)

    def state(self, statement: Statement) -> int:
        """Record a statement; return the number of its entry.

        Raises:
            CaseError: It names an exhibit that is not in this case.
            AuthorizationError: It labels or rates a person, or an exhibit is locked. The refusal is an entry.
        """
        strange = sorted({*statement.exhibits} - {*self.exhibits()})
        if strange:
            raise CaseError(f"Exhibit {', '.join(strange)} is not in this case; nothing was stated.")
        said = {"statement": statement.as_dict(), "by": self.by}
        message = "Nothing was stated. The refusal is in the ledger."
        asked = {"statement": statement.as_dict(), "exhibits": list(statement.exhibits)}
        self.gate.require("state", "state", message, private=said, **asked)
        return self.gate.log("state", private=said).seq

    def note(self, text: str, exhibits: Collection[str]) -> int:
        """Record a note on exhibits; return the number of its entry.

        Raises:
            CaseError: It says nothing, or names an exhibit that is not in this case.
            AuthorizationError: An exhibit is locked or stopped. The refusal is an entry.
        """
        if not text.strip():
            raise CaseError("A note says something; nothing was recorded.")
        if strange := sorted({*exhibits} - {*self.exhibits()}):
            raise CaseError(f"Exhibit {', '.join(strange)} is not in this case; nothing was recorded.")
        said = {"note": text, "by": self.by, "exhibits": sorted(exhibits)}
        message = "Nothing was noted. The refusal is in the ledger."
        self.gate.require(ANNOTATE, ANNOTATE, message, private=said, exhibits=sorted(exhibits))
        return self.gate.log(ANNOTATE, private=said).seq

    def noted(self) -> list[list[str]]:
        """Return the exhibits of each note in force."""
        return [list(entry.private.get("exhibits", ())) for entry in _notes(self.ledger)]

    def notes(self) -> pd.DataFrame:
        """Return the notes in force, a row each (``docs/columns.md``); ``attrs["locked"]`` names what is left out."""
        locked = self.gate.locked()
        every = [_noted(entry) for entry in _notes(self.ledger)]
        shown = [row for row in every if locked.isdisjoint(row["exhibits"])]
        frame = described(shown, NOTES)
        frame.attrs = {"locked": sorted(locked)} if len(shown) < len(every) else {}
        return frame

    def withdraw(self, statement: int, reason: str) -> None:
        """Take a statement or a note back.

        Raises:
            CaseError: No statement and no note in force has this number, or there is no reason.
        """
        if statement not in [*(each.entry for each in _in_force(self.ledger)), *(e.seq for e in _notes(self.ledger))]:
            raise CaseError(
                f"Entry {statement} is no statement in force: case.statements() and case.notes() list these."
            )
        if not reason.strip():
            raise CaseError("A statement is withdrawn with its reason: reason='the tattoos differ'.")
        leaf = next(entry.leaf.hex() for entry in self.ledger.entries(statement))
        self.gate.log("withdraw", private={"reason": reason, "by": self.by}, refs=[leaf])


def _notes(ledger: Ledger) -> list[Entry]:
    """Return the entries of the notes that were not withdrawn, oldest first."""
    found: dict[str, Entry] = {}
    for entry in ledger.entries():
        if (entry.action, entry.outcome) == (ANNOTATE, "done") and not entry.result:  # that of a mark says so
            found[entry.leaf.hex()] = entry
        elif entry.action == "withdraw":
            for leaf in entry.refs:
                found.pop(leaf, None)
    return list(found.values())


def _noted(entry: Entry) -> dict[str, Any]:
    said = entry.private
    told = {name: said.get(name, "(erased)") for name in ("by", "note")}
    return {"entry": entry.seq, "when": entry.end_time, **told, "exhibits": said.get("exhibits", [])}


def _in_force(ledger: Ledger) -> list[Stated]:
    recorded = []
    for entry in ledger.entries():
        made = None
        if entry.action == "state" and "statement" in entry.private:
            said, by = read_statement(entry.private["statement"]), str(entry.private.get("by", "not named"))
            made = Stated(entry=entry.seq, by=by, when=entry.end_time, statement=said)
        back = entry.payload["refs"] if entry.action == "withdraw" else ()
        recorded.append(Recorded(entry.leaf.hex(), made, back))
    return in_force(recorded)


def _of_part(stated: Stated, part: parts.Part, own: str) -> Stated:
    exhibits = [_seen_from_here(exhibit, part.label, own) for exhibit in stated.statement.exhibits]
    return replace(stated, part=part.label, statement=replace(stated.statement, exhibits=exhibits))


def _seen_from_here(exhibit: str, label: str, own: str) -> str:
    """Return the number of an exhibit of a part in this case; one that they had merged from us is our own again."""
    number, at, other = exhibit.partition("@")
    if not at:
        return f"{number}@{label}"
    return number if own.startswith(other) else exhibit
