"""The gate's one decision: facts in, an answer with its reasons out. No clock, no files, no network.

A rule is a small pure function with the id of the clause it serves; the pack says what the clause is, where it comes
from and what the rule refuses. Rules about the step are asked once, those about an authority for each authority that
might carry the step, the newest first. Every ground and every missing field is named at once.

What a step states, in ``Facts.said``:

=========== ========================================================================================================
``asked``   names of everything that a collector was asked with (collect)
``exhibits`` numbers of the exhibits that the step concerns; all of the case when left out (view, annotate, state,
            revisit, export, disclose)
``leads``, ``exhibit``, ``reason``, ``known``, ``earlier``  leads, the exhibit that shows them, why, all exhibits, the
            reasons given for leads from other exhibits (extend)
``authorization``  the authority to be recorded (authorize)
``came``, ``program``, ``logged_in``, ``consent``  where a file comes from, from its declaration (import)
``purposes``  purposes of what is taken over (merge)
``statement``  what an analyst says, ``Statement.as_dict()`` (state, annotate)
``role``, ``copy``  the role of this session; ``filtered`` or ``original`` (view)
``recipient``, ``reason``, ``right``, ``permission``, ``contents``, ``use``  (disclose; ``use`` for export too)
``texts``, ``exhibits``, ``reason``  (mask)
``exhibits``, ``recipient_key``, ``outside``, ``right``, ``permission``, ``intelligence``  (release)
``kept_by``  who keeps a backup (backup)
``authority``, ``reason``, ``approver_name``, ``holds``, ``early``  (purge)
``retention``, ``reason``, ``since``, ``predicate``, ``reviewer``  (classify)
``intelligence``  exhibits that are kept as criminal intelligence (validate, disclose)
``assurance``, ``imminent_danger``, ``sensitivity``, ``confidence``, ``found``, ``necessary``  (disclose)
``reason``, ``defer``, ``approver``, ``approver_key``  (ratify)
``approval``, ``refused_before``  what was answered, and whether the same request was refused before (approve)
``records``, ``law``  what was decided about each item of a records request, ``Answered``; the law (disclose)
``notice``  the notice to be recorded, or released (record, disclose)
=========== ========================================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from osint.policy import custody, engagement, kinds, open_records, order, prohibited, records, speech
from osint.policy.facts import UNDER_AUTHORITY, Decision, Facts, Finding, Standing
from osint.policy.pack import Pack
from osint.policy.scope import within_period

Check = Callable[[Facts, Pack], Iterable[Finding]]

_OF_AN_AUTHORITY = ("P8", "P13", "P21")  # techniques that an authority has to be known for
ABOUT_THE_STEP: dict[str, Check] = {
    **order.ABOUT_THE_STEP,
    **records.RULES,
    **open_records.RULES,
    **custody.RULES,
    **kinds.ABOUT_THE_STEP,
    **engagement.ABOUT_THE_STEP,
    **{rule: check for rule, check in prohibited.RULES.items() if rule not in _OF_AN_AUTHORITY},
}
ABOUT_THE_AUTHORITY: dict[str, Check] = {
    **order.ABOUT_THE_AUTHORITY,
    **kinds.ABOUT_THE_AUTHORITY,
    **engagement.ABOUT_THE_AUTHORITY,
    **{rule: prohibited.RULES[rule] for rule in _OF_AN_AUTHORITY},
    "FA": speech.guard,
}
"""Every rule of the gate by its id. Both tables are all there is: what stands in neither is not asked."""


def decide(facts: Facts, pack: Pack) -> Decision:
    """Decide whether a step may be taken. The newest authority that covers it carries it.

    Args:
        facts: Everything the decision rests on.
        pack: The policy pack in force.
    """
    found = _ask(ABOUT_THE_STEP, facts, pack)
    if facts.step == "authorize":
        found += _ask(ABOUT_THE_AUTHORITY, facts, pack)
    if facts.step not in UNDER_AUTHORITY or not facts.standing:
        return _answer(facts, found)
    grounds = list[tuple[str, Finding]]()
    for standing in reversed(facts.standing):
        asked = facts.query and within_period(facts.query, standing.authorization)
        under = replace(facts, authority=standing, query=asked)
        about = _ask(ABOUT_THE_AUTHORITY, under, pack)
        if not _objections(about):
            return _answer(under, [*found, *about])
        named = standing.authorization.identifier
        grounds += [(rule, replace(each, text=f"{named}: {each.text}")) for rule, each in about]
    return _answer(facts, [*found, *grounds])


def _ask(table: Mapping[str, Check], facts: Facts, pack: Pack) -> list[tuple[str, Finding]]:
    return [(rule, finding) for rule, check in table.items() for finding in check(facts, pack)]


def _objections(found: Iterable[tuple[str, Finding]]) -> list[tuple[str, Finding]]:
    return [(rule, each) for rule, each in found if each.kind != "condition"]


def _answer(facts: Facts, found: list[tuple[str, Finding]]) -> Decision:
    objections = _objections(found)
    if objections:
        return Decision(
            outcome="refused",
            rules=tuple(dict.fromkeys(rule for rule, _ in objections)),
            missing=tuple(dict.fromkeys(each.field for _, each in objections if each.field)),
            reasons=tuple(dict.fromkeys(each.text for _, each in objections)),
            query=facts.query,
        )
    carries = facts.authority if facts.step in UNDER_AUTHORITY else None
    return Decision(
        outcome="allowed",
        conditions=tuple(each.text for _, each in found),
        reasons=() if carries is None else (_rests_on(carries),),
        standing=carries,
        query=facts.query,
    )


def _rests_on(standing: Standing) -> str:
    return f"authorization {standing.authorization.identifier} (entry {standing.seq})"
