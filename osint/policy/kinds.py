"""The rules of each kind of case: what the order and the statutes ask of it. No clock, no files, no network.

What is asked stands in records (``osint.records``), stated once. An authority without them is recorded with what was
not stated as a condition; only what the order or a statute forbids outright is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from osint.instants import format_instant, parse_instant
from osint.policy.facts import Facts, Finding, condition, missing, refuse
from osint.policy.order import label_in
from osint.policy.pack import Pack
from osint.policy.retention import INTELLIGENCE, class_named, disposition_date
from osint.policy.roster import plain
from osint.policy.scope import scope_objections
from osint.records import Consent, Notice, OwnPage, Preservation, Record, Recorded, Rights, Tip, Warrant

Check = Callable[[Facts, Pack], Iterable[Finding]]

_STOPPED = ("collect", "revisit", "preserve", "extend")
_ASKING = ("collect", "revisit", "preserve")
_RELEASED = ("A", "B")  # known directly, or corroborated
_TIPS = "R6"
_RECORDS: Mapping[type[Record], str] = {Warrant: "warrant", Consent: "consent", OwnPage: "own_page"}
_NEEDED_BY = {"warrant": "IV.B.1.b", "consent": "IV.B.1.d", "own_page": "IV.A.2.a"}


def due(record: Record, pack: Pack) -> datetime | None:
    """Return when a record is no longer what it was: a confirmation stale, a tip expired, a preservation over."""
    if isinstance(record, Warrant):
        return parse_instant(record.confirmed) + timedelta(hours=pack.number("warrant_confirmed_hours"))
    if isinstance(record, Tip) and not record.exhibits:
        return disposition_date(class_named(pack, _TIPS), parse_instant(record.received))
    if isinstance(record, Preservation) and record.sent:
        return _day(record.sent) + timedelta(days=pack.number("preservation_days"))
    return None


def state(recorded: Recorded, pack: Pack, now: datetime) -> str:
    """Return in a word or two how a record stands."""
    record, over = recorded.record, due(recorded.record, pack)
    if record.two_persons and not recorded.countersigned:
        return "draft" if isinstance(record, Notice) else "waits for a second person"
    if isinstance(record, Consent) and record.withdrawn:
        return "withdrawn"
    if isinstance(record, Preservation) and not record.sent:
        return "draft"
    if over is not None and now > over:
        return {Warrant: "stale", Tip: "expired"}.get(type(record), "over")
    if isinstance(record, Preservation) and now >= _day(record.sent) + timedelta(
        days=pack.number("preservation_renewal_days")
    ):
        return "renew now"
    return "stands"


def purpose(facts: Facts, pack: Pack) -> Iterator[Finding]:
    """An authority is for a purpose that the policy permits; what that needs and nobody recorded is said."""
    authority = facts.authorization
    if facts.step != "authorize" or authority is None:
        return
    said = pack.purposes[authority.purpose]
    if not said.permitted:
        yield refuse(f"{pack.name} {pack.version} permits no authority for a {said.title} ({said.citation})")
    if authority.emergency and authority.emergency not in said.emergencies:
        those = [each.id for each in pack.purposes.values() if authority.emergency in each.emergencies]
        yield refuse(f"the emergency {authority.emergency} is for {' or '.join(those) or 'no purpose'} by this policy")
    there = {_RECORDS[type(each.record)] for each in facts.records if type(each.record) in _RECORDS and _counts(each)}
    for name, text in said.needed.items():
        if name not in there:
            yield condition(f"{text}: not stated ({_NEEDED_BY[name]})")


def _counts(recorded: Recorded) -> bool:
    return not isinstance(recorded.record, OwnPage) or bool(recorded.countersigned)


def own_page(facts: Facts, _: Pack) -> Iterator[Finding]:
    """Where the agency keeps a register of its own pages, no other is captured as its own."""
    authority = facts.authorization
    if authority is None or authority.purpose != "own_pages":
        return
    register = [each.record for each in facts.records if isinstance(each.record, OwnPage)]
    approved = [each.record for each in facts.records if isinstance(each.record, OwnPage) and each.countersigned]
    has_roster = facts.session is not None and facts.session.roster is not None  # without one nobody is set up yet
    if facts.step not in _ASKING or facts.query is None or not (register or has_roster):
        return
    pages = replace(
        authority,
        hosts=(), tags=(), terms=(), subjects=(),
        urls=tuple(each.address for each in approved),
        accounts=tuple(each.account for each in approved if each.account),
    )  # fmt: skip
    if scope_objections(facts.query, pages):
        yield refuse(
            "it is no registered page of the agency: the Chief or the designee signs each "
            "(case.record(OwnPage(...)), case.countersign(...))"
        )


def located(facts: Facts, _: Pack) -> Iterator[Finding]:
    """Once the person is located, nothing more is collected under that authority."""
    authority = facts.authorization
    if facts.step in _STOPPED and facts.authority is not None and facts.authority.located:
        yield refuse(
            "the person was located: collection has stopped. What is still to be investigated has its own authority"
        )
    if facts.step == "authorize" and authority is not None and authority.emergency == "missing_child":
        yield condition(
            "minor: state which accounts are the child's (case.state(Described(..., minor=True))), so that charts and "
            "exports name nobody (IV.B.1.a)"
        )


def warrant(facts: Facts, pack: Pack) -> Iterator[Finding]:
    """A notice of a wanted person rests on a warrant that was confirmed just now, and on more than a name."""
    notice = facts.said.get("notice")
    held = {each.record.number: each.record for each in facts.records if isinstance(each.record, Warrant)}
    if facts.step != "disclose" or not isinstance(notice, Notice) or notice.about != "wanted":
        return
    found = held.get(notice.warrant)
    if found is None:
        yield missing("warrant", "the number of a warrant that is recorded: case.record(Warrant(...))")
        return
    over = due(found, pack)
    if over is not None and facts.now > over:
        yield refuse(
            f"its confirmation is stale since {format_instant(over)}: confirm the warrant, and record it again"
        )
    if parse_instant(found.confirmed) > facts.now:
        yield refuse("its confirmation lies in the future")
    if found.identity != "confirmed":
        yield refuse("its identity is unconfirmed: a name alone is many people's")


def kept_as(facts: Facts, _: Pack) -> Iterator[Finding]:
    """What is shared as criminal intelligence says how sensitive and how sure it is; a case file needs neither."""
    authority = facts.authorization
    if facts.step == "authorize" and authority is not None and authority.purpose == "gang":
        yield condition(
            "record_kind: ordinary case file; 28 CFR Part 23 applies to what is shared as intelligence, from "
            f"case.classify(..., {INTELLIGENCE}) on (IV.B.1.c)"
        )
    shared = facts.said.get("intelligence", ()) if facts.step == "disclose" else ()
    if not shared:
        return
    needed = {"sensitivity": "who may see it", "confidence": "how reliable source and content are, as 2-D"}
    yield from (
        missing(name, f"{what}, for {', '.join(shared)}") for name, what in needed.items() if not facts.text(name)
    )


def consent(facts: Facts, _: Pack) -> Iterator[Finding]:
    """An import that names a victim's consent has it, and it was not withdrawn."""
    named = facts.text("consent")
    held = {each.record.identifier: each.record for each in facts.records if isinstance(each.record, Consent)}
    if facts.step != "import" or not named:
        return
    found = held.get(named)
    if found is None:
        yield refuse(f"consent {named!r} is not recorded: case.record(Consent(...))")
    elif found.withdrawn:
        yield refuse(f"consent {named!r} was withdrawn on {found.withdrawn}")


