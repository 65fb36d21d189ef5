"""The rules of the founding order, clause by clause: facts in, findings out. No clock, no files, no network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta

from osint.instants import format_instant
from osint.policy.authorization import EMERGENCIES
from osint.policy.facts import UNDER_AUTHORITY, Facts, Finding, concerned, condition, missing, refuse
from osint.policy.pack import Pack
from osint.policy.scope import contract_objections, period_objections, scope_objections
from osint.policy.words import folded, says_something, spellings

Check = Callable[[Facts, Pack], Iterable[Finding]]

_LEADS = ("accounts", "hosts", "urls", "tags", "terms")
_LEAVING = ("export", "disclose", "release")
_ORDER = ("authority", "reason", "approver_name")
_BACKGROUND = "background_check"
_LABEL = re.compile(
    r"\b(?<!family )(?<!household )members?(hip)?\b|\bassociates? of\b|\bcriminals?\b|\bgangsters?\b|\boffenders?\b"
    r"|\bperpetrators?\b|\bculprits?\b|\bguilty\b|\binnocent\b|\bthugs?\b|\bfelons?\b",
    re.IGNORECASE,
)
_CHECK = re.compile(
    r"\bbackground (?:check|investigation|screening)|\bpre employment|\bjob applica|\bvetting\b|\bnew hires?\b"
)


def authority_recorded(facts: Facts, _: Pack) -> Iterator[Finding]:
    """No step without an authority."""
    if facts.step in UNDER_AUTHORITY and not facts.standing:
        yield refuse("no authorization is recorded in this case: record one with case.authorize(Authorization(...))")


def in_force(facts: Facts, _: Pack) -> Iterator[Finding]:
    """The authority has not expired."""
    authority = facts.authorization
    if authority and authority.expires and facts.now > authority.expiry:
        yield refuse("it expired on " + format_instant(authority.expiry))


def within_period(facts: Facts, _: Pack) -> Iterator[Finding]:
    """What is asked lies within the period of the authority."""
    if facts.query is not None and facts.authorization:
        yield from map(refuse, period_objections(facts.query, facts.authorization))


def within_scope(facts: Facts, _: Pack) -> Iterator[Finding]:
    """What is asked is named by the authority."""
    if facts.query is not None and facts.authorization:
        yield from map(refuse, scope_objections(facts.query, facts.authorization))


def contract(facts: Facts, _: Pack) -> Iterator[Finding]:
    """The contract of the interface does not bar the purpose."""
    if facts.query is not None and facts.authorization:
        yield from map(refuse, contract_objections(facts.query, facts.authorization))


def lead(facts: Facts, pack: Pack) -> Iterator[Finding]:
    """A lead names the exhibit that shows it, and the reason; justification is given per lead, never per page."""
    if facts.step != "extend":
        return
    if facts.text("exhibit") not in facts.said.get("known", ()):
        yield refuse(f"exhibit {facts.text('exhibit')!r} is not in this case; name the exhibit that shows the lead")
    if not facts.text("reason"):
        yield missing("reason", "say why these leads belong to the authority")
    leads = [each for values in facts.said.get("leads", {}).values() for each in values]
    if not leads:
        yield missing("leads", f"no lead is given: {', '.join(_LEADS)}")
    if len(leads) > (most := pack.number("leads_at_once")):
        yield refuse(f"{len(leads)} leads stand under one reason, and {most} is the most; say of each what shows it")


def own_words(facts: Facts, _: Pack) -> Iterator[Finding]:
    """A justification is of this lead: one that was given for another exhibit is asked for again."""
    said = {_letters(str(each)) for each in facts.said.get("earlier", ())}
    if facts.step == "extend" and _letters(facts.text("reason")) in said - {""}:
        yield missing("reason", "these words justified leads from another exhibit; say what this one shows")


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, folded(text)))


# -- emergencies -------------------------------------------------------------------------------------------------------


def emergency(facts: Facts, pack: Pack) -> Iterator[Finding]:
    """An emergency is one of the closed list, and lasts a day."""
    authority = facts.authorization
    if facts.step != "authorize" or authority is None or not authority.emergency:
        return
    hours = pack.number("emergency_hours")
    if authority.expires and authority.expiry > facts.now + timedelta(hours=hours):
        yield refuse(
            f"an emergency carries for {hours} hours; leave expires out, and record an authority when there is time"
        )
    if ended := [each for each in facts.standing if each.is_locked(facts.now)]:
        yield refuse(
            f"the emergency of entry {ended[-1].seq} was not ratified: have it ratified (case.ratify), or record an "
            "authority. Where another life is in danger, open a case for it: nobody waits"
        )
    yield condition(
        f"emergency, {EMERGENCIES[authority.emergency]}: a supervisor ratifies within {hours} hours (case.ratify)"
    )


def not_refused(facts: Facts, _: Pack) -> Iterator[Finding]:
    """An emergency that a supervisor did not ratify carries nothing more."""
    if facts.authority is not None and facts.authority.ratification == "refused":
        yield refuse("a supervisor refused to ratify this emergency")


def deferral(facts: Facts, pack: Pack) -> Iterator[Finding]:
    """Ratification is put off only where a supervisor cannot be reached, and not for ever."""
    if facts.step != "ratify":
        return
    if facts.authority is None:
        yield refuse("no emergency of this case waits to be ratified")
        return
    if facts.said.get("defer"):
        most = pack.number("emergency_deferrals_at_most")
        if facts.authority.deferrals >= most:
            yield refuse(f"it was put off {facts.authority.deferrals} times, and {most} is the most")
        if facts.authority.is_locked(facts.now):
            yield refuse("the time is over and its content is locked; a supervisor can still ratify it")
    if not facts.text("reason"):
        yield missing("reason", "why it is ratified, refused or put off")


def unratified(facts: Facts, _: Pack) -> Iterator[Finding]:
    """What no supervisor has ratified does not leave."""
    if facts.step in _LEAVING and (held := concerned(facts, facts.unratified)):
        yield refuse(
            f"{', '.join(held)} was collected in an emergency that no supervisor has ratified: case.ratify(...), "
            "osint ratify. It is kept, and nothing of it leaves"
        )


def locked(facts: Facts, _: Pack) -> Iterator[Finding]:
    """What was not ratified in time is neither shown nor worked on."""
    if facts.step in ("view", "annotate", "state", "revisit") and (held := concerned(facts, facts.locked)):
        yield refuse(
            f"{', '.join(held)} is locked until a supervisor ratifies the emergency: case.ratify(...), osint ratify"
        )


def logged(facts: Facts, _: Pack) -> Iterator[Finding]:
    """What no decision of the gate led to is not handed out as collected by this tool."""
    if facts.step in _LEAVING and (held := concerned(facts, facts.unlogged)):
        yield refuse(
            f"{', '.join(held)} is unlogged: no decision of the gate led to it. It stays where it is, and nobody can "
            "say that this tool collected it"
        )


# -- purposes and persons ----------------------------------------------------------------------------------------------


def one_purpose(facts: Facts, _: Pack) -> Iterator[Finding]:
    """A background check and a criminal case do not share a store."""
    new = facts.said.get("purposes", ())
    if facts.step == "authorize" and facts.authorization:
        new = [facts.authorization.purpose]
    if facts.step not in ("authorize", "merge"):
        return
    kinds = {purpose == _BACKGROUND for purpose in (*new, *(each.authorization.purpose for each in facts.standing))}
    if len(kinds) > 1:
        yield refuse("a background check and an investigation are kept in cases of their own; open another case")
    authority = facts.authorization
    if authority is not None and authority.purpose != _BACKGROUND and _CHECK.search(_letters_apart(authority.type)):
        yield refuse(f"{authority.type!r} is a background check, and no {authority.purpose}: osint screening")


def _letters_apart(text: str) -> str:
    return " ".join(re.split(r"[\W_]+", folded(text)))


def no_label(facts: Facts, _: Pack) -> Iterator[Finding]:
    """Acts are stated, never membership or guilt."""
    said = facts.said.get("statement") or {}
    found = label_in(f"{said.get('relation') or ''} {said.get('label') or ''}")
    if facts.step in ("state", "annotate") and found:
        yield refuse(f"{found!r} is a label; state the act that was observed, with its exhibit")


def label_in(text: str) -> str:
    """Return a word of a text that labels a person instead of stating an act; empty where there is none."""
    return next((found[0] for each in spellings(text) if (found := _LABEL.search(each))), "")


def not_the_decision_maker(facts: Facts, _: Pack) -> Iterator[Finding]:
    """Whoever decides on a candidate sees the filtered copy only."""
    if facts.step == "view" and facts.text("role") == "decision_maker" and facts.text("copy") != "filtered":
        yield refuse("whoever decides on a candidate sees the filtered copy only")


def device(facts: Facts, _: Pack) -> Iterator[Finding]:
    """A device of one's own needs permission; what nobody stated is recorded as not stated."""
    owner = str(facts.profile.get("device_ownership", ""))
    if facts.step != "authorize":
        return
    if owner == "personal" and not says_something(facts.profile.get("device_permission")):
        yield missing("device_permission", "who permitted a device of one's own, and when (policy profile)")
    if owner == "personal":
        yield condition(f"device_ownership: personal, permitted: {facts.profile.get('device_permission')} (IV.A.3.b)")
    if not owner:
        yield condition("device_ownership: not stated (IV.A.3.b)")


