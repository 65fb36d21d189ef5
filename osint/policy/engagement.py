"""Engagement levels, and who may do what: rules that hold where the agency has installed a roster.

Level 0 are the agency's own pages; level 1 is what any logged-out visitor sees; level 2 needs a supervisor's approval,
for the reasons that the pack lists; level 3, covert work, is always refused (P2). Without a roster nobody can be told
to be a supervisor: then the authority records what was not stated, and nothing is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from osint.instants import parse_instant
from osint.policy.approval import GROUNDS, Approval
from osint.policy.authorization import Authorization
from osint.policy.facts import UNDER_AUTHORITY, Facts, Finding, condition, missing, refuse
from osint.policy.pack import Pack
from osint.policy.roster import Roster, plain, same_person
from osint.policy.scope import scope_objections
from osint.policy.speech import protected_activity
from osint.policy.words import says_something, spellings

Check = Callable[[Facts, Pack], Iterable[Finding]]

_GANG = re.compile(r"(?<![^\W_])gangs?(?![^\W_])", re.IGNORECASE)
_SEVERAL = re.compile(r"[;/|\n&+]|\band\b|,(?=[^,]*,)", re.IGNORECASE)
_ASKING = frozenset({"collect", "revisit", "preserve"})
"""The steps by which a source is asked. What is imported, or added as a lead, leaves no trace anywhere."""
_SIGNED_BY_TWO = frozenset({"ratify", "countersign", "validate", "purge"})
_ROLES_FOR: Mapping[str, str] = {
    "authorize": "roles_that_authorize",
    **dict.fromkeys(UNDER_AUTHORITY, "roles_that_search"),
    "state": "roles_that_state",
    "annotate": "roles_that_state",
    "mask": "roles_that_state",
    "export": "roles_that_export",
    "release": "roles_that_export",
    "backup": "roles_that_export",
    "disclose": "roles_that_disclose",
    "purge": "roles_that_purge",
}


def grounds(facts: Facts, pack: Pack) -> list[str]:
    """Return why a step needs a supervisor's approval: some of ``GROUNDS``, as far as the pack counts them."""
    authority, session = facts.authorization, facts.session
    if authority is None or authority.purpose == "own_pages":
        return []
    roster = session.roster if session else None
    words = pack.words("first_amendment_words")
    about = (*authority.subjects, *authority.terms, *authority.tags)
    targets = sum(map(len, (authority.accounts, authority.hosts, authority.urls, authority.terms, authority.tags)))
    found = {
        "analyst": session is not None and session.role in pack.words("roles_that_search_with_approval"),
        "gang": pack.purposes[authority.purpose].approval or _speaks_of_gangs(authority),
        "minor": authority.minor in ("yes", "unknown") or authority.emergency == "missing_child",
        "protected": facts.query is not None and bool(protected_activity(facts.query, words)),
        "proxy": facts.network.startswith("via-proxy:"),
        "repeats": facts.repeats >= pack.number("looks_without_approval"),
        "staff": roster is not None and bool(roster.staff_among(about)),
        "subjects": _persons(authority.subjects) > pack.number("subjects_without_approval"),
        "targets": targets > pack.number("targets_without_approval"),
    }
    return [name for name in GROUNDS if found[name] and name in pack.words("approval_needed_for")]


def _speaks_of_gangs(authority: Authorization) -> bool:
    """Return whether an authority of another purpose says that it is about a gang."""
    said = (authority.type, authority.place, authority.nexus, *authority.subjects, *authority.terms, *authority.tags)
    return any(_GANG.search(spelling) for text in said for spelling in spellings(text))


def _persons(subjects: Iterable[str]) -> int:
    """Return how many persons subjects name, several in one text too; ``Example, Jane`` is one."""
    return sum(len(list(filter(says_something, _SEVERAL.split(text)))) for text in subjects)


