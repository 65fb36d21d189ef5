"""The gate: every step of every kind passes here. It decides by the rules and logs the decision, refusals included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any, NoReturn

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.errors import AuthorizationError
from osint.instants import format_instant, now
from osint.policy.authorization import Authorization
from osint.policy.rules import Decision, Facts, Standing, covering_attachments, decide
from osint.query import Query, as_dict, describe
from osint.render import visible

_SCOPE = ("accounts", "hosts", "urls", "tags", "terms")


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


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A file that posts show.

    Attributes:
        record: What the ledger says of it, in private values.
        authorities: Entries of the authorities under which the exhibits that show it were collected, hex; none when
            no post of the case shows it.
    """

    record: Mapping[str, Any]
    authorities: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Order:
    """Files that may be preserved under one authority; ``entry`` holds their records in the order of ``files``."""

    entry: Entry
    standing: Standing
    files: Sequence[Shown]


class Gate:
    """Decides and logs. It is the only holder of the ledger that steps are logged through."""

    def __init__(self, ledger: Ledger, *, network: str = "direct", clock: Callable[[], datetime] = now) -> None:
        """Guard a ledger; ``network`` is the word every entry says of the way to the network."""
        self._ledger = ledger
        self._network = network
        self._clock = clock
        self._counted, self._stored = 0, Counter[str]()
        self._counting = Lock()

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

    def extend(
        self, leads: Mapping[str, Sequence[str]], *, exhibit: str, reason: str, merged: Collection[str] = ()
    ) -> Entry:
        """Add leads to the newest authority that has not expired, in one entry.

        Args:
            leads: New accounts, hosts, urls, tags or terms by the name of the field.
            exhibit: The exhibit in which they were found.
            reason: Why they belong to this authority, in the officer's words.
            merged: Exhibits that other officers collected for this case.

        Raises:
            AuthorizationError: There is no authority to extend, the exhibit is not in this case, the reason is empty,
                or a lead is not well formed. Names every ground; the refusal is logged.
        """
        current = next((each for each in reversed(self.standing()) if self._clock() <= each.authorization.expiry), None)
        known = {entry.exhibit for entry in self._ledger.entries() if entry.exhibit}.union(merged)
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
        """Return every authority of the case with its extensions merged in, oldest first, as the ledger has them.

        What was erased from the ledger gives no authority any more.
        """
        found: dict[str, Standing] = {}
        for entry in self._ledger.entries():
            if entry.outcome == "refused":
                continue
            if entry.action == "authorize" and "authorization" in entry.private:
                authority = Authorization(**entry.private["authorization"])
                found[entry.leaf.hex()] = Standing(authorization=authority, entry=entry.leaf.hex(), seq=entry.seq)
            elif entry.action == "extend" and "leads" in entry.private and entry.payload["authorization"] in found:
                base = found[entry.payload["authorization"]]
                found[base.entry] = replace(base, authorization=_merged(base.authorization, entry.private["leads"]))
        return list(found.values())

    def judge(self, query: Query) -> Decision:
        """Decide whether a search might be made now. Nothing is logged, and nothing is allowed by that."""
        return decide(Facts(now=self._clock(), query=query, standing=self.standing()))

    def admit(
        self,
        query: Query,
        collector: str,
        *,
        action: str = "search",
        refs: Sequence[str] = (),
        object: Sequence[Mapping[str, Any]] = (),  # noqa: A002 - the standard's word
    ) -> Admission:
        """Decide whether a search may be made, and log the decision.

        Args:
            query: What is to be asked.
            collector: Who asks, ``name/version``.
            action: What the entry calls it.
            refs: The run it continues.
            object: The exhibit that it visits again.

        Raises:
            AuthorizationError: It may not; carries every ground. The refusal is an entry.
        """
        decision = self.judge(query)
        private = {"query": as_dict(decision.query), "reasons": list(decision.reasons)}
        if decision.standing is None:
            self.log(action, outcome="refused", private=private, collector=collector, refs=refs, object=object)
            raise AuthorizationError(
                f"This search was refused and nothing was asked of any host ({describe(query)}). "
                "The refusal is in the ledger.",
                decision.reasons,
            )
        entry = self.log(
            action,
            outcome="allowed",
            private=private,
            collector=collector,
            refs=refs,
            object=object,
            **self.under(decision.standing),
        )
        return Admission(entry=entry, query=decision.query, standing=decision.standing)

    def admit_attachments(self, shown: Sequence[Shown]) -> tuple[list[Order], tuple[str, ...]]:
        """Decide which files that posts show may be preserved, and log each decision.

        A file is asked for under an authority that an exhibit showing it was collected under, and under no other.

        Returns:
            One order for each authority, and the grounds for whatever was refused.

        Raises:
            AuthorizationError: None may, or one of them is shown by no post of this case; carries every ground. The
                refusal is an entry.
        """
        strange = [each for each in shown if not each.authorities]
        if strange:
            grounds = tuple(f"no post of this case shows {_named(each)}" for each in strange)
            self._refuse_attachments(shown, grounds)
        covered, refused = self._by_authority(shown)
        reasons = tuple(dict.fromkeys(ground for grounds, _ in refused for ground in grounds))
        if refused and not covered:
            self._refuse_attachments(shown, reasons)
        if refused:
            self.log("preserve", outcome="refused", private=_attachments([each for _, each in refused], reasons))
        orders = [
            Order(
                entry=self.log("preserve", outcome="allowed", private=_attachments(files), **self.under(standing)),
                standing=standing,
                files=files,
            )
            for standing, files in covered
        ]
        return orders, reasons

    def check_in_force(self, standing: Standing) -> None:
        """Check that an authority has not expired since it admitted a search. Nothing is logged.

        Raises:
            AuthorizationError: It has.
        """
        if self._clock() > standing.authorization.expiry:
            reason = f"it expired on {format_instant(standing.authorization.expiry)}"
            raise AuthorizationError(
                f"Authorization {standing.authorization.identifier} is no longer in force; nothing more was asked, and "
                "what was collected stays:",
                [reason],
            )

    def stored(self, standing: Standing) -> int:
        """Return how many bytes of evidence were collected under an authority; what was purged since counts too."""
        with self._counting:
            for entry in self._ledger.entries(self._counted):
                self._counted = entry.seq + 1
                if entry.action == "acquire" and entry.exhibit:
                    self._stored[entry.payload["authorization"]] += entry.result[0]["size"]
            return self._stored[standing.entry]

    def _by_authority(
        self, shown: Sequence[Shown]
    ) -> tuple[list[tuple[Standing, list[Shown]]], list[tuple[tuple[str, ...], Shown]]]:
        """Return the files under each authority, and those under none with the grounds."""
        present, standing = self._clock(), self.standing()
        covered: dict[str, tuple[Standing, list[Shown]]] = {}
        refused = []
        for each in shown:
            own = [authority for authority in standing if authority.entry in each.authorities]
            carries, grounds = covering_attachments(present, own)
            if carries is not None:
                covered.setdefault(carries.entry, (carries, []))[1].append(each)
            else:
                erased = ("the authority under which the post was collected was erased from the ledger",)
                refused.append((grounds if own else erased, each))
        return list(covered.values()), refused

    def _refuse_attachments(self, shown: Sequence[Shown], grounds: tuple[str, ...]) -> NoReturn:
        self.log("preserve", outcome="refused", private=_attachments(shown, grounds))
        raise AuthorizationError(
            "Preserving these attachments was refused; nothing was asked of any host. The refusal is in the ledger.",
            grounds,
        )

    def new_id(self) -> str:
        """Return an identifier for an entry that will be logged after the evidence that names it."""
        return self._ledger.new_id()

    def log(self, action: str, **said: Any) -> Entry:
        """Append one entry; the arguments are those of ``Ledger.append``."""
        return self._ledger.append(action, **{"network": self._network, **said})

    @staticmethod
    def under(standing: Standing) -> dict[str, str]:
        """Return what an entry says of the authority it rests on."""
        return {"authorization": standing.entry, "purpose": standing.authorization.purpose}


def _attachments(shown: Sequence[Shown], grounds: Sequence[str] = ()) -> dict[str, Any]:
    return {"attachments": [dict(each.record) for each in shown], **({"reasons": list(grounds)} if grounds else {})}


def _named(shown: Shown) -> str:
    return f"{visible(shown.record['url'])} as an attachment of {', '.join(shown.record['posts'])}"


def _merged(authorization: Authorization, leads: Mapping[str, Sequence[str]]) -> Authorization:
    scope: dict[str, Any] = {
        name: tuple(dict.fromkeys((*getattr(authorization, name), *values))) for name, values in leads.items()
    }
    return replace(authorization, **scope)
