"""A case: its legal authority, approvals and emergencies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from osint import case_mark, parts
from osint.case.parts import CaseParts
from osint.errors import CaseError
from osint.policy.authorization import Authorization

if TYPE_CHECKING:
    import pandas as pd

    from osint.chain_of_custody.two_persons import Order
    from osint.gate.in_force import Policy
    from osint.policy.approval import Approval


class CaseAuthority(CaseParts):
    """Its legal authority, approvals and emergencies."""

    def authorize(self, authorization: Authorization) -> Authorization:
        """Record the legal authority; later searches within it ask for nothing. Returns it as it is recorded.

        Raises:
            AuthorizationError: A rule of the policy objects, such as: it has expired already. The refusal is an entry.
            PurposeLimitError: It is for a background check: ``osint.screening``. The refusal is an entry.
        """
        self._concluded(self._authorize, authorization)
        return self.authority

    def use_template(self, name: str) -> pd.DataFrame:
        """Record which template the case follows, and return its :meth:`checklist`. It is no authority.

        Raises:
            CaseError: There is none of that name; names those there are.
        """
        from osint.phases.templates import choose

        self._concluded(choose, self._gate, self._ledger, name)
        return self.checklist()

    def checklist(self) -> pd.DataFrame:
        """Return what the template of the case asks for and what of it is there, one row a step.

        Raises:
            CaseError: No template was chosen.
        """
        from osint.phases.templates import checklist

        return checklist(self._gate, self._ledger)

    def extend(
        self,
        *,
        exhibit: str,
        reason: str,
        accounts: Sequence[str] = (),
        hosts: Sequence[str] = (),
        urls: Sequence[str] = (),
        tags: Sequence[str] = (),
        terms: Sequence[str] = (),
    ) -> Authorization:
        """Add leads found on the way to the newest authority, in one entry, and return it as it now stands.

        Args:
            exhibit: The exhibit that shows the leads, ``E0003``.
            reason: Why they belong to this authority.
            accounts: Accounts, ``@name@host``.
            hosts: Hosts whose public pages and feeds belong to it.
            urls: Addresses that belong to it.
            tags: Tags that belong to it.
            terms: Words, names mostly, that registers may be searched for.

        Raises:
            AuthorizationError: There is nothing to extend, or a lead, the exhibit or the reason is not acceptable.
        """
        leads = {"accounts": accounts, "hosts": hosts, "urls": urls, "tags": tags, "terms": terms}
        given = {name: list(each) for name, each in leads.items() if each}
        self._gate.extend(given, exhibit=exhibit, reason=reason, merged=parts.exhibits(self.folder))
        self.anchoring.anchor()
        return self.authority

    @property
    def authority(self) -> Authorization:
        """The newest authority with its extensions.

        Raises:
            CaseError: None is recorded.
        """
        standing = self._gate.standing()
        if not standing:
            raise CaseError("No authorization is recorded: case.authorize(osint.Authorization(...)).")
        return standing[-1].authorization

    def request_approval(self, folder: str | Path, *, reason: str, also: Collection[str] = (), until: str = "") -> Path:
        """Ask a supervisor to approve the newest authority with its leads; return the signed file for them.

        Args:
            folder: Where the file goes: a folder that both can reach, or any other.
            reason: Why this is needed.
            also: Reasons beyond those of the authority itself, ``repeats`` before a watch; a refusal names them.
            until: The last day in UTC, or instant, on which it is to be approved.

        Raises:
            AuthorizationError: There is no authority, nothing of it needs approval, or no reason is given.
            QueryError: A reason is unknown, or ``until`` cannot be read.
        """
        from osint.gate.approvals import request_approval

        ask = partial(request_approval, reason=reason, also=also, until=until)
        return self._concluded(ask, self._gate, self._ledger, self.folder.name, Path(folder))

    def take_approval(self, file: str | Path) -> Approval:
        """Take what a supervisor answered, a refusal as well; return it.

        Raises:
            AuthorizationError: Whoever answered may not, or not so. The refusal is in the ledger.
            PolicyError: The file is no answer, was altered, or is to no request of this case.
        """
        from osint.gate.approvals import take_approval

        return self._concluded(take_approval, self._gate, self._ledger, Path(file))

    def ratify(self, order: Order, *, granted: bool = True) -> None:
        """Have a supervisor ratify the newest emergency, or refuse to; both persons sign.

        Raises:
            AuthorizationError: None waits, they are not two, or something is missing. The refusal is in the ledger.
        """
        from osint.gate.ratifying import ratify

        self._concluded(partial(ratify, granted=granted), self._gate, self._ledger, order)

    def defer_ratification(self, reason: str) -> str:
        """Put off the ratification of an emergency, since no supervisor can be reached; return by when it is due now.

        Raises:
            AuthorizationError: None waits, its time is over, or it was put off too often. The refusal is in the ledger.
        """
        from osint.gate.ratifying import defer

        return self._concluded(defer, self._gate, reason)

    @property
    def policy(self) -> Policy:
        """The policy in force, what stands behind each value, and under which policy each entry is judged."""
        from osint.gate.in_force import policy_of

        return policy_of(self._gate, self._ledger)

    def _authorize(self, authorization: Authorization) -> None:
        self._check_purposes("authorize", [authorization.purpose, case_mark.store_of(self.folder)])
        self._gate.authorize(authorization)

    def _check_purposes(self, action: str, purposes: Collection[str]) -> None:
        message = "Nothing was recorded. The refusal is in the ledger."
        self._gate.require("merge", action, message, purposes=purposes)