def sensitive_position(facts: Facts, _: Pack) -> Iterator[Finding]:
    """Who searches holds a sensitive position, and their training has not lapsed."""
    lapses = str(facts.profile.get("training_valid_until", ""))
    if facts.step in UNDER_AUTHORITY and lapses and facts.now.date() > date.fromisoformat(lapses):
        yield refuse(
            f"the training of whoever works here lapsed on {lapses}; the case can be read, nothing is searched"
        )
    if facts.step == "authorize" and not facts.profile.get("sensitive_position_since"):
        yield condition("sensitive_position_since: not stated (IV.B.7)")


# -- leaving and ending ------------------------------------------------------------------------------------------------


def disclosure(facts: Facts, _: Pack) -> Iterator[Finding]:
    """What leaves the case team has a recipient, a reason, and the written permission of the Chief or a designee."""
    needed = {
        "recipient": "who receives it",
        "reason": "why they need to know it",
        "right": "by what right they may know it",
        "permission": "the written permission of the Chief or the designee: who, when, its number",
    }
    if facts.step == "disclose":
        yield from (missing(name, what) for name, what in needed.items() if not facts.text(name))
    session = facts.session
    if facts.step == "disclose" and session and session.is_named_in(facts.text("permission")):
        yield missing("permission", "of somebody else: nobody permits what they hand over themselves")


