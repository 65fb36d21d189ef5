"""The rules about records: how long they are kept, what is shared as intelligence, and what nobody may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from osint.instants import format_instant
from osint.policy.facts import Facts, Finding, concerned, missing, refuse
from osint.policy.pack import Pack
from osint.policy.retention import INTELLIGENCE

Check = Callable[[Facts, Pack], Iterable[Finding]]

_READING = ("view", "annotate", "state", "revisit")
_USING = (*_READING, "export", "disclose", "release", "classify", "validate")


def classified(facts: Facts, _: Pack) -> Iterator[Finding]:
    """A record changes its class for a reason, and its clock starts at no instant that is still to come."""
    if facts.step != "classify":
        return
    if not facts.text("reason"):
        yield missing("reason", "why it belongs to this class")
    since = facts.said.get("since")
    if since is not None and since > facts.now:
        yield refuse(f"{format_instant(since)} is still to come: the clock starts when the event has happened")


def predicate(facts: Facts, _: Pack) -> Iterator[Finding]:
    """What is shared as criminal intelligence rests on reasonable suspicion that somebody else looked at."""
    if facts.step != "classify":
        return
    needed = {}
    leaving = concerned(facts, frozenset(facts.said.get("intelligence", ())))
    if facts.text("retention") == INTELLIGENCE:
        needed = {
            "predicate": "the facts that give reasonable suspicion of a definable criminal activity",
            "reviewer": "who reviewed that",
        }
    elif leaving:
        needed = {"reviewer": f"who reviewed that {', '.join(leaving)} is no criminal intelligence any more"}
    if "reviewer" in needed and facts.session and facts.session.is_named_in(facts.text("reviewer")):
        yield missing("reviewer", "somebody else than whoever classifies it")
    yield from (missing(name, what) for name, what in needed.items() if not facts.text(name))


def validated(facts: Facts, _: Pack) -> Iterator[Finding]:
    """Only criminal intelligence is validated, each record of it by its number."""
    if facts.step != "validate":
        return
    strange = sorted(set(facts.said.get("exhibits") or ()) - set(facts.said.get("intelligence", ())))
    if strange or not facts.said.get("exhibits"):
        yield refuse(f"{', '.join(strange) or 'nothing'} is kept as criminal intelligence ({INTELLIGENCE})")


def expired(facts: Facts, _: Pack) -> Iterator[Finding]:
    """Criminal intelligence that was not validated in time is purged, and used for nothing before that."""
    if facts.step in _USING and (held := concerned(facts, facts.expired)):
        yield refuse(
            f"{', '.join(held)} was shared as criminal intelligence, and its time is over without validation: it is "
            "locked. Purge it, on an order of two persons"
        )


def dissemination(facts: Facts, _: Pack) -> Iterator[Finding]:
    """Criminal intelligence goes only to who keeps like rules, except to avert imminent danger."""
    shared = facts.said.get("intelligence", ())
    if facts.step == "disclose" and shared and not facts.text("assurance") and not facts.text("imminent_danger"):
        yield missing(
            "assurance",
            f"that the recipient keeps rules like those of 28 CFR Part 23, for {', '.join(shared)}; or, as "
            "imminent_danger, what danger to life or property it averts",
        )


def private(facts: Facts, _: Pack) -> Iterator[Finding]:
    """Private facts leave only where somebody saw them, and says why they have to."""
    stated = set(facts.said.get("contents", ()))
    unsaid = sorted(set(facts.said.get("found", ())) - stated)
    if facts.step != "disclose":
        return
    if unsaid:
        yield missing("contents", f"the posts may tell {', '.join(unsaid)} (case.private_facts()); state what is in it")
    if stated and not facts.text("necessary"):
        yield missing("necessary", f"why {', '.join(sorted(stated))} of private persons has to be in it")


def masked(facts: Facts, _: Pack) -> Iterator[Finding]:
    """What is masked is named, and has a reason: whoever receives less is told by whom and why."""
    if facts.step != "mask":
        return
    if not any(each.strip() for each in (*facts.said.get("texts", ()), *facts.said.get("exhibits", ()))):
        yield missing("texts", "what is to be masked: a text of the posts, or an exhibit")
    if not facts.text("reason"):
        yield missing("reason", "why it is of no concern to whoever receives the case")


def scheduled(facts: Facts, _: Pack) -> Iterator[Finding]:
    """A purge by the schedule waits for the schedule; one that a court orders does not."""
    early = facts.said.get("early", ())
    if facts.step == "purge" and early:
        yield refuse(f"{', '.join(early)} is not due by its retention class: case.retention() says when")


def stopped(facts: Facts, _: Pack) -> Iterator[Finding]:
    """What is suspected to show the sexual abuse of a child is looked at by nobody here."""
    named = facts.said.get("exhibits") or ()
    held = sorted(facts.stopped.intersection(named))
    if facts.step in (*_READING, "export", "disclose", "release") and held:
        yield refuse(
            f"{', '.join(held)} is stopped as suspected child sexual abuse material: nobody opens it here, and it goes "
            "to the designated unit alone (case.hand_over_stopped)"
        )


RULES: Mapping[str, Check] = {
    "IV.A.2.c-class": classified,
    "IV.A.2.c-expired": expired,
    "IV.A.2.c-schedule": scheduled,
    "IV.A.2.c-validation": validated,
    "IV.B.1.c-dissemination": dissemination,
    "IV.B.1.c-predicate": predicate,
    "P14-stopped": stopped,
    "V.8.b": private,
    "V.8.b-mask": masked,
}