def approved(facts: Facts, pack: Pack) -> Iterator[Finding]:
    """A step of level 2 was approved, for these reasons and this scope, by somebody else, and not too long ago."""
    authority, session = facts.authorization, facts.session
    if authority is None or facts.step not in _ASKING | {"authorize"} or not (why := grounds(facts, pack)):
        return
    said = "; ".join(f"{GROUNDS[ground]} ({ground})" for ground in why)
    if facts.step == "authorize":
        if "staff" in why:
            yield condition("employee: it is about somebody on the roster; somebody else approves it before any search")
        told = "no roster is installed, so nobody's approval is asked for"
        needs = "a supervisor approves before a source is asked (case.request_approval)"
        yield condition(f"engagement level 2, since {said}: {needs if session and session.roster else told}")
    elif session is None or session.roster is None:
        return
    elif facts.authority is not None and facts.authority.ratify_by:
        yield condition(f"engagement level 2, since {said}: an emergency, which is ratified")
    elif given := next((each for each in reversed(facts.approvals) if _covers(each, facts, pack, why)), None):
        yield condition(f"engagement level 2, since {said}: approved by {given.approver} (request {given.request.id})")
    else:
        ask = f"Ask: case.request_approval(folder, reason=..., also={why}). Take the answer: case.take_approval(file)"
        yield missing("approval", f"engagement level 2, since {said}. {ask}")


def approver(facts: Facts, pack: Pack) -> Iterator[Finding]:
    """Whoever approves or ratifies is on the roster in such a role, is somebody else, and says why."""
    answer: Approval | None = facts.said.get("approval")
    roster, session = (facts.session.roster, facts.session) if facts.session else (None, None)
    if facts.step in _SIGNED_BY_TWO and roster is not None and session is not None and facts.text("approver_key"):
        who, asks = (facts.text("approver"), facts.text("approver_key")), (session.person, session.key)
        yield from map(refuse, _not_a_second_person(roster, who, asks))
        if facts.step == "ratify":
            yield from map(refuse, _without_the_role(pack, roster, who))
    if facts.step != "approve":
        return
    if roster is None:
        yield refuse("no roster is installed here, so nobody is known to be a supervisor (osint roster install)")
    elif answer is None:
        yield missing("approval", "what a supervisor answered")
    else:
        asked = answer.request
        who, asks = (answer.approver, answer.key), (asked.requester, asked.key)
        yield from map(refuse, _not_a_second_person(roster, who, asks))
        yield from map(refuse, _without_the_role(pack, roster, who))
        yield from map(refuse, _not_this_answer(answer, roster, pack, facts))


def on_the_roster(facts: Facts, pack: Pack) -> Iterator[Finding]:
    """Who works here stands on the roster, in a role that may do this, with training and screening that count."""
    session = facts.session
    if session is None or session.roster is None:
        if facts.step == "authorize":
            yield condition("role: not stated, since no roster is installed (IV.B.7)")
        return
    if facts.step not in _ROLES_FOR:
        return
    person, may = session.on_roster, pack.words(_ROLES_FOR[facts.step])
    if facts.step in UNDER_AUTHORITY:
        may = (*may, *pack.words("roles_that_search_with_approval"))
    if person is None or not same_person(session.roster, (session.person, ""), (str(person), "")):
        yield refuse(f"{session.person} is not on the {session.roster}; name and badge are written as there")
        return
    if person.keys and session.key not in person.keys:
        yield refuse(f"the roster knows {person} by another key than the one that signs here")
    if session.role not in person.roles:
        yield refuse(f"{person} works here as {session.role}, and the roster gives them {', '.join(person.roles)}")
    if session.role not in may:
        yield refuse(f"a {session.role} does not {facts.step} here; that is for {' or '.join(may)} (role=...)")
    if facts.step in UNDER_AUTHORITY:
        lapses = person.lapses(facts.now.date())
        yield from (refuse(f"{each}; the case can be read, nothing is searched") for each in lapses)