def purge(facts: Facts, _: Pack) -> Iterator[Finding]:
    """What is purged is ordered by two persons, and no hold is on it."""
    if facts.step != "purge":
        return
    needed = dict.fromkeys(_ORDER, "an order names its authority, its reason and both persons")
    yield from (missing(name, what) for name, what in needed.items() if not facts.text(name))
    yield from (refuse(f"it is under legal hold: {hold}") for hold in facts.said.get("holds", ()))


ABOUT_THE_STEP: Mapping[str, Check] = {
    "II": authority_recorded,
    "II-unlogged": logged,
    "IV.A.2.c": purge,
    "IV.A.3.a": disclosure,
    "IV.A.3.b": device,
    "IV.B.1-lead": lead,
    "IV.B.1-words": own_words,
    "IV.B.1.a-deferral": deferral,
    "IV.B.1.a-emergency": emergency,
    "IV.B.1.a-locked": locked,
    "IV.B.1.a-unratified": unratified,
    "IV.B.1.c": no_label,
    "IV.B.5": one_purpose,
    "IV.B.6": not_the_decision_maker,
    "IV.B.7": sensitive_position,
}
ABOUT_THE_AUTHORITY: Mapping[str, Check] = {
    "IV.B.1-expiry": in_force,
    "IV.B.1-period": within_period,
    "IV.B.1-scope": within_scope,
    "IV.B.1.a-refused": not_refused,
    "IV.B.8": contract,
}