def tip(facts: Facts, pack: Pack) -> Iterator[Finding]:
    """A tip is no authority until something corroborates it."""
    authority = facts.authorization
    if facts.step != "authorize" or authority is None:
        return
    tips = [each.record for each in facts.records if isinstance(each.record, Tip)]
    for each in tips:
        if plain(each.identifier) == plain(authority.identifier) and not each.exhibits:
            over = due(each, pack)
            ended = f", and expired on {format_instant(over)}" if over is not None and facts.now > over else ""
            yield refuse(
                f"tip {each.identifier!r} is uncorroborated{ended}: it is a lead and no authority. Name the report "
                "that was taken, or record the tip again with the exhibits that corroborate it"
            )


def notice_fields(facts: Facts, pack: Pack) -> Iterator[Finding]:
    """A notice says what the policy approves, field by field, and no label."""
    notice = facts.said.get("notice")
    if facts.step not in ("record", "disclose") or not isinstance(notice, Notice):
        return
    approved = pack.words("notice_fields")
    strange = sorted(set(notice.fields) - set(approved))
    if strange:
        yield refuse(f"{', '.join(strange)} is no approved field of a notice: {', '.join(approved)}")
    label = label_in(" ".join(notice.fields.values()))
    if label:
        yield refuse(f"{label!r} is a label; a notice states what was observed, and who is looked for")


def rights(facts: Facts, _: Pack) -> Iterator[Finding]:
    """A picture is published when somebody decided that it may be."""
    notice = facts.said.get("notice")
    if facts.step != "disclose" or not isinstance(notice, Notice) or not notice.picture:
        return
    decided = {each.record.exhibit: each.record for each in facts.records if isinstance(each.record, Rights)}
    found = decided.get(notice.picture)
    if found is None or found.decision != "may be published":
        yield refuse(f"nobody decided that {notice.picture} may be published: case.record(Rights(...))")


def corroborated(facts: Facts, _: Pack) -> Iterator[Finding]:
    """What is published is a fact, and corroborated."""
    notice = facts.said.get("notice")
    if facts.step != "disclose" or not isinstance(notice, Notice):
        return
    if notice.statement != "fact" or notice.information not in _RELEASED:
        yield refuse(
            f"it is stated as {notice.statement}, graded {notice.information}: only a fact graded A or B is published"
        )


def _day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(), UTC)


ABOUT_THE_STEP: Mapping[str, Check] = {
    "I": purpose,
    "IV.A.3.c": rights,
    "IV.B.1.b": warrant,
    "IV.B.1.c-kind": kept_as,
    "IV.B.1.d": consent,
    "IV.B.2.d": tip,
    "IV.B.3.d": notice_fields,
    "V.8.a": corroborated,
}
ABOUT_THE_AUTHORITY: Mapping[str, Check] = {
    "IV.A.2.a": own_page,
    "IV.B.1.a-located": located,
}
