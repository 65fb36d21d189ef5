"""The gate: every step of every kind passes here. It decides by the rules and logs the decision, refusals included."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.errors import AuthorizationError
from osint.instants import format_instant, now
from osint.policy.authorization import Authorization
from osint.policy.rules import Facts, Standing, covering_attachments, decide
from osint.query import Query, as_dict, describe

_SCOPE = ("accounts", "hosts", "urls", "tags")


@dataclass(frozen=True, kw_only=True)
class Admission:
    """A search that the gate let through.

    Attributes:
        entry: The ledger entry of the decision.
        query: The query as it may be asked, with the period of the authority where it named none.
        standing: The authority that covers it.
    """

    entry: Entry
    query: Query
    standing: Standing


class Gate:
    """Decides and logs. It is the only holder of the ledger that steps are logged through."""

    def __init__(self, ledger: Ledger, *, network: str = "direct", clock: Callable[[], datetime] = now) -> None:
        """Guard a ledger; ``network`` is the word every entry says of the way to the network."""
        self._ledger = ledger
        self._network = network
        self._clock = clock

    def authorize(self, authorization: Authorization) -> Entry:
        """Record an authority.

        Raises:
            AuthorizationError: It has expired already. The refusal is logged.
        """
        if self._clock() > authorization.expiry:
            reason = f"it expired on {format_instant(authorization.expiry)}"
            self.log(
                "authorize", outcome="refused", private={"authorization": authorization.as_dict(), "reasons": [reason]}
            )
            raise AuthorizationError(f"Authorization {authorization.identifier} cannot be used:", [reason])
        return self.log("authorize", private={"authorization": authorization.as_dict()}, purpose=authorization.purpose)

    def extend(self, leads: Mapping[str, Sequence[str]], *, exhibit: str, reason: str) -> Entry:
        """Add leads to the newest authority that has not expired, in one entry.

        Args:
            leads: New accounts, hosts, urls or tags by the name of the field.
            exhibit: The exhibit in which they were found.
            reason: Why they belong to this authority, in the officer's words.

        Raises:
            AuthorizationError: There is no authority to extend, the exhibit is not in this case, the reason is empty,
                or a lead is not well formed. Names every ground; the refusal is logged.
        """
        current = next((each for each in reversed(self.standing()) if self._clock() <= each.authorization.expiry), None)
        known = {entry.exhibit for entry in self._ledger.entries() if entry.exhibit}
        grounds = [
            *([] if current else ["no authorization that has not expired is recorded in this case"]),
            *(
                []
                if exhibit in known
                else [f"exhibit {exhibit!r} is not in this case; name the exhibit that shows the lead"]
            ),
            *([] if reason.strip() else ["reason is missing: say why these leads belong to the authority"]),
            *([] if any(leads.values()) else [f"no lead is given: {', '.join(_SCOPE)}"]),
        ]
        if current and not grounds:
            try:
                _merged(current.authorization, leads)
            except AuthorizationError as error:
                grounds.extend(error.reasons)
        stated = {"leads": {name: list(values) for name, values in leads.items()}, "exhibit": exhibit, "reason": reason}
        if grounds or current is None:
            self.log("extend", outcome="refused", private={**stated, "reasons": grounds})
            raise AuthorizationError("These leads were not added:", grounds)
        return self.log(
            "extend",
            private=stated,
            authorization=current.entry,
            purpose=current.authorization.purpose,
            refs=[current.entry],
        )

    def standing(self) -> list[Standing]:
        """Return every authority of the case with its extensions merged in, oldest first, as the ledger has them."""
        found: dict[str, Standing] = {}
        for entry in self._ledger.entries():
            if entry.outcome == "refused":
                continue
            if entry.action == "authorize":
                authority = Authorization(**entry.private["authorization"])
                found[entry.leaf.hex()] = Standing(authorization=authority, entry=entry.leaf.hex(), seq=entry.seq)
            elif entry.action == "extend":
                base = found[entry.payload["authorization"]]
                found[base.entry] = replace(base, authorization=_merged(base.authorization, entry.private["leads"]))
        return list(found.values())

    def admit(self, query: Query, collector: str, *, refs: Sequence[str] = ()) -> Admission:
        """Decide whether a search may be made, and log the decision; ``refs`` names the run it continues.

        Raises:
            AuthorizationError: It may not; carries every ground. The refusal is an entry.
        """
        decision = decide(Facts(now=self._clock(), query=query, standing=self.standing()))
        private = {"query": as_dict(decision.query), "reasons": list(decision.reasons)}
        if decision.standing is None:
            self.log("search", outcome="refused", private=private, collector=collector, refs=refs)
            raise AuthorizationError(
                f"This search was refused and nothing was asked of any host ({describe(query)}). "
                "The refusal is in the ledger.",
                decision.reasons,
            )
        entry = self.log(
            "search",
            outcome="allowed",
            private=private,
            collector=collector,
            refs=refs,
            **self.under(decision.standing),
        )
        return Admission(entry=entry, query=decision.query, standing=decision.standing)

    def admit_attachments(self, shown: Mapping[str, Sequence[str]]) -> tuple[Entry, Standing]:
        """Decide whether the attachments of posts may be preserved, and log the decision.

        Args:
            shown: Addresses of attachments, with the ids of the posts that show them.

        Raises:
            AuthorizationError: They may not; carries every ground. The refusal is an entry.
        """
        standing, grounds = covering_attachments(self._clock(), self.standing())
        private = {"attachments": {url: list(ids) for url, ids in shown.items()}}
        if standing is None:
            self.log("preserve", outcome="refused", private={**private, "reasons": list(grounds)})
            raise AuthorizationError(
                "Preserving these attachments was refused; nothing was asked of any host.", grounds
            )
        return self.log("preserve", outcome="allowed", private=private, **self.under(standing)), standing

    def new_id(self) -> str:
        """Return an identifier for an entry that will be logged after the evidence that names it."""
        return self._ledger.new_id()

    def log(self, action: str, **said: Any) -> Entry:
        """Append one entry; the arguments are those of ``Ledger.append``."""
        return self._ledger.append(action, network=self._network, **said)

    @staticmethod
    def under(standing: Standing) -> dict[str, str]:
        """Return what an entry says of the authority it rests on."""
        return {"authorization": standing.entry, "purpose": standing.authorization.purpose}


def _merged(authorization: Authorization, leads: Mapping[str, Sequence[str]]) -> Authorization:
    scope: dict[str, Any] = {
        name: tuple(dict.fromkeys((*getattr(authorization, name), *values))) for name, values in leads.items()
    }
    return replace(authorization, **scope)
