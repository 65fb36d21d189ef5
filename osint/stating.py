"""What analysts say in a case: statements as entries of its ledger, which later entries withdraw."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from osint.chain_of_custody.ledger import Ledger
from osint.errors import CaseError
from osint.gate import Gate
from osint.graph.statements import Recorded, Stated, Statement, in_force, read_statement


@dataclass(frozen=True)
class Stating:
    """The statements of a case."""

    ledger: Ledger
    gate: Gate
    exhibits: Callable[[], Collection[str]]
    by: str

    def in_force(self) -> list[Stated]:
        """Return the statements in force; one whose words were erased says nothing any more."""
        recorded = []
        for entry in self.ledger.entries():
            made = None
            if entry.action == "state" and "statement" in entry.private:
                said, by = read_statement(entry.private["statement"]), str(entry.private.get("by", "not named"))
                made = Stated(entry=entry.seq, by=by, when=entry.end_time, statement=said)
            back = entry.payload["refs"] if entry.action == "withdraw" else ()
            recorded.append(Recorded(entry.leaf.hex(), made, back))
        return in_force(recorded)

    def state(self, statement: Statement) -> int:
        """Record a statement; return the number of its entry.

        Raises:
            CaseError: It names an exhibit that is not in this case.
        """
        strange = sorted({*statement.exhibits} - {*self.exhibits()})
        if strange:
            raise CaseError(f"Exhibit {', '.join(strange)} is not in this case; nothing was stated.")
        return self.gate.log("state", private={"statement": statement.as_dict(), "by": self.by}).seq

    def withdraw(self, statement: int, reason: str) -> None:
        """Take a statement back.

        Raises:
            CaseError: No statement in force has this number, or there is no reason.
        """
        if statement not in [each.entry for each in self.in_force()]:
            raise CaseError(f"Entry {statement} is no statement in force: case.statements() lists these.")
        if not reason.strip():
            raise CaseError("A statement is withdrawn with its reason: reason='the tattoos differ'.")
        leaf = next(entry.leaf.hex() for entry in self.ledger.entries(statement))
        self.gate.log("withdraw", private={"reason": reason, "by": self.by}, refs=[leaf])
