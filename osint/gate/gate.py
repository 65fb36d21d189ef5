"""The gate: every step of every kind passes here. It decides by the rules and logs the decision, refusals included."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NoReturn, get_args

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.sensitive_stop import stopped
from osint.errors import AuthorizationError, ProhibitedTechniqueError, PurposeLimitError
from osint.gate.admission import Admission, Order, Shown, attachments_said, named
from osint.gate.approvals import answers
from osint.gate.known import behind
from osint.gate.recorded import recorded
from osint.gate.retaining import expired, may_be_intelligence
from osint.gate.standing import (
    OF_EACH_EXHIBIT,
    POLICY,
    about,
    exhibits_under,
    looks,
    policies,
    read_standing,
    reasons_for_others,
    unlogged,
    with_leads,
)
from osint.gate.tally import Tally
from osint.gate.when_asked import WhenAsked
from osint.instants import format_instant, now
from osint.policy.authorization import Authorization
from osint.policy.facts import Decision, Facts, Standing, Step
from osint.policy.pack import UNVERIFIED, Pack
from osint.policy.pack_text import DEFAULT, built_in
from osint.policy.roster import Session
from osint.policy.rules import decide
from osint.query import Query, as_dict, describe
from osint.records import in_force

NOTHING: Mapping[str, Any] = MappingProxyType({})
_LOGGED = "The refusal is in the ledger."
_ONLY_READ = (
    "The case is only read here, so the refusal is no entry. Evidence and ledger are as they were: what is locked is "
    "kept, and its bytes verify."
)
_PROHIBITED = re.compile(r"P\d+\Z")
_ORDINARY = frozenset(field.name for kind in get_args(Query) for field in fields(kind))
"""What a search is ordinarily asked with."""


class Gate:
    """Decides and logs. It is the only holder of the ledger that steps are logged through."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        network: str = "direct",
        clock: Callable[[], datetime] = now,
        pack: Pack | None = None,
        profile: Mapping[str, Any] = NOTHING,
        session: Session | None = None,
    ) -> None:
        """Guard a ledger.

        Args:
            ledger: Where every decision is logged.
            network: The word every entry says of the way to the network.
            clock: Tells the present instant.
            pack: The policy pack in force; by default that of the founding order.
            profile: What the agency stated once of itself and this workstation.
            session: Who works here, and as what; None where nobody opened the case to work on it.
        """
        self.pack = pack or built_in(DEFAULT)
        self.profile = profile
        self.session = session
        self._ledger = ledger
        self._network = network
        self._clock = clock
        self._tally = Tally(ledger)

    @property
    def present(self) -> datetime:
        """The present instant: by the clock of the case, or of its newest entry where the clock was set back since."""
        newest = self._ledger.index.newest_end()
        return max(self._clock(), newest) if newest else self._clock()

    @property
    def banner(self) -> str:
        """What is to be known of the policy in force: an overdue review, and what nobody verified."""
        return self.pack.banner(self.present.date())

    def note_policy(self) -> None:
        """Log which pack is in force from here on, where it is not the one that the ledger knows.

        A new case under the pack that comes with this program says so in the entry of its first authority.
        """
        known = policies(self._telling())
        if (known[-1:] and known[-1][1] != self.pack.sha256) or (not known and self.pack != built_in(DEFAULT)):
            self.log("configure", private=self._policy_said(), result=[self._policy_item()])

    def note_session(self) -> None:
        """Log who works here in which role by which roster, where the newest such entry says something else.

        Without a roster the ordinary role is nothing to be noted: the entry of an authority says that none was stated.
        """
        session = self.session
        if session is None or (session.roster is None and session.role == "investigator"):
            return
        said = {"investigator": session.person, "role": session.role, "roster": str(session.roster or "not stated")}
        known = [entry.private for entry in self._telling() if "roster" in entry.private]
        if not known or any(known[-1].get(name) != text for name, text in said.items()):
            self.log("configure", private=said)

    def decide(self, step: Step, *, query: Query | None = None, **said: Any) -> Decision:
        """Decide whether a step might be taken now. Nothing is logged, and nothing is allowed by that.

        Args:
            step: What is to be done.
            query: What is to be asked of a source.
            said: What was stated, by the names that :mod:`osint.policy.rules` lists; ``authority`` is the one that is
                judged, where it is not the rules that choose it.
        """
        return decide(self.facts(step, query=query, **said), self.pack)

    def facts(self, step: Step, *, query: Query | None = None, **said: Any) -> Facts:
        """Return everything that a decision rests on; the arguments are those of :meth:`decide`."""
        entries, present = self._telling(), self.present
        every = read_standing(entries)
        goes_on = said.pop("goes_on", False)
        return Facts(
            now=present,
            step=step,
            query=query,
            standing=every,
            authority=said.pop("authority") if isinstance(said.get("authority"), Standing) else None,
            said=said,
            profile=self.profile,
            locked=WhenAsked(lambda: self._under([each for each in every if each.is_locked(present)])),
            unratified=WhenAsked(lambda: self._under([each for each in every if not each.is_ratified])),
            unlogged=WhenAsked(lambda: unlogged(self._ledger.entries())),
            stopped=stopped(entries),
            expired=WhenAsked(lambda: self._expired(entries, present)),
            records=in_force(recorded(entries)),
            repeats=0 if goes_on or query is None else self._repeats(query),
            **self._who(entries),
        )

    def require(
        self, step: Step, action: str, message: str, *, private: Mapping[str, Any] = NOTHING, **said: Any
    ) -> Decision:
        """Let a step pass, or log the refusal and raise it. A permission is logged by whoever takes the step.

        Args:
            step: What is to be done.
            action: What the entry of a refusal calls it.
            message: The first sentence of the error: what was refused, and what did not happen.
            private: What the entry of a refusal says besides, in private values.
            said: As for :meth:`decide`.

        Raises:
            AuthorizationError: It may not be taken; carries every ground. The refusal is an entry.
            PurposeLimitError: It would bring a background check and an investigation together.
        """
        decision = self.decide(step, **said)
        if not decision.allowed:
            self.refuse(action, decision, message, private=private)
        return decision

    def refuse(
        self, action: str, decision: Decision, message: str, *, private: Mapping[str, Any] = NOTHING, **said: Any
    ) -> NoReturn:
        """Log a refusal, with the rules that object, and raise it. Where a case is only read, the error says so."""
        objecting = [{"kind": "rule", "rule": rule.lower()} for rule in decision.rules]
        told = {**private, "reasons": list(decision.reasons), "rules": list(decision.rules)}
        if self._ledger.is_writable:
            self.log(action, outcome="refused", private=told, result=objecting, **said)
        else:
            message = f"{message.removesuffix(_LOGGED)}{_ONLY_READ}"
        message = " ".join([message, *self._basis(decision.rules)])
        prohibited = [rule for rule in decision.rules if _PROHIBITED.match(rule)]
        if prohibited:
            raise ProhibitedTechniqueError(f"{message} ({', '.join(prohibited)})", decision.reasons, prohibited)
        if "IV.B.5" in decision.rules:
            raise PurposeLimitError(message, decision.reasons)
        raise AuthorizationError(message, decision.reasons)

    def _basis(self, rules: Sequence[str]) -> Iterator[str]:
        """Return by which rules a refusal is, and which of them nobody verified; in words for whoever is refused."""
        texts = [self.pack.rules[rule] for rule in rules]
        said = ", ".join(f"{each.id}{'' if each.verified_on else f' ({UNVERIFIED})'}" for each in texts)
        if said:
            yield f"By {said} of {self.pack.name} {self.pack.version}: osint policy explain {rules[0]}."

    def check_asked(self, names: Collection[str]) -> None:
        """Refuse a search that is asked for with the name of a prohibited technique, before anything is made of it.

        Raises:
            ProhibitedTechniqueError: A name stands for one. The refusal is an entry, without the values.
        """
        if _ORDINARY.issuperset(names):
            return
        decision = self.decide("collect", asked=sorted(names))
        if any(map(_PROHIBITED.match, decision.rules)):
            message = "This search was refused and nothing was asked of any host. The refusal is in the ledger."
            self.refuse("search", decision, message, private={"asked": sorted(names)})

    def check_shown(self, exhibits: Collection[str] | None = None) -> None:
        """Refuse to show what is locked: some exhibits, or all that the case holds.

        Raises:
            AuthorizationError: Something of it is locked. The refusal is an entry.
        """
        if self.locked():
            message = "This is not shown. The refusal is in the ledger."
            self.require("view", "view", message, exhibits=None if exhibits is None else list(exhibits))

    def authorize(self, authorization: Authorization) -> Entry:
        """Record an authority, with the policy under which it was recorded.

        Raises:
            AuthorizationError: A rule objects: it has expired already, or lasts longer than an emergency may. The
                refusal is logged.
        """
        message = f"Authorization {authorization.identifier} cannot be used:"
        said: dict[str, Any] = {"authorization": authorization.as_dict()}
        decision = self.require("authorize", "authorize", message, private=said, authorization=authorization)
        if authorization.emergency:
            due = self.present + timedelta(hours=self.pack.number("emergency_hours"))
            authorization = replace(authorization, expires=authorization.expires or format_instant(due))
            said = {"authorization": authorization.as_dict(), "ratify_by": format_instant(due)}
        return self.log(
            "authorize",
            private={**said, **_conditions(decision), **self._policy_said()},
            result=[self._policy_item()],
            purpose=authorization.purpose,
        )

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
        known = {entry.exhibit for entry in self._ledger.entries() if entry.exhibit}.union(merged)
        stated: dict[str, Any] = {
            "leads": {name: list(values) for name, values in leads.items()},
            "exhibit": exhibit,
            "reason": reason,
        }
        earlier = reasons_for_others(self._ledger.entries(), exhibit)
        decision = self.decide("extend", known=known, earlier=earlier, **stated)
        current = decision.standing
        if current is not None:
            try:
                with_leads(current.authorization, leads)
            except AuthorizationError as error:
                decision = replace(decision, outcome="refused", reasons=error.reasons)
        if current is None or not decision.allowed:
            self.refuse("extend", decision, "These leads were not added:", private=stated)
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
        return read_standing(self._telling())

    def locked(self, among: Collection[str] | None = None) -> frozenset[str]:
        """Return the exhibits that are not shown.

        They are of emergencies that were not ratified in time, or not at all; criminal intelligence that was not
        validated in time; and what is stopped. With ``among``, whatever is not among these may be missing.
        """
        present, entries = self.present, self._telling()
        shut = [each for each in read_standing(entries) if each.is_locked(present)]
        if among is not None and (shut or may_be_intelligence(entries, self.pack)):
            entries = list(about(self._ledger, among))
            return exhibits_under(entries, shut) | stopped(entries) | expired(entries, self.pack, present)
        return self._under(shut) | stopped(entries) | self._expired(entries, present)

    def judge(self, query: Query) -> Decision:
        """Decide whether a search might be made now. Nothing is logged, and nothing is allowed by that."""
        return self.decide("collect", query=query)

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
        exhibits = [item["exhibit"] for item in object if "exhibit" in item]
        goes_on = bool(refs) and not exhibits
        decision = self.decide("revisit" if exhibits else "collect", query=query, exhibits=exhibits, goes_on=goes_on)
        private = {"query": as_dict(decision.query or query), "reasons": list(decision.reasons)}
        if decision.standing is None or decision.query is None:
            message = (
                f"This search was refused and nothing was asked of any host ({describe(query)}). "
                "The refusal is in the ledger."
            )
            self.refuse(action, decision, message, private=private, collector=collector, refs=refs, object=object)
        entry = self.log(
            action,
            outcome="allowed",
            private={**private, **_conditions(decision)},
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
            grounds = tuple(f"no post of this case shows {named(each)}" for each in strange)
            self._refuse_attachments(shown, grounds)
        covered, refused = self._by_authority(shown)
        reasons = tuple(dict.fromkeys(ground for grounds, _ in refused for ground in grounds))
        if refused and not covered:
            self._refuse_attachments(shown, reasons)
        if refused:
            self.log("preserve", outcome="refused", private=attachments_said([each for _, each in refused], reasons))
        orders = [
            Order(
                entry=self.log("preserve", outcome="allowed", private=attachments_said(files), **self.under(standing)),
                standing=standing,
                files=files,
            )
            for standing, files in covered
        ]
        return orders, reasons

    def check_in_force(self, standing: Standing) -> None:
        """Check that an authority has not ended since it admitted a search. Nothing is logged.

        Raises:
            AuthorizationError: It has expired, or the person whom it is about was located.
        """
        reason = "the person was located" if self._tally.is_located(standing.entry) else ""
        if self.present > standing.authorization.expiry:
            reason = f"it expired on {format_instant(standing.authorization.expiry)}"
        if reason:
            raise AuthorizationError(
                f"Authorization {standing.authorization.identifier} is no longer in force; nothing more was asked, and "
                "what was collected stays:",
                [reason],
            )

    def stored(self, standing: Standing) -> int:
        """Return how many bytes of evidence were collected under an authority; what was purged since counts too."""
        return self._tally.stored(standing.entry)

    def _by_authority(
        self, shown: Sequence[Shown]
    ) -> tuple[list[tuple[Standing, list[Shown]]], list[tuple[tuple[str, ...], Shown]]]:
        """Return the files under each authority, and those under none with the grounds."""
        present, standing, who = self.present, self.standing(), self._who(self._telling())
        covered: dict[str, tuple[Standing, list[Shown]]] = {}
        refused = []
        for each in shown:
            own = [authority for authority in standing if authority.entry in each.authorities]
            decision = decide(Facts(now=present, step="preserve", standing=own, profile=self.profile, **who), self.pack)
            if decision.standing is not None:
                carries = decision.standing
                covered.setdefault(carries.entry, (carries, []))[1].append(each)
            else:
                erased = ("the authority under which the post was collected was erased from the ledger",)
                refused.append((decision.reasons if own else erased, each))
        return list(covered.values()), refused

    def _refuse_attachments(self, shown: Sequence[Shown], grounds: tuple[str, ...]) -> NoReturn:
        self.log("preserve", outcome="refused", private=attachments_said(shown, grounds))
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

    def _telling(self) -> list[Entry]:
        return list(self._ledger.entries_but(OF_EACH_EXHIBIT))

    def _under(self, authorities: Sequence[Standing]) -> frozenset[str]:
        return exhibits_under(self._ledger.entries(), authorities)

    def _expired(self, telling: Sequence[Entry], present: datetime) -> frozenset[str]:
        sought = may_be_intelligence(telling, self.pack)
        return expired(self._ledger.entries(), self.pack, present) if sought else frozenset()

    def _who(self, entries: Sequence[Entry]) -> dict[str, Any]:
        """Return who works here, what was approved, and by which way the network is reached."""
        approvals = answers(entries) if self._has_roster else ()
        return {
            "session": self.session, "approvals": approvals, "network": self._network,
            "behind": behind(entries, self.pack, self.session),
        }  # fmt: skip

    def _repeats(self, query: Query) -> int:
        since = self.present - timedelta(days=self.pack.number("looks_days"))
        searches = self._ledger.entries_but(OF_EACH_EXHIBIT - {"search"})
        return looks(searches, query, since) if self._has_roster else 0

    @property
    def _has_roster(self) -> bool:
        return self.session is not None and self.session.roster is not None

    def _policy_said(self) -> dict[str, str]:
        return {"policy": f"{self.pack.name} {self.pack.version}"}

    def _policy_item(self) -> dict[str, str]:
        return {"kind": POLICY, "policy": self.pack.version, "sha256": self.pack.sha256}

    @staticmethod
    def under(standing: Standing) -> dict[str, str]:
        """Return what an entry says of the authority it rests on."""
        return {"authorization": standing.entry, "purpose": standing.authorization.purpose}


def _conditions(decision: Decision) -> dict[str, list[str]]:
    """Return what an entry says of the conditions of a permission, if there are any."""
    return {"conditions": list(decision.conditions)} if decision.conditions else {}
