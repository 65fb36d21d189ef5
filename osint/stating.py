"""What analysts say in a case: statements as entries of its ledger, which later entries withdraw."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from osint import parts
from osint.chain_of_custody.ledger import Ledger
from osint.errors import CaseError
from osint.gate import Gate
from osint.graph.statements import Recorded, Stated, Statement, in_force, in_order, read_statement


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

    def withdraw(self, statement: int, reason: str) -> None:
        """Take a statement back.

        Raises:
            CaseError: No statement in force has this number, or there is no reason.
        """
        if statement not in [each.entry for each in _in_force(self.ledger)]:
            raise CaseError(f"Entry {statement} is no statement in force: case.statements() lists these.")
        if not reason.strip():
            raise CaseError("A statement is withdrawn with its reason: reason='the tattoos differ'.")
        leaf = next(entry.leaf.hex() for entry in self.ledger.entries(statement))
        self.gate.log("withdraw", private={"reason": reason, "by": self.by}, refs=[leaf])


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