def _covers(answer: Approval, facts: Facts, pack: Pack, why: Iterable[str]) -> bool:
    """Return whether an approval carries a step for these reasons, and not of whoever gave it."""
    asked, session, authority = answer.request, facts.session, facts.authorization
    if session is None or session.roster is None or authority is None or facts.authority is None:
        return False
    holder = session.roster.holder(answer.key)
    staff = session.roster.staff_among((*authority.subjects, *authority.terms, *authority.tags))
    return (
        answer.granted
        and asked.authority == facts.authority.entry
        and asked.grounds_cover(why)
        and facts.now <= asked.expiry
        and (facts.query is None or not scope_objections(facts.query, asked.scope))
        and holder is not None
        and holder not in staff
        and bool(set(holder.roles).intersection(pack.words("roles_that_approve")))
        and not session.is_person(answer.approver, answer.key)
        and not _namesakes(session.person, answer.approver)
    )


def _not_a_second_person(roster: Roster, who: tuple[str, str], asks: tuple[str, str]) -> Iterator[str]:
    person = roster.holder(who[1])
    if person is None:
        yield f"the key of {who[0]} is nobody's on the {roster}"
    elif not same_person(None, (who[0], ""), (str(person), "")):
        yield f"the roster knows this key as that of {person}, not of {who[0]}"
    if same_person(roster, who, asks) or _namesakes(who[0], asks[0]):
        yield (
            "nobody approves what they ask for themselves: it is the same key, or the same person or name on the roster"
        )


def _without_the_role(pack: Pack, roster: Roster, who: tuple[str, str]) -> Iterator[str]:
    person, may = roster.holder(who[1]), pack.words("roles_that_approve")
    if person is not None and not set(person.roles).intersection(may):
        yield f"{person} is {', '.join(person.roles)}; approval is for {' or '.join(may)}"


def _namesakes(one: str, other: str) -> bool:
    """Return whether two names are alike but for their badges: a second entry of the roster is no second person."""
    return plain(one.partition(",")[0]) == plain(other.partition(",")[0])


def _not_this_answer(answer: Approval, roster: Roster, pack: Pack, facts: Facts) -> Iterator[str]:
    asked, least = answer.request, pack.number("approval_reason_characters")
    about = (*asked.scope.subjects, *asked.scope.terms, *asked.scope.tags)
    if roster.holder(answer.key) in roster.staff_among(about):
        yield f"{answer.approver} is among those it is about; somebody else answers"
    if parse_instant(answer.answered) > asked.expiry or facts.now > asked.expiry:
        yield f"the request expired on {asked.expires}; ask anew"
    if len(answer.reason.strip()) < least:
        yield f"the reason of an answer has {least} characters at least, typed by whoever gives it"
    if answer.reason.strip() == asked.reason.strip():
        yield "the reason of an answer is not that of the request copied"
    if facts.said.get("refused_before"):
        yield "this request was refused before; that stands. Make a new request, which names the refusal"


def oneself(facts: Facts, _: Pack) -> Iterator[Finding]:
    """Nobody works on a case about themselves: whoever is a victim, or missing, is looked for by somebody else."""
    authority, session = facts.authorization, facts.session
    if authority is None or session is None or facts.step not in UNDER_AUTHORITY | {"authorize"}:
        return
    if any(map(session.is_named_in, (*authority.subjects, *authority.terms, *authority.tags))):
        yield refuse(
            f"it is about {session.person.partition(',')[0]}, who works here; somebody else works on this case"
        )


def behind(facts: Facts, _: Pack) -> Iterator[Finding]:
    """The policy and the roster of this workstation are not older than those that the case has been worked on under."""
    if facts.behind and facts.step in UNDER_AUTHORITY | {"authorize", "approve", "export", "disclose", "purge"}:
        yield refuse(f"{facts.behind}; install the newest one here, or leave the case to a workstation that has it")


ABOUT_THE_STEP: Mapping[str, Check] = {"II-approver": approver, "IV.B.7-roster": on_the_roster, "VI": behind}
ABOUT_THE_AUTHORITY: Mapping[str, Check] = {"II-approval": approved, "II-oneself": oneself}
