"""The store of a requisition: kept as a case is, and opened by nothing but a requisition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn

from osint.case import Case
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.keys import Signer
from osint.chain_of_custody.two_persons import Order, objections
from osint.errors import AuthorizationError, RoleConflictError, UniformityError
from osint.policy.pack import Pack
from osint.screening.plan import Plan
from osint.screening.records import Records, read_records
from osint.screening.roles import ASSIGN, SESSION, Held, conflicts, held, held_elsewhere, is_same_person


class Store(Case):
    """A case for background checks. A requisition hands out what its roles may have, and the rest stays in here."""

    @property
    def entries(self) -> list[Entry]:
        """The entries of its ledger."""
        return list(self._ledger.entries())

    @property
    def told(self) -> Records:
        """What its ledger says of plan, candidates and decisions."""
        return read_records(self.entries)

    @property
    def plan(self) -> Plan:
        """The frozen plan.

        Raises:
            UniformityError: There is none yet. The refusal is in the ledger.
        """
        plan = self.told.plan
        if plan is None:
            problem = "No plan is frozen; that comes before the first candidate."
            self.refuse("screen.plan", UniformityError(problem))
        return plan

    @property
    def since(self) -> str:
        """The first day that is looked at, equal for all candidates."""
        frozen = self.told.frozen
        assert frozen is not None
        return self.plan.since(frozen)

    @property
    def pack(self) -> Pack:
        """The policy pack in force."""
        return self._gate.pack

    @property
    def numbers(self) -> set[str]:
        """The numbers of its exhibits."""
        return {each.number for each in self._ledger.exhibits()}

    @property
    def hashes(self) -> set[str]:
        """The hashes of its exhibits."""
        return {each.sha256 for each in self._ledger.exhibits()}

    def now(self) -> datetime:
        """Return the present instant by its clock."""
        return self._gate.present

    def log(self, action: str, *, outcome: str = "done", cosigners: Sequence[Signer] = (), **private: Any) -> Entry:
        """Log what was done, in private values."""
        return self._concluded(
            lambda: self._gate.log(action, outcome=outcome, private=private, cosigners=list(cosigners))
        )

    def refuse(self, action: str, error: AuthorizationError, **private: Any) -> NoReturn:
        """Log a refusal, and raise it."""
        self.log(action, outcome="refused", reasons=[str(error)], **private)
        raise error

    def objections(self, order: Order) -> list[str]:
        """Return why an order of two persons cannot be carried out as it stands."""
        return objections(self._ledger, order)

    def check_view(self, role: str, copy: str) -> None:
        """Have the gate decide whether a role may see a copy: ``original`` or ``filtered``.

        Raises:
            AuthorizationError: It may not. The refusal is in the ledger.
        """
        message = "Nothing was shown. The refusal is in the ledger."
        self._concluded(lambda: self._gate.require("view", "view", message, role=role, copy=copy, exhibits=[]))

    def held(self) -> list[Held]:
        """Return the roles that were given here or worked in."""
        return list(held(self.entries, self.folder.name))

    def check_conflicts(self, action: str, person: str, role: str, key: str = "") -> None:
        """Refuse a role to a person who has another one here, or had one elsewhere in the months that count.

        Raises:
            RoleConflictError: They have. The refusal is in the ledger.
        """
        since = self.now() - timedelta(days=self.pack.number("screening_role_months") * 365 // 12)
        if found := conflicts(person, role, key, self.held(), _since(since, held_elsewhere(self.folder))):
            message = f"{person} cannot be {role} here (General Order XLV, IV.B.6):"
            self.refuse(action, RoleConflictError(message, found))

    def begin(self, person: str, role: str, *, is_new: bool) -> None:
        """Log a session in a role, or its refusal. Whoever makes a requisition is its screener.

        Raises:
            RoleConflictError: As for :meth:`check_conflicts`, or nobody gave them this role.
        """
        self.check_conflicts(SESSION, person, role, self._ledger.performer)
        if is_new:
            self.log(ASSIGN, person=person, role=role)
        elif not any(each.role == role and is_same_person(person, each.person) for each in self.held()):
            self.refuse(SESSION, RoleConflictError(f"{person} was not given the role {role} in this requisition."))
        self.log(SESSION, person=person, role=role)


def _since(instant: datetime, roles: Iterable[Held]) -> list[Held]:
    return [each for each in roles if each.when >= instant]
